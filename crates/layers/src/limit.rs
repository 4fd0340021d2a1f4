use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{CallContext, Erp, ErpError, ErrorKind, LimitSettings, Query, Reply, Result};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

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
    /// How long an answer of the ERP takes of late, in microseconds: each one counts for an eighth.
    usual: AtomicU64,
    observer: Arc<dyn Observer>,
}

impl Limit {
    pub(crate) fn new(inner: Arc<dyn Erp>, settings: &LimitSettings, observer: Arc<dyn Observer>) -> Self {
        let concurrency = settings.concurrency.unwrap_or(CONCURRENCY).max(1) as usize;
        let places = Semaphore::new(concurrency);
        let queue = settings.queue as usize;
        Self { inner, places, concurrency, queue, waiting: AtomicUsize::new(0), usual: AtomicU64::new(0), observer }
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
            // Who came too late for an answer would only trouble the ERP, and take the place from those behind.
            Ok(Ok(place)) if cx.remaining() > self.usual() => Ok(place),
            Ok(Err(_closed)) => Err(ErpError::internal("a connection's places are never taken away")),
            Ok(Ok(_)) | Err(_) => Err(self.always_full()),
        }
    }

    fn usual(&self) -> Duration {
        Duration::from_micros(self.usual.load(Ordering::Relaxed))
    }

    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let learn = |usual: u64| Some(if usual == 0 { took } else { usual - usual / 8 + took / 8 });
        let _ = self.usual.fetch_update(Ordering::Relaxed, Ordering::Relaxed, learn);
    }

    fn always_full(&self) -> ErpError {
        overloaded(format!("{} calls to the ERP are under way all the time", self.concurrency))
    }

    fn told(&self) {
        let running = self.concurrency - self.places.available_permits();
        self.observer.load(running, self.waiting.load(Ordering::Relaxed));
    }
}

#[async_trait]
impl Erp for Limit {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let came = Instant::now();
        let place = self.place(cx).await?;
        let (waited, left) = (came.elapsed(), cx.remaining());
        let running = Running { limit: self, place: Some(place) };
        self.told();
        let began = Instant::now();
        let outcome = self.inner.call(cx, query).await;
        drop(running);
        match outcome {
            Ok(reply) => {
                self.note(began.elapsed());
                Ok(reply)
            }
            // Most of its time went by in the queue, so this tells nothing about the ERP.
            Err(error) if error.kind() == ErrorKind::Timeout && left < waited => Err(self.always_full()),
            Err(error) => Err(error),
        }
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
