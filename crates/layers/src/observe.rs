use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{CallContext, Erp, ErpError, Operation, Query, Reply, Result};
use tokio::time::Instant;

use crate::timeout::timed_out;

/// Is told how every call ended, for metrics. It is called on the call's own path, so it must not block.
pub trait Observer: Send + Sync {
    /// What a caller got and how long it waited. A caller that goes away before its answer is not told.
    fn request(&self, cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration);

    /// What one attempt at the ERP brought and how long it took. One that was cut at its deadline is a `timeout`, one
    /// that panicked `internal`.
    fn attempt(&self, cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration);

    /// A call that failed is about to be repeated.
    fn retry(&self, _operation: Operation) {}

    /// The breaker changed its state.
    fn breaker(&self, _state: BreakerState) {}

    /// How many calls to the ERP are under way and how many wait for their turn now.
    fn load(&self, _running: usize, _waiting: usize) {}
}

/// Whether a connection's calls go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They do.
    Closed,
    /// None does: the ERP kept failing.
    Open,
    /// One does, to see whether the ERP is back.
    Probing,
}

/// Tells the observer how the calls through this point end.
pub(crate) struct Observe {
    inner: Arc<dyn Erp>,
    observer: Arc<dyn Observer>,
    point: Point,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Point {
    Request,
    Attempt,
}

impl Observe {
    pub(crate) fn requests(inner: Arc<dyn Erp>, observer: Arc<dyn Observer>) -> Self {
        Self { inner, observer, point: Point::Request }
    }

    pub(crate) fn attempts(inner: Arc<dyn Erp>, observer: Arc<dyn Observer>) -> Self {
        Self { inner, observer, point: Point::Attempt }
    }
}

#[async_trait]
impl Erp for Observe {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let mut watch = Watch { layer: self, cx, operation: query.operation(), began: Instant::now(), told: false };
        let outcome = self.inner.call(cx, query).await;
        watch.tell(&outcome);
        outcome
    }
}

/// One call under observation. The timeout around an attempt ends it by dropping it, so its end is told on drop.
struct Watch<'a> {
    layer: &'a Observe,
    cx: &'a CallContext,
    operation: Operation,
    began: Instant,
    told: bool,
}

impl Watch<'_> {
    fn tell(&mut self, outcome: &Result<Reply>) {
        let (observer, took) = (&self.layer.observer, self.began.elapsed());
        self.told = true;
        match self.layer.point {
            Point::Request => observer.request(self.cx, self.operation, outcome, took),
            Point::Attempt => observer.attempt(self.cx, self.operation, outcome, took),
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.told && self.layer.point == Point::Attempt {
            let panicked = std::thread::panicking();
            self.tell(&Err(if panicked { ErpError::internal("the attempt panicked") } else { timed_out() }));
        }
    }
}
