use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Account, AccountQuery, Answer, CallContext, Capabilities, DemoTenant, DocumentKey, ErpError, Field, Invoice,
    InvoiceSummary, InvoicesQuery, Listing, Operation, Order, OrderSummary, OrdersQuery, Query, Reply, Result,
    Settings, Simulator, Transport,
};

/// What an integrator writes: one tenant's live connection to one ERP.
///
/// An adapter transforms. It knows nothing of tenants, caches, retries or our HTTP statuses. It implements what the ERP
/// offers, and declares just that in its capabilities.
#[async_trait]
pub trait ErpAdapter: Erp {
    /// The kind of which this is a connection.
    fn kind(&self) -> &'static AdapterKind;

    /// What this connection offers: never more than its kind.
    fn capabilities(&self) -> &Capabilities {
        &self.kind().capabilities
    }

    /// Proves address and credentials with the cheapest harmless call.
    async fn ping(&self, cx: &CallContext) -> Result<()>;

    /// The customer's balance; `None` for an unknown customer.
    async fn account(&self, _cx: &CallContext, _query: &AccountQuery) -> Result<Option<Account>> {
        Err(ErpError::unsupported(Operation::Account.title()))
    }

    /// The customer's orders.
    async fn orders(&self, _cx: &CallContext, _query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        Err(ErpError::unsupported(Operation::Orders.title()))
    }

    /// One order; `None` when the ERP has no such order.
    async fn order(&self, _cx: &CallContext, _key: &DocumentKey) -> Result<Option<Order>> {
        Err(ErpError::unsupported(Operation::Order.title()))
    }

    /// The customer's invoices.
    async fn invoices(&self, _cx: &CallContext, _query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        Err(ErpError::unsupported(Operation::Invoices.title()))
    }

    /// One invoice; `None` when the ERP has no such invoice.
    async fn invoice(&self, _cx: &CallContext, _key: &DocumentKey) -> Result<Option<Invoice>> {
        Err(ErpError::unsupported(Operation::Invoice.title()))
    }

    /// Logs out; called on eviction, removal and shutdown.
    async fn close(&self, _cx: &CallContext) {}
}

/// What layers wrap: one question, one reply.
#[async_trait]
pub trait Erp: Send + Sync {
    /// Answers `query` before the context's deadline.
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply>;
}

#[async_trait]
impl<A: ErpAdapter + ?Sized> Erp for A {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let answer = match query {
            Query::Account(query) => Answer::Account(self.account(cx, query).await?),
            Query::Orders(query) => Answer::Orders(self.orders(cx, query).await?),
            Query::Order(key) => Answer::Order(self.order(cx, key).await?),
            Query::Invoices(query) => Answer::Invoices(self.invoices(cx, query).await?),
            Query::Invoice(key) => Answer::Invoice(self.invoice(cx, key).await?),
        };
        Ok(Reply::now(answer))
    }
}

/// All that the gateway knows of an adapter: a `static` in each adapter crate, named in the registry.
pub struct AdapterKind {
    /// Its directory under `adapters/`, and the value of `adapter` in a tenant file.
    pub name: &'static str,
    /// The ERP's name.
    pub title: &'static str,
    /// The most that a connection of this kind offers.
    pub capabilities: Capabilities,
    /// The connection form.
    pub fields: &'static [Field],
    /// Makes a connection from validated settings. It sends nothing yet.
    pub connect: fn(Connection) -> Result<Arc<dyn ErpAdapter>>,
    /// Starts a stand-in for the ERP on a free loopback port.
    pub simulator: Option<fn() -> std::io::Result<Simulator>>,
    /// The demo's tenants, answered by that stand-in.
    pub demo: &'static [DemoTenant],
}

/// What an adapter makes a connection from.
pub struct Connection {
    /// The tenant's settings and secrets, validated against the adapter's fields.
    pub settings: Settings,
    /// How to send.
    pub transport: Arc<dyn Transport>,
    /// The most documents that a fetch-all may bring; past it the answer is `too_large`.
    pub document_cap: usize,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{CallerIds, CustomerCode, DocumentId, ErrorKind, InvoiceFilters, OrderFilters};

    static KIND: AdapterKind = AdapterKind {
        name: "bare",
        title: "Bare",
        capabilities: Capabilities::NONE,
        fields: &[],
        connect: |_| Ok(Arc::new(Bare)),
        simulator: None,
        demo: &[],
    };

    struct Bare;

    #[async_trait]
    impl ErpAdapter for Bare {
        fn kind(&self) -> &'static AdapterKind {
            &KIND
        }

        async fn ping(&self, _cx: &CallContext) -> Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_an_adapter_does_not_write_is_unsupported() {
        let adapter: Arc<dyn ErpAdapter> = Arc::new(Bare);
        let erp: Arc<dyn Erp> = adapter;
        let (customer, caller) = (CustomerCode::new("A").unwrap(), CallerIds::default());
        let key = DocumentKey { customer: customer.clone(), caller: caller.clone(), id: DocumentId::new("1").unwrap() };
        let queries = [
            Query::Account(AccountQuery { customer: customer.clone(), caller: caller.clone() }),
            Query::Orders(OrdersQuery {
                customer: customer.clone(),
                caller: caller.clone(),
                filters: OrderFilters::default(),
                page: None,
            }),
            Query::Order(key.clone()),
            Query::Invoices(InvoicesQuery { customer, caller, filters: InvoiceFilters::default(), page: None }),
            Query::Invoice(key),
        ];
        for query in queries {
            let error = erp.call(&CallContext::new("test", Duration::from_secs(1)), &query).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{query:?}");
            assert!(error.message().contains(query.operation().title()));
        }
    }
}
