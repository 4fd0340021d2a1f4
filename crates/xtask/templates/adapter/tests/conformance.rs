//! Proves this adapter: every check, every fault and every golden test of the conformance suite.

use std::process::ExitCode;

{{conformance_import}}
use livegate_core::Operation::{self, Account, Invoice, Invoices};
use livegate_http::transport_to;
use livegate_testkit::{Cast, Document, Fact, Outcome, Subject, Twin, prove};

fn main() -> ExitCode {
    prove(&[Subject {
{{login_path}}
{{open_sessions}}
        // Both begin with a request for one record, of which 404 says that there is none.
        exceptions: &[("status 404", Some(Account), Outcome::Absent), ("status 404", Some(Invoice), Outcome::Absent)],
        golden: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden"),
        ..Subject::new(&KIND, "{{name}}", transport_to, CAST)
    }])
}

// TODO(erp): simulator: who is who in it. What the ERP cannot express is left out.
const CAST: Cast = Cast {
    customer: "ACME",
    invoice: Some("1001"),
    twins: &[twin(Account, ""), twin(Invoices, "1001"), twin(Invoice, "1001")],
    empty: Some("EMPTY"),
    awkward: Some("R&D 50%/+"),
    repeated: &[of_acme("1007")],
    money: &[
        fact(Account, "", "/balance", Some("550.20")),
        fact(Invoices, "1004", "/balance", Some("0.10")),
        fact(Invoice, "1005", "/total", Some("1234567890123456.78")),
        fact(Invoice, "1006", "/balance", Some("-50.00")),
    ],
    dates: &[
        fact(Invoices, "1003", "/invoice_date", Some("\"2025-03-09T00:00:00\"")),
        fact(Invoice, "1009", "/invoice_date", Some("\"2025-10-26T00:00:00\"")),
        Fact { customer: "R&D 50%/+", ..fact(Invoice, "3001", "/invoice_date", None) },
        fact(Invoice, "1005", "/duedate", None),
    ],
    unknown: &[
        fact(Account, "", "/last_payment_date", None),
        fact(Invoices, "1003", "/duedate", None),
        fact(Invoice, "1001", "/tax_total", None),
    ],
    hidden: &[of_acme("1013"), of_acme("1014")],
    withheld: &["TAXID-4711"],
    ..Cast::NONE
};

const fn twin(operation: Operation, id: &'static str) -> Twin {
    Twin { operation, asked_by: "TWIN", owned_by: "ACME", id }
}

const fn of_acme(id: &'static str) -> Document {
    Document { list: Invoices, customer: "ACME", id }
}

const fn fact(operation: Operation, id: &'static str, member: &'static str, json: Option<&'static str>) -> Fact {
    Fact { operation, customer: "ACME", id, member, json }
}
