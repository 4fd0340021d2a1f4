use livegate_core::Amount;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::dates::LiveDate;
use crate::json::{Json, write_member};

/// An amount that leaves as a JSON number with the digits it has; it is never a binary float on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonNumber(pub Amount);

impl Json for JsonNumber {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.0.digits().as_bytes());
    }
}

impl PartialSchema for JsonNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).into()
    }
}

impl ToSchema for JsonNumber {}

/// A type of the contract, with its description and how it is written: what is absent has no member.
macro_rules! response {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, ToSchema)]
        pub struct $name<'a> {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl Json for $name<'_> {
            fn write(&self, to: &mut Vec<u8>) {
                to.push(b'{');
                $(write_member(to, concat!("\"", stringify!($field), "\":"), &self.$field);)*
                to.push(b'}');
            }
        }
    };
}

response! {
    /// A customer's A/R balance. `{}` for an unknown customer; a field that the ERP does not tell is absent.
    BalanceResponse {
        /// As asked.
        customer_code: &'a str,
        /// What the customer owes, less open credits.
        balance: JsonNumber,
        /// What is past due: the sum of the five buckets.
        total_due: Option<JsonNumber>,
        /// When the customer was last charged.
        #[schema(value_type = Option<String>)]
        last_charge_date: Option<LiveDate>,
        /// When the customer last bought.
        #[schema(value_type = Option<String>)]
        last_sale_date: Option<LiveDate>,
        /// When the customer last paid.
        #[schema(value_type = Option<String>)]
        last_payment_date: Option<LiveDate>,
        /// What the customer paid then.
        last_payment_amount: Option<JsonNumber>,
        /// 1 to 30 days past due.
        due_30_days: Option<JsonNumber>,
        /// 31 to 60 days past due.
        due_60_days: Option<JsonNumber>,
        /// 61 to 90 days past due.
        due_90_days: Option<JsonNumber>,
        /// 91 to 120 days past due.
        due_120_days: Option<JsonNumber>,
        /// More than 120 days past due.
        due_over_120_days: Option<JsonNumber>,
        /// Open credits, positive; in no bucket.
        open_credits: Option<JsonNumber>,
        /// The credit limit less the balance.
        credit_available: Option<JsonNumber>,
    }
}

response! {
    /// A page of a customer's orders, newest first.
    OrdersResponse {
        /// The page's orders.
        orders: Vec<OrderItem<'a>>,
        /// How many orders match, over all pages.
        total_orders: u64,
    }
}

response! {
    /// An order in a list.
    OrderItem {
        /// The order's number.
        order_id: &'a str,
        /// As asked.
        customer_code: &'a str,
        /// Its type in the ERP's words.
        order_type_description: Option<&'a str>,
        /// Its status in the ERP's words.
        order_status_description: Option<&'a str>,
        /// When it was placed.
        #[schema(value_type = Option<String>)]
        order_date: Option<LiveDate>,
        /// When it shipped or is to ship.
        #[schema(value_type = Option<String>)]
        ship_date: Option<LiveDate>,
        /// The discount's amount.
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        sub_total: Option<JsonNumber>,
        /// The tax.
        tax_total: Option<JsonNumber>,
        /// The sum with tax.
        total: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: &'a str,
        /// Comments.
        order_comments: Option<&'a str>,
        /// The store's own number; blank when unknown.
        third_party_order_number: &'a str,
    }
}

response! {
    /// An order. `{}` when the customer has no such order.
    OrderResponse {
        /// The order's number.
        order_id: &'a str,
        /// As asked.
        customer_code: &'a str,
        /// Where the invoice goes.
        billing_details: Option<OrderAddress<'a>>,
        /// Where the goods go.
        shipping_details: Option<OrderAddress<'a>>,
        /// Its type in the ERP's words.
        order_type_description: Option<&'a str>,
        /// Its status in the ERP's words.
        order_status_description: Option<&'a str>,
        /// When it was placed.
        #[schema(value_type = Option<String>)]
        order_date: Option<LiveDate>,
        /// When it shipped or is to ship.
        #[schema(value_type = Option<String>)]
        ship_date: Option<LiveDate>,
        /// The discount's amount.
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        sub_total: Option<JsonNumber>,
        /// The tax.
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        total: Option<JsonNumber>,
        /// Who ordered.
        ordered_by: Option<&'a str>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: &'a str,
        /// Comments.
        order_comments: Option<&'a str>,
        /// The store's own number; blank when unknown.
        third_party_order_number: &'a str,
        /// The lines.
        order_lines: Option<Vec<OrderLineItem<'a>>>,
        /// The parcels.
        tracking_information: Option<Vec<TrackingItem<'a>>>,
    }
}

response! {
    /// An address on an order.
    OrderAddress {
        /// The customer, as asked.
        customer_code: &'a str,
        /// The addressee.
        name: Option<&'a str>,
        /// First line.
        address1: Option<&'a str>,
        /// Second line.
        address2: Option<&'a str>,
        /// Third line.
        address3: Option<&'a str>,
        /// Town.
        city: Option<&'a str>,
        /// State or province.
        state: Option<&'a str>,
        /// Postal code.
        postal_code: Option<&'a str>,
    }
}

response! {
    /// A line of an order.
    OrderLineItem {
        /// Its number, from 1.
        line_no: u32,
        /// The ERP's key of the product.
        product_id: Option<&'a str>,
        /// The product's code in the store.
        sku: Option<&'a str>,
        /// What it is.
        description: Option<&'a str>,
        /// A note.
        note: Option<&'a str>,
        /// The unit of measure.
        uom: Option<&'a str>,
        /// The quantity ordered, in its shortest form.
        qty: Option<String>,
        /// The quantity shipped, in its shortest form.
        qty_shipped: Option<String>,
        /// The price of one unit.
        unit_price: Option<JsonNumber>,
        /// The line's tax.
        tax: Option<JsonNumber>,
        /// The line's sum with tax.
        total: Option<JsonNumber>,
    }
}

response! {
    /// A parcel.
    TrackingItem {
        /// The carrier's account.
        carrier_account_number: Option<&'a str>,
        /// What the delivery costs.
        delivery_charge: Option<String>,
        /// When it arrives.
        #[schema(value_type = Option<String>)]
        delivery_date: Option<LiveDate>,
        /// When it left.
        #[schema(value_type = Option<String>)]
        shipping_date: Option<LiveDate>,
        /// Its status in the carrier's words.
        status: Option<&'a str>,
        /// When that status was set.
        #[schema(value_type = Option<String>)]
        status_time: Option<LiveDate>,
        /// Its weight with the unit.
        weight: Option<&'a str>,
        /// A note of at most 150 characters.
        #[schema(max_length = 150)]
        note: Option<&'a str>,
        /// The carrier's number.
        tracking_number: Option<&'a str>,
        /// The carrier's page.
        tracking_url: Option<&'a str>,
    }
}

response! {
    /// A page of a customer's invoices, newest first.
    InvoicesResponse {
        /// The page's invoices.
        invoices: Vec<InvoiceItem<'a>>,
        /// How many invoices match, over all pages.
        total_invoices: u64,
    }
}

response! {
    /// An invoice in a list.
    InvoiceItem {
        /// The invoice's number.
        invoice_id: &'a str,
        /// As asked.
        customer_code: &'a str,
        /// Where the invoice went.
        billing_details: Option<InvoiceAddress<'a>>,
        /// Where the goods went.
        shipping_details: Option<InvoiceAddress<'a>>,
        /// The order it belongs to; blank when unknown.
        order_id: &'a str,
        /// Its status: the ERP's words, else `Open`, `Paid` or `Open (payment pending)`.
        invoice_status_description: Option<&'a str>,
        /// The invoice's date.
        #[schema(value_type = Option<String>)]
        invoice_date: Option<LiveDate>,
        /// When it is due.
        #[schema(value_type = Option<String>)]
        duedate: Option<LiveDate>,
        /// The discount's amount.
        discount_total: Option<JsonNumber>,
        /// The sum before tax.
        sub_total: Option<JsonNumber>,
        /// The tax.
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        total: Option<JsonNumber>,
        /// What is still to pay; negative for a credit.
        balance: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: &'a str,
    }
}

response! {
    /// An invoice. `{}` when the customer has no such invoice.
    InvoiceResponse {
        /// The invoice's number.
        invoice_id: &'a str,
        /// As asked.
        customer_code: &'a str,
        /// Where the invoice went.
        billing_details: Option<InvoiceAddress<'a>>,
        /// Where the goods went.
        shipping_details: Option<InvoiceAddress<'a>>,
        /// The order it belongs to; blank when unknown.
        order_id: &'a str,
        /// Its status: the ERP's words, else `Open`, `Paid` or `Open (payment pending)`.
        invoice_status_description: Option<&'a str>,
        /// When the order was placed.
        #[schema(value_type = Option<String>)]
        order_date: Option<LiveDate>,
        /// The invoice's date.
        #[schema(value_type = Option<String>)]
        invoice_date: Option<LiveDate>,
        /// When it is due.
        #[schema(value_type = Option<String>)]
        duedate: Option<LiveDate>,
        /// The discount's amount.
        discount: Option<JsonNumber>,
        /// The sum before tax.
        sub_total: Option<JsonNumber>,
        /// The tax.
        tax_total: Option<JsonNumber>,
        /// The same as `tax_total`, under the contract's other name.
        sales_tax: Option<JsonNumber>,
        /// The sum with tax.
        total: Option<JsonNumber>,
        /// What is still to pay; negative for a credit.
        balance: Option<JsonNumber>,
        /// The customer's purchase order number; blank when unknown.
        customer_po: &'a str,
        /// A note.
        note: Option<&'a str>,
        /// The lines.
        invoice_lines: Option<Vec<InvoiceLineItem<'a>>>,
    }
}

response! {
    /// An address on an invoice.
    InvoiceAddress {
        /// The ERP's own id of the addressee, else the customer as asked.
        customer_id: &'a str,
        /// The addressee.
        name: Option<&'a str>,
        /// First line.
        address1: Option<&'a str>,
        /// Second line.
        address2: Option<&'a str>,
        /// Third line; only by id.
        address3: Option<&'a str>,
        /// Town.
        city: Option<&'a str>,
        /// State or province.
        state: Option<&'a str>,
        /// Postal code.
        postal_code: Option<&'a str>,
    }
}

response! {
    /// A line of an invoice.
    InvoiceLineItem {
        /// The ERP's key of the item.
        item_id: Option<&'a str>,
        /// The item's code in the store.
        sku: Option<&'a str>,
        /// The quantity ordered, in its shortest form.
        qty: Option<String>,
        /// The quantity shipped, in its shortest form.
        qty_shipped: Option<String>,
        /// What it is.
        description: Option<&'a str>,
        /// The unit of measure.
        uom: Option<&'a str>,
        /// The price of one unit, with at least two places.
        unit_price: Option<String>,
        /// The line's tax.
        tax: Option<JsonNumber>,
        /// The line's sum with tax, with at least two places.
        price: Option<String>,
        /// A note.
        note: Option<&'a str>,
    }
}
