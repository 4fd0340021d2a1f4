//! What the conformance kit must know of the simulator.

use std::process::ExitCode;

use livegate_adapter_acumatica::KIND;
use livegate_adapter_acumatica::simulator::{AWKWARD, open_sessions};
use livegate_core::Operation::{self, Account, Invoice, Invoices, Order, Orders};
use livegate_testkit::{Cast, Document, Fact, Subject, Twin, prove};

fn main() -> ExitCode {
    let subject = |tenant, cast| Subject {
        side_requests: &["/Shipment/"],
        open_sessions: Some(open_sessions),
        golden: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden"),
        ..Subject::new(&KIND, tenant, livegate_http::transport_to, cast)
    };
    prove(&[
        Subject { login: Some("/harbor/entity/auth/login"), ..subject("acumatica", RECEIVABLES) },
        Subject { login: Some("/identity/connect/token"), ..subject("acumatica-oauth", SALES_INVOICES) },
    ])
}

/// Acumatica knows neither users of a store nor times of day.
const RECEIVABLES: Cast = Cast {
    customer: "HARBOR01",
    order: Some("S-100"),
    invoice: Some("9"),
    twins: &[twin(Account, ""), twin(Orders, "S-100"), twin(Order, "S-100"), twin(Invoices, "9"), twin(Invoice, "9")],
    empty: Some("EMPTY04"),
    awkward: Some(AWKWARD),
    repeated: &[
        Document { list: Orders, customer: "TWICE09", id: "T-1" },
        Document { list: Invoices, customer: "TWICE09", id: "T-1" },
    ],
    money: &[
        fact(Account, "HARBOR01", "", "/balance", Some("249.295")),
        fact(Account, "HARBOR01", "", "/open_credits", Some("115.25")),
        fact(Account, "HARBOR01", "", "/credit_available", Some("4750.705")),
        fact(Account, "EXACT07", "", "/balance", Some("1234567890123740.795")),
        fact(Account, "EURO08", "", "/balance", Some("50.00")),
        fact(Orders, "EXACT07", "E-1", "/total", Some("1234567890123456.78")),
        fact(Orders, "HARBOR01", "S-100", "/sub_total", Some("70.00")),
        fact(Orders, "HARBOR01", "S-100", "/discount_total", Some("2.50")),
        fact(Order, "HARBOR01", "S-100", "/total", Some("72.30")),
        fact(Order, "HARBOR01", "S-100", "/sales_tax", Some("4.80")),
        fact(Order, "HARBOR01", "S-100", "/order_lines/1/qty", Some("\"10.5\"")),
        fact(Order, "EXACT07", "E-2", "/total", Some("0.005")),
        fact(Order, "EXACT07", "E-2", "/order_lines/0/unit_price", Some("0.3333333")),
        fact(Invoices, "EXACT07", "E-3", "/balance", Some("1234567890123456.78")),
        fact(Invoices, "EXACT07", "Credit Memo|E-0", "/balance", Some("-0.005")),
        fact(Invoices, "HARBOR01", "Credit Memo|CM-1", "/total", Some("-45.25")),
        fact(Invoice, "HARBOR01", "9", "/balance", Some("62.00")),
        fact(Invoice, "HARBOR01", "9", "/invoice_lines/0/unit_price", Some("\"25.00\"")),
        fact(Invoice, "HARBOR01", "Credit Memo|CM-1", "/tax_total", Some("-2.25")),
        fact(Invoice, "HARBOR01", "Credit Memo|CM-1", "/invoice_lines/0/qty_shipped", Some("\"-1\"")),
    ],
    dates: &[
        fact(Orders, "HARBOR01", "S-101", "/order_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Orders, "HARBOR01", "S-102", "/ship_date", Some("\"2026-11-01T00:00:00\"")),
        fact(Orders, "DATES06", "DT-2", "/ship_date", None),
        fact(Order, "DATES06", "DT-1", "/order_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Order, "HARBOR01", "S-100", "/tracking_information/0/shipping_date", Some("\"2026-03-10T00:00:00\"")),
        fact(Invoices, "HARBOR01", "100", "/duedate", Some("\"2026-11-01T00:00:00\"")),
        fact(Invoices, "HARBOR01", "102", "/invoice_date", Some("\"2026-11-01T00:00:00\"")),
        fact(Invoices, "DATES06", "DT-2", "/duedate", None),
        fact(Invoices, "DATES06", "DT-3", "/duedate", None),
        fact(Invoice, "DATES06", "DT-1", "/invoice_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Invoice, "DATES06", "DT-2", "/duedate", None),
    ],
    unknown: &[
        fact(Account, "HARBOR01", "", "/last_payment_date", None),
        fact(Account, "DAYS03", "", "/credit_available", None),
        fact(Account, "EURO08", "", "/credit_available", None),
        fact(Account, "EXACT07", "", "/credit_available", None),
        fact(Account, "EMPTY04", "", "/credit_available", None),
        fact(Orders, "HARBOR01", "S-8", "/ship_date", None),
        fact(Orders, "HARBOR01", "S-8", "/order_comments", None),
        fact(Order, "HARBOR01", "S-100", "/ordered_by", None),
        fact(Order, "HARBOR01", "S-100", "/order_lines/2/product_id", None),
        fact(Order, "HARBOR01", "S-100", "/order_lines/0/total", None),
        fact(Order, "HARBOR01", "S-100", "/tracking_information/1/weight", None),
        fact(Order, "HARBOR01", "S-105", "/tracking_information", None),
        fact(Invoices, "HARBOR01", "9", "/sub_total", None),
        fact(Invoices, "HARBOR01", "9", "/billing_details", None),
        fact(Invoices, "HARBOR01", "Credit Memo|CM-1", "/duedate", None),
        fact(Invoice, "HARBOR01", "9", "/discount", None),
        fact(Invoice, "HARBOR01", "9", "/order_date", None),
        fact(Invoice, "HARBOR01", "9", "/invoice_lines/0/price", None),
    ],
    hidden: &[hidden("D-1"), hidden("D-2"), hidden("D-3"), hidden("D-4"), hidden("V-1"), hidden("V-2")],
    withheld: &[
        "TAXID-",
        "PRIVATE-",
        "ACCT-",
        "CASH-",
        "777.",
        "4242",
        "acu-issued-",
        "accounts@customer.example",
        "555-1234",
        "NOT-THEIRS",
    ],
    ..Cast::NONE
};

/// The form of sales invoices tells more of fewer documents.
const SALES_INVOICES: Cast = Cast {
    money: &[
        fact(Account, "HARBOR01", "", "/balance", Some("249.295")),
        fact(Orders, "EXACT07", "E-1", "/total", Some("1234567890123456.78")),
        fact(Order, "HARBOR01", "S-100", "/sub_total", Some("70.00")),
        fact(Invoices, "HARBOR01", "9", "/sub_total", Some("67.30")),
        fact(Invoices, "HARBOR01", "9", "/discount_total", Some("2.50")),
        fact(Invoices, "HARBOR01", "Credit Memo|CM-1", "/sub_total", Some("-45.25")),
        fact(Invoice, "HARBOR01", "9", "/discount", Some("2.50")),
        fact(Invoice, "HARBOR01", "Credit Memo|CM-1", "/balance", Some("-45.25")),
    ],
    unknown: &[
        fact(Account, "HARBOR01", "", "/last_sale_date", None),
        fact(Orders, "HARBOR01", "S-8", "/order_comments", None),
        fact(Order, "HARBOR01", "S-105", "/tracking_information", None),
        fact(Invoices, "HARBOR01", "Credit Memo|CM-1", "/duedate", None),
        fact(Invoice, "HARBOR01", "9", "/invoice_lines/2/item_id", None),
        fact(Invoice, "HARBOR01", "9", "/invoice_lines/0/tax", None),
        fact(Invoice, "HARBOR01", "100", "/note", None),
    ],
    ..RECEIVABLES
};

const fn twin(operation: Operation, id: &'static str) -> Twin {
    Twin { operation, asked_by: "MERGED12", owned_by: "HARBOR01", id }
}

const fn hidden(id: &'static str) -> Document {
    Document { list: Invoices, customer: "HARBOR01", id }
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
