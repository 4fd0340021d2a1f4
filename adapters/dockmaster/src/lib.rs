//! DockMaster: dealer and marina systems through either generation of their Web API.
//!
//! The README beside this crate says where each field of an answer comes from and what DockMaster cannot say.

mod api;
mod form;
mod login;
mod pending;
#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;
mod work_order;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, Address, CallContext, Capabilities, Connection, CustomerCode, DateBound,
    DemoTenant, DocumentId, DocumentKey, ErpAdapter, ErpError, ErrorKind, FilterSupport, Invoice, InvoiceSummary,
    InvoicesQuery, ListCapabilities, Listing, Operation, Order, OrderSummary, OrdersQuery, Result,
};
use livegate_http::{Endpoint, Format};

use crate::api::{Api, Found, Generation};
use crate::login::authenticate;
use crate::wire::{ArInvoice, Customer, CustomerArInquiry};
use crate::work_order::WorkOrder;

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "dockmaster",
    title: "DockMaster",
    capabilities: Capabilities {
        operations: &Operation::ALL,
        invoices: ListCapabilities {
            start_date: FilterSupport::Partial,
            covers: Some("open invoices only"),
            ..ListCapabilities::NONE
        },
        ..Capabilities::NONE
    },
    fields: form::FIELDS,
    connect: |connection| Ok(Arc::new(DockMaster::new(connection)?)),
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
        id: "dockmaster-json",
        title: "Harbor Marine (DockMaster in JSON)",
        settings: &[("base_url", "http://{address}/"), ("format", "json")],
        secrets: &[],
        customer_code: "MARINA01",
        order_id: Some("501002"),
        invoice_id: Some("100250"),
    },
    DemoTenant {
        id: "dockmaster-xml",
        title: "Lagoon Yachts (DockMaster in XML, pending payments deducted)",
        settings: &[
            ("base_url", "http://{address}/"),
            ("format", "xml"),
            ("auth", "bearer"),
            ("pending_payments", "deduct"),
        ],
        secrets: &[("token", simulator::TOKEN)],
        customer_code: "PENDING02",
        order_id: None,
        invoice_id: Some("200310"),
    },
    DemoTenant {
        id: "dockmaster-dme",
        title: "Long Wake Charters (DockMaster's newer API, with its login and paid invoices)",
        settings: &[
            ("base_url", "http://{address}/"),
            ("generation", "dme"),
            ("auth", "dme"),
            ("auth_url", "http://{address}/auth/token"),
            ("invoice_history", "with_paid"),
        ],
        secrets: &[("username", simulator::USERNAME), ("password", simulator::PASSWORD)],
        customer_code: "HISTORY09",
        order_id: Some("590004"),
        invoice_id: Some("900401"),
    },
];

/// A customer whom nobody has, for a call that proves the connection and brings nothing: a blank one would bring all.
const NOBODY: &str = "livegate-ping";

struct DockMaster {
    api: Api,
    deduct: bool,
    with_paid: bool,
    document_cap: usize,
    capabilities: Capabilities,
    /// What it offers once the dealer's system has refused to list closed work orders.
    without_closed: Capabilities,
    /// The dealer's system was seen not to offer customer records.
    without_records: AtomicBool,
    /// The dealer's system was seen to refuse the status of closed work orders.
    open_orders_only: AtomicBool,
}

impl DockMaster {
    fn new(connection: Connection) -> Result<Self> {
        let settings = &connection.settings;
        let generation = if settings.text("generation") == Some("dme") { Generation::Dme } else { Generation::V2 };
        let format = if settings.text("format") == Some("xml") { Format::Xml } else { Format::Json };
        let base_url = settings.text("base_url").ok_or_else(|| ErpError::misconfigured("base_url is missing"))?;
        let (auth, system_id) = authenticate(generation, base_url, &connection)?;
        let endpoint = Endpoint::new(base_url, auth, format.accept(), connection.transport)?;
        let with_paid = settings.text("invoice_history") == Some("with_paid");
        let mut capabilities = KIND.capabilities.clone();
        if with_paid {
            capabilities.invoices.covers = Some("open invoices, and paid ones that payments name");
            // Paid invoices come without a date: a narrowed inquiry would make open ones look paid.
            capabilities.invoices.start_date = FilterSupport::None;
        }
        let mut without_closed = capabilities.clone();
        without_closed.orders.covers = Some("open work orders");
        Ok(Self {
            api: Api { endpoint, generation, format, system_id },
            deduct: settings.text("pending_payments") == Some("deduct"),
            with_paid,
            document_cap: connection.document_cap,
            capabilities,
            without_closed,
            without_records: AtomicBool::new(false),
            open_orders_only: AtomicBool::new(false),
        })
    }

    /// The customer's own entry, with pending payments deducted if the tenant wants that; `None` for an unknown customer.
    async fn inquiry(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
        since: Option<DateBound>,
    ) -> Result<Option<CustomerArInquiry>> {
        let entries = self.api.inquiry(cx, customer.as_str(), since).await?;
        let Some(mut entry) = only(entries.into_iter().filter(|entry| entry.belongs_to(customer)))? else {
            return Ok(None);
        };
        self.within_cap(entry.open_ar_invoices.as_ref().map_or(0, Vec::len), "open invoices")?;
        entry.claim_unnamed_invoices();
        if self.deduct {
            pending::deduct(&mut entry, customer)?;
        }
        Ok(Some(entry))
    }

    /// Every invoice that a payment of the customer names and that is not open any more. What is somebody else's stays
    /// so: the owner is in the answer.
    async fn paid_invoices(
        &self,
        cx: &CallContext,
        entry: &CustomerArInquiry,
        customer: &CustomerCode,
    ) -> Result<Vec<ArInvoice>> {
        let payments = self.api.payments(cx, customer).await?;
        let open: BTreeSet<&str> =
            entry.open_ar_invoices.iter().flatten().filter_map(|invoice| invoice.id.as_deref()).collect();
        let details = payments.iter().flat_map(|payment| payment.payment_details.iter().flatten());
        let named: BTreeSet<&str> =
            details.filter_map(|detail| detail.invoice_id.as_deref()).filter(|id| !open.contains(id)).collect();
        self.within_cap(open.len() + named.len(), "invoices")?;
        let asked: Vec<&str> = named.iter().copied().collect();
        let mut invoices = self.api.invoices(cx, &asked).await?;
        let was_asked = |invoice: &ArInvoice| invoice.id.as_deref().is_some_and(|id| named.contains(id));
        invoices.retain(|invoice| invoice.belongs_to(customer) && was_asked(invoice));
        if self.deduct {
            for invoice in &mut invoices {
                pending::deduct_from(invoice, entry.pending_payments.as_deref().unwrap_or_default())?;
            }
        }
        Ok(invoices)
    }

    async fn retrieve(&self, cx: &CallContext, id: &DocumentId) -> Result<Option<ArInvoice>> {
        let invoices = self.api.invoices(cx, &[id.as_str()]).await?;
        only(invoices.into_iter().filter(|invoice| invoice.id.as_deref() == Some(id.as_str())))
    }

    /// The customer's work orders by number, with the day each was opened; closed ones too where the dealer's system
    /// gives them.
    async fn listed_work_orders(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
    ) -> Result<BTreeMap<String, Option<String>>> {
        let (open, closed) = tokio::join!(
            self.api.listed_work_orders(cx, customer, "O"),
            self.api.listed_work_orders(cx, customer, "C")
        );
        let (open, closed) = match (open?, closed) {
            // Asked in the same way but for the status, and refused with a 4xx of its own.
            (open, Err(error)) if error.kind() == ErrorKind::Misconfigured => {
                if !self.open_orders_only.swap(true, Ordering::Relaxed) {
                    tracing::warn!("DockMaster refuses to list closed work orders: only open ones are shown");
                }
                (open, Vec::new())
            }
            (open, closed) => {
                let closed = closed?;
                self.open_orders_only.store(false, Ordering::Relaxed);
                (open, closed)
            }
        };
        let listed = open.into_iter().chain(closed).map(|listed| Some((listed.id?, listed.open_date)));
        let listed: Option<BTreeMap<_, _>> = listed.collect();
        let listed = listed.ok_or_else(|| wire::missing("a listed work order", "its id"))?;
        self.within_cap(listed.len(), "work orders")?;
        Ok(listed)
    }

    fn within_cap(&self, documents: usize, what: &str) -> Result<()> {
        if documents <= self.document_cap {
            return Ok(());
        }
        let message = format!("the customer has more than {} {what}: raise [limits] documents", self.document_cap);
        Err(ErpError::new(ErrorKind::TooLarge, message))
    }

    /// Asks `question` and, at the same time, for the customer's record, which counts only if the answer `concerns` the
    /// customer. Of a customer whom the inquiry `knows`, 404 says that the dealer's system has no such records at all.
    async fn with_record<A>(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
        question: impl Future<Output = Result<A>>,
        concerns: impl FnOnce(&A) -> bool,
        knows: bool,
    ) -> Result<(A, Option<Customer>)> {
        if !self.api.can_name(customer) || self.without_records.load(Ordering::Relaxed) {
            return Ok((question.await?, None));
        }
        let (answer, record) = beside(question, concerns, self.api.record(cx, customer)).await?;
        // Of other codes it may only say that a web server on the way does not let their characters through.
        let plain = |code: &str| code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if let Some(Found::Nothing) = record
            && knows
            && plain(customer.as_str())
            && !self.without_records.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "DockMaster does not offer customer records: answers go without credit, names and addresses"
            );
        }
        let record = record.and_then(|found| if let Found::Theirs(record) = found { Some(record) } else { None });
        Ok((answer, record))
    }
}

#[async_trait]
impl ErpAdapter for DockMaster {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    fn capabilities(&self) -> &Capabilities {
        if self.open_orders_only.load(Ordering::Relaxed) { &self.without_closed } else { &self.capabilities }
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.api.inquiry(cx, NOBODY, None).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let inquiry = self.inquiry(cx, &query.customer, None);
        let (entry, record) = self.with_record(cx, &query.customer, inquiry, Option::is_some, true).await?;
        let Some(entry) = entry else { return Ok(None) };
        // Whether a limit of zero means none or no credit is not documented.
        let credit_limit = record.and_then(|record| record.credit_limit).filter(|limit| !limit.is_zero());
        Ok(Some(Account { credit_limit, ..entry.try_into()? }))
    }

    async fn orders(&self, cx: &CallContext, query: &OrdersQuery) -> Result<Listing<OrderSummary>> {
        let mut listed = self.listed_work_orders(cx, &query.customer).await?;
        let asked: Vec<&str> = listed.keys().map(String::as_str).collect();
        let mut work_orders = self.api.work_orders(cx, &asked).await?;
        work_orders.retain(|told| told.id.as_ref().is_some_and(|id| listed.contains_key(id)));
        for told in &mut work_orders {
            let opened = told.id.as_ref().and_then(|id| listed.remove(id)).flatten();
            told.open_date = told.open_date.take().or(opened);
        }
        // One that is listed and not told would be missing from a list that looks whole.
        if !listed.is_empty() {
            return Err(ErpError::malformed("DockMaster lists a work order that it does not tell"));
        }
        work_orders.iter().map(OrderSummary::try_from).collect::<Result<_>>().map(Listing::Complete)
    }

    async fn order(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Order>> {
        let theirs = |found: &Option<WorkOrder>| found.as_ref().is_some_and(|found| found.belongs_to(&key.customer));
        let question = self.api.work_order(cx, &key.id);
        let (work_order, record) = self.with_record(cx, &key.customer, question, theirs, false).await?;
        let Some(work_order) = work_order.filter(|found| found.id.as_deref() == Some(key.id.as_str())) else {
            return Ok(None);
        };
        let address = record.as_ref().map(Address::from).map(Arc::new);
        Ok(Some(Order { bill_to: address.clone(), ship_to: address, ..Order::try_from(&work_order)? }))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let question = async {
            let entry = self.inquiry(cx, &query.customer, query.filters.dates.start).await?;
            let Some(entry) = entry else { return Ok(None) };
            let paid = if self.with_paid { self.paid_invoices(cx, &entry, &query.customer).await? } else { Vec::new() };
            Ok(Some((entry, paid)))
        };
        let (found, record) = self.with_record(cx, &query.customer, question, Option::is_some, true).await?;
        let address = record.as_ref().map(Address::from).map(Arc::new);
        let Some((entry, paid)) = found else { return Ok(Listing::Complete(Vec::new())) };
        let open = entry.open_ar_invoices.as_deref().unwrap_or_default();
        let mut summaries = Vec::with_capacity(open.len() + paid.len());
        for invoice in open.iter().chain(&paid) {
            summaries.push(addressed(invoice.try_into()?, &address));
        }
        Ok(Listing::Complete(summaries))
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        let theirs =
            |invoice: &Option<ArInvoice>| invoice.as_ref().is_some_and(|found| found.belongs_to(&key.customer));
        let pending = async { if self.deduct { self.inquiry(cx, &key.customer, None).await } else { Ok(None) } };
        let question = beside(self.retrieve(cx, &key.id), theirs, pending);
        let ((invoice, entry), record) =
            self.with_record(cx, &key.customer, question, |(invoice, _)| theirs(invoice), false).await?;
        let Some(mut invoice) = invoice else { return Ok(None) };
        if let Some(payments) = entry.flatten().and_then(|entry| entry.pending_payments) {
            pending::deduct_from(&mut invoice, &payments)?;
        }
        let invoice = Invoice::try_from(invoice)?;
        let address = record.as_ref().map(Address::from).map(Arc::new);
        Ok(Some(Invoice { summary: addressed(invoice.summary, &address), ..invoice }))
    }
}

/// An invoice states no address of its own: it goes, like the goods, to the customer's.
fn addressed(mut summary: InvoiceSummary, address: &Option<Arc<Address>>) -> InvoiceSummary {
    summary.bill_to.clone_from(address);
    summary.ship_to.clone_from(address);
    summary
}

/// Asks two things at the same time. The second counts only if the answer to the first says so: otherwise it is given up,
/// be it slow or failed.
async fn beside<A, B>(
    first: impl Future<Output = Result<A>>,
    counts: impl FnOnce(&A) -> bool,
    second: impl Future<Output = Result<B>>,
) -> Result<(A, Option<B>)> {
    let first = async {
        match first.await {
            Ok(answer) if counts(&answer) => Ok(answer),
            ended => Err(ended),
        }
    };
    let second = async { Ok(second.await) };
    match tokio::try_join!(first, second) {
        Ok((answer, second)) => Ok((answer, Some(second?))),
        Err(ended) => ended.map(|answer| (answer, None)),
    }
}

/// The one that was asked for, if there is one.
fn only<T>(mut matching: impl Iterator<Item = T>) -> Result<Option<T>> {
    let first = matching.next();
    match matching.next() {
        None => Ok(first),
        Some(_) => Err(ErpError::malformed("DockMaster answered twice for one customer or invoice")),
    }
}
