use std::time::Duration;

/// How long an answer is of use. Each window begins where the one before it ends, none bounds another, and zero leaves
/// one out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long an answer is fresh.
    pub ttl: Duration,
    /// The same for an answer that says "nothing found".
    pub absent_ttl: Duration,
    /// How long it is then served while one refresh runs.
    pub stale_while_revalidate: Duration,
    /// How long orders are then served if the ERP fails.
    pub stale_if_error: Duration,
    /// How long balances and invoices, by which a shopper pays, are then served if the ERP fails.
    pub stale_if_error_balance: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(30),
            absent_ttl: Duration::from_secs(5),
            stale_while_revalidate: Duration::from_secs(30),
            stale_if_error: Duration::from_secs(10 * 60),
            stale_if_error_balance: Duration::from_secs(2 * 60),
        }
    }
}

/// How often a call is repeated that the ERP did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// How often the ERP is asked for one call at the most; 1 never repeats.
    pub attempts: u32,
    /// The wait before the first repetition; each further one is twice as long, and up to as much again by chance, so that
    /// many callers do not come back at once.
    pub first_wait: Duration,
    /// The longest wait, chance left aside.
    pub longest_wait: Duration,
    /// How many repetitions a hundred calls of the connection allow.
    pub budget_percent: u32,
    /// How many repetitions are in hand at the start, and at the most.
    pub budget_reserve: u32,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(2),
            budget_percent: 10,
            budget_reserve: 10,
        }
    }
}

/// When a connection is paused because its ERP fails, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures in a row open it.
    pub failures_in_a_row: u32,
    /// So does a share of failures among the calls of this span …
    pub window: Duration,
    /// … if there were at least so many …
    pub calls: u32,
    /// … of which at least this part, in percent, failed.
    pub failing_percent: u32,
    /// The failures must be of at least so many different questions: one document on which an ERP stumbles is no reason
    /// to pause all others.
    pub different_questions: u32,
    /// How long it is open before one call may try.
    pub pause: Duration,
    /// The pause doubles with every try that fails, up to this.
    pub longest_pause: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            window: Duration::from_secs(10),
            calls: 20,
            failing_percent: 50,
            different_questions: 3,
            pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// How many calls a connection's ERP gets at once, and how long it may take to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// So many calls are under way at once at the most; `None` leaves it to what the adapter states, or 16.
    pub concurrency: Option<u32>,
    /// So many more may wait for their turn.
    pub queue: u32,
    /// How long making a connection may take, TLS included.
    pub connect_timeout: Duration,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { concurrency: None, queue: 256, connect_timeout: Duration::from_secs(3) }
    }
}
