//! Alloy's own types, member by member as its documents and samples name them.
//!
//! Any member may be missing. What a shopper must not see has no field: `taxNumber` of a customer, costs of an item.

use livegate_core::{Amount, DateReader, ErpError, Slashes};
use livegate_http::lenient;
use serde::Deserialize;

/// Alloy writes ISO 8601; `issueDate` and its like are calendar days also where they carry a midnight in UTC.
pub(crate) const DATES: DateReader = DateReader::new(Slashes::Unread);

/// A list as Alloy answers it: under the plural of its resource, or under `data` as the general sample of the cursor
/// pages has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub(crate) struct ListAnswer<T> {
    #[serde(default, deserialize_with = "lenient::list")]
    pub customers: Option<Vec<T>>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub invoices: Option<Vec<T>>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub payments: Option<Vec<T>>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub sales_orders: Option<Vec<T>>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub data: Option<Vec<T>>,
    #[serde(default, deserialize_with = "lenient::structure")]
    pub page_info: Option<PageInfo>,
}

/// What 2023-12 says beside a list.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PageInfo {
    #[serde(deserialize_with = "lenient::flag")]
    pub has_next: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub next_cursor: Option<String>,
}

/// The answer for one customer.
#[derive(Debug, Deserialize)]
pub(crate) struct CustomerAnswer {
    pub customer: Customer,
}

/// The answer for one item.
#[derive(Debug, Deserialize)]
pub(crate) struct ItemAnswer {
    pub item: Item,
}

/// A customer. It has neither a balance nor a credit limit.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// The id in the accounting system.
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_id: Option<String>,
    /// A list in answers; a bare object where the documents write one.
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub addresses: Option<Vec<PostalAddress>>,
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub phone_numbers: Option<Vec<PhoneNumber>>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub remote_deleted: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_timestamp: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_timestamp: Option<String>,
}

/// An address of a customer, or where an order goes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PostalAddress {
    /// `Billing` or `Shipping`, in any case.
    #[serde(deserialize_with = "lenient::text")]
    pub address_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub street1: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub street2: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub country_subdivision: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub zip_code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub country: Option<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PhoneNumber {
    #[serde(deserialize_with = "lenient::text")]
    pub phone_number_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub phone_number: Option<String>,
}

/// An invoice. Its `balance` decides whether it is open: `invoiceStatus` may be null.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Invoice {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub issue_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub due_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub paid_on_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub memo: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub exchange_rate: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_discount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub sub_total: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub invoice_status: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_tax_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub line_items: Option<Vec<Line>>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub remote_deleted: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_timestamp: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_timestamp: Option<String>,
}

/// A sales order.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SalesOrder {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sales_order_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub sales_order_status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub issue_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub delivery_date: Option<String>,
    #[serde(deserialize_with = "lenient::structure")]
    pub delivery_address: Option<PostalAddress>,
    #[serde(deserialize_with = "lenient::text")]
    pub paid_on_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub account_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub memo: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub exchange_rate: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_tax_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub line_items: Option<Vec<Line>>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub remote_deleted: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_timestamp: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_timestamp: Option<String>,
}

/// A line of an invoice, which has no tax, or of a sales order.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Line {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub unit_price: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub quantity: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub tax_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub exchange_rate: Option<Amount>,
    /// Alloy's id of the item.
    #[serde(deserialize_with = "lenient::text")]
    pub accounting_item_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub account_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub tracking_category_id: Option<String>,
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub tracking_category_ids: Option<Vec<Text>>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_id: Option<String>,
}

/// A payment by a customer or, with a `vendorId`, to a vendor. It names no invoice.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Payment {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub transaction_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub vendor_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub account_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub exchange_rate: Option<Amount>,
    #[serde(deserialize_with = "lenient::text")]
    pub company_id: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    pub total_amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::one_or_many")]
    pub tracking_category_ids: Option<Vec<Text>>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub remote_deleted: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub created_timestamp: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub updated_timestamp: Option<String>,
}

/// An item, as far as a shopper may know it.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Item {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub remote_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub item_name: Option<String>,
}

/// A text within a list.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text(#[serde(deserialize_with = "lenient::text")] pub Option<String>);

pub(crate) fn missing(where_from: &str, what: &str) -> ErpError {
    ErpError::malformed(format!("Alloy's answer has {where_from} without {what}"))
}

#[cfg(test)]
mod tests;
