//! The adapter as the gateway uses it: over real sockets, against its simulator and against servers that lie.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod answers;
mod lies;
mod requests;
mod settings;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_accounting::{KIND, simulator};
use livegate_core::{
    Account, AccountQuery, CallContext, CallerIds, Connection, CustomerCode, DocumentId, DocumentKey, ErpAdapter,
    ErrorKind, FieldKind, Invoice, InvoiceFilters, InvoiceSummary, InvoicesQuery, Listing, Moment, Order, OrderFilters,
    OrderSummary, OrdersQuery, Result, Settings, Value,
};
use livegate_http::transport_to;
use secrecy::SecretString;

/// One tenant's connection, asked in few words.
struct Organization(Arc<dyn ErpAdapter>);

impl Organization {
    /// By token, filtered, with ids as keys; `more` are settings and secrets of the connection form.
    fn at(address: SocketAddr, more: &[(&str, &str)]) -> Self {
        Self::capped(address, more, 10_000)
    }

    fn capped(address: SocketAddr, more: &[(&str, &str)], document_cap: usize) -> Self {
        let bearer = [("bearer", simulator::BEARER)];
        Self::connect(address, &[&bearer, more].concat(), &[], document_cap).unwrap()
    }

    /// As the demo's second tenant: whole lists, nothing filtered, friendly references.
    fn plain(address: SocketAddr) -> Self {
        Self::at(address, &PLAIN)
    }

    fn connect(
        address: SocketAddr,
        texts: &[(&str, &str)],
        resources: &[(&str, &str)],
        document_cap: usize,
    ) -> Result<Self> {
        let (mut values, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        values.insert("base_url".to_owned(), Value::Text(format!("http://{address}/elements/api-v2")));
        for (name, text) in texts {
            let field = KIND.fields.iter().find(|field| field.name == *name).unwrap();
            assert!(field.kind != FieldKind::Map);
            if field.secret {
                secrets.insert((*name).to_owned(), SecretString::from(*text));
            } else {
                values.insert((*name).to_owned(), field.kind.read(text).unwrap());
            }
        }
        if !resources.is_empty() {
            let names = resources.iter().map(|(own, name)| ((*own).to_owned(), (*name).to_owned()));
            values.insert("resources".to_owned(), Value::Map(names.collect()));
        }
        let (settings, transport) = (Settings::new(values, secrets), transport_to(&["127.0.0.1"])?);
        (KIND.connect)(Connection { settings, transport, document_cap }).map(Self)
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping(&context()).await
    }

    async fn account(&self, customer: &str) -> Result<Option<Account>> {
        self.0.account(&context(), &AccountQuery { customer: code(customer), caller: CallerIds::default() }).await
    }

    async fn invoices(&self, customer: &str) -> Result<Vec<InvoiceSummary>> {
        let (caller, filters) = (CallerIds::default(), InvoiceFilters::default());
        let query = InvoicesQuery { customer: code(customer), caller, filters, page: None };
        self.0.invoices(&context(), &query).await.map(complete)
    }

    async fn orders(&self, customer: &str) -> Result<Vec<OrderSummary>> {
        let (caller, filters) = (CallerIds::default(), OrderFilters::default());
        let query = OrdersQuery { customer: code(customer), caller, filters, page: None };
        self.0.orders(&context(), &query).await.map(complete)
    }

    async fn invoice(&self, customer: &str, id: &str) -> Result<Option<Invoice>> {
        self.0.invoice(&context(), &key(customer, id)).await
    }

    async fn order(&self, customer: &str, id: &str) -> Result<Option<Order>> {
        self.0.order(&context(), &key(customer, id)).await
    }
}

const PLAIN: [(&str, &str); 6] = [
    ("paging", "none"),
    ("filter", "none"),
    ("customer_key", "externalId"),
    ("document_number", "externalId"),
    ("parent_document", "order_id"),
    ("balance_from", "customer"),
];

fn complete<T>(listing: Listing<T>) -> Vec<T> {
    match listing {
        Listing::Complete(items) => items,
        Listing::Page { .. } => panic!("the template does not page as Live does"),
    }
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(20))
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

fn kind_of<T: std::fmt::Debug>(answer: Result<T>) -> ErrorKind {
    answer.unwrap_err().kind()
}
