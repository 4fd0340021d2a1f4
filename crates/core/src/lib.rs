//! The contract between the gateway and its adapters: the trade's own terms (customer, open item, order, invoice),
//! what may be asked about them, who answers it and how it can fail; and what guards a connection, as settings. No I/O, and no ERP is known here.

mod adapter;
mod amount;
mod capabilities;
mod context;
mod demo;
mod error;
mod field;
mod guard;
mod identity;
mod model;
mod moment;
mod query;
mod reply;
mod transport;

pub use adapter::{AdapterKind, Connection, Erp, ErpAdapter};
pub use amount::{Amount, AmountError, Digits};
pub use capabilities::{CallerIdUse, Capabilities, FilterSupport, Limits, ListCapabilities};
pub use context::{CallContext, Freshness};
pub use demo::{DemoTenant, Simulator};
pub use error::{ErpError, ErrorKind, Result};
pub use field::{Field, FieldKind, Settings, Value};
pub use guard::{BreakerSettings, CacheSettings, LimitSettings, RetrySettings};
pub use identity::{Currency, CustomerCode, DocumentId, InvalidText, MAX_CODE_LENGTH};
pub use model::{
    Account, Address, Aging, Instalment, Invoice, InvoiceLine, InvoiceSummary, OpenItem, Order, OrderLine,
    OrderSummary, Standing, Stated, Tracking,
};
pub use moment::{DateReader, Moment, Slashes, unreadable_dates};
pub use query::{
    AccountQuery, CallerIds, DateBound, DateRange, DocumentKey, InvoiceFilters, InvoicesQuery, Operation, OrderFilters,
    OrdersQuery, PageRequest, Query,
};
pub use reply::{Answer, CacheOutcome, Listing, Reply};
pub use transport::Transport;
