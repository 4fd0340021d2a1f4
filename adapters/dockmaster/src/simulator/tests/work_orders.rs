use super::*;

#[test]
fn work_orders_are_listed_by_status_and_location() {
    let running = running();
    let list = |query: &str| {
        let answer = ask(running.address(), &format!("{WORK_ORDERS}/ListForCustomer?{query}"), &[], "");
        assert_eq!(answer.status, 200, "{query}");
        texts(&answer.body, "Id")
    };
    let everything = ["501001", "501002", "501003", "501004", "501005", "501006", "501007"];
    assert_eq!(list("CustId=marina01&Status=&LocationCodeList="), everything);
    assert_eq!(list("CustId=MARINA01&Status=O"), ["501001", "501003", "501007"]);
    assert_eq!(list("CustId=MARINA01&Status=C"), ["501002", "501004", "501005", "501006"]);
    assert_eq!(list("CustId=MARINA01&LocationCodeList=2,3"), ["501004"]);
    assert_eq!(list("CustId=MARINA10"), ["0501001"]);
    assert_eq!(list("CustId=DOCK+7%2FB"), ["WO 7/B?1", "../501001", "5'0\"1&<x>", "W%2F1+#"]);
    assert_eq!((list("CustId=HISTORY09").len(), list("CustId=HISTORY09&Status=O").len()), (120, 30));
    assert!(list("CustId=EMPTY04").is_empty() && list("CustId=nobody").is_empty());
    let count = data::customers(data::today()).iter().map(|customer| customer.work_orders.len()).sum::<usize>();
    assert_eq!(list("CustId=").len(), count + 1, "a blank customer is everybody, and one order comes twice");
    assert_eq!(list("CustId=LEDGER11")[..3], ["W-9", "W-10", "W-10"]);
    assert_eq!(list("CustId=MERGED12")[..2], ["120001", "W-9"], "merged into another, whose orders come too");
    let line = format!("{WORK_ORDERS}/ListForCustomer?CustId=MARINA10");
    let entry = ask(running.address(), &line, &[], "").body;
    let expected = r#"[{"Id":"0501001","Customer":"MARINA10","OpenDate":"#;
    assert!(entry.starts_with(expected) && entry.ends_with(r#""Status":"O","LocationCode":"1"}]"#), "{entry}");
    assert_eq!(ask(running.address(), &format!("{line}&Status=X"), &[], "").status, 400);
    assert_eq!(running.calls(Endpoint::WorkOrderList), 15);

    let open = start_with(Options { token: None, refuse_closed_work_orders: true, ..Options::default() }).unwrap();
    let status = |query: &str| ask(open.address(), &format!("{line}{query}"), &[], "").status;
    assert_eq!(["&Status=O", "&Status=C", "&Status=", ""].map(status), [200, 400, 400, 400]);
}

#[test]
fn a_work_order_is_answered_whoever_owns_it() {
    let running = running();
    let order = |query: &str| ask(running.address(), &format!("{WORK_ORDERS}/Retrieve?{query}"), &[], "");
    for (id, owner) in [("501003", "MARINA01"), ("0501001", "MARINA10"), ("..%2F501001", "DOCK 7/B")] {
        let body = order(&format!("Id={id}&Detail=true")).body;
        assert_eq!(texts(&body, "CustomerID"), [owner]);
        assert!(!body.contains("CustomerId"));
    }
    let estimates = ["501001", "501003"].map(|id| texts(&order(&format!("Id={id}&Detail=true")).body, "IsEstimate"));
    assert_eq!(estimates, [["false"], ["true"]]);
    let bare = order("id=501002&detail=False").body;
    assert!(bare.contains(r#""Operations":[],"BillingData":[]"#) && bare.contains(r#""TotalWOCharges":1062.50"#));
    let unknown = order("Id=501&Detail=true");
    assert_eq!((unknown.status, unknown.body.as_str()), (404, r#"{"Message":"Work order '501' was not found."}"#));
    let newer = ask(running.address(), "GET /api/v1/Service/WorkOrders/Retrieve?Id=501&Detail=true", &[SYSTEM], "");
    assert_eq!((newer.status, newer.body), (404, unknown.body));
    assert_eq!([order("Id=501002").status, order("Detail=true").status], [400, 404]);
    assert_eq!(running.calls(Endpoint::WorkOrderRetrieve), 10);
}

#[test]
fn work_orders_come_by_fifties() {
    let running = running();
    let list = |header: &str, body: &str| ask(running.address(), WORK_ORDER_LIST, &[header], body);
    let body = list(JSON, r#"{"WOIDS":["501002","nobody's","0501001"],"Detail":true}"#).body;
    assert_eq!(texts(&body, "CustomerID"), ["MARINA01", "MARINA10"]);
    let ids: Vec<String> = (1..=51).map(|n| format!("{}", 590_000 + n)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(texts(&list(JSON, &wanted(&ids[..50], false)).body, "CustomerID").len(), 50);
    for body in [wanted(&ids, false), "[]".to_owned(), "{}".to_owned(), r#"{"woIds":[1]}"#.to_owned()] {
        assert_eq!(list(JSON, &body).status, 400, "{body}");
    }
    assert_eq!(list(XML.replace("accept", "content-type").as_str(), "").status, 415);
    assert_eq!(ask(running.address(), &format!("{WORK_ORDERS}/RetrieveList"), &[], "").status, 405);
}

#[test]
fn the_sums_of_a_work_order_are_its_operations_and_its_bills() {
    let running = running();
    for id in 501_001..=501_007 {
        let line = format!("{WORK_ORDERS}/Retrieve?Id={id}&Detail=true");
        let body = ask(running.address(), &line, &[], "").body;
        let sum = |name: &str| texts(&body, name).iter().map(|digits| data::thousandths(digits)).sum::<i128>();
        assert_eq!(sum("TotalWOCharges"), sum("TotalCharges"), "{id}");
        let billed = sum("AmountBilled");
        assert!(billed == 0 || billed == sum("TotalWOCharges"), "{id}");
        assert_eq!(all(&body, "CompleteDate")[0].is_some(), texts(&body, "Status")[0] == "C", "{id}");
    }
}

#[test]
fn every_cost_can_be_recognised_and_nothing_else_looks_like_one() {
    let running = running();
    let ids: Vec<_> = (501_001..=501_007).map(|id| id.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let body = ask(running.address(), WORK_ORDER_LIST, &[JSON], &wanted(&ids, true)).body;
    let mut costs = Vec::new();
    for (path, leaf) in json_leaves(&body) {
        let leaf = leaf.unwrap_or_default();
        assert_eq!(path.ends_with("Cost"), leaf.starts_with("777"), "{path} {leaf}");
        costs.extend(path.ends_with("Cost").then_some(leaf));
    }
    let count = costs.len();
    costs.sort();
    costs.dedup();
    // Four of each order, and two of the parts of each of three.
    assert_eq!((count, costs.len()), (34, 34));
}
