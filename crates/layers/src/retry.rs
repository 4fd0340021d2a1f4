use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use livegate_core::{CallContext, Erp, ErpError, ErrorKind, Query, Reply, Result, RetrySettings};

use crate::Observer;

/// Repeats a call that failed in a way that may pass. All calls are reads, so repeating one changes nothing in the ERP.
pub(crate) struct Retry {
    inner: Arc<dyn Erp>,
    waits: ExponentialBuilder,
    budget: Budget,
    observer: Arc<dyn Observer>,
}

impl Retry {
    pub(crate) fn new(inner: Arc<dyn Erp>, settings: &RetrySettings, observer: Arc<dyn Observer>) -> Self {
        let waits = ExponentialBuilder::default()
            .with_min_delay(settings.first_wait)
            .with_max_delay(settings.longest_wait)
            .with_max_times(settings.attempts.saturating_sub(1) as usize)
            .with_jitter();
        Self { inner, waits, budget: Budget::new(settings), observer }
    }

    /// How long to wait before asking again; `None` if that is not worth it.
    fn wait(&self, cx: &CallContext, error: &ErpError, waits: &mut impl Iterator<Item = Duration>) -> Option<Duration> {
        if !error.kind().is_transient() {
            return None;
        }
        let wait = waits.next()?;
        // The ERP knows best when it is ready, but "at once" from many callers would not help it.
        let wait = error.retry_after().map_or(wait, |asked| asked.max(wait));
        (wait < cx.remaining() && self.budget.withdraw()).then_some(wait)
    }
}

#[async_trait]
impl Erp for Retry {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        self.budget.deposit();
        let mut waits = self.waits.build();
        let mut before_this: Option<ErpError> = None;
        let mut failed = 0;
        loop {
            let error = match (self.inner.call(cx, query).await, before_this.take()) {
                (Ok(reply), _) => return Ok(Reply { attempts: reply.attempts + failed, ..reply }),
                // It did not come to the ERP any more: what the ERP did before tells more.
                (Err(error), Some(before))
                    if matches!(error.kind(), ErrorKind::CircuitOpen | ErrorKind::Overloaded) =>
                {
                    return Err(before);
                }
                (Err(error), _) => error,
            };
            let Some(wait) = self.wait(cx, &error, &mut waits) else { return Err(error) };
            failed += 1;
            before_this = Some(error);
            self.observer.retry(query.operation());
            tokio::time::sleep(wait).await;
        }
    }
}

/// What a connection may spend on repetitions, so that an ERP that is down is not asked a multiple of what callers ask: at
/// most a part of the recent calls, and a reserve for a connection that is seldom asked. In hundredths of a repetition.
struct Budget {
    in_hand: Mutex<u64>,
    per_call: u64,
    most: u64,
}

/// What one repetition costs.
const REPETITION: u64 = 100;

impl Budget {
    fn new(settings: &RetrySettings) -> Self {
        let reserve = u64::from(settings.budget_reserve) * REPETITION;
        let per_call = u64::from(settings.budget_percent);
        // Without a reserve, what calls add must be able to grow to one repetition.
        Self { in_hand: Mutex::new(reserve), per_call, most: reserve.max(REPETITION) }
    }

    fn deposit(&self) {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        *in_hand = (*in_hand + self.per_call).min(self.most);
    }

    fn withdraw(&self) -> bool {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let left = in_hand.checked_sub(REPETITION);
        *in_hand = left.unwrap_or(*in_hand);
        left.is_some()
    }
}
