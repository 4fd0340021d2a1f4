//! What an operator asks and does, and what protects the process.

use std::time::{Duration, Instant};

use livegate_adapter_dockmaster::simulator::Endpoint;
use livegate_testkit::{Lie, LyingErp};
use tokio::io::AsyncWriteExt;

use crate::gateway::{Answer, Gateway, TOKEN, one_request_tenant, sha256, simulator, tenant, within};

const BALANCE: &str = r#"{"customer_code":"MARINA01"}"#;
const OPERATOR: &str = "[admin]\ntoken = { env = \"LIVEGATE_TEST_OPERATOR\" }";
const OPERATORS_TOKEN: (&str, &str) = ("LIVEGATE_TEST_OPERATOR", "token-of-the-operator-01");

async fn operate(gateway: &Gateway, method: &str, path: &str, body: &str) -> Answer {
    let headers = [("authorization", "Bearer token-of-the-operator-01")];
    gateway.send(method, gateway.admin, &format!("/admin/v1{path}"), &headers, body.to_owned()).await
}

#[tokio::test]
async fn without_an_operators_token_there_is_no_operators_api() {
    let gateway = Gateway::with_tenant(&tenant(simulator().address(), "")).await;
    for path in ["/tenants/harbor/events", "/tenants/nobody/events", "/else"] {
        let answer = operate(&gateway, "GET", path, "").await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn only_the_operator_gets_in_and_nobody_else_learns_which_tenants_there_are() {
    let file = tenant(simulator().address(), "");
    let gateway = Gateway::start(OPERATOR, &[("harbor", &file)], &[OPERATORS_TOKEN]).await;
    for path in ["/tenants/harbor/events", "/tenants/nobody/events", "/else", "/tenants/harbor/cache/purge"] {
        for value in ["", "Bearer wrong", "Bearer store-token-of-the-harbor-0001", "Basic aGFyYm9yOng="] {
            let path = format!("/admin/v1{path}");
            let answer = gateway.send("GET", gateway.admin, &path, &[("authorization", value)], "").await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{path} {value}");
            assert!(answer.headers.contains_key("www-authenticate"));
        }
    }
    let answer = operate(&gateway, "GET", "/tenants/nobody/events", "").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    let answer = operate(&gateway, "GET", "/tenants/harbor/cache/purge", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let store = gateway.send("GET", gateway.live, "/admin/v1/tenants/harbor/events", &[], "").await;
    assert_eq!(store.status, 404, "not where stores call");
}

#[tokio::test]
async fn a_purge_makes_the_next_call_ask_the_erp() {
    let erp = simulator();
    let file = tenant(erp.address(), "");
    let gateway = Gateway::start(OPERATOR, &[("harbor", &file)], &[OPERATORS_TOKEN]).await;
    let asked = || erp.calls(Endpoint::CustomerArInquiry);
    for code in ["MARINA01", "FLEET08"] {
        assert_eq!(gateway.balance(code).await.status, 200);
    }
    let purge = async |body: &str| operate(&gateway, "POST", "/tenants/harbor/cache/purge", body).await;
    let answer = purge(r#"{"customer_code":"marina01"}"#).await;
    assert_eq!((answer.status, answer.json()["purged"].as_u64()), (200, Some(1)), "{answer:?}");
    assert_eq!(asked(), 2);
    for code in ["MARINA01", "FLEET08"] {
        assert_eq!(gateway.balance(code).await.status, 200);
    }
    assert_eq!(asked(), 3, "the other customer's answer was kept");
    assert_eq!(purge("").await.json()["purged"].as_u64(), Some(2));
    assert_eq!(purge(r#"{"customer":"MARINA01"}"#).await.code(), "bad_request");
    assert_eq!(purge(r#"{"customer_code":" "}"#).await.code(), "invalid_query");
    gateway.balance("MARINA01").await;
    assert_eq!(asked(), 4);
}

#[tokio::test]
async fn the_partner_finds_what_the_store_hides() {
    let erp = simulator();
    let file = format!("{}\n[cache]\nttl = \"0s\"\nstale_while_revalidate = \"0s\"", tenant(erp.address(), ""));
    let gateway = Gateway::start(OPERATOR, &[("harbor", &file)], &[OPERATORS_TOKEN]).await;
    assert_eq!(gateway.balance("MARINA01").await.status, 200);
    erp.fail_next_of(Endpoint::CustomerArInquiry, 1_000, 500);
    // The store sees nothing of the first two but an older answer; the third was never asked before.
    for _ in 0..2 {
        assert_eq!(gateway.balance("MARINA01").await.header("cache-status"), "livegate; hit; detail=stale");
    }
    let refused =
        gateway.call_with("customer-balance", r#"{"customer_code":"FLEET08"}"#, &[("x-request-id", "r-1")]).await;
    assert_eq!(refused.status, 502);
    assert_eq!(gateway.call("customer-balance", r#"{"customer_code":" "}"#).await.status, 400);
    let told = operate(&gateway, "GET", "/tenants/harbor/events", "").await.json();
    let events = told["events"].as_array().unwrap();
    let lines: Vec<_> = events
        .iter()
        .map(|event| {
            (event["of"].as_str().unwrap(), event["operation"].as_str().unwrap(), event["kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("request", "account", "invalid_query"),
            ("request", "account", "unavailable"),
            ("attempt", "account", "unavailable")
        ],
        "{told:#}"
    );
    assert_eq!(events[1]["request_id"], "r-1");
    // Three calls of up to three attempts, within the budget for repetitions.
    assert!(events[2]["count"].as_u64().unwrap() >= 3, "{told:#}");
    assert!(events[2]["message"].as_str().unwrap().contains("status 500"));
    assert!(events.iter().all(|event| event["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok()));
    assert!(events.iter().all(|event| event["duration_ms"].is_u64()));
}

#[tokio::test]
async fn a_tenant_beyond_its_calls_a_minute_is_told_when_to_come_back_and_others_are_not_touched() {
    let erp = simulator();
    let harbor = format!("{}\n[limits]\ncalls_per_minute = 3", tenant(erp.address(), ""));
    let quay = tenant(erp.address(), "").replace(&sha256(TOKEN), &sha256("quay-0002"));
    let gateway = Gateway::start("", &[("harbor", &harbor), ("quay", &quay)], &[]).await;
    for _ in 0..3 {
        assert_eq!(gateway.balance("MARINA01").await.status, 200);
    }
    let refused = gateway.balance("MARINA01").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_requests"));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    for _ in 0..10 {
        let headers = [("authorization", "Bearer quay-0002")];
        let answer = gateway.send("POST", gateway.live, "/live/v1/customer-balance", &headers, BALANCE).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn without_memory_for_more_calls_they_are_refused() {
    let slow = Lie::After(Duration::from_secs(2), Box::new(Lie::ok("application/json", "{}")));
    let erp = LyingErp::start(move |_| slow.clone()).await.unwrap();
    let file = one_request_tenant(erp.address(), "");
    let gateway = Gateway::start("[process]\nmemory_mb = 1", &[("harbor", &file)], &[]).await;
    within(Duration::from_secs(5), "a process holds more than a megabyte", async || {
        gateway.log().contains("memory is short")
    })
    .await;
    let calls = (0..12).map(|number| {
        let code = format!("MARINA0{number}");
        let gateway = &gateway;
        async move { gateway.balance(&code).await }
    });
    let answers = futures::future::join_all(calls).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert_eq!(refused.len(), 8, "four at once are let in");
    for answer in refused {
        assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("overloaded", "1"));
    }
    assert_eq!(gateway.balance("MARINA01").await.status, 200, "with none under way there is room for one");
}

#[tokio::test]
async fn told_twice_to_stop_it_ends_at_once() {
    let erp = LyingErp::start(|_| Lie::Hang).await.unwrap();
    let mut gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let mut caller = tokio::net::TcpStream::connect(gateway.live).await.unwrap();
    let head = format!(
        "POST /live/v1/customer-balance HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: {}\r\n\r\n",
        BALANCE.len()
    );
    caller.write_all(format!("{head}{BALANCE}").as_bytes()).await.unwrap();
    within(Duration::from_secs(5), "the call reaches the ERP", async || !erp.asked().is_empty()).await;
    let began = Instant::now();
    gateway.signal("TERM");
    within(Duration::from_secs(5), "it drains", async || gateway.log().contains("draining")).await;
    gateway.signal("TERM");
    let status = gateway.ended(Duration::from_secs(5)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "the call had ten seconds");
    assert_eq!(status.code(), Some(1));
    assert!(gateway.log().contains("told to stop twice"));
}
