//! What DockMaster is asked, word by word, and what runs at the same time.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::civil::date;
use livegate_adapter_dockmaster::KIND;
use livegate_core::{CallContext, ErrorKind, FieldKind, Operation, Result, Transport};
use tokio::sync::{Barrier, Notify};

use crate::fixtures::marina;
use crate::{Dealer, FORMATS, INQUIRY, INVOICES, RECORD};

/// Every request since the last time, sorted: method, path and query, `Accept`, `Authorization`, body.
async fn asked(server: &wiremock::MockServer) -> Vec<String> {
    let mut asked = Vec::new();
    for request in server.received_requests().await.unwrap() {
        let header = |name: &str| request.headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        let query = request.url.query().map_or(String::new(), |query| format!("?{query}"));
        asked.push(format!(
            "{} {}{query} {} {} {} {}",
            request.method,
            request.url.path(),
            header("accept"),
            header("authorization"),
            header("content-type"),
            String::from_utf8_lossy(&request.body)
        ));
    }
    server.reset().await;
    asked.sort();
    asked
}

#[tokio::test]
async fn each_call_asks_just_what_it_needs() {
    for (format, accept) in FORMATS.into_iter().zip(["application/json", "application/xml"]) {
        let account =
            [format!("GET {INQUIRY}?CustomerId=HB-1042 {accept} - - "), format!("GET {RECORD}/HB-1042 {accept} - - ")];
        let (inquiry, record) = (account[0].clone(), account[1].clone());

        let server = marina(format).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        dealer.account("HB-1042").await.unwrap();
        assert_eq!(asked(&server).await, account);

        let server = marina(format).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        dealer.invoices_since("HB-1042", Some(date(2026, 3, 4))).await.unwrap();
        let since = format!("GET {INQUIRY}?CustomerId=HB-1042&InvoiceDate=2026-03-04 {accept} - - ");
        assert_eq!(asked(&server).await, [since, record.clone()]);

        let server = marina(format).await;
        let by_id = format!("POST {INVOICES} {accept} - application/json [\"INV-5011\"]");
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        dealer.invoice("HB-1042", " INV-5011 ").await.unwrap();
        assert_eq!(asked(&server).await, [record.clone(), by_id.clone()]);

        let server = marina(format).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format), ("pending_payments", "deduct")]);
        dealer.invoice("HB-1042", "INV-5011").await.unwrap();
        assert_eq!(asked(&server).await, [inquiry, record, by_id]);

        let server = marina(format).await;
        let settings = [("format", format), ("auth", "bearer"), ("token", "s3cret")];
        Dealer::connect(&server.uri(), &settings).ping().await.unwrap();
        let ping = format!("GET {INQUIRY}?CustomerId=livegate-ping {accept} Bearer s3cret - ");
        assert_eq!(asked(&server).await, [ping]);
    }
}

#[tokio::test]
async fn a_base_url_keeps_its_path_and_codes_keep_their_place() {
    for base in ["/dealer 7/dm", "/dealer 7/dm/"] {
        let server = marina("json").await;
        let dealer = Dealer::connect(&format!("{}{base}", server.uri()), &[]);
        let failed = dealer.account("../a b/ü?CustomerId=#&+").await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Misconfigured, "nothing is there");
        let asked = asked(&server).await;
        let start = "GET /dealer%207/dm/api/v2/AR/CustomerARInquiry";
        assert_eq!(
            asked[0],
            format!("{start}?CustomerId=..%2Fa%20b%2F%C3%BC%3FCustomerId%3D%23%26%2B application/json - - ")
        );
        // The record's request may have been given up by then.
        let record =
            "GET /dealer%207/dm/api/v2/Customers/RetrieveCustomer/..%2Fa%20b%2F%C3%BC%3FCustomerId%3D%23%26%2B ";
        assert!(asked[1..].iter().all(|line| line.starts_with(record)), "{asked:?}");
    }
}

#[test]
fn the_kind_declares_what_the_adapter_does() {
    let capabilities = &KIND.capabilities;
    assert_eq!(capabilities.operations, Operation::ALL);
    assert_eq!(capabilities.invoices.covers, Some("open invoices only"));
    assert!(!capabilities.invoices.scoped && !capabilities.invoices.pages && !capabilities.case_sensitive_codes);
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
    struct Nowhere;
    #[async_trait]
    impl Transport for Nowhere {
        async fn send(&self, _cx: &CallContext, _request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
            unreachable!()
        }
    }
    let refused = |base_url: &str, settings| {
        let error = Dealer::through(Arc::new(Nowhere), base_url, settings, 10).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        error.message().to_owned()
    };
    assert!(refused("https://erp.example", &[("auth", "bearer")]).contains("token"));
    assert!(refused("erp.example", &[]).contains("base_url"));
}

/// A dealer whose inquiry and record wait as told.
struct Scripted {
    inquiry: &'static str,
    record: Record,
    /// Both requests must be under way before one is answered.
    together: Barrier,
    recorded: Notify,
    records: AtomicUsize,
}

#[derive(PartialEq)]
enum Record {
    Answers(u16),
    Hangs,
}

impl Scripted {
    fn new(inquiry: &'static str, record: Record) -> Arc<Self> {
        let records = AtomicUsize::new(0);
        Arc::new(Self { inquiry, record, together: Barrier::new(2), recorded: Notify::new(), records })
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn send(&self, _cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let answer = |status: u16, body: &'static str| {
            Ok(http::Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
        };
        self.together.wait().await;
        if !request.uri().path().starts_with(RECORD) {
            // The inquiry is answered last, so that whatever the record says has been heard.
            if self.record != Record::Hangs {
                self.recorded.notified().await;
                tokio::task::yield_now().await;
            }
            return answer(200, self.inquiry);
        }
        self.records.fetch_add(1, Ordering::SeqCst);
        match self.record {
            Record::Hangs => pending().await,
            Record::Answers(status) => {
                self.recorded.notify_one();
                answer(status, r#"{"id":"A","creditLimit":7}"#)
            }
        }
    }
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), call).await.expect("two requests wait for each other")
}

#[tokio::test(start_paused = true)]
async fn the_record_is_asked_at_the_same_time() {
    let transport = Scripted::new(r#"[{"CustomerId":"A","CurrentBalance":1}]"#, Record::Answers(200));
    let dealer = Dealer::through(transport, "https://erp.example", &[], 10).unwrap();
    let account = in_time(dealer.account("A")).await.unwrap().unwrap();
    assert_eq!(account.credit_limit.unwrap().to_string(), "7");
    assert_eq!(account.open_items, None, "open invoices that are not told are unknown");
    assert_eq!(in_time(dealer.invoices("A")).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn the_record_of_an_unknown_customer_counts_for_nothing() {
    for status in [404, 401, 403, 429, 500, 200] {
        let transport = Scripted::new("[]", Record::Answers(status));
        let dealer = Dealer::through(transport.clone(), "https://erp.example", &[], 10).unwrap();
        for _ in 0..2 {
            assert_eq!(in_time(dealer.account("B")).await.unwrap(), None);
            assert_eq!(in_time(dealer.invoices("B")).await.unwrap(), []);
            assert_eq!(in_time(dealer.invoice("B", "1")).await.unwrap(), None);
        }
        assert_eq!(transport.records.load(Ordering::SeqCst), 6, "nothing is remembered");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_record_of_an_unknown_customer() {
    let transport = Scripted::new("[]", Record::Hangs);
    let dealer = Dealer::through(transport, "https://erp.example", &[], 10).unwrap();
    assert_eq!(in_time(dealer.account("B")).await.unwrap(), None);
    assert_eq!(in_time(dealer.invoice("B", "1")).await.unwrap(), None);
}
