//! SAP Business One through its Service Layer, in either generation of its API.
//!
//! The README beside this crate says where each field of an answer comes from, which rights the user needs and what the
//! Service Layer cannot say.

mod account;
mod api;
mod delivery;
mod document;
mod form;
mod number;
mod refusal;
mod session;
#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, CustomerCode, DateRange, DemoTenant,
    DocumentKey, ErpAdapter, ErpError, FilterSupport, Invoice, InvoiceSummary, InvoicesQuery, Limits, ListCapabilities,
    Listing, Operation, Order, OrderSummary, OrdersQuery, PageRequest, Result,
};
use livegate_http::{Auth, Endpoint, Session};
use tokio::sync::OnceCell;

use crate::account::Books;
use crate::api::{Api, Set, Wanted};
use crate::delivery::Shipments;
use crate::document::{Shipped, Told};
use crate::number::{Names, Numbering, Numbers};
use crate::wire::{AdminInfo, Document};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "sap-b1",
    title: "SAP Business One",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        orders: LISTS,
        invoices: LISTS,
        // On SAP HANA codes that differ in case are different customers.
        case_sensitive_codes: true,
        limits: Limits { counts_sessions: true, ..Capabilities::NONE.limits },
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(SapB1::new(connection)?)),
    #[cfg(feature = "simulator")]
    simulator: Some(simulator::start),
    #[cfg(not(feature = "simulator"))]
    simulator: None,
    demo: DEMO,
};

/// A purchase order number is left to livegate: whether the Service Layer compares it with regard to case depends on the
/// database. A number may be borne by several documents.
const LISTS: ListCapabilities = ListCapabilities {
    id: FilterSupport::Partial,
    start_date: FilterSupport::Exact,
    end_date: FilterSupport::Exact,
    pages: true,
    ..ListCapabilities::NONE
};

#[cfg(not(feature = "simulator"))]
const DEMO: &[DemoTenant] = &[];
#[cfg(feature = "simulator")]
const DEMO: &[DemoTenant] = &[
    DemoTenant {
        id: "sap-b1-v2",
        title: "Harbor Supply (SAP Business One, Service Layer v2)",
        settings: &[("base_url", "http://{address}/"), ("company_db", simulator::EUROS_TOO)],
        secrets: &[("username", simulator::USERNAME), ("password", simulator::PASSWORD)],
        customer_code: "C20000",
        order_id: Some("1010"),
        invoice_id: Some("1009"),
    },
    DemoTenant {
        id: "sap-b1-v1",
        title: "Harbor Supply (SAP Business One, Service Layer v1, documents by their keys)",
        settings: &[
            ("base_url", "http://{address}/b1s/v1/"),
            ("company_db", simulator::EUROS_TOO),
            ("document_number", "DocEntry"),
        ],
        secrets: &[("username", simulator::USERNAME), ("password", simulator::PASSWORD)],
        customer_code: "C20000",
        order_id: Some("16010"),
        invoice_id: Some("16009"),
    },
];

/// A customer whom nobody has, for a call that proves the connection and brings nothing.
const NOBODY: &str = "livegate-ping";

struct SapB1 {
    api: Api,
    numbering: Numbering,
    currencies: BTreeMap<String, String>,
    /// They never change in the life of a company.
    company: OnceCell<AdminInfo>,
}

impl SapB1 {
    fn new(Connection { settings, transport, document_cap }: Connection) -> Result<Self> {
        let base_url = settings.text("base_url").ok_or_else(|| ErpError::misconfigured("base_url is missing"))?;
        let (root, version) = api::root(base_url)?;
        let login = Arc::new(session::Login::new(&root, &settings)?);
        let session = Auth::Session(Session::new(login, Arc::clone(&transport)));
        let endpoint = Endpoint::new(&root, session, "application/json", transport)?;
        Ok(Self {
            api: Api {
                endpoint,
                dialect: Api::dialect(version),
                document_cap,
                without_cross_joins: AtomicBool::new(false),
            },
            numbering: Numbering::from_setting(settings.text("document_number")),
            currencies: settings.map("currency_map").cloned().unwrap_or_default(),
            company: OnceCell::new(),
        })
    }

    fn wanted<'a>(&self, set: Set, customer: &'a CustomerCode, dates: DateRange) -> Wanted<'a> {
        let by_key = self.numbering == Numbering::DocEntry;
        Wanted { set, customer, asked: None, dates, in_force: set != Set::Orders, by_key }
    }

    /// A list, or the page of it that was asked for.
    async fn listing<T: for<'a> TryFrom<Told<'a>, Error = ErpError>>(
        &self,
        cx: &CallContext,
        mut wanted: Wanted<'_>,
        id: Option<&str>,
        page: Option<PageRequest>,
    ) -> Result<Listing<T>> {
        if let Some(page) = page.filter(|_| id.is_none())
            && let Some(listing) = self.page(cx, wanted, page).await?
        {
            return Ok(listing);
        }
        let Some(id) = id else {
            let documents = self.api.list(cx, wanted).await?;
            let names = self.names(cx, wanted, &documents, true).await?;
            return told(&documents, &names).map(Listing::Complete);
        };
        let Some(asked) = self.numbering.read(id) else { return Ok(Listing::Complete(Vec::new())) };
        // Days cut nothing more from so few, and might cut those off that have the same number.
        (wanted.asked, wanted.dates) = (Some(asked), DateRange::default());
        let documents = self.api.list(cx, wanted).await?;
        let mut names = self.names(cx, wanted, &documents, true).await?;
        if let Some(at) = number::find(&documents, asked, |document| wanted.names(document))? {
            names = names.echo(&documents[at], id)?;
        }
        told(&documents, &names).map(Listing::Complete)
    }

    /// A page as the Service Layer cuts it, unless something in it says that it is no such page: rows of somebody else or
    /// that come twice, or fewer than there must be. Then the list is read whole.
    async fn page<T: for<'a> TryFrom<Told<'a>, Error = ErpError>>(
        &self,
        cx: &CallContext,
        wanted: Wanted<'_>,
        page: PageRequest,
    ) -> Result<Option<Listing<T>>> {
        let cut = self.api.page(cx, wanted, page).await?;
        let Some(total) = cut.total else { return Ok(None) };
        let mut seen = HashSet::new();
        for document in &cut.rows {
            if !wanted.names(document) || !seen.insert(document.numbers()?) {
                return Ok(None);
            }
        }
        let expected = total.saturating_sub(page.offset()).min(u64::from(page.size));
        if cut.rows.len() as u64 != expected {
            return Ok(None);
        }
        let names = self.names(cx, wanted, &cut.rows, expected == total).await?;
        told(&cut.rows, &names).map(|items| Some(Listing::Page { items, total }))
    }

    /// How these documents are named. Unless they are all that are in force, others are asked for that bear the same
    /// numbers: `are_all` says that no page cut any off, and days may have.
    async fn names(&self, cx: &CallContext, wanted: Wanted<'_>, known: &[Document], are_all: bool) -> Result<Names> {
        let are_all = are_all && wanted.dates == DateRange::default();
        let in_force = known.iter().filter(|document| wanted.names(document));
        let mut numbers: Vec<Numbers> = in_force.map(Document::numbers).collect::<Result<_>>()?;
        if self.numbering == Numbering::DocNum && !are_all {
            numbers = self.api.bearers(cx, wanted, &numbers).await?;
        }
        Ok(Names::new(self.numbering, numbers))
    }

    /// The document of the customer that lists show under this id; where several bear its number, the newest.
    async fn document(&self, cx: &CallContext, set: Set, key: &DocumentKey) -> Result<Option<(Document, Names)>> {
        let Some(asked) = self.numbering.read(key.id.as_str()) else { return Ok(None) };
        let usual = self.wanted(set, &key.customer, DateRange::default());
        let wanted = Wanted { asked: Some(asked), in_force: false, ..usual };
        let mut found = self.api.whole(cx, wanted).await?;
        // Of somebody else's nothing more is asked.
        found.retain(|document| document.owner().is_none_or(|owner| owner == key.customer));
        let names = self.names(cx, usual, &found, true).await?;
        let at = number::find(&found, asked, |document| usual.names(document))?;
        Ok(at.map(|at| (found.swap_remove(at), names)))
    }
}

fn told<T: for<'a> TryFrom<Told<'a>, Error = ErpError>>(documents: &[Document], names: &Names) -> Result<Vec<T>> {
    documents.iter().map(|document| Told { document, names }.try_into()).collect()
}

#[async_trait]
impl ErpAdapter for SapB1 {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.api.partner(cx, NOBODY).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let customer = &query.customer;
        let Some(partner) = self.api.partner(cx, customer.as_str()).await? else { return Ok(None) };
        // Suppliers and leads have a balance too.
        if partner.card_type.as_deref() != Some("cCustomer") {
            return Ok(None);
        }
        let (company, newest, invoices, credit_notes, down_payments) = tokio::try_join!(
            self.company.get_or_try_init(|| self.api.admin_info(cx)),
            self.api.newest_invoice(cx, customer),
            self.api.open(cx, Set::Invoices, customer),
            self.api.open(cx, Set::CreditNotes, customer),
            self.api.open(cx, Set::DownPayments, customer),
        )?;
        let documents =
            [(Set::Invoices, invoices), (Set::CreditNotes, credit_notes), (Set::DownPayments, down_payments)];
        let account = account::account(&Books { company, map: &self.currencies }, &partner, &documents)?;
        let newest = newest.as_ref().and_then(Document::date);
        Ok(Some(Account { last_charge_date: newest, last_sale_date: newest, ..account }))
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let wanted = self.wanted(Set::Orders, &query.customer, query.filters.dates);
        self.listing(cx, wanted, query.filters.order_id.as_deref(), query.page).await
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let Some((document, names)) = self.document(cx, Set::Orders, key).await? else { return Ok(None) };
        let shipments = Shipments::of_order(cx, &self.api, &key.customer, &document).await;
        let told = Told { document: &document, names: &names };
        Shipped { told, shipments: shipments.as_ref() }.try_into().map(Some)
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let wanted = self.wanted(Set::Invoices, &query.customer, query.filters.dates);
        self.listing(cx, wanted, query.filters.invoice_id.as_deref(), query.page).await
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let Some((document, names)) = self.document(cx, Set::Invoices, key).await? else { return Ok(None) };
        Told { document: &document, names: &names }.try_into().map(Some)
    }

    async fn close(&self, cx: &CallContext) {
        self.api.endpoint.close(cx).await;
    }
}
