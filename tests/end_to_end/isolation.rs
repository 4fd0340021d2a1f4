//! An answer that belongs to another customer is the end of us.

use livegate_adapter_dockmaster::simulator::{self, Endpoint, Options};
use serde_json::json;

use crate::gateway::{Gateway, TOKEN, sha256, simulator, tenant};

#[tokio::test]
async fn an_erp_that_answers_everybody_or_somebody_else_leaks_nothing() {
    for (everybody, foreign) in [(true, false), (false, true)] {
        let erp = simulator::start_with(Options { token: None, everybody, foreign, ..Options::default() }).unwrap();
        for format in ["json", "xml"] {
            let gateway = Gateway::with_tenant(&tenant(erp.address(), &format!("format = \"{format}\""))).await;
            let balance = gateway.balance("MARINA01").await;
            let list = gateway.call("invoices", r#"{"customer_code":"MARINA01","per_page":1000}"#).await;
            let by_id = gateway.call("invoices/by-id", r#"{"customer_code":"MARINA01","invoice_id":"0100231"}"#).await;
            assert_eq!(by_id.body, "{}");
            for answer in [&balance, &list] {
                for other in ["MARINA10", "PENDING02", "0100231", "200310", "55.55", "166.65"] {
                    assert!(!answer.body.contains(other), "{other} leaks into {answer:?}");
                }
            }
            if everybody {
                assert!(balance.body.contains("\"balance\":7051.47"), "{balance:?}");
                assert_eq!(list.json()["total_invoices"], 7, "{list:?}");
            } else {
                assert!(balance.body == "{}" || balance.status == 502, "{balance:?}");
                assert!(list.json()["total_invoices"] == 0 || list.status == 502, "{list:?}");
            }
        }
    }
}

#[tokio::test]
async fn another_customers_invoice_by_id_is_given_exactly_as_a_missing_one() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let ask = async |code: &str, id: &str| {
        gateway.call("invoices/by-id", &json!({ "customer_code": code, "invoice_id": id }).to_string()).await
    };
    let (foreign, missing) = (ask("MARINA10", "100231").await, ask("MARINA10", "nothing").await);
    assert_eq!((foreign.status, foreign.body.as_str()), (200, "{}"));
    assert_eq!(foreign.body, missing.body);
    let names = |answer: &crate::gateway::Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&foreign), names(&missing));
    assert_eq!(foreign.header("cache-status"), missing.header("cache-status"));
    assert_ne!(ask("MARINA01", "100231").await.body, "{}");
}

#[tokio::test]
async fn a_blank_code_reaches_no_erp() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    for code in ["\"\"", "\" \"", "null", "\"\\u00a0\"", "\"\\t\""] {
        for path in ["customer-balance", "invoices", "invoices/by-id"] {
            let body = format!(r#"{{"customer_code":{code},"invoice_id":"100231"}}"#);
            assert_eq!(gateway.call(path, &body).await.json()["field"], "customer_code", "{path} {code}");
        }
    }
    assert_eq!(erp.calls(Endpoint::CustomerArInquiry) + erp.calls(Endpoint::RetrieveInvoices), 0);
}

#[tokio::test]
async fn two_tenants_with_equal_questions_never_meet() {
    let (first, second) = (simulator(), simulator());
    let other = tenant(second.address(), "format = \"xml\"").replace(&sha256(TOKEN), &sha256("second-token"));
    let gateway = Gateway::start("", &[("harbor", &tenant(first.address(), "")), ("second", &other)], &[]).await;
    gateway.balance("MARINA01").await;
    let body = r#"{"customer_code":"MARINA01"}"#;
    let headers = [("authorization", "Bearer second-token")];
    let answer = gateway.send("POST", gateway.live, "/live/v1/customer-balance", &headers, body).await;
    assert_eq!(answer.header("cache-status"), "livegate; fwd=miss; stored");
    assert_eq!((first.calls(Endpoint::CustomerArInquiry), second.calls(Endpoint::CustomerArInquiry)), (1, 1));
}

#[tokio::test]
async fn the_code_is_answered_as_asked_whatever_case_the_erp_has() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let answer = gateway.balance("  marina01 ").await.json();
    assert_eq!(answer["customer_code"], "marina01");
    assert_eq!(answer["balance"].to_string(), "7051.47");
}

#[tokio::test]
async fn tax_ids_and_card_digits_never_come_out() {
    let erp = simulator();
    for format in ["json", "xml"] {
        let gateway = Gateway::with_tenant(&tenant(erp.address(), &format!("format = \"{format}\""))).await;
        let mut answers = vec![gateway.balance("MARINA01").await];
        answers.push(gateway.call("invoices", r#"{"customer_code":"MARINA01"}"#).await);
        answers.push(gateway.call("invoices/by-id", r#"{"customer_code":"MARINA01","invoice_id":"100231"}"#).await);
        for answer in answers {
            assert!(!answer.body.contains("TAXID") && !answer.body.contains("4242"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn another_customers_work_order_is_given_exactly_as_a_missing_one() {
    let erp = simulator();
    for format in ["json", "xml"] {
        let gateway = Gateway::with_tenant(&tenant(erp.address(), &format!("format = \"{format}\""))).await;
        let ask = async |code: &str, id: &str| {
            gateway.call("orders/by-id", &json!({ "customer_code": code, "order_id": id }).to_string()).await
        };
        let (foreign, missing) = (ask("MARINA10", "501001").await, ask("MARINA10", "nothing").await);
        assert_eq!((foreign.status, foreign.body.as_str(), missing.body.as_str()), (200, "{}", "{}"));
        let own = ask("MARINA01", "501001").await;
        assert!(own.body.contains("\"order_id\":\"501001\""), "{own:?}");
        let list = gateway.call("orders", r#"{"customer_code":"MARINA10"}"#).await;
        assert_eq!(list.json()["total_orders"], 1, "{list:?}");
        for answer in [own, gateway.call("orders", r#"{"customer_code":"MARINA01"}"#).await] {
            assert!(!answer.body.contains("777") && !answer.body.contains("TECH-ONLY"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_order_id_reaches_the_erp_as_one_value_or_is_refused() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    for id in ["WO 7/B?1", "../501001", "5'0\"1&<x>", "W%2F1+#"] {
        let body = json!({ "customer_code": "DOCK 7/B", "order_id": id }).to_string();
        assert_eq!(gateway.call("orders/by-id", &body).await.json()["order_id"], *id);
    }
    for id in ["..", "' or '1'='1", "501001?x=1", "501001/"] {
        let body = json!({ "customer_code": "MARINA01", "order_id": id }).to_string();
        assert_eq!(gateway.call("orders/by-id", &body).await.body, "{}", "{id}");
    }
    let body = json!({ "customer_code": "MARINA01", "order_id": "501\r\n001" }).to_string();
    assert_eq!(gateway.call("orders/by-id", &body).await.json()["field"], "order_id");
}
