//! What Alloy is asked, word by word.

use livegate_adapter_alloy::KIND;
use livegate_adapter_alloy::simulator::{API_KEY, CREDENTIAL_ID};
use livegate_core::{FieldKind, Operation};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer};

use crate::{Tenant, ok};

const EVERYTHING: &str =
    r#"{"customers":[{"id":"id/1","remoteId":"A&1"}],"invoices":[],"payments":[],"salesOrders":[]}"#;

async fn alloy() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path_regex(".*")).respond_with(ok(EVERYTHING)).mount(&server).await;
    server
}

/// Path and query of every request since the last time, sorted where they may run at the same time.
async fn asked(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let mut asked = Vec::new();
    for request in &requests {
        let header = |name: &str| request.headers.get(name).map_or("-", |value| value.to_str().unwrap());
        assert_eq!((request.method.as_str(), request.body.len()), ("GET", 0));
        assert_eq!(
            (header("accept"), header("authorization")),
            ("application/json", format!("Bearer {API_KEY}").as_str())
        );
        asked.push(format!("{}?{}", request.url.path(), request.url.query().unwrap_or_default()));
    }
    if asked.len() > 2 {
        asked[1..].sort();
    }
    server.reset().await;
    Mock::given(path_regex(".*")).respond_with(ok(EVERYTHING)).mount(server).await;
    asked
}

#[tokio::test]
async fn each_call_asks_just_what_it_needs() {
    let server = alloy().await;
    let tenant = Tenant::connect(&format!("{}/proxied/", server.uri()), &[]);
    let start = "/proxied/2024-03/one/accounting";
    let credential = format!("credentialId={CREDENTIAL_ID}");
    let page = "pageNumber=1&pageSize=100";
    let customer = format!("{start}/customers?{credential}&remoteId=A%261&{page}");
    let list =
        |resource: &str, filter: &str| format!("{start}/{resource}?{credential}&customerId=id%2F1{filter}&{page}");

    tenant.account("A&1").await.unwrap();
    assert_eq!(asked(&server).await, [customer.clone(), list("invoices", ""), list("payments", "")]);
    tenant.invoices(" A&1 ").await.unwrap();
    assert_eq!(asked(&server).await, [customer.clone(), list("invoices", "")]);
    tenant.orders("A&1").await.unwrap();
    assert_eq!(asked(&server).await, [customer.clone(), list("sales-orders", "")]);
    tenant.invoice("A&1", "I#1").await.unwrap();
    let (number, remote) = ("&invoiceNumber=I%231", "&remoteId=I%231");
    assert_eq!(asked(&server).await, [customer.clone(), list("invoices", number), list("invoices", remote)]);
    tenant.order("A&1", "S 1").await.unwrap();
    let (number, remote) = ("&remoteId=S%201", "&salesOrderNumber=S%201");
    assert_eq!(asked(&server).await, [customer.clone(), list("sales-orders", number), list("sales-orders", remote)]);
    tenant.ping().await.unwrap();
    assert_eq!(asked(&server).await, [format!("{start}/customers?{credential}&pageNumber=1&pageSize=1")]);
}

#[tokio::test]
async fn the_settings_decide_about_the_rest() {
    let server = alloy().await;
    let settings = [
        ("version", "2023-12"),
        ("credential_parameter", "connectionId"),
        ("customer_key", "id"),
        ("document_number", "remoteId"),
        ("credential_id", "c&1"),
    ];
    let tenant = Tenant::connect(&server.uri(), &settings);
    // What is asked for one record is answered with something else here.
    assert!(tenant.account("x/1").await.is_err());
    let start = "/2023-12/one/accounting/customers";
    assert_eq!(asked(&server).await, [format!("{start}/x%2F1?connectionId=c%261")]);
    tenant.ping().await.unwrap();
    assert_eq!(asked(&server).await, [format!("{start}?connectionId=c%261&pageSize=1")]);

    let tenant = Tenant::connect(&server.uri(), &[("document_number", "remoteId"), ("customer_key", "companyId")]);
    // The customer of this server has no companyId, so that the filter seems to be unknown.
    assert!(tenant.invoice("A&1", "7").await.is_err());
    assert!(asked(&server).await[0].contains("&companyId=A%261&"));
}

#[test]
fn the_kind_declares_what_the_adapter_does() {
    let capabilities = &KIND.capabilities;
    assert_eq!(capabilities.operations, Operation::ALL);
    assert_eq!(capabilities.limits.requests_per_minute, Some(150));
    assert!(!capabilities.invoices.scoped && !capabilities.invoices.pages && capabilities.case_sensitive_codes);
    for field in KIND.fields {
        assert!(!field.label.is_empty() && field.help.ends_with('.') && !field.example.is_empty(), "{}", field.name);
        if let FieldKind::Choice(choices) = field.kind {
            assert_eq!(field.default, Some(choices[0]), "{}", field.name);
            assert!(choices.contains(&field.example), "{}", field.name);
        }
    }
}

#[test]
fn what_cannot_connect_says_why() {
    let refused = |base_url: &str, settings: &[(&str, &str)]| match Tenant::capped(base_url, settings, 10) {
        Ok(_) => panic!("it connected"),
        Err(error) => error.message().to_owned(),
    };
    assert!(refused("erp.example", &[]).contains("base_url"));
    assert!(refused("https://erp.example", &[("api_key", "line\nbreak")]).contains("key"));
}
