//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod answers;
mod customers;
mod items;
mod lies;
mod pages;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use livegate_adapter_alloy::KIND;
use livegate_adapter_alloy::simulator::{API_KEY, CREDENTIAL_ID, Options, Running, start_with};
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, CustomerCode, DocumentId, DocumentKey, ErpAdapter,
    Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Moment, Order, OrderFilters, OrderSummary,
    OrdersQuery, Result, Settings,
};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Both versions, each with its own name for the credential.
const VERSIONS: [&[(&str, &str)]; 2] =
    [&[("version", "2024-03")], &[("version", "2023-12"), ("credential_parameter", "connectionId")]];

/// One tenant's connection, asked in few words.
struct Tenant(Arc<dyn ErpAdapter>);

impl Tenant {
    /// Over real sockets; the settings are the connection form's, secrets included.
    fn connect(base_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::capped(base_url, settings, 10_000).unwrap()
    }

    fn capped(base_url: &str, settings: &[(&str, &str)], document_cap: usize) -> Result<Self> {
        let usual = [("base_url", base_url), ("credential_id", CREDENTIAL_ID), ("api_key", API_KEY)];
        let settings = Settings::from_texts(KIND.fields, usual.into_iter().chain(settings.iter().copied())).unwrap();
        let transport = livegate_http::transport_to(&["127.0.0.1"]).unwrap();
        (KIND.connect)(Connection { settings, transport, document_cap }).map(Self)
    }

    fn of(running: &Running, settings: &[(&str, &str)]) -> Self {
        Self::connect(&format!("http://{}/", running.address()), settings)
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        let query = AccountQuery { customer: code(customer), caller: CallerIds::default() };
        self.0.account(&context(), &query).await
    }

    async fn invoices(&self, customer: &str) -> Result<Vec<InvoiceSummary>> {
        let (caller, filters) = (CallerIds::default(), InvoiceFilters::default());
        let query = InvoicesQuery { customer: code(customer), caller, filters, page: None };
        match self.0.invoices(&context(), &query).await? {
            Listing::Complete(invoices) => Ok(invoices),
            Listing::Page { .. } => panic!("Alloy neither sorts nor counts"),
        }
    }

    async fn orders(&self, customer: &str) -> Result<Vec<OrderSummary>> {
        let (caller, filters) = (CallerIds::default(), OrderFilters::default());
        let query = OrdersQuery { customer: code(customer), caller, filters, page: None };
        match self.0.orders(&context(), &query).await? {
            Listing::Complete(orders) => Ok(orders),
            Listing::Page { .. } => panic!("Alloy neither sorts nor counts"),
        }
    }

    async fn order(&self, customer: &str, id: &str) -> Result<Option<Order>> {
        self.0.order(&context(), &key(customer, id)).await
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        self.0.invoice(&context(), &key(customer, id)).await
    }
}

/// A simulator and a connection to it in each version.
fn both(options: Options) -> (Running, [Tenant; 2]) {
    let running = start_with(options).unwrap();
    let tenants = VERSIONS.map(|version| Tenant::of(&running, version));
    (running, tenants)
}

/// A server of fixed answers, by resource; the second page of each list is empty.
async fn server<const N: usize>(answers: [(&str, ResponseTemplate); N]) -> MockServer {
    let server = MockServer::start().await;
    let nothing = r#"{"customers":[],"invoices":[],"payments":[],"salesOrders":[]}"#;
    Mock::given(query_param("pageNumber", "2")).respond_with(ok(nothing)).mount(&server).await;
    for (resource, answer) in answers {
        let mock = Mock::given(method("GET")).and(path(format!("/2024-03/one/accounting/{resource}")));
        mock.respond_with(answer).mount(&server).await;
    }
    server
}

fn ok(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(r#"{"message":"no"}"#, "application/json")
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(120))
}

fn code(customer: &str) -> CustomerCode {
    CustomerCode::new(customer).unwrap()
}

fn key(customer: &str, id: &str) -> DocumentKey {
    DocumentKey { customer: code(customer), caller: CallerIds::default(), id: DocumentId::new(id).unwrap() }
}

fn day(text: &str) -> Option<Moment> {
    Some(Moment::Day(text.parse::<Date>().unwrap()))
}

fn days_from_today(days: i32) -> Option<Moment> {
    Some(Moment::Day(Timestamp::now().to_zoned(TimeZone::UTC).date() + days.days()))
}

/// Each invoice's id and balance, digit for digit.
fn balances(invoices: &[InvoiceSummary]) -> Vec<(&str, String)> {
    invoices.iter().map(|invoice| (invoice.id.as_str(), invoice.balance.unwrap().to_string())).collect()
}
