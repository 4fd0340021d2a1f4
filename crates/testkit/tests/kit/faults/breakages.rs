//! Ways to be broken, each around a sound adapter or around its transport.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use livegate_adapter_dockmaster::KIND;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, DocumentKey, ErpAdapter, ErpError,
    ErrorKind, Invoice, InvoiceSummary, InvoicesQuery, Listing, Order, OrderSummary, OrdersQuery, Result, Transport,
};
use livegate_testkit::Subject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The adapter behind `subject`, broken in one way.
pub(super) fn broken<B: Breakage>(subject: Subject) -> Subject {
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
pub(super) trait Breakage: Default + Send + Sync + 'static {
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
pub(super) struct Swallows;

#[async_trait]
impl Breakage for Swallows {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, nothing: T) -> Option<Result<T>> {
        Some(Ok(outcome.unwrap_or(nothing)))
    }
}

#[derive(Default)]
pub(super) struct Remembers;

#[async_trait]
impl Breakage for Remembers {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, memory: Option<T>, _: T) -> Option<Result<T>> {
        Some(outcome.or_else(|error| memory.ok_or(error)))
    }
}

#[derive(Default)]
pub(super) struct CallsEverythingUnavailable;

#[async_trait]
impl Breakage for CallsEverythingUnavailable {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, _: T) -> Option<Result<T>> {
        Some(outcome.map_err(|_| ErpError::new(ErrorKind::Unavailable, "something went wrong")))
    }
}

#[derive(Default)]
pub(super) struct AsksForEver;

#[async_trait]
impl Breakage for AsksForEver {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, _: T) -> Option<Result<T>> {
        outcome.ok().map(Ok)
    }
}

#[derive(Default)]
pub(super) struct CutsLists;

#[async_trait]
impl Breakage for CutsLists {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: empty_instead })
    }
}

#[derive(Default)]
pub(super) struct DoesWithoutRecords;

#[async_trait]
impl Breakage for DoesWithoutRecords {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: no_record_instead })
    }
}

#[derive(Default)]
pub(super) struct Repeats;

#[async_trait]
impl Breakage for Repeats {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: repeated })
    }
}

#[derive(Default)]
pub(super) struct Believes;

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

#[derive(Default)]
pub(super) struct MakesUp;

#[async_trait]
impl Breakage for MakesUp {
    async fn after<T: Clone + Send + Sync>(&self, outcome: Result<T>, _: Option<T>, _: T) -> Option<Result<T>> {
        Some(outcome.map_err(|error| error.with_retry_after(Duration::from_secs(5))))
    }
}

#[derive(Default)]
pub(super) struct RepeatsBodies;

#[async_trait]
impl Breakage for RepeatsBodies {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Between { transport, after: repeated_unread })
    }
}

fn repeated_unread(_path: &str, outcome: Outcomes) -> Outcomes {
    let answer = outcome?;
    match serde_json::from_slice::<serde_json::Value>(answer.body()) {
        Ok(_) => Ok(answer),
        Err(_) => Err(ErpError::malformed(format!("this is no JSON: {}", String::from_utf8_lossy(answer.body())))),
    }
}

/// A transport that does more with requests than to send them once.
struct Busy {
    transport: Arc<dyn Transport>,
    how: How,
    kept: Mutex<Vec<(http::Uri, Bytes)>>,
}

enum How {
    TellSecrets,
    Follow,
    Keep,
}

#[async_trait]
impl Transport for Busy {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Outcomes {
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        if let How::Keep = self.how {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, body)) = kept.iter().find(|(kept, _)| *kept == uri) {
                return Ok(http::Response::new(body.clone()));
            }
        }
        let answer = self.transport.send(cx, request).await?;
        match self.how {
            How::Keep => self.kept.lock().unwrap_or_else(PoisonError::into_inner).push((uri, answer.body().clone())),
            How::Follow => {
                if let Some(location) = answer.headers().get("location") {
                    let place = format!("http://{}{}", uri.authority().unwrap(), location.to_str().unwrap());
                    let request = http::Request::builder().uri(place).body(Bytes::new()).unwrap();
                    return self.transport.send(cx, request).await;
                }
            }
            How::TellSecrets if answer.status() == 403 => {
                let sent = headers["authorization"].to_str().unwrap();
                return Err(ErpError::new(ErrorKind::PermissionDenied, format!("{sent} lacks a right")));
            }
            How::TellSecrets => {}
        }
        Ok(answer)
    }
}

fn busy(transport: Arc<dyn Transport>, how: How) -> Arc<dyn Transport> {
    Arc::new(Busy { transport, how, kept: Mutex::default() })
}

#[derive(Default)]
pub(super) struct TellsSecrets;

#[async_trait]
impl Breakage for TellsSecrets {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        busy(transport, How::TellSecrets)
    }
}

#[derive(Default)]
pub(super) struct Follows;

#[async_trait]
impl Breakage for Follows {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        busy(transport, How::Follow)
    }
}

#[derive(Default)]
pub(super) struct Keeps;

#[async_trait]
impl Breakage for Keeps {
    fn transport(transport: Arc<dyn Transport>) -> Arc<dyn Transport> {
        busy(transport, How::Keep)
    }
}

/// A transport that takes the first head for the answer's, knows no body but one with a length, keeps one connection for
/// ever, and minds a byte order mark.
#[derive(Default)]
pub(super) struct Naive {
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
