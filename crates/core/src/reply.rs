use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Account, Invoice, InvoiceSummary, Order, OrderSummary};

/// What an ERP said, in our terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To a balance; `None` for an unknown customer.
    Account(Option<Account>),
    /// To a list of orders.
    Orders(Listing<OrderSummary>),
    /// To an order by id; `None` when there is no such order.
    Order(Option<Order>),
    /// To a list of invoices.
    Invoices(Listing<InvoiceSummary>),
    /// To an invoice by id; `None` when there is no such invoice.
    Invoice(Option<Invoice>),
}

impl Answer {
    /// Whether it says that nothing was found.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Account(account) => account.is_none(),
            Self::Order(order) => order.is_none(),
            Self::Invoice(invoice) => invoice.is_none(),
            Self::Orders(listing) => listing.is_empty(),
            Self::Invoices(listing) => listing.is_empty(),
        }
    }
}

/// A list of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing<T> {
    /// All of them; filtering, sorting and cutting is still to do.
    Complete(Vec<T>),
    /// One page that the ERP itself filtered, sorted and cut.
    Page {
        /// The page's documents.
        items: Vec<T>,
        /// How many documents all pages hold.
        total: u64,
    },
}

impl<T> Listing<T> {
    /// The documents at hand.
    #[must_use]
    pub fn items(&self) -> &[T] {
        match self {
            Self::Complete(items) | Self::Page { items, .. } => items,
        }
    }

    /// The documents at hand, to be changed.
    pub fn items_mut(&mut self) -> &mut Vec<T> {
        match self {
            Self::Complete(items) | Self::Page { items, .. } => items,
        }
    }

    /// Whether no page holds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Complete(items) => items.is_empty(),
            Self::Page { total, .. } => *total == 0,
        }
    }
}

/// An answer and where it came from.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What the ERP said.
    pub answer: Arc<Answer>,
    /// When it said so.
    pub as_of: Timestamp,
    /// How the cache took part.
    pub cache: CacheOutcome,
    /// How often the ERP was asked for it.
    pub attempts: u32,
}

impl Reply {
    /// An answer that was just given.
    #[must_use]
    pub fn now(answer: Answer) -> Self {
        Self { answer: Arc::new(answer), as_of: Timestamp::now(), cache: CacheOutcome::Unused, attempts: 1 }
    }
}

/// How the cache took part in an answer (RFC 9211 tells it to the caller).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// There is no cache before the connection.
    Unused,
    /// Kept from before and within a window in which that is normal.
    Hit {
        /// How old the answer is.
        age: Duration,
        /// How long it stays fresh; zero while it is being refreshed.
        ttl: Duration,
    },
    /// Kept from before and served because the ERP failed.
    Stale {
        /// How old the answer is.
        age: Duration,
    },
    /// Asked for now.
    Miss {
        /// Whether it is kept.
        stored: bool,
    },
    /// Answered by a call for the same question that was under way.
    Collapsed {
        /// How old the answer is: it was given after this caller asked, so this is zero or next to it.
        age: Duration,
    },
    /// Asked for now because the caller wanted nothing kept.
    Requested {
        /// Whether it is kept.
        stored: bool,
    },
}

impl CacheOutcome {
    /// Whether the answer was kept from before.
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Hit { .. } | Self::Stale { .. })
    }
}
