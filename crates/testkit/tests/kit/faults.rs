//! The table of faults is proven: an adapter that is right passes it, and broken ones turn each fault red, by name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use livegate_adapter_dockmaster::KIND;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, DocumentKey, ErpAdapter, ErpError,
    ErrorKind, Invoice, InvoiceSummary, InvoicesQuery, Listing, Operation, Order, OrderSummary, OrdersQuery, Result,
    Transport,
};
use livegate_testkit::{Cast, Outcome, Subject, fault_names, judge_fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came of each fault, by its name.
type Findings = Vec<(&'static str, Result<(), String>)>;

/// Faults that a healthy connection does not even notice.
const ANSWERED: [&str; 6] = [
    "connection closed between two calls",
    "gzip",
    "chunks",
    "body until the connection ends",
    "an interim answer first",
    "byte order mark",
];

const EXPIRED: &str = "login that has expired";

#[test]
fn an_adapter_that_is_right_passes_every_fault() {
    for (subject, stacked) in [(json(), false), (newer(), true)] {
        for (name, outcome) in findings(&subject, stacked, fault_names(&subject)) {
            assert_eq!(outcome, Ok(()), "{}, stacked: {stacked}, {name}", subject.tenant);
        }
    }
}

#[test]
fn an_adapter_that_takes_an_error_for_nothing_is_caught_by_every_fault_that_fails() {
    let subject = broken::<Swallows>(json());
    for (name, outcome) in findings(&subject, false, fault_names(&subject)) {
        assert_eq!(is_red(&outcome), !ANSWERED.contains(&name), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_answers_from_memory_is_caught_by_every_fault_that_fails() {
    let subject = broken::<Remembers>(json());
    // The law looks at calls that are their connection's first.
    let names = fault_names(&subject).into_iter().filter(|name| !name.ends_with("in one request only"));
    for (name, outcome) in findings(&subject, true, names.collect()) {
        // One that never had an answer remembers none, and what is late the layers answer.
        let late = name.starts_with("hang") || name == "slow drip";
        let green = ANSWERED.contains(&name) || name == "connection refused" || late;
        assert_eq!(is_red(&outcome), !green, "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_calls_everything_unavailable_is_caught_by_every_other_kind() {
    let subject = broken::<CallsEverythingUnavailable>(json());
    let red = names_of_red(&findings(&subject, false, fault_names(&subject)));
    for name in ["connection refused", "hang within the body", "gzip bomb", "HTML page", "redirect 302", "status 401"] {
        assert!(red.contains(&name), "{name}");
    }
    for name in ["reset after the request", "status 502", "status 503"] {
        assert!(!red.contains(&name), "{name}");
    }
}

#[test]
fn an_adapter_that_asks_for_ever_is_caught() {
    let subject = broken::<AsksForEver>(json());
    let names = vec!["status 503", "status 429", "reset after the request", "HTML page"];
    for (name, outcome) in findings(&subject, false, names) {
        assert!(outcome.clone().unwrap_err().contains("it asks again and again"), "{name}: {outcome:?}");
    }
}

#[test]
fn an_adapter_that_cuts_a_list_at_a_failing_page_is_caught_by_the_law() {
    let names = fault_names(&newer()).into_iter().filter(|name| name.ends_with("in one request only"));
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), 4);
    for (name, outcome) in findings(&broken::<CutsLists>(newer()), false, names) {
        let complaint = outcome.unwrap_err();
        assert!(complaint.contains("invoices: request"), "{name}: {complaint}");
        assert!(complaint.contains("failed, and the answer is another one instead of an error"), "{name}: {complaint}");
    }
}

#[test]
fn a_side_request_may_cost_members_but_not_an_order() {
    let law = vec!["status 503 in one request only"];
    // Without a customer's record, addresses are missing and nothing else.
    let record = Subject { side_requests: &["/RetrieveCustomer"], ..broken::<DoesWithoutRecords>(json()) };
    let (_, outcome) = findings(&record, false, law.clone()).remove(0);
    let complaint = outcome.unwrap_err();
    assert!(complaint.contains("account: request"), "credit comes with the record: {complaint}");
    assert!(!complaint.contains("\ninvoice") && !complaint.contains("\norder"), "{complaint}");
    let undeclared = Subject { side_requests: &[], ..record };
    let (_, outcome) = findings(&undeclared, false, law).remove(0);
    let complaint = outcome.unwrap_err();
    assert!(complaint.contains("\norder: request") && complaint.contains("\ninvoice: request"), "{complaint}");
}

#[test]
fn a_transport_that_knows_little_of_http_is_caught_by_what_is_answered() {
    let red = names_of_red(&findings(&broken::<Naive>(json()), false, ANSWERED.to_vec()));
    assert_eq!(red, ANSWERED);
}

#[test]
fn an_adapter_that_repeats_what_the_erp_says_is_caught() {
    let names = vec!["status 400", "status 502", "status 429 for a day", EXPIRED];
    let told = findings(&broken::<Repeats>(newer()), false, names);
    for (name, outcome) in &told[..3] {
        assert!(outcome.clone().unwrap_err().contains("the error repeats what the ERP sent"), "{name}: {outcome:?}");
    }
    assert!(is_red(&told[3].1), "nobody logs in again: {told:?}");
}

#[test]
fn an_adapter_that_believes_every_wait_is_caught() {
    for (name, outcome) in findings(&broken::<Believes>(json()), false, vec!["status 429 for a day"]) {
        assert!(outcome.clone().unwrap_err().contains("retry_after is Some(86400s)"), "{name}: {outcome:?}");
    }
}

#[test]
fn an_exception_for_no_fault_is_told() {
    let misspelt = Subject { exceptions: &[("status 4O4", None, Outcome::Absent)], ..json() };
    let complaint = judge_fault(&misspelt, false, "status 404").unwrap_err();
    assert_eq!(complaint, "an exception is for \"status 4O4\", and no fault has that name");
    assert_eq!(judge_fault(&json(), false, "no such fault").unwrap_err(), "there is no fault \"no such fault\"");
}

#[test]
fn an_exception_holds_for_its_operation_only() {
    let without = Subject { exceptions: &[], ..json() };
    let complaint = judge_fault(&without, false, "status 404").unwrap_err();
    assert_eq!(complaint, "order: expected the error misconfigured, but got nothing found");
}

#[test]
fn an_error_inside_a_200_has_the_kind_that_the_subject_says() {
    const SAYS: &str = r#"{"error":{"code":"-5002","message":"canary-4111111111111111"}}"#;
    let subject = Subject { error_in_success: Some((SAYS, ErrorKind::Malformed)), ..json() };
    assert_eq!(judge_fault(&subject, false, "error inside a 200"), Ok(()));
    let other = Subject { error_in_success: Some((SAYS, ErrorKind::Unavailable)), ..json() };
    assert!(judge_fault(&other, false, "error inside a 200").unwrap_err().contains("but got malformed"));
    assert!(!fault_names(&json()).contains(&"error inside a 200"), "not where the ERP knows no such thing");
}

/// A dialect with several requests in a call, and without a login.
fn json() -> Subject {
    let cast = Cast { customer: "MARINA01", order: Some("501002"), invoice: Some("100250"), ..Cast::NONE };
    let subject = Subject::new(&KIND, "dockmaster-json", livegate_http::transport_to, cast);
    // A work order is asked for by its key.
    Subject { exceptions: &[("status 404", Some(Operation::Order), Outcome::Absent)], ..subject }
}

/// With a login, and lists in several batches.
fn newer() -> Subject {
    let cast = Cast { customer: "HISTORY09", order: Some("590004"), invoice: Some("900401"), ..json().cast };
    Subject { tenant: "dockmaster-dme", login: Some("/auth"), cast, ..json() }
}

/// Several at a time, as most of them only wait.
fn findings(subject: &Subject, stacked: bool, names: Vec<&'static str>) -> Findings {
    let judge = |name| (name, judge_fault(subject, stacked, name));
    std::thread::scope(|scope| {
        let threads = names
            .chunks(names.len().div_ceil(4))
            .map(|names| scope.spawn(move || names.iter().map(|name| judge(*name)).collect::<Vec<_>>()));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Red, and not because the subject is wrong.
fn is_red(outcome: &Result<(), String>) -> bool {
    outcome.as_ref().is_err_and(|complaint| !complaint.contains("without any fault"))
}

fn names_of_red(findings: &Findings) -> Vec<&'static str> {
    findings.iter().filter(|(_, outcome)| is_red(outcome)).map(|(name, _)| *name).collect()
}

/// The adapter behind `subject`, broken in one way.
fn broken<B: Breakage>(subject: Subject) -> Subject {
    let AdapterKind { name, title, ref capabilities, fields, simulator, demo, .. } = KIND;
    let capabilities = capabilities.clone();
    let kind = AdapterKind { name, title, capabilities, fields, connect: connect::<B>, simulator, demo };
    Subject { kind: Box::leak(Box::new(kind)), ..subject }
}

fn connect<B: Breakage>(connection: Connection) -> Result<Arc<dyn ErpAdapter>> {
    let transport = B::transport(connection.transport);
    let adapter = (KIND.connect)(Connection { transport, ..connection })?;
    Ok(Arc::new(Broken { adapter, memory: Mutex::default(), breakage: B::default() }))
}

/// One way to be broken.
#[async_trait]
trait Breakage: Default + Send + Sync + 'static {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        transport
    }

    /// What becomes of an outcome; `None` asks again. The memory is the last good answer.
    async fn after<T: Clone + Send + Sync>(
        &self,
        outcome: Result<T>,
        _memory: Option<T>,
        _nothing: T,
    ) -> Option<Result<T>> {
        Some(outcome)
    }
}

struct Broken<B> {
    adapter: Arc<dyn ErpAdapter>,
    memory: Mutex<Memory>,
    breakage: B,
}

#[derive(Clone, Default)]
struct Memory {
    account: Option<Option<Account>>,
    orders: Option<Listing<OrderSummary>>,
    order: Option<Option<Order>>,
    invoices: Option<Listing<InvoiceSummary>>,
    invoice: Option<Option<Invoice>>,
}

macro_rules! broken_call {
    ($self:ident, $cx:ident, $call:ident, $query:ident, $nothing:expr) => {
        loop {
            let outcome = $self.adapter.$call($cx, $query).await;
            let memory = {
                let mut memory = $self.memory.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok(answer) = &outcome {
                    memory.$call = Some(answer.clone());
                }
                memory.$call.clone()
            };
            if let Some(outcome) = $self.breakage.after(outcome, memory, $nothing).await {
                return outcome;
            }
        }
    };
}

#[async_trait]
impl<B: Breakage> ErpAdapter for Broken<B> {
    fn kind(&self) -> &'static AdapterKind {
        self.adapter.kind()
    }

    fn capabilities(&self) -> &Capabilities {
        self.adapter.capabilities()
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.adapter.ping(cx).await
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        broken_call!(self, cx, account, query, None)
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        broken_call!(self, cx, orders, query, Listing::Complete(Vec::new()))
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        broken_call!(self, cx, order, key, None)
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        broken_call!(self, cx, invoices, query, Listing::Complete(Vec::new()))
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        broken_call!(self, cx, invoice, key, None)
    }
}

#[derive(Default)]
struct Swallows;

#[async_trait]
impl Breakage for Swallows {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, nothing: T) -> Option<Result<T>> {
        Some(Ok(outcome.unwrap_or(nothing)))
    }
}

#[derive(Default)]
struct Remembers;

#[async_trait]
impl Breakage for Remembers {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, memory: Option<T>, _: T) -> Option<Result<T>> {
        Some(outcome.or_else(|error| memory.ok_or(error)))
    }
}

#[derive(Default)]
struct CallsEverythingUnavailable;

#[async_trait]
impl Breakage for CallsEverythingUnavailable {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, _: T) -> Option<Result<T>> {
        Some(outcome.map_err(|_| ErpError::new(ErrorKind::Unavailable, "something went wrong")))
    }
}

#[derive(Default)]
struct AsksForEver;

#[async_trait]
impl Breakage for AsksForEver {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, _: T) -> Option<Result<T>> {
        outcome.ok().map(Ok)
    }
}

#[derive(Default)]
struct CutsLists;

#[async_trait]
impl Breakage for CutsLists {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: empty_instead })
    }
}

#[derive(Default)]
struct DoesWithoutRecords;

#[async_trait]
impl Breakage for DoesWithoutRecords {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: no_record_instead })
    }
}

#[derive(Default)]
struct Repeats;

#[async_trait]
impl Breakage for Repeats {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: repeated })
    }
}

#[derive(Default)]
struct Believes;

#[async_trait]
impl Breakage for Believes {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: believed })
    }
}

type Outcomes = Result<http::Response<Bytes>>;

/// A transport whose outcomes are changed on the way, for the path that was asked.
struct Between {
    transport: Arc<dyn Transport>,
    after: fn(&str, Outcomes) -> Outcomes,
}

#[async_trait]
impl Transport for Between {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Outcomes {
        let path = request.uri().path().to_owned();
        (self.after)(&path, self.transport.send(cx, request).await)
    }
}

fn empty_instead(path: &str, outcome: Outcomes) -> Outcomes {
    let good = |answer: &http::Response<Bytes>| answer.status().is_success() && answer.body().starts_with(b"[");
    match outcome {
        outcome if !path.ends_with("/RetrieveInvoices") => outcome,
        Ok(answer) if good(&answer) => Ok(answer),
        _ => Ok(http::Response::new(Bytes::from_static(b"[]"))),
    }
}

fn no_record_instead(path: &str, outcome: Outcomes) -> Outcomes {
    match outcome {
        Ok(answer) if path.contains("/RetrieveCustomer") && !answer.status().is_success() => {
            Ok(http::Response::builder().status(404).body(Bytes::new()).unwrap())
        }
        outcome => outcome,
    }
}

fn repeated(_path: &str, outcome: Outcomes) -> Outcomes {
    let answer = outcome?;
    let kind = match answer.status().as_u16() {
        200..=299 => return Ok(answer),
        401 => ErrorKind::CredentialsRejected,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Misconfigured,
    };
    Err(ErpError::new(kind, format!("the ERP says {}", String::from_utf8_lossy(answer.body()))))
}

fn believed(_path: &str, outcome: Outcomes) -> Outcomes {
    let answer = outcome?;
    let seconds = answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse().ok());
    match seconds {
        None => Ok(answer),
        Some(seconds) => {
            let error = ErpError::new(ErrorKind::RateLimited, "slow down");
            Err(error.with_retry_after(Duration::from_secs(seconds)))
        }
    }
}

/// A transport that takes the first head for the answer's, knows no body but one with a length, keeps one connection for
/// ever, and minds a byte order mark.
#[derive(Default)]
struct Naive {
    kept: tokio::sync::Mutex<Option<TcpStream>>,
}

#[async_trait]
impl Breakage for Naive {
    fn transport(_transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Self::default())
    }
}

#[async_trait]
impl Transport for Naive {
    async fn send(&self, _cx: &CallContext, request: http::Request<Bytes>) -> Outcomes {
        let broke = |error: std::io::Error| ErpError::new(ErrorKind::Unavailable, "broken").with_source(error);
        let mut kept = self.kept.lock().await;
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => TcpStream::connect(request.uri().authority().unwrap().as_str()).await.map_err(broke)?,
        };
        let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri().path_and_query().unwrap());
        for (name, value) in request.headers() {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        text.push_str(&format!("Host: naive\r\nContent-Length: {}\r\n\r\n", request.body().len()));
        stream.write_all(text.as_bytes()).await.map_err(broke)?;
        stream.write_all(request.body()).await.map_err(broke)?;
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await.map_err(broke)? == 0 {
                return Err(ErpError::new(ErrorKind::Unavailable, "nothing came"));
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        while bytes.len() < end + 4 + length {
            if stream.read_buf(&mut bytes).await.map_err(broke)? == 0 {
                return Err(ErpError::new(ErrorKind::Unavailable, "cut"));
            }
        }
        let body = bytes[end + 4..end + 4 + length].to_vec();
        if body.starts_with("\u{FEFF}".as_bytes()) {
            return Err(ErpError::malformed("it does not begin as JSON"));
        }
        if !head.contains("connection: close") {
            *kept = Some(stream);
        }
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(http::Response::builder().status(status).body(body.into()).unwrap())
    }
}
