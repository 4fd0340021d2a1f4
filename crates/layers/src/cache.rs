use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{CacheOutcome, CallContext, Erp, ErpError, ErrorKind, Freshness, Query, Reply, Result};
use tokio::time::Instant;

use crate::flight::{Flight, Flights, Landing, Ready};
use crate::store::Fetched;
use crate::timeout::timed_out;
use crate::windows::Window;
use crate::{AnswerStore, StackSettings};

/// How many flights one caller takes part in at the most, however often those panic that others began.
const FLIGHTS_PER_CALL: u32 = 3;

/// How long after its caller's deadline a flight may land that ends with it, so that the caller is told by the flight why
/// there is no answer.
const LAST_WORD: Duration = Duration::from_millis(20);

/// Serves kept answers while they are of use, and lets equal questions share one flight to the ERP.
pub(crate) struct Cache {
    flights: Arc<Flights>,
}

/// The answers that are kept for one connection. Holding it keeps the connection's layers alive.
#[derive(Clone)]
pub struct KeptAnswers(Arc<Flights>);

impl KeptAnswers {
    /// Forgets every answer to a question that `which` names, and tells how many there were. A call to the ERP that began
    /// before still answers those who wait for it, but it brings none of them back.
    pub fn purge(&self, which: impl Fn(&Query) -> bool) -> usize {
        self.0.purge(&which)
    }
}

enum Found {
    Kept(Reply),
    UnderWay(Flight),
    Begun(Flight),
}

impl Cache {
    pub(crate) fn new(inner: Arc<dyn Erp>, store: &AnswerStore, settings: &StackSettings) -> Self {
        Self { flights: Arc::new(Flights::new(inner, store, settings)) }
    }

    pub(crate) fn kept(&self) -> KeptAnswers {
        KeptAnswers(Arc::clone(&self.flights))
    }

    fn find(&self, cx: &CallContext, query: &Query) -> Found {
        let (found, begun) = self.look(cx, query);
        if let Some(ready) = begun {
            ready.set_off();
        }
        found
    }

    /// What there is for the question, and the flight that is to set off for it.
    fn look(&self, cx: &CallContext, query: &Query) -> (Found, Option<Ready>) {
        let mut desk = self.flights.desk();
        let now = Instant::now();
        if let Some(fetched) = desk.shelf.get(query, now)
            && accepts(cx.freshness, fetched.greatest_age(now))
        {
            let window = fetched.window(now);
            let refreshes = window == Window::Revalidate && !desk.under_way.contains_key(query);
            let begun = refreshes.then(|| self.flights.begin(&mut desk, cx, query).1);
            if window != Window::IfError {
                return (Found::Kept(kept(&fetched, now)), begun);
            }
        }
        match desk.under_way.get(query) {
            // What a flight brings may be as old as its begin.
            Some(flight) if accepts(cx.freshness, now.saturating_duration_since(flight.began)) => {
                (Found::UnderWay(flight.clone()), None)
            }
            _ => {
                let (flight, ready) = self.flights.begin(&mut desk, cx, query);
                (Found::Begun(flight), Some(ready))
            }
        }
    }

    /// The kept answer that stands in for a failed call.
    fn instead(&self, cx: &CallContext, query: &Query, error: &ErpError) -> Option<Reply> {
        if !error.kind().may_be_answered_stale() {
            return None;
        }
        let mut desk = self.flights.desk();
        let now = Instant::now();
        let fetched = desk.shelf.get(query, now)?;
        accepts(cx.freshness, fetched.greatest_age(now)).then(|| kept(&fetched, now))
    }
}

#[async_trait]
impl Erp for Cache {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let mut flights = 0;
        loop {
            flights += 1;
            let (flight, leads) = match self.find(cx, query) {
                Found::Kept(reply) => return Ok(reply),
                Found::UnderWay(flight) => (flight, false),
                Found::Begun(flight) => (flight, true),
            };
            let ends_with_caller = flight.began + self.flights.budget() <= cx.deadline + LAST_WORD;
            let until = cx.deadline + if ends_with_caller { LAST_WORD * 2 } else { Duration::ZERO };
            let Ok(landing) = tokio::time::timeout_at(until, flight.landing()).await else {
                let error = timed_out();
                return self.instead(cx, query, &error).ok_or(error);
            };
            let (error, another) = match landing {
                Some(Landing::Answered { fetched, stored }) => {
                    return Ok(fetched.reply(match (leads, cx.freshness) {
                        (false, _) => CacheOutcome::Collapsed { age: fetched.age(Instant::now()) },
                        (true, Freshness::NoCache) => CacheOutcome::Requested { stored },
                        (true, _) => CacheOutcome::Miss { stored },
                    }));
                }
                Some(Landing::Failed(error)) => {
                    // The flight's time was up, or too short for a turn or another attempt, not that of a caller who
                    // came late to it. Such a caller asks once more if that is worth it; further flights would only
                    // burden an ERP that is slow.
                    let part = self.flights.budget() / 4;
                    let worth_it = flights == 1 && cx.remaining() >= part;
                    let (was_late, kind) = (flight.began.elapsed() >= part * 3, error.kind());
                    let for_want_of_time = was_late && (kind.is_transient() || kind == ErrorKind::Overloaded);
                    (error, worth_it && (kind == ErrorKind::Timeout || for_want_of_time))
                }
                Some(Landing::Panicked) => (panicked(), true),
                // Nobody lands a flight whose runtime has ended.
                None => (ErpError::internal("the gateway is shutting down; ask again"), false),
            };
            if let Some(reply) = self.instead(cx, query, &error) {
                if leads {
                    let (request_id, operation, kind) = (&cx.request_id, query.operation(), error.kind());
                    let (message, causes) = (error.message(), error.causes());
                    tracing::warn!(%request_id, %operation, %kind, message, causes, "an older answer is served, as the ERP failed");
                }
                return Ok(reply);
            }
            if leads || !another || flights == FLIGHTS_PER_CALL {
                return Err(error);
            }
        }
    }
}

fn accepts(freshness: Freshness, age: Duration) -> bool {
    match freshness {
        Freshness::Any => true,
        Freshness::MaxAge(most) => age <= most,
        Freshness::NoCache => false,
    }
}

fn kept(fetched: &Fetched, now: Instant) -> Reply {
    let age = fetched.age(now);
    fetched.reply(match fetched.window(now) {
        Window::Fresh { left } => CacheOutcome::Hit { age, ttl: left },
        Window::Revalidate => CacheOutcome::Hit { age, ttl: Duration::ZERO },
        Window::IfError | Window::Over => CacheOutcome::Stale { age },
    })
}

fn panicked() -> ErpError {
    ErpError::internal("the call ended by a defect of the gateway; its log tells more under this request id")
}
