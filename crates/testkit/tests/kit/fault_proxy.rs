//! The fault proxy, asked over a plain socket.

use livegate_testkit::{FaultProxy, Harm, Lie, LyingErp, When};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The whole answer to one request on a connection of its own; empty if there is none.
async fn ask(proxy: &FaultProxy, path: &str) -> String {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: erp\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer).await);
    answer
}

async fn erp() -> LyingErp {
    LyingErp::start(|asked| Lie::ok("text/plain", asked.line.clone())).await.unwrap()
}

#[tokio::test]
async fn what_is_not_harmed_comes_through() {
    let erp = erp().await;
    let proxy = FaultProxy::start(erp.address(), None).await.unwrap();
    let answer = ask(&proxy, "/a?b=c").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nGET /a?b=c"), "{answer}");
    assert_eq!(erp.asked()[0].header("host"), Some("erp"));
    assert_eq!(erp.asked()[0].header("connection"), Some("close"));
    assert_eq!(proxy.bodies(), [b"GET /a?b=c"]);
}

#[tokio::test]
async fn the_rule_counts_from_when_it_is_given_and_leaves_logins_out() {
    let erp = erp().await;
    let proxy = FaultProxy::start(erp.address(), Some("/token")).await.unwrap();
    let mut answered = Vec::new();
    for (when, paths) in [
        (When::All, ["/a", "/token", "/b"]),
        (When::Nth(2), ["/a", "/token", "/b"]),
        (When::Nth(1), ["/token", "/a", "/b"]),
        (When::From(2), ["/a", "/b", "/c"]),
    ] {
        proxy.inject(Harm::Close, when);
        for path in paths {
            answered.push(!ask(&proxy, path).await.is_empty());
        }
    }
    let expected = [[false, true, false], [true, true, false], [true, false, true], [true, false, false]];
    assert_eq!(answered, expected.as_flattened());
    proxy.heal();
    assert!(!ask(&proxy, "/a").await.is_empty());
    let harmed: Vec<bool> = proxy.passed().iter().map(|request| !request.harmed).collect();
    assert_eq!(harmed[..12], answered);
    assert_eq!(proxy.passed().iter().filter(|request| request.login).count(), 3);
}

#[tokio::test]
async fn connections_stay_open_if_wanted_until_they_are_closed() {
    let erp = erp().await;
    let proxy = FaultProxy::start(erp.address(), None).await.unwrap();
    proxy.keep_alive();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"GET /") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
    }
    assert_eq!(proxy.close_idle().await, 1);
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_dropped_proxy_listens_no_more() {
    let erp = erp().await;
    let proxy = FaultProxy::start(erp.address(), None).await.unwrap();
    let address = proxy.address();
    drop(proxy);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn only_a_success_is_spoiled() {
    let erp = LyingErp::start(|asked| Lie::status(if asked.line.ends_with("/a") { 200 } else { 404 })).await.unwrap();
    let proxy = FaultProxy::start(erp.address(), None).await.unwrap();
    proxy.inject(Harm::Spoil(|answer| answer.body = b"spoiled".into()), When::All);
    assert!(ask(&proxy, "/a").await.ends_with("spoiled"));
    assert!(!ask(&proxy, "/b").await.ends_with("spoiled"));
    proxy.inject(Harm::Change(|answer| answer.body = b"changed".into()), When::All);
    assert!(ask(&proxy, "/b").await.ends_with("changed"));
    assert_eq!(proxy.passed().iter().map(|request| request.harmed).collect::<Vec<_>>(), [true, false, true]);
}
