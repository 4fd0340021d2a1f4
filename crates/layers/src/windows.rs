use std::time::Duration;

use livegate_core::{Answer, Operation};

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

impl CacheSettings {
    /// The windows of one answer.
    pub(crate) fn windows(&self, operation: Operation, answer: &Answer) -> Windows {
        let fresh = if answer.is_absent() { self.absent_ttl } else { self.ttl };
        let revalidate = fresh.saturating_add(self.stale_while_revalidate);
        let if_error = revalidate.saturating_add(match operation {
            Operation::Orders | Operation::Order => self.stale_if_error,
            Operation::Account | Operation::Invoices | Operation::Invoice => self.stale_if_error_balance,
        });
        Windows { fresh, revalidate, if_error }
    }
}

/// At which age each window of an answer ends; the end itself belongs to the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    fresh: Duration,
    revalidate: Duration,
    if_error: Duration,
}

/// The window in which an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Served for `left` more.
    Fresh { left: Duration },
    /// Served while it is asked anew.
    Revalidate,
    /// Served only if asking anew fails.
    IfError,
    /// Not served any more.
    Over,
}

impl Windows {
    pub(crate) fn at(&self, age: Duration) -> Window {
        if age < self.fresh {
            Window::Fresh { left: self.fresh - age }
        } else if age < self.revalidate {
            Window::Revalidate
        } else if age < self.if_error {
            Window::IfError
        } else {
            Window::Over
        }
    }

    /// The age from which the answer is of no use.
    pub(crate) fn end(&self) -> Duration {
        self.if_error
    }
}
