//! The types of {{title}} as its documentation names them, and their meaning.
//!
//! Any member may be missing. What has no field here, such as cost or a tax id, cannot leave the ERP.

use livegate_core::{
    Account, Amount, CustomerCode, DateReader, DocumentId, ErpError, InvoiceSummary, OpenItem, Result, Slashes,
    Standing, Stated,
};
use livegate_http::lenient;
use serde::Deserialize;

// TODO(erp): dates: whether the ERP writes dates with slashes, and whether the month or the day comes first.
const DATES: DateReader = DateReader::new(Slashes::Unread);

/// `GET {{customer_path}}`
// TODO(erp): member names: what the ERP calls these, and that its balance is what the customer owes less open credits.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    credit_limit: Option<Amount>,
}
{{page_type}}

/// `GET {{invoice_path}}`, and a row of the list.
// TODO(erp): member names: what the ERP calls these, and which more of them a Live answer has room for.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireInvoice {
    #[serde(deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    customer: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    purchase_order: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    due_date: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    balance: Option<Amount>,
}

impl TryFrom<Customer> for Account {
    type Error = ErpError;

    fn try_from(customer: Customer) -> Result<Self> {
        Ok(Self {
            owner: customer.code.as_deref().and_then(CustomerCode::from_answer),
            balance: Some(Stated::plain(customer.balance.ok_or_else(|| missing("a customer", "balance"))?)),
            credit_limit: customer.credit_limit,
            ..Self::default()
        })
    }
}
{{page_rows}}

impl TryFrom<WireInvoice> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(invoice: WireInvoice) -> Result<Self> {
        let id = DocumentId::new(invoice.number.as_deref().unwrap_or_default());
        Ok(Self {
            // Only what the answer says: never whom we asked for.
            owner: invoice.customer.as_deref().and_then(CustomerCode::from_answer),
            // TODO(erp): states: how the ERP marks drafts, void and deleted documents.
            standing: match invoice.state.as_deref() {
                Some("draft") => Standing::Draft,
                Some("void") => Standing::Void,
                _ => Standing::Issued,
            },
            customer_po: invoice.purchase_order,
            // TODO(erp): dates: `day` for what the ERP defines as a date, `moment` for a point in time.
            invoice_date: DATES.day("date", invoice.date.as_deref()),
            due_date: DATES.day("dueDate", invoice.due_date.as_deref()),
            total: invoice.total,
            balance: Some(invoice.balance.ok_or_else(|| missing("an invoice", "balance"))?),
            ..Self::new(id.map_err(|_| missing("an invoice", "usable number"))?)
        })
    }
}

/// What of an invoice is still to pay; `None` for one that is paid, or that nobody has to pay.
pub(crate) fn open_item(invoice: InvoiceSummary) -> Option<OpenItem> {
    let balance = invoice.balance.filter(|balance| !balance.is_zero() && invoice.standing == Standing::Issued)?;
    Some(OpenItem {
        id: Some(invoice.id),
        owner: invoice.owner,
        balance: Stated::plain(balance),
        due_date: invoice.due_date,
        document_date: invoice.invoice_date,
        instalments: Vec::new(),
    })
}

fn missing(record: &str, member: &str) -> ErpError {
    ErpError::malformed(format!("{{title}} answered with {record} without {member}"))
}
