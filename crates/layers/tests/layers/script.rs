use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, Amount, Answer, BreakerSettings, CacheOutcome, CacheSettings, CallContext, CallerIds,
    Capabilities, CustomerCode, DocumentId, DocumentKey, Erp, ErpError, ErrorKind, Freshness, InvoiceFilters,
    InvoicesQuery, LimitSettings, Operation, OrderFilters, OrdersQuery, Query, Reply, Result, RetrySettings, Stated,
};
use livegate_layers::{AnswerStore, BreakerState, KeptAnswers, Observer, StackSettings, Stacked, Tidy, stack};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

pub const CAPABLE: Capabilities = Capabilities { operations: &Operation::ALL, ..Capabilities::NONE };

/// The time that a flight may take.
pub const BUDGET: Duration = secs(10);

pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What the ERP does with one call.
#[derive(Clone)]
pub enum End {
    /// Answers a balance of as many as the ERP has been asked calls, which tells the answers apart.
    Count,
    Says(Box<Answer>),
    Fails(ErrorKind),
    /// Fails and says for how long to stay away.
    Asks(ErrorKind, Duration),
    Panics,
    /// Answers as [`End::Count`] once it is notified.
    Waits(Arc<Notify>),
}

/// An ERP that takes its steps in order, then answers at once.
#[derive(Default)]
pub struct Script {
    steps: Mutex<VecDeque<(Duration, End)>>,
    /// What it does when it has taken all its steps; answers at once if this is nothing.
    ever_after: Mutex<Option<(Duration, End)>>,
    calls: Mutex<Vec<CallContext>>,
}

impl Script {
    pub fn then(&self, after: Duration, end: End) -> &Self {
        self.steps.lock().expect("not poisoned").push_back((after, end));
        self
    }

    /// The same in place of all steps that were not taken.
    pub fn next(&self, after: Duration, end: End) {
        self.steps.lock().expect("not poisoned").clear();
        self.then(after, end);
    }

    /// Does this from now on, in place of every step.
    pub fn ever_after(&self, after: Duration, end: End) {
        self.steps.lock().expect("not poisoned").clear();
        *self.ever_after.lock().expect("not poisoned") = Some((after, end));
    }

    pub fn calls(&self) -> Vec<CallContext> {
        self.calls.lock().expect("not poisoned").clone()
    }

    pub fn count(&self) -> usize {
        self.calls().len()
    }
}

#[async_trait]
impl Erp for Script {
    async fn call(&self, cx: &CallContext, _query: &Query) -> Result<Reply> {
        let number = {
            let mut calls = self.calls.lock().expect("not poisoned");
            calls.push(cx.clone());
            calls.len()
        };
        let step = self.steps.lock().expect("not poisoned").pop_front();
        let ever_after = self.ever_after.lock().expect("not poisoned").clone();
        let (after, end) = step.or(ever_after).unwrap_or((Duration::ZERO, End::Count));
        if !after.is_zero() {
            tokio::time::sleep(after).await;
        }
        match end {
            End::Count => Ok(said(balance(number))),
            End::Says(answer) => Ok(said(*answer)),
            End::Fails(kind) => Err(ErpError::new(kind, "as the script says")),
            End::Asks(kind, wait) => Err(ErpError::new(kind, "as the script says").with_retry_after(wait)),
            End::Waits(until) => {
                until.notified().await;
                Ok(said(balance(number)))
            }
            End::Panics => panic!("card 4111111111111111"),
        }
    }
}

/// It took the script several attempts, so that the number is seen to travel with the answer.
fn said(answer: Answer) -> Reply {
    Reply { attempts: 3, ..Reply::now(answer) }
}

/// Everything that the observer was told.
#[derive(Default)]
pub struct Seen {
    pub requests: Mutex<Vec<(Operation, Option<ErrorKind>, Duration)>>,
    pub attempts: Mutex<Vec<(Operation, Option<ErrorKind>, Duration)>>,
    pub retries: Mutex<usize>,
    pub breaker: Mutex<Vec<BreakerState>>,
    /// The most calls that were under way at once, and the most that waited.
    pub load: Mutex<(usize, usize)>,
    /// The same, as told last.
    pub load_now: Mutex<(usize, usize)>,
}

impl Observer for Seen {
    fn request(&self, _cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        self.requests.lock().expect("not poisoned").push((operation, outcome.as_ref().err().map(ErpError::kind), took));
    }

    fn attempt(&self, _cx: &CallContext, operation: Operation, outcome: &Result<Reply>, took: Duration) {
        self.attempts.lock().expect("not poisoned").push((operation, outcome.as_ref().err().map(ErpError::kind), took));
    }

    fn retry(&self, _operation: Operation) {
        *self.retries.lock().expect("not poisoned") += 1;
    }

    fn breaker(&self, state: BreakerState) {
        self.breaker.lock().expect("not poisoned").push(state);
    }

    fn load(&self, running: usize, waiting: usize) {
        *self.load_now.lock().expect("not poisoned") = (running, waiting);
        let mut load = self.load.lock().expect("not poisoned");
        *load = (load.0.max(running), load.1.max(waiting));
    }
}

/// Layers of which none steps in: no repetition, no pause, no queue.
pub fn plain() -> StackSettings {
    StackSettings {
        cache: CacheSettings::default(),
        retry: RetrySettings { attempts: 1, ..RetrySettings::default() },
        breaker: BreakerSettings { failures_in_a_row: u32::MAX, calls: u32::MAX, ..BreakerSettings::default() },
        limit: LimitSettings { concurrency: Some(10_000), queue: 0, ..LimitSettings::default() },
        deadline: BUDGET,
        runtime: Handle::current(),
    }
}

/// One connection with its layers.
#[derive(Clone)]
pub struct Rig {
    pub erp: Arc<dyn Erp>,
    pub kept: KeptAnswers,
    pub script: Arc<Script>,
    pub seen: Arc<Seen>,
}

impl Rig {
    pub fn new(cache: CacheSettings) -> Self {
        Self::on(&AnswerStore::default(), cache)
    }

    pub fn on(store: &AnswerStore, cache: CacheSettings) -> Self {
        Self::with(store, cache, &CAPABLE, Arc::new(|_, answer| Ok(answer)))
    }

    pub fn with(store: &AnswerStore, cache: CacheSettings, capabilities: &Capabilities, tidy: Tidy) -> Self {
        let (script, seen) = (Arc::new(Script::default()), Arc::new(Seen::default()));
        let settings = StackSettings { cache, ..plain() };
        let (inner, observer): (Arc<dyn Erp>, Arc<dyn Observer>) = (script.clone(), seen.clone());
        let Stacked { erp, kept } = stack(inner, capabilities, tidy, store, &settings, observer);
        Self { erp, kept, script, seen }
    }

    /// One that keeps nothing, so that every call that is not like one under way reaches what is below.
    pub fn uncached(settings: StackSettings) -> Self {
        let (script, seen) = (Arc::new(Script::default()), Arc::new(Seen::default()));
        let cache = CacheSettings {
            ttl: Duration::ZERO,
            absent_ttl: Duration::ZERO,
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            stale_if_error_balance: Duration::ZERO,
        };
        let settings = StackSettings { cache, ..settings };
        let (inner, observer): (Arc<dyn Erp>, Arc<dyn Observer>) = (script.clone(), seen.clone());
        let tidy: Tidy = Arc::new(|_, answer| Ok(answer));
        let Stacked { erp, kept } = stack(inner, &CAPABLE, tidy, &AnswerStore::default(), &settings, observer);
        Self { erp, kept, script, seen }
    }

    /// Asks for the account of `code` as a caller with time enough does.
    pub async fn ask_for(&self, code: &str) -> Result<Reply> {
        self.erp.call(&CallContext::new("request", BUDGET), &account(code)).await
    }

    /// Asks for the account, and gives the number of the call that answered it.
    pub async fn ask(&self, freshness: Freshness) -> Result<(CacheOutcome, usize), ErrorKind> {
        self.within(BUDGET, freshness).await
    }

    pub async fn within(&self, time: Duration, freshness: Freshness) -> Result<(CacheOutcome, usize), ErrorKind> {
        let cx = CallContext { freshness, ..CallContext::new("request", time) };
        self.erp.call(&cx, &account("A")).await.map(|reply| (reply.cache, number(&reply))).map_err(|error| error.kind())
    }

    /// The same in a task of its own, which has begun to wait when this returns.
    pub async fn spawn(&self, freshness: Freshness) -> tokio::task::JoinHandle<Told> {
        self.spawn_within(BUDGET, freshness).await
    }

    pub async fn spawn_within(&self, time: Duration, freshness: Freshness) -> tokio::task::JoinHandle<Told> {
        let rig = self.clone();
        let task = tokio::spawn(async move { rig.within(time, freshness).await });
        settle().await;
        task
    }
}

pub type Told = Result<(CacheOutcome, usize), ErrorKind>;

/// Lets every task run that can, without the clock moving.
pub async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Moves the clock and lets what was due happen.
pub async fn pass(time: Duration) {
    tokio::time::sleep_until(Instant::now() + time).await;
    settle().await;
}

pub fn number(reply: &Reply) -> usize {
    match &*reply.answer {
        Answer::Account(Some(account)) => {
            let balance = account.balance.as_ref().expect("the script states a balance");
            balance.amount.to_string().parse().expect("the script counts")
        }
        _ => 0,
    }
}

pub fn balance(number: usize) -> Answer {
    let amount = Amount::parse(&number.to_string()).expect("a number");
    Answer::Account(Some(Account { balance: Some(Stated::plain(amount)), ..Account::default() }))
}

pub fn absent() -> Answer {
    Answer::Account(None)
}

pub fn customer(code: &str) -> CustomerCode {
    CustomerCode::new(code).expect("a code")
}

pub fn account(code: &str) -> Query {
    Query::Account(AccountQuery { customer: customer(code), caller: CallerIds::default() })
}

/// One question of each kind.
pub fn questions() -> [Query; 5] {
    let (customer, caller) = (customer("A"), CallerIds::default());
    let id = DocumentId::new("1").expect("an id");
    let key = DocumentKey { customer: customer.clone(), caller: caller.clone(), id };
    let orders = OrderFilters::default();
    let invoices = InvoiceFilters::default();
    [
        account("A"),
        Query::Orders(OrdersQuery { customer: customer.clone(), caller: caller.clone(), filters: orders, page: None }),
        Query::Order(key.clone()),
        Query::Invoices(InvoicesQuery { customer, caller, filters: invoices, page: None }),
        Query::Invoice(key),
    ]
}

/// What is logged on this thread while the guard lives.
pub fn logged() -> (tracing::subscriber::DefaultGuard, impl Fn() -> String) {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    // A line that another test's thread wrote for the first time just now is else never heard here.
    tracing::callsite::rebuild_interest_cache();
    (guard, move || String::from_utf8(lines.0.lock().expect("not poisoned").clone()).expect("text"))
}
