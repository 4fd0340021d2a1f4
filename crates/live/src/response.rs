use livegate_core::Amount;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An amount that leaves as a JSON number with the digits it has; it is never a binary float on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonNumber(pub Amount);

impl Serialize for JsonNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl PartialSchema for JsonNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).into()
    }
}

impl ToSchema for JsonNumber {}

macro_rules! response {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize, ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }
    };
}

response! {
    /// A customer's A/R balance. `{}` for an unknown customer; a field that the ERP does not tell is absent.
    BalanceResponse {
        /// As asked.
        customer_code: String,
        /// What the customer owes, less open credits.
        balance: JsonNumber,
        /// What is past due: the sum of the five buckets.
        #[serde(skip_serializing_if = "Option::is_none")]
        total_due: Option<JsonNumber>,
        /// When the customer was last charged.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_charge_date: Option<String>,
        /// When the customer last bought.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_sale_date: Option<String>,
        /// When the customer last paid.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_payment_date: Option<String>,
        /// What the customer paid then.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_payment_amount: Option<JsonNumber>,
        /// 1 to 30 days past due.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_30_days: Option<JsonNumber>,
        /// 31 to 60 days past due.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_60_days: Option<JsonNumber>,
        /// 61 to 90 days past due.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_90_days: Option<JsonNumber>,
        /// 91 to 120 days past due.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_120_days: Option<JsonNumber>,
        /// More than 120 days past due.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_over_120_days: Option<JsonNumber>,
        /// Open credits, positive; in no bucket.
        #[serde(skip_serializing_if = "Option::is_none")]
        open_credits: Option<JsonNumber>,
        /// The credit limit less the balance.
        #[serde(skip_serializing_if = "Option::is_none")]
        credit_available: Option<JsonNumber>,
    }
}

response! {
    /// A page of a customer's orders, newest first.
    OrdersResponse {
        /// The page's orders.
        orders: Vec<OrderItem>,
        /// How many orders match, over all pages.
        total_orders: u64,
    }
}

response! {
    /// An order in a list.
    OrderItem {
        /// The order's number.
        order_id: String,
        /// As asked.
        customer_code: String,
        /// Its type in the ERP's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_type_description: Option<String>,
        /// Its status in the ERP's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_status_description: Option<String>,
        /// When it was placed.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_date: Option<String>,
        /// When it shipped or is to ship.
        #[serde(skip_serializing_if = "Option::is_none")]
        ship_date: Option<String>,
        /// The discount's amount.
        #[serde(skip_serializing_if = "Option::is_none")]
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        sub_total: Option<JsonNumber>,
        /// The tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax_total: Option<JsonNumber>,
        /// The sum with tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: String,
        /// Comments.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_comments: Option<String>,
        /// The store's own number; blank when unknown.
        third_party_order_number: String,
    }
}

response! {
    /// An order. `{}` when the customer has no such order.
    OrderResponse {
        /// The order's number.
        order_id: String,
        /// As asked.
        customer_code: String,
        /// Where the invoice goes.
        #[serde(skip_serializing_if = "Option::is_none")]
        billing_details: Option<OrderAddress>,
        /// Where the goods go.
        #[serde(skip_serializing_if = "Option::is_none")]
        shipping_details: Option<OrderAddress>,
        /// Its type in the ERP's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_type_description: Option<String>,
        /// Its status in the ERP's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_status_description: Option<String>,
        /// When it was placed.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_date: Option<String>,
        /// When it shipped or is to ship.
        #[serde(skip_serializing_if = "Option::is_none")]
        ship_date: Option<String>,
        /// The discount's amount.
        #[serde(skip_serializing_if = "Option::is_none")]
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        sub_total: Option<JsonNumber>,
        /// The tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        #[serde(skip_serializing_if = "Option::is_none")]
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<JsonNumber>,
        /// Who ordered.
        #[serde(skip_serializing_if = "Option::is_none")]
        ordered_by: Option<String>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: String,
        /// Comments.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_comments: Option<String>,
        /// The store's own number; blank when unknown.
        third_party_order_number: String,
        /// The lines.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_lines: Option<Vec<OrderLineItem>>,
        /// The parcels.
        #[serde(skip_serializing_if = "Option::is_none")]
        tracking_information: Option<Vec<TrackingItem>>,
    }
}

response! {
    /// An address on an order.
    OrderAddress {
        /// The customer, as asked.
        customer_code: String,
        /// The addressee.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// First line.
        #[serde(skip_serializing_if = "Option::is_none")]
        address1: Option<String>,
        /// Second line.
        #[serde(skip_serializing_if = "Option::is_none")]
        address2: Option<String>,
        /// Third line.
        #[serde(skip_serializing_if = "Option::is_none")]
        address3: Option<String>,
        /// Town.
        #[serde(skip_serializing_if = "Option::is_none")]
        city: Option<String>,
        /// State or province.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
        /// Postal code.
        #[serde(skip_serializing_if = "Option::is_none")]
        postal_code: Option<String>,
    }
}

response! {
    /// A line of an order.
    OrderLineItem {
        /// Its number, from 1.
        line_no: u32,
        /// The ERP's key of the product.
        #[serde(skip_serializing_if = "Option::is_none")]
        product_id: Option<String>,
        /// The product's code in the store.
        #[serde(skip_serializing_if = "Option::is_none")]
        sku: Option<String>,
        /// What it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// A note.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// The unit of measure.
        #[serde(skip_serializing_if = "Option::is_none")]
        uom: Option<String>,
        /// The quantity ordered, in its shortest form.
        #[serde(skip_serializing_if = "Option::is_none")]
        qty: Option<String>,
        /// The quantity shipped, in its shortest form.
        #[serde(skip_serializing_if = "Option::is_none")]
        qty_shipped: Option<String>,
        /// The price of one unit.
        #[serde(skip_serializing_if = "Option::is_none")]
        unit_price: Option<JsonNumber>,
        /// The line's tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax: Option<JsonNumber>,
        /// The line's sum with tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<JsonNumber>,
    }
}

response! {
    /// A parcel.
    TrackingItem {
        /// The carrier's account.
        #[serde(skip_serializing_if = "Option::is_none")]
        carrier_account_number: Option<String>,
        /// What the delivery costs.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery_charge: Option<String>,
        /// When it arrives.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery_date: Option<String>,
        /// When it left.
        #[serde(skip_serializing_if = "Option::is_none")]
        shipping_date: Option<String>,
        /// Its status in the carrier's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<String>,
        /// When that status was set.
        #[serde(skip_serializing_if = "Option::is_none")]
        status_time: Option<String>,
        /// Its weight with the unit.
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<String>,
        /// A note of at most 150 characters.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 150)]
        note: Option<String>,
        /// The carrier's number.
        #[serde(skip_serializing_if = "Option::is_none")]
        tracking_number: Option<String>,
        /// The carrier's page.
        #[serde(skip_serializing_if = "Option::is_none")]
        tracking_url: Option<String>,
    }
}

response! {
    /// A page of a customer's invoices, newest first.
    InvoicesResponse {
        /// The page's invoices.
        invoices: Vec<InvoiceItem>,
        /// How many invoices match, over all pages.
        total_invoices: u64,
    }
}

response! {
    /// An invoice in a list.
    InvoiceItem {
        /// The invoice's number.
        invoice_id: String,
        /// As asked.
        customer_code: String,
        /// Where the invoice went.
        #[serde(skip_serializing_if = "Option::is_none")]
        billing_details: Option<InvoiceAddress>,
        /// Where the goods went.
        #[serde(skip_serializing_if = "Option::is_none")]
        shipping_details: Option<InvoiceAddress>,
        /// The order it belongs to; blank when unknown.
        order_id: String,
        /// Its status: the ERP's words, else `Open`, `Paid` or `Open (payment pending)`.
        #[serde(skip_serializing_if = "Option::is_none")]
        invoice_status_description: Option<String>,
        /// The invoice's date.
        #[serde(skip_serializing_if = "Option::is_none")]
        invoice_date: Option<String>,
        /// When it is due.
        #[serde(skip_serializing_if = "Option::is_none")]
        duedate: Option<String>,
        /// The discount's amount.
        #[serde(skip_serializing_if = "Option::is_none")]
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        sub_total: Option<JsonNumber>,
        /// The tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        #[serde(skip_serializing_if = "Option::is_none")]
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<JsonNumber>,
        /// What is still to pay; negative for a credit.
        #[serde(skip_serializing_if = "Option::is_none")]
        balance: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: String,
    }
}

response! {
    /// An invoice. `{}` when the customer has no such invoice.
    InvoiceResponse {
        /// The invoice's number.
        invoice_id: String,
        /// As asked.
        customer_code: String,
        /// Where the invoice went.
        #[serde(skip_serializing_if = "Option::is_none")]
        billing_details: Option<InvoiceAddress>,
        /// Where the goods went.
        #[serde(skip_serializing_if = "Option::is_none")]
        shipping_details: Option<InvoiceAddress>,
        /// The order it belongs to; blank when unknown.
        order_id: String,
        /// Its status: the ERP's words, else `Open`, `Paid` or `Open (payment pending)`.
        #[serde(skip_serializing_if = "Option::is_none")]
        invoice_status_description: Option<String>,
        /// When the order was placed.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_date: Option<String>,
        /// The invoice's date.
        #[serde(skip_serializing_if = "Option::is_none")]
        invoice_date: Option<String>,
        /// When it is due.
        #[serde(skip_serializing_if = "Option::is_none")]
        duedate: Option<String>,
        /// The discount's amount.
        #[serde(skip_serializing_if = "Option::is_none")]
        discount: Option<JsonNumber>,
        /// The sum before tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        sub_total: Option<JsonNumber>,
        /// The tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        #[serde(skip_serializing_if = "Option::is_none")]
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<JsonNumber>,
        /// What is still to pay; negative for a credit.
        #[serde(skip_serializing_if = "Option::is_none")]
        balance: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: String,
        /// A note.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// The lines.
        #[serde(skip_serializing_if = "Option::is_none")]
        invoice_lines: Option<Vec<InvoiceLineItem>>,
    }
}

response! {
    /// An address on an invoice.
    InvoiceAddress {
        /// The ERP's own id of the addressee, else the customer as asked.
        customer_id: String,
        /// The addressee.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// First line.
        #[serde(skip_serializing_if = "Option::is_none")]
        address1: Option<String>,
        /// Second line.
        #[serde(skip_serializing_if = "Option::is_none")]
        address2: Option<String>,
        /// Third line; only by id.
        #[serde(skip_serializing_if = "Option::is_none")]
        address3: Option<String>,
        /// Town.
        #[serde(skip_serializing_if = "Option::is_none")]
        city: Option<String>,
        /// State or province.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
        /// Postal code.
        #[serde(skip_serializing_if = "Option::is_none")]
        postal_code: Option<String>,
    }
}

response! {
    /// A line of an invoice.
    InvoiceLineItem {
        /// The ERP's key of the item.
        #[serde(skip_serializing_if = "Option::is_none")]
        item_id: Option<String>,
        /// The item's code in the store.
        #[serde(skip_serializing_if = "Option::is_none")]
        sku: Option<String>,
        /// The quantity ordered, in its shortest form.
        #[serde(skip_serializing_if = "Option::is_none")]
        qty: Option<String>,
        /// The quantity shipped, in its shortest form.
        #[serde(skip_serializing_if = "Option::is_none")]
        qty_shipped: Option<String>,
        /// What it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// The unit of measure.
        #[serde(skip_serializing_if = "Option::is_none")]
        uom: Option<String>,
        /// The price of one unit, with at least two places.
        #[serde(skip_serializing_if = "Option::is_none")]
        unit_price: Option<String>,
        /// The line's tax.
        #[serde(skip_serializing_if = "Option::is_none")]
        tax: Option<JsonNumber>,
        /// The line's sum with tax, with at least two places.
        #[serde(skip_serializing_if = "Option::is_none")]
        price: Option<String>,
        /// A note.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}
