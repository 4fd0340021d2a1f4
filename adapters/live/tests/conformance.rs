//! What every adapter must get right, asked of this one in both of its simulator's dialects.

use std::process::ExitCode;

use livegate_adapter_live::KIND;
use livegate_adapter_live::simulator::AWKWARD;
use livegate_core::ErrorKind;
use livegate_core::Operation::{self, Account, Invoice, Invoices, Order, Orders};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Outcome, Subject, Twin, prove};

fn main() -> ExitCode {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden");
    let error = r#"{"error":"the ledger is closed"}"#;
    let plain = Subject {
        exceptions: EMPTY_IS_NOTHING_FOUND,
        error_in_success: Some((error, ErrorKind::Malformed)),
        golden,
        ..Subject::new(&KIND, "live-upstream", transport_to, CAST)
    };
    let sloppy = Subject {
        tenant: "live-oauth",
        error_in_success: Some((error, ErrorKind::Unavailable)),
        login: Some("/token"),
        golden: "",
        ..plain
    };
    prove(&[plain, sloppy])
}

/// The contract says "nothing found" by an answer that is empty.
const EMPTY_IS_NOTHING_FOUND: &[(&str, Option<Operation>, Outcome)] = &[
    ("empty answer", None, Outcome::Absent),
    ("blank answer", None, Outcome::Absent),
    ("status 204", None, Outcome::Absent),
];

const CAST: Cast = Cast {
    customer: "ACME001",
    order: Some("S3085810"),
    invoice: Some("S009007634"),
    twins: &[
        Twin { operation: Account, asked_by: "GHOST13", owned_by: "ACME001", id: "" },
        Twin { operation: Orders, asked_by: "ACME001", owned_by: "ACME0010", id: "T7001" },
        Twin { operation: Order, asked_by: "ACME001", owned_by: "ACME0010", id: "T7001" },
        Twin { operation: Invoices, asked_by: "ACME001", owned_by: "ACME0010", id: "T8001" },
        Twin { operation: Invoice, asked_by: "ACME001", owned_by: "ACME0010", id: "T8001" },
    ],
    empty: Some("EMPTY04"),
    nobody: "NOBODY99",
    awkward: Some(AWKWARD),
    repeated: &[document(Orders, "S9"), document(Invoices, "I9")],
    money: &[
        fact(Account, "EXACT07", "", "/balance", Some("1234567890123456.78")),
        fact(Account, "EXACT07", "", "/total_due", Some("289.015")),
        fact(Account, "EXACT07", "", "/due_30_days", Some("0.10")),
        fact(Account, "EXACT07", "", "/due_90_days", Some("-0.005")),
        fact(Account, "EXACT07", "", "/due_over_120_days", Some("5.0")),
        fact(Account, "EXACT07", "", "/last_payment_amount", Some("12345678901234567890123456.78")),
        fact(Account, "ACME001", "", "/credit_available", Some("799.6")),
        fact(Orders, "EXACT07", "X1", "/total", Some("1234567890123456.78")),
        fact(Orders, "EXACT07", "X1", "/discount_total", Some("-0.005")),
        fact(Order, "EXACT07", "X1", "/sales_tax", Some("0.10")),
        fact(Order, "EXACT07", "X1", "/order_lines/0/qty", Some(r#""2.5""#)),
        fact(Order, "EXACT07", "X1", "/order_lines/0/unit_price", Some("0.125")),
        fact(Order, "EXACT07", "X1", "/order_lines/0/total", Some("12345678901234567890123456.78")),
        fact(Order, "ACME001", "S3085810", "/order_lines/0/unit_price", Some("60.00")),
        fact(Invoices, "EXACT07", "X2", "/discount_total", Some("-0.005")),
        fact(Invoices, "EXACT07", "X2", "/balance", Some("0.10")),
        fact(Invoice, "EXACT07", "X2", "/discount", Some("-0.005")),
        fact(Invoice, "EXACT07", "X2", "/invoice_lines/0/unit_price", Some(r#""8.125""#)),
        fact(Invoice, "EXACT07", "X2", "/invoice_lines/0/price", Some(r#""1234567890123456.70""#)),
    ],
    dates: &[
        fact(Account, "DATES06", "", "/last_charge_date", Some(r#""2026-03-08T02:30:00.163""#)),
        fact(Account, "DATES06", "", "/last_sale_date", Some(r#""2026-02-28T11:00:00""#)),
        fact(Account, "DATES06", "", "/last_payment_date", None),
        fact(Orders, "DATES06", "D1", "/order_date", Some(r#""2026-03-01T00:00:00""#)),
        fact(Orders, "DATES06", "D1", "/ship_date", Some(r#""2026-03-08T02:30:00""#)),
        fact(Orders, "DATES06", "D2", "/order_date", Some(r#""2026-03-01T00:00:00""#)),
        fact(Orders, "DATES06", "D2", "/ship_date", Some(r#""2026-11-01T05:30:00""#)),
        fact(Orders, "DATES06", "D3", "/order_date", None),
        fact(Order, "DATES06", "D1", "/tracking_information/0/delivery_date", Some(r#""2026-03-09T00:00:00""#)),
        fact(Order, "DATES06", "D1", "/tracking_information/0/status_time", Some(r#""2026-03-08T02:30:00.250""#)),
        fact(Order, "DATES06", "D3", "/order_date", None),
        fact(Invoices, "DATES06", "D4", "/invoice_date", Some(r#""2026-03-01T00:00:00""#)),
        fact(Invoices, "DATES06", "D4", "/duedate", None),
        fact(Invoices, "DATES06", "D5", "/invoice_date", None),
        fact(Invoice, "DATES06", "D5", "/order_date", Some(r#""2026-03-29T01:30:00""#)),
        fact(Invoice, "DATES06", "D5", "/duedate", Some(r#""2026-10-25T00:00:00""#)),
    ],
    unknown: &[
        fact(Account, "SPARSE05", "", "/total_due", None),
        fact(Account, "SPARSE05", "", "/due_30_days", None),
        fact(Account, "SPARSE05", "", "/open_credits", None),
        fact(Account, "SPARSE05", "", "/credit_available", None),
        fact(Account, "SPARSE05", "", "/last_sale_date", None),
        fact(Orders, "SPARSE05", "P1", "/total", None),
        fact(Orders, "SPARSE05", "P1", "/order_date", None),
        fact(Order, "SPARSE05", "P1", "/order_lines", None),
        fact(Order, "SPARSE05", "P1", "/tracking_information", None),
        fact(Order, "SPARSE05", "P1", "/shipping_details", None),
        fact(Invoices, "SPARSE05", "P2", "/balance", None),
        fact(Invoices, "SPARSE05", "P2", "/invoice_status_description", None),
        fact(Invoice, "SPARSE05", "P2", "/invoice_lines", None),
        fact(Invoice, "SPARSE05", "P2", "/tax_total", None),
    ],
    hidden: &[document(Orders, "S7777"), document(Orders, "S7778"), document(Invoices, "I7777")],
    withheld: &["TAXID", "4242", "7777.77"],
    ..Cast::NONE
};

const fn document(list: Operation, id: &'static str) -> Document {
    Document { list, customer: "ACME001", id }
}

const fn fact(
    operation: Operation,
    customer: &'static str,
    id: &'static str,
    member: &'static str,
    json: Option<&'static str>,
) -> Fact {
    Fact { operation, customer, id, member, json }
}
