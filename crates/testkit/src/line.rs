use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use livegate_core::{
    Answer, BreakerSettings, CacheSettings, CallContext, Capabilities, Erp, ErpAdapter, ErpError, ErrorKind,
    LimitSettings, Operation, Query, Reply, RetrySettings,
};
use livegate_layers::{AnswerStore, Observer, StackSettings, stack};
use livegate_live::{RequestError, Rules, plan, tidy};
use tokio::runtime::Handle;

use crate::json::Json;

/// How long one call may take. Nothing waits for it: it only keeps a hanging adapter from hanging the suite.
const BUDGET: Duration = Duration::from_secs(20);

/// A connection as the gateway uses it, so that a check asks as a webstore would and need not know whether the layers
/// stand between.
pub(crate) struct Line {
    pub(crate) adapter: Arc<dyn ErpAdapter>,
    /// The layers; `None` for the adapter with nothing but the Live rules.
    layers: Option<Arc<dyn Erp>>,
    capabilities: Capabilities,
    rules: Rules,
    spoil: Spoil,
    budget: Duration,
}

/// What is done to requests and answers on the way, to prove that the suite would see it. Everybody else leaves them as
/// they are.
#[derive(Clone, Copy)]
pub struct Spoil {
    /// Changes a request's body before it is read.
    pub request: fn(Operation, Vec<u8>) -> Vec<u8>,
    /// Changes an answer's body before it is looked at.
    pub answer: fn(Operation, Vec<u8>) -> Vec<u8>,
}

impl Spoil {
    /// Nothing is changed.
    pub const NOTHING: Self = Self { request: |_, body| body, answer: |_, body| body };
}

/// Why a webstore gets no answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The request is rejected before anything reaches the ERP.
    Request(RequestError),
    /// The call fails.
    Call(ErpError),
}

impl Line {
    /// The adapter under the Live rules, and under the layers too if `stacked`; flights then run on the runtime that this
    /// is called on.
    pub(crate) fn new(adapter: Arc<dyn ErpAdapter>, zone: &str, stacked: bool) -> Self {
        let time_zone = TimeZone::get(zone).expect("the kit names zones that exist");
        let rules = Rules { time_zone, ..Rules::default() };
        let capabilities = adapter.capabilities().clone();
        let layers = stacked.then(|| layered(&adapter, &capabilities, &rules));
        Self { adapter, layers, capabilities, rules, spoil: Spoil::NOTHING, budget: BUDGET }
    }

    pub(crate) fn spoiled(self, spoil: Spoil) -> Self {
        Self { spoil, ..self }
    }

    /// With so much time for each call.
    pub(crate) fn within(self, budget: Duration) -> Self {
        Self { budget, ..self }
    }

    /// What a webstore gets for this body.
    pub(crate) async fn ask(&self, operation: Operation, body: &[u8]) -> Result<Json, Refusal> {
        let body = (self.spoil.request)(operation, body.to_vec());
        let plan = plan(operation, &body, &self.rules, &self.capabilities).map_err(Refusal::Request)?;
        let answer = self.call(plan.query()).await.map_err(Refusal::Call)?;
        let bytes = plan.respond(&answer, Timestamp::now()).map_err(Refusal::Call)?;
        let bytes = (self.spoil.answer)(operation, bytes);
        Json::read(&bytes).map_err(|problem| Refusal::Call(ErpError::internal(problem)))
    }

    /// What is answered to a question that is already understood, tidied: owned, distinct, sorted.
    pub(crate) async fn call(&self, query: &Query) -> Result<Arc<Answer>, ErpError> {
        let cx = self.context();
        if let Some(layers) = &self.layers {
            return layers.call(&cx, query).await.map(|reply| reply.answer);
        }
        let call = tokio::time::timeout_at(cx.deadline, self.adapter.call(&cx, query));
        let late = || ErpError::new(ErrorKind::Timeout, "the adapter did not answer within the call's deadline");
        let reply = call.await.unwrap_or_else(|_| Err(late()))?;
        Ok(Arc::new(tidy(&self.rules, &self.capabilities, query, Arc::unwrap_or_clone(reply.answer))))
    }

    pub(crate) fn context(&self) -> CallContext {
        CallContext::new("conformance", self.budget)
    }

    /// What the connection said of itself when it was made.
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// As the gateway does it.
fn layered(adapter: &Arc<dyn ErpAdapter>, capabilities: &Capabilities, rules: &Rules) -> Arc<dyn Erp> {
    let put_in_order = {
        let (rules, capabilities) = (rules.clone(), capabilities.clone());
        Arc::new(move |query: &Query, answer| Ok(tidy(&rules, &capabilities, query, answer)))
    };
    let settings = StackSettings {
        cache: CacheSettings::default(),
        retry: RetrySettings::default(),
        breaker: BreakerSettings::default(),
        limit: LimitSettings::default(),
        deadline: BUDGET,
        runtime: Handle::current(),
    };
    let erp = Arc::clone(adapter) as Arc<dyn Erp>;
    stack(erp, capabilities, put_in_order, &AnswerStore::default(), &settings, Arc::new(Unobserved)).erp
}

struct Unobserved;

impl Observer for Unobserved {
    fn request(
        &self,
        _cx: &CallContext,
        _operation: Operation,
        _outcome: &livegate_core::Result<Reply>,
        _took: Duration,
    ) {
    }

    fn attempt(
        &self,
        _cx: &CallContext,
        _operation: Operation,
        _outcome: &livegate_core::Result<Reply>,
        _took: Duration,
    ) {
    }
}

impl Refusal {
    /// The kind of the error; a rejected request is `invalid_query` too.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(_) => ErrorKind::InvalidQuery,
            Self::Call(error) => error.kind(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(f, "{}: {}", error.code, error.detail),
            Self::Call(error) => {
                write!(f, "{error}")?;
                let causes = error.causes();
                if causes.is_empty() { Ok(()) } else { write!(f, " ({causes})") }
            }
        }
    }
}
