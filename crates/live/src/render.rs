use jiff::Timestamp;
use jiff::tz::TimeZone;
use livegate_core::{
    Account, Address, Amount, AmountError, ErpError, Invoice, InvoiceLine, InvoiceSummary, Moment, Order, OrderLine,
    OrderSummary, Result, Standing, Tracking,
};

use crate::aging::figures;
use crate::dates::LiveDate;
use crate::json::Json;
use crate::response::{
    BalanceResponse, InvoiceAddress, InvoiceItem, InvoiceLineItem, InvoiceResponse, InvoicesResponse, JsonNumber,
    OrderAddress, OrderItem, OrderLineItem, OrderResponse, OrdersResponse, TrackingItem,
};
use crate::rules::Rules;

const TRACKING_NOTE_LENGTH: usize = 150;
const DERIVED_PRICE_PLACES: u32 = 4;
/// What most responses fit, in bytes.
const USUAL_SIZE: usize = 1024;

pub(crate) fn bytes(response: &impl Json) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    response.write(&mut bytes);
    bytes
}

pub(crate) fn balance<'a>(
    rules: &Rules,
    code: &'a str,
    account: &Account,
    now: Timestamp,
) -> Result<BalanceResponse<'a>> {
    let figures = figures(rules, account, now)?;
    let buckets = figures.buckets;
    let total_due = buckets.map(|buckets| buckets.total()).transpose().map_err(inexact)?;
    Ok(BalanceResponse {
        customer_code: code,
        balance: JsonNumber(figures.balance),
        total_due: number(total_due),
        last_charge_date: date(rules, account.last_charge_date),
        last_sale_date: date(rules, account.last_sale_date),
        last_payment_date: date(rules, account.last_payment_date),
        last_payment_amount: number(figures.last_payment_amount),
        due_30_days: number(buckets.map(|buckets| buckets.due_30)),
        due_60_days: number(buckets.map(|buckets| buckets.due_60)),
        due_90_days: number(buckets.map(|buckets| buckets.due_90)),
        due_120_days: number(buckets.map(|buckets| buckets.due_120)),
        due_over_120_days: number(buckets.map(|buckets| buckets.due_over_120)),
        open_credits: number(figures.open_credits),
        credit_available: number(figures.credit_available),
    })
}

pub(crate) fn orders<'a>(rules: &Rules, code: &'a str, orders: &[&'a OrderSummary], total: u64) -> OrdersResponse<'a> {
    let item = |order: &&'a OrderSummary| OrderItem {
        order_id: order.id.as_str(),
        customer_code: code,
        order_type_description: order.order_type.as_deref(),
        order_status_description: order.status.as_deref(),
        order_date: date(rules, order.order_date),
        ship_date: date(rules, order.ship_date),
        discount_total: number(order.discount_total),
        sub_total: number(order.sub_total),
        tax_total: number(order.tax_total),
        total: number(order.total),
        customer_po: order.customer_po.as_deref().unwrap_or_default(),
        order_comments: order.comments.as_deref(),
        third_party_order_number: order.third_party_order_number.as_deref().unwrap_or_default(),
    };
    OrdersResponse { orders: orders.iter().map(item).collect(), total_orders: total }
}

pub(crate) fn order<'a>(rules: &Rules, code: &'a str, order: &'a Order) -> Result<OrderResponse<'a>> {
    let Order { summary, bill_to, ship_to, ordered_by, lines, tracking } = order;
    let lines = lines.as_ref().map(|lines| {
        (1..).zip(lines).map(|(position, line)| order_line(position, line)).collect::<Result<_, _>>().map_err(inexact)
    });
    Ok(OrderResponse {
        order_id: summary.id.as_str(),
        customer_code: code,
        billing_details: bill_to.as_ref().map(|address| order_address(code, address)),
        shipping_details: ship_to.as_ref().map(|address| order_address(code, address)),
        order_type_description: summary.order_type.as_deref(),
        order_status_description: summary.status.as_deref(),
        order_date: date(rules, summary.order_date),
        ship_date: date(rules, summary.ship_date),
        discount_total: number(summary.discount_total),
        sub_total: number(summary.sub_total),
        tax_total: number(summary.tax_total),
        sales_tax: number(summary.tax_total),
        total: number(summary.total),
        ordered_by: ordered_by.as_deref(),
        customer_po: summary.customer_po.as_deref().unwrap_or_default(),
        order_comments: summary.comments.as_deref(),
        third_party_order_number: summary.third_party_order_number.as_deref().unwrap_or_default(),
        order_lines: lines.transpose()?,
        tracking_information: tracking
            .as_ref()
            .map(|parcels| parcels.iter().map(|parcel| tracking_item(rules, parcel)).collect()),
    })
}

pub(crate) fn invoices<'a>(
    rules: &Rules,
    code: &'a str,
    invoices: &[&'a InvoiceSummary],
    total: u64,
) -> InvoicesResponse<'a> {
    let item = |invoice: &&'a InvoiceSummary| InvoiceItem {
        invoice_id: invoice.id.as_str(),
        customer_code: code,
        // The contract's list has no third address line.
        billing_details: invoice
            .bill_to
            .as_ref()
            .map(|a| InvoiceAddress { address3: None, ..invoice_address(code, a) }),
        shipping_details: invoice
            .ship_to
            .as_ref()
            .map(|a| InvoiceAddress { address3: None, ..invoice_address(code, a) }),
        order_id: invoice.order_id.as_deref().unwrap_or_default(),
        invoice_status_description: invoice_status(invoice),
        invoice_date: date(rules, invoice.invoice_date),
        duedate: date(rules, invoice.due_date),
        discount_total: number(invoice.discount_total),
        sub_total: number(invoice.sub_total),
        tax_total: number(invoice.tax_total),
        sales_tax: number(invoice.tax_total),
        total: number(invoice.total),
        balance: number(invoice.balance),
        customer_po: invoice.customer_po.as_deref().unwrap_or_default(),
    };
    InvoicesResponse { invoices: invoices.iter().map(item).collect(), total_invoices: total }
}

pub(crate) fn invoice<'a>(rules: &Rules, code: &'a str, invoice: &'a Invoice) -> Result<InvoiceResponse<'a>> {
    let Invoice { summary, order_date, note, lines } = invoice;
    let lines = lines.as_ref().map(|lines| lines.iter().map(invoice_line).collect::<Result<_, _>>().map_err(inexact));
    Ok(InvoiceResponse {
        invoice_id: summary.id.as_str(),
        customer_code: code,
        billing_details: summary.bill_to.as_ref().map(|address| invoice_address(code, address)),
        shipping_details: summary.ship_to.as_ref().map(|address| invoice_address(code, address)),
        order_id: summary.order_id.as_deref().unwrap_or_default(),
        invoice_status_description: invoice_status(summary),
        order_date: date(rules, *order_date),
        invoice_date: date(rules, summary.invoice_date),
        duedate: date(rules, summary.due_date),
        discount: number(summary.discount_total),
        sub_total: number(summary.sub_total),
        tax_total: number(summary.tax_total),
        sales_tax: number(summary.tax_total),
        total: number(summary.total),
        balance: number(summary.balance),
        customer_po: summary.customer_po.as_deref().unwrap_or_default(),
        note: note.as_deref(),
        invoice_lines: lines.transpose()?,
    })
}

fn order_line(position: u32, line: &OrderLine) -> Result<OrderLineItem<'_>, AmountError> {
    let (product_id, sku) = item_codes(line.product_id.as_deref(), line.sku.as_deref());
    Ok(OrderLineItem {
        line_no: line.line_no.unwrap_or(position),
        product_id,
        sku,
        description: line.description.as_deref(),
        note: line.note.as_deref(),
        uom: line.uom.as_deref(),
        qty: line.quantity.map(Amount::shortest),
        qty_shipped: line.quantity_shipped.map(Amount::shortest),
        unit_price: number(unit_price(line.unit_price, line.sub_total, line.quantity)?),
        tax: number(line.tax),
        total: number(line.total),
    })
}

fn invoice_line(line: &InvoiceLine) -> Result<InvoiceLineItem<'_>, AmountError> {
    let (item_id, sku) = item_codes(line.item_id.as_deref(), line.sku.as_deref());
    let unit_price = unit_price(line.unit_price, line.sub_total, line.quantity)?;
    let price = match (line.total, line.quantity_shipped, unit_price, line.tax) {
        (Some(total), ..) => Some(total),
        (None, Some(shipped), Some(price), Some(tax)) => Some(shipped.times(price)?.plus(tax)?),
        _ => None,
    };
    Ok(InvoiceLineItem {
        item_id,
        sku,
        qty: line.quantity.map(Amount::shortest),
        qty_shipped: line.quantity_shipped.map(Amount::shortest),
        description: line.description.as_deref(),
        uom: line.uom.as_deref(),
        unit_price: unit_price.map(Amount::with_two_places),
        tax: number(line.tax),
        price: price.map(Amount::with_two_places),
        note: line.note.as_deref(),
    })
}

/// An ERP with one item code gives it both as its own key and as the store's code.
fn item_codes<'a>(own: Option<&'a str>, sku: Option<&'a str>) -> (Option<&'a str>, Option<&'a str>) {
    (own.or(sku), sku.or(own))
}

fn unit_price(
    stated: Option<Amount>,
    sub_total: Option<Amount>,
    quantity: Option<Amount>,
) -> Result<Option<Amount>, AmountError> {
    match (stated, sub_total, quantity) {
        (Some(stated), ..) => Ok(Some(stated)),
        (None, Some(sub_total), Some(quantity)) => sub_total.divided_by(quantity, DERIVED_PRICE_PLACES),
        _ => Ok(None),
    }
}

fn invoice_status(invoice: &InvoiceSummary) -> Option<&str> {
    let derived = match invoice {
        InvoiceSummary { status: Some(status), .. } => return Some(status),
        InvoiceSummary { standing: Standing::Void, .. } => "Void",
        InvoiceSummary { payment_pending: true, .. } => "Open (payment pending)",
        InvoiceSummary { balance, .. } if (*balance)?.is_zero() => "Paid",
        _ => "Open",
    };
    Some(derived)
}

fn order_address<'a>(code: &'a str, address: &'a Address) -> OrderAddress<'a> {
    let Address { customer_id: _, name, address1, address2, address3, city, state, postal_code } = address;
    OrderAddress {
        customer_code: code,
        name: name.as_deref(),
        address1: address1.as_deref(),
        address2: address2.as_deref(),
        address3: address3.as_deref(),
        city: city.as_deref(),
        state: state.as_deref(),
        postal_code: postal_code.as_deref(),
    }
}

fn invoice_address<'a>(code: &'a str, address: &'a Address) -> InvoiceAddress<'a> {
    let Address { customer_id, name, address1, address2, address3, city, state, postal_code } = address;
    InvoiceAddress {
        customer_id: customer_id.as_deref().unwrap_or(code),
        name: name.as_deref(),
        address1: address1.as_deref(),
        address2: address2.as_deref(),
        address3: address3.as_deref(),
        city: city.as_deref(),
        state: state.as_deref(),
        postal_code: postal_code.as_deref(),
    }
}

fn tracking_item<'a>(rules: &Rules, parcel: &'a Tracking) -> TrackingItem<'a> {
    TrackingItem {
        carrier_account_number: parcel.carrier_account_number.as_deref(),
        delivery_charge: parcel.delivery_charge.map(|charge| charge.to_string()),
        delivery_date: date(rules, parcel.delivery_date),
        shipping_date: date(rules, parcel.shipping_date),
        status: parcel.status.as_deref(),
        status_time: date(rules, parcel.status_time),
        weight: parcel.weight.as_deref(),
        note: parcel.note.as_deref().map(|note| cut(note, TRACKING_NOTE_LENGTH)),
        tracking_number: parcel.tracking_number.as_deref(),
        tracking_url: parcel.tracking_url.as_deref(),
    }
}

/// The first `length` characters.
fn cut(text: &str, length: usize) -> &str {
    text.char_indices().nth(length).map_or(text, |(end, _)| &text[..end])
}

fn number(amount: Option<Amount>) -> Option<JsonNumber> {
    amount.map(JsonNumber)
}

fn date(rules: &Rules, moment: Option<Moment>) -> Option<LiveDate> {
    let zone: &TimeZone = &rules.time_zone;
    moment.map(|moment| LiveDate::new(&moment, zone))
}

fn inexact(error: AmountError) -> ErpError {
    ErpError::malformed(format!("a figure computed from the ERP's amounts has {error}"))
}
