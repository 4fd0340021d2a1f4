//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod answers;
mod fixtures;
mod history;
mod lies;
mod logins;
mod orders;
mod pending;
mod requests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use livegate_adapter_dockmaster::KIND;
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, CustomerCode, DateBound, DateRange, DocumentId,
    DocumentKey, ErpAdapter, Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Moment, Order,
    OrderFilters, OrderSummary, OrdersQuery, Result, Settings, Transport, Value,
};
use livegate_http::{Clients, EgressPolicy, TransportSettings};
use secrecy::SecretString;
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const INQUIRY: &str = "/api/v2/AR/CustomerARInquiry";
const INVOICES: &str = "/api/v2/AR/RetrieveInvoices";
const RECORD: &str = "/api/v2/Customers/RetrieveCustomer";

const FORMATS: [&str; 2] = ["json", "xml"];

/// One tenant's connection, asked in few words.
struct Dealer(Arc<dyn ErpAdapter>);

impl Dealer {
    /// Over real sockets; the settings are the connection form's, secrets included.
    fn connect(base_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::through(loopback(), base_url, settings, 10_000).unwrap()
    }

    fn capped(base_url: &str, document_cap: usize) -> Self {
        Self::through(loopback(), base_url, &[], document_cap).unwrap()
    }

    fn of(address: SocketAddr, settings: &[(&str, &str)]) -> Self {
        Self::connect(&format!("http://{address}/"), settings)
    }

    fn through(
        transport: Arc<dyn Transport>,
        base_url: &str,
        settings: &[(&str, &str)],
        document_cap: usize,
    ) -> Result<Self> {
        let (mut values, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        values.insert("base_url".to_owned(), Value::Text(base_url.to_owned()));
        for (name, value) in settings {
            let field = KIND.fields.iter().find(|field| field.name == *name).unwrap();
            if field.secret {
                secrets.insert((*name).to_owned(), SecretString::from(*value));
            } else {
                values.insert((*name).to_owned(), Value::Text((*value).to_owned()));
            }
        }
        let settings = Settings::new(values, secrets);
        (KIND.connect)(Connection { settings, transport, document_cap }).map(Self)
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        let query = AccountQuery { customer: code(customer), caller: CallerIds::default() };
        self.0.account(&context(), &query).await
    }

    async fn invoices(&self, customer: &str) -> Result<Vec<InvoiceSummary>> {
        self.invoices_since(customer, None).await
    }

    async fn invoices_since(&self, customer: &str, since: Option<Date>) -> Result<Vec<InvoiceSummary>> {
        let midnight = |day: Date| day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let start = since.map(|day| DateBound { instant: midnight(day), day });
        let filters = InvoiceFilters { dates: DateRange { start, end: None }, ..InvoiceFilters::default() };
        let query = InvoicesQuery { customer: code(customer), caller: CallerIds::default(), filters, page: None };
        match self.0.invoices(&context(), &query).await? {
            Listing::Complete(invoices) => Ok(invoices),
            Listing::Page { .. } => panic!("DockMaster does not page"),
        }
    }

    async fn orders(&self, customer: &str) -> Result<Vec<OrderSummary>> {
        let (caller, filters) = (CallerIds::default(), OrderFilters::default());
        let query = OrdersQuery { customer: code(customer), caller, filters, page: None };
        match self.0.orders(&context(), &query).await? {
            Listing::Complete(orders) => Ok(orders),
            Listing::Page { .. } => panic!("DockMaster does not page"),
        }
    }

    async fn order(&self, customer: &str, id: &str) -> Result<Option<Order>> {
        let id = DocumentId::new(id).unwrap();
        self.0.order(&context(), &DocumentKey { customer: code(customer), caller: CallerIds::default(), id }).await
    }

    fn covers_orders(&self) -> Option<&'static str> {
        self.0.capabilities().orders.covers
    }

    fn covers_invoices(&self) -> Option<&'static str> {
        self.0.capabilities().invoices.covers
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        let id = DocumentId::new(id).unwrap();
        self.0.invoice(&context(), &DocumentKey { customer: code(customer), caller: CallerIds::default(), id }).await
    }
}

fn loopback() -> Arc<dyn Transport> {
    let policy = EgressPolicy::new(vec!["127.0.0.1".parse().unwrap()]);
    Clients::new(policy).transport(&TransportSettings::default()).unwrap()
}

/// A server of fixed answers.
async fn server<const N: usize>(answers: [(&str, &str, ResponseTemplate); N]) -> MockServer {
    let server = MockServer::start().await;
    for (verb, place, answer) in answers {
        let mock = Mock::given(method(verb));
        let mock = if place == RECORD { mock.and(path_regex(RECORD)) } else { mock.and(path(place)) };
        mock.respond_with(answer).mount(&server).await;
    }
    server
}

fn ok(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(r#"{"Message":"no"}"#, "application/json")
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(10))
}

fn code(customer: &str) -> CustomerCode {
    CustomerCode::new(customer).unwrap()
}

fn day(text: &str) -> Option<Moment> {
    Some(Moment::Day(text.parse().unwrap()))
}

/// Each invoice's number and balance, digit for digit.
fn balances(invoices: &[InvoiceSummary]) -> Vec<(&str, String)> {
    invoices.iter().map(|invoice| (invoice.id.as_str(), invoice.balance.unwrap().to_string())).collect()
}
