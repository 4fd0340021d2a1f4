//! The cache and the single flight as a caller sees them.

use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_dockmaster::simulator::{self, Endpoint, Options};

use crate::gateway::{Gateway, simulator, tenant};

const BODY: &str = r#"{"customer_code":"MARINA01"}"#;

#[tokio::test]
async fn answers_tell_where_they_come_from() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let miss = gateway.call("customer-balance", BODY).await;
    assert_eq!((miss.header("cache-status"), miss.header("age")), ("livegate; fwd=miss; stored", "0"));
    assert!(miss.header("livegate-as-of").parse::<jiff::Timestamp>().is_ok(), "{miss:?}");
    let hit = gateway.call("customer-balance", BODY).await;
    let ttl: u64 = hit.header("cache-status").strip_prefix("livegate; hit; ttl=").unwrap().parse().unwrap();
    assert!(ttl <= 30, "{hit:?}");
    assert_eq!(hit.header("livegate-as-of"), miss.header("livegate-as-of"));
    assert_eq!(hit.body, miss.body);
    let anew = gateway.call_with("customer-balance", BODY, &[("cache-control", "no-cache")]).await;
    assert_eq!((anew.header("cache-status"), anew.header("age")), ("livegate; fwd=request; stored", "0"));
    assert_eq!(erp.calls(Endpoint::CustomerArInquiry), 2);
    let recent = gateway.call_with("customer-balance", BODY, &[("cache-control", "max-age=60")]).await;
    assert!(recent.header("cache-status").starts_with("livegate; hit"), "{recent:?}");
    let newer = gateway.call_with("customer-balance", BODY, &[("cache-control", "max-age=0")]).await;
    assert!(newer.header("cache-status").starts_with("livegate; fwd=miss"), "{newer:?}");
}

#[tokio::test]
async fn a_failing_erp_is_answered_stale_and_said_so_but_not_to_who_asked_for_no_cache() {
    let erp = simulator();
    let file = format!("{}\n[cache]\nttl = \"0s\"\nstale_while_revalidate = \"0s\"", tenant(erp.address(), ""));
    let gateway = Gateway::with_tenant(&file).await;
    let first = gateway.call("customer-balance", BODY).await;
    assert_eq!(first.header("cache-status"), "livegate; fwd=miss; stored");
    erp.fail_next(1_000, 500);
    let stale = gateway.call("customer-balance", BODY).await;
    assert_eq!((stale.status, stale.header("cache-status")), (200, "livegate; hit; detail=stale"));
    assert_eq!((stale.header("livegate-as-of"), &stale.body), (first.header("livegate-as-of"), &first.body));
    for directive in ["no-cache", "max-age=0"] {
        let answer = gateway.call_with("customer-balance", BODY, &[("cache-control", directive)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "unavailable"), "{directive}");
    }
}

#[tokio::test]
async fn a_refusal_that_will_not_pass_is_never_answered_stale() {
    let erp = simulator();
    let file = format!("{}\n[cache]\nttl = \"0s\"\nstale_while_revalidate = \"0s\"", tenant(erp.address(), ""));
    let gateway = Gateway::with_tenant(&file).await;
    assert_eq!(gateway.call("customer-balance", BODY).await.status, 200);
    erp.fail_next(10, 401);
    let refused = gateway.call("customer-balance", BODY).await;
    assert_eq!((refused.status, refused.code().as_str()), (502, "credentials_rejected"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_identical_calls_cost_each_endpoint_one_call_and_a_hundred_that_leave_harm_nobody() {
    let delay = Duration::from_millis(1_500);
    let erp = simulator::start_with(Options { token: None, delay, ..Options::default() }).unwrap();
    let gateway = Arc::new(Gateway::with_tenant(&tenant(erp.address(), "")).await);
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.call("customer-balance", BODY).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let (leaving, staying): (Vec<_>, Vec<_>) = calls.into_iter().enumerate().partition(|(number, _)| number % 10 == 0);
    for (_, call) in &leaving {
        call.abort();
    }
    assert_eq!(leaving.len(), 100);
    for (_, call) in staying {
        let answer = call.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains("\"balance\":7051.47"));
    }
    assert_eq!((erp.calls(Endpoint::CustomerArInquiry), erp.calls(Endpoint::RetrieveCustomer)), (1, 1));
}

#[tokio::test]
async fn four_hundred_paid_invoices_are_answered_and_a_second_page_costs_nothing() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "invoice_history = \"with_paid\"")).await;
    let calls =
        || [Endpoint::CustomerArInquiry, Endpoint::PaymentHistory, Endpoint::RetrieveInvoices].map(|at| erp.calls(at));
    for page in 1..=5 {
        let body = format!(r#"{{"customer_code":"HISTORY09","current_page":{page},"per_page":100}}"#);
        let answer = gateway.call("invoices", &body).await.json();
        assert_eq!(answer["total_invoices"], 402);
        assert_eq!(answer["invoices"].as_array().unwrap().len(), if page < 5 { 100 } else { 2 });
        assert_eq!(calls(), [1, 1, 8], "page {page}");
    }
}
