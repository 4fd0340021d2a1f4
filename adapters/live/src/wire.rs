//! The contract's own answers, member by member as its samples name them, and what they mean in our terms.
//!
//! Any member may be missing, null, or a text where the samples have a number. What the contract does not name is not read,
//! so cards, costs and tax ids cannot leave. `total_due` has no field either: it is the sum of the buckets.

use livegate_core::{
    Account, Address, Aging, Amount, CustomerCode, DocumentId, ErpError, Invoice, InvoiceLine, InvoiceSummary, Order,
    OrderLine, OrderSummary, Result, Standing, Stated, Tracking,
};
use livegate_http::lenient;
use serde::Deserialize;

use crate::answer::Told;
use crate::dates::{day, moment};
use crate::listing::List;

/// The customer's A/R balance.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveBalance {
    #[serde(deserialize_with = "lenient::text")]
    pub customer_code: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_charge_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_sale_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub last_payment_date: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub last_payment_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_30_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_60_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_90_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_120_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub due_over_120_days: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub open_credits: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub credit_available: Option<Amount>,
}

/// A page of orders.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LiveOrders {
    #[serde(deserialize_with = "lenient::list")]
    pub orders: Option<Vec<LiveOrder>>,
    #[serde(deserialize_with = "lenient::text")]
    pub total_orders: Option<String>,
}

/// An order, in a list and by id.
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default)]
pub(crate) struct LiveOrder {
    #[serde(deserialize_with = "lenient::text")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_code: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub billing_details: Option<LiveAddress>,
    #[serde(deserialize_with = "lenient::structure")]
    pub shipping_details: Option<LiveAddress>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_type_description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_status_description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub ship_date: Option<String>,
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
    #[serde(deserialize_with = "lenient::text")]
    pub ordered_by: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_po: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub order_comments: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub third_party_order_number: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub order_lines: Option<Vec<LiveOrderLine>>,
    #[serde(deserialize_with = "lenient::list")]
    pub tracking_information: Option<Vec<LiveTracking>>,
}

/// A line of an order.
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default)]
pub(crate) struct LiveOrderLine {
    #[serde(deserialize_with = "lenient::text")]
    pub line_no: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub product_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sku: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub note: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub uom: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub qty: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub qty_shipped: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub unit_price: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total: Option<Amount>,
}

/// A parcel.
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default)]
pub(crate) struct LiveTracking {
    #[serde(deserialize_with = "lenient::text")]
    pub carrier_account_number: Option<String>,
    /// A text in the sample, and blank there: it may be no number.
    #[serde(deserialize_with = "lenient::text")]
    pub delivery_charge: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub delivery_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub shipping_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub status_time: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub weight: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub note: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub tracking_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub tracking_url: Option<String>,
}

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
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
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
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
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

/// An address. That of an order names its customer too, which nobody needs: an owner is named by the document itself.
#[derive(Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default)]
pub(crate) struct LiveAddress {
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
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
    pub postal_code: Option<String>,
}

impl Told for LiveBalance {
    const EXPECTED: &'static [&'static str] = &["customer_code", "balance"];

    fn is_told(&self) -> bool {
        self.customer_code.is_some() || self.balance.is_some()
    }

    fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl Told for LiveOrder {
    const EXPECTED: &'static [&'static str] = &["order_id"];

    fn is_told(&self) -> bool {
        self.order_id.is_some()
    }

    fn is_blank(&self) -> bool {
        *self == Self::default()
    }
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

impl Told for LiveOrders {
    const EXPECTED: &'static [&'static str] = &["orders"];

    fn is_told(&self) -> bool {
        self.orders.is_some()
    }

    fn is_blank(&self) -> bool {
        self.orders.is_none() && count(self.total_orders.as_deref()).is_none_or(|total| total == 0)
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

impl List for LiveOrders {
    type Row = LiveOrder;

    fn into_rows(self) -> (Vec<LiveOrder>, Option<u64>) {
        (self.orders.unwrap_or_default(), count(self.total_orders.as_deref()))
    }
}

impl List for LiveInvoices {
    type Row = LiveInvoice;

    fn into_rows(self) -> (Vec<LiveInvoice>, Option<u64>) {
        (self.invoices.unwrap_or_default(), count(self.total_invoices.as_deref()))
    }
}

impl TryFrom<LiveBalance> for Account {
    type Error = ErpError;

    fn try_from(told: LiveBalance) -> Result<Self> {
        let balance = told.balance.ok_or_else(|| ErpError::malformed("the upstream's balance has no balance"))?;
        let aging = || {
            Some(Aging {
                days_1_to_30: told.due_30_days?,
                days_31_to_60: told.due_60_days?,
                days_61_to_90: told.due_90_days?,
                days_91_to_120: told.due_120_days?,
                over_120_days: told.due_over_120_days?,
            })
        };
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            balance: Some(Stated::plain(balance)),
            aging: aging(),
            // Which sign they have is not documented; ours is positive.
            open_credits: told.open_credits.map(Amount::abs),
            last_charge_date: moment("last_charge_date", told.last_charge_date.as_deref()),
            last_sale_date: moment("last_sale_date", told.last_sale_date.as_deref()),
            last_payment_date: moment("last_payment_date", told.last_payment_date.as_deref()),
            last_payment_amount: told.last_payment_amount,
            credit_available: told.credit_available,
            ..Self::default()
        })
    }
}

impl TryFrom<&LiveOrder> for OrderSummary {
    type Error = ErpError;

    fn try_from(told: &LiveOrder) -> Result<Self> {
        let standing = match standing(told.order_status_description.as_deref()) {
            // A cancelled order is shown with its status.
            Standing::Void => Standing::Issued,
            standing => standing,
        };
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            standing,
            order_type: told.order_type_description.clone(),
            status: told.order_status_description.clone(),
            order_date: day("order_date", told.order_date.as_deref()),
            ship_date: day("ship_date", told.ship_date.as_deref()),
            discount_total: told.discount_total.or(told.discount),
            sub_total: told.sub_total,
            tax_total: told.tax_total.or(told.sales_tax),
            total: told.total,
            customer_po: told.customer_po.clone(),
            comments: told.order_comments.clone(),
            third_party_order_number: told.third_party_order_number.clone(),
            ..Self::new(id("an order", told.order_id.as_deref())?)
        })
    }
}

impl TryFrom<LiveOrder> for Order {
    type Error = ErpError;

    fn try_from(told: LiveOrder) -> Result<Self> {
        Ok(Self {
            summary: (&told).try_into()?,
            bill_to: address(told.billing_details.as_ref()),
            ship_to: address(told.shipping_details.as_ref()),
            ordered_by: told.ordered_by,
            lines: told.order_lines.map(|lines| lines.into_iter().map(OrderLine::from).collect()),
            tracking: told.tracking_information.map(|parcels| parcels.into_iter().map(Tracking::from).collect()),
        })
    }
}

impl From<LiveOrderLine> for OrderLine {
    fn from(told: LiveOrderLine) -> Self {
        Self {
            line_no: told.line_no.and_then(|number| number.parse().ok()),
            product_id: told.product_id,
            sku: told.sku,
            description: told.description,
            note: told.note,
            uom: told.uom,
            quantity: told.qty,
            quantity_shipped: told.qty_shipped,
            unit_price: told.unit_price,
            sub_total: None,
            tax: told.tax,
            total: told.total,
        }
    }
}

impl From<LiveTracking> for Tracking {
    fn from(told: LiveTracking) -> Self {
        Self {
            carrier_account_number: told.carrier_account_number,
            delivery_charge: told.delivery_charge.and_then(|charge| Amount::parse(&charge).ok()),
            delivery_date: day("delivery_date", told.delivery_date.as_deref()),
            shipping_date: day("shipping_date", told.shipping_date.as_deref()),
            status: told.status,
            status_time: moment("status_time", told.status_time.as_deref()),
            weight: told.weight,
            note: told.note,
            tracking_number: told.tracking_number,
            tracking_url: told.tracking_url,
        }
    }
}

impl TryFrom<&LiveInvoice> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(told: &LiveInvoice) -> Result<Self> {
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            standing: standing(told.invoice_status_description.as_deref()),
            status: told.invoice_status_description.clone(),
            bill_to: address(told.billing_details.as_ref()),
            ship_to: address(told.shipping_details.as_ref()),
            order_id: told.order_id.clone(),
            invoice_date: day("invoice_date", told.invoice_date.as_deref()),
            due_date: day("duedate", told.duedate.as_deref()),
            discount_total: told.discount_total.or(told.discount),
            sub_total: told.sub_total,
            tax_total: told.tax_total.or(told.sales_tax),
            total: told.total,
            balance: told.balance,
            customer_po: told.customer_po.clone(),
            ..Self::new(id("an invoice", told.invoice_id.as_deref())?)
        })
    }
}

impl TryFrom<LiveInvoice> for Invoice {
    type Error = ErpError;

    fn try_from(told: LiveInvoice) -> Result<Self> {
        Ok(Self {
            summary: (&told).try_into()?,
            order_date: day("order_date", told.order_date.as_deref()),
            note: told.note,
            lines: told.invoice_lines.map(|lines| lines.into_iter().map(InvoiceLine::from).collect()),
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

/// An address of which nothing is told is none.
fn address(told: Option<&LiveAddress>) -> Option<Address> {
    let told = told.filter(|told| **told != LiveAddress::default())?;
    Some(Address {
        customer_id: told.customer_id.clone(),
        name: told.name.clone(),
        address1: told.address1.clone(),
        address2: told.address2.clone(),
        address3: told.address3.clone(),
        city: told.city.clone(),
        state: told.state.clone(),
        postal_code: told.postal_code.clone(),
    })
}

/// The contract has no member for it, so a status that is nothing but the word itself says it.
fn standing(status: Option<&str>) -> Standing {
    match status.unwrap_or_default().to_ascii_lowercase().as_str() {
        "void" | "voided" | "cancelled" | "canceled" => Standing::Void,
        "draft" => Standing::Draft,
        "deleted" => Standing::Deleted,
        _ => Standing::Issued,
    }
}

fn owner(customer_code: Option<&str>) -> Option<CustomerCode> {
    customer_code.and_then(CustomerCode::from_answer)
}

fn id(document: &str, text: Option<&str>) -> Result<DocumentId> {
    DocumentId::new(text.unwrap_or_default())
        .map_err(|_| ErpError::malformed(format!("the upstream's answer has {document} without a usable id")))
}

fn count(total: Option<&str>) -> Option<u64> {
    total.and_then(|total| total.parse().ok())
}

#[cfg(test)]
mod tests;
