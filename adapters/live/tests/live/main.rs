//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod answers;
mod connections;
mod front;
mod lies;
mod paging;
mod requests;
mod samples;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_live::KIND;
use livegate_adapter_live::simulator::HEADER;
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, CustomerCode, DocumentId, DocumentKey, ErpAdapter,
    Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Moment, Order, OrderFilters, OrderSummary,
    OrdersQuery, Result, Settings, Transport,
};
use livegate_http::transport_to;
use livegate_testkit::{Asked, Lie, LyingErp};

/// Each operation's setting and the simulator's path for it, in the order of the operations.
const CALLS: [(&str, &str); 5] = [
    ("customer_balance_url", "customer-balance"),
    ("orders_url", "orders"),
    ("order_url", "order"),
    ("invoices_url", "invoices"),
    ("invoice_url", "invoice"),
];

/// One tenant's connection, asked in few words.
struct Upstream(Arc<dyn ErpAdapter>);

impl Upstream {
    /// All five addresses of a simulator, or of whoever stands in for one, with its header.
    fn at(address: SocketAddr) -> Self {
        Self::with(address, &[("header_name", HEADER.0), ("header_value", HEADER.1)], 10_000)
    }

    /// The same with other settings, secrets included.
    fn with(address: SocketAddr, settings: &[(&str, &str)], cap: usize) -> Self {
        let urls = CALLS.map(|(setting, call)| (setting, format!("http://{address}/erp/{call}")));
        let urls = urls.iter().map(|(setting, url)| (*setting, url.as_str()));
        Self::through(transport_to(&["127.0.0.1"]).unwrap(), urls.chain(settings.iter().copied()), cap).unwrap()
    }

    fn through<'a>(
        transport: Arc<dyn Transport>,
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
        document_cap: usize,
    ) -> Result<Self> {
        let settings = Settings::from_texts(KIND.fields, settings).unwrap();
        (KIND.connect)(Connection { settings, transport, document_cap }).map(Self)
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        let query = AccountQuery { customer: code(customer), caller: CallerIds::default() };
        self.0.account(&context(), &query).await
    }

    async fn orders(&self, customer: &str) -> Result<Vec<OrderSummary>> {
        self.orders_for(customer, CallerIds::default()).await
    }

    async fn orders_for(&self, customer: &str, caller: CallerIds) -> Result<Vec<OrderSummary>> {
        let query = OrdersQuery { customer: code(customer), caller, filters: OrderFilters::default(), page: None };
        match self.0.orders(&context(), &query).await? {
            Listing::Complete(orders) => Ok(orders),
            Listing::Page { .. } => panic!("it reads all pages"),
        }
    }

    async fn order(&self, customer: &str, id: &str) -> Result<Option<Order>> {
        self.0.order(&context(), &key(customer, id)).await
    }

    async fn invoices(&self, customer: &str) -> Result<Vec<InvoiceSummary>> {
        let (caller, filters) = (CallerIds::default(), InvoiceFilters::default());
        let query = InvoicesQuery { customer: code(customer), caller, filters, page: None };
        match self.0.invoices(&context(), &query).await? {
            Listing::Complete(invoices) => Ok(invoices),
            Listing::Page { .. } => panic!("it reads all pages"),
        }
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        self.0.invoice(&context(), &key(customer, id)).await
    }
}

/// A server that answers every request with the same body and status 200.
async fn saying(body: &str) -> LyingErp {
    let body = body.to_owned();
    LyingErp::start(move |_| Lie::ok("application/json", body.clone())).await.unwrap()
}

/// What a request asks.
fn body(asked: &Asked) -> serde_json::Value {
    serde_json::from_slice(&asked.body).unwrap()
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(10))
}

fn code(customer: &str) -> CustomerCode {
    CustomerCode::new(customer).unwrap()
}

fn key(customer: &str, id: &str) -> DocumentKey {
    DocumentKey { customer: code(customer), caller: CallerIds::default(), id: DocumentId::new(id).unwrap() }
}

fn day(text: &str) -> Option<Moment> {
    Some(Moment::Day(text.parse().unwrap()))
}

fn text(amount: Option<livegate_core::Amount>) -> String {
    amount.map_or_else(|| "unknown".to_owned(), |amount| amount.to_string())
}
