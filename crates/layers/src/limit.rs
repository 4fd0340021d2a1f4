use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{CallContext, Erp, ErpError, ErrorKind, LimitSettings, Query, Reply, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Observer;

/// When a refused caller may try again: a place is free as soon as any call ends.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// How many calls an ERP gets at once of which nothing else is known.
const CONCURRENCY: u32 = 16;

/// Lets in as many calls as the ERP bears and keeps the others waiting in the order in which they came, each until its
/// own deadline.
pub(crate) struct Limit {
    inner: Arc<dyn Erp>,
    places: Semaphore,
    concurrency: usize,
    queue: usize,
    waiting: AtomicUsize,
    observer: Arc<dyn Observer>,
}

impl Limit {
    pub(crate) fn new(inner: Arc<dyn Erp>, settings: &LimitSettings, observer: Arc<dyn Observer>) -> Self {
        let concurrency = settings.concurrency.unwrap_or(CONCURRENCY).max(1) as usize;
        let places = Semaphore::new(concurrency);
        Self { inner, places, concurrency, queue: settings.queue as usize, waiting: AtomicUsize::new(0), observer }
    }

    async fn place(&self, cx: &CallContext) -> Result<SemaphorePermit<'_>> {
        // It passes nobody: a place that becomes free goes to those who wait before it is free for others.
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let turn = Turn::after(self).ok_or_else(|| {
            overloaded(format!("{} calls to the ERP are under way and {} wait", self.concurrency, self.queue))
        })?;
        let place = tokio::time::timeout_at(cx.deadline, self.places.acquire()).await;
        drop(turn);
        match place {
            // A place that comes with the deadline would only trouble the ERP.
            Ok(Ok(place)) if !cx.remaining().is_zero() => Ok(place),
            Ok(Err(_closed)) => Err(ErpError::internal("a connection's places are never taken away")),
            Ok(Ok(_)) | Err(_) => {
                Err(overloaded(format!("{} calls to the ERP are under way all the time", self.concurrency)))
            }
        }
    }

    fn told(&self) {
        let running = self.concurrency - self.places.available_permits();
        self.observer.load(running, self.waiting.load(Ordering::Relaxed));
    }
}

#[async_trait]
impl Erp for Limit {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let place = self.place(cx).await?;
        let running = Running { limit: self, place: Some(place) };
        self.told();
        let outcome = self.inner.call(cx, query).await;
        drop(running);
        outcome
    }
}

/// One call under way, which may be dropped at any time.
struct Running<'a> {
    limit: &'a Limit,
    place: Option<SemaphorePermit<'a>>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.place = None;
        self.limit.told();
    }
}

/// One caller in the queue, who may go away at any time.
struct Turn<'a>(&'a Limit);

impl<'a> Turn<'a> {
    fn after(limit: &'a Limit) -> Option<Self> {
        let before = limit.waiting.fetch_add(1, Ordering::Relaxed);
        let turn = Self(limit);
        limit.told();
        (before < limit.queue).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.told();
    }
}

fn overloaded(why: String) -> ErpError {
    let message = format!("{why}; try again, or raise [limits] concurrency if the ERP bears more");
    ErpError::new(ErrorKind::Overloaded, message).with_retry_after(TRY_AGAIN)
}
