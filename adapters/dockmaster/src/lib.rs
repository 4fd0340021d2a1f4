//! DockMaster: dealer and marina systems through their Web API v2, in JSON or in XML.
//!
//! The README beside this crate says where each field of an answer comes from and what DockMaster cannot say.

mod pending;
#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use livegate_core::{
    Account, AccountQuery, AdapterKind, Address, CallContext, Capabilities, Connection, CustomerCode, DateBound,
    DemoTenant, DocumentId, DocumentKey, ErpAdapter, ErpError, ErrorKind, Field, FieldKind, FilterSupport, Invoice,
    InvoiceSummary, InvoicesQuery, ListCapabilities, Listing, Operation, Result,
};
use livegate_http::lenient::List;
use livegate_http::{Auth, Endpoint, Format, is_one_segment};

use crate::wire::{ArInvoice, Customer, CustomerArInquiry};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "dockmaster",
    title: "DockMaster",
    capabilities: Capabilities {
        operations: &[Operation::Account, Operation::Invoices, Operation::Invoice],
        invoices: ListCapabilities {
            start_date: FilterSupport::Partial,
            covers: Some("open invoices only"),
            ..ListCapabilities::NONE
        },
        ..Capabilities::NONE
    },
    fields: &[
        Field {
            name: "base_url",
            label: "Web API address",
            help: "Where the dealer's DockMaster Web API answers: what stands before /Help in the address of its help \
                   pages. Leave out /api/v2, which is added to every call.",
            example: "https://dockmaster.harbor.example/",
            kind: FieldKind::Url,
            required: true,
            ..Field::TEXT
        },
        Field {
            name: "format",
            label: "Answer format",
            help: "The format that DockMaster is asked to answer in. Both say the same; change it only if one makes \
                   trouble.",
            example: "json",
            kind: FieldKind::Choice(&["json", "xml"]),
            default: Some("json"),
            ..Field::TEXT
        },
        Field {
            name: "auth",
            label: "Authentication",
            help: "bearer sends the access token below with every call. none sends no credentials, for an API that \
                   only the dealer's network protects.",
            example: "bearer",
            kind: FieldKind::Choice(&["none", "bearer"]),
            default: Some("none"),
            ..Field::TEXT
        },
        Field {
            name: "pending_payments",
            label: "Payments not yet posted",
            help: "What to do with payments that DockMaster has received but not posted. show leaves every balance as \
                   DockMaster states it. deduct takes them off the invoices they name and off the customer's balance, \
                   so that nobody pays twice. Either way the invoice says that a payment is pending.",
            example: "deduct",
            kind: FieldKind::Choice(&["show", "deduct"]),
            default: Some("show"),
            ..Field::TEXT
        },
        Field {
            name: "token",
            label: "Access token",
            help: "The token that whoever runs the DockMaster Web API gave you, without the word Bearer.",
            example: "eyJhbGciOiJIUzI1NiJ9…",
            secret: true,
            required: true,
            when: Some(("auth", &["bearer"])),
            ..Field::TEXT
        },
    ],
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
        order_id: None,
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
];

/// A customer whom nobody has, for a call that proves the connection and brings nothing: a blank one would bring all.
const NOBODY: &str = "livegate-ping";

struct DockMaster {
    endpoint: Endpoint,
    format: Format,
    deduct: bool,
    document_cap: usize,
    /// The dealer's system was seen not to offer customer records.
    without_records: AtomicBool,
}

impl DockMaster {
    fn new(connection: Connection) -> Result<Self> {
        let settings = &connection.settings;
        let format = if settings.text("format") == Some("xml") { Format::Xml } else { Format::Json };
        let auth = match (settings.text("auth"), settings.secret("token")) {
            (Some("bearer"), Some(token)) => Auth::Bearer(token.clone()),
            (Some("bearer"), None) => return Err(ErpError::misconfigured("auth = \"bearer\" needs the secret token")),
            _ => Auth::None,
        };
        let base_url = settings.text("base_url").ok_or_else(|| ErpError::misconfigured("base_url is missing"))?;
        Ok(Self {
            endpoint: Endpoint::new(base_url, auth, format.accept(), connection.transport)?,
            format,
            deduct: settings.text("pending_payments") == Some("deduct"),
            document_cap: connection.document_cap,
            without_records: AtomicBool::new(false),
        })
    }

    async fn entries(
        &self,
        cx: &CallContext,
        customer: &str,
        since: Option<DateBound>,
    ) -> Result<Vec<CustomerArInquiry>> {
        let mut request = self.endpoint.get(&["api", "v2", "AR", "CustomerARInquiry"]).query("CustomerId", customer);
        if let Some(since) = since {
            request = request.query("InvoiceDate", &since.day.to_string());
        }
        let List(entries) = self.format.decode(&request.send(cx).await?, "ArrayOfCustomerARInquiry")?;
        Ok(entries)
    }

    /// The customer's own entry, with pending payments deducted if the tenant wants that; `None` for an unknown customer.
    async fn inquiry(
        &self,
        cx: &CallContext,
        customer: &CustomerCode,
        since: Option<DateBound>,
    ) -> Result<Option<CustomerArInquiry>> {
        let entries = self.entries(cx, customer.as_str(), since).await?;
        let Some(mut entry) = only(entries.into_iter().filter(|entry| entry.belongs_to(customer)))? else {
            return Ok(None);
        };
        if entry.open_ar_invoices.as_ref().is_some_and(|invoices| invoices.len() > self.document_cap) {
            return Err(ErpError::new(
                ErrorKind::TooLarge,
                format!("the customer has more than {} open invoices: raise [limits] documents", self.document_cap),
            ));
        }
        entry.claim_unnamed_invoices();
        if self.deduct {
            pending::deduct(&mut entry, customer)?;
        }
        Ok(Some(entry))
    }

    async fn retrieve(&self, cx: &CallContext, id: &DocumentId) -> Result<Option<ArInvoice>> {
        let request = self.endpoint.post(&["api", "v2", "AR", "RetrieveInvoices"]).json(&[id.as_str()]);
        let List(invoices) = self.format.decode::<List<ArInvoice>>(&request.send(cx).await?, "ArrayOfInvoice")?;
        only(invoices.into_iter().filter(|invoice| invoice.id.as_deref() == Some(id.as_str())))
    }

    /// The customer's record as it is found: not at all (404), without saying whose it is, or as theirs.
    async fn record(&self, cx: &CallContext, customer: &CustomerCode) -> Result<Option<Option<Customer>>> {
        let request = self.endpoint.get(&["api", "v2", "Customers", "RetrieveCustomer", customer.as_str()]);
        let Some(body) = request.send_for_record(cx).await? else { return Ok(None) };
        self.format.decode::<Customer>(&body, "Customer")?.of(customer).map(Some)
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
        if !is_one_segment(customer.as_str()) || self.without_records.load(Ordering::Relaxed) {
            return Ok((question.await?, None));
        }
        let (answer, record) = beside(question, concerns, self.record(cx, customer)).await?;
        // Of other codes it may only say that a web server on the way does not let their characters through.
        let plain = |code: &str| code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if let Some(None) = record
            && knows
            && plain(customer.as_str())
            && !self.without_records.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "DockMaster does not offer customer records: answers go without credit, names and addresses"
            );
        }
        Ok((answer, record.flatten().flatten()))
    }
}

#[async_trait]
impl ErpAdapter for DockMaster {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        self.entries(cx, NOBODY, None).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let inquiry = self.inquiry(cx, &query.customer, None);
        let (entry, record) = self.with_record(cx, &query.customer, inquiry, Option::is_some, true).await?;
        let Some(entry) = entry else { return Ok(None) };
        // Whether a limit of zero means none or no credit is not documented.
        let credit_limit = record.and_then(|record| record.credit_limit).filter(|limit| !limit.is_zero());
        Ok(Some(Account { credit_limit, ..entry.try_into()? }))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        let inquiry = self.inquiry(cx, &query.customer, query.filters.dates.start);
        let (entry, record) = self.with_record(cx, &query.customer, inquiry, Option::is_some, true).await?;
        let address = record.as_ref().map(Address::from);
        let open = entry.and_then(|entry| entry.open_ar_invoices).unwrap_or_default();
        let summaries = open.iter().map(|invoice| Ok(addressed(invoice.try_into()?, &address)));
        summaries.collect::<Result<_>>().map(Listing::Complete)
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
        let address = record.as_ref().map(Address::from);
        Ok(Some(Invoice { summary: addressed(invoice.summary, &address), ..invoice }))
    }
}

/// An invoice states no address of its own: it goes, like the goods, to the customer's.
fn addressed(summary: InvoiceSummary, address: &Option<Address>) -> InvoiceSummary {
    InvoiceSummary { bill_to: address.clone(), ship_to: address.clone(), ..summary }
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
