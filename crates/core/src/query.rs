use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{CustomerCode, DocumentId};

/// The name of an operation: metric label, capability key, test selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// The A/R balance with aging.
    Account,
    /// The list of orders.
    Orders,
    /// One order by its number.
    Order,
    /// The list of invoices.
    Invoices,
    /// One invoice by its number.
    Invoice,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Account, Self::Orders, Self::Order, Self::Invoices, Self::Invoice];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Orders => "orders",
            Self::Order => "order",
            Self::Invoices => "invoices",
            Self::Invoice => "invoice",
        }
    }

    /// What it asks for, in words for a caller.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Account => "the customer balance",
            Self::Orders => "the orders list",
            Self::Order => "an order by id",
            Self::Invoices => "the invoices list",
            Self::Invoice => "an invoice by id",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is asked of an ERP. It is the cache key, so it holds nothing that the connection does not use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The A/R balance with aging.
    Account(AccountQuery),
    /// The list of orders.
    Orders(OrdersQuery),
    /// One order.
    Order(DocumentKey),
    /// The list of invoices.
    Invoices(InvoicesQuery),
    /// One invoice.
    Invoice(DocumentKey),
}

impl Query {
    /// What kind of question it is.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Account(_) => Operation::Account,
            Self::Orders(_) => Operation::Orders,
            Self::Order(_) => Operation::Order,
            Self::Invoices(_) => Operation::Invoices,
            Self::Invoice(_) => Operation::Invoice,
        }
    }

    /// The customer whose answer it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerCode {
        match self {
            Self::Account(query) => &query.customer,
            Self::Orders(query) => &query.customer,
            Self::Invoices(query) => &query.customer,
            Self::Order(key) | Self::Invoice(key) => &key.customer,
        }
    }
}

/// The webstore's own ids of who asks. The planner clears those that the connection does not declare.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CallerIds {
    /// The store's id of the customer.
    pub evo_customer_id: Option<Box<str>>,
    /// The store's id of the user.
    pub evo_user_id: Option<Box<str>>,
    /// The ERP's record id of the customer, as the store keeps it.
    pub seller_reference: Option<Box<str>>,
    /// The ERP's record id of the user, as the store keeps it.
    pub user_seller_reference: Option<Box<str>>,
}

/// Asks for a customer's balance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountQuery {
    /// Whose.
    pub customer: CustomerCode,
    /// Who asks.
    pub caller: CallerIds,
}

/// Asks for a customer's orders.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrdersQuery {
    /// Whose.
    pub customer: CustomerCode,
    /// Who asks.
    pub caller: CallerIds,
    /// Which; only filters that the connection declares.
    pub filters: OrderFilters,
    /// The page, where the connection pages, sorts and counts by itself; `None` asks for all.
    pub page: Option<PageRequest>,
}

/// Asks for a customer's invoices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InvoicesQuery {
    /// Whose.
    pub customer: CustomerCode,
    /// Who asks.
    pub caller: CallerIds,
    /// Which; only filters that the connection declares.
    pub filters: InvoiceFilters,
    /// The page, where the connection pages, sorts and counts by itself; `None` asks for all.
    pub page: Option<PageRequest>,
}

/// Asks for one document of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// Whose.
    pub customer: CustomerCode,
    /// Who asks.
    pub caller: CallerIds,
    /// Which.
    pub id: DocumentId,
}

/// Which orders. Texts match the whole value, trimmed and ASCII-case-insensitively; all filters must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderFilters {
    /// By number.
    pub order_id: Option<Box<str>>,
    /// By the customer's purchase order number.
    pub customer_po: Option<Box<str>>,
    /// By the webstore's number.
    pub third_party_order_number: Option<Box<str>>,
    /// By order date.
    pub dates: DateRange,
}

/// Which invoices. Texts match the whole value, trimmed and ASCII-case-insensitively; all filters must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InvoiceFilters {
    /// By number.
    pub invoice_id: Option<Box<str>>,
    /// By the customer's purchase order number.
    pub customer_po: Option<Box<str>>,
    /// By invoice date.
    pub dates: DateRange,
}

/// From when to when, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The first moment.
    pub start: Option<DateBound>,
    /// The last moment.
    pub end: Option<DateBound>,
}

/// One end of a range, for documents with a time of day and for those known by day only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateBound {
    /// The point in time; for the end of a whole day its last nanosecond.
    pub instant: Timestamp,
    /// The calendar day in the tenant's time zone.
    pub day: Date,
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// The page's number, from 1.
    pub number: u64,
    /// Documents per page, 1 to 1,000.
    pub size: u32,
}

impl PageRequest {
    /// How many documents come before the page.
    #[must_use]
    pub fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(u64::from(self.size))
    }
}
