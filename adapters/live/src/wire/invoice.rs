use std::hash::Hash;

use livegate_core::{Amount, ErpError, Invoice, InvoiceLine, InvoiceSummary, Result};
use livegate_http::lenient;
use serde::Deserialize;

use super::{LiveAddress, address, count, id, owner, standing};
use crate::answer::Told;
use crate::dates::day;
use crate::listing::{List, Row};

/// A page of invoices.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveInvoices {
    #[serde(deserialize_with = "lenient::list")]
    pub invoices: Option<Vec<LiveInvoice>>,
    #[serde(deserialize_with = "lenient::text")]
    pub total_invoices: Option<String>,
}

/// An invoice, in a list and by id.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveInvoice {
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_code: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub billing_details: Option<LiveAddress>,
    #[serde(deserialize_with = "lenient::structure")]
    pub shipping_details: Option<LiveAddress>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_status_description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub duedate: Option<String>,
    /// The list's name of the discount; by id it is `discount`.
    #[serde(deserialize_with = "lenient::amount")]
    pub discount_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub discount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_total: Option<Amount>,
    /// The contract's other name of `tax_total`.
    #[serde(deserialize_with = "lenient::amount")]
    pub sales_tax: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_po: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub note: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub invoice_lines: Option<Vec<LiveInvoiceLine>>,
}

/// A line of an invoice.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveInvoiceLine {
    #[serde(deserialize_with = "lenient::text")]
    pub item_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sku: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub qty: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub qty_shipped: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub uom: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub unit_price: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub price: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub note: Option<String>,
}

impl Told for LiveInvoice {
    const EXPECTED: &'static [&'static str] = &["invoice_id"];

    fn is_told(&self) -> bool {
        self.invoice_id.is_some()
    }

    fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl Told for LiveInvoices {
    const EXPECTED: &'static [&'static str] = &["invoices"];

    fn is_told(&self) -> bool {
        self.invoices.is_some()
    }

    fn is_blank(&self) -> bool {
        self.invoices.is_none() && count(self.total_invoices.as_deref()).is_none_or(|total| total == 0)
    }
}

impl List for LiveInvoices {
    type Row = LiveInvoice;

    fn into_rows(self) -> (Vec<LiveInvoice>, Option<u64>) {
        (self.invoices.unwrap_or_default(), count(self.total_invoices.as_deref()))
    }
}

impl Row for LiveInvoice {
    fn marks(&self) -> impl Hash {
        (self.invoice_id.as_deref(), self.invoice_date.as_deref(), self.total, self.balance)
    }
}

impl TryFrom<LiveInvoice> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(told: LiveInvoice) -> Result<Self> {
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            standing: standing(told.invoice_status_description.as_deref()),
            status: told.invoice_status_description,
            bill_to: address(told.billing_details),
            ship_to: address(told.shipping_details),
            order_id: told.order_id,
            invoice_date: day("invoice_date", told.invoice_date.as_deref()),
            due_date: day("duedate", told.duedate.as_deref()),
            discount_total: told.discount_total.or(told.discount),
            sub_total: told.sub_total,
            tax_total: told.tax_total.or(told.sales_tax),
            total: told.total,
            balance: told.balance,
            customer_po: told.customer_po,
            ..Self::new(id("an invoice", told.invoice_id.as_deref())?)
        })
    }
}

impl TryFrom<LiveInvoice> for Invoice {
    type Error = ErpError;

    fn try_from(mut told: LiveInvoice) -> Result<Self> {
        let (order_date, note, lines) = (told.order_date.take(), told.note.take(), told.invoice_lines.take());
        Ok(Self {
            summary: told.try_into()?,
            order_date: day("order_date", order_date.as_deref()),
            note,
            lines: lines.map(|lines| lines.into_iter().map(InvoiceLine::from).collect()),
        })
    }
}

impl From<LiveInvoiceLine> for InvoiceLine {
    fn from(told: LiveInvoiceLine) -> Self {
        Self {
            item_id: told.item_id,
            sku: told.sku,
            quantity: told.qty,
            quantity_shipped: told.qty_shipped,
            description: told.description,
            uom: told.uom,
            unit_price: told.unit_price,
            sub_total: None,
            tax: told.tax,
            total: told.price,
            note: told.note,
        }
    }
}
