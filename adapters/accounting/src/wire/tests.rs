//! The fixtures: the template's own field lists, and one record of each entity that holds every field.

use std::collections::BTreeSet;

use livegate_core::{Invoice as LiveInvoice, Order as LiveOrder};
use livegate_http::Format;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::invoice::{self, Invoice, InvoiceLine};
use crate::order::{self, Order, OrderLine, PriceLevel};

const CUSTOMERS: &str = include_str!("../../fixtures/customers.json");
const PRODUCT_INVOICES: &str = include_str!("../../fixtures/product-invoices.json");
const EXPENSE_INVOICES: &str = include_str!("../../fixtures/expense-invoices.json");
const SALES_ORDERS: &str = include_str!("../../fixtures/sales-orders.json");
const PAYMENTS: &str = include_str!("../../fixtures/ar-payments.json");
const TEMPLATE: &str = include_str!("../../fixtures/template.json");

fn decoded<T: DeserializeOwned>(json: &str) -> T {
    Format::Json.decode(json.as_bytes(), "").unwrap()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn amount(digits: &str) -> Option<Amount> {
    Some(digits.parse().unwrap())
}

fn paths(value: &Value, prefix: &str, leaves: &mut BTreeSet<String>, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                all.insert(path.clone());
                paths(member, &path, leaves, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{prefix}[*]"), leaves, all)),
        _ => {
            leaves.insert(prefix.to_owned());
        }
    }
}

#[test]
fn the_fixtures_hold_just_the_fields_of_the_template() {
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    let fixtures = [
        ("customers", CUSTOMERS, 77),
        ("product-invoices", PRODUCT_INVOICES, 117),
        ("expense-invoices", EXPENSE_INVOICES, 54),
        ("sales-orders", SALES_ORDERS, 86),
        ("ar-payments", PAYMENTS, 31),
    ];
    for (entity, fixture, count) in fixtures {
        let listed = template[entity].as_array().unwrap().iter().map(|field| field.as_str().unwrap().to_owned());
        let listed: BTreeSet<String> = listed.collect();
        assert_eq!(listed.len(), count, "{entity}");
        let (mut leaves, mut all) = (BTreeSet::new(), BTreeSet::new());
        paths(&serde_json::from_str(fixture).unwrap(), "", &mut leaves, &mut all);
        assert_eq!(listed.difference(&all).count(), 0, "{entity} lacks fields");
        assert_eq!(leaves.difference(&listed).count(), 0, "{entity} has fields of its own");
    }
}

fn address(city: &str, first_name: &str) -> PostalAddress {
    PostalAddress {
        line1: text("12 Harbor Road"),
        line2: text("Slip 7"),
        city: text(city),
        province: text("MD"),
        postal_code: text("21401"),
        contact: Some(Contact { first_name: text(first_name), last_name: text("Whitfield") }),
    }
}

fn heron() -> Option<CustomerReference> {
    Some(CustomerReference { id: text("7001"), name: text("Blue Heron Charters") })
}

#[test]
fn every_member_is_read_of_a_customer_and_a_payment() {
    let customer = Customer {
        id: text("7001"),
        external_id: text("CUST-7001"),
        currency: text("USD"),
        credit_limit: amount("15000.00"),
        total_outstanding_amount: amount("8104.80"),
    };
    assert_eq!(decoded::<Customer>(CUSTOMERS), customer);
    let payment = Payment {
        id: text("5001"),
        external_id: text("PAY-5001"),
        customer: heron(),
        amount: amount("649.95"),
        currency: text("USD"),
        payment_date: text("2026-03-18"),
    };
    assert_eq!(decoded::<Payment>(PAYMENTS), payment);
}

#[test]
fn every_member_is_read_of_an_invoice() {
    let line = InvoiceLine {
        product: Some(invoice::Product { id: text("70077"), name: text("Mooring line 14 mm") }),
        description: text("Mooring line, 14 mm, white"),
        sales_uom: text("EA"),
        quantity: amount("8"),
        sub_total: amount("800.00"),
        tax_amount: amount("56.00"),
        total_amount: amount("856.00"),
    };
    let invoice = Invoice {
        id: text("8001"),
        external_id: text("INV-8001"),
        customer: heron(),
        status: text("Open"),
        currency: text("USD"),
        invoice_date: text("2026-02-03"),
        due_date: text("2026-03-05"),
        parent_document_number: text("4500-17"),
        description: text("Thank you for your order"),
        discount_amount: amount("12.50"),
        sub_total: amount("1000.00"),
        tax_amount: amount("70.00"),
        amount: amount("1070.00"),
        total_amount_due: amount("570.00"),
        billing_address: Some(address("Annapolis", "James")),
        shipping_address: Some(address("Baltimore", "Jane")),
        lines: Some(vec![line]),
    };
    assert_eq!(decoded::<Invoice>(PRODUCT_INVOICES), invoice);
}

#[test]
fn every_member_is_read_of_the_template_s_expense_invoice() {
    let line = InvoiceLine {
        description: text("Mooring line, 14 mm, white"),
        sub_total: amount("800.00"),
        tax_amount: amount("56.00"),
        total_amount: amount("856.00"),
        ..InvoiceLine::default()
    };
    let invoice = Invoice {
        customer: Some(CustomerReference { id: None, name: text("Blue Heron Charters") }),
        billing_address: Some(address("Annapolis", "James")),
        lines: Some(vec![line]),
        ..Invoice::default()
    };
    let read = decoded::<Invoice>(EXPENSE_INVOICES);
    assert_eq!(read, invoice);
    assert_eq!(read.customer_id(), None, "so it is nobody's");
}

#[test]
fn every_member_is_read_of_a_sales_order() {
    let product = order::Product { id: text("70077"), name: text("Mooring line 14 mm"), sales_uom: text("EA") };
    let line = OrderLine {
        product: Some(product),
        price_level: Some(PriceLevel { price: amount("101.25") }),
        description: text("Mooring line, 14 mm, white"),
        order_quantity: amount("8"),
        sub_total: amount("800.00"),
        tax_amount: amount("56.00"),
        total_amount: amount("856.00"),
    };
    let order = Order {
        id: text("6001"),
        external_id: text("SO-6001"),
        customer: heron(),
        status: text("Open"),
        sales_order_date: text("2026-01-28"),
        requested_ship_date: text("2026-02-02T00:00:00.000Z"),
        customer_po_number: text("4500-17"),
        description: text("Thank you for your order"),
        sub_total: amount("1000.00"),
        tax_amount: amount("70.00"),
        amount: amount("1070.00"),
        billing_address: Some(address("Annapolis", "James")),
        shipping_address: Some(address("Baltimore", "Jane")),
        lines: Some(vec![line]),
    };
    assert_eq!(decoded::<Order>(SALES_ORDERS), order);
}

const BY_ID: Conventions = Conventions { document_number: Key::Id, parent_is_order: false };

fn told<T>(row: &T) -> Told<'_, T> {
    Told { row, conventions: BY_ID, owner: CustomerCode::from_answer("7001") }
}

#[test]
fn what_must_not_leave_is_not_even_read() {
    for fixture in [CUSTOMERS, PRODUCT_INVOICES, PAYMENTS] {
        let planted = ["PLANTED", "777.77", "4111111111111111"];
        assert!(planted.iter().any(|planted| fixture.contains(planted)), "the fixtures hold what must not leave");
        let read = format!(
            "{:?}{:?}{:?}{:?}",
            decoded::<Customer>(fixture),
            decoded::<Invoice>(fixture),
            decoded::<Payment>(fixture),
            LiveInvoice::try_from(&told(&decoded::<Invoice>(fixture)))
        );
        assert!(planted.iter().all(|planted| !read.contains(planted)), "{read}");
    }
    let order: Order = decoded(SALES_ORDERS);
    let left = format!("{order:?}{:?}", LiveOrder::try_from(&told(&order)));
    assert!(!left.contains("PLANTED") && !left.contains("20.00"), "shipping cost: {left}");
}

#[test]
fn the_status_tells_how_far_a_document_has_come() {
    let standing = |status: &str| Invoice { status: text(status), ..Invoice::default() }.standing();
    for status in ["Draft", " DRAFT ", "_draft"] {
        assert_eq!(standing(status), Standing::Draft, "{status}");
    }
    assert_eq!(standing("Deleted"), Standing::Deleted);
    for status in ["void", "VOIDED", "_voided", "Cancelled", "canceled"] {
        assert_eq!(standing(status), Standing::Void, "{status}");
    }
    for status in ["", "Open", "Paid In Full", "avoid", "Draft approved", "Not void"] {
        assert_eq!(standing(status), Standing::Issued, "{status}");
    }
}

#[test]
fn an_address_without_a_contact_is_the_payer_s_and_an_empty_one_is_none() {
    let reference = heron();
    let told = |json: &str| decoded::<PostalAddress>(json).told(reference.as_ref(), Some("Blue Heron Charters"));
    assert_eq!(told(r#"{"line1": null, "city": "", "contact": null}"#), None);
    let bare = told(r#"{"line1": "Pier 4", "contact": {}}"#).unwrap();
    assert_eq!((bare.name.as_deref(), bare.customer_id.as_deref()), (Some("Blue Heron Charters"), Some("7001")));
    let named = told(r#"{"contact": {"lastName": "Whitfield"}}"#).unwrap();
    assert_eq!((named.name.as_deref(), named.address1), (Some("Whitfield"), None));
}

#[test]
fn a_wrongly_typed_member_is_malformed_and_not_repeated() {
    for json in [
        r#"{"amount": "12 SECRET"}"#,
        r#"{"id": true, "status": "SECRET"}"#,
        r#"{"customer": "SECRET"}"#,
        r#"{"lines": {"a": "SECRET"}}"#,
        r#"{"totalAmountDue": 12345678901234567890123456789}"#,
    ] {
        let error = Format::Json.decode::<Invoice>(json.as_bytes(), "").unwrap_err();
        assert_eq!(error.kind(), livegate_core::ErrorKind::Malformed, "{json}");
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
}
