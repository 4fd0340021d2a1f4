//! What guards the process and its calls, as an operator sets it and a caller feels it.

use std::time::{Duration, Instant};

use livegate_adapter_dockmaster::simulator::Endpoint;
use livegate_testkit::{Lie, LyingErp};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::commands::{livegate, text};
use crate::gateway::{Gateway, TOKEN, one_request_tenant, sha256, simulator, tenant, within};

/// Three attempts are allowed, and the waits between them are much shorter than the deadline of ten seconds.
#[tokio::test]
async fn a_retry_after_of_a_day_ends_the_call_and_one_of_nonsense_is_not_waited_for() {
    for (value, attempts) in [("86400", 1), ("-1", 3), ("tomorrow", 3), ("99999999999999999999999", 1)] {
        let lie = Lie::Answer { status: 429, headers: vec![("Retry-After", value.to_owned())], body: Vec::new() };
        let erp = LyingErp::start(move |_| lie.clone()).await.unwrap();
        let gateway = Gateway::with_tenant(&one_request_tenant(erp.address(), "")).await;
        let began = Instant::now();
        let answer = gateway.balance("ACME").await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "rate_limited"), "{value}");
        assert_eq!(erp.asked().len(), attempts, "{value}");
        assert!(began.elapsed() < Duration::from_secs(10), "{value}: the call slept until its deadline");
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=3600).contains(&wait), "{value}: the caller is told to wait {wait} s");
    }
}

#[test]
fn settings_that_make_little_sense_are_a_warning_of_check_and_no_mistake() {
    let directory = tempfile::tempdir().unwrap();
    let tenants = directory.path().join("tenants");
    std::fs::create_dir(&tenants).unwrap();
    let file = tenant("127.0.0.1:1".parse().unwrap(), "");
    std::fs::write(tenants.join("harbor.toml"), format!("{file}[cache]\nstale_if_error_balance = \"2s\"\n")).unwrap();
    let config = "[tenants]\ndirectory = \"tenants\"\n[egress]\nallow = [\"127.0.0.1\"]\n[retry]\nfirst_wait = \"10s\"\nlongest_wait = \"10s\"\n";
    std::fs::write(directory.path().join("livegate.toml"), config).unwrap();
    let output = livegate(directory.path(), &["check", "--config", "livegate.toml"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    let warnings: Vec<_> = told.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(warnings.len(), 2, "{told}");
    assert!(warnings[0].contains("livegate.toml: retry.first_wait: no call can be repeated"), "{told}");
    assert!(warnings[1].contains("harbor.toml:") && warnings[1].contains("cache.stale_if_error_balance: "), "{told}");
    assert!(told.contains("no mistakes"), "{told}");
}

#[tokio::test]
async fn with_settings_that_make_little_sense_it_serves_and_its_log_warns() {
    let erp = simulator();
    let gateway = Gateway::start("[breaker]\npause = \"3m\"", &[("harbor", &tenant(erp.address(), ""))], &[]).await;
    assert_eq!(gateway.balance("MARINA01").await.status, 200);
    let log = gateway.log();
    let warnings = log.lines().filter(|line| line.contains("WARN") && line.contains("breaker.pause")).count();
    assert_eq!(warnings, 2, "longer than balances are kept, and than the longest pause: {log}");
}

/// A listener whose queue is full takes no connection, and refuses none: who connects waits.
#[tokio::test]
async fn an_erp_that_takes_no_connection_is_unreachable_after_the_connect_timeout() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let limits = "[limits]\nconnect_timeout = \"100ms\"\n[retry]\nattempts = 1";
    let gateway = Gateway::start(limits, &[("harbor", &tenant(address, ""))], &[]).await;
    let answer = gateway.balance("MARINA01").await;
    // Had it waited for its deadline, it would be a timeout.
    assert_eq!((answer.status, answer.code().as_str()), (502, "unreachable"), "{answer:?}");
}

/// More senders than the process lets in with so few files, none of whom ever sends a whole request.
#[tokio::test]
async fn callers_beyond_what_the_process_may_hold_cost_the_honest_nothing() {
    let erp = simulator();
    let gateway = Gateway::with_tenant_and_files(&tenant(erp.address(), ""), 160).await;
    let mut stuck = Vec::new();
    for _ in 0..120 {
        let mut stream = TcpStream::connect(gateway.live).await.unwrap();
        stream.write_all(b"POST /live/v1/orders HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        stuck.push(stream);
    }
    // Its customers' calls, the ERP's connections and the operator's address still have room.
    assert_eq!(gateway.admin("/healthz").await.status, 200);
    within(Duration::from_secs(30), "the stuck are let go of", async || {
        gateway.balance("MARINA01").await.status == 200
    })
    .await;
    assert!(!gateway.log().contains("Too many open files"), "{}", gateway.log());
    drop(stuck);
}

#[tokio::test]
async fn a_change_of_the_configuration_that_touches_no_connection_keeps_what_is_kept() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let path = gateway.directory.path().join("livegate.toml");
    let first = std::fs::read_to_string(&path).unwrap();
    gateway.balance("MARINA01").await;
    let asked = erp.calls(Endpoint::CustomerArInquiry);
    let reads = || gateway.log().matches("the configuration was read again").count();
    for (times, more) in ["[process]\nmemory_mb = 4000\n", "[breaker]\npause = \"6s\"\n"].into_iter().enumerate() {
        std::fs::write(&path, format!("{first}\n{more}")).unwrap();
        within(Duration::from_secs(5), "it is read", async || reads() == times + 1).await;
        let hit = gateway.balance("MARINA01").await.header("cache-status").contains("hit");
        assert_eq!(hit, times == 0, "the breaker is the connection's, memory is not: {more}");
    }
    assert_eq!(erp.calls(Endpoint::CustomerArInquiry), asked + 1);
}

#[tokio::test]
async fn an_operators_token_that_is_rotated_in_its_file_acts_within_two_seconds() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "first-token-of-the-operator\n").unwrap();
    let config = format!("[admin]\ntoken = {{ file = {:?} }}", file.display().to_string());
    let gateway = Gateway::start(&config, &[], &[]).await;
    let status = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        gateway.send("GET", gateway.admin, "/admin/v1/tenants/none/events", &headers, "").await.status
    };
    assert_eq!(status("first-token-of-the-operator").await, 404, "let in, and there is no such tenant");
    std::fs::write(&file, "second-token-of-the-operator\n").unwrap();
    within(Duration::from_secs(5), "the old token is shut out", async || {
        status("first-token-of-the-operator").await == 401
    })
    .await;
    assert_eq!(status("second-token-of-the-operator").await, 404);
}

/// The ERP of this adapter allows 150 requests a minute, and a balance costs several.
#[tokio::test]
async fn a_stated_rate_is_kept_whatever_callers_ask() {
    let kind = &livegate_adapter_alloy::KIND;
    let stated = kind.capabilities.limits.requests_per_minute.unwrap();
    let lie = Lie::ok("application/json", r#"{"customers":[]}"#);
    let erp = LyingErp::start(move |_| lie.clone()).await.unwrap();
    let file = format!(
        "adapter = \"alloy\"\ntokens = [{{ sha256 = \"{}\" }}]\n[settings]\nbase_url = \"http://{}/\"\ncredential_id = \"c\"\n\
         [secrets]\napi_key = {{ env = \"PATH\" }}\n",
        sha256(TOKEN),
        erp.address()
    );
    let gateway = Gateway::start("server.deadline = \"1s\"", &[("harbor", &file)], &[]).await;
    let mut refused = 0;
    for number in 0..=stated {
        let answer = gateway.balance(&format!("C{number}")).await;
        if answer.status != 200 {
            assert_eq!((answer.status, answer.code().as_str()), (503, "overloaded"), "{answer:?}");
            refused += 1;
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((2..=60).contains(&wait), "{answer:?}");
        }
    }
    assert!(refused >= 1);
    assert_eq!(erp.asked().len(), usize::try_from(stated).unwrap());
}
