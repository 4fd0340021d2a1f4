use jiff::civil::Date;

use super::book::{Entries, day};
use super::records::{Address, Customer, Document, Line, Order, Payment, Shipment};
use super::{AWKWARD, LEAK};

pub(super) fn all(today: Date) -> Entries {
    let mut entries = Entries { customers: customers(), shipments: shipments(), ..Entries::default() };
    harbor_orders(&mut entries);
    harbor_documents(&mut entries);
    aging(&mut entries, today);
    others(&mut entries);
    fleet(&mut entries);
    entries
}

fn customers() -> Vec<Customer> {
    let address = Address { line1: "1 Quay Street", line2: "", city: "GIBSONBURG", state: "OH", postal_code: "43431" };
    let one = |code, name| Customer { code, name, currency: "USD", verification: "Limit", limit: "5000.0000", address };
    vec![
        one("AHEAD10", "Early Bird Lines"),
        one("AGING02", "Long Wake Charters"),
        Customer { verification: "Days Past Due", ..one("DAYS03", "Kittiwake Ferries") },
        one("DATES06", "Tidal Works"),
        Customer { limit: "0.0000", ..one("EMPTY04", "Idle Hull") },
        Customer { currency: "EUR", ..one("EURO08", "Nordic Sail") },
        Customer { verification: "Disabled", ..one("EXACT07", "Plumb & Level") },
        one("FLEET", "Armada Leasing"),
        one("FLEET45", "Flotilla Hire"),
        one("HARBOR01", "Harbor Supply, INC."),
        one("HARBOUR9", "Harbor Supply of Ohio"),
        one(LEAK, "Merged into Harbor Supply"),
        one("MIXED05", "Two Shores"),
        Customer { currency: "", ..one(AWKWARD, "O'Neil & Søns <50%>") },
        one("TWICE09", "Double Dock"),
    ]
}

const LINES: [Line; 3] = [
    Line {
        item: "2W01102",
        description: "MLBK U1980-O-KK \"2\" <x>",
        quantity: "2.000000",
        shipped: "1.000000",
        unit: "EA",
        price: "25.000000",
        amount: "50.0000",
        order: Some(("SO", "S-100")),
    },
    Line {
        item: "ROPE-12",
        description: "Rope, 12 mm",
        quantity: "10.500000",
        shipped: "10.500000",
        unit: "FT",
        price: "1.190476",
        amount: "12.5000",
        order: Some(("SO", "S-100")),
    },
    // A line without an item: a charge that somebody typed.
    Line {
        item: "",
        description: "Handling",
        quantity: "",
        shipped: "",
        unit: "",
        price: "",
        amount: "",
        order: Some(("SO", "S-100")),
    },
];

fn shipments() -> Vec<Shipment> {
    let one = |number, packages| Shipment {
        number,
        customer: "HARBOR01",
        date: "2026-03-10T00:00:00-05:00",
        status: "Completed",
        packages,
    };
    vec![
        one("000101", &[("1Z999AA10123456784", "2.500000"), ("", "1.000000")]),
        Shipment { date: "2026-03-12", status: "Confirmed", ..one("000102", &[("1Z999AA10123456793", "")]) },
        Shipment { customer: "TWICE09", ..one("000103", &[("1Z-NOT-THEIRS", "1.0")]) },
    ]
}

fn harbor_orders(entries: &mut Entries) {
    let one = |number: &str, date: &str| Order {
        number: number.to_owned(),
        customer: "HARBOR01",
        date: date.to_owned(),
        ..Order::default()
    };
    entries.orders.extend([
        Order { order_type: "CM", status: "Completed", ..one("C-1", "2026-03-01") },
        Order { order_type: "QT", customer_order: "PO-8", ..one("S-100", "2026-02-11") },
        one("S-8", "2026-01-30"),
        Order { customer_order: "PO-77", external: "WEB-9", ..one("S-9", "2026-03-08") },
        Order { status: "On Hold", ..one("S-10", "2026-03-08") },
        Order {
            status: "Shipping",
            ships: "2026-03-17",
            customer_order: "Duda 7/B",
            external: "Evox001",
            description: "Deliver to the dock",
            goods: "62.5000",
            charges: "7.5000",
            discount: "2.5000",
            tax: "4.8000",
            total: "72.3000",
            lines: LINES.to_vec(),
            // Nothing yet, what a vendor sends itself, and a number that no shipment has.
            shipments: vec!["000101", "000102", "000101", "", "P00007"],
            ..one("S-100", "2026-03-08")
        },
        Order { status: "Canceled", ..one("S-101", "2026-03-08T00:00:00-05:00") },
        Order { status: "Back Order", ships: "2026-11-01T00:00:00+13:00", ..one("S-102", "2026-11-01T00:00:00+13:00") },
        one("S-103", "2026-04-05"),
        one("S-104", "2025-12-31"),
        Order { status: "Completed", shipments: vec!["000404"], ..one("S-105", "2025-12-31") },
        one("S-106", "2025-11-02"),
        one("S-107", "2025-11-02"),
        Order { customer: "HARBOUR9", ..one("S-9000", "2026-03-08") },
    ]);
}

fn harbor_documents(entries: &mut Entries) {
    let one = |number: &str, date: &str, due: &str| Document {
        number: number.to_owned(),
        customer: "HARBOR01",
        date: date.to_owned(),
        due: due.to_owned(),
        ..Document::default()
    };
    let settled =
        |number: &str, date: &str| Document { status: "Closed", amount: "10.0000", ..one(number, date, date) };
    let draft = |number: &str, status| Document {
        status,
        amount: "7000.0000",
        balance: "7000.0000",
        ..one(number, "2026-03-09", "2026-04-09")
    };
    entries.documents.extend([
        Document {
            document_type: "Credit Memo",
            amount: "45.2500",
            balance: "45.2500",
            tax: "2.2500",
            lines: vec![Line { order: None, ..LINES[0] }],
            ..one("CM-1", "2026-03-02", "")
        },
        Document {
            document_type: "Debit Memo",
            amount: "8.6250",
            balance: "8.6250",
            from_orders: false,
            ..one("DM-1", "2026-03-03", "2026-03-03")
        },
        Document {
            customer_order: "Duda 7/B",
            description: "Thank you for your order",
            amount: "67.3000",
            balance: "62.0000",
            tax: "4.8000",
            discount: "2.5000",
            lines: LINES.to_vec(),
            ..one("9", "2026-03-08", "2026-04-07")
        },
        Document { customer_order: "PO-77", ..settled("10", "2026-03-08") },
        Document {
            amount: "283.9200",
            balance: "283.9200",
            lines: vec![LINES[0], Line { order: Some(("SO", "S-9")), ..LINES[1] }],
            ..one("100", "2026-03-08", "2026-11-01T00:00:00-11:00")
        },
        settled("101", "2026-03-08T00:00:00-05:00"),
        settled("102", "2026-11-01T00:00:00+13:00"),
        settled("103", "2026-04-05"),
        settled("104", "2025-12-31"),
        settled("105", "2025-12-31"),
        settled("106", "2025-11-02"),
        settled("107", "2025-11-02"),
        settled("108", "2025-11-02"),
        draft("D-1", "On Hold"),
        draft("D-2", "Balanced"),
        draft("D-3", "Pending Approval"),
        draft("D-4", "Pending Print"),
        draft("V-1", "Voided"),
        draft("V-2", "Canceled"),
        Document {
            document_type: "Overdue Charge",
            amount: "5.0000",
            balance: "5.0000",
            from_orders: false,
            ..one("OC-1", "2026-03-04", "2026-03-04")
        },
        Document { customer: "HARBOUR9", ..settled("9000", "2026-03-08") },
    ]);
    let payment = |payment_type, number, status, amount, balance| Payment {
        payment_type,
        number,
        customer: "HARBOR01",
        status,
        currency: "USD",
        amount,
        balance,
    };
    entries.payments.extend([
        // The form of payments shows credit memos too.
        payment("Credit Memo", "CM-1", "Open", "45.2500", "45.2500"),
        payment("Payment", "P-1", "Open", "150.0000", "50.0000"),
        payment("Payment", "P-2", "Closed", "400.0000", "0.0000"),
        payment("Payment", "P-3", "On Hold", "999.0000", "999.0000"),
        payment("Payment", "P-4", "Voided", "888.0000", "0.0000"),
        payment("Prepayment", "PP-1", "Open", "20.0000", "20.0000"),
        payment("Customer Refund", "R-1", "Open", "5.0000", "5.0000"),
        Payment { customer: "DAYS03", ..payment("Payment", "K-3", "Reserved", "30.0000", "30.0000") },
    ]);
}

fn aging(entries: &mut Entries, today: Date) {
    for (number, due, balance) in [
        ("A-1", 14, "521.5900"),
        ("A-2", 0, "10.0000"),
        ("A-3", -10, "120.0000"),
        ("A-4", -45, "283.9200"),
        ("A-5", -75, "0.1000"),
        ("A-6", -100, "30.0000"),
        ("A-7", -200, "4.0000"),
    ] {
        entries.documents.push(Document {
            number: number.to_owned(),
            customer: "AGING02",
            date: day(today, due - 30),
            due: day(today, due),
            amount: "600.0000",
            balance,
            ..Document::default()
        });
    }
    entries.documents.push(Document {
        document_type: "Credit Memo",
        number: "A-8".to_owned(),
        customer: "AGING02",
        date: day(today, -5),
        amount: "25.0000",
        balance: "25.0000",
        ..Document::default()
    });
    entries.orders.push(Order {
        number: "A-1".to_owned(),
        customer: "AGING02",
        date: day(today, -3),
        lines: vec![LINES[0]],
        ..Order::default()
    });
    // Without a due date it ages from its own.
    entries.documents.push(Document {
        document_type: "Debit Memo",
        number: "A-9".to_owned(),
        customer: "AGING02",
        date: day(today, -40),
        amount: "1.0000",
        balance: "1.0000",
        from_orders: false,
        ..Document::default()
    });
}

/// As forms have it: what asks for money in advance.
const PREPAYMENT_INVOICE: &str = "Prepmt. Invoice";

fn others(entries: &mut Entries) {
    let one = |customer, number: &str, balance| Document {
        number: number.to_owned(),
        customer,
        date: "2026-02-03".to_owned(),
        due: "2026-03-05".to_owned(),
        amount: balance,
        balance,
        ..Document::default()
    };
    let ahead = |number, status, balance| Document {
        document_type: PREPAYMENT_INVOICE,
        status,
        from_orders: false,
        ..one("AHEAD10", number, balance)
    };
    // The form of payments shows them once they are paid.
    for (number, status, balance) in [("H-2", "Unapplied", "300.0000"), ("H-3", "Reserved", "40.0000")] {
        entries.payments.push(Payment {
            payment_type: PREPAYMENT_INVOICE,
            number,
            customer: "AHEAD10",
            status,
            currency: "USD",
            amount: balance,
            balance,
        });
    }
    let order = |customer, number: &str, total| Order {
        number: number.to_owned(),
        customer,
        date: "2026-02-03".to_owned(),
        goods: total,
        total,
        ..Order::default()
    };
    entries.documents.extend([
        one(LEAK, "M-1", "5.0000"),
        Document { document_type: "Credit Memo", ..one("EXACT07", "E-0", "0.0050") },
        one("EXACT07", "E-1", "0.1000"),
        one("AHEAD10", "H-1", "500.0000"),
        ahead("H-2", "Unapplied", "300.0000"),
        ahead("H-3", "Reserved", "40.0000"),
        ahead("H-4", "Closed", "0.0000"),
        ahead("H-5", "Pending Payment", "900.0000"),
        one("EXACT07", "E-2", "283.92"),
        one("EXACT07", "E-3", "1234567890123456.78"),
        one("DAYS03", "K-1", "80.0000"),
        Document { status: "Reserved", ..one("DAYS03", "K-2", "7.0000") },
        Document { date: "2026-03-08T23:30:00-11:00".to_owned(), ..one("DATES06", "DT-1", "1.0") },
        Document {
            date: "2026-11-01T00:00:00+14:00".to_owned(),
            due: "1900-01-01".to_owned(),
            ..one("DATES06", "DT-2", "1.0")
        },
        Document { due: "when it suitsT".to_owned(), ..one("DATES06", "DT-3", "1.0") },
        Document { currency: "EUR", ..one("EURO08", "EU-1", "70.0000") },
        Document { currency: "EUR", document_type: "Credit Memo", ..one("EURO08", "EU-2", "20.0000") },
        one("MIXED05", "X-1", "10.0000"),
        one("MIXED05", "X-2", "20.0000"),
        Document { document_type: "Credit Memo", ..one("MIXED05", "X-3", "5.0000") },
        Document { currency: "EUR", ..one("MIXED05", "X-4", "40.0000") },
        Document { currency: "EUR", document_type: "Credit Memo", ..one("MIXED05", "X-5", "3.0000") },
        one(AWKWARD, "Q/1'x&<y>", "1.1000"),
        one(AWKWARD, "Q 2", "2.2000"),
        one("TWICE09", "T-1", "5.0000"),
        one("TWICE09", "T-1", "5.0000"),
        one("TWICE09", "T-2", "10.0000"),
    ]);
    entries.orders.extend([
        order(LEAK, "M-1", "5.0000"),
        order("EXACT07", "E-1", "1234567890123456.78"),
        Order {
            lines: vec![Line { price: "0.3333333", quantity: "3E1", amount: "1E1", ..LINES[0] }],
            ..order("EXACT07", "E-2", "0.005")
        },
        Order { date: "2026-03-08T23:30:00-11:00".to_owned(), ..order("DATES06", "DT-1", "1.0") },
        Order { date: "2026-11-01T00:00:00+14:00".to_owned(), ships: "0001-01-01", ..order("DATES06", "DT-2", "1.0") },
        order(AWKWARD, "Q/1'x&<y>", "1.1000"),
        order(AWKWARD, "Q 2", "2.2000"),
        order("TWICE09", "T-1", "5.0000"),
        order("TWICE09", "T-1", "5.0000"),
    ]);
}

fn fleet(entries: &mut Entries) {
    for number in 1..=1_050 {
        let number = format!("F-{number}");
        entries.orders.push(Order {
            number: number.clone(),
            customer: "FLEET",
            date: "2026-02-03".to_owned(),
            ..Order::default()
        });
        entries.documents.push(Document {
            number,
            customer: "FLEET",
            date: "2026-02-03".to_owned(),
            due: "2026-03-05".to_owned(),
            amount: "1.0000",
            balance: "1.0000",
            ..Document::default()
        });
    }
    for number in 1..=45 {
        entries.orders.push(Order {
            number: format!("G-{number}"),
            customer: "FLEET45",
            date: "2026-02-03".to_owned(),
            ..Order::default()
        });
    }
}
