//! Every way in which an exchange can go, over real sockets.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::{Clients, EgressPolicy, MAX_BODY, TransportSettings};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::{Server, Then, ok};

fn transport_with(allowed: &[&str], ca: Option<&str>) -> Arc<dyn Transport> {
    let policy = EgressPolicy::new(allowed.iter().map(|text| text.parse().unwrap()).collect());
    Clients::new(policy)
        .transport(&TransportSettings { ca: ca.map(|pem| pem.as_bytes().into()), ..TransportSettings::default() })
        .unwrap()
}

fn transport() -> Arc<dyn Transport> {
    transport_with(&["127.0.0.1"], None)
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(20))
}

async fn get(transport: &Arc<dyn Transport>, url: &str) -> Result<http::Response<Bytes>> {
    transport.send(&context(), http::Request::get(url).body(Bytes::new()).unwrap()).await
}

async fn answer(bytes: impl Into<Vec<u8>>, then: Then) -> Result<Bytes> {
    let server = Server::start(bytes, then).await;
    get(&transport(), &server.url("/")).await.map(http::Response::into_body)
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn chunked(head: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\n{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(size) {
        answer.extend(format!("{:x}\r\n", chunk.len()).bytes());
        answer.extend(chunk);
        answer.extend(b"\r\n");
    }
    answer.extend(b"0\r\n\r\n");
    answer
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_complete_answer_is_read_whatever_its_status_and_framing() {
    assert_eq!(answer(ok("", b"hello"), Then::Hold).await.unwrap(), "hello");
    assert_eq!(answer(chunked("", b"hello world", 4), Then::Hold).await.unwrap(), "hello world");
    assert_eq!(answer("HTTP/1.1 200 OK\r\n\r\nuntil closed", Then::Close).await.unwrap(), "until closed");
    assert_eq!(answer("HTTP/1.1 204 No Content\r\n\r\n", Then::Hold).await.unwrap(), "");
    let server = Server::start("HTTP/1.1 418 Teapot\r\nx-a: b\r\ncontent-length: 2\r\n\r\nno", Then::Hold).await;
    let response = get(&transport(), &server.url("/a%2Fb?q=%20x")).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["x-a"]), (418, &"b".parse().unwrap()));
    let request = server.request().to_lowercase();
    assert!(request.starts_with("get /a%2fb?q=%20x http/1.1\r\n"), "{request}");
    assert!(request.contains("accept-encoding: gzip") && request.contains("user-agent: livegate/"), "{request}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start(ok("", b"hello"), Then::KeepAlive).await;
    let transport = transport();
    for _ in 0..3 {
        get(&transport, &server.url("/")).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 3));
}

#[test]
fn equal_tls_settings_share_a_transport() {
    let clients = Clients::new(EgressPolicy::default());
    let pem = || TransportSettings {
        ca: Some(certificate("localhost").0.into_bytes().into()),
        ..TransportSettings::default()
    };
    let (own, plain) = (pem(), clients.transport(&TransportSettings::default()).unwrap());
    assert!(Arc::ptr_eq(&plain, &clients.transport(&TransportSettings::default()).unwrap()));
    let first = clients.transport(&own).unwrap();
    assert!(Arc::ptr_eq(&first, &clients.transport(&own.clone()).unwrap()));
    assert!(!Arc::ptr_eq(&first, &plain));
    assert!(!Arc::ptr_eq(&first, &clients.transport(&pem()).unwrap()));
}

#[tokio::test]
async fn without_a_connection_it_is_unreachable() {
    let address = Server::nobody().await;
    assert_eq!(kind(get(&transport(), &format!("http://{address}/")).await), ErrorKind::Unreachable);
    let unknown = transport_with(&["livegate.invalid"], None);
    assert_eq!(kind(get(&unknown, "http://livegate.invalid/").await), ErrorKind::Unreachable);
}

/// The listener accepts and never speaks TLS. The clock stands still until the connection is there, then jumps to the
/// connect timeout.
#[tokio::test]
async fn a_handshake_that_takes_too_long_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let call = tokio::spawn(async move { get(&transport(), &url).await });
    let held = listener.accept().await.unwrap();
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(kind(call.await.unwrap()), ErrorKind::Unreachable);
    assert!(begun.elapsed() <= Duration::from_secs(4), "{:?}", begun.elapsed());
    drop(held);
}

#[tokio::test]
async fn the_deadline_holds_for_silence_and_for_a_slow_drip() {
    for (bytes, then) in [
        ("", Then::Hold),
        ("HTTP/1.1 200 OK\r\n", Then::Hold),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", Then::Drip),
    ] {
        let server = Server::start(bytes, then).await;
        let (transport, url) = (transport(), server.url("/"));
        let call = tokio::spawn(async move { get(&transport, &url).await });
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        assert_eq!(kind(call.await.unwrap()), ErrorKind::Timeout);
        tokio::time::resume();
    }
}

/// An ERP that fails with a stack trace, byte by byte, may say in it that it refuses the credentials.
#[tokio::test]
async fn what_a_failure_says_is_read_to_its_end_where_there_is_time() {
    let head = "HTTP/1.1 500 Said\r\ncontent-length: ";
    let long = "at Some.Place\n".repeat(20_000);
    let answer = format!("{head}{}\r\n\r\n{long}", long.len());
    let server = Server::start(answer, Then::Hold).await;
    assert_eq!(get(&transport(), &server.url("/")).await.unwrap().body().len(), long.len());

    for (length, then, seconds, whole) in [
        (4, Then::Drip, 20, true),
        (100, Then::Drip, 20, false),
        (100, Then::Hold, 20, false),
        (100, Then::Hold, 3, false),
    ] {
        let server = Server::start(format!("{head}{length}\r\n\r\nx"), then).await;
        let (transport, url) = (transport(), server.url("/"));
        let call = tokio::spawn(async move {
            let cx = CallContext::new("test", Duration::from_secs(seconds));
            transport.send(&cx, http::Request::get(url).body(Bytes::new()).unwrap()).await
        });
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        // The status is told in any case.
        let answer = call.await.unwrap().unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().len() == length), (500, whole));
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_cut_before_the_stated_end_is_unavailable() {
    let zipped = gzip(&[7; 5000]);
    for (bytes, thens) in [
        (vec![], [Then::Close, Then::Reset]),
        (b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), [Then::Close, Then::Reset]),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello".to_vec(), [Then::Close, Then::Reset]),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec(), [Then::Close, Then::Reset]),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel".to_vec(), [Then::Close, Then::Reset]),
        (
            [
                format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", zipped.len())
                    .as_bytes(),
                &zipped[..20],
            ]
            .concat(),
            [Then::Close, Then::Reset],
        ),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(), [Then::Close, Then::Hold]),
    ] {
        for then in thens {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(kind(answer(bytes.clone(), then).await), ErrorKind::Unavailable, "{text}");
        }
    }
}

#[tokio::test]
async fn compressed_answers_are_read_and_broken_ones_malformed() {
    let text = b"hello ".repeat(1000);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(&text).unwrap();
    assert_eq!(answer(ok("content-encoding: gzip\r\n", &gzip(&text)), Then::Hold).await.unwrap(), text);
    assert_eq!(answer(chunked("content-encoding: gzip\r\n", &gzip(&text), 5), Then::Hold).await.unwrap(), text);
    assert_eq!(answer(ok("content-encoding: deflate\r\n", &zlib.finish().unwrap()), Then::Hold).await.unwrap(), text);

    let whole = gzip(&text);
    let mut flipped = whole.clone();
    flipped[20] ^= 0x55;
    let mut wrong_sum = whole.clone();
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    for broken in
        [&b"{\"not\": \"compressed\"}"[..], &whole[..whole.len() / 2], &whole[..whole.len() - 3], &flipped, &wrong_sum]
    {
        let error = answer(ok("content-encoding: gzip\r\n", broken), Then::Hold).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error} {}", error.causes());
        let error = answer(chunked("content-encoding: gzip\r\n", broken, 7), Then::Hold).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error} {}", error.causes());
    }
}

#[tokio::test]
async fn an_answer_over_the_cap_is_too_large() {
    let most = vec![b' '; MAX_BODY];
    assert_eq!(answer(ok("", &most), Then::Hold).await.unwrap().len(), MAX_BODY);
    let more = vec![b' '; MAX_BODY + 1];
    assert_eq!(kind(answer(chunked("", &more, 1 << 20), Then::Hold).await), ErrorKind::TooLarge);
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", MAX_BODY + 1);
    assert_eq!(kind(answer(announced, Then::Hold).await), ErrorKind::TooLarge);
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < MAX_BODY / 10);
    assert_eq!(kind(answer(ok("content-encoding: gzip\r\n", &bomb), Then::Hold).await), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_never_followed() {
    let target = Server::start(ok("", b"secret"), Then::Hold).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.url("/"));
    let server = Server::start(redirect, Then::Hold).await;
    assert_eq!(get(&transport(), &server.url("/")).await.unwrap().status(), 302);
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn what_the_policy_refuses_is_never_connected_to() {
    let server = Server::start(ok("", b"secret"), Then::KeepAlive).await;
    let port = server.address.port();
    let refused = transport_with(&["10.0.0.0/8", "127.0.0.1:1"], None);
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://localhost.:{port}/"),
        format!("http://user:pa55@127.0.0.1:{port}/"),
    ] {
        let error = get(&refused, &url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{url}: {error}");
        assert!(!error.message().contains("pa55"), "{error}");
    }
    assert_eq!(server.connections(), 0);
    let allowed = transport_with(&[&format!("127.0.0.1:{port}")], None);
    for host in ["127.0.0.1", "localhost", "2130706433"] {
        assert_eq!(get(&allowed, &format!("http://{host}:{port}/")).await.unwrap().body(), "secret", "{host}");
    }
    let error = get(&allowed, &format!("http://user:pa55@127.0.0.1:{port}/")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
}

/// Environment variables of a running process cannot be set safely, so another process with such variables runs a test
/// that would fail if they were heeded.
#[test]
fn proxy_variables_are_ignored() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "transport::a_connection_is_used_again"])
        .envs(
            ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, "http://127.0.0.1:1")),
        )
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// A self-signed certificate in PEM and the server that shows it.
fn certificate(name: &str) -> (String, ServerConfig) {
    let signed = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key);
    (signed.cert.pem(), config.unwrap())
}

#[tokio::test]
async fn a_certificate_is_trusted_only_through_ca() {
    let (pem, config) = certificate("localhost");
    let server = Server::start_tls(ok("", b"hello"), config).await;
    let url = format!("https://localhost:{}/", server.address.port());

    let error = get(&transport(), &url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error} {}", error.causes());
    assert!(error.message().contains("not trusted") && error.message().contains("[tls] ca"), "{error}");
    assert!(server.requests().is_empty());

    let trusting = transport_with(&["127.0.0.1"], Some(&pem));
    assert_eq!(get(&trusting, &url).await.unwrap().body(), "hello");

    let other_name = format!("https://127.0.0.1:{}/", server.address.port());
    let error = get(&trusting, &other_name).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    assert!(error.message().contains("another host name"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_expired_certificate_is_misconfigured() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2001, 1, 1), rcgen::date_time_ymd(2002, 1, 1));
    let signed = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![signed.der().clone()], key);
    let server = Server::start_tls(ok("", b"hello"), config.unwrap()).await;
    let trusting = transport_with(&["127.0.0.1"], Some(&signed.pem()));
    let error = get(&trusting, &format!("https://localhost:{}/", server.address.port())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error} {}", error.causes());
    assert!(error.message().contains("expired"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_misconfigured() {
    let server = Server::start(ok("", b"hello"), Then::Close).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let error = get(&transport(), &format!("https://{address}/")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error} {}", error.causes());
    assert!(server.requests().is_empty());
}

#[test]
fn an_unusable_ca_is_misconfigured() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    for pem in [
        "",
        "not PEM",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
        &key,
    ] {
        let clients = Clients::new(EgressPolicy::default());
        let result =
            clients.transport(&TransportSettings { ca: Some(pem.as_bytes().into()), ..TransportSettings::default() });
        let error: ErpError = result.err().unwrap_or_else(|| panic!("{pem} was accepted"));
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().contains("[tls] ca"), "{error}");
    }
}
