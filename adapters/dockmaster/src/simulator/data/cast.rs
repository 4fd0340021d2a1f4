use jiff::civil::Date;

use super::{Calendar, Customer, Invoice, LastPayment};
use crate::simulator::work_orders;

/// Of whom much is known to the letter: dates that do not move, numbers of unlike length, and one document that a list
/// gives twice.
pub(super) fn ledger(calendar: &Calendar) -> Customer {
    let open = |id: &str, balance: &str, due: &str| Invoice {
        invoiced: Date::constant(2026, 2, 1),
        due: Some(due.to_owned()),
        description: None,
        location: None,
        ..calendar.invoice(id, 0, balance)
    };
    Customer {
        id: "LEDGER11",
        company_name: Some("Ledger & Daughters"),
        balance: "1371.83",
        credit_limit: "2500.00",
        address: ["1 Midnight Quay", "", ""],
        place: ["Duluth", "MN", "55802", "USA"],
        invoices: vec![
            open("9", "1.10", "2026-03-08T00:00:00"),
            open("10", "2.20", "03/08/2026"),
            open("100", "3.30", "2026-03-08T02:30:00"),
            // Whatever its offset, a due date is a calendar day.
            open("L-9", "19.99", "2026-04-05T23:30:00+10:30"),
            open("L-10", "0.01", "2025-11-02T01:30:00-04:00"),
            open("L-100", "-45.25", "2025-12-31T23:59:59"),
            open("L-100A", "283.92", "2026-01-01"),
            open("110001", "120.00", "2026-02-28T00:00:00"),
            open("110002", "120.000", "2026-02-28T00:00:00"),
            open("110003", "412", "2026-02-28T00:00:00"),
            open("110004", "8.625", "2026-02-28T00:00:00"),
            open("110005", "445.928", "2026-10-04T02:00:00"),
            open("110006", "0.004", "2026-11-01T01:30:00"),
            open("110007", "0.003", "2024-02-29T00:00:00"),
        ],
        listed_twice: &["L-10", "W-10"],
        work_orders: work_orders::of_ledger(calendar),
        last_payment: Some(LastPayment {
            date: "03/08/2026".to_owned(),
            amount: "45.5",
            method: "MASTERCARD",
            card_digits: Some("4242"),
            actions: vec![],
        }),
        ..Customer::default()
    }
}

/// Two records of one person, merged by the dealer: whoever asks for this one is told what the other has as well.
pub(super) fn merged(calendar: &Calendar) -> Customer {
    Customer {
        id: "MERGED12",
        company_name: Some("Ledger & Sons"),
        balance: "5.00",
        credit_limit: "0",
        merged_with: Some("LEDGER11"),
        invoices: vec![calendar.invoice("M-1", -5, "5.00")],
        work_orders: work_orders::of_merged(calendar),
        ..Customer::default()
    }
}
