use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use livegate_core::{CacheSettings, CallContext, Erp, ErpError, Query};
use tokio::runtime::Handle;
use tokio::sync::watch::{self, error::SendError};
use tokio::time::Instant;
use tracing::Instrument;

use crate::store::{Fetched, Shelf};
use crate::windows::Windows;
use crate::{AnswerStore, StackSettings};

/// One connection's calls to what lies below the cache. Each runs in a task of its own, with a budget of its own, so
/// that no caller's going or haste costs another one the answer.
pub(crate) struct Flights {
    inner: Arc<dyn Erp>,
    cache: CacheSettings,
    budget: Duration,
    runtime: Handle,
    desk: Mutex<Desk>,
}

/// What callers and flights look at and change in one step: with both under one lock, a question is always either
/// answered, under way, or begun by exactly one of those who ask.
pub(crate) struct Desk {
    pub(crate) shelf: Shelf,
    /// For each question the flight that began last.
    pub(crate) under_way: HashMap<Arc<Query>, Flight>,
    begun: u64,
    /// Every flight that has not landed, by its number.
    flying: HashMap<u64, Arc<Query>>,
    /// Those of them that began before a purge of what they bring.
    outdated: HashSet<u64>,
}

/// A flight as those see it who wait for it. While anyone holds it, its landing is heard.
#[derive(Clone)]
pub(crate) struct Flight {
    pub(crate) began: Instant,
    landing: watch::Receiver<Option<Landing>>,
    number: u64,
}

/// A flight that is on the desk but has not set off: that wakes another thread, which must not find the desk locked.
#[must_use = "whoever waits for it waits in vain until it sets off"]
pub(crate) struct Ready {
    flights: Arc<Flights>,
    this: (u64, Instant),
    cx: CallContext,
    query: Arc<Query>,
    land: watch::Sender<Option<Landing>>,
}

/// How a flight ended.
#[derive(Clone)]
pub(crate) enum Landing {
    Answered { fetched: Arc<Fetched>, stored: bool },
    Failed(ErpError),
    Panicked,
}

impl Flight {
    /// Waits for the end; `None` if nobody lands it any more.
    pub(crate) async fn landing(&self) -> Option<Landing> {
        self.landing.clone().wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl Ready {
    pub(crate) fn set_off(self) {
        let Self { flights, this, cx, query, land } = self;
        let operation = query.operation();
        // At the gravest level, so that no filter takes the request id from a line.
        let span = tracing::error_span!(parent: None, "flight", request_id = %cx.request_id, %operation);
        let runtime = flights.runtime.clone();
        runtime.spawn(flights.fly(this, cx, query, land).instrument(span));
    }
}

impl Flights {
    pub(crate) fn new(inner: Arc<dyn Erp>, store: &AnswerStore, settings: &StackSettings) -> Self {
        let desk = Desk {
            shelf: store.shelf(),
            under_way: HashMap::new(),
            begun: 0,
            flying: HashMap::new(),
            outdated: HashSet::new(),
        };
        let StackSettings { cache, deadline: budget, runtime, .. } = settings.clone();
        Self { inner, cache, budget, runtime, desk: Mutex::new(desk) }
    }

    pub(crate) fn budget(&self) -> Duration {
        self.budget
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every answer to a question that `which` names. Flights under way keep those who wait for them, but nobody
    /// joins them any more, and what they bring is not kept.
    pub(crate) fn purge(&self, which: &dyn Fn(&Query) -> bool) -> usize {
        let mut desk = self.desk();
        let Desk { shelf, under_way, flying, outdated, .. } = &mut *desk;
        under_way.retain(|query, _| !which(query));
        outdated.extend(flying.iter().filter(|(_, query)| which(query)).map(|(number, _)| *number));
        shelf.purge(which)
    }

    /// Begins a flight, which whoever asks from now on may join.
    pub(crate) fn begin(self: &Arc<Self>, desk: &mut Desk, cx: &CallContext, query: &Query) -> (Flight, Ready) {
        let query = Arc::new(query.clone());
        desk.begun += 1;
        let (land, landing) = watch::channel(None);
        let flight = Flight { began: Instant::now(), landing, number: desk.begun };
        desk.under_way.insert(Arc::clone(&query), flight.clone());
        desk.flying.insert(flight.number, Arc::clone(&query));

        let cx = CallContext { deadline: flight.began + self.budget, ..cx.clone() };
        let this = (flight.number, flight.began);
        (flight, Ready { flights: Arc::clone(self), this, cx, query, land })
    }

    async fn fly(
        self: Arc<Self>,
        (number, began): (u64, Instant),
        cx: CallContext,
        query: Arc<Query>,
        land: watch::Sender<Option<Landing>>,
    ) {
        let call = async { self.inner.call(&cx, &query).await };
        let landing = match AssertUnwindSafe(call).catch_unwind().await {
            Ok(Ok(reply)) => {
                let windows = Windows::of(&self.cache, query.operation(), &reply.answer);
                let fetched = Fetched::new(&query, reply, number, began, windows);
                Landing::Answered { fetched: Arc::new(fetched), stored: false }
            }
            Ok(Err(error)) => Landing::Failed(error),
            Err(_panic) => {
                // What a panic says may quote an answer, so it is not repeated.
                tracing::error!("a call to the ERP panicked: this is a defect of the adapter or of a layer");
                Landing::Panicked
            }
        };
        if let Err(SendError(Some(Landing::Failed(error)))) =
            land.send(Some(self.take_off_desk(number, &query, landing)))
        {
            let (kind, causes) = (error.kind(), error.causes());
            tracing::warn!(%kind, message = error.message(), causes, "a call to the ERP failed, and nobody waits for it any more");
        }
    }

    fn take_off_desk(&self, number: u64, query: &Arc<Query>, mut landing: Landing) -> Landing {
        let mut desk = self.desk();
        desk.flying.remove(&number);
        let outdated = desk.outdated.remove(&number);
        if let Landing::Answered { fetched, stored } = &mut landing {
            *stored = !outdated && desk.shelf.put(query, fetched);
        }
        if desk.under_way.get(query).is_some_and(|flight| flight.number == number) {
            desk.under_way.remove(query);
        }
        landing
    }
}
