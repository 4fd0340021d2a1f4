use livegate_core::{Answer, ErrorKind, InvoiceLine, Operation, OrderLine};
use livegate_live::Rules;

use crate::{
    CAPABLE, amount, assert_member, assert_no_member, invoice, invoices, order, orders, respond, respond_with,
    whole_invoice, whole_order,
};

const BODY: &str = r#"{"customer_code":"ACME001","order_id":"1","invoice_id":"1"}"#;

fn order_with(line: OrderLine) -> String {
    let mut order = whole_order(order("1"));
    order.lines = Some(vec![line]);
    respond(Operation::Order, BODY, Answer::Order(Some(order)))
}

fn invoice_with(line: InvoiceLine) -> String {
    let mut invoice = whole_invoice(invoice("1"));
    invoice.lines = Some(vec![line]);
    respond(Operation::Invoice, BODY, Answer::Invoice(Some(invoice)))
}

#[test]
fn numbers_leave_with_the_digits_they_came_with() {
    for (came, leaves) in [
        ("0.10", "0.10"),
        ("283.92", "283.92"),
        ("1234567890123456.78", "1234567890123456.78"),
        ("-0.005", "-0.005"),
        ("5.0", "5.0"),
        ("120", "120"),
        ("1.2000", "1.20"),
        ("9999999999999999999999999999", "9999999999999999999999999999"),
    ] {
        let mut paid = invoice("1");
        paid.total = Some(amount(came));
        assert_member(&invoices(BODY, vec![paid]), &format!(r#""total":{leaves},"#));
    }
}

#[test]
fn quantities_are_strings_in_shortest_form() {
    let line =
        OrderLine { quantity: Some(amount("2.00")), quantity_shipped: Some(amount("2.50")), ..OrderLine::default() };
    let response = order_with(line);
    assert_member(&response, r#""qty":"2","qty_shipped":"2.5""#);
    let line =
        InvoiceLine { quantity: Some(amount("50")), quantity_shipped: Some(amount("10.0")), ..InvoiceLine::default() };
    assert_member(&invoice_with(line), r#""qty":"50","qty_shipped":"10""#);
}

#[test]
fn an_order_lines_amounts_are_numbers() {
    let line = OrderLine {
        unit_price: Some(amount("60.00")),
        tax: Some(amount("2.00")),
        total: Some(amount("62.00")),
        ..OrderLine::default()
    };
    assert_member(&order_with(line), r#""unit_price":60.00,"tax":2.00,"total":62.00"#);
}

#[test]
fn an_invoice_lines_prices_are_strings_with_two_places_and_its_tax_a_number() {
    let line = InvoiceLine {
        unit_price: Some(amount("8")),
        tax: Some(amount("3.00")),
        total: Some(amount("83.0")),
        ..InvoiceLine::default()
    };
    assert_member(&invoice_with(line), r#""unit_price":"8.00","tax":3.00,"price":"83.00""#);
}

#[test]
fn an_invoice_lines_price_is_quantity_shipped_times_unit_price_plus_tax_when_all_are_known() {
    let line = InvoiceLine {
        quantity: Some(amount("50")),
        quantity_shipped: Some(amount("10")),
        unit_price: Some(amount("8.00")),
        tax: Some(amount("3.00")),
        ..InvoiceLine::default()
    };
    assert_member(&invoice_with(line.clone()), r#""price":"83.00""#);
    for unknown in 0..3 {
        let mut line = line.clone();
        match unknown {
            0 => line.quantity_shipped = None,
            1 => line.unit_price = None,
            _ => line.tax = None,
        }
        assert_no_member(&invoice_with(line), "price");
    }
}

#[test]
fn a_missing_unit_price_is_sub_total_by_quantity_half_up_to_4_places() {
    let line = |quantity: Option<&str>| OrderLine {
        quantity: quantity.map(amount),
        sub_total: Some(amount("10")),
        ..OrderLine::default()
    };
    assert_member(&order_with(line(Some("3"))), r#""unit_price":3.3333"#);
    assert_member(&order_with(line(Some("16"))), r#""unit_price":0.625"#);
    assert_member(&order_with(line(Some("32000"))), r#""unit_price":0.0003"#);
    assert_no_member(&order_with(line(Some("0"))), "unit_price");
    assert_no_member(&order_with(line(None)), "unit_price");
    let line = InvoiceLine { quantity: Some(amount("8")), sub_total: Some(amount("1.0002")), ..InvoiceLine::default() };
    assert_member(&invoice_with(line), r#""unit_price":"0.125""#);
}

#[test]
fn tax_total_everywhere_and_sales_tax_beside_it_where_the_contract_calls_it_critical() {
    let mut header = order("1");
    header.tax_total = Some(amount("5.42"));
    let list = orders(BODY, vec![header.clone()]);
    assert_member(&list, r#""tax_total":5.42"#);
    assert_no_member(&list, "sales_tax");
    let by_id = respond(Operation::Order, BODY, Answer::Order(Some(whole_order(header))));
    assert_member(&by_id, r#""tax_total":5.42,"sales_tax":5.42"#);
    let mut header = invoice("1");
    header.tax_total = Some(amount("1.32"));
    assert_member(&invoices(BODY, vec![header.clone()]), r#""tax_total":1.32,"sales_tax":1.32"#);
    let by_id = respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(header))));
    assert_member(&by_id, r#""tax_total":1.32,"sales_tax":1.32"#);
}

#[test]
fn the_discount_is_discount_total_and_on_invoice_by_id_discount() {
    let mut header = invoice("1");
    header.discount_total = Some(amount("21.17"));
    assert_member(&invoices(BODY, vec![header.clone()]), r#""discount_total":21.17"#);
    let by_id = respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(header))));
    assert_member(&by_id, r#""discount":21.17"#);
    assert_no_member(&by_id, "discount_total");
    assert_no_member(&invoices(BODY, vec![invoice("1")]), "discount_total");
}

#[test]
fn header_amounts_are_never_derived_from_each_other() {
    let mut header = invoice("1");
    (header.total, header.tax_total) = (Some(amount("10")), Some(amount("1")));
    assert_no_member(&invoices(BODY, vec![header]), "sub_total");
    let mut header = order("1");
    (header.sub_total, header.tax_total) = (Some(amount("10")), Some(amount("1")));
    assert_no_member(&orders(BODY, vec![header]), "total");
}

#[test]
fn a_product_that_needs_over_28_digits_is_malformed() {
    let mut whole = whole_invoice(invoice("1"));
    whole.lines = Some(vec![InvoiceLine {
        quantity_shipped: Some(amount("99999999999999.9")),
        unit_price: Some(amount("99999999999999.9")),
        tax: Some(amount("0.01")),
        ..InvoiceLine::default()
    }]);
    let answer = Answer::Invoice(Some(whole));
    let error = respond_with(&Rules::default(), &CAPABLE, Operation::Invoice, BODY, answer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}
