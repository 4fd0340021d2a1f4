//! The process: tenant files that come and go, signals, and what the log says.

use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_dockmaster::simulator::{self, Options};

use crate::gateway::{Gateway, TOKEN, sha256, simulator, tenant, within};

/// What DESIGN gives a changed, new or removed tenant file.
const ACTS_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_tenant_file_that_comes_changes_breaks_and_goes_acts_within_two_seconds() {
    let erp = simulator();
    let gateway = Gateway::start("", &[], &[]).await;
    let status = async || gateway.balance("MARINA01").await.status;
    assert_eq!(status().await, 401);
    gateway.write_tenant("harbor", &tenant(erp.address(), ""));
    within(ACTS_WITHIN, "a new tenant answers", async || status().await == 200).await;

    gateway.write_tenant("harbor", &tenant(erp.address(), "formatt = \"xml\""));
    within(ACTS_WITHIN, "a broken edit is told", async || gateway.admin("/readyz").await.body.contains("formatt"))
        .await;
    assert_eq!(status().await, 200, "a broken edit keeps the old version answering");
    assert!(gateway.log().contains("formatt"), "a broken file is loud in the log");
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("livegate_broken_tenants 1"), "{metrics}");

    let renewed = tenant(erp.address(), "format = \"xml\"").replace(&sha256(TOKEN), &sha256("renewed-token"));
    gateway.write_tenant("harbor", &renewed);
    within(ACTS_WITHIN, "a changed token shuts the old one out", async || status().await == 401).await;
    assert!(!gateway.admin("/readyz").await.body.contains("formatt"));
    gateway.write_tenant("harbor", &tenant(erp.address(), ""));
    within(ACTS_WITHIN, "and back", async || status().await == 200).await;

    gateway.remove_tenant("harbor");
    within(ACTS_WITHIN, "a removed tenant is shut out", async || status().await == 401).await;
}

#[tokio::test]
async fn a_broken_tenant_harms_nobody_else_and_a_token_of_two_opens_neither() {
    let erp = simulator();
    let good = tenant(erp.address(), "");
    let twin = good.replace(&sha256(TOKEN), &sha256("shared"));
    let tenants = [("harbor", good.as_str()), ("one", &twin), ("two", &twin), ("garbage", "= = ="), ("empty", "")];
    let gateway = Gateway::start("", &tenants, &[]).await;
    assert_eq!(gateway.balance("MARINA01").await.status, 200);
    let headers = [("authorization", "Bearer shared")];
    let body = r#"{"customer_code":"MARINA01"}"#;
    let answer = gateway.send("POST", gateway.live, "/live/v1/customer-balance", &headers, body).await;
    assert_eq!(answer.status, 401);
    let log = gateway.log();
    assert!(log.contains("garbage.toml") && log.contains("empty.toml") && log.contains("two.toml"), "{log}");
}

#[tokio::test]
async fn settings_that_change_are_asked_anew() {
    let (first, second) = (simulator(), simulator());
    let gateway = Gateway::with_tenant(&tenant(first.address(), "")).await;
    gateway.balance("MARINA01").await;
    gateway.write_tenant("harbor", &tenant(second.address(), ""));
    within(ACTS_WITHIN, "the new ERP is asked", async || {
        gateway.balance("MARINA01").await;
        second.calls(simulator::Endpoint::CustomerArInquiry) == 1
    })
    .await;
}

#[tokio::test]
async fn sighup_reads_the_tenants_again_without_dropping_a_call() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    assert_eq!(gateway.balance("MARINA01").await.status, 200);
    for _ in 0..5 {
        gateway.signal("HUP");
        assert_eq!(gateway.balance("MARINA01").await.status, 200);
    }
    within(ACTS_WITHIN, "it is told", async || gateway.log().contains("read again")).await;
    assert!(
        gateway.balance("MARINA01").await.header("cache-status").contains("hit"),
        "an unchanged tenant keeps its cache"
    );
}

#[tokio::test]
async fn a_signal_right_after_the_announcement_is_heard() {
    for _ in 0..8 {
        let mut gateway = Gateway::start("", &[], &[]).await;
        gateway.signal("TERM");
        assert_eq!(gateway.ended(Duration::from_secs(5)).await.code(), Some(0));
    }
}

#[tokio::test]
async fn a_configuration_that_vanishes_keeps_the_last_good_one() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    std::fs::remove_file(gateway.directory.path().join("livegate.toml")).unwrap();
    within(ACTS_WITHIN, "it is told", async || gateway.admin("/readyz").await.body.contains("has gone")).await;
    assert_eq!(gateway.balance("MARINA01").await.status, 200);
}

#[tokio::test]
async fn a_changed_configuration_acts_within_two_seconds_and_a_broken_one_keeps_the_last_good() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let path = gateway.directory.path().join("livegate.toml");
    let first = std::fs::read_to_string(&path).unwrap();
    assert!(gateway.balance("MARINA01").await.header("cache-status").contains("stored"));
    std::fs::write(&path, format!("{first}\n[cache]\nttl = \"0s\"\nstale_while_revalidate = \"0s\"\n")).unwrap();
    within(ACTS_WITHIN, "no answer is kept any more", async || {
        gateway.balance("MARINA01").await;
        gateway.balance("MARINA01").await.header("cache-status").starts_with("livegate; fwd=miss")
    })
    .await;
    std::fs::write(&path, format!("{first}\n[cahce]\n")).unwrap();
    within(ACTS_WITHIN, "it is told", async || gateway.admin("/readyz").await.body.contains("cahce")).await;
    assert!(gateway.balance("MARINA01").await.header("cache-status").starts_with("livegate; fwd=miss"));
    std::fs::write(&path, &first).unwrap();
    within(ACTS_WITHIN, "answers are kept again", async || {
        gateway.balance("MARINA01").await.header("cache-status").contains("hit")
    })
    .await;
    assert!(!gateway.admin("/readyz").await.body.contains("cahce"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_while_callers_go_on_calling_breaks_no_call_that_was_sent() {
    let erp = simulator();
    let gateway = Arc::new(Gateway::with_tenant(&tenant(erp.address(), "")).await);
    let callers: Vec<_> = (0..12)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move {
                let headers =
                    [("authorization", &*format!("Bearer {TOKEN}"))].map(|(name, value)| (name, value.to_owned()));
                let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
                let mut answered = 0;
                loop {
                    let body = r#"{"customer_code":"MARINA01"}"#;
                    let path = "/live/v1/customer-balance";
                    match gateway.try_send("POST", gateway.live, path, &headers, body).await {
                        Ok(answer) => assert_eq!(answer.status, 200),
                        Err(error) => return (answered, error),
                    }
                    answered += 1;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    gateway.signal("TERM");
    for caller in callers {
        let (answered, error) = caller.await.unwrap();
        assert!(answered > 0);
        assert_eq!(error.kind(), livegate_core::ErrorKind::Unreachable, "only new connections are refused: {error:?}");
    }
    let mut gateway = Arc::into_inner(gateway).unwrap();
    assert_eq!(gateway.ended(Duration::from_secs(16)).await.code(), Some(0), "{}", gateway.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_no_call() {
    let delay = Duration::from_millis(600);
    let erp = simulator::start_with(Options { token: None, delay, ..Options::default() }).unwrap();
    let gateway = Arc::new(Gateway::with_tenant(&tenant(erp.address(), "")).await);
    let calls: Vec<_> = (1..=40)
        .map(|number| {
            let gateway = Arc::clone(&gateway);
            let body =
                format!(r#"{{"customer_code":"FLEET08","filters":{{"start_date":"2020-01-{:02}"}}}}"#, number % 28 + 1);
            tokio::spawn(async move { gateway.call("invoices", &body).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    gateway.signal("TERM");
    // Calls that come while it drains are answered too, as long as they find it listening.
    let late = {
        let gateway = Arc::clone(&gateway);
        let headers = format!("Bearer {TOKEN}");
        tokio::spawn(async move {
            let headers = [("authorization", headers.as_str())];
            let body = r#"{"customer_code":"NOBODY"}"#;
            gateway.try_send("POST", gateway.live, "/live/v1/customer-balance", &headers, body).await
        })
    };
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!((answer.status, answer.json()["total_invoices"].as_u64()), (200, Some(40)), "{answer:?}");
    }
    if let Ok(answer) = late.await.unwrap() {
        assert_eq!(answer.status, 200);
    }
    let mut gateway = Arc::into_inner(gateway).unwrap();
    let status = gateway.ended(Duration::from_secs(16)).await;
    assert_eq!(status.code(), Some(0), "{}", gateway.log());
}

#[tokio::test]
async fn no_log_line_at_any_level_holds_a_token_a_secret_or_a_card_digit() {
    let erp = simulator::start_with(Options::default()).unwrap();
    let file = format!(
        "{}\n[secrets]\ntoken = {{ env = \"HARBOR_ERP_TOKEN\" }}\n",
        tenant(erp.address(), "auth = \"bearer\"\npending_payments = \"deduct\"")
    );
    let environment = [("HARBOR_ERP_TOKEN", simulator::TOKEN), ("RUST_LOG", "trace")];
    let gateway = Gateway::start("[log]\nlevel = \"trace\"", &[("harbor", &file)], &environment).await;
    let basic = "Basic aGFyYm9yOndyb25nLWJhc2ljLXRva2Vu";
    for path in ["customer-balance", "invoices", "invoices/by-id", "orders", "orders/by-id"] {
        let body = r#"{"customer_code":"MARINA01","invoice_id":"100231","order_id":"501001"}"#;
        assert_ne!(gateway.call(path, body).await.status, 502);
        for wrong in ["Bearer wrong-bearer-token", basic, "wrong-bare-token"] {
            let headers = [("authorization", wrong), ("x-api-key", "wrong-key-token")];
            gateway.send("POST", gateway.live, &format!("/live/v1/{path}"), &headers, body).await;
        }
    }
    erp.fail_next(50, 500);
    gateway.call_with("customer-balance", r#"{"customer_code":"MARINA01"}"#, &[("cache-control", "no-cache")]).await;
    erp.fail_next(50, 401);
    gateway.call_with("customer-balance", r#"{"customer_code":"MARINA01"}"#, &[("cache-control", "no-cache")]).await;
    gateway.write_tenant("broken", &file.replace("{ env = \"HARBOR_ERP_TOKEN\" }", "\"literal-secret-value\""));
    within(ACTS_WITHIN, "it is told", async || gateway.log().contains("broken.toml")).await;
    let log = gateway.log();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the run was at trace: {log}");
    for secret in [
        TOKEN,
        simulator::TOKEN,
        "4242",
        "TAXID",
        "wrong-bearer-token",
        "wrong-bare-token",
        "wrong-key-token",
        "aGFyYm9y",
        "wrong-basic-token",
        "literal-secret-value",
        "7770.0",
        "TECH-ONLY",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
