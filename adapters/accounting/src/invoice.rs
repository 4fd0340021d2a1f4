//! Product and expense invoices. The template describes an expense invoice's lines but not its header; where an
//! organisation maps one, it is that of a product invoice.

use std::sync::Arc;

use livegate_core::{
    Amount, Currency, DocumentId, ErpError, Invoice as LiveInvoice, InvoiceLine as LiveLine, InvoiceSummary, Moment,
    OpenItem, Result, Stated,
};
use livegate_http::lenient;
use serde::Deserialize;

use crate::wire::{CustomerReference, DATES, Document, PostalAddress, Row, Told, currency, missing, rows};

rows!(Invoice);

/// An invoice.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Invoice {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub external_id: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub customer: Option<CustomerReference>,
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub due_date: Option<String>,
    /// "Customer purchase order/Sales order associated with this invoice."
    #[serde(deserialize_with = "lenient::text")]
    pub parent_document_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub discount_amount: Option<Amount>,
    /// "The total amount of invoice excluding taxes."
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_amount: Option<Amount>,
    /// "Amount of the invoice, inclusive of tax."
    #[serde(deserialize_with = "lenient::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount_due: Option<Amount>,
    #[serde(deserialize_with = "lenient::structure")]
    pub billing_address: Option<PostalAddress>,
    #[serde(deserialize_with = "lenient::structure")]
    pub shipping_address: Option<PostalAddress>,
    #[serde(deserialize_with = "lenient::list")]
    pub lines: Option<Vec<InvoiceLine>>,
}

/// A line of an invoice.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct InvoiceLine {
    #[serde(deserialize_with = "lenient::structure")]
    pub product: Option<Product>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sales_uom: Option<String>,
    /// "Number of units of product provided."
    #[serde(deserialize_with = "lenient::amount")]
    pub quantity: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_amount: Option<Amount>,
    /// "The total amount of the line including taxes."
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
}

/// What is sold by a line. Its cost may be what it was bought for, and is not read.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

impl Document for Invoice {
    fn customer(&self) -> Option<&CustomerReference> {
        self.customer.as_ref()
    }

    fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }
}

impl Invoice {
    pub(crate) fn dated(&self) -> Option<Moment> {
        DATES.day("invoiceDate", self.invoice_date.as_deref())
    }

    pub(crate) fn due(&self) -> Option<Moment> {
        DATES.day("dueDate", self.due_date.as_deref())
    }

    pub(crate) fn stated_in(&self) -> Option<Currency> {
        currency(self.currency.as_deref())
    }
}

impl TryFrom<&Told<'_, Invoice>> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(told: &Told<'_, Invoice>) -> Result<Self> {
        let Invoice { customer, status, parent_document_number, billing_address, shipping_address, .. } = told.row;
        let (customer, parent) = (customer.as_ref(), parent_document_number.clone());
        let (order_id, customer_po) = if told.conventions.parent_is_order { (parent, None) } else { (None, parent) };
        let payer = customer.and_then(|customer| customer.name.as_deref());
        Ok(Self {
            owner: told.owner.clone(),
            standing: told.row.standing(),
            status: status.clone(),
            bill_to: billing_address.as_ref().and_then(|address| address.told(customer, payer)).map(Arc::new),
            ship_to: shipping_address.as_ref().and_then(|address| address.told(customer, None)).map(Arc::new),
            order_id,
            invoice_date: told.row.dated(),
            due_date: told.row.due(),
            discount_total: told.row.discount_amount,
            sub_total: told.row.sub_total,
            tax_total: told.row.tax_amount,
            total: told.row.amount,
            balance: told.row.total_amount_due,
            customer_po,
            ..Self::new(told.number("an invoice")?)
        })
    }
}

impl TryFrom<&Told<'_, Invoice>> for LiveInvoice {
    type Error = ErpError;

    fn try_from(told: &Told<'_, Invoice>) -> Result<Self> {
        let line = |line: &InvoiceLine| {
            let product = line.product.as_ref();
            LiveLine {
                item_id: product.and_then(|product| product.id.clone()),
                description: line.description.clone().or_else(|| product.and_then(|product| product.name.clone())),
                uom: line.sales_uom.clone(),
                quantity: line.quantity,
                quantity_shipped: line.quantity,
                sub_total: line.sub_total,
                tax: line.tax_amount,
                total: line.total_amount,
                ..LiveLine::default()
            }
        };
        Ok(Self {
            summary: told.try_into()?,
            order_date: None,
            note: told.row.description.clone(),
            lines: told.row.lines.as_ref().map(|lines| lines.iter().map(line).collect()),
        })
    }
}

impl TryFrom<&Told<'_, Invoice>> for OpenItem {
    type Error = ErpError;

    fn try_from(told: &Told<'_, Invoice>) -> Result<Self> {
        let due = told.row.total_amount_due.ok_or_else(|| missing("an invoice", "its totalAmountDue"))?;
        Ok(Self {
            // The ERP's own id tells two invoices apart even where a friendly reference stands on both.
            id: told.row.id().or(told.row.external_id()).and_then(|id| DocumentId::new(id).ok()),
            owner: told.owner.clone(),
            balance: Stated { amount: due, currency: told.row.stated_in(), elsewhere: Vec::new() },
            due_date: told.row.due(),
            document_date: told.row.dated(),
            instalments: Vec::new(),
        })
    }
}
