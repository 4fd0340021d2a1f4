use std::time::Duration;

use livegate_core::{Answer, CacheSettings, Operation};

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
    /// The windows of one answer.
    pub(crate) fn of(settings: &CacheSettings, operation: Operation, answer: &Answer) -> Self {
        let fresh = if answer.is_absent() { settings.absent_ttl } else { settings.ttl };
        let revalidate = fresh.saturating_add(settings.stale_while_revalidate);
        let if_error = revalidate.saturating_add(match operation {
            Operation::Orders | Operation::Order => settings.stale_if_error,
            Operation::Account | Operation::Invoices | Operation::Invoice => settings.stale_if_error_balance,
        });
        Self { fresh, revalidate, if_error }
    }

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
