//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod lies;
mod money;
mod numbers;
mod orders;
mod pages;
mod sessions;
mod tls;
mod traps;

use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_sap_b1::KIND;
use livegate_adapter_sap_b1::simulator::{DOLLARS, EUROS_TOO, Options, PASSWORD, Running, USERNAME, start_with};
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, Currency, CustomerCode, DocumentId, DocumentKey,
    ErpAdapter, Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Operation, Order, OrderFilters,
    OrderSummary, OrdersQuery, PageRequest, Result, Settings, Transport, Value,
};
use livegate_live::{Rules, plan, tidy};

/// The two generations, by the path of their root.
const GENERATIONS: [&str; 2] = ["b1s/v2/", "b1s/v1/"];

/// One tenant's connection, asked in few words.
struct Tenant(Arc<dyn ErpAdapter>);

impl Tenant {
    /// The settings are those of the form, secrets included; those that are not named are right for the simulator.
    fn through(transport: Arc<dyn Transport>, base_url: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let usual = [("base_url", base_url), ("company_db", EUROS_TOO), ("username", USERNAME), ("password", PASSWORD)];
        let settings = Settings::from_texts(KIND.fields, usual.into_iter().chain(settings.iter().copied())).unwrap();
        (KIND.connect)(Connection { settings, transport, document_cap: 10_000 }).map(Self)
    }

    fn connect(base_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::through(loopback(), base_url, settings).unwrap()
    }

    fn of(running: &Running, generation: &str, settings: &[(&str, &str)]) -> Self {
        Self::connect(&format!("http://{}/{generation}", running.address()), settings)
    }

    /// A company whose books are in `$`, which is or is not said to be the US dollar.
    fn in_dollars(running: &Running, is_named: bool) -> Self {
        let texts = [
            ("base_url", format!("http://{}/", running.address())),
            ("company_db", DOLLARS.to_owned()),
            ("document_number", "DocNum".to_owned()),
        ];
        let mut values: std::collections::BTreeMap<String, Value> =
            texts.into_iter().map(|(name, text)| (name.to_owned(), Value::Text(text))).collect();
        if is_named {
            values.insert("currency_map".into(), Value::Map([("$".to_owned(), "USD".to_owned())].into()));
        }
        let secrets = [("username", USERNAME), ("password", PASSWORD)];
        let secrets = secrets.map(|(name, secret)| (name.to_owned(), secret.into()));
        let settings = Settings::new(values, secrets.into());
        Self((KIND.connect)(Connection { settings, transport: loopback(), document_cap: 10_000 }).unwrap())
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        let query = AccountQuery { customer: code(customer), caller: CallerIds::default() };
        self.0.account(&context(), &query).await
    }

    async fn orders(&self, customer: &str, page: Option<(u64, u32)>) -> Result<Listing<OrderSummary>> {
        self.filtered(customer, OrderFilters::default(), page).await
    }

    async fn filtered(
        &self,
        customer: &str,
        filters: OrderFilters,
        page: Option<(u64, u32)>,
    ) -> Result<Listing<OrderSummary>> {
        let page = page.map(|(number, size)| PageRequest { number, size });
        let query = OrdersQuery { customer: code(customer), caller: CallerIds::default(), filters, page };
        self.0.orders(&context(), &query).await
    }

    async fn invoices(&self, customer: &str, page: Option<(u64, u32)>) -> Result<Listing<InvoiceSummary>> {
        let page = page.map(|(number, size)| PageRequest { number, size });
        let (caller, filters) = (CallerIds::default(), InvoiceFilters::default());
        self.0.invoices(&context(), &InvoicesQuery { customer: code(customer), caller, filters, page }).await
    }

    async fn order(&self, customer: &str, id: &str) -> Result<Option<Order>> {
        self.0.order(&context(), &key(customer, id)).await
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        self.0.invoice(&context(), &key(customer, id)).await
    }

    async fn close(&self) {
        self.0.close(&context()).await;
    }

    /// The balance as a webstore gets it.
    async fn balance(&self, customer: &str, currency: Option<&str>) -> Result<serde_json::Value> {
        let rules = Rules { currency: currency.and_then(Currency::new), ..Rules::default() };
        self.respond(Operation::Account, &rules, &format!(r#"{{"customer_code":"{customer}"}}"#)).await
    }

    /// A list of what has this number, as a webstore gets it: ids with totals, and how many there are.
    async fn numbered(&self, operation: Operation, customer: &str, id: &str) -> (Vec<(String, String)>, u64) {
        let (list, member) = match operation {
            Operation::Orders => ("orders", "order_id"),
            _ => ("invoices", "invoice_id"),
        };
        let body = format!(r#"{{"customer_code":"{customer}","filters":{{"{member}":"{id}"}}}}"#);
        let told = self.respond(operation, &Rules::default(), &body).await.unwrap();
        let item = |item: &serde_json::Value| (item[member].as_str().unwrap().to_owned(), item["total"].to_string());
        let items = told[list].as_array().unwrap().iter().map(item).collect();
        (items, told[format!("total_{list}")].as_u64().unwrap())
    }

    async fn respond(&self, operation: Operation, rules: &Rules, body: &str) -> Result<serde_json::Value> {
        let plan = plan(operation, body.as_bytes(), rules, self.0.capabilities()).unwrap();
        let reply = self.0.call(&context(), plan.query()).await?;
        let answer = Arc::unwrap_or_clone(reply.answer);
        let answer = tidy(rules, self.0.capabilities(), plan.query(), answer);
        let told = plan.respond(&answer, jiff::Timestamp::now())?;
        Ok(serde_json::from_slice(&told).unwrap())
    }
}

fn start(options: Options) -> Running {
    start_with(options).unwrap()
}

/// A simulator and a connection to it in each generation.
fn both(options: Options) -> (Running, [Tenant; 2]) {
    let running = start(options);
    let tenants = GENERATIONS.map(|generation| Tenant::of(&running, generation, &[]));
    (running, tenants)
}

fn loopback() -> Arc<dyn Transport> {
    livegate_http::transport_to(&["127.0.0.1"]).unwrap()
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

fn ids<T>(listing: &Listing<T>, id: impl Fn(&T) -> &DocumentId) -> Vec<String> {
    listing.items().iter().map(|item| id(item).as_str().to_owned()).collect()
}

fn order_ids(listing: &Listing<OrderSummary>) -> Vec<String> {
    ids(listing, |order| &order.id)
}

fn invoice_ids(listing: &Listing<InvoiceSummary>) -> Vec<String> {
    ids(listing, |invoice| &invoice.id)
}
