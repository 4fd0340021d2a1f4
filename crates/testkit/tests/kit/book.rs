//! What the reference ERP knows.

/// An order or an invoice, as the ERP keeps it. Amounts are texts, so that no digit is lost on the way out.
#[derive(Clone, Copy)]
pub struct Document {
    pub owner: &'static str,
    pub number: &'static str,
    pub state: &'static str,
    /// A day, an instant with its zone, or the clock's reading without one.
    pub date: Option<&'static str>,
    pub due: Option<&'static str>,
    pub net: &'static str,
    pub tax: &'static str,
    pub total: &'static str,
    pub open: &'static str,
    pub po: Option<&'static str>,
    pub web: Option<&'static str>,
    pub order: Option<&'static str>,
    pub user: Option<&'static str>,
    pub twice: bool,
    pub lines: &'static [[&'static str; 7]],
}

const BLANK: Document = Document {
    owner: "NORTH-1",
    number: "",
    state: "issued",
    date: None,
    due: None,
    net: "100",
    tax: "8.25",
    total: "108.25",
    open: "0",
    po: None,
    web: None,
    order: None,
    user: None,
    twice: false,
    lines: &[],
};

/// The code and the other members of an account.
pub const ACCOUNTS: [(&str, &str); 4] = [
    (
        "NORTH-1",
        r#""balance":1234567890123456.78,"open":[
            {"number":"INV-200","left":283.92,"due":"2026-01-31","date":"2026-01-01"},
            {"number":"INV-100","left":120.00,"due":"2026-02-28","date":"2026-02-01"},
            {"number":"INV-9","left":-0.005,"due":"2026-02-28","date":"2026-02-01"}],
            "paid":{"date":"2026-03-08","amount":3},"sold":"2026-03-08T07:00:00Z","charged":"2026-03-08T01:30:00",
            "taxId":"TAX-99","iban":"XX00","cost":7770.77"#,
    ),
    ("NORTH-10", r#""balance":77.70,"open":[],"paid":null,"sold":null,"charged":"0001-01-01T00:00:00""#),
    ("O'Hara & Söhne/7?", r#""balance":12.5,"open":[],"paid":null,"sold":null,"charged":"1900-01-01""#),
    ("EMPTY-4", r#""balance":0,"open":[],"paid":null,"sold":null,"charged":null"#),
];

const LINES: &[[&str; 7]] = &[
    ["1000098", "MLBK U1980", "2", "1", "60.00", "2.00", "62.00"],
    ["1000099", "Rope by the metre", "2.50", "2.50", "0.3333", "0.10", "0.93325"],
];

/// In no particular order: this ERP leaves that to whoever asks.
pub const ORDERS: [Document; 19] = [
    Document { number: "SO-9", date: Some("2026-02-01"), po: Some("PO 7"), ..BLANK },
    Document {
        number: "SO-10",
        date: Some("2026-02-01"),
        po: Some("po 7"),
        web: Some("WEB-1"),
        user: Some("u-7"),
        ..BLANK
    },
    Document { number: "SO-100", date: Some("2026-02-01"), user: Some("u-8"), ..BLANK },
    Document {
        number: "SO-501",
        date: Some("2026-03-08"),
        due: Some("2026-03-29T02:30:00"),
        net: "1234567890123456.70",
        tax: "0.08",
        total: "1234567890123456.78",
        po: Some("COMMUNITY"),
        web: Some("EVOX001"),
        user: Some("u-7"),
        lines: LINES,
        ..BLANK
    },
    // Half past two does not exist on that day in New York.
    Document { number: "SO-502", date: Some("2026-03-08T02:30:00"), user: Some("u-7"), ..BLANK },
    Document { number: "SO-503", date: Some("2026-03-08T07:00:00Z"), web: Some("EVOX002"), ..BLANK },
    Document { number: "SO-504", date: Some("2026-03-07T23:30:00.125"), ..BLANK },
    Document { number: "SO-505", date: Some("2025-12-31T23:30:00-05:00"), po: Some("EDGE"), ..BLANK },
    Document { number: "SO-506", date: Some("2025-12-31"), twice: true, ..BLANK },
    Document { number: "SO-507", date: Some("2026-01-01"), user: Some("U-7"), ..BLANK },
    Document { number: "SO-508", ..BLANK },
    Document { number: "SO-60", ..BLANK },
    Document { number: "SO-509", date: Some("2026-04-05"), state: "cancelled", ..BLANK },
    Document { number: "SO-510", date: Some("2026-04-05"), state: "draft", user: Some("u-7"), ..BLANK },
    Document { owner: "NORTH-10", number: "SO-9001", date: Some("2026-03-01"), user: Some("u-7"), ..BLANK },
    Document { owner: "NORTH-10", number: "SO-9002", date: Some("2026-03-02"), ..BLANK },
    Document { owner: "O'Hara & Söhne/7?", number: "SO/7 ?#&+%2F", date: Some("2026-03-02"), lines: LINES, ..BLANK },
    Document { owner: "O'Hara & Söhne/7?", number: "..SO-7", date: Some("2026-03-01"), ..BLANK },
    Document { owner: "SOUTH-2", number: "SO-1", date: Some("2026-03-01"), ..BLANK },
];

/// Newest first, then by number: this ERP sorts by itself.
pub const INVOICES: [Document; 22] = [
    Document { number: "INV-201", date: Some("2026-04-05T12:30:00.250Z"), open: "12.49", ..BLANK },
    Document {
        number: "INV-200",
        date: Some("2026-04-05"),
        due: Some("2026-04-05T02:15:00"),
        net: "283.91",
        tax: "0.01",
        total: "283.92",
        open: "283.92",
        po: Some("25126 T66"),
        order: Some("SO-501"),
        lines: LINES,
        ..BLANK
    },
    Document { number: "INV-78", date: Some("2026-04-01"), state: "draft", ..BLANK },
    Document { number: "INV-77", date: Some("2026-04-01"), state: "void", open: "50", ..BLANK },
    Document { number: "INV-110", date: Some("2026-03-31"), ..BLANK },
    Document { number: "INV-100", date: Some("2026-03-31"), open: "120.00", ..BLANK },
    Document { number: "INV-99", date: Some("2026-03-31"), twice: true, ..BLANK },
    Document { number: "INV-9", date: Some("2026-03-31"), open: "-0.005", ..BLANK },
    Document { number: "INV-98", date: Some("2026-03-08T07:00:00Z"), ..BLANK },
    Document { number: "INV-97", date: Some("2026-03-08"), po: Some("Po 3"), ..BLANK },
    Document { owner: "NORTH-10", number: "INV-5002", date: Some("2026-03-02"), ..BLANK },
    Document { owner: "O'Hara & Söhne/7?", number: "INV/7 ?#&+%2F", date: Some("2026-03-02"), open: "12.5", ..BLANK },
    Document { number: "INV-96B", date: Some("2026-03-01"), ..BLANK },
    Document { number: "INV-96A", date: Some("2026-03-01"), ..BLANK },
    Document { owner: "NORTH-10", number: "INV-5001", date: Some("2026-03-01"), open: "77.70", ..BLANK },
    Document { owner: "SOUTH-2", number: "INV-1", date: Some("2026-03-01"), ..BLANK },
    Document { number: "INV-95", date: Some("2025-12-31T23:30:00Z"), po: Some("PO 3"), ..BLANK },
    Document { number: "INV-94", date: Some("2025-12-31"), ..BLANK },
    Document { number: "INV-93", date: Some("2025-10-05"), ..BLANK },
    Document { number: "INV-92", date: Some("2025-10-05"), net: "0.1", tax: "0.2", total: "0.3", ..BLANK },
    Document { number: "INV-12", ..BLANK },
    Document { number: "INV-3", ..BLANK },
];
