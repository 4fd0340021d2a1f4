//! A stand-in for {{title}}, which behaves as its documentation says.
//!
//! It is a program by itself: it shares neither types nor mapping with the adapter, so that a misreading of the
//! documentation cannot hide on both sides. Like many an ERP it gives an invoice to whoever knows its number.
//!
//! | Customer | What it shows |
//! |---|---|
//! | `ACME` | Four pages of invoices: paid, open, a credit, one twice, two on a day, without due date, of many digits, a draft and a void one |
//! | `TWIN` | Whose record and list the ERP mixes up with those of `ACME` |
//! | `EMPTY` | Nothing owed, no invoices, no credit limit |
//! | `R&D 50%/+` | A code that addresses must escape, and a date that nobody reads |

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc;
use std::thread;

{{guard_import}}
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use livegate_core::Simulator;
use serde_json::{Value, json};
{{simulator_module}}

// TODO(erp): simulator: let it play your ERP, in its words, with such a cast of customers.
{{proof}}

/// In every customer's record, to be seen in no answer.
const TAX_ID: &str = "TAXID-4711";

const ROWS_PER_PAGE: usize = 5;

/// Code, name, balance, credit limit.
const CUSTOMERS: [[&str; 4]; 4] = [
    ["ACME", "Acme Marine Supplies", "550.20", "5000.00"],
    ["TWIN", "Twin Piers", "10.00", ""],
    ["EMPTY", "Empty Hold", "0.00", ""],
    ["R&D 50%/+", "Rope & Dock", "75.05", "500.00"],
];

/// Number, customer, date, due date, total, balance, purchase order, state.
const INVOICES: [[&str; 8]; 20] = [
    ["1001", "ACME", "2025-01-05", "2025-02-04", "120.00", "120.00", "PO-77", "posted"],
    ["1002", "ACME", "2025-01-05", "2025-02-04", "80.50", "0.00", "", "posted"],
    ["998", "ACME", "2024-12-30", "2025-01-29", "10.10", "0.00", "", "posted"],
    ["10010", "ACME", "2025-01-05", "2025-02-04", "99.99", "0.00", "PO-78", "posted"],
    ["1003", "ACME", "2025-03-09", "", "64.00", "64.00", "", "posted"],
    ["1004", "ACME", "2025-03-31", "2025-04-07", "0.10", "0.10", "", "posted"],
    ["1005", "ACME", "2025-03-29", "1900-01-01", "1234567890123456.78", "0.00", "", "posted"],
    ["1006", "ACME", "2025-04-01", "2025-05-01", "-50.00", "-50.00", "", "posted"],
    ["1007", "ACME", "2025-04-02", "2025-05-02", "300.00", "300.00", "PO-79", "posted"],
    ["1007", "ACME", "2025-04-02", "2025-05-02", "300.00", "300.00", "PO-79", "posted"],
    ["1008", "ACME", "2025-04-03", "2025-05-03", "17.25", "0.00", "", "posted"],
    ["1009", "ACME", "2025-10-26", "2025-11-25", "116.10", "116.10", "", "posted"],
    ["1011", "ACME", "2025-11-02", "2025-12-02", "1.00", "0.00", "", "posted"],
    ["1012", "ACME", "2025-11-03", "2025-12-03", "2.00", "0.00", "", "posted"],
    ["1013", "ACME", "2025-11-04", "2025-12-04", "55.00", "55.00", "", "draft"],
    ["1014", "ACME", "2025-11-05", "2025-12-05", "66.00", "66.00", "", "void"],
    ["1015", "ACME", "2025-11-06", "2025-12-06", "3.00", "0.00", "", "posted"],
    ["2001", "TWIN", "2025-01-07", "2025-02-06", "10.00", "10.00", "", "posted"],
    ["3001", "R&D 50%/+", "soon", "2025-02-07", "75.05", "75.05", "", "posted"],
    ["3/2 a&b", "R&D 50%/+", "2025-01-09", "2025-02-08", "20.00", "0.00", "", "posted"],
];

/// Starts the simulator on a free loopback port.
///
/// # Errors
/// When no port can be bound or no thread started.
pub fn start() -> io::Result<Simulator> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let (report, started) = mpsc::channel();
    let thread = thread::Builder::new().spawn(move || {
        rt::System::new().block_on(async move {
            let server = HttpServer::new(|| App::new().configure(routes)).workers(1).disable_signals();
            let server = server.listen(listener)?.run();
            // Whoever started it may be gone already; then the server ends with its last handle.
            let _ = report.send(server.handle());
            server.await
        })
    })?;
    let handle = started.recv().map_err(|_| io::Error::other("the simulator ended before it listened"))?;
    Ok(Simulator::new(address, move || {
        drop(handle.stop(false));
        // Once dropped, the port refuses: a test may go on at once.
        let _ = thread.join();
    }))
}

fn routes(config: &mut web::ServiceConfig) {
    let books = web::scope("/v1").guard(fn_guard({{admitted}}));
{{routes}}
{{login_route}}
    config.service(books).default_service(web::to(|| async { HttpResponse::Unauthorized().finish() }));
}

async fn customer(code: web::Path<String>) -> HttpResponse {
    let code = {{asked_code}};
    // This is how the ERP gives away somebody else's record.
    let code = if code == "TWIN" { "ACME" } else { code.as_str() };
    match CUSTOMERS.iter().find(|row| row[0].eq_ignore_ascii_case(code)) {
        Some(row) => {
            let [code, name, balance, limit] = row.map(member);
            let told = json!({ "code": code, "name": name, "balance": balance, "creditLimit": limit, "taxId": TAX_ID });
            answer("customer", &told)
        }
        None => HttpResponse::NotFound().finish(),
    }
}

{{invoices_handler}}

async fn invoice(number: web::Path<String>) -> HttpResponse {
    let number = {{asked_number}};
    match INVOICES.iter().find(|row| row[0] == number) {
        Some(row) => answer("invoice", &told(row)),
        None => HttpResponse::NotFound().finish(),
    }
}

fn told(row: &[&str; 8]) -> Value {
    let [number, customer, date, due_date, total, balance, purchase_order, state] = row.map(member);
    json!({
        "number": number, "customer": customer, "date": date, "dueDate": due_date, "total": total,
        "balance": balance, "purchaseOrder": purchase_order, "state": state,
    })
}

fn member(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}
{{answer}}
{{login}}
