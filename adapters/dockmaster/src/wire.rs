//! DockMaster's own types, member by member as the v2 help pages name them, and what they mean in our terms.
//!
//! Any member may be missing. `LastPayment.CCLastFour` has no field: what is not read cannot leave. Texts that come by the
//! thousand are mostly short ones, so they are kept in place.

use livegate_core::{
    Account, Address, Amount, CustomerCode, DateReader, DocumentId, ErpError, Instalment, Invoice, InvoiceSummary,
    OpenItem, Result, Slashes, Stated,
};
use livegate_http::lenient;
use serde::Deserialize;
use smol_str::SmolStr;

/// Every date of these types is a calendar date; its layout is not documented, and the vendor is American.
pub(crate) const DATES: DateReader = DateReader::new(Slashes::MonthFirst);

/// One customer's entry in the answer of `AR/CustomerARInquiry`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CustomerArInquiry {
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub first_name: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_name: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_name: Option<SmolStr>,
    /// "Customer current A/R balance."
    #[serde(deserialize_with = "lenient::amount")]
    pub current_balance: Option<Amount>,
    /// "List of Customers open (unpaid) invoices."
    #[serde(deserialize_with = "lenient::list")]
    pub open_ar_invoices: Option<Vec<ArInvoice>>,
    /// "List of any pending (unapplied) payments."
    #[serde(deserialize_with = "lenient::list")]
    pub pending_payments: Option<Vec<CustomerPayment>>,
    #[serde(deserialize_with = "lenient::structure")]
    pub last_payment: Option<LastPayment>,
}

/// `Invoice`, in the inquiry and in the answer of `AR/RetrieveInvoices`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ArInvoice {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<SmolStr>,
    /// The unpaid amount, documented as the same as `InvoiceBalance`.
    #[serde(deserialize_with = "lenient::amount")]
    pub amount: Option<Amount>,
    /// The original amount.
    #[serde(deserialize_with = "lenient::amount")]
    pub invoice_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub invoice_balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub due_date: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<SmolStr>,
    /// Payments have been made that are not posted.
    #[serde(deserialize_with = "lenient::flag")]
    pub un_applied_payment: Option<bool>,
    #[serde(deserialize_with = "lenient::list")]
    pub installments: Option<Vec<InvoiceInstallment>>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct InvoiceInstallment {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub due_date: Option<SmolStr>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CustomerPayment {
    #[serde(deserialize_with = "lenient::text")]
    pub batch_id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_date: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_payment_amt: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub reference_num: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub posted_date: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::list")]
    pub payment_details: Option<Vec<PaymentDetail>>,
}

/// What of a payment goes to one invoice, or to a deposit document.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PaymentDetail {
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_invoice_amt: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub payment_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub invoice_balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_action_code: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_action_desc: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub deposit_doc: Option<SmolStr>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct LastPayment {
    #[serde(deserialize_with = "lenient::list")]
    pub payment_actions: Option<Vec<PaymentAction>>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_date: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::amount")]
    pub payment_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub payment_method: Option<SmolStr>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PaymentAction {
    #[serde(deserialize_with = "lenient::text")]
    pub action: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_id: Option<SmolStr>,
    #[serde(deserialize_with = "lenient::amount")]
    pub amount_applied: Option<Amount>,
}

/// The answer of `Customers/RetrieveCustomer`, as far as client code was seen to read it and a shopper may see it.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// The name that other answers have for `id`.
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address1: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address2: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub address3: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub zip: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub credit_limit: Option<Amount>,
}

impl CustomerArInquiry {
    pub(crate) fn belongs_to(&self, customer: &CustomerCode) -> bool {
        names(self.customer_id.as_deref(), customer)
    }

    /// An open invoice that names no customer belongs to the entry in which it stands.
    pub(crate) fn claim_unnamed_invoices(&mut self) {
        for invoice in self.open_ar_invoices.iter_mut().flatten() {
            invoice.customer_id = invoice.customer_id.take().or_else(|| self.customer_id.clone());
        }
    }
}

impl ArInvoice {
    pub(crate) fn belongs_to(&self, customer: &CustomerCode) -> bool {
        names(self.customer_id.as_deref(), customer)
    }

    pub(crate) fn balance(&self) -> Option<Amount> {
        self.invoice_balance.or(self.amount)
    }

    pub(crate) fn has_pending_payment(&self) -> bool {
        self.un_applied_payment == Some(true)
    }

    fn document_id(&self) -> Result<DocumentId> {
        DocumentId::new(self.id.as_deref().unwrap_or_default()).map_err(|_| missing("an invoice", "a usable Id"))
    }
}

impl TryFrom<CustomerArInquiry> for Account {
    type Error = ErpError;

    fn try_from(entry: CustomerArInquiry) -> Result<Self> {
        let items = entry.open_ar_invoices.as_ref().map(|invoices| invoices.iter().map(OpenItem::try_from).collect());
        let last_payment = entry.last_payment.as_ref();
        Ok(Self {
            owner: owner(entry.customer_id.as_deref()),
            balance: entry.current_balance.map(Stated::plain),
            open_items: items.transpose()?,
            last_payment_date: last_payment.and_then(|last| DATES.day("PaymentDate", last.payment_date.as_deref())),
            last_payment_amount: last_payment.and_then(|last| last.payment_amount),
            ..Self::default()
        })
    }
}

impl TryFrom<&ArInvoice> for OpenItem {
    type Error = ErpError;

    fn try_from(invoice: &ArInvoice) -> Result<Self> {
        let balance = invoice.balance().ok_or_else(|| missing("an open invoice", "its balance"))?;
        Ok(Self {
            id: Some(invoice.document_id()?),
            owner: owner(invoice.customer_id.as_deref()),
            balance: Stated::plain(balance),
            due_date: DATES.day("DueDate", invoice.due_date.as_deref()),
            document_date: None,
            instalments: invoice.installments.iter().flatten().map(Instalment::try_from).collect::<Result<_>>()?,
        })
    }
}

impl TryFrom<&InvoiceInstallment> for Instalment {
    type Error = ErpError;

    fn try_from(part: &InvoiceInstallment) -> Result<Self> {
        Ok(Self {
            amount: part.amount.ok_or_else(|| missing("an instalment", "its Amount"))?,
            balance: None,
            due_date: DATES.day("DueDate", part.due_date.as_deref()),
        })
    }
}

impl TryFrom<&ArInvoice> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(invoice: &ArInvoice) -> Result<Self> {
        Ok(Self {
            owner: owner(invoice.customer_id.as_deref()),
            payment_pending: invoice.has_pending_payment(),
            due_date: DATES.day("DueDate", invoice.due_date.as_deref()),
            total: invoice.invoice_amount,
            balance: invoice.balance(),
            ..Self::new(invoice.document_id()?)
        })
    }
}

impl TryFrom<ArInvoice> for Invoice {
    type Error = ErpError;

    fn try_from(invoice: ArInvoice) -> Result<Self> {
        Ok(Self {
            summary: (&invoice).try_into()?,
            order_date: None,
            note: invoice.description.map(String::from),
            lines: None,
        })
    }
}

impl Customer {
    /// The record, if it says that it is this customer's. One that names nobody is nobody's.
    ///
    /// # Errors
    /// `malformed` for the record of another customer, and for an answer without any member that a record is known for.
    pub(crate) fn of(self, asked: &CustomerCode) -> Result<Option<Self>> {
        if self == Self::default() {
            return Err(missing("a customer record", "any known member"));
        }
        match self.id.as_deref().or(self.customer_id.as_deref()) {
            None => Ok(None),
            own if names(own, asked) => Ok(Some(self)),
            Some(_) => Err(ErpError::malformed("DockMaster answered with another customer's record")),
        }
    }
}

impl From<&Customer> for Address {
    fn from(customer: &Customer) -> Self {
        Self {
            customer_id: customer.id.clone().or_else(|| customer.customer_id.clone()),
            name: customer.name.clone().or_else(|| customer.company_name.clone()),
            address1: customer.address1.clone(),
            address2: customer.address2.clone(),
            address3: customer.address3.clone(),
            city: customer.city.clone(),
            state: customer.state.clone(),
            postal_code: customer.zip.clone(),
        }
    }
}

pub(crate) fn owner(customer_id: Option<&str>) -> Option<CustomerCode> {
    customer_id.and_then(CustomerCode::from_answer)
}

pub(crate) fn names(customer_id: Option<&str>, customer: &CustomerCode) -> bool {
    let case_sensitive = crate::KIND.capabilities.case_sensitive_codes;
    owner(customer_id).is_some_and(|owner| owner.is_same_customer(customer, case_sensitive))
}

pub(crate) fn missing(where_from: &str, what: &str) -> ErpError {
    ErpError::malformed(format!("DockMaster's answer has {where_from} without {what}"))
}

#[cfg(test)]
mod tests;
