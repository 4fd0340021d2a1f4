//! What the conformance kit must know of the simulator.

use std::process::ExitCode;

use livegate_adapter_alloy::KIND;
use livegate_adapter_alloy::simulator::{AWKWARD, AWKWARD_COMPANY};
use livegate_core::Operation::{Account, Invoice, Invoices, Order, Orders};
use livegate_testkit::{Cast, Document, Fact, Subject, Twin, prove};

fn main() -> ExitCode {
    let subject = |tenant, cast| Subject {
        side_requests: &["/items/"],
        golden: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden"),
        ..Subject::new(&KIND, tenant, livegate_http::transport_to, cast)
    };
    prove(&[subject("alloy-2024", BY_REMOTE_ID), subject("alloy-2023", BY_COMPANY)])
}

/// The same people under either key.
macro_rules! cast {
    ($main:expr, leak $leak:expr, idle $idle:expr, awkward $awkward:expr, exact $exact:expr, dates $dates:expr,
     twice $twice:expr) => {
        Cast {
            customer: $main,
            order: Some("SO-1010"),
            invoice: Some("INV-1009"),
            twins: &[
                Twin { operation: Account, asked_by: $leak, owned_by: $main, id: "" },
                Twin { operation: Orders, asked_by: $leak, owned_by: $main, id: "SO-1010" },
                Twin { operation: Order, asked_by: $leak, owned_by: $main, id: "SO-1010" },
                Twin { operation: Invoices, asked_by: $leak, owned_by: $main, id: "INV-1009" },
                Twin { operation: Invoice, asked_by: $leak, owned_by: $main, id: "INV-1009" },
            ],
            empty: Some($idle),
            awkward: Some($awkward),
            repeated: &[
                Document { list: Invoices, customer: $twice, id: "TW-1" },
                Document { list: Invoices, customer: $twice, id: "TW-2" },
                Document { list: Orders, customer: $twice, id: "TWS-1" },
            ],
            money: &[
                fact(Account, $main, "", "/balance", Some("5011.72")),
                fact(Account, $main, "", "/open_credits", Some("150.25")),
                fact(Account, $main, "", "/due_30_days", Some("422.42")),
                fact(Account, $main, "", "/last_payment_amount", Some("1250.00")),
                fact(Account, $exact, "", "/balance", Some("1234567890126114.245")),
                fact(Invoices, $exact, "EX-1", "/balance", Some("0.10")),
                fact(Invoices, $exact, "EX-3", "/total", Some("1234567890123456.78")),
                fact(Invoices, $exact, "EX-4", "/balance", Some("-0.005")),
                fact(Invoice, $exact, "EX-5", "/total", Some("2373.45")),
                fact(Invoice, $exact, "EX-5", "/invoice_lines/0/price", Some("\"2373.45\"")),
                fact(Invoice, $main, "INV-1009", "/invoice_lines/0/unit_price", Some("\"25.00\"")),
                fact(Orders, $exact, "EXS-2", "/total", Some("-0.005")),
                fact(Order, $exact, "EXS-1", "/total", Some("1234567890123456.78")),
                fact(Order, $exact, "EXS-1", "/order_lines/0/unit_price", Some("0.3333333")),
            ],
            dates: &[
                fact(Invoices, $dates, "DT-1", "/invoice_date", Some("\"2026-03-08T00:00:00\"")),
                fact(Invoices, $dates, "DT-2", "/duedate", Some("\"2026-03-08T00:00:00\"")),
                fact(Invoice, $dates, "DT-3", "/invoice_date", Some("\"2026-11-01T00:00:00\"")),
                fact(Invoice, $dates, "DT-4", "/duedate", Some("\"2026-11-01T00:00:00\"")),
                fact(Invoices, $dates, "DT-5", "/invoice_date", None),
                fact(Invoice, $dates, "DT-6", "/duedate", None),
                fact(Orders, $dates, "DTS-2", "/order_date", Some("\"2026-03-08T00:00:00\"")),
                fact(Order, $dates, "DTS-3", "/ship_date", Some("\"2026-11-01T00:00:00\"")),
                fact(Order, $dates, "DTS-5", "/order_date", None),
                fact(Account, $dates, "", "/last_payment_date", Some("\"2022-09-01T00:00:00\"")),
                fact(Account, $dates, "", "/last_sale_date", Some("\"2026-11-01T00:00:00\"")),
            ],
            unknown: &[
                fact(Account, $main, "", "/credit_available", None),
                fact(Account, $idle, "", "/last_payment_date", None),
                fact(Invoices, $main, "INV-998", "/sub_total", None),
                fact(Invoices, $main, "INV-998", "/tax_total", None),
                fact(Invoice, $main, "INV-1009", "/note", None),
                fact(Invoice, $main, "INV-1009", "/order_date", None),
                fact(Invoice, $main, "INV-1009", "/invoice_lines/2/item_id", None),
                fact(Invoice, $main, "INV-1009", "/invoice_lines/3/price", None),
                fact(Orders, $main, "SO-1010", "/sub_total", None),
                fact(Order, $main, "SO-1010", "/tracking_information", None),
                fact(Order, $main, "SO-1010", "/ordered_by", None),
            ],
            hidden: &[
                Document { list: Invoices, customer: $main, id: "INV-2001" },
                Document { list: Invoices, customer: $main, id: "INV-2002" },
                Document { list: Invoices, customer: $main, id: "INV-2003" },
                Document { list: Invoices, customer: $main, id: "INV-2004" },
                Document { list: Orders, customer: $main, id: "SO-2001" },
                Document { list: Orders, customer: $main, id: "SO-2002" },
                Document { list: Orders, customer: $main, id: "SO-2003" },
            ],
            withheld: &["TAXID-", "PRIVATE-", "0.77", "accounts@customer.example", "555-1234"],
            ..Cast::NONE
        }
    };
}
const BY_REMOTE_ID: Cast = cast!("97", leak "98", idle "104", awkward AWKWARD, exact "105", dates "106", twice "107");
const BY_COMPANY: Cast = cast!(
    "EJCO", leak "JDCO", idle "IDLECO", awkward AWKWARD_COMPANY, exact "EXACTCO", dates "DATESCO", twice "TWICECO"
);

const fn fact(
    operation: livegate_core::Operation,
    customer: &'static str,
    id: &'static str,
    member: &'static str,
    json: Option<&'static str>,
) -> Fact {
    Fact { operation, customer, id, member, json }
}
