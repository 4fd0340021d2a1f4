use std::sync::Arc;

use livegate_core::{Address, Answer, InvoiceLine, Operation, OrderLine, Standing, Tracking};

use crate::{
    amount, assert_member, assert_no_member, day, invoice, invoices, order, orders, respond, whole_invoice, whole_order,
};

const BODY: &str = r#"{"customer_code":"ACME001","order_id":"1","invoice_id":"1"}"#;

fn status(change: impl FnOnce(&mut livegate_core::InvoiceSummary)) -> Option<String> {
    let mut summary = invoice("1");
    change(&mut summary);
    let response = respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(summary))));
    let value: serde_json::Value = serde_json::from_str(&response).unwrap();
    value["invoice_status_description"].as_str().map(str::to_owned)
}

#[test]
fn without_an_invoice_status_of_the_erp_it_follows_from_the_balance() {
    assert_eq!(status(|invoice| invoice.balance = Some(amount("0.00"))).as_deref(), Some("Paid"));
    assert_eq!(status(|invoice| invoice.balance = Some(amount("0.01"))).as_deref(), Some("Open"));
    assert_eq!(status(|invoice| invoice.balance = Some(amount("-5"))).as_deref(), Some("Open"));
    assert_eq!(status(|_| ()), None, "an unknown balance is not zero");
    for balance in ["0", "12"] {
        let pending = status(|invoice| (invoice.balance, invoice.payment_pending) = (Some(amount(balance)), true));
        assert_eq!(pending.as_deref(), Some("Open (payment pending)"));
    }
    assert_eq!(status(|invoice| invoice.standing = Standing::Void).as_deref(), Some("Void"));
}

#[test]
fn an_erps_own_status_passes_through_as_its_text() {
    let own = status(|invoice| {
        invoice.status = Some("Disputed".to_owned());
        invoice.balance = Some(amount("0"));
        invoice.payment_pending = true;
    });
    assert_eq!(own.as_deref(), Some("Disputed"));
}

#[test]
fn critical_texts_are_blank_when_unknown_and_every_other_unknown_is_omitted() {
    assert_eq!(
        orders(BODY, vec![order("1")]),
        r#"{"orders":[{"order_id":"1","customer_code":"ACME001","customer_po":"","third_party_order_number":""}],"total_orders":1}"#
    );
    assert_eq!(
        invoices(BODY, vec![invoice("1")]),
        r#"{"invoices":[{"invoice_id":"1","customer_code":"ACME001","order_id":"","customer_po":""}],"total_invoices":1}"#
    );
    assert_eq!(
        respond(Operation::Order, BODY, Answer::Order(Some(whole_order(order("1"))))),
        r#"{"order_id":"1","customer_code":"ACME001","customer_po":"","third_party_order_number":""}"#
    );
    assert_eq!(
        respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(invoice("1"))))),
        r#"{"invoice_id":"1","customer_code":"ACME001","order_id":"","customer_po":""}"#
    );
}

#[test]
fn addresses_carry_customer_code_on_orders_and_customer_id_on_invoices() {
    let address = |id: Option<&str>| {
        Arc::new(Address {
            customer_id: id.map(str::to_owned),
            name: Some("Name, INC.".to_owned()),
            address3: Some("third".to_owned()),
            ..Address::default()
        })
    };
    let mut whole = whole_order(order("1"));
    whole.bill_to = Some(address(Some("1795")));
    let response = respond(Operation::Order, BODY, Answer::Order(Some(whole)));
    assert_member(&response, r#""billing_details":{"customer_code":"ACME001","name":"Name, INC.","address3":"third"}"#);
    assert_no_member(&response, "shipping_details");
    let mut summary = invoice("1");
    (summary.bill_to, summary.ship_to) = (Some(address(Some("1795"))), Some(address(None)));
    let response = respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(summary.clone()))));
    assert_member(&response, r#""billing_details":{"customer_id":"1795","name":"Name, INC.","address3":"third"}"#);
    assert_member(&response, r#""shipping_details":{"customer_id":"ACME001","#);
    assert_no_member(&invoices(BODY, vec![summary]), "address3");
}

#[test]
fn line_no_counts_from_1_when_the_erp_has_none() {
    let mut whole = whole_order(order("1"));
    whole.lines =
        Some(vec![OrderLine::default(), OrderLine { line_no: Some(40), ..OrderLine::default() }, OrderLine::default()]);
    let response = respond(Operation::Order, BODY, Answer::Order(Some(whole)));
    assert_member(&response, r#"[{"line_no":1},{"line_no":40},{"line_no":3}]"#);
}

#[test]
fn one_item_code_is_given_both_as_product_and_as_sku() {
    for (own, sku) in [(Some("A"), None), (None, Some("A"))] {
        let (own, sku) = (own.map(str::to_owned), sku.map(str::to_owned));
        let mut whole = whole_order(order("1"));
        whole.lines = Some(vec![OrderLine { product_id: own.clone(), sku: sku.clone(), ..OrderLine::default() }]);
        let response = respond(Operation::Order, BODY, Answer::Order(Some(whole)));
        assert_member(&response, r#""product_id":"A","sku":"A""#);
        let mut whole = whole_invoice(invoice("1"));
        whole.lines = Some(vec![InvoiceLine { item_id: own, sku, ..InvoiceLine::default() }]);
        let response = respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole)));
        assert_member(&response, r#""item_id":"A","sku":"A""#);
    }
}

#[test]
fn a_tracking_note_is_cut_to_150_characters() {
    let mut whole = whole_order(order("1"));
    whole.tracking = Some(vec![Tracking {
        note: Some("é".repeat(151)),
        delivery_date: day("2023-01-15"),
        delivery_charge: Some(amount("4.50")),
        ..Tracking::default()
    }]);
    let response = respond(Operation::Order, BODY, Answer::Order(Some(whole)));
    assert_member(&response, &format!(r#""note":"{}""#, "é".repeat(150)));
    assert_member(&response, r#""delivery_charge":"4.50","delivery_date":"2023-01-15T00:00:00""#);
}

#[test]
fn lines_are_empty_when_the_document_has_none_and_absent_when_unknown() {
    let mut whole = whole_order(order("1"));
    (whole.lines, whole.tracking) = (Some(vec![]), None);
    let response = respond(Operation::Order, BODY, Answer::Order(Some(whole)));
    assert_member(&response, r#""order_lines":[]"#);
    assert_no_member(&response, "tracking_information");
    let mut whole = whole_invoice(invoice("1"));
    whole.lines = Some(vec![]);
    assert_member(&respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole))), r#""invoice_lines":[]"#);
}
