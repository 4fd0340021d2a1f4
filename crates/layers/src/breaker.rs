use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{BreakerSettings, CallContext, Erp, ErpError, ErrorKind, Query, Reply, Result};
use tokio::time::Instant;

use crate::{BreakerState, Observer};

/// Spares an ERP that fails, and its callers the wait: calls are refused for a while, then one at a time may try.
pub(crate) struct Breaker {
    inner: Arc<dyn Erp>,
    settings: BreakerSettings,
    desk: Mutex<Desk>,
    observer: Arc<dyn Observer>,
}

struct Desk {
    phase: Phase,
    /// The pause that the next failed try leads to.
    next_pause: Duration,
    /// Grows with every change of phase. A call that began before the last one tells nothing about now.
    era: u64,
}

enum Phase {
    Closed(Record),
    /// One call may try from this moment on.
    Open(Instant),
    /// One call tries.
    Probing,
}

impl Breaker {
    pub(crate) fn new(inner: Arc<dyn Erp>, settings: &BreakerSettings, observer: Arc<dyn Observer>) -> Self {
        let desk = Desk { phase: Phase::Closed(Record::default()), next_pause: settings.pause, era: 0 };
        Self { inner, settings: *settings, desk: Mutex::new(desk), observer }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self) -> Result<Lease<'_>> {
        let mut desk = self.desk();
        match desk.phase {
            Phase::Closed(_) => Ok(Lease { breaker: self, era: desk.era, is_probe: false }),
            Phase::Open(until) if Instant::now() < until => Err(paused(until - Instant::now())),
            Phase::Open(_) => {
                self.turn(&mut desk, Phase::Probing);
                Ok(Lease { breaker: self, era: desk.era, is_probe: true })
            }
            Phase::Probing => Err(paused(self.settings.pause)),
        }
    }

    fn turn(&self, desk: &mut Desk, phase: Phase) {
        desk.phase = phase;
        desk.era += 1;
        self.observer.breaker(match desk.phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open(_) => BreakerState::Open,
            Phase::Probing => BreakerState::Probing,
        });
    }

    fn open(&self, desk: &mut Desk, kind: ErrorKind) {
        let pause = desk.next_pause;
        desk.next_pause = pause.saturating_mul(2).min(self.settings.longest_pause).max(pause);
        tracing::warn!(%kind, pause_ms = pause.as_millis(), "the ERP keeps failing: its calls are paused");
        self.turn(desk, Phase::Open(Instant::now() + pause));
    }

    /// Nothing was learnt, so the next caller may try.
    fn open_again(&self, desk: &mut Desk) {
        self.turn(desk, Phase::Open(Instant::now()));
    }

    /// Learns from one call of this era.
    fn learn(&self, desk: &mut Desk, query: &Query, verdict: Verdict) {
        match (&mut desk.phase, verdict) {
            (Phase::Closed(record), Verdict::Answered) => record.answered(&self.settings),
            (Phase::Closed(record), Verdict::Failed(kind)) => {
                record.failed(&self.settings, fingerprint(query));
                if record.is_too_bad(&self.settings) {
                    self.open(desk, kind);
                }
            }
            (Phase::Probing, Verdict::Answered) => {
                tracing::info!("the ERP answers again: its calls go on");
                desk.next_pause = self.settings.pause;
                self.turn(desk, Phase::Closed(Record::default()));
            }
            (Phase::Probing, Verdict::Failed(kind)) => self.open(desk, kind),
            (Phase::Probing, Verdict::Nothing) => self.open_again(desk),
            (Phase::Closed(_), Verdict::Nothing) | (Phase::Open(_), _) => {}
        }
    }
}

#[async_trait]
impl Erp for Breaker {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let lease = self.admit()?;
        let outcome = self.inner.call(cx, query).await;
        lease.settle(query, &outcome);
        outcome
    }
}

/// The right to one call. A try that ends without an outcome, because it was dropped or panicked, gives it back.
struct Lease<'a> {
    breaker: &'a Breaker,
    era: u64,
    is_probe: bool,
}

impl Lease<'_> {
    fn settle(mut self, query: &Query, outcome: &Result<Reply>) {
        let mut desk = self.breaker.desk();
        if desk.era == self.era {
            self.breaker.learn(&mut desk, query, Verdict::of(outcome));
        }
        self.is_probe = false;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // Nobody else ends a try, so it is still under way.
        if self.is_probe {
            self.breaker.open_again(&mut self.breaker.desk());
        }
    }
}

/// What one call tells about the ERP's health.
enum Verdict {
    Answered,
    Failed(ErrorKind),
    /// It never came to the ERP, or the failure is ours.
    Nothing,
}

impl Verdict {
    fn of(outcome: &Result<Reply>) -> Self {
        match outcome.as_ref().map_err(ErpError::kind) {
            Err(kind) if kind.trips_breaker() => Self::Failed(kind),
            Err(ErrorKind::Internal | ErrorKind::Overloaded | ErrorKind::CircuitOpen) => Self::Nothing,
            // An ERP that refuses, limits or talks nonsense is there.
            Ok(_) | Err(_) => Self::Answered,
        }
    }
}

/// What the calls brought since the breaker closed.
#[derive(Default)]
struct Record {
    in_a_row: u32,
    row: Questions,
    /// The newest last; each covers a tenth of the window.
    slices: VecDeque<Slice>,
}

struct Slice {
    began: Instant,
    calls: u32,
    failures: u32,
    failing: Questions,
}

const SLICES: u32 = 10;

impl Record {
    fn answered(&mut self, settings: &BreakerSettings) {
        self.in_a_row = 0;
        self.row = Questions::default();
        self.slice(settings).calls += 1;
    }

    fn failed(&mut self, settings: &BreakerSettings, question: u64) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.row.note(question, settings.different_questions);
        let slice = self.slice(settings);
        slice.calls += 1;
        slice.failures += 1;
        slice.failing.note(question, settings.different_questions);
    }

    fn slice(&mut self, settings: &BreakerSettings) -> &mut Slice {
        let now = Instant::now();
        while self.slices.front().is_some_and(|oldest| now - oldest.began >= settings.window) {
            self.slices.pop_front();
        }
        if self.slices.back().is_none_or(|newest| now - newest.began >= settings.window / SLICES) {
            self.slices.push_back(Slice { began: now, calls: 0, failures: 0, failing: Questions::default() });
        }
        self.slices.back_mut().expect("one was put there if there was none")
    }

    fn is_too_bad(&self, settings: &BreakerSettings) -> bool {
        let different = |questions: &Questions| questions.0.len() >= settings.different_questions as usize;
        if self.in_a_row >= settings.failures_in_a_row && different(&self.row) {
            return true;
        }
        let (mut calls, mut failures, mut failing) = (0_u64, 0_u64, Questions::default());
        for slice in &self.slices {
            calls += u64::from(slice.calls);
            failures += u64::from(slice.failures);
            for question in &slice.failing.0 {
                failing.note(*question, settings.different_questions);
            }
        }
        let share_fails = failures * 100 >= calls * u64::from(settings.failing_percent);
        calls >= u64::from(settings.calls) && share_fails && different(&failing)
    }
}

/// Different questions, as many as it takes.
#[derive(Default)]
struct Questions(Vec<u64>);

impl Questions {
    fn note(&mut self, question: u64, enough: u32) {
        if self.0.len() < enough as usize && !self.0.contains(&question) {
            self.0.push(question);
        }
    }
}

fn fingerprint(query: &Query) -> u64 {
    let mut hasher = DefaultHasher::new();
    query.hash(&mut hasher);
    hasher.finish()
}

/// How long is told apart from the message, so that equal events read the same.
fn paused(left: Duration) -> ErpError {
    // In whole seconds, of which none would invite to come back at once.
    let left = Duration::from_secs(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1));
    ErpError::new(ErrorKind::CircuitOpen, "the ERP kept failing, so its calls are paused; try again later")
        .with_retry_after(left)
}
