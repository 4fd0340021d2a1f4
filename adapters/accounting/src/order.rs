//! Sales orders.

use std::sync::Arc;

use livegate_core::{
    Amount, ErpError, Moment, Order as LiveOrder, OrderLine as LiveLine, OrderSummary, Result, Standing,
};
use livegate_http::lenient;
use serde::Deserialize;

use crate::wire::{CustomerReference, DATES, Document, Key, PostalAddress, Row, Told, rows};

rows!(Order);

/// A sales order.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Order {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub external_id: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub customer: Option<CustomerReference>,
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sales_order_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub requested_ship_date: Option<String>,
    #[serde(rename = "customerPONumber", deserialize_with = "lenient::text")]
    pub customer_po_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_amount: Option<Amount>,
    /// "Amount of the sales order, inclusive of tax."
    #[serde(deserialize_with = "lenient::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::structure")]
    pub billing_address: Option<PostalAddress>,
    #[serde(deserialize_with = "lenient::structure")]
    pub shipping_address: Option<PostalAddress>,
    #[serde(deserialize_with = "lenient::list")]
    pub lines: Option<Vec<OrderLine>>,
}

/// A line of a sales order.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OrderLine {
    #[serde(deserialize_with = "lenient::structure")]
    pub product: Option<Product>,
    #[serde(deserialize_with = "lenient::structure")]
    pub price_level: Option<PriceLevel>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub order_quantity: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_amount: Option<Amount>,
    /// "The total amount of the line including taxes."
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
}

/// What is ordered by a line; its unit of measure stands here, unlike an invoice's.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sales_uom: Option<String>,
}

/// What a unit costs the customer.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PriceLevel {
    #[serde(deserialize_with = "lenient::amount")]
    pub price: Option<Amount>,
}

impl Document for Order {
    fn customer(&self) -> Option<&CustomerReference> {
        self.customer.as_ref()
    }

    fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }
}

impl Order {
    pub(crate) fn dated(&self) -> Option<Moment> {
        DATES.day("salesOrderDate", self.sales_order_date.as_deref())
    }
}

impl TryFrom<&Told<'_, Order>> for OrderSummary {
    type Error = ErpError;

    fn try_from(told: &Told<'_, Order>) -> Result<Self> {
        let row = told.row;
        // A reference that already is the order's number is not the webstore's number as well.
        let reference = row.external_id.clone().filter(|_| told.conventions.document_number == Key::Id);
        Ok(Self {
            owner: told.owner.clone(),
            // A cancelled order is shown, with its status.
            standing: match row.standing() {
                Standing::Void => Standing::Issued,
                standing => standing,
            },
            order_type: Some("Sales order".to_owned()),
            status: row.status.clone(),
            order_date: row.dated(),
            ship_date: DATES.day("requestedShipDate", row.requested_ship_date.as_deref()),
            sub_total: row.sub_total,
            tax_total: row.tax_amount,
            total: row.amount,
            customer_po: row.customer_po_number.clone(),
            comments: row.description.clone(),
            third_party_order_number: reference,
            ..Self::new(told.number("a sales order")?)
        })
    }
}

impl TryFrom<&Told<'_, Order>> for LiveOrder {
    type Error = ErpError;

    fn try_from(told: &Told<'_, Order>) -> Result<Self> {
        let row = told.row;
        let customer = row.customer.as_ref();
        let payer = customer.and_then(|customer| customer.name.as_deref());
        let line = |line: &OrderLine| {
            let product = line.product.as_ref();
            LiveLine {
                product_id: product.and_then(|product| product.id.clone()),
                description: line.description.clone().or_else(|| product.and_then(|product| product.name.clone())),
                uom: product.and_then(|product| product.sales_uom.clone()),
                quantity: line.order_quantity,
                unit_price: line.price_level.as_ref().and_then(|level| level.price),
                sub_total: line.sub_total,
                tax: line.tax_amount,
                total: line.total_amount,
                ..LiveLine::default()
            }
        };
        Ok(Self {
            summary: told.try_into()?,
            bill_to: row.billing_address.as_ref().and_then(|address| address.told(customer, payer)).map(Arc::new),
            ship_to: row.shipping_address.as_ref().and_then(|address| address.told(customer, None)).map(Arc::new),
            ordered_by: None,
            lines: row.lines.as_ref().map(|lines| lines.iter().map(line).collect()),
            tracking: None,
        })
    }
}
