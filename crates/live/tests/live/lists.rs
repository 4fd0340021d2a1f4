use livegate_core::{Answer, Capabilities, ErrorKind, Listing, Operation, Query};
use livegate_live::{Rules, plan};

use crate::{
    CAPABLE, PAGING, assert_member, day, ids, instant, invoice, invoices, order, orders, respond, respond_with,
};

const BODY: &str = r#"{"customer_code":"ACME001"}"#;

#[test]
fn newest_first_then_by_id_descending_in_natural_order_undated_last() {
    let dated = |id: &str, date| livegate_core::OrderSummary { order_date: date, ..order(id) };
    let list = vec![
        dated("A9", day("2026-01-01")),
        dated("Z", None),
        dated("A10", day("2026-01-01")),
        dated("B1", instant("2026-01-02T10:00:00Z")),
        dated("Y10", None),
        dated("Y9", None),
        dated("C1", instant("2026-01-02T09:59:59Z")),
    ];
    assert_eq!(ids(&orders(BODY, list)).0, ["B1", "C1", "A10", "A9", "Z", "Y10", "Y9"]);
    let dated = |id: &str, date| livegate_core::InvoiceSummary { invoice_date: date, ..invoice(id) };
    let list = vec![dated("1", day("2025-01-01")), dated("2", None), dated("3", day("2026-01-01"))];
    assert_eq!(ids(&invoices(BODY, list)).0, ["3", "1", "2"]);
}

#[test]
fn ids_are_distinct_and_of_equal_ids_the_newest_wins() {
    let mut old = order("1");
    (old.order_date, old.status) = (day("2026-01-01"), Some("old".to_owned()));
    let mut new = order("1");
    (new.order_date, new.status) = (day("2026-01-02"), Some("new".to_owned()));
    let response = orders(BODY, vec![old.clone(), new.clone(), old]);
    assert_eq!(ids(&response), (vec!["1".to_owned()], 1));
    assert_member(&response, r#""order_status_description":"new""#);
    // Without a date of its own, the invoice that is due later is the newer; a balance counts the same one.
    let due = |due, balance| livegate_core::InvoiceSummary {
        due_date: day(due),
        balance: Some(crate::amount(balance)),
        ..invoice("1")
    };
    let response = invoices(BODY, vec![due("2026-01-01", "100"), due("2026-02-01", "70")]);
    assert_member(&response, r#""balance":70"#);
}

#[test]
fn totals_count_after_all_filters_over_all_pages() {
    let list: Vec<_> = (1..=45)
        .map(|number| {
            let mut order = order(&number.to_string());
            order.customer_po = Some(if number <= 40 { "A" } else { "B" }.to_owned());
            order
        })
        .collect();
    let body = r#"{"customer_code":"ACME001","filters":{"customer_po":"a"},"current_page":3,"per_page":15}"#;
    let (page, total) = ids(&orders(body, list.clone()));
    assert_eq!((page.len(), total), (10, 40));
    assert_eq!(page.first().map(String::as_str), Some("10"));
    let body = r#"{"customer_code":"ACME001"}"#;
    assert_eq!(ids(&orders(body, list)).0.len(), 15, "15 per page unless told");
}

#[test]
fn a_page_past_the_end_is_an_empty_list_with_the_right_total() {
    for page in ["2", "99", "18446744073709551615", "99999999999999999999999"] {
        let body = format!(r#"{{"customer_code":"ACME001","current_page":{page},"per_page":1000}}"#);
        assert_eq!(orders(&body, vec![order("1"), order("2")]), r#"{"orders":[],"total_orders":2}"#);
    }
}

#[test]
fn a_page_that_the_erp_cut_keeps_its_total() {
    let capabilities = Capabilities { invoices: PAGING, ..CAPABLE };
    let answer = || Answer::Invoices(Listing::Page { items: vec![invoice("7")], total: 31 });
    let body = r#"{"customer_code":"ACME001","current_page":3}"#;
    let response = respond_with(&Rules::default(), &capabilities, Operation::Invoices, body, answer()).unwrap();
    assert_eq!(ids(&response), (vec!["7".to_owned()], 31));
    let error = respond_with(&Rules::default(), &CAPABLE, Operation::Invoices, body, answer()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal, "a page that nobody asked for is never taken for the whole list");
}

#[test]
fn user_seller_reference_restricts_orders_where_the_connection_can_attribute_them() {
    let list = || {
        let mut mine = order("1");
        mine.placed_by = Some("U1".to_owned());
        let mut other = order("2");
        other.placed_by = Some("U2".to_owned());
        Answer::Orders(Listing::Complete(vec![mine, other, order("3")]))
    };
    let able = Capabilities { attributes_orders_to_users: true, ..CAPABLE };
    for (user, capabilities, found) in [
        (r#""u1""#, &able, vec!["1"]),
        (r#""u1""#, &CAPABLE, vec!["3", "2", "1"]),
        ("null", &able, vec!["3", "2", "1"]),
        ("\"  \"", &able, vec!["3", "2", "1"]),
        ("\"U9\"", &able, vec![]),
    ] {
        let body = format!(r#"{{"customer_code":"ACME001","user_seller_reference":{user}}}"#);
        let response = respond_with(&Rules::default(), capabilities, Operation::Orders, &body, list()).unwrap();
        assert_eq!(ids(&response).0, found, "{user}");
    }
}

#[test]
fn the_other_calls_never_filter_by_the_user() {
    let able = Capabilities { attributes_orders_to_users: true, ..CAPABLE };
    let body = r#"{"customer_code":"ACME001","user_seller_reference":"U9","order_id":"1","invoice_id":"1"}"#;
    let rules = Rules::default();
    let answer = Answer::Order(Some(crate::whole_order(order("1"))));
    assert_ne!(respond_with(&rules, &able, Operation::Order, body, answer).unwrap(), "{}");
    let answer = Answer::Invoice(Some(crate::whole_invoice(invoice("1"))));
    assert_ne!(respond_with(&rules, &able, Operation::Invoice, body, answer).unwrap(), "{}");
    let answer = Answer::Invoices(Listing::Complete(vec![invoice("1")]));
    assert_eq!(ids(&respond_with(&rules, &able, Operation::Invoices, body, answer).unwrap()).1, 1);
}

#[test]
fn a_user_filter_forbids_pushing_the_page_down() {
    let able = Capabilities { attributes_orders_to_users: true, orders: PAGING, ..CAPABLE };
    let body = br#"{"customer_code":"ACME001","user_seller_reference":"U9"}"#;
    let planned = plan(Operation::Orders, body, &Rules::default(), &able).unwrap();
    assert!(matches!(planned.query(), Query::Orders(query) if query.page.is_none()));
}

#[test]
fn an_answer_to_another_question_is_a_bug_and_not_an_empty_list() {
    let planned = plan(Operation::Orders, BODY.as_bytes(), &Rules::default(), &CAPABLE).unwrap();
    let error = planned.respond(&Answer::Account(None), crate::now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

#[test]
fn a_response_has_the_members_of_the_contract_in_its_order() {
    let mut full = order("S3085810");
    full.order_type = Some("Quote".to_owned());
    full.status = Some("Open".to_owned());
    (full.order_date, full.ship_date) = (day("2023-01-05"), day("2023-01-17"));
    full.discount_total = Some(crate::amount("90.34"));
    full.sub_total = Some(crate::amount("90.34"));
    full.tax_total = Some(crate::amount("5.42"));
    full.total = Some(crate::amount("95.76"));
    full.customer_po = Some("Duda".to_owned());
    full.comments = Some(String::new());
    full.third_party_order_number = Some("Evox001".to_owned());
    let response = respond(Operation::Orders, BODY, Answer::Orders(Listing::Complete(vec![full])));
    assert_eq!(
        response,
        r#"{"orders":[{"order_id":"S3085810","customer_code":"ACME001","order_type_description":"Quote","order_status_description":"Open","order_date":"2023-01-05T00:00:00","ship_date":"2023-01-17T00:00:00","discount_total":90.34,"sub_total":90.34,"tax_total":5.42,"total":95.76,"customer_po":"Duda","order_comments":"","third_party_order_number":"Evox001"}],"total_orders":1}"#
    );
}
