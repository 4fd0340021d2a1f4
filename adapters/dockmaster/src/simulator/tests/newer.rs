use super::*;

#[test]
fn both_generations_tell_the_same_data() {
    /// The leaves of v2, but with the members as the newer API writes them.
    fn renamed(text: &str) -> Leaves {
        let known = [("ccLastFour", "CCLastFour")];
        let newer = |part: &str| {
            let known = known.iter().find(|(_, old)| *old == part).map(|(new, _)| (*new).to_owned());
            known.unwrap_or_else(|| part[..1].to_ascii_lowercase() + &part[1..])
        };
        let path = |path: &str| path.split('/').skip(1).map(|part| format!("/{}", newer(part))).collect::<String>();
        json_leaves(text).into_iter().map(|(at, leaf)| (path(&at), leaf)).collect()
    }
    let running = running();
    let orders = wanted(&["501001", "501004", "0501001"], true);
    for (line, body) in [
        ("GET /api/v2/AR/CustomerARInquiry", ""),
        ("GET /api/v2/AR/CustomerPaymentHistory?CustomerId=MARINA01", ""),
        ("POST /api/v2/AR/RetrieveInvoices", r#"["100250","099500","0099500"]"#),
        ("GET /api/v2/Service/WorkOrders/ListForCustomer?CustId=MARINA01", ""),
        ("GET /api/v2/Service/WorkOrders/Retrieve?Id=501002&Detail=true", ""),
        ("POST /api/v2/Service/WorkOrders/RetrieveList", &orders),
    ] {
        let older = ask(running.address(), line, &[JSON], body);
        let newer = ask(running.address(), &line.replace("/v2/", "/v1/"), &[JSON, SYSTEM, XML], body);
        assert_eq!((older.status, newer.status), (200, 200), "{line}");
        assert!(newer.head.contains("content-type: application/json"), "it knows no XML");
        let leaves = json_leaves(&newer.body);
        assert!(renamed(&older.body).iter().all(|leaf| leaves.contains(leaf)), "{line}");
    }
    let record = ask(running.address(), "GET /api/v1/Customers/RetrieveCustomer?CustomerId=dock+7%2fb", &[SYSTEM], "");
    assert_eq!(record.body, ask(running.address(), &format!("{RECORD}/DOCK%207%2FB"), &[], "").body);
    let unknown = "GET /api/v1/Customers/RetrieveCustomer?CustomerId=nobody";
    let refused = ask(running.address(), unknown, &[SYSTEM, XML], "");
    assert_eq!((refused.status, refused.body.as_str()), (404, r#"{"Message":"Customer 'nobody' was not found."}"#));
    let by_path = "GET /api/v1/Customers/RetrieveCustomer/MARINA01";
    assert_eq!(ask(running.address(), by_path, &[SYSTEM], "").status, 404, "the id is a parameter");
    let xml = ask(running.address(), "POST /api/v1/AR/RetrieveInvoices", &["content-type: text/xml", SYSTEM], "");
    assert_eq!(xml.status, 415);
}

#[test]
fn the_newer_inquiry_says_more() {
    let running = running();
    let body = ask(running.address(), NEW_INQUIRY, &[SYSTEM], "").body;
    let of = |name: &str| texts(&body, name);
    let aging = ["agingCurrent", "aging30", "aging60", "aging90", "aging120"].map(|name| of(name).concat());
    // 1975.50 + 750; 283.92 + 750; 1250 + 750; 640.10 + 150; 89.95 + 412.
    assert_eq!(aging, ["2725.50", "1033.92", "2000.00", "790.10", "501.95"]);
    assert_eq!(of("balance"), ["150.00", "750.00", "750.00", "750.00"]);
    assert_eq!(of("ccLastFour"), ["4242"]);
    assert_eq!(of("email"), ["accounts@blueheron.example"]);
    assert_eq!(all(&body, "sourceId").into_iter().flatten().collect::<Vec<_>>(), ["501002"]);
    let credit = NEW_INQUIRY.replace("MARINA01", "CREDIT03");
    let credit = ask(running.address(), &credit, &[SYSTEM], "").body;
    assert_eq!(texts(&credit, "transactionType"), ["IN", "CM", "IN"]);

    let everybody = ask(running.address(), "GET /api/v1/AR/CustomerARInquiry", &[SYSTEM], "").body;
    let entries: Vec<serde_json::Value> = serde_json::from_str(&everybody).unwrap();
    for (index, entry) in entries.iter().enumerate() {
        let leaves = json_leaves(&everybody);
        let amount = |name: &str| {
            let leaf = leaves.iter().find(|(path, _)| *path == format!("/{index}/{name}"));
            data::thousandths(leaf.unwrap().1.as_deref().unwrap())
        };
        let aging = ["agingCurrent", "aging30", "aging60", "aging90", "aging120"].map(amount);
        assert_eq!(aging.iter().sum::<i128>(), amount("currentBalance"), "{}", entry["customerId"]);
    }
}
