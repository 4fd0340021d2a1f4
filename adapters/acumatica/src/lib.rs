//! Acumatica through its contract-based REST API: sessions that count against a licence, wrapped values, documents with
//! keys of two parts.
//!
//! The README beside this crate says where each field of an answer comes from, what the ERP user needs, and what Acumatica
//! cannot say.

mod account;
mod api;
mod form;
mod keys;
mod login;
mod refusal;
mod seats;
#[cfg(feature = "simulator")]
pub mod simulator;
mod tracking;
mod wire;
mod wrapped;

use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, Currency, CustomerCode, DocumentKey,
    ErpAdapter, ErpError, FilterSupport, Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Limits,
    ListCapabilities, Listing, Operation, Order, OrderFilters, OrderSummary, OrdersQuery, Result,
};
use livegate_http::odata::Filter;

use crate::account::Ledger;
use crate::api::{
    Api, CUSTOMER, Entity, INVOICE, OPEN_DOCUMENT, PAYMENT, SALES_INVOICE, SALES_ORDER, can_be, narrowed, open,
};
use crate::keys::{listed, two_parts};
use crate::login::Door;
use crate::refusal::Place;
use crate::seats::Seats;
use crate::wire::{CREDIT_MEMO, Customer, Document, PREPAYMENT_INVOICE, Payment, SalesOrder, Told};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "acumatica",
    title: "Acumatica",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        orders: FILTERS,
        invoices: ListCapabilities { covers: Some("released documents"), ..FILTERS },
        // A call sends three requests at once, one session answers them in turn, and of those that wait Acumatica keeps
        // about twenty.
        limits: Limits { concurrency: Some(6), counts_sessions: true, ..Capabilities::NONE.limits },
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(Acumatica::new(&connection)?)),
    #[cfg(feature = "simulator")]
    simulator: Some(simulator::start),
    #[cfg(not(feature = "simulator"))]
    simulator: None,
    #[cfg(feature = "simulator")]
    demo: simulator::DEMO,
    #[cfg(not(feature = "simulator"))]
    demo: &[],
};

/// Numbers and days narrow a list; purchase order numbers may have been typed with blanks before them, which Acumatica
/// would not find.
const FILTERS: ListCapabilities = ListCapabilities {
    id: FilterSupport::Partial,
    start_date: FilterSupport::Partial,
    end_date: FilterSupport::Partial,
    ..ListCapabilities::NONE
};

struct Acumatica {
    api: Api,
    seats: Option<Arc<Seats>>,
    order_type: String,
    base_currency: Option<Currency>,
    invoices: &'static Entity,
    capabilities: Capabilities,
}

impl Acumatica {
    fn new(connection: &Connection) -> Result<Self> {
        let settings = &connection.settings;
        let text = |name: &str| {
            let text = settings.text(name).map(str::to_owned);
            text.ok_or_else(|| ErpError::misconfigured(format!("{name} is missing")))
        };
        let base_url = text("base_url")?;
        let place = Place {
            endpoint: text("endpoint")?,
            version: text("version")?,
            branch: settings.text("branch").map(str::to_owned),
        };
        let Door { auth, transport, seats } = Door::of(connection, &base_url)?;
        let mut capabilities = KIND.capabilities.clone();
        let from_orders = settings.text("invoice_entity") == Some("SalesInvoice");
        if from_orders {
            capabilities.invoices.covers = Some("released documents that were billed from sales orders");
        }
        Ok(Self {
            api: Api::new(&base_url, auth, transport, place, connection.document_cap)?,
            seats,
            order_type: text("order_type")?,
            base_currency: settings.text("base_currency").and_then(Currency::new),
            invoices: if from_orders { &SALES_INVOICE } else { &INVOICE },
            capabilities,
        })
    }
}

fn nothing<T>() -> Listing<T> {
    Listing::Complete(Vec::new())
}

#[async_trait]
impl ErpAdapter for Acumatica {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.api.ping(cx).await
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let code = [query.customer.as_str()];
        if !can_be(code[0]) {
            return Ok(None);
        }
        let settling = Filter::ne("Type", CREDIT_MEMO).and(Filter::ne("Type", PREPAYMENT_INVOICE));
        let payments = open(&PAYMENT, code[0]).and(settling);
        let (customer, documents, payments) = tokio::try_join!(
            self.api.record::<Customer>(cx, &CUSTOMER, &code),
            self.api.list::<Document>(cx, &OPEN_DOCUMENT, open(&OPEN_DOCUMENT, code[0])),
            self.api.list::<Payment>(cx, &PAYMENT, payments),
        )?;
        let Some(customer) = customer else { return Ok(None) };
        let base_currency = self.base_currency.as_ref();
        Ledger { customer: &customer, base_currency, documents: &documents, payments: &payments }.try_into().map(Some)
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let OrderFilters { order_id, dates, .. } = &query.filters;
        let asked = order_id.as_deref().map(|id| two_parts(id, &self.order_type));
        let Some(filter) = narrowed(&SALES_ORDER, &query.customer, asked, dates) else { return Ok(nothing()) };
        let orders: Vec<SalesOrder> = self.api.list(cx, &SALES_ORDER, filter).await?;
        let told = orders.iter().map(|order| {
            let summary = OrderSummary::try_from(Told(order, &self.order_type))?;
            let same = order_id.as_deref().filter(|_| asked.is_some_and(|key| order.is_keyed(key)));
            Ok(OrderSummary { id: listed(summary.id, same), ..summary })
        });
        told.collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let asked = two_parts(key.id.as_str(), &self.order_type);
        let order: Option<SalesOrder> = self.api.record(cx, &SALES_ORDER, &asked).await?;
        let Some(order) = order.filter(|order| order.is_keyed(asked)) else { return Ok(None) };
        let answer = Order::try_from(Told(&order, &self.order_type))?;
        // Nobody's parcels are looked up for somebody else.
        let is_theirs = |owner: &CustomerCode| owner.is_same_customer(&key.customer, false);
        let tracking = match answer.summary.owner.as_ref().is_some_and(is_theirs) {
            true => tracking::parcels(cx, &self.api, &order).await,
            false => None,
        };
        Ok(Some(Order { tracking, ..answer }))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let InvoiceFilters { invoice_id, dates, .. } = &query.filters;
        let asked = invoice_id.as_deref().map(|id| two_parts(id, wire::INVOICE));
        let Some(filter) = narrowed(self.invoices, &query.customer, asked, dates) else { return Ok(nothing()) };
        let documents: Vec<Document> = self.api.list(cx, self.invoices, filter).await?;
        let told = documents.iter().map(|document| {
            let summary = InvoiceSummary::try_from(Told(document, &self.order_type))?;
            let same = invoice_id.as_deref().filter(|_| asked.is_some_and(|key| document.is_keyed(key)));
            Ok(InvoiceSummary { id: listed(summary.id, same), ..summary })
        });
        told.collect::<Result<_>>().map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let asked = two_parts(key.id.as_str(), wire::INVOICE);
        let document: Option<Document> = self.api.record(cx, self.invoices, &asked).await?;
        document
            .filter(|found| found.is_keyed(asked))
            .map(|found| Told(&found, &self.order_type).try_into())
            .transpose()
    }

    async fn close(&self, cx: &CallContext) {
        self.api.close(cx).await;
        if let Some(seats) = &self.seats {
            seats.leave(cx).await;
        }
    }
}
