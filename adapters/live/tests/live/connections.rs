//! What settings make a connection, what it offers, and how it proves itself.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use livegate_adapter_live::KIND;
use livegate_adapter_live::simulator::{self, CLIENT, Dialect, HEADER, TOKEN, USER};
use livegate_core::{CallContext, ErrorKind, Operation, Result, Transport};
use livegate_testkit::{Lie, LyingErp};

use crate::{CALLS, Upstream, body, code};

/// A network that must not be asked.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _cx: &CallContext, _request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        panic!("making a connection sends nothing");
    }
}

fn unsent(settings: &[(&str, &str)]) -> Result<Upstream> {
    Upstream::through(Arc::new(Nowhere), settings.iter().copied(), 10)
}

#[tokio::test]
async fn an_operation_without_an_address_is_not_offered() {
    for (operation, (setting, _)) in Operation::ALL.into_iter().zip(CALLS) {
        let upstream = unsent(&[(setting, "https://erp.example/let.nl?script=1"), ("header_value", "x")]).unwrap();
        assert_eq!(upstream.0.capabilities().operations, [operation], "{setting}");
        let refused =
            |kind: ErrorKind, other: Operation| assert_eq!(kind == ErrorKind::Unsupported, other != operation);
        // What is offered would be sent, and this network panics.
        if operation != Operation::Account {
            refused(upstream.account("A").await.unwrap_err().kind(), Operation::Account);
        }
        if operation != Operation::Orders {
            refused(upstream.orders("A").await.unwrap_err().kind(), Operation::Orders);
        }
        if operation != Operation::Order {
            refused(upstream.order("A", "1").await.unwrap_err().kind(), Operation::Order);
        }
        if operation != Operation::Invoices {
            refused(upstream.invoices("A").await.unwrap_err().kind(), Operation::Invoices);
        }
        if operation != Operation::Invoice {
            refused(upstream.invoice("A", "1").await.unwrap_err().kind(), Operation::Invoice);
        }
    }
    let two =
        unsent(&[("invoice_url", "https://e.example"), ("orders_url", "https://e.example"), ("header_value", "x")]);
    assert_eq!(two.unwrap().0.capabilities().operations, [Operation::Orders, Operation::Invoice]);
}

#[tokio::test]
async fn settings_that_make_no_connection_name_what_is_wrong() {
    let address = ("orders_url", "https://erp.example/orders");
    for (settings, named) in [
        (&[("header_value", "x")][..], "no address is given: set customer_balance_url or orders_url"),
        (&[("orders_url", "erp.example"), ("header_value", "x")], "orders_url is not an address"),
        (
            &[("invoice_url", "https://me:pa55@erp.example"), ("header_value", "x")],
            "invoice_url must not contain a user",
        ),
        (&[("order_url", "https://erp.example/#x"), ("header_value", "x")], "order_url must not contain a '#'"),
        (&[address], "header_value is missing"),
        (&[address, ("header_value", "a\nb")], "a header cannot carry"),
        (&[address, ("header_name", "a b"), ("header_value", "x")], "header_name"),
        (&[address, ("header_name", "content-type"), ("header_value", "x")], "header_name cannot be content-type"),
        (&[address, ("auth", "bearer")], "token is missing"),
        (&[address, ("auth", "basic"), ("username", "u")], "password is missing"),
        (&[address, ("auth", "basic"), ("username", "a:b"), ("password", "pa55")], "contains a colon"),
        (&[address, ("auth", "oauth2"), ("client_id", "c"), ("client_secret", "pa55")], "token_url is missing"),
        (
            &[address, ("auth", "oauth2"), ("token_url", "login"), ("client_id", "c"), ("client_secret", "pa55")],
            "token_url is not an address",
        ),
    ] {
        let error = unsent(settings).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{settings:?}");
        assert!(error.message().contains(named) && !error.message().contains("pa55"), "{error}");
    }
}

#[tokio::test]
async fn each_way_to_prove_oneself_is_admitted_and_a_wrong_secret_is_not() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let token_url = format!("http://{}/token", running.address());
    let oauth = [("auth", "oauth2"), ("token_url", token_url.as_str())];
    let ways: [&[(&str, &str)]; 5] = [
        &[("header_value", HEADER.1)],
        &[("header_name", HEADER.0), ("header_value", HEADER.1)],
        &[("auth", "bearer"), ("token", TOKEN)],
        &[("auth", "basic"), ("username", USER.0), ("password", USER.1)],
        &[oauth[0], oauth[1], ("client_id", CLIENT.0), ("client_secret", CLIENT.1)],
    ];
    for settings in ways {
        let upstream = Upstream::with(running.address(), settings, 10);
        upstream.ping().await.unwrap();
        assert!(upstream.order("ACME001", "S9").await.unwrap().is_some());
        let mut wrong = settings.to_vec();
        wrong.last_mut().unwrap().1 = "wrong";
        let error = Upstream::with(running.address(), &wrong, 10).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialsRejected, "{settings:?}");
    }
    assert_eq!(running.logins(), 1, "one token serves all five addresses");
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_the_call() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let token_url = format!("http://{}/token", running.address());
    let credentials = [("client_id", CLIENT.0), ("client_secret", CLIENT.1), ("scope", "live.read")];
    let settings: Vec<_> =
        [("auth", "oauth2"), ("token_url", token_url.as_str())].into_iter().chain(credentials).collect();
    let upstream = Upstream::with(running.address(), &settings, 1_000);
    assert_eq!(upstream.orders("FLEET08").await.unwrap().len(), 250);
    running.expire_tokens();
    assert_eq!(upstream.invoices("FLEET08").await.unwrap().len(), 250);
    assert_eq!(running.logins(), 2);
}

#[tokio::test]
async fn a_token_is_asked_for_with_the_scope_that_is_set() {
    for (scope, sent) in [(Some("live.read all"), "&scope=live.read+all"), (None, "")] {
        let server = LyingErp::start(|asked| match asked.line.as_str() {
            "POST /token" => Lie::ok("application/json", r#"{"access_token":"t0k3n","token_type":"Bearer"}"#),
            _ => Lie::ok("application/json", "{}"),
        });
        let server = server.await.unwrap();
        let token_url = format!("http://{}/token", server.address());
        let mut settings =
            vec![("auth", "oauth2"), ("token_url", &token_url), ("client_id", "c&1"), ("client_secret", "s")];
        settings.extend(scope.map(|scope| ("scope", scope)));
        Upstream::with(server.address(), &settings, 10).ping().await.unwrap();
        let asked = server.asked();
        let form = String::from_utf8(asked[0].body.clone()).unwrap();
        assert_eq!(form, format!("grant_type=client_credentials&client_id=c%261&client_secret=s{sent}"));
        assert_eq!(asked[1].header("authorization"), Some("Bearer t0k3n"));
    }
}

#[tokio::test]
async fn a_ping_asks_the_first_address_for_nobody() {
    for (setting, call) in CALLS {
        let server = LyingErp::start(|_| Lie::ok("application/json", "{}")).await.unwrap();
        let url = format!("http://{}/erp/{call}?key=1", server.address());
        let last = format!("http://{}/elsewhere", server.address());
        let mut settings = vec![(setting, url.as_str()), ("header_value", "x")];
        if setting != "invoice_url" {
            settings.push(("invoice_url", &last));
        }
        let transport = livegate_http::transport_to(&["127.0.0.1"]).unwrap();
        Upstream::through(transport, settings, 10).unwrap().ping().await.unwrap();
        let asked = server.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].line, format!("POST /erp/{call}?key=1"), "the query stays");
        assert_eq!(body(&asked[0])["customer_code"], "livegate-ping");
    }
    let server = LyingErp::start(|_| Lie::status(404)).await.unwrap();
    assert_eq!(Upstream::at(server.address()).ping().await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn the_demo_is_answered() {
    let simulator = (KIND.simulator.unwrap())().unwrap();
    let address = simulator.address.to_string();
    for tenant in KIND.demo {
        let settings: Vec<_> =
            tenant.settings.iter().map(|(name, text)| (*name, text.replace("{address}", &address))).collect();
        let settings = settings.iter().map(|(name, text)| (*name, text.as_str())).chain(tenant.secrets.iter().copied());
        let transport = livegate_http::transport_to(&["127.0.0.1"]).unwrap();
        let upstream = Upstream::through(transport, settings, 1_000).unwrap();
        upstream.ping().await.unwrap();
        assert_eq!(upstream.0.capabilities().operations, Operation::ALL);
        let customer = tenant.customer_code;
        assert_eq!(upstream.account(customer).await.unwrap().unwrap().owner, Some(code(customer)));
        assert!(upstream.orders(customer).await.unwrap().len() > 12);
        assert!(upstream.invoices(customer).await.unwrap().len() > 12);
        assert!(upstream.order(customer, tenant.order_id.unwrap()).await.unwrap().is_some());
        assert!(upstream.invoice(customer, tenant.invoice_id.unwrap()).await.unwrap().is_some());
    }
}
