use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use equivalent::Equivalent;
use jiff::Timestamp;
use livegate_core::{Answer, CacheOutcome, Query, Reply};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::time::Instant;

use crate::weight::weight;
use crate::windows::{Window, Windows};

/// Where all connections keep their answers: one per process, bounded in bytes, of which one connection may hold at most
/// a share. Past the bound the answers that were used least recently go, past a share that connection's oldest ones.
/// Cloning it is cheap and shares the content.
#[derive(Clone)]
pub struct AnswerStore {
    kept: Cache<Key, Kept>,
    share: usize,
    connections: Arc<AtomicU64>,
}

/// The connection is part of the key, so equal questions of two tenants never meet.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    connection: u64,
    query: Arc<Query>,
}

/// A key to look for, which owns nothing.
#[derive(Hash)]
struct Asked<'a> {
    connection: u64,
    query: &'a Query,
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.connection == key.connection && *self.query == *key.query
    }
}

#[derive(Clone)]
struct Kept {
    fetched: Arc<Fetched>,
    weight: u32,
    /// Its place in the ledger of its connection.
    place: u64,
    ledger: Arc<Ledger>,
}

impl AnswerStore {
    /// A store of at most `bytes`, of which one connection holds at most `share`. Sizes are estimates of the heap that
    /// questions and answers take, with an allowance for keeping them.
    #[must_use]
    pub fn new(bytes: usize, share: usize) -> Self {
        let kept = Cache::builder()
            .max_capacity(u64::try_from(bytes).unwrap_or(u64::MAX))
            .weigher(|_, kept: &Kept| kept.weight)
            // The default policy may refuse a new answer for the sake of old ones, and `stored` would not be true.
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Housekeeping)
            // It runs inside calls of the store, so it must not call it.
            .eviction_listener(|_, kept: Kept, _| kept.ledger.strike(kept.place))
            .build();
        Self { kept, share: share.min(bytes), connections: Arc::default() }
    }

    /// How many bytes the kept answers take. It also frees those that nobody may be served any more, which is done in
    /// passing only while calls come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.kept.run_pending_tasks();
        self.kept.weighted_size()
    }

    /// Forgets every answer of every connection.
    pub fn clear(&self) {
        self.kept.invalidate_all();
        self.kept.run_pending_tasks();
    }

    /// The part of one new connection.
    pub(crate) fn shelf(&self) -> Shelf {
        let connection = self.connections.fetch_add(1, Ordering::Relaxed);
        Shelf { store: self.clone(), connection, ledger: Arc::default(), places: 0 }
    }
}

impl Default for AnswerStore {
    /// 256 MiB, 64 MiB for one connection.
    fn default() -> Self {
        Self::new(256 << 20, 64 << 20)
    }
}

impl fmt::Debug for AnswerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerStore").field("share", &self.share).finish_non_exhaustive()
    }
}

/// Removes answers that nobody asks for again, by the system's clock. Whether an answer is served is not decided here
/// but by [`Windows`], on tokio's clock.
struct Housekeeping;

impl Expiry<Key, Kept> for Housekeeping {
    // An answer is removed before its successor is put in, so there are no updates to think of.
    fn expire_after_create(&self, _key: &Key, kept: &Kept, _created_at: std::time::Instant) -> Option<Duration> {
        Some(kept.fetched.windows.end())
    }
}

/// An answer as a flight brought it.
pub(crate) struct Fetched {
    pub(crate) answer: Arc<Answer>,
    pub(crate) as_of: Timestamp,
    pub(crate) attempts: u32,
    /// When the ERP answered completely; the windows count from here.
    pub(crate) answered: Instant,
    /// When it was asked: what it said may be as old as that.
    pub(crate) asked: Instant,
    /// Which flight of the connection brought it; later flights have higher numbers.
    pub(crate) flight: u64,
    pub(crate) windows: Windows,
    /// What keeping it costs, its question included.
    pub(crate) weight: usize,
}

impl Fetched {
    pub(crate) fn new(query: &Query, reply: Reply, flight: u64, asked: Instant, windows: Windows) -> Self {
        let weight = weight(query, &reply.answer);
        let Reply { answer, as_of, attempts, .. } = reply;
        Self { answer, as_of, attempts, answered: Instant::now(), asked, flight, windows, weight }
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.answered)
    }

    /// How old at the most what the ERP said is.
    pub(crate) fn greatest_age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.asked)
    }

    pub(crate) fn window(&self, now: Instant) -> Window {
        self.windows.at(self.age(now))
    }

    pub(crate) fn reply(&self, cache: CacheOutcome) -> Reply {
        Reply { answer: Arc::clone(&self.answer), as_of: self.as_of, cache, attempts: self.attempts }
    }
}

/// One connection's part of the store. Its answers go when it is dropped.
pub(crate) struct Shelf {
    store: AnswerStore,
    connection: u64,
    ledger: Arc<Ledger>,
    places: u64,
}

impl Shelf {
    /// The kept answer, unless its last window is over.
    pub(crate) fn get(&mut self, query: &Query, now: Instant) -> Option<Arc<Fetched>> {
        let asked = Asked { connection: self.connection, query };
        let fetched = self.store.kept.get(&asked)?.fetched;
        if fetched.window(now) == Window::Over {
            self.store.kept.invalidate(&asked);
            return None;
        }
        Some(fetched)
    }

    /// Keeps the answer in place of the one before, and tells whether it did: not one without a window, nor one that
    /// takes more than the share, nor one whose flight began before the kept one's.
    pub(crate) fn put(&mut self, query: &Arc<Query>, fetched: &Arc<Fetched>) -> bool {
        let key = self.key(query);
        if self.store.kept.get(&key).is_some_and(|kept| kept.fetched.flight > fetched.flight) {
            return false;
        }
        // Even an answer that cannot be kept shows that the one before is outdated.
        self.store.kept.invalidate(&key);
        let share = self.store.share;
        let Some(weight) = u32::try_from(fetched.weight).ok().filter(|_| fetched.weight <= share) else { return false };
        if fetched.windows.end().is_zero() {
            return false;
        }
        for query in self.ledger.make_room(share - fetched.weight) {
            self.store.kept.invalidate(&self.key(&query));
        }
        self.places += 1;
        self.ledger.enter(self.places, Arc::clone(query), fetched.weight);
        let kept = Kept { fetched: Arc::clone(fetched), weight, place: self.places, ledger: Arc::clone(&self.ledger) };
        self.store.kept.insert(key, kept);
        // Left to itself the store goes past its bound for a while. Answers come at an ERP's pace, so this is cheap.
        self.store.kept.run_pending_tasks();
        true
    }

    /// Removes every answer to a question that `which` names, and tells how many there were.
    pub(crate) fn purge(&mut self, which: &dyn Fn(&Query) -> bool) -> usize {
        let purged = self.ledger.take(which);
        for query in &purged {
            self.store.kept.invalidate(&self.key(query));
        }
        self.store.kept.run_pending_tasks();
        purged.len()
    }

    fn key(&self, query: &Arc<Query>) -> Key {
        Key { connection: self.connection, query: Arc::clone(query) }
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        for query in self.ledger.make_room(0) {
            self.store.kept.invalidate(&self.key(&query));
        }
        self.store.kept.run_pending_tasks();
    }
}

/// What one connection keeps, oldest first. Its lock is never held while the store is called, because the store calls
/// [`Ledger::strike`] from within its own.
#[derive(Default)]
struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    entries: BTreeMap<u64, (Arc<Query>, usize)>,
    bytes: usize,
}

impl Ledger {
    fn enter(&self, place: u64, query: Arc<Query>, bytes: usize) {
        let mut book = self.lock();
        book.bytes += bytes;
        book.entries.insert(place, (query, bytes));
    }

    fn strike(&self, place: u64) {
        let mut book = self.lock();
        if let Some((_, bytes)) = book.entries.remove(&place) {
            book.bytes -= bytes;
        }
    }

    /// Strikes the oldest entries until the rest takes at most `bytes`, and returns what is to be removed.
    fn make_room(&self, bytes: usize) -> Vec<Arc<Query>> {
        let mut book = self.lock();
        let mut removed = Vec::new();
        while book.bytes > bytes
            && let Some((_, (query, size))) = book.entries.pop_first()
        {
            book.bytes -= size;
            removed.push(query);
        }
        removed
    }

    /// Strikes the entries that `which` names, and returns them.
    fn take(&self, which: &dyn Fn(&Query) -> bool) -> Vec<Arc<Query>> {
        let mut book = self.lock();
        let (mut taken, mut bytes) = (Vec::new(), 0);
        book.entries.retain(|_, (query, size)| {
            let goes = which(query);
            if goes {
                bytes += *size;
                taken.push(Arc::clone(query));
            }
            !goes
        });
        book.bytes -= bytes;
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
