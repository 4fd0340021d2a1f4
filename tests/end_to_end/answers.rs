//! The Live answers, digit for digit, from both wire formats.

use livegate_testkit::{Asked, Lie, LyingErp};
use serde_json::{Value, json};

use crate::gateway::{Gateway, root, simulator, tenant};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("adapters/dockmaster/fixtures").join(name)).unwrap()
}

/// Answers with the marina's recorded answers in the format that is asked for.
fn marina(asked: &Asked) -> Lie {
    let xml = asked.header("accept").unwrap_or_default().contains("xml");
    let (media_type, ending) = if xml { ("application/xml", "xml") } else { ("application/json", "json") };
    let name = match asked.line.as_str() {
        line if line.contains("CustomerARInquiry") => "marina",
        line if line.contains("RetrieveCustomer") => "customer",
        line if line.contains("RetrieveInvoices") => "invoices",
        _ => return Lie::status(404),
    };
    Lie::ok(media_type, fixture(&format!("{name}.{ending}")))
}

#[tokio::test]
async fn json_and_xml_give_the_same_non_empty_answers() {
    let erp = LyingErp::start(marina).await.unwrap();
    for pending in ["show", "deduct"] {
        let mut answers: Vec<Vec<Value>> = Vec::new();
        for format in ["json", "xml"] {
            let settings = format!("format = \"{format}\"\npending_payments = \"{pending}\"");
            let gateway = Gateway::with_tenant(&tenant(erp.address(), &settings)).await;
            let mut given = vec![gateway.balance("HB-1042").await.json()];
            let list = gateway.call("invoices", r#"{"customer_code":"HB-1042","per_page":100}"#).await.json();
            assert_eq!(list["total_invoices"], 16, "{list}");
            given.push(list.clone());
            // One of those that the recorded answer by number holds, so that list and by id can be held together.
            let recorded: Value = serde_json::from_slice(&fixture("invoices.json")).unwrap();
            for invoice in recorded.as_array().unwrap() {
                let id = invoice["Id"].as_str().unwrap();
                let body = json!({ "customer_code": "HB-1042", "invoice_id": id }).to_string();
                let answer = gateway.call("invoices/by-id", &body).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                let answer = answer.json();
                let listed = list["invoices"].as_array().unwrap().iter().find(|listed| listed["invoice_id"] == id);
                if let Some(listed) = listed {
                    assert_eq!(listed["balance"], answer["balance"], "list and by id agree: {id}");
                }
                given.push(answer);
            }
            assert!(given.iter().any(|answer| answer["invoice_id"].is_string()), "{given:?}");
            let expected = if pending == "show" { "8104.805" } else { "7579.305" };
            assert_eq!(given[0]["balance"].to_string(), expected);
            assert_eq!(given[0]["open_credits"].to_string(), "150.255");
            answers.push(given);
        }
        // The vendor's JSON writes 5.0 where its XML writes 5: the digits differ, the amounts do not.
        let [json, xml] = [0, 1]
            .map(|format| Value::from(answers[format].clone()).to_string().replace(".0,", ",").replace(".0}", "}"));
        assert_eq!(json, xml, "pending_payments = {pending}");
    }
}

#[tokio::test]
async fn amounts_pass_digit_for_digit_from_both_formats() {
    for format in ["json", "xml"] {
        let erp = simulator();
        let gateway = Gateway::with_tenant(&tenant(erp.address(), &format!("format = \"{format}\""))).await;
        let balance = gateway.balance("EXACT07").await.body;
        assert!(balance.contains(r#""balance":1234567890123740.795"#), "{balance}");
        let list = gateway.call("invoices", r#"{"customer_code":"EXACT07"}"#).await.body;
        for amount in ["0.10", "283.92", "1234567890123456.78", "-0.005"] {
            assert!(list.contains(&format!(r#""balance":{amount},"#)), "{amount} is not in {list}");
        }
        assert!(list.contains(r#""total_invoices":4"#), "{list}");
    }
}

#[tokio::test]
async fn the_simulated_marina_is_answered_with_aging() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let balance = gateway.balance("MARINA01").await;
    assert_eq!(balance.status, 200);
    for (member, value) in [
        ("balance", "7051.47"),
        ("total_due", "4325.97"),
        ("due_30_days", "1033.92"),
        ("due_60_days", "2000.00"),
        ("due_90_days", "790.10"),
        ("due_120_days", "89.95"),
        ("due_over_120_days", "412.0"),
        ("open_credits", "0"),
        ("credit_available", "2948.53"),
        ("last_payment_amount", "600.00"),
    ] {
        let exact = format!("\"{member}\":{value}");
        assert!(balance.body.contains(&exact), "{exact} is not in {}", balance.body);
    }
    let list = gateway.call("invoices", r#"{"customer_code":"MARINA01"}"#).await.json();
    let first = &list["invoices"][0];
    assert_eq!(
        (first["customer_code"].as_str(), first["order_id"].as_str(), first["customer_po"].as_str()),
        (Some("MARINA01"), Some(""), Some(""))
    );
    assert_eq!(first["billing_details"]["customer_id"], "MARINA01");
    for unknown in ["sub_total", "tax_total", "sales_tax", "invoice_date", "discount_total"] {
        assert!(first.get(unknown).is_none(), "DockMaster does not state {unknown}");
    }
    let by_id = gateway.call("invoices/by-id", r#"{"customer_code":"MARINA01","invoice_id":"100231"}"#).await;
    assert!(by_id.body.contains(r#""balance":283.92"#), "{by_id:?}");
    assert_eq!(by_id.json()["invoice_status_description"], "Open");
    assert!(by_id.json().get("invoice_lines").is_none());
}

#[tokio::test]
async fn nothing_found_is_an_empty_200() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    assert_eq!(gateway.balance("NOBODY").await.body, "{}");
    assert_eq!(
        gateway.call("invoices", r#"{"customer_code":"NOBODY"}"#).await.body,
        r#"{"invoices":[],"total_invoices":0}"#
    );
    assert_eq!(
        gateway.call("invoices/by-id", r#"{"customer_code":"MARINA01","invoice_id":"nothing"}"#).await.body,
        "{}"
    );
    let empty = gateway.balance("EMPTY04").await;
    assert_eq!(empty.status, 200);
    assert!(empty.body.contains("\"balance\":0"), "{empty:?}");
}

#[tokio::test]
async fn pages_of_a_fleet() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        let body = format!(r#"{{"customer_code":"FLEET08","current_page":"{page}","per_page":"15"}}"#);
        let answer = gateway.call("invoices", &body).await.json();
        assert_eq!(answer["total_invoices"], 40);
        seen.extend(answer["invoices"].as_array().unwrap().iter().map(|invoice| invoice["invoice_id"].to_string()));
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.reverse();
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (40, &sorted), "undated invoices come by id descending");
    assert_eq!(
        erp.calls(livegate_adapter_dockmaster::simulator::Endpoint::CustomerArInquiry),
        1,
        "pages come from one fetch"
    );
}

#[tokio::test]
async fn ids_with_slashes_and_percent_signs_reach_the_erp_as_one_value() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    for (code, id, balance) in [("DOCK 7/B", "9/A 1", "321.09"), ("R&D+50%", "R&D+1%2F", "12.00")] {
        let answer = gateway.balance(code).await;
        assert!(answer.body.contains(&format!("\"balance\":{balance}")), "{answer:?}");
        let body = json!({ "customer_code": code, "invoice_id": id }).to_string();
        assert_eq!(gateway.call("invoices/by-id", &body).await.json()["invoice_id"], *id);
    }
    for code in [".", "..", "../../admin", "%2e%2e", "A' or '1'='1", "<x/>", "ü€😀"] {
        assert_eq!(gateway.balance(code).await.body, "{}", "{code}");
    }
}
