//! Every sentence of the Live rules (`docs/live-contract.md`) as a test that names it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here and says where")]

mod balance;
mod dates;
mod lists;
mod money;
mod ownership;
mod properties;
mod requests;
mod text;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use livegate_core::{
    Account, Amount, Answer, CallerIdUse, Capabilities, CustomerCode, DocumentId, ErpError, FilterSupport, Invoice,
    InvoiceSummary, ListCapabilities, Listing, Moment, OpenItem, Operation, Order, OrderSummary, Stated,
};
use livegate_live::{Plan, RequestError, Rules, plan, tidy};
use serde_json::Value;

/// 1 April 2026, noon in UTC.
pub(crate) const NOW: &str = "2026-04-01T12:00:00Z";

/// A connection that offers everything and filters nothing by itself.
pub(crate) const CAPABLE: Capabilities = Capabilities { operations: &Operation::ALL, ..Capabilities::NONE };

/// A connection that filters, sorts, pages and counts by itself.
pub(crate) const PAGING: ListCapabilities = ListCapabilities {
    id: FilterSupport::Exact,
    customer_po: FilterSupport::Exact,
    third_party_order_number: FilterSupport::Exact,
    start_date: FilterSupport::Exact,
    end_date: FilterSupport::Exact,
    pages: true,
    scoped: false,
    covers: None,
};

/// A connection that uses every id of the caller.
pub(crate) const ALL_IDS: CallerIdUse =
    CallerIdUse { evo_customer_id: true, evo_user_id: true, seller_reference: true, user_seller_reference: true };

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn zone(name: &str) -> Rules {
    Rules { time_zone: TimeZone::get(name).unwrap(), ..Rules::default() }
}

pub(crate) fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

pub(crate) fn code(text: &str) -> CustomerCode {
    CustomerCode::new(text).unwrap()
}

pub(crate) fn day(text: &str) -> Option<Moment> {
    Some(Moment::Day(text.parse().unwrap()))
}

pub(crate) fn instant(text: &str) -> Option<Moment> {
    Some(Moment::Instant { at: text.parse().unwrap(), fraction: text.contains('.') })
}

pub(crate) fn local(text: &str) -> Option<Moment> {
    Some(Moment::Local { at: text.parse().unwrap(), fraction: text.contains('.') })
}

pub(crate) fn order(id: &str) -> OrderSummary {
    OrderSummary { owner: Some(code("ACME001")), ..OrderSummary::new(DocumentId::new(id).unwrap()) }
}

pub(crate) fn invoice(id: &str) -> InvoiceSummary {
    InvoiceSummary { owner: Some(code("ACME001")), ..InvoiceSummary::new(DocumentId::new(id).unwrap()) }
}

pub(crate) fn whole_order(summary: OrderSummary) -> Order {
    Order { summary, bill_to: None, ship_to: None, ordered_by: None, lines: None, tracking: None }
}

pub(crate) fn whole_invoice(summary: InvoiceSummary) -> Invoice {
    Invoice { summary, order_date: None, note: None, lines: None }
}

pub(crate) fn account() -> Account {
    Account { owner: Some(code("ACME001")), ..Account::default() }
}

pub(crate) fn item(id: &str, balance: &str, due: Option<Moment>) -> OpenItem {
    OpenItem {
        id: Some(DocumentId::new(id).unwrap()),
        owner: None,
        balance: Stated::plain(amount(balance)),
        due_date: due,
        document_date: None,
        instalments: Vec::new(),
    }
}

pub(crate) fn planned(operation: Operation, body: &str) -> Result<Plan, RequestError> {
    plan(operation, body.as_bytes(), &Rules::default(), &CAPABLE)
}

/// The whole way: request, tidied answer, response as it leaves.
pub(crate) fn respond_with(
    rules: &Rules,
    capabilities: &Capabilities,
    operation: Operation,
    body: &str,
    answer: Answer,
) -> Result<String, ErpError> {
    let plan = plan(operation, body.as_bytes(), rules, capabilities).unwrap();
    let answer = tidy(rules, capabilities, plan.query(), answer);
    plan.respond(&answer, now()).map(|bytes| String::from_utf8(bytes).unwrap())
}

pub(crate) fn respond(operation: Operation, body: &str, answer: Answer) -> String {
    respond_with(&Rules::default(), &CAPABLE, operation, body, answer).unwrap()
}

pub(crate) fn orders(body: &str, orders: Vec<OrderSummary>) -> String {
    respond(Operation::Orders, body, Answer::Orders(Listing::Complete(orders)))
}

pub(crate) fn invoices(body: &str, invoices: Vec<InvoiceSummary>) -> String {
    respond(Operation::Invoices, body, Answer::Invoices(Listing::Complete(invoices)))
}

/// The ids in a list response, and its total.
pub(crate) fn ids(response: &str) -> (Vec<String>, u64) {
    let value: Value = serde_json::from_str(response).unwrap();
    let (list, id) = if value.get("orders").is_some() { ("orders", "order_id") } else { ("invoices", "invoice_id") };
    let ids = value[list].as_array().unwrap().iter().map(|item| item[id].as_str().unwrap().to_owned()).collect();
    (ids, value[format!("total_{list}")].as_u64().unwrap())
}

/// Whether the response holds this member with this text of a value.
#[track_caller]
pub(crate) fn assert_member(response: &str, member: &str) {
    assert!(response.contains(member), "{member} is not in {response}");
}

#[track_caller]
pub(crate) fn assert_no_member(response: &str, name: &str) {
    assert!(!response.contains(&format!("\"{name}\"")), "{name} is in {response}");
}
