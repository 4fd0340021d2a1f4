//! The adapter under the kit's whole suite, once for each of its dialects.

use std::process::ExitCode;

use livegate_adapter_dockmaster::KIND;
use livegate_core::ErrorKind;
use livegate_core::Operation::{self, Account, Invoice, Invoices, Order, Orders};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Outcome, Subject, Twin, prove};

fn main() -> ExitCode {
    let subject = |tenant, cast| Subject {
        // A work order is asked for by its key.
        exceptions: &[("status 404", Some(Order), Outcome::Absent)],
        error_in_success: Some((r#"{"Message":"An error has occurred."}"#, ErrorKind::Malformed)),
        golden: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden"),
        ..Subject::new(&KIND, tenant, transport_to, cast)
    };
    prove(&[
        subject("dockmaster-json", BOOK),
        subject("dockmaster-xml", BOOK),
        Subject { login: Some("/auth/token"), ..subject("dockmaster-dme", Cast { money: WITH_PAID, ..BOOK }) },
    ])
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

const fn twin(operation: Operation, id: &'static str) -> Twin {
    Twin { operation, asked_by: "MERGED12", owned_by: "LEDGER11", id }
}

const THE_EIGHTH_OF_MARCH: Option<&str> = Some("\"2026-03-08T00:00:00\"");

/// What the simulator's customers show. DockMaster knows neither drafts nor users, and no time without a day.
const BOOK: Cast = Cast {
    customer: "LEDGER11",
    order: Some("W-100"),
    invoice: Some("110004"),
    twins: &[twin(Account, ""), twin(Orders, "W-9"), twin(Order, "W-9"), twin(Invoices, "9"), twin(Invoice, "9")],
    empty: Some("EMPTY04"),
    nobody: "NOBODY99",
    awkward: Some("DOCK 7/B"),
    repeated: &[
        Document { list: Orders, customer: "LEDGER11", id: "W-10" },
        Document { list: Invoices, customer: "LEDGER11", id: "L-10" },
    ],
    money: MONEY,
    dates: &[
        fact(Account, "LEDGER11", "", "/last_payment_date", THE_EIGHTH_OF_MARCH),
        fact(Orders, "LEDGER11", "W-9", "/order_date", THE_EIGHTH_OF_MARCH),
        fact(Orders, "LEDGER11", "W-100", "/order_date", THE_EIGHTH_OF_MARCH),
        fact(Orders, "LEDGER11", "8", "/order_date", THE_EIGHTH_OF_MARCH),
        fact(Orders, "LEDGER11", "80", "/order_date", THE_EIGHTH_OF_MARCH),
        fact(Orders, "LEDGER11", "110101", "/order_date", Some("\"2026-04-05T00:00:00\"")),
        fact(Orders, "LEDGER11", "110102", "/order_date", Some("\"2025-12-31T00:00:00\"")),
        fact(Orders, "LEDGER11", "110106", "/order_date", None),
        fact(Orders, "LEDGER11", "110107", "/order_date", None),
        fact(Order, "LEDGER11", "80", "/order_date", THE_EIGHTH_OF_MARCH),
        fact(Order, "LEDGER11", "800", "/order_date", Some("\"2026-11-01T00:00:00\"")),
        fact(Order, "LEDGER11", "110107", "/order_date", None),
        fact(Invoices, "LEDGER11", "9", "/duedate", THE_EIGHTH_OF_MARCH),
        fact(Invoices, "LEDGER11", "10", "/duedate", THE_EIGHTH_OF_MARCH),
        fact(Invoices, "LEDGER11", "100", "/duedate", THE_EIGHTH_OF_MARCH),
        fact(Invoices, "LEDGER11", "L-9", "/duedate", Some("\"2026-04-05T00:00:00\"")),
        fact(Invoices, "LEDGER11", "L-10", "/duedate", Some("\"2025-11-02T00:00:00\"")),
        fact(Invoices, "LEDGER11", "L-100", "/duedate", Some("\"2025-12-31T00:00:00\"")),
        fact(Invoices, "DATES06", "600001", "/duedate", None),
        fact(Invoices, "DATES06", "600003", "/duedate", None),
        fact(Invoice, "LEDGER11", "L-9", "/duedate", Some("\"2026-04-05T00:00:00\"")),
        fact(Invoice, "LEDGER11", "110006", "/duedate", Some("\"2026-11-01T00:00:00\"")),
        fact(Invoice, "DATES06", "600002", "/duedate", None),
    ],
    unknown: &[
        fact(Account, "LEDGER11", "", "/last_sale_date", None),
        fact(Account, "LEDGER11", "", "/last_charge_date", None),
        fact(Account, "EMPTY04", "", "/last_payment_amount", None),
        fact(Account, "EMPTY04", "", "/credit_available", None),
        fact(Account, "DATES06", "", "/total_due", None),
        fact(Orders, "LEDGER11", "W-100", "/discount_total", None),
        fact(Orders, "LEDGER11", "W-100", "/tax_total", None),
        fact(Orders, "LEDGER11", "W-100", "/total", None),
        fact(Order, "LEDGER11", "W-100", "/sales_tax", None),
        fact(Order, "LEDGER11", "W-100", "/ordered_by", None),
        fact(Order, "LEDGER11", "W-100", "/tracking_information", None),
        fact(Order, "LEDGER11", "W-100", "/order_lines/0/unit_price", None),
        fact(Invoices, "LEDGER11", "110004", "/invoice_date", None),
        fact(Invoices, "LEDGER11", "110004", "/sub_total", None),
        fact(Invoice, "LEDGER11", "110004", "/tax_total", None),
        fact(Invoice, "LEDGER11", "110004", "/invoice_lines", None),
        fact(Invoice, "LEDGER11", "110004", "/note", None),
    ],
    withheld: &[
        "TAXID-",
        "4242",
        "TECH-ONLY",
        "dm-issued-",
        "7770.",
        "7771.",
        "7772.",
        "7773.",
        "7774.",
        "7775.",
        "7776.",
        "7777.",
        "7778.",
        "7779.",
    ],
    ..Cast::NONE
};

const MONEY: &[Fact] = &[
    fact(Account, "LEDGER11", "", "/balance", Some("1371.83")),
    fact(Account, "LEDGER11", "", "/open_credits", Some("45.25")),
    fact(Account, "LEDGER11", "", "/last_payment_amount", Some("45.5")),
    fact(Account, "EXACT07", "", "/balance", Some("1234567890123740.795")),
    fact(Account, "MARINA01", "", "/balance", Some("7051.47")),
    fact(Orders, "EXACT07", "700101", "/sub_total", Some("1234567890123456.78")),
    fact(Orders, "EXACT07", "700101", "/tax_total", Some("0.005")),
    fact(Orders, "EXACT07", "700101", "/total", Some("1234567890123456.785")),
    fact(Order, "EXACT07", "700101", "/total", Some("1234567890123456.785")),
    fact(Order, "EXACT07", "700101", "/order_lines/0/total", Some("1234567890123456.78")),
    fact(Order, "LEDGER11", "W-100", "/sub_total", Some("1062.50")),
    fact(Invoices, "LEDGER11", "110002", "/balance", Some("120.00")),
    fact(Invoices, "LEDGER11", "110004", "/balance", Some("8.625")),
    fact(Invoices, "LEDGER11", "L-100", "/balance", Some("-45.25")),
    fact(Invoices, "EXACT07", "700003", "/balance", Some("1234567890123456.78")),
    fact(Invoice, "EXACT07", "700004", "/balance", Some("-0.005")),
    fact(Invoice, "MARINA01", "100250", "/total", Some("3000.00")),
    fact(Invoice, "MARINA01", "099500", "/balance", Some("0.00")),
];

/// With paid invoices in the list.
const WITH_PAID: &[Fact] = &[
    fact(Account, "EXACT07", "", "/balance", Some("1234567890123740.795")),
    fact(Orders, "EXACT07", "700101", "/total", Some("1234567890123456.785")),
    fact(Order, "EXACT07", "700101", "/total", Some("1234567890123456.785")),
    fact(Invoices, "MARINA01", "099500", "/balance", Some("0.00")),
    fact(Invoices, "MARINA01", "099500", "/total", Some("199.99")),
    fact(Invoices, "MARINA01", "099120", "/invoice_status_description", Some("\"Paid\"")),
    fact(Invoice, "MARINA01", "099500", "/total", Some("199.99")),
];
