//! A connection whose ERP answers at once, from memory.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use livegate_adapter_dockmaster::KIND;
use livegate_core::{
    Answer, BreakerSettings, CacheSettings, CallContext, Connection, Erp, ErpAdapter, LimitSettings, Operation, Query,
    Reply, Result, RetrySettings, Settings, Transport,
};
use livegate_http::Format;
use livegate_layers::{AnswerStore, Observer, StackSettings, Stacked, Tidy, stack};
use livegate_live::{Plan, Rules, plan, tidy};
use tokio::runtime::Runtime;

use super::answers;

/// Long enough for every measurement, also under an emulator.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// One dealer's connection, whose A/R inquiry always brings the same body.
pub struct Dealer {
    runtime: Runtime,
    erp: Arc<dyn ErpAdapter>,
    rules: Rules,
    cx: CallContext,
    now: Timestamp,
}

impl Dealer {
    pub fn new(format: Format, body: Bytes) -> Self {
        let texts =
            [("base_url", "http://dealer.example/"), ("format", if format == Format::Xml { "xml" } else { "json" })];
        let settings = Settings::from_texts(KIND.fields, texts).expect("these are fields of the form");
        let transport = Arc::new(Memory { body });
        let connection = Connection { settings, transport, document_cap: 10_000 };
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().expect("it needs nothing"),
            erp: (KIND.connect)(connection).expect("the settings are complete"),
            rules: Rules::default(),
            cx: CallContext::new("bench", LONG),
            now: "2026-04-01T12:00:00Z".parse().expect("it is a point in time"),
        }
    }

    /// The dealer of an answer with so many invoices.
    pub fn with_invoices(format: Format, invoices: usize) -> Self {
        Self::new(format, if format == Format::Xml { answers::xml(invoices) } else { answers::json(invoices) })
    }

    /// Understands the request for one page of the invoices.
    pub fn plan(&self, page: &[u8]) -> Plan {
        plan(Operation::Invoices, page, &self.rules, self.erp.capabilities()).expect("the request is a good one")
    }

    /// Asks the ERP and decodes what it says.
    pub fn ask(&self, query: &Query) -> Answer {
        let reply = self.runtime.block_on(self.erp.call(&self.cx, query)).expect("the answer is as documented");
        Arc::into_inner(reply.answer).expect("nobody else was given the answer")
    }

    /// Brings the answer in order.
    pub fn tidy(&self, query: &Query, answer: Answer) -> Answer {
        tidy(&self.rules, self.erp.capabilities(), query, answer)
    }

    /// Writes the response.
    pub fn respond(&self, plan: &Plan, answer: &Answer) -> Vec<u8> {
        plan.respond(answer, self.now).expect("the answer fits the question")
    }

    /// The whole way, from the bytes of the request through those of the ERP to those of the response.
    pub fn live(&self, page: &[u8]) -> Vec<u8> {
        let plan = self.plan(page);
        let answer = self.tidy(plan.query(), self.ask(plan.query()));
        self.respond(&plan, &answer)
    }

    /// The connection in its layers, whose cache keeps every answer.
    pub fn in_layers(self) -> Layered {
        let (rules, capabilities) = (self.rules, self.erp.capabilities().clone());
        let offered = capabilities.clone();
        let settings = StackSettings {
            cache: CacheSettings { ttl: LONG, ..CacheSettings::default() },
            retry: RetrySettings::default(),
            breaker: BreakerSettings::default(),
            limit: LimitSettings::default(),
            deadline: LONG,
            runtime: self.runtime.handle().clone(),
        };
        let in_order: Tidy = Arc::new(move |query, answer| Ok(tidy(&rules, &capabilities, query, answer)));
        let store = AnswerStore::default();
        let Stacked { erp, .. } = stack(self.erp, &offered, in_order, &store, &settings, Arc::new(Silent));
        Layered { runtime: self.runtime, erp, cx: self.cx, _store: store }
    }
}

/// A connection in its layers.
pub struct Layered {
    runtime: Runtime,
    erp: Arc<dyn Erp>,
    cx: CallContext,
    _store: AnswerStore,
}

impl Layered {
    /// Asks as the gateway does.
    pub fn call(&self, query: &Query) -> Reply {
        self.runtime.block_on(self.erp.call(&self.cx, query)).expect("the answer is as documented")
    }
}

struct Silent;

impl Observer for Silent {
    fn request(&self, _: &CallContext, _: Operation, _: &Result<Reply>, _: Duration) {}

    fn attempt(&self, _: &CallContext, _: Operation, _: &Result<Reply>, _: Duration) {}
}

struct Memory {
    body: Bytes,
}

#[async_trait]
impl Transport for Memory {
    async fn send(&self, _cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        // Without customer records, which the adapter remembers, each call takes one answer: the one that is measured.
        let found = request.uri().path().ends_with("/CustomerARInquiry");
        let (status, body) = if found { (200, self.body.clone()) } else { (404, Bytes::new()) };
        Ok(http::Response::builder().status(status).body(body).expect("these are statuses"))
    }
}
