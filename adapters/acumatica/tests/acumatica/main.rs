//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod answers;
mod balances;
mod keys;
mod lists;
mod refusals;
mod sessions;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_acumatica::KIND;
use livegate_adapter_acumatica::simulator::{
    CLIENT_ID, CLIENT_SECRET, Options, PASSWORD, Running, TENANT, USERNAME, start_with,
};
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, CustomerCode, DateBound, DateRange, DocumentId,
    DocumentKey, ErpAdapter, Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Moment, Order,
    OrderFilters, OrderSummary, OrdersQuery, Result, Settings,
};
use livegate_http::transport_to;

/// The settings of either way to sign in, secrets included.
const SESSION: &[(&str, &str)] = &[("tenant", TENANT), ("username", USERNAME), ("password", PASSWORD)];
const OAUTH: &[(&str, &str)] = &[
    ("auth", "oauth_password"),
    ("username", USERNAME),
    ("password", PASSWORD),
    ("client_id", CLIENT_ID),
    ("client_secret", CLIENT_SECRET),
];
const DOLLARS: (&str, &str) = ("base_currency", "USD");
const SALES: (&str, &str) = ("invoice_entity", "SalesInvoice");

/// One tenant's connection, asked in few words.
#[derive(Clone)]
struct Tenant(Arc<dyn ErpAdapter>);

impl Tenant {
    /// Over real sockets; the later of two values of one setting counts.
    fn connect(base_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::capped(base_url, settings, 10_000).unwrap()
    }

    fn capped(base_url: &str, settings: &[(&str, &str)], document_cap: usize) -> Result<Self> {
        let texts = [("base_url", base_url)].into_iter().chain(settings.iter().copied());
        let settings = Settings::from_texts(KIND.fields, texts).unwrap();
        let transport = transport_to(&["127.0.0.1"]).unwrap();
        (KIND.connect)(Connection { settings, transport, document_cap }).map(Self)
    }

    /// At the site `site` of a simulator.
    fn of(running: &Running, settings: &[(&str, &str)]) -> Self {
        Self::connect(&format!("http://{}/site", running.address()), settings)
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        let query = AccountQuery { customer: code(customer), caller: CallerIds::default() };
        self.0.account(&context(), &query).await
    }

    async fn orders(&self, customer: &str) -> Result<Vec<OrderSummary>> {
        self.orders_by(customer, OrderFilters::default()).await
    }

    async fn orders_by(&self, customer: &str, filters: OrderFilters) -> Result<Vec<OrderSummary>> {
        let query = OrdersQuery { customer: code(customer), caller: CallerIds::default(), filters, page: None };
        match self.0.orders(&context(), &query).await? {
            Listing::Complete(orders) => Ok(orders),
            Listing::Page { .. } => panic!("Acumatica does not count"),
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
            Listing::Page { .. } => panic!("Acumatica does not count"),
        }
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        self.0.invoice(&context(), &key(customer, id)).await
    }

    async fn close(&self) {
        self.0.close(&context()).await;
    }
}

/// A simulator with room for everybody, and a connection to it.
fn harbor(settings: &[(&str, &str)], options: Options) -> (Running, Tenant) {
    let running = start_with(options).unwrap();
    let tenant = Tenant::of(&running, settings);
    (running, tenant)
}

fn with<'a>(settings: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().chain(more).copied().collect()
}

fn ok(body: &str) -> wiremock::ResponseTemplate {
    wiremock::ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(60))
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

/// Whole days of UTC, both ends included.
fn days(start: &str, end: &str) -> DateRange {
    let bound = |text: &str| {
        let day: jiff::civil::Date = text.parse().unwrap();
        DateBound { instant: day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp(), day }
    };
    DateRange { start: Some(bound(start)), end: Some(bound(end)) }
}

fn order_ids(orders: &[OrderSummary]) -> Vec<&str> {
    orders.iter().map(|order| order.id.as_str()).collect()
}

/// Each document's number and balance, digit for digit.
fn balances(invoices: &[InvoiceSummary]) -> Vec<(&str, String)> {
    invoices.iter().map(|invoice| (invoice.id.as_str(), invoice.balance.unwrap().to_string())).collect()
}
