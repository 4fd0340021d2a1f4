use super::AWKWARD;
use super::book::Book;
use super::records::{Amounts, Cancelled, Document, Freight, Instalment, Line, Place};

const CLOSED: &str = "bost_Close";

/// Enters a document for its customer, whose name it then bears.
macro_rules! enter {
    ($book:expr, $set:ident, $card:expr, $number:expr, $document:expr) => {{
        let (card, number): (&'static str, i64) = ($card, $number);
        let document: Document = $document;
        let entry = if document.entry == 0 { number + 15_000 } else { document.entry };
        let name = $book.name_of(card);
        $book.sets.$set.push(Document { card, name, number, entry, ..document });
    }};
}

pub(super) fn enter_all(book: &mut Book) {
    main_invoices(book);
    main_credits_and_down_payments(book);
    main_orders(book);
    deliveries(book);
    foreign_currencies(book);
    many(book);
    odds_and_ends(book);
}

fn main_invoices(book: &mut Book) {
    let dates =
        |book: &Book, from: i32, to: i32| Document { date: book.day(from), due: book.day(to), ..Document::default() };
    let plain = [
        (998, -180, -150, "412", ""),
        (999, -150, -100, "89.95", ""),
        (1000, -120, -75, "790.10", "150.00"),
        (1001, -90, -45, "1250.00", ""),
        (1002, -40, -10, "283.92", "0"),
        (1003, -40, -10, "120", ""),
        (1004, -40, 0, "310.00", ""),
        (1006, -200, -170, "500.00", "500.00"),
        (1007, -300, -270, "75.5", "75.5"),
        (1008, -15, 15, "18.50", ""),
    ];
    for (number, from, to, total, paid) in plain {
        let status = if paid == total { CLOSED } else { "" };
        let purchase_order = if number == 1000 { "PO-7701" } else { "" };
        let document = Document { total: total.to_owned(), paid, status, purchase_order, ..dates(book, from, to) };
        enter!(book, invoices, "C20000", number, document);
    }
    let parts = [(-35, "658.50"), (-5, "658.50"), (25, "658.50")];
    let instalments = parts.map(|(due, total)| Instalment { due: book.day(due), total, foreign: "" }).to_vec();
    let (total, paid) = ("1975.50".to_owned(), "700.00");
    enter!(book, invoices, "C20000", 1005, Document { total, paid, instalments, ..dates(book, -60, 25) });
    let lines = vec![
        Line {
            item: "CHAIN-10",
            description: "Anchor chain, 10 mm",
            quantity: "2",
            unit: "m",
            price: "25.00",
            total: "50.00",
            tax: "4.00",
            gross: "54.00",
            note: "cut to length",
            base: Some((17, 16_010, 0)),
            ..Line::default()
        },
        Line {
            item: "ROPE-M",
            description: "Rope by the metre",
            quantity: "1.500000",
            unit: "Manual metre",
            price: "5",
            total: "7.50",
            tax: "0.50",
            gross: "8.00",
            ..Line::default()
        },
    ];
    let sample = Document {
        total: "67.00".to_owned(),
        tax: "4.50",
        discount: "2.50",
        paid: "5.00",
        purchase_order: "PO-7709",
        comments: "Thank you for your order",
        lines,
        freight: vec![Freight { remarks: "Courier", total: "7.50", tax: "0", gross: "7.50", ..Freight::default() }],
        ship_to: Some(PIER),
        bill_to: Some(OFFICE),
        ..dates(book, -5, 25)
    };
    enter!(book, invoices, "C20000", 1009, sample);
    for (number, cancelled) in [(1010, Cancelled::Yes), (1011, Cancelled::Cancellation)] {
        let (total, status) = ("1000.00".to_owned(), CLOSED);
        let document = Document { total, paid: "1000.00", status, cancelled, ..dates(book, -3, 27) };
        enter!(book, invoices, "C20000", number, document);
    }
}

const PIER: Place = Place {
    street: "Pier",
    street_no: "86",
    block: "Gate 2",
    building: "Boathouse",
    city: "New York",
    zip: "10036",
    state: "NY",
};
const OFFICE: Place = Place {
    street: "123 Broadway",
    street_no: "",
    block: "",
    building: "",
    city: "New York",
    zip: "10001",
    state: "NY",
};

fn main_credits_and_down_payments(book: &mut Book) {
    let dates =
        |book: &Book, from: i32, to: i32| Document { date: book.day(from), due: book.day(to), ..Document::default() };
    let total = |total: &str| total.to_owned();
    enter!(book, credit_notes, "C20000", 3001, Document { total: total("150.25"), ..dates(book, -10, -10) });
    let settled = Document { total: total("80.00"), paid: "80.00", status: CLOSED, ..dates(book, -100, -100) };
    enter!(book, credit_notes, "C20000", 3002, settled);
    let asked = Document { total: total("200.00"), paid: "50.00", ..dates(book, -20, -15) };
    enter!(book, down_payments, "C20000", 4001, asked);
    enter!(
        book,
        down_payments,
        "C20000",
        4002,
        Document { total: total("999.00"), request: true, ..dates(book, -20, -15) }
    );
}

fn main_orders(book: &mut Book) {
    let dates =
        |book: &Book, from: i32, to: i32| Document { date: book.day(from), due: book.day(to), ..Document::default() };
    let plain = [
        (998, -190, -180, "412", CLOSED, ""),
        (999, -160, -150, "89.95", CLOSED, ""),
        (1000, -130, -120, "790.10", CLOSED, "PO-7701"),
        (1001, -95, -90, "1250.00", "", ""),
        (1002, -50, -40, "283.92", "", "PO-7702"),
        (1004, -50, -40, "310.00", "", ""),
        (1005, -50, -30, "1975.50", "", "po-7705"),
        (1006, -21, -14, "18.50", "bost_Delivered", ""),
        (1009, -8, 6, "45.00", "", "PO-7709"),
    ];
    for (number, from, to, total, status, purchase_order) in plain {
        let total = total.to_owned();
        let document = Document { total, status, purchase_order, tax: "0", ..dates(book, from, to) };
        enter!(book, orders, "C20000", number, document);
    }
    // One number, in two series.
    for (entry, from, total) in [(16_003, -50, "120"), (26_003, -30, "130")] {
        let document = Document { entry, total: total.to_owned(), ..dates(book, from, 0) };
        enter!(book, orders, "C20000", 1003, document);
    }
    // A discount below zero is a surcharge.
    let surcharged = Document {
        total: "4147.27".to_owned(),
        discount: "-147.27",
        status: CLOSED,
        lines: invoiced(),
        ..dates(book, -20, -15)
    };
    enter!(book, orders, "C20000", 1007, surcharged);
    let cancelled =
        Document { total: "99.00".to_owned(), status: CLOSED, cancelled: Cancelled::Yes, ..dates(book, -12, -2) };
    enter!(book, orders, "C20000", 1008, cancelled);
    let sample = Document {
        total: "165.50".to_owned(),
        tax: "12.00",
        discount: "4.00",
        purchase_order: "PO-7710",
        comments: "Ring the bell at the gate",
        tracking: "OWN-55",
        lines: ordered(),
        freight: vec![Freight { remarks: "", total: "5.00", tax: "0.50", gross: "5.50", ..Freight::default() }],
        ship_to: Some(PIER),
        bill_to: Some(OFFICE),
        ..dates(book, -6, 3)
    };
    enter!(book, orders, "C20000", 1010, sample);
    let draft = Document { total: "1.00".to_owned(), ..dates(book, -1, 9) };
    enter!(book, drafts, "C20000", 9001, draft);
}

/// Three of the chain have gone, all of the rope, and none of the shackles.
fn ordered() -> Vec<Line> {
    let chain = Line {
        item: "CHAIN-10",
        description: "Anchor chain, 10 mm",
        quantity: "5",
        remaining: "2",
        unit: "m",
        price: "25.00",
        total: "125.00",
        tax: "10.00",
        gross: "135.00",
        note: "cut to length",
        ..Line::default()
    };
    let rope = Line {
        item: "ROPE-M",
        description: "Rope by the metre",
        quantity: "1.500000",
        remaining: "0",
        unit: "Manual metre",
        price: "5",
        total: "7.50",
        tax: "0.50",
        gross: "8.00",
        ..Line::default()
    };
    let shackle = Line {
        item: "SHACKLE",
        description: "Shackle, galvanised",
        quantity: "4",
        unit: "Manual",
        price: "5.00",
        total: "20.00",
        tax: "1.00",
        gross: "21.00",
        ..Line::default()
    };
    vec![chain, rope, shackle]
}

/// It went with an invoice that no delivery note came before.
fn invoiced() -> Vec<Line> {
    vec![Line {
        item: "PUMP",
        description: "Bilge pump",
        quantity: "40",
        remaining: "0",
        unit: "pcs",
        price: "100",
        total: "4000",
        gross: "4000",
        ..Line::default()
    }]
}

fn deliveries(book: &mut Book) {
    let of_order = |at: i64, quantity: &'static str, unit: &'static str| Line {
        quantity,
        unit,
        base: Some((17, 16_010, at)),
        ..Line::default()
    };
    let known = [
        (5001, -4, "TRACK-5001", Cancelled::No, vec![of_order(0, "2", "m"), of_order(1, "1.5", "Manual metre")]),
        (5002, -4, "TRACK-5002", Cancelled::Yes, vec![of_order(0, "7", "m")]),
        (5003, -4, "TRACK-5003", Cancelled::Cancellation, vec![of_order(0, "7", "m")]),
        (5004, -2, "TRACK-5004", Cancelled::No, vec![of_order(0, "1", "m")]),
    ];
    for (number, from, tracking, cancelled, lines) in known {
        let date = book.day(from);
        let document = Document { due: date.clone(), date, tracking, cancelled, lines, ..Document::default() };
        enter!(book, delivery_notes, "C20000", number, document);
    }
    // Somebody else's, and of an invoice that bears the same number as the order.
    let line = Line { quantity: "100", unit: "m", base: Some((13, 16_010, 0)), ..Line::default() };
    let date = book.day(-1);
    let document =
        Document { due: date.clone(), date, tracking: "TRACK-5005", lines: vec![line], ..Document::default() };
    enter!(book, delivery_notes, "C45000", 5005, document);
}

fn foreign_currencies(book: &mut Book) {
    let euros = |book: &Book, from: i32, to: i32, total: &str, foreign: Amounts, system: Amounts| Document {
        date: book.day(from),
        due: book.day(to),
        currency: "EUR",
        total: total.to_owned(),
        foreign,
        system,
        ..Document::default()
    };
    let of = |total: &'static str| Amounts { total, ..Amounts::default() };
    // What it was worth on the day of the document differs from what it is in the system currency.
    let first = euros(book, -60, -40, "660.00", Amounts { tax: "100.00", ..of("600.00") }, of("600.01"));
    let lines = vec![Line {
        item: "SAIL",
        description: "Spinnaker",
        quantity: "1",
        unit: "pcs",
        price: "500.00",
        total: "550.00",
        tax: "110.00",
        gross: "660.00",
        foreign: ("500.00", "100.00", "600.00"),
        ..Line::default()
    }];
    enter!(book, invoices, "C30000", 7001, Document { tax: "110.00", lines, ..first });
    let paid = Document {
        paid: "110.00",
        ..euros(
            book,
            -20,
            10,
            "550.00",
            Amounts { paid: "100.00", ..of("500.00") },
            Amounts { paid: "100.02", ..of("500.01") },
        )
    };
    let parts = [(-10, "275.00", "250.00"), (10, "275.00", "250.00")];
    let instalments = parts.map(|(due, total, foreign)| Instalment { due: book.day(due), total, foreign }).to_vec();
    enter!(book, invoices, "C30000", 7002, Document { instalments, ..paid });
    enter!(book, invoices, "C31000", 7101, euros(book, -60, -40, "660.00", of("600.00"), of("600.01")));

    let local = |book: &Book, to: i32, total: &str, system: &'static str| Document {
        date: book.day(to - 30),
        due: book.day(to),
        total: total.to_owned(),
        system: of(system),
        ..Document::default()
    };
    enter!(book, invoices, "C40000", 7201, local(book, -10, "100.00", "90.90"));
    enter!(book, invoices, "C40000", 7202, local(book, -40, "200.00", "181.80"));
    enter!(book, invoices, "C40000", 7203, local(book, 20, "50.00", "45.45"));
    enter!(book, invoices, "C40000", 7204, euros(book, -50, -20, "110.00", of("100.00"), of("100.03")));
    enter!(book, invoices, "C40000", 7205, euros(book, -100, -70, "55.00", of("50.00"), of("50.02")));
}

fn many(book: &mut Book) {
    for number in 1..=45_i64 {
        let back = i32::try_from(number).unwrap_or_default();
        let document =
            |total: String| Document { date: book.day(-back), due: book.day(30 - back), total, ..Document::default() };
        let (order, invoice) = (document(format!("{number}.01")), document(format!("{number}.00")));
        enter!(book, orders, "C45000", 20_000 + number, order);
        enter!(book, invoices, "C45000", 20_000 + number, invoice);
    }
    for number in 1..=120 {
        let (date, due, total) = (book.day(-60), book.day(-30), "1.00".to_owned());
        enter!(book, orders, "C46000", 30_000 + number, Document { date, due, total, ..Document::default() });
    }
    let (date, due, total) = (book.day(-60), book.day(-30), "300.00".to_owned());
    enter!(book, invoices, "C47000", 31_001, Document { date, due, total, ..Document::default() });
}

fn odds_and_ends(book: &mut Book) {
    let day = |date: &str, due: &str| Document { date: date.to_owned(), due: due.to_owned(), ..Document::default() };
    let usual = || day("2026-02-01", "2026-03-01");
    // Rows that shift while pages are read come twice.
    for number in [6001, 6001, 6002] {
        let total = "15.00".to_owned();
        enter!(book, orders, "C60000", number, Document { total: total.clone(), ..usual() });
        enter!(book, invoices, "C60000", number, Document { total, ..usual() });
    }

    let exact = [
        ("8001", "0.10"),
        ("8002", "283.92"),
        ("8003", "1234567890123456.78"),
        ("8004", "-0.005"),
        ("8005", "2373.45"),
    ];
    for (number, total) in exact {
        let line = Line {
            quantity: "1",
            unit: "pcs",
            item: "EXACT",
            price: "0.3333333",
            total,
            gross: total,
            ..Line::default()
        };
        let number = number.parse().unwrap_or_default();
        let document = Document { total: total.to_owned(), lines: vec![line], ..usual() };
        enter!(book, orders, "C80000", number, document.clone());
        enter!(book, invoices, "C80000", number, document);
    }

    let dated = [
        (8101, "2026-03-08", "2026-04-01"),
        (8102, "2026-11-01", "2026-03-08"),
        (8103, "2024-02-29", "soon"),
        (8104, "2026-01-31", "1900-01-01"),
        (8105, "", ""),
    ];
    for (number, date, due) in dated {
        let document = Document { total: "10.00".to_owned(), ..day(date, due) };
        enter!(book, orders, "C81000", number, document.clone());
        enter!(book, invoices, "C81000", number, document);
    }

    oddities(book);
    for number in [12, 9] {
        let document = Document { total: "6.25".to_owned(), ..usual() };
        enter!(book, orders, AWKWARD, number, document.clone());
        enter!(book, invoices, AWKWARD, number, document);
    }
}

fn oddities(book: &mut Book) {
    let usual = |total: &str| Document {
        date: "2026-02-01".to_owned(),
        due: "2026-03-01".to_owned(),
        total: total.to_owned(),
        ..Document::default()
    };
    // Addresses that are texts only, and a price in another currency than the document's.
    let priced = Line {
        item: "MAST",
        quantity: "2",
        unit: "pcs",
        price: "90.00",
        currency: "EUR",
        total: "200.00",
        gross: "200.00",
        ..Line::default()
    };
    let texts = ("1 Harbour Road\rAnnapolis MD 21401\rUSA", "Slip 7\r\nHarbour Road 2\r\nAnnapolis\rMD 21401");
    enter!(book, invoices, "C82000", 8201, Document { address_texts: texts, lines: vec![priced], ..usual("200.00") });
    // Totals of which something was held back, rounded off or paid ahead.
    enter!(book, invoices, "C82000", 8202, Document { tax: "10.00", rounding: "0.03", ..usual("100.03") });
    enter!(book, invoices, "C82000", 8203, Document { tax: "10.00", withholding: "5.00", ..usual("95.00") });
    enter!(book, invoices, "C82000", 8204, Document { tax: "10.00", down_payment: "50.00", ..usual("50.00") });
    // Paid for before it goes.
    let line =
        Line { item: "BUOY", quantity: "3", unit: "pcs", price: "50", total: "150", gross: "150", ..Line::default() };
    enter!(book, invoices, "C82000", 8205, Document { reserve: true, lines: vec![line], ..usual("150.00") });
    // It went before all of it was paid for.
    let delivered = Document { reserve: true, status: "bost_Delivered", paid: "10.00", ..usual("40.00") };
    enter!(book, invoices, "C82000", 8200, delivered);
    // One number in two series, one of them cancelled.
    enter!(book, invoices, "C82000", 8206, Document { entry: 41_206, ..usual("60.00") });
    enter!(
        book,
        invoices,
        "C82000",
        8206,
        Document { entry: 42_206, paid: "61.00", status: CLOSED, cancelled: Cancelled::Yes, ..usual("61.00") }
    );
    // One number in two series, both in force.
    enter!(book, invoices, "C82000", 8207, Document { entry: 41_207, ..usual("22.00") });
    enter!(book, invoices, "C82000", 8207, Document { entry: 42_207, ..usual("23.00") });
}
