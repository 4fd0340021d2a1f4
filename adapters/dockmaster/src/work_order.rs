//! Work orders as the help page of `Service/WorkOrders/Retrieve` and client code name their members.
//!
//! Cost figures (`Total…Cost`, a part's `cost`) have no field: what is not read cannot leave.

use livegate_core::{Amount, AmountError, CustomerCode, DocumentId, ErpError, Order, OrderLine, OrderSummary, Result};
use livegate_http::lenient;
use serde::Deserialize;

use crate::wire::{DATES, missing, names, owner};

/// An entry of `ListForCustomer`. The rest of the work order is asked for by its number.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ListedWorkOrder {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub open_date: Option<String>,
}

/// The answer of `Retrieve`, and an item of `RetrieveList`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct WorkOrder {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// `CustomerID` here and `CustomerId` elsewhere; names are compared without regard to case.
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(rename = "Type", deserialize_with = "lenient::text")]
    pub order_type: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub is_estimate: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub creation_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub open_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub complete_date: Option<String>,
    #[serde(rename = "TotalWOCharges", deserialize_with = "lenient::amount")]
    pub total_charges: Option<Amount>,
    #[serde(deserialize_with = "lenient::list")]
    pub operations: Option<Vec<Operation>>,
    #[serde(deserialize_with = "lenient::list")]
    pub billing_data: Option<Vec<Billing>>,
}

/// A piece of work on the order.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Operation {
    #[serde(deserialize_with = "lenient::text")]
    pub opcode: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub opcode_desc: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub long_desc: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_charges: Option<Amount>,
}

/// What was billed of the order at one time.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Billing {
    #[serde(deserialize_with = "lenient::amount")]
    pub sales_tax: Option<Amount>,
}

impl WorkOrder {
    pub(crate) fn belongs_to(&self, customer: &CustomerCode) -> bool {
        names(self.customer_id.as_deref(), customer)
    }

    /// The tax, where every billing states its own; without any billing it is unknown.
    fn tax(&self) -> Result<Option<Amount>, AmountError> {
        let billed = self.billing_data.as_deref().filter(|billed| !billed.is_empty());
        let taxes =
            billed.and_then(|billed| billed.iter().map(|billing| billing.sales_tax).collect::<Option<Vec<_>>>());
        taxes.map(Amount::sum).transpose()
    }
}

impl TryFrom<&WorkOrder> for OrderSummary {
    type Error = ErpError;

    fn try_from(work_order: &WorkOrder) -> Result<Self> {
        let inexact = |error| ErpError::malformed(format!("a work order's tax and charges have {error}"));
        let id = DocumentId::new(work_order.id.as_deref().unwrap_or_default())
            .map_err(|_| missing("a work order", "a usable Id"))?;
        let tax_total = work_order.tax().map_err(inexact)?;
        let total = match (work_order.total_charges, tax_total) {
            (Some(charges), Some(tax)) => Some(charges.plus(tax).map_err(inexact)?),
            _ => None,
        };
        let opened = work_order.creation_date.as_deref().or(work_order.open_date.as_deref());
        let estimate = work_order.is_estimate == Some(true);
        Ok(Self {
            owner: owner(work_order.customer_id.as_deref()),
            order_type: if estimate { Some("Estimate".to_owned()) } else { work_order.order_type.clone() },
            status: work_order.status.clone(),
            order_date: DATES.day("CreationDate", opened),
            ship_date: DATES.day("CompleteDate", work_order.complete_date.as_deref()),
            sub_total: work_order.total_charges,
            tax_total,
            total,
            ..Self::new(id)
        })
    }
}

impl TryFrom<&WorkOrder> for Order {
    type Error = ErpError;

    fn try_from(work_order: &WorkOrder) -> Result<Self> {
        let line = |operation: &Operation| OrderLine {
            product_id: operation.opcode.clone(),
            description: operation.opcode_desc.clone(),
            note: operation.long_desc.clone(),
            total: operation.total_charges,
            ..OrderLine::default()
        };
        Ok(Self {
            summary: work_order.try_into()?,
            bill_to: None,
            ship_to: None,
            ordered_by: None,
            lines: work_order.operations.as_ref().map(|operations| operations.iter().map(line).collect()),
            tracking: None,
        })
    }
}
