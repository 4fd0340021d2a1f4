//! The public interface: credentials, methods, sizes, headers, errors.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::gateway::{Gateway, TOKEN, held_port, simulator, tenant};
use livegate_adapter_dockmaster::simulator::Endpoint;

const PATHS: [&str; 5] = ["customer-balance", "orders", "orders/by-id", "invoices", "invoices/by-id"];
const BODY: &str = r#"{"customer_code":"MARINA01","invoice_id":"100231","order_id":"1"}"#;

fn base64(text: &str) -> String {
    let table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let value =
                chunk.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(
                move |place| if place <= chunk.len() { table[(value >> (18 - 6 * place) & 63) as usize] } else { b'=' },
            )
        })
        .map(char::from)
        .collect()
}

#[tokio::test]
async fn every_way_to_present_the_token_opens_and_everything_else_is_the_same_401() {
    let erp = simulator();
    let other =
        tenant(erp.address(), "").replace(&crate::gateway::sha256(TOKEN), &crate::gateway::sha256("other-token"));
    let config = "[auth]\ntoken_headers = [\"X-Api-Key\", \"Shop-Token\"]";
    let gateway = Gateway::start(config, &[("harbor", &tenant(erp.address(), "")), ("other", &other)], &[]).await;
    let status = async |headers: &[(&str, &str)]| {
        gateway.send("POST", gateway.live, "/live/v1/customer-balance", headers, BODY).await
    };
    let basic = |tenant: &str, token: &str| format!("Basic {}", base64(&format!("{tenant}:{token}")));
    for headers in [
        [("authorization", format!("Bearer {TOKEN}"))],
        [("authorization", format!("bEARER {TOKEN}"))],
        [("authorization", TOKEN.to_owned())],
        [("authorization", basic("harbor", TOKEN))],
        [("authorization", basic("harbor", TOKEN).replace("Basic", "BASIC"))],
        [("x-api-key", TOKEN.to_owned())],
        [("SHOP-TOKEN", TOKEN.to_owned())],
    ] {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        assert_eq!(status(&headers).await.status, 200, "{headers:?}");
    }
    let mut bodies = Vec::new();
    for headers in [
        vec![],
        vec![("authorization", "Bearer wrong".to_owned())],
        vec![("authorization", "Bearer ".to_owned())],
        vec![("authorization", format!("Bearer {TOKEN}x"))],
        vec![("authorization", format!("Bearer {}", &TOKEN[1..]))],
        vec![("authorization", basic("other", TOKEN))],
        vec![("authorization", basic("harbor", "wrong"))],
        vec![("authorization", basic("nobody", TOKEN))],
        vec![("authorization", "Basic %%%".to_owned())],
        vec![("authorization", format!("Digest {TOKEN}"))],
        vec![("authorization", "Bearer wrong".to_owned()), ("x-api-key", TOKEN.to_owned())],
        vec![("x-other", TOKEN.to_owned())],
    ] {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        let answer = status(&headers).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{headers:?}");
        assert!(answer.headers.get_all("www-authenticate").iter().count() >= 1);
        bodies.push(answer.body.replace(answer.header("x-request-id"), "ID"));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "wrong and missing tokens are told apart: {bodies:?}");
}

#[tokio::test]
async fn addresses_methods_and_sizes() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    for path in PATHS {
        let path = format!("/live/v1/{path}");
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = gateway.send(method, gateway.live, &path, &[], "").await;
            assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"), "{method} {path}");
            assert_eq!(answer.header("allow"), "POST");
        }
    }
    for path in ["/", "/live/v1", "/live/v2/orders", "/metrics", "/live/v1/orders/by-id/7", "/admin/v1/tenants"] {
        let answer = gateway.send("POST", gateway.live, path, &[], BODY).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let padded = |length: usize| {
        let empty = r#"{"customer_code":"MARINA01","x":""}"#;
        empty.replace("\"\"}", &format!("\"{}\"}}", " ".repeat(length - empty.len())))
    };
    assert_eq!(gateway.call("customer-balance", &padded(64 * 1024)).await.status, 200);
    for length in [64 * 1024 + 1, 3 * 1024 * 1024] {
        let answer = gateway.call("customer-balance", &padded(length)).await;
        assert_eq!((answer.status, answer.code().as_str()), (413, "payload_too_large"), "{length}");
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    for (more, sent) in [("", 70_000), ("", 0), ("Expect: 100-continue\r\n", 0)] {
        let mut stream = TcpStream::connect(gateway.live).await.unwrap();
        let head = format!(
            "POST /live/v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100000000\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; sent]).await.unwrap();
        let mut answer = String::new();
        while !answer.contains("HTTP/1.1 413") {
            let mut part = vec![0; 2_000];
            let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut part)).await.unwrap().unwrap();
            assert_ne!(read, 0, "{more}{sent}: {answer}");
            answer.push_str(&String::from_utf8_lossy(&part[..read]));
        }
    }
}

#[tokio::test]
async fn a_callers_mistake_is_a_400_also_where_the_erp_is_set_up_wrong() {
    let held = held_port();
    let gateway = Gateway::with_tenant(&tenant(held.local_addr().unwrap(), "")).await;
    assert_eq!(gateway.call("customer-balance", "{}").await.code(), "invalid_query");
    assert_eq!(gateway.balance("A").await.code(), "unreachable");
}

#[tokio::test]
async fn a_callers_mistake_names_its_field_and_reaches_no_erp() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let nested = format!(r#"{{"customer_code":"A","x":{}{}}}"#, "[".repeat(32), "]".repeat(32));
    for (path, body, code, field) in [
        ("customer-balance", "", "bad_request", json!(null)),
        ("customer-balance", "[]", "bad_request", json!(null)),
        ("customer-balance", "{\"customer_code\":", "bad_request", json!(null)),
        ("customer-balance", nested.as_str(), "bad_request", json!(null)),
        ("customer-balance", "{}", "invalid_query", json!("customer_code")),
        ("customer-balance", r#"{"customer_code":"  "}"#, "invalid_query", json!("customer_code")),
        ("customer-balance", r#"{"customer_code":"A\r\nB"}"#, "invalid_query", json!("customer_code")),
        ("invoices/by-id", r#"{"customer_code":"A","invoice_id":null}"#, "invalid_query", json!("invoice_id")),
        ("invoices", r#"{"customer_code":"A","per_page":1001}"#, "invalid_query", json!("per_page")),
        ("invoices", r#"{"customer_code":"A","current_page":"0"}"#, "invalid_query", json!("current_page")),
        ("invoices", r#"{"customer_code":"A","filters":{"start_date":"soon"}}"#, "invalid_query", json!("start_date")),
    ] {
        let answer = gateway.call(path, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{path} {body}");
        assert_eq!(answer.json()["field"], field, "{path} {body}");
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
    for endpoint in [Endpoint::CustomerArInquiry, Endpoint::RetrieveCustomer, Endpoint::RetrieveInvoices] {
        assert_eq!(erp.calls(endpoint), 0);
    }
}

#[tokio::test]
async fn request_ids_come_back_if_they_are_ids() {
    let erp = simulator();
    let gateway = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let long = "x".repeat(128);
    for id in ["a", "Shop_7.2-x", long.as_str()] {
        let answer = gateway.call_with("customer-balance", BODY, &[("x-request-id", id)]).await;
        assert_eq!(answer.header("x-request-id"), id);
    }
    let too_long = "x".repeat(129);
    for id in ["", "a b", "a/b", "ü", too_long.as_str()] {
        let answer = gateway.call_with("customer-balance", BODY, &[("x-request-id", id)]).await;
        let given = answer.header("x-request-id");
        assert!(given != id && given.len() == 36, "{id:?} became {given:?}");
    }
    let answer = gateway.call_with("customer-balance", "{}", &[("x-request-id", "mine")]).await;
    assert_eq!(answer.json()["request_id"], "mine");
}

#[tokio::test]
async fn the_admin_listener_tells_how_it_goes() {
    let erp = simulator();
    let broken = tenant(erp.address(), "formatt = \"xml\"");
    let gateway = Gateway::start("", &[("harbor", &tenant(erp.address(), "")), ("broken", &broken)], &[]).await;
    assert_eq!(gateway.admin("/healthz").await.status, 200);
    gateway.balance("MARINA01").await;
    gateway.balance("MARINA01").await;
    gateway.send("POST", gateway.live, "/live/v1/orders", &[], BODY).await;
    let ready = gateway.admin("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json()["tenants"], 1);
    assert_eq!(ready.json()["broken_tenants"][0]["tenant"], "broken");
    assert!(ready.body.contains("formatt") && ready.body.contains("format"), "{}", ready.body);
    let metrics = gateway.admin("/metrics").await.body;
    for line in [
        r#"livegate_calls_total{tenant="harbor",operation="account",outcome="ok"} 2"#,
        r#"livegate_erp_attempts_total{tenant="harbor",operation="account",outcome="ok"} 1"#,
        r#"livegate_cache_total{tenant="harbor",operation="account",outcome="hit"} 1"#,
        r#"livegate_rejected_total{code="unauthorized"} 1"#,
        "livegate_tenants 1",
        "livegate_broken_tenants 1",
        "livegate_connections 1",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let document = gateway.admin("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["paths"].as_object().unwrap().len(), 5);
    for path in ["/docs", "/docs/"] {
        let docs = gateway.admin(path).await;
        assert_eq!((docs.status, docs.header("content-type")), (200, "text/html"), "{path}");
        assert!(!docs.body.contains("https://"), "the page's assets come from the binary");
        let named: Vec<&str> = docs
            .body
            .split("src=\"")
            .chain(docs.body.split("href=\""))
            .filter(|part| part.contains(".js\"") || part.contains(".css\""))
            .filter_map(|part| part.split('"').next())
            .filter(|name| name.ends_with(".js") || name.ends_with(".css"))
            .collect();
        assert!(named.len() >= 5, "{}", docs.body);
        for name in named {
            let asset =
                if path == "/docs" { format!("/{name}") } else { format!("/docs/{}", name.trim_start_matches("./")) };
            assert_eq!(gateway.admin(&asset).await.status, 200, "{path} names {name}");
        }
    }
    for path in ["/admin/v1/tenants", "/nothing", "/docs/nothing.js"] {
        assert_eq!(gateway.admin(path).await.code(), "not_found");
    }
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/"] {
        assert_eq!(gateway.send("HEAD", gateway.admin, path, &[], "").await.status, 200, "{path}");
        let answer = gateway.send("POST", gateway.admin, path, &[], "").await;
        assert_eq!((answer.code().as_str(), answer.header("allow")), ("method_not_allowed", "GET, HEAD"), "{path}");
    }
}
