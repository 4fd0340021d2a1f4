use std::hash::Hash;

use livegate_core::{Amount, ErpError, Order, OrderLine, OrderSummary, Result, Standing, Tracking};
use livegate_http::lenient;
use serde::Deserialize;

use super::{LiveAddress, address, count, id, owner, standing};
use crate::answer::Told;
use crate::dates::{day, moment};
use crate::listing::{List, Row};

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
#[derive(Debug, Default, PartialEq, Deserialize)]
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
#[derive(Debug, Default, PartialEq, Deserialize)]
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
#[derive(Debug, Default, PartialEq, Deserialize)]
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

impl Told for LiveOrder {
    const EXPECTED: &'static [&'static str] = &["order_id"];

    fn is_told(&self) -> bool {
        self.order_id.is_some()
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

impl List for LiveOrders {
    type Row = LiveOrder;

    fn into_rows(self) -> (Vec<LiveOrder>, Option<u64>) {
        (self.orders.unwrap_or_default(), count(self.total_orders.as_deref()))
    }
}

impl Row for LiveOrder {
    fn marks(&self) -> impl Hash {
        (self.order_id.as_deref(), self.order_date.as_deref(), self.total, self.order_status_description.as_deref())
    }
}

impl TryFrom<LiveOrder> for OrderSummary {
    type Error = ErpError;

    fn try_from(told: LiveOrder) -> Result<Self> {
        let standing = match standing(told.order_status_description.as_deref()) {
            // A cancelled order is shown with its status.
            Standing::Void => Standing::Issued,
            standing => standing,
        };
        Ok(Self {
            owner: owner(told.customer_code.as_deref()),
            standing,
            order_type: told.order_type_description,
            status: told.order_status_description,
            order_date: day("order_date", told.order_date.as_deref()),
            ship_date: day("ship_date", told.ship_date.as_deref()),
            discount_total: told.discount_total.or(told.discount),
            sub_total: told.sub_total,
            tax_total: told.tax_total.or(told.sales_tax),
            total: told.total,
            customer_po: told.customer_po,
            comments: told.order_comments,
            third_party_order_number: told.third_party_order_number,
            ..Self::new(id("an order", told.order_id.as_deref())?)
        })
    }
}

impl TryFrom<LiveOrder> for Order {
    type Error = ErpError;

    fn try_from(mut told: LiveOrder) -> Result<Self> {
        let (bill_to, ship_to) = (address(told.billing_details.take()), address(told.shipping_details.take()));
        let (ordered_by, lines) = (told.ordered_by.take(), told.order_lines.take());
        let tracking = told.tracking_information.take();
        Ok(Self {
            summary: told.try_into()?,
            bill_to,
            ship_to,
            ordered_by,
            lines: lines.map(|lines| lines.into_iter().map(OrderLine::from).collect()),
            tracking: tracking.map(|parcels| parcels.into_iter().map(Tracking::from).collect()),
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
