use livegate_core::{Answer, Capabilities, ListCapabilities, Listing, Operation, Standing, Stated};
use livegate_live::Rules;

use crate::{
    CAPABLE, account, amount, code, ids, invoice, item, order, respond, respond_with, whole_invoice, whole_order,
};

const BODY: &str = r#"{"customer_code":"ACME001","order_id":"1","invoice_id":"1"}"#;

#[test]
fn a_by_id_answer_whose_owner_is_another_customer_or_unknown_is_given_as_a_missing_one() {
    for owner in [Some(code("ACME002")), None] {
        let mut summary = order("1");
        summary.owner.clone_from(&owner);
        assert_eq!(respond(Operation::Order, BODY, Answer::Order(Some(whole_order(summary)))), "{}");
        let mut summary = invoice("1");
        summary.owner.clone_from(&owner);
        assert_eq!(respond(Operation::Invoice, BODY, Answer::Invoice(Some(whole_invoice(summary)))), "{}");
        let mut foreign = account();
        foreign.owner = owner;
        foreign.balance = Some(Stated::plain(amount("5")));
        assert_eq!(respond(Operation::Account, BODY, Answer::Account(Some(foreign))), "{}");
    }
    assert_ne!(respond(Operation::Order, BODY, Answer::Order(Some(whole_order(order("1"))))), "{}");
}

#[test]
fn a_by_id_answer_never_takes_its_owner_from_a_scoped_list_capability() {
    let scoped = ListCapabilities { scoped: true, ..ListCapabilities::NONE };
    let capabilities = Capabilities { orders: scoped.clone(), invoices: scoped, ..CAPABLE };
    let mut unknown = invoice("1");
    unknown.owner = None;
    let answer = Answer::Invoice(Some(whole_invoice(unknown)));
    assert_eq!(respond_with(&Rules::default(), &capabilities, Operation::Invoice, BODY, answer).unwrap(), "{}");
}

#[test]
fn in_lists_items_of_another_customer_are_dropped() {
    let mut foreign = order("2");
    foreign.owner = Some(code("ACME002"));
    let answer = Answer::Orders(Listing::Complete(vec![order("1"), foreign]));
    assert_eq!(ids(&respond(Operation::Orders, BODY, answer)), (vec!["1".to_owned()], 1));
    let mut foreign = invoice("2");
    foreign.owner = Some(code("ACME002"));
    let answer = Answer::Invoices(Listing::Complete(vec![foreign, invoice("1")]));
    assert_eq!(ids(&respond(Operation::Invoices, BODY, answer)), (vec!["1".to_owned()], 1));
}

#[test]
fn an_unknown_owner_is_accepted_only_where_lists_come_scoped() {
    for (scoped, total) in [(false, 0), (true, 1)] {
        let list = ListCapabilities { scoped, ..ListCapabilities::NONE };
        let capabilities = Capabilities { orders: list.clone(), invoices: list, ..CAPABLE };
        let (mut first, mut second) = (order("1"), invoice("1"));
        (first.owner, second.owner) = (None, None);
        let rules = Rules::default();
        let answer = Answer::Orders(Listing::Complete(vec![first]));
        assert_eq!(ids(&respond_with(&rules, &capabilities, Operation::Orders, BODY, answer).unwrap()).1, total);
        let answer = Answer::Invoices(Listing::Complete(vec![second]));
        assert_eq!(ids(&respond_with(&rules, &capabilities, Operation::Invoices, BODY, answer).unwrap()).1, total);
    }
}

#[test]
fn owners_compare_trimmed_and_without_ascii_case_unless_codes_are_case_sensitive() {
    for (case_sensitive, total) in [(false, 1), (true, 0)] {
        let capabilities = Capabilities { case_sensitive_codes: case_sensitive, ..CAPABLE };
        let mut lower = order("1");
        lower.owner = Some(code(" acme001 "));
        let answer = Answer::Orders(Listing::Complete(vec![lower]));
        let response = respond_with(&Rules::default(), &capabilities, Operation::Orders, BODY, answer).unwrap();
        assert_eq!(ids(&response).1, total);
    }
}

#[test]
fn the_code_goes_back_into_the_answer_as_asked_trimmed() {
    let mut owned = account();
    owned.owner = Some(code("acme001"));
    owned.balance = Some(Stated::plain(amount("5")));
    let body = r#"{"customer_code":"  AcMe001 "}"#;
    assert_eq!(
        respond(Operation::Account, body, Answer::Account(Some(owned))),
        r#"{"customer_code":"AcMe001","balance":5}"#
    );
}

#[test]
fn open_items_of_another_customer_are_in_no_sum() {
    let mut own = account();
    let mut foreign = item("2", "1000", crate::day("2026-03-01"));
    foreign.owner = Some(code("ACME002"));
    own.open_items = Some(vec![item("1", "10.00", crate::day("2026-03-01")), foreign]);
    let response = respond(Operation::Account, BODY, Answer::Account(Some(own)));
    crate::assert_member(&response, r#""balance":10.00,"total_due":10.00"#);
}

#[test]
fn nothing_found_is_an_empty_answer() {
    let empty = |operation, answer| respond(operation, BODY, answer);
    assert_eq!(
        empty(Operation::Orders, Answer::Orders(Listing::Complete(vec![]))),
        r#"{"orders":[],"total_orders":0}"#
    );
    assert_eq!(
        empty(Operation::Invoices, Answer::Invoices(Listing::Complete(vec![]))),
        r#"{"invoices":[],"total_invoices":0}"#
    );
    assert_eq!(empty(Operation::Order, Answer::Order(None)), "{}");
    assert_eq!(empty(Operation::Invoice, Answer::Invoice(None)), "{}");
    assert_eq!(empty(Operation::Account, Answer::Account(None)), "{}");
}

#[test]
fn draft_and_deleted_documents_never_appear_and_void_invoices_are_in_no_list() {
    for (standing, listed, by_id) in [
        (Standing::Issued, 1, true),
        (Standing::Void, 0, true),
        (Standing::Draft, 0, false),
        (Standing::Deleted, 0, false),
    ] {
        let mut summary = invoice("1");
        summary.standing = standing;
        let answer = Answer::Invoices(Listing::Complete(vec![summary.clone()]));
        assert_eq!(ids(&respond(Operation::Invoices, BODY, answer)).1, listed, "{standing:?}");
        let answer = Answer::Invoice(Some(whole_invoice(summary)));
        assert_eq!(respond(Operation::Invoice, BODY, answer) != "{}", by_id, "{standing:?}");
        let mut summary = order("1");
        summary.standing = standing;
        let answer = Answer::Orders(Listing::Complete(vec![summary.clone()]));
        assert_eq!(ids(&respond(Operation::Orders, BODY, answer)).1, listed, "{standing:?}");
        let answer = Answer::Order(Some(whole_order(summary)));
        assert_eq!(respond(Operation::Order, BODY, answer) != "{}", by_id, "{standing:?}");
    }
}

#[test]
fn cancelled_orders_appear_with_their_status() {
    let mut cancelled = order("1");
    cancelled.status = Some("Cancelled".to_owned());
    let response = respond(Operation::Orders, BODY, Answer::Orders(Listing::Complete(vec![cancelled])));
    crate::assert_member(&response, r#""order_status_description":"Cancelled""#);
}
