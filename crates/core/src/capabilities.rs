use crate::Operation;

/// What a connection can do. A connection never offers more than its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The operations it offers; every other one answers `unsupported`.
    pub operations: &'static [Operation],
    /// What it can do about lists of orders.
    pub orders: ListCapabilities,
    /// What it can do about lists of invoices.
    pub invoices: ListCapabilities,
    /// Which of the caller's ids it uses.
    pub caller_ids: CallerIdUse,
    /// Whether it can tell which user placed an order, so that a list can be cut to that user's.
    pub attributes_orders_to_users: bool,
    /// Whether customer codes that differ in case alone name different customers.
    pub case_sensitive_codes: bool,
    /// What the ERP bears.
    pub limits: Limits,
}

impl Capabilities {
    /// Offers nothing yet; an adapter's kind names what it adds.
    pub const NONE: Self = Self {
        operations: &[],
        orders: ListCapabilities::NONE,
        invoices: ListCapabilities::NONE,
        caller_ids: CallerIdUse::NONE,
        attributes_orders_to_users: false,
        case_sensitive_codes: false,
        limits: Limits { concurrency: None, requests_per_minute: None, counts_sessions: false },
    };

    /// Whether `operation` is offered.
    #[must_use]
    pub fn offers(&self, operation: Operation) -> bool {
        self.operations.contains(&operation)
    }
}

/// What a connection can do about one kind of list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCapabilities {
    /// By the document's number.
    pub id: FilterSupport,
    /// By the customer's purchase order number.
    pub customer_po: FilterSupport,
    /// By the webstore's number (orders only).
    pub third_party_order_number: FilterSupport,
    /// From a date on.
    pub start_date: FilterSupport,
    /// Up to a date.
    pub end_date: FilterSupport,
    /// Whether the ERP cuts pages, newest first, and counts what all pages hold.
    pub pages: bool,
    /// Whether the ERP itself restricts the list to the customer asked for, so that an item without owner is theirs.
    pub scoped: bool,
    /// What the list is limited to, such as `open invoices only`.
    pub covers: Option<&'static str>,
}

impl ListCapabilities {
    /// No filter, no pages, not scoped.
    pub const NONE: Self = Self {
        id: FilterSupport::None,
        customer_po: FilterSupport::None,
        third_party_order_number: FilterSupport::None,
        start_date: FilterSupport::None,
        end_date: FilterSupport::None,
        pages: false,
        scoped: false,
        covers: None,
    };
}

/// How well the ERP applies a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterSupport {
    /// Just as the Live rules ask.
    Exact,
    /// It may give too many, never too few: the list is filtered again, and the page is not pushed down.
    Partial,
    /// Not at all: the filter is not sent.
    #[default]
    None,
}

/// Which of the caller's ids a connection uses; the others are cleared so that they do not split the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerIdUse {
    /// Uses `evo_customer_id`.
    pub evo_customer_id: bool,
    /// Uses `evo_user_id`.
    pub evo_user_id: bool,
    /// Uses `seller_reference`.
    pub seller_reference: bool,
    /// Uses `user_seller_reference`.
    pub user_seller_reference: bool,
}

impl CallerIdUse {
    /// Uses none.
    pub const NONE: Self =
        Self { evo_customer_id: false, evo_user_id: false, seller_reference: false, user_seller_reference: false };
}

/// What the ERP bears; `None` where nothing is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls at once.
    pub concurrency: Option<u32>,
    /// HTTP requests in any 60 seconds.
    pub requests_per_minute: Option<u32>,
    /// Whether it lets in no more sessions than were paid for. A connection that replaces another then begins when that one
    /// has logged out.
    pub counts_sessions: bool,
}
