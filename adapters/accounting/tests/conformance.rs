//! Both of the demo's tenants before the kit: ids, filters and tokens here, friendly references and whole lists there.

use std::process::ExitCode;

use livegate_adapter_accounting::KIND;
use livegate_core::Operation::{self, Account, Invoice, Invoices, Order, Orders};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Subject, Twin, prove};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden");

/// What the simulator holds where nobody may look.
const WITHHELD: &[&str] = &["PLANTED", "777.77", "4111111111111111"];

const ELEMENTS: Cast = Cast {
    customer: "1001",
    order: Some("993"),
    invoice: Some("9991"),
    twins: &[
        twin(Account, "1012", "1001", ""),
        twin(Orders, "1001", "1002", "777"),
        twin(Order, "1001", "1002", "777"),
        twin(Invoices, "1001", "1002", "9777"),
        twin(Invoice, "1001", "1002", "9777"),
    ],
    empty: Some("1003"),
    nobody: "4040404",
    awkward: Some("4' & Söhne/7%"),
    repeated: &[document(Orders, "1001", "994"), document(Invoices, "1001", "9994")],
    money: &[
        fact(Account, "1005", "", "/balance", Some("1234567890123740.795")),
        fact(Account, "1005", "", "/open_credits", Some("0.005")),
        fact(Invoices, "1005", "9501", "/balance", Some("0.10")),
        fact(Invoices, "1005", "9503", "/total", Some("1234567890123456.78")),
        fact(Invoice, "1005", "9504", "/balance", Some("-0.005")),
        fact(Invoice, "1005", "9502", "/invoice_lines/0/unit_price", Some("\"88.4467\"")),
        fact(Invoice, "1005", "9502", "/invoice_lines/0/tax", Some("18.58")),
        fact(Orders, "1005", "504", "/sub_total", Some("-0.005")),
        fact(Order, "1005", "503", "/total", Some("1234567890123456.78")),
        fact(Order, "1005", "502", "/order_lines/0/unit_price", Some("12.50")),
    ],
    dates: &[
        fact(Account, "1006", "", "/last_payment_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Account, "1006", "", "/last_sale_date", Some("\"2026-10-25T00:00:00\"")),
        fact(Invoices, "1006", "9601", "/invoice_date", Some("\"2026-03-01T00:00:00\"")),
        fact(Invoice, "1006", "9602", "/duedate", Some("\"2026-03-08T00:00:00\"")),
        fact(Invoice, "1006", "9603", "/invoice_date", Some("\"2026-10-25T00:00:00\"")),
        fact(Invoice, "1006", "9604", "/duedate", None),
        fact(Invoices, "1006", "9605", "/invoice_date", None),
        fact(Orders, "1006", "602", "/order_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Order, "1006", "603", "/ship_date", Some("\"2026-10-25T00:00:00\"")),
        fact(Order, "1006", "604", "/order_date", None),
    ],
    unknown: &[
        fact(Account, "1007", "", "/total_due", None),
        fact(Account, "1007", "", "/credit_available", None),
        fact(Account, "1007", "", "/last_sale_date", None),
        fact(Account, "1007", "", "/last_payment_amount", None),
        fact(Invoices, "1007", "9801", "/total", None),
        fact(Invoices, "1007", "9801", "/billing_details", None),
        fact(Invoice, "1007", "9801", "/sales_tax", None),
        fact(Invoice, "1007", "9801", "/invoice_lines", None),
        fact(Invoice, "1007", "9801", "/discount", None),
        fact(Orders, "1007", "801", "/order_status_description", None),
        fact(Order, "1007", "801", "/total", None),
        fact(Order, "1007", "801", "/billing_details", None),
        fact(Order, "1007", "801", "/order_lines", None),
    ],
    hidden: &[
        document(Invoices, "1001", "9880"),
        document(Invoices, "1001", "9881"),
        document(Invoices, "1001", "9882"),
        document(Invoices, "1001", "9883"),
        document(Invoices, "1001", "9900"),
        document(Orders, "1001", "880"),
        document(Orders, "1001", "881"),
    ],
    withheld: WITHHELD,
    ..Cast::NONE
};

const PLAIN: Cast = Cast {
    customer: "HARBOR01",
    order: Some("SO-3"),
    invoice: Some("INV-2"),
    twins: &[
        twin(Account, "SHADOW12", "HARBOR01", ""),
        twin(Orders, "HARBOR01", "HARBOR02", "SO-777"),
        twin(Order, "HARBOR01", "HARBOR02", "SO-777"),
        twin(Invoices, "HARBOR01", "HARBOR02", "INV-777"),
        twin(Invoice, "HARBOR01", "HARBOR02", "INV-777"),
    ],
    empty: Some("EMPTY03"),
    awkward: Some("O'Brien \"& Söhne\"/7%"),
    repeated: &[document(Orders, "HARBOR01", "SO-4"), document(Invoices, "HARBOR01", "INV-5")],
    money: &[
        fact(Account, "EXACT05", "", "/balance", Some("1234567890123740.795")),
        fact(Invoices, "EXACT05", "EX-3", "/balance", Some("1234567890123456.78")),
        fact(Invoice, "EXACT05", "EX-1", "/invoice_lines/0/price", Some("\"0.10\"")),
        fact(Orders, "EXACT05", "EX-SO-2", "/tax_total", Some("18.58")),
        fact(Order, "EXACT05", "EX-SO-4", "/order_lines/0/total", Some("-0.005")),
    ],
    dates: &[
        fact(Account, "DATES06", "", "/last_payment_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Invoices, "DATES06", "DT-2", "/invoice_date", Some("\"2026-03-08T00:00:00\"")),
        fact(Invoice, "DATES06", "DT-3", "/duedate", Some("\"2026-10-25T00:00:00\"")),
        fact(Invoice, "DATES06", "DT-4", "/invoice_date", None),
        fact(Orders, "DATES06", "DT-SO-1", "/order_date", Some("\"2026-03-01T00:00:00\"")),
        fact(Order, "DATES06", "DT-SO-5", "/ship_date", None),
    ],
    unknown: &[
        fact(Account, "BARE07", "", "/total_due", None),
        fact(Account, "BARE07", "", "/credit_available", None),
        fact(Invoices, "BARE07", "BARE-1", "/sub_total", None),
        fact(Invoice, "BARE07", "BARE-1", "/note", None),
        fact(Orders, "BARE07", "BARE-SO-1", "/total", None),
        fact(Order, "BARE07", "BARE-SO-1", "/shipping_details", None),
    ],
    hidden: &[
        document(Invoices, "HARBOR01", "INV-880"),
        document(Invoices, "HARBOR01", "INV-881"),
        document(Invoices, "HARBOR01", "INV-882"),
        document(Invoices, "HARBOR01", "INV-900"),
        document(Orders, "HARBOR01", "SO-880"),
        document(Orders, "HARBOR01", "SO-881"),
    ],
    withheld: WITHHELD,
    ..Cast::NONE
};

const fn fact(
    operation: Operation,
    customer: &'static str,
    id: &'static str,
    member: &'static str,
    json: Option<&'static str>,
) -> Fact {
    Fact { operation, customer, id, member, json }
}

const fn document(list: Operation, customer: &'static str, id: &'static str) -> Document {
    Document { list, customer, id }
}

const fn twin(operation: Operation, asked_by: &'static str, owned_by: &'static str, id: &'static str) -> Twin {
    Twin { operation, asked_by, owned_by, id }
}

fn main() -> ExitCode {
    prove(&[
        Subject { golden: GOLDEN, ..Subject::new(&KIND, "accounting-elements", transport_to, ELEMENTS) },
        Subject::new(&KIND, "accounting-plain", transport_to, PLAIN),
    ])
}
