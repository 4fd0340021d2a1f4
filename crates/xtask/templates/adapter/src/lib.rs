//! {{title}} through its {{FORMAT}} interface.
//!
//! The README beside this crate says where each field comes from and what {{title}} cannot say.

#[cfg(feature = "simulator")]
pub mod simulator;
mod wire;

{{std_import}}
use std::sync::Arc;

use async_trait::async_trait;
{{header_import}}
use livegate_core::{
    Account, AccountQuery, AdapterKind, CallContext, Capabilities, Connection, DateBound, DemoTenant, DocumentKey,
    ErpAdapter, ErpError, Field, FieldKind, FilterSupport, Invoice, InvoiceSummary, InvoicesQuery, ListCapabilities,
    Listing, Operation, Result,
};
{{odata_import}}
{{http_imports}}
{{secrecy_import}}
use serde::de::DeserializeOwned;

use crate::wire::{{{wire_types}}};

/// What the registry knows of this adapter.
pub static KIND: AdapterKind = AdapterKind {
    name: "{{name}}",
    title: "{{title}}",
    capabilities: Capabilities {
        // TODO(erp): operations: which of the five the ERP can answer. Each is one function below.
        operations: &[Operation::Account, Operation::Invoices, Operation::Invoice],
        invoices: ListCapabilities {
            // TODO(erp): filters: which ones the ERP applies itself, and how well. What is not named, livegate does.
            start_date: FilterSupport::Partial,
            ..ListCapabilities::NONE
        },
{{limits}}
        ..Capabilities::NONE
    },
    fields: FIELDS,
    connect: |connection| Ok(Arc::new(Books::new(connection)?)),
    #[cfg(feature = "simulator")]
    simulator: Some(simulator::start),
    #[cfg(not(feature = "simulator"))]
    simulator: None,
    demo: &[DemoTenant {
        id: "{{name}}",
        title: "A tenant of {{title}}",
{{demo_credentials}}
        customer_code: "ACME",
        order_id: None,
        invoice_id: Some("1001"),
    }],
};

const FIELDS: &[Field] = &[
    Field {
        name: "base_url",
        label: "Address",
        help: "Where the ERP's web interface answers.",
        example: "https://erp.example.com/",
        kind: FieldKind::Url,
        required: true,
        ..Field::TEXT
    },
    // TODO(erp): credentials: what a partner has to fill in, in the words of the ERP's own screens.
{{fields}}
];

/// How the ERP is asked to answer.
const FORMAT: Format = Format::{{Format}};
{{dialect}}

/// A customer whom nobody has, for a call that proves the connection and brings nothing.
const NOBODY: &str = "livegate-ping";

/// One tenant's books in the ERP.
struct Books {
    endpoint: Endpoint,
    document_cap: usize,
}

impl Books {
    fn new(connection: Connection) -> Result<Self> {
        let auth = authenticate(&connection)?;
        let base_url = required(connection.settings.text("base_url"), "base_url")?;
        let endpoint = Endpoint::new(base_url, auth, FORMAT.accept(), connection.transport)?;
        Ok(Self { endpoint, document_cap: connection.document_cap })
    }

{{functions}}
}

#[async_trait]
impl ErpAdapter for Books {
    fn kind(&self) -> &'static AdapterKind {
        &KIND
    }

    async fn ping(&self, cx: &CallContext) -> Result<()> {
        // TODO(erp): paths: the cheapest call that fails where address or credentials are wrong.
        self.invoices_of(cx, NOBODY, None).await.map(drop)
    }

    async fn account(&self, cx: &CallContext, query: &AccountQuery) -> Result<Option<Account>> {
        let code = query.customer.as_str();
        // TODO(erp): paths: the customer's record.
        let customer: Option<Customer> = {{customer_record}}.await?;
        let Some(customer) = customer else { return Ok(None) };
        // From the open invoices livegate reckons what is past due, and for how long.
        let open_items = self.invoices_of(cx, code, None).await?.into_iter().filter_map(open_item).collect();
        Ok(Some(Account { open_items: Some(open_items), ..customer.try_into()? }))
    }

    async fn invoices(&self, cx: &CallContext, query: &InvoicesQuery) -> Result<Listing<InvoiceSummary>> {
        self.invoices_of(cx, query.customer.as_str(), query.filters.dates.start).await.map(Listing::Complete)
    }

    async fn invoice(&self, cx: &CallContext, key: &DocumentKey) -> Result<Option<Invoice>> {
        // TODO(erp): paths: one invoice by its number.
        let found: Option<WireInvoice> = {{invoice_record}}.await?;
        let summary = found.map(InvoiceSummary::try_from).transpose()?.filter(|found| found.id == key.id);
        Ok(summary.map(|summary| Invoice { summary, order_date: None, note: None, lines: None }))
    }
{{close}}
}

/// Every request proves itself with what this makes of the settings.
fn authenticate(connection: &Connection) -> Result<Auth> {
    let settings = &connection.settings;
    // TODO(erp): credentials: how a request carries them.
{{authenticate}}
}

fn required<T>(setting: Option<T>, name: &str) -> Result<T> {
    setting.ok_or_else(|| ErpError::misconfigured(format!("{name} is missing")))
}
{{login_type}}
