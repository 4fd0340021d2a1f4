//! Alloy: accounting systems such as NetSuite, QuickBooks and Business Central through Alloy's Unified API.
//!
//! The README beside this crate says where each field of an answer comes from and what Alloy cannot say.

mod account;
mod api;
mod customer;
mod document;
mod form;
mod items;
#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, CustomerCode, DemoTenant, DocumentId,
    DocumentKey, ErpAdapter, ErpError, Invoice, InvoiceSummary, InvoicesQuery, Limits, Listing, Operation, Order,
    OrderSummary, OrdersQuery, Result, Standing,
};
use livegate_http::{Auth, Endpoint, PageCall};

use crate::api::{Api, Version};
use crate::customer::{Buyer, CustomerKey};
use crate::document::{Document, Itemised, Numbering, Told};
use crate::items::Items;
use crate::wire::{Customer, Payment, SalesOrder};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "alloy",
    title: "Alloy Unified API",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        // Ids are opaque: where two differ in case alone, nothing says that they name one customer.
        case_sensitive_codes: true,
        limits: Limits { requests_per_minute: Some(150), ..Capabilities::NONE.limits },
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(Alloy::new(connection)?)),
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
        id: "alloy-2024",
        title: "Tern Supply (Alloy 2024-03)",
        settings: &[("base_url", "http://{address}/"), ("credential_id", simulator::CREDENTIAL_ID)],
        secrets: &[("api_key", simulator::API_KEY)],
        customer_code: "97",
        order_id: Some("SO-1010"),
        invoice_id: Some("INV-1009"),
    },
    DemoTenant {
        id: "alloy-2023",
        title: "Tern Supply (Alloy 2023-12, customers by companyId)",
        settings: &[
            ("base_url", "http://{address}/"),
            ("version", "2023-12"),
            ("credential_id", simulator::CREDENTIAL_ID),
            ("credential_parameter", "connectionId"),
            ("customer_key", "companyId"),
        ],
        secrets: &[("api_key", simulator::API_KEY)],
        customer_code: "EJCO",
        order_id: Some("SO-1010"),
        invoice_id: Some("INV-1009"),
    },
];

struct Alloy {
    api: Api,
    customer_key: CustomerKey,
    numbering: Numbering,
}

impl Alloy {
    fn new(connection: Connection) -> Result<Self> {
        let settings = &connection.settings;
        let needed = |name: &str| ErpError::misconfigured(format!("{name} is missing"));
        let base_url = settings.text("base_url").ok_or_else(|| needed("base_url"))?;
        let credential_id = settings.text("credential_id").ok_or_else(|| needed("credential_id"))?.to_owned();
        let api_key = settings.secret("api_key").ok_or_else(|| needed("api_key"))?.clone();
        let is = |name: &str, value: &str| settings.text(name) == Some(value);
        let by_connection = is("credential_parameter", "connectionId");
        Ok(Self {
            customer_key: CustomerKey::from_setting(settings.text("customer_key")),
            numbering: if is("document_number", "remoteId") { Numbering::RemoteId } else { Numbering::Number },
            api: Api {
                version: Version::from_setting(settings.text("version")),
                credential_parameter: if by_connection { "connectionId" } else { "credentialId" },
                credential_id,
                document_cap: connection.document_cap,
                endpoint: Endpoint::new(base_url, Auth::Bearer(api_key), "application/json", connection.transport)?,
            },
        })
    }

    /// Who the customer is, asked anew for every answer; `None` for an unknown one.
    async fn buyer(&self, cx: &CallContext, asked: &CustomerCode) -> Result<Option<Buyer>> {
        let key = self.customer_key;
        let told: Vec<Customer> = if key == CustomerKey::Id {
            self.api.customer(cx, asked).await?.into_iter().collect()
        } else {
            self.api.customers(cx, key, asked).await?
        };
        Buyer::among(told, key, asked)
    }

    /// The customer's own documents that may be shown.
    async fn documents<T: Document>(&self, cx: &CallContext, buyer: &Buyer) -> Result<Vec<T>> {
        let mut documents: Vec<T> = self.api.list(cx, &[("customerId", &buyer.id)]).await?;
        documents.retain(|document| document.is_shown_to(buyer));
        Ok(documents)
    }

    /// The customer's document that lists show under this id. Where several bear it, it is the one that lists show: the
    /// newest that is in force.
    async fn document<T: Document>(&self, cx: &CallContext, buyer: &Buyer, id: &DocumentId) -> Result<Option<T>> {
        let filters: &[&str] = match self.numbering {
            Numbering::Number => &[T::NUMBER_FILTER, "remoteId"],
            Numbering::RemoteId => &["remoteId"],
        };
        let is_asked = |document: &T| document.live_id(self.numbering) == Some(id.as_str());
        for filter in filters {
            let filters = [("customerId", buyer.id.as_str()), (filter, id.as_str())];
            let mut found: Vec<T> = self.api.narrowed(cx, &filters, is_asked).await?;
            found.retain(|document| is_asked(document) && document.is_shown_to(buyer));
            // Of equal ones the last is taken, and lists show the first.
            let rank = |document: &T| (document.standing() == Standing::Issued, document.dates());
            if let Some(newest) = found.into_iter().rev().max_by_key(rank) {
                return Ok(Some(newest));
            }
        }
        Ok(None)
    }

    fn told<'a, T>(&self, document: &'a T, buyer: &'a Buyer) -> Told<'a, T> {
        Told { document, buyer, numbering: self.numbering }
    }
}

#[async_trait]
impl ErpAdapter for Alloy {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        let first = PageCall { number: 1, token: None };
        self.api.page::<Customer>(cx, &[], first, 1).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let Some(buyer) = self.buyer(cx, &query.customer).await? else { return Ok(None) };
        let of_buyer = [("customerId", buyer.id.as_str())];
        let (invoices, payments) =
            tokio::try_join!(self.api.list::<wire::Invoice>(cx, &of_buyer), self.api.list::<Payment>(cx, &of_buyer))?;
        account::account(&buyer, &invoices, &payments).map(Some)
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let Some(buyer) = self.buyer(cx, &query.customer).await? else { return Ok(Listing::Complete(Vec::new())) };
        let orders: Vec<SalesOrder> = self.documents(cx, &buyer).await?;
        orders.iter().map(|order| self.told(order, &buyer).try_into()).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let Some(buyer) = self.buyer(cx, &key.customer).await? else { return Ok(None) };
        let Some(order) = self.document::<SalesOrder>(cx, &buyer, &key.id).await? else { return Ok(None) };
        let items = Items::of_document(cx, &self.api, &order).await;
        Itemised { told: self.told(&order, &buyer), items: &items }.try_into().map(Some)
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let Some(buyer) = self.buyer(cx, &query.customer).await? else { return Ok(Listing::Complete(Vec::new())) };
        let invoices: Vec<wire::Invoice> = self.documents(cx, &buyer).await?;
        let told = invoices.iter().map(|invoice| self.told(invoice, &buyer).try_into());
        told.collect::<Result<_>>().map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let Some(buyer) = self.buyer(cx, &key.customer).await? else { return Ok(None) };
        let Some(invoice) = self.document::<wire::Invoice>(cx, &buyer, &key.id).await? else { return Ok(None) };
        let items = Items::of_document(cx, &self.api, &invoice).await;
        Itemised { told: self.told(&invoice, &buyer), items: &items }.try_into().map(Some)
    }
}
