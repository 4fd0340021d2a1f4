//! An upstream that already speaks the Live contract, or says so: what it tells is read, and the answer is built anew.
//!
//! The README beside this crate says what is put right on the way and what such an upstream cannot say.

mod answer;
mod dates;
mod form;
mod listing;
mod question;
#[cfg(feature = "simulator")]
pub mod simulator;
mod upstream;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, CallerIdUse, CallerIds, Capabilities, Connection, CustomerCode,
    DemoTenant, DocumentId, DocumentKey, ErpAdapter, ErpError, Invoice, InvoiceSummary, InvoicesQuery, Listing,
    Operation, Order, OrderSummary, OrdersQuery, Result,
};

use crate::listing::{Wanted, read_all};
use crate::question::{About, Question};
use crate::upstream::Upstream;
use crate::wire::LiveBalance;
use crate::wire::invoice::{LiveInvoice, LiveInvoices};
use crate::wire::order::{LiveOrder, LiveOrders};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "live",
    title: "An upstream that speaks Live",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        // Whether an upstream uses them is its own affair; it is told who asks.
        caller_ids: CallerIdUse {
            evo_customer_id: true,
            evo_user_id: true,
            seller_reference: true,
            user_seller_reference: true,
        },
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(Live::new(connection)?)),
    #[cfg(feature = "simulator")]
    simulator: Some(simulator::start),
    #[cfg(not(feature = "simulator"))]
    simulator: None,
    demo: DEMO,
};

#[cfg(not(feature = "simulator"))]
const DEMO: &[DemoTenant] = &[];
#[cfg(feature = "simulator")]
const DEMO: &[DemoTenant] = simulator::DEMO;

/// A customer, an order and an invoice that nobody has, for a call that proves the connection and brings nothing.
const NOBODY: &str = "livegate-ping";

struct Live {
    upstream: Upstream,
    capabilities: Capabilities,
    document_cap: usize,
}

impl Live {
    fn new(connection: Connection) -> Result<Self> {
        let upstream = Upstream::new(&connection)?;
        let capabilities = Capabilities { operations: upstream.offered(), ..KIND.capabilities.clone() };
        Ok(Self { upstream, capabilities, document_cap: connection.document_cap })
    }

    async fn told_order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<LiveOrder>> {
        let about = About::Order { order_id: key.id.as_str() };
        self.upstream.ask(cx, Operation::Order, &Question::new(&key.customer, &key.caller, about)).await
    }

    async fn told_invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<LiveInvoice>> {
        let about = About::Invoice { invoice_id: key.id.as_str() };
        self.upstream.ask(cx, Operation::Invoice, &Question::new(&key.customer, &key.caller, about)).await
    }
}

#[async_trait]
impl ErpAdapter for Live {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        let caller = CallerIds::default();
        let customer = CustomerCode::new(NOBODY).expect("nobody has a plain code");
        let key = || DocumentKey {
            customer: customer.clone(),
            caller: CallerIds::default(),
            id: DocumentId::new(NOBODY).expect("a plain code is an id as well"),
        };
        match *self.capabilities.operations.first().expect("a connection has one address at least") {
            Operation::Account => self.account(cx, &AccountQuery { customer, caller }).await.map(drop),
            Operation::Orders => {
                let question = Question::new(&customer, &caller, About::orders("1", "1"));
                self.upstream.ask::<LiveOrders>(cx, Operation::Orders, &question).await.map(drop)
            }
            Operation::Invoices => {
                let question = Question::new(&customer, &caller, About::invoices("1", "1"));
                self.upstream.ask::<LiveInvoices>(cx, Operation::Invoices, &question).await.map(drop)
            }
            Operation::Order => self.told_order(cx, &key()).await.map(drop),
            Operation::Invoice => self.told_invoice(cx, &key()).await.map(drop),
        }
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let question = Question::new(&query.customer, &query.caller, About::Balance {});
        let told: Option<LiveBalance> = self.upstream.ask(cx, Operation::Account, &question).await?;
        told.map(Account::try_from).transpose()
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let OrdersQuery { customer, caller, .. } = query;
        let wanted = Wanted { operation: Operation::Orders, what: "orders", customer, caller, about: About::orders };
        let rows = read_all::<LiveOrders>(cx, &self.upstream, &wanted, self.document_cap).await?;
        rows.into_iter().map(OrderSummary::try_from).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let Some(told) = self.told_order(cx, key).await? else { return Ok(None) };
        let order = Order::try_from(told)?;
        is_the_one(&order.summary.id, &key.id)?;
        Ok(Some(order))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let InvoicesQuery { customer, caller, .. } = query;
        let wanted =
            Wanted { operation: Operation::Invoices, what: "invoices", customer, caller, about: About::invoices };
        let rows = read_all::<LiveInvoices>(cx, &self.upstream, &wanted, self.document_cap).await?;
        rows.into_iter().map(InvoiceSummary::try_from).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let Some(told) = self.told_invoice(cx, key).await? else { return Ok(None) };
        let invoice = Invoice::try_from(told)?;
        is_the_one(&invoice.summary.id, &key.id)?;
        Ok(Some(invoice))
    }
}

/// An upstream that answers with some other document does not do what it is asked: to call that "not found" would hide it.
fn is_the_one(told: &DocumentId, asked: &DocumentId) -> Result<()> {
    if told.as_str().eq_ignore_ascii_case(asked.as_str()) {
        return Ok(());
    }
    Err(ErpError::malformed("the upstream answered with another document than the one asked for"))
}
