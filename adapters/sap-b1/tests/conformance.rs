//! The adapter under the kit's whole suite, once for each generation of the Service Layer.

use std::process::ExitCode;

use livegate_adapter_sap_b1::KIND;
use livegate_adapter_sap_b1::simulator::{AWKWARD, open_sessions};
use livegate_core::Operation::{self, Account, Invoice, Invoices, Order, Orders};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Subject, Twin, prove};

fn main() -> ExitCode {
    let subject = |tenant, login, cast| Subject {
        // What has gone of an order is asked beside the order.
        side_requests: &["/QueryService_PostQuery", "/DeliveryNotes"],
        login: Some(login),
        open_sessions: Some(open_sessions),
        golden: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden"),
        ..Subject::new(&KIND, tenant, transport_to, cast)
    };
    prove(&[subject("sap-b1-v2", "/b1s/v2/Login", BY_NUMBER), subject("sap-b1-v1", "/b1s/v1/Login", BY_KEY)])
}

/// The same people by the numbers of their documents or by their keys.
macro_rules! cast {
    ($id:ident) => {
        Cast {
            customer: "C20000",
            order: Some($id!("1010", "16010")),
            invoice: Some($id!("1009", "16009")),
            twins: &[
                Twin { operation: Account, asked_by: "C70001", owned_by: "C20000", id: "" },
                Twin { operation: Orders, asked_by: "C70001", owned_by: "C20000", id: $id!("1010", "16010") },
                Twin { operation: Order, asked_by: "C70001", owned_by: "C20000", id: $id!("1010", "16010") },
                Twin { operation: Invoices, asked_by: "C70001", owned_by: "C20000", id: $id!("1009", "16009") },
                Twin { operation: Invoice, asked_by: "C70001", owned_by: "C20000", id: $id!("1009", "16009") },
            ],
            empty: Some("C50000"),
            awkward: Some(AWKWARD),
            repeated: &[
                Document { list: Orders, customer: "C60000", id: $id!("6001", "21001") },
                Document { list: Invoices, customer: "C60000", id: $id!("6001", "21001") },
            ],
            money: &[
                fact(Account, "C20000", "", "/balance", Some("4361.72")),
                fact(Account, "C20000", "", "/open_credits", Some("250.25")),
                // An instalment's rest, a down payment and two invoices.
                fact(Account, "C20000", "", "/due_30_days", Some("1170.92")),
                fact(Account, "C20000", "", "/due_60_days", Some("1250.00")),
                fact(Account, "C20000", "", "/due_90_days", Some("640.10")),
                fact(Account, "C20000", "", "/due_120_days", Some("89.95")),
                fact(Account, "C20000", "", "/due_over_120_days", Some("412")),
                fact(Account, "C20000", "", "/credit_available", Some("5638.28")),
                fact(Account, "C80000", "", "/balance", Some("1234567890123456.78")),
                fact(Invoices, "C80000", $id!("8001", "23001"), "/balance", Some("0.10")),
                fact(Invoices, "C80000", $id!("8003", "23003"), "/total", Some("1234567890123456.78")),
                fact(Invoices, "C80000", $id!("8004", "23004"), "/balance", Some("-0.005")),
                fact(Invoice, "C80000", $id!("8005", "23005"), "/total", Some("2373.45")),
                fact(
                    Invoice,
                    "C80000",
                    $id!("8003", "23003"),
                    "/invoice_lines/0/price",
                    Some("\"1234567890123456.78\""),
                ),
                fact(Invoice, "C20000", $id!("1009", "16009"), "/sub_total", Some("62.50")),
                fact(Invoice, "C20000", $id!("1009", "16009"), "/invoice_lines/2/price", Some("\"7.50\"")),
                fact(Orders, "C80000", $id!("8004", "23004"), "/total", Some("-0.005")),
                fact(Orders, "C20000", $id!("1007", "16007"), "/discount_total", Some("-147.27")),
                fact(Order, "C80000", $id!("8002", "23002"), "/order_lines/0/unit_price", Some("0.3333333")),
                fact(Order, "C20000", $id!("1010", "16010"), "/order_lines/0/qty_shipped", Some("\"3\"")),
                fact(Order, "C20000", $id!("1010", "16010"), "/order_lines/1/qty_shipped", Some("\"1.5\"")),
                fact(Order, "C20000", $id!("1010", "16010"), "/order_lines/2/qty_shipped", Some("\"0\"")),
            ],
            dates: &[
                fact(Account, "C81000", "", "/last_sale_date", Some("\"2026-11-01T00:00:00\"")),
                fact(Account, "C60000", "", "/last_charge_date", Some("\"2026-02-01T00:00:00\"")),
                fact(Invoices, "C81000", $id!("8101", "23101"), "/invoice_date", Some("\"2026-03-08T00:00:00\"")),
                fact(Invoices, "C81000", $id!("8102", "23102"), "/duedate", Some("\"2026-03-08T00:00:00\"")),
                fact(Invoice, "C81000", $id!("8102", "23102"), "/invoice_date", Some("\"2026-11-01T00:00:00\"")),
                fact(Invoices, "C81000", $id!("8103", "23103"), "/duedate", None),
                fact(Invoices, "C81000", $id!("8104", "23104"), "/duedate", None),
                fact(Invoice, "C81000", $id!("8105", "23105"), "/invoice_date", None),
                fact(Orders, "C81000", $id!("8103", "23103"), "/order_date", Some("\"2024-02-29T00:00:00\"")),
                fact(Order, "C81000", $id!("8101", "23101"), "/order_date", Some("\"2026-03-08T00:00:00\"")),
                fact(Order, "C81000", $id!("8105", "23105"), "/ship_date", None),
            ],
            unknown: &[
                fact(Account, "C20000", "", "/last_payment_date", None),
                fact(Account, "C47000", "", "/total_due", None),
                fact(Account, "C50000", "", "/credit_available", None),
                fact(Account, "C50000", "", "/last_sale_date", None),
                fact(Orders, "C20000", $id!("1009", "16009"), "/order_comments", None),
                fact(Order, "C20000", $id!("1010", "16010"), "/ordered_by", None),
                fact(Order, "C20000", $id!("1007", "16007"), "/order_lines/0/qty_shipped", None),
                fact(Order, "C20000", $id!("1009", "16009"), "/tracking_information", None),
                fact(Invoice, "C20000", $id!("1009", "16009"), "/order_date", None),
                fact(Invoices, "C82000", $id!("8202", "23202"), "/sub_total", None),
                fact(Invoices, "C82000", $id!("8203", "23203"), "/sub_total", None),
                fact(Invoices, "C82000", $id!("8204", "23204"), "/sub_total", None),
                fact(Invoice, "C82000", $id!("8205", "23205"), "/invoice_lines/0/qty_shipped", None),
                fact(Invoices, "C20000", $id!("998", "15998"), "/billing_details", None),
            ],
            hidden: &[
                Document { list: Invoices, customer: "C20000", id: $id!("1010", "16010") },
                Document { list: Invoices, customer: "C20000", id: $id!("1011", "16011") },
                Document { list: Orders, customer: "C20000", id: $id!("9001", "24001") },
            ],
            withheld: &["TAXID-", "IBAN-", "77.7701", "7200.4242", "4111111111111111"],
            ..Cast::NONE
        }
    };
}

macro_rules! number {
    ($number:literal, $key:literal) => {
        $number
    };
}

macro_rules! key {
    ($number:literal, $key:literal) => {
        $key
    };
}

const BY_NUMBER: Cast = cast!(number);
const BY_KEY: Cast = cast!(key);

const fn fact(
    operation: Operation,
    customer: &'static str,
    id: &'static str,
    member: &'static str,
    json: Option<&'static str>,
) -> Fact {
    Fact { operation, customer, id, member, json }
}
