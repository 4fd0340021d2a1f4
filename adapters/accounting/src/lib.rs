//! The accounting template of SAP Open Connectors, formerly Cloud Elements: one shape for the books of many accounting
//! systems.
//!
//! The README beside this crate says where each field of an answer comes from and what the template cannot say.

mod api;
mod balance;
mod ceql;
mod form;
mod invoice;
mod order;
mod setup;
#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, CustomerCode, DemoTenant, DocumentId,
    DocumentKey, ErpAdapter, ErpError, ErrorKind, Invoice as LiveInvoice, InvoiceSummary, InvoicesQuery, Listing,
    Operation, Order as LiveOrder, OrderSummary, OrdersQuery, Result,
};
use livegate_http::{Endpoint, is_one_segment};
use serde::de::DeserializeOwned;

use crate::api::{Api, CUSTOMERS, EXPENSE_INVOICES, PAYMENTS, PRODUCT_INVOICES, Paging, Resource, SALES_ORDERS};
use crate::balance::{BalanceFrom, Books};
use crate::invoice::Invoice;
use crate::order::Order;
use crate::setup::Resources;
use crate::wire::{Conventions, Customer, Document, Key, Payment, Told};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "accounting",
    title: "Accounting template (SAP Open Connectors, Cloud Elements)",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        // Whose ids these are depends on the connector, and there are systems whose ids differ in case alone.
        case_sensitive_codes: true,
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(Accounting::new(connection)?)),
    #[cfg(feature = "simulator")]
    simulator: Some(simulator::start),
    #[cfg(not(feature = "simulator"))]
    simulator: None,
    demo: DEMO,
};

#[cfg(not(feature = "simulator"))]
const DEMO: &[DemoTenant] = &[];
#[cfg(feature = "simulator")]
const DEMO: &[DemoTenant] = &[
    DemoTenant {
        id: "accounting-elements",
        title: "Northwind Chandlery (accounting template, by token and filter)",
        settings: &[("base_url", "http://{address}/elements/api-v2")],
        secrets: &[
            ("user_secret", simulator::USER),
            ("organization_secret", simulator::ORGANIZATION),
            ("element_token", simulator::ELEMENT),
        ],
        customer_code: "1001",
        order_id: Some("992"),
        invoice_id: Some("9991"),
    },
    DemoTenant {
        id: "accounting-plain",
        title: "Northwind Chandlery (accounting template, whole lists, friendly references)",
        settings: &[
            ("base_url", "http://{address}/elements/api-v2/"),
            ("paging", "none"),
            ("filter", "none"),
            ("customer_key", "externalId"),
            ("document_number", "externalId"),
            ("parent_document", "order_id"),
            ("balance_from", "customer"),
        ],
        secrets: &[("bearer", simulator::BEARER)],
        customer_code: "HARBOR01",
        order_id: Some("SO-2"),
        invoice_id: Some("INV-2"),
    },
];

struct Accounting {
    api: Api,
    customer_key: Key,
    conventions: Conventions,
    balance_from: BalanceFrom,
}

/// Whose documents are asked for.
struct Asked {
    /// By which id documents name the customer.
    id: String,
    /// The code that the customer's record states; `None` where that id itself is the code.
    code: Option<CustomerCode>,
}

impl Asked {
    /// Whether the document is the customer's and was issued. What never was may lack anything, even its number.
    fn owns(&self, document: &impl Document) -> bool {
        document.customer_id() == Some(&*self.id) && document.is_issued()
    }
}

impl Accounting {
    fn new(connection: Connection) -> Result<Self> {
        let settings = &connection.settings;
        let base_url = settings.text("base_url").ok_or_else(|| ErpError::misconfigured("base_url is missing"))?;
        let auth = setup::authenticate(settings)?;
        let resources = Resources::read(settings)?;
        Ok(Self {
            api: Api {
                endpoint: Endpoint::new(base_url, auth, "application/json", connection.transport)?,
                resources,
                paging: match settings.text("paging") {
                    Some("page") => Paging::Number,
                    Some("none") => Paging::Whole,
                    _ => Paging::Token,
                },
                filters: settings.text("filter") != Some("none"),
                cap: connection.document_cap,
            },
            customer_key: setup::key(settings, "customer_key"),
            conventions: Conventions {
                document_number: setup::key(settings, "document_number"),
                parent_is_order: settings.text("parent_document") == Some("order_id"),
            },
            balance_from: match settings.text("balance_from") {
                Some("customer") => BalanceFrom::Customer,
                _ => BalanceFrom::Invoices,
            },
        })
    }

    /// The customer whose key is this code.
    async fn customer(&self, cx: &CallContext, code: &CustomerCode) -> Result<Option<Customer>> {
        let (key, code) = (self.customer_key, code.as_str());
        if key == Key::Id && is_one_segment(code) {
            return self.api.record(cx, CUSTOMERS, code).await;
        }
        let mut customers: Vec<Customer> = self.api.rows(cx, CUSTOMERS, key.name(), code).await?;
        customers.retain(|customer| key.of(customer) == Some(code));
        // An ERP may send one customer twice; only another one makes the key ambiguous.
        let mut seen = BTreeSet::new();
        customers.retain(|customer| customer.id.is_none() || seen.insert(customer.id.clone()));
        match customers.len() {
            0 | 1 => Ok(customers.pop()),
            _ => Err(ErpError::malformed(format!(
                "more than one customer has the {} that was asked for: make it unique in the ERP, or choose another \
                 customer_key",
                key.name()
            ))),
        }
    }

    /// By which id documents name the customer; `None` for an unknown one.
    async fn asked(&self, cx: &CallContext, code: &CustomerCode) -> Result<Option<Asked>> {
        match self.customer_key {
            Key::Id => Ok(Some(Asked { id: code.as_str().to_owned(), code: None })),
            Key::ExternalId => self.customer(cx, code).await?.as_ref().map(|record| self.known(record)).transpose(),
        }
    }

    fn known(&self, record: &Customer) -> Result<Asked> {
        let code = record.external_id.as_deref().and_then(CustomerCode::from_answer);
        Ok(Asked { id: record.known_id()?.to_owned(), code: code.filter(|_| self.customer_key == Key::ExternalId) })
    }

    /// The customer's documents of a resource.
    async fn owned<T: Document + DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        asked: &Asked,
    ) -> Result<Vec<T>> {
        let mut rows: Vec<T> = self.api.rows(cx, resource, "customer.id", &asked.id).await?;
        rows.retain(|row| asked.owns(row));
        Ok(rows)
    }

    /// Those of the customer's documents of a resource that have this number. One that no request can name is looked for
    /// among all that the customer has.
    async fn numbered<T: Document + DeserializeOwned>(
        &self,
        cx: &CallContext,
        resource: Resource,
        asked: &Asked,
        number: &DocumentId,
    ) -> Result<Vec<T>> {
        let (key, number) = (self.conventions.document_number, number.as_str());
        let mut rows: Vec<T> = match key {
            Key::Id if is_one_segment(number) => self.api.record(cx, resource, number).await?.into_iter().collect(),
            Key::ExternalId if self.api.condition(key.name(), number).is_some() => {
                self.api.rows(cx, resource, key.name(), number).await?
            }
            Key::Id | Key::ExternalId => self.owned(cx, resource, asked).await?,
        };
        rows.retain(|row| key.of(row) == Some(number) && asked.owns(row));
        Ok(rows)
    }

    /// The customer's invoices of both kinds, each of which is a resource of its own unless both have one name.
    async fn owned_invoices(&self, cx: &CallContext, asked: &Asked) -> Result<Vec<Invoice>> {
        let invoices = if self.has_one_invoice_resource() {
            self.owned(cx, PRODUCT_INVOICES, asked).await?
        } else {
            let (mut product, expense): (Vec<Invoice>, Vec<Invoice>) =
                tokio::try_join!(self.owned(cx, PRODUCT_INVOICES, asked), self.owned(cx, EXPENSE_INVOICES, asked))?;
            product.extend(expense);
            product
        };
        if invoices.len() > self.api.cap {
            let message = format!("the customer has more than {} invoices: raise [limits] documents", self.api.cap);
            return Err(ErpError::new(ErrorKind::TooLarge, message));
        }
        Ok(invoices)
    }

    fn has_one_invoice_resource(&self) -> bool {
        let names = [PRODUCT_INVOICES, EXPENSE_INVOICES].map(|resource| self.api.resources.name(resource.name));
        names[0] == names[1]
    }

    fn told<'a, T: Document>(&self, row: &'a T, asked: &Asked) -> Told<'a, T> {
        let owner = match &asked.code {
            Some(code) => (row.customer_id() == Some(&*asked.id)).then(|| code.clone()),
            None => row.customer_id().and_then(CustomerCode::from_answer),
        };
        Told { row, conventions: self.conventions, owner }
    }
}

#[async_trait]
impl ErpAdapter for Accounting {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.api.ping(cx).await
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let Some(record) = self.customer(cx, &query.customer).await? else { return Ok(None) };
        let asked = self.known(&record)?;
        let (invoices, payments) =
            tokio::try_join!(self.owned_invoices(cx, &asked), self.owned::<Payment>(cx, PAYMENTS, &asked))?;
        let invoices = invoices.iter().map(|invoice| self.told(invoice, &asked)).collect();
        let (from, key) = (self.balance_from, self.customer_key);
        Books { record: &record, key, from, invoices, payments: &payments }.try_into().map(Some)
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let Some(asked) = self.asked(cx, &query.customer).await? else { return Ok(Listing::Complete(Vec::new())) };
        let orders: Vec<Order> = self.owned(cx, SALES_ORDERS, &asked).await?;
        let summaries = orders.iter().map(|order| OrderSummary::try_from(&self.told(order, &asked)));
        summaries.collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<LiveOrder>> {
        let Some(asked) = self.asked(cx, &key.customer).await? else { return Ok(None) };
        let orders: Vec<Order> = self.numbered(cx, SALES_ORDERS, &asked, &key.id).await?;
        let newest = orders.iter().max_by_key(|order| order.dated());
        newest.map(|order| LiveOrder::try_from(&self.told(order, &asked))).transpose()
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let Some(asked) = self.asked(cx, &query.customer).await? else { return Ok(Listing::Complete(Vec::new())) };
        let invoices = self.owned_invoices(cx, &asked).await?;
        let summaries = invoices.iter().map(|invoice| InvoiceSummary::try_from(&self.told(invoice, &asked)));
        summaries.collect::<Result<_>>().map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<LiveInvoice>> {
        let Some(asked) = self.asked(cx, &key.customer).await? else { return Ok(None) };
        let expense = async {
            if self.has_one_invoice_resource() {
                return Ok(Vec::new());
            }
            self.numbered::<Invoice>(cx, EXPENSE_INVOICES, &asked, &key.id).await
        };
        let product = self.numbered::<Invoice>(cx, PRODUCT_INVOICES, &asked, &key.id);
        let (product, expense) = tokio::join!(product, expense);
        // Where both fail, the expense invoice's 404 is the less telling one.
        let (product, expense) = (product?, expense?);
        // As in a list, of equal numbers the newest counts; of two that are alike the one of products does.
        let newest = expense.iter().chain(&product).max_by_key(|invoice| (invoice.dated(), invoice.due()));
        newest.map(|invoice| LiveInvoice::try_from(&self.told(invoice, &asked))).transpose()
    }
}
