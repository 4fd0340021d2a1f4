//! The Live contract: a request's bytes become a [`Query`](livegate_core::Query), an ERP's answer becomes a response's
//! bytes, and every rule between the two is here. No I/O, and no ERP is known.
//!
//! The rules themselves are written down in `docs/live-contract.md`, each with the test that holds it.

mod aging;
mod dates;
mod json;
mod plan;
mod render;
mod request;
mod response;
mod rules;
mod tidy;

pub use aging::{Buckets, Figures, figures};
pub use dates::LiveDate;
pub use plan::{Plan, plan};
pub use request::{
    BalanceRequest, InvoiceFiltersRequest, InvoiceRequest, InvoicesRequest, MAX_NESTING, OrderFiltersRequest,
    OrderRequest, OrdersRequest, RequestError,
};
pub use response::{
    BalanceResponse, InvoiceAddress, InvoiceItem, InvoiceLineItem, InvoiceResponse, InvoicesResponse, JsonNumber,
    OrderAddress, OrderItem, OrderLineItem, OrderResponse, OrdersResponse, TrackingItem,
};
pub use rules::{CustomerFrom, Rules};
pub use tidy::tidy;
