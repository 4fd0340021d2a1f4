use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::rendering::{Json, number, object};

/// One organisation's books in the template's resources.
pub(super) struct Books(Vec<(&'static str, Vec<Row>)>);

/// One record.
pub(super) struct Row {
    pub json: Json,
    /// The record as it is sent.
    pub text: String,
    /// A customer in whose filtered lists it stands as well, although it is not theirs.
    pub also_for: Option<&'static str>,
}

impl Books {
    pub(super) fn rows(&self, resource: &str) -> Option<&[Row]> {
        self.0.iter().find(|(name, _)| *name == resource).map(|(_, rows)| rows.as_slice())
    }
}

/// Amounts are text, so that no digit is lost on the way out.
pub(super) fn books() -> Books {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let calendar = Calendar { today };
    let mut product = Vec::new();
    let mut expense = Vec::new();
    let mut orders = Vec::new();
    harbor(&calendar, &mut product, &mut expense, &mut orders);
    others(&calendar, &mut product, &mut orders);
    exact_and_dated(&calendar, &mut product, &mut orders);
    bulk(&calendar, &mut product, &mut orders);
    Books(vec![
        ("customers", customers()),
        ("vendors", Vec::new()),
        ("product-bills", Vec::new()),
        ("expense-bills", Vec::new()),
        ("product-invoices", product),
        ("expense-invoices", expense),
        ("product-purchase-orders", Vec::new()),
        ("expense-purchase-orders", Vec::new()),
        ("sales-orders", orders),
        ("ar-payments", payments(&calendar)),
        ("ledger-accounts", Vec::new()),
    ])
}

/// A customer as documents name them.
#[derive(Clone, Copy)]
struct Party {
    id: &'static str,
    name: &'static str,
}

const HARBOR: Party = Party { id: "1001", name: "Harbor Marine Supply" };
const NAMESAKE: Party = Party { id: "1002", name: "Harbor Marine Supply" };
const AWKWARD: Party = Party { id: "4' & Söhne/7%", name: "O'Brien \"& Söhne\"" };
const EXACT: Party = Party { id: "1005", name: "Exact Instruments" };
const DATES: Party = Party { id: "1006", name: "Calendar Yachts" };
const BARE: Party = Party { id: "1007", name: "Bare Poles" };
const BULK: Party = Party { id: "1008", name: "Bulk Carriers" };
const EURO: Party = Party { id: "1009", name: "Continental Sails" };

struct Calendar {
    today: Date,
}

impl Calendar {
    /// So many days after today, as a date.
    fn day(&self, days: i64) -> String {
        self.today.saturating_add(days.days()).to_string()
    }

    /// The same as an instant, as many connectors write dates.
    fn instant(&self, days: i64) -> String {
        format!("{}T00:00:00.000Z", self.day(days))
    }
}

fn row(json: Json) -> Row {
    let mut text = String::new();
    json.write(&mut text);
    Row { json, text, also_for: None }
}

/// Ids are numbers or texts, by turns.
fn id(text: &str) -> Json {
    match text.parse::<u64>() {
        Ok(digits) if digits % 2 == 1 => number(text),
        _ => text.into(),
    }
}

fn customers() -> Vec<Row> {
    let customer = |party: Party, reference: &str, owed: &str, limit: &str| {
        object([
            ("id", id(party.id)),
            ("externalId", reference.into()),
            ("name", party.name.into()),
            ("active", true.into()),
            ("currency", "USD".into()),
            ("creditLimit", number(limit)),
            ("totalOutstandingAmount", number(owed)),
            ("totalPaidAmount", number("1234.5")),
            ("taxId", format!("PLANTED-TAX-{reference}").into()),
            ("isubsidiary", object([("id", "SUB-1".into())])),
            ("subsidiary", object([("id", number("7")), ("name", "North".into())])),
            ("contact", object([("mobile", number("4105550101"))])),
            ("parent", Json::Null),
        ])
    };
    let unknown = |name: &'static str| Party { id: name, name: "Double" };
    vec![
        row(customer(HARBOR, "HARBOR01", "5046.31", "10000.00")),
        row(customer(NAMESAKE, "HARBOR02", "166.65", "0")),
        row(customer(Party { id: "1003", name: "Empty Berths" }, "EMPTY03", "0", "0")),
        row(customer(AWKWARD, "O'Brien \"& Söhne\"/7%", "12.00", "100")),
        row(customer(EXACT, "EXACT05", "0", "0").with("totalOutstandingAmount", "1234567890123740.795")),
        row(customer(DATES, "DATES06", "50.00", "0")),
        row(object([
            ("id", number(BARE.id)),
            ("externalId", "BARE07".into()),
            ("totalOutstandingAmount", number("20.00")),
        ])),
        row(customer(BULK, "BULK08", "120.00", "1000")),
        row(customer(EURO, "EURO09", "110.00", "0")),
        row(customer(unknown("1010"), "DOUBLE10", "1.00", "0")),
        row(customer(unknown("1011"), "DOUBLE10", "2.00", "0")),
    ]
}

/// The figures of a document as they are written.
#[derive(Clone, Copy)]
struct Figures {
    sub_total: &'static str,
    tax: &'static str,
    total: &'static str,
    due: &'static str,
}

fn address(city: &str, first_name: &str) -> Json {
    object([
        ("id", number("31")),
        ("line1", "12 Harbor Road".into()),
        ("line2", "Slip 7".into()),
        ("city", city.into()),
        ("province", "MD".into()),
        ("postalCode", number("21401")),
        ("country", "USA".into()),
        ("phone", "410-555-0101".into()),
        ("contact", object([("firstName", first_name.into()), ("lastName", "Whitfield".into())])),
    ])
}

fn customer(party: Party) -> Json {
    let contact = object([("adpdress", object([("country", "USA".into())])), ("email", Json::Null)]);
    object([("id", id(party.id)), ("name", party.name.into()), ("contact", contact)])
}

fn invoice(number_: &str, reference: &str, party: Party, due_on: (String, String), figures: Figures) -> Json {
    let Figures { sub_total, tax, total, due } = figures;
    // Every fourth invoice writes its amounts as texts.
    let amount = |digits: &str| if number_.ends_with(['0', '4', '8']) { Json::from(digits) } else { number(digits) };
    let line = object([
        ("id", number("1")),
        (
            "product",
            object([("id", number("70077")), ("name", "Mooring line 14 mm".into()), ("cost", number("777.77"))]),
        ),
        ("description", "Mooring line, 14 mm, white".into()),
        ("salesUom", "EA".into()),
        ("quantity", number("3")),
        ("subTotal", amount(sub_total)),
        ("taxAmount", amount(tax)),
        ("taxRate", "7".into()),
        ("totalAmount", amount(total)),
        ("discountRate", number("0")),
        ("isTaxable", true.into()),
    ]);
    object([
        ("id", id(number_)),
        ("externalId", reference.into()),
        ("customer", customer(party)),
        ("status", "Open".into()),
        ("currency", "USD".into()),
        ("invoiceDate", due_on.0.into()),
        ("dueDate", due_on.1.into()),
        ("glPostDater", "2026-01-01".into()),
        ("description", "Thank you for your order".into()),
        ("discountAmount", amount("1.50")),
        ("subTotal", amount(sub_total)),
        ("taxAmount", amount(tax)),
        ("amount", amount(total)),
        ("totalAmountDue", amount(due)),
        ("exchangeRate", "1.0".into()),
        ("billingAddress", address("Annapolis", "James")),
        ("shippingAddress", address("Baltimore", "Jane")),
        ("lines", vec![line].into()),
        ("payment", vec![].into()),
    ])
}

fn order(number_: &str, reference: &str, party: Party, date: String, figures: Figures) -> Json {
    let Figures { sub_total, tax, total, .. } = figures;
    let line = object([
        ("id", number("1")),
        ("product", object([("id", "70077".into()), ("name", "Mooring line 14 mm".into()), ("salesUom", "EA".into())])),
        ("priceLevel", object([("price", number("12.50"))])),
        ("orderQuantity", number("4")),
        ("subTotal", number(sub_total)),
        ("taxAmount", number(tax)),
        ("totalAmount", number(total)),
    ]);
    object([
        ("id", id(number_)),
        ("externalId", reference.into()),
        ("customer", customer(party)),
        ("status", "Open".into()),
        ("currency", "USD".into()),
        ("salesOrderDate", date.into()),
        ("description", "Leave it at the harbour office".into()),
        ("subTotal", number(sub_total)),
        ("taxAmount", number(tax)),
        ("amount", number(total)),
        ("shippingCost", number("9.99")),
        ("billingAddress", address("Annapolis", "James")),
        ("shippingAddress", address("Baltimore", "Jane")),
        ("lines", vec![line].into()),
    ])
}

fn figures(sub_total: &'static str, tax: &'static str, total: &'static str, due: &'static str) -> Figures {
    Figures { sub_total, tax, total, due }
}

/// The liveliest customer: days until due, figures, status.
fn harbor(calendar: &Calendar, product: &mut Vec<Row>, expense: &mut Vec<Row>, orders: &mut Vec<Row>) {
    let book: [(i64, Figures, &str); 14] = [
        (-200, figures("385.05", "26.95", "412.00", "412"), "Open"),
        (-10, figures("265.34", "18.58", "283.92", "283.92"), "Open"),
        (-45, figures("2336.45", "163.55", "2500.00", "1250.00"), "Partially Paid"),
        (-75, figures("598.22", "41.88", "640.10", "640.10"), "Open"),
        (-100, figures("84.07", "5.88", "89.95", "89.95"), "Open"),
        (14, figures("1846.26", "129.24", "1975.50", "1975.50"), "Open"),
        (0, figures("310.00", "0.00", "310.00", "310.00"), "Open"),
        (-30, figures("0.10", "0.00", "0.10", "0.10"), "Open"),
        (-30, figures("93.45", "6.54", "99.99", "99.99"), "Open"),
        (-60, figures("140.19", "9.81", "150.00", "0.00"), "Paid In Full"),
        (-20, figures("-150.25", "0.00", "-150.25", "-150.25"), "Open"),
        (30, figures("70.09", "4.91", "75.00", "75.00"), "Open"),
        (-5, figures("56.07", "3.93", "60.00", "60.00"), "Open"),
        (-90, figures("18.69", "1.31", "20.00", "0"), "Paid In Full"),
    ];
    for (n, (due, figures, status)) in (1_i64..).zip(book) {
        let (own, reference) = ((9989 + n).to_string(), format!("INV-{n}"));
        let parent = if n % 2 == 0 { format!("SO-{n}") } else { format!("4500-{n}") };
        let dates = if n % 3 == 0 {
            (calendar.instant(due - 30), calendar.instant(due))
        } else {
            (calendar.day(due - 30), calendar.day(due))
        };
        let json = invoice(&own, &reference, HARBOR, dates, figures);
        let json = json.with("status", status).with("parentDocumentNumber", parent);
        if n == 5 {
            product.push(row(json.clone()));
        }
        if n <= 12 {
            product.push(row(json))
        } else {
            expense.push(row(json))
        }
        let json = order(&(990 + n).to_string(), &format!("SO-{n}"), HARBOR, calendar.day(-5 * (n / 2) - 1), figures);
        let json = json.with("status", ["Open", "Closed", "Cancelled"][usize::try_from(n).unwrap_or(0) % 3]);
        let json = if n % 3 == 0 { json.with("customerPONumber", format!("4500-{n}")) } else { json };
        let json = json.with("requestedShipDate", calendar.instant(n));
        if n == 4 {
            orders.push(row(json.clone()));
        }
        orders.push(row(json));
    }
    let spare = figures("10.00", "0.70", "10.70", "10.70");
    let dates = || (calendar.day(-40), calendar.day(-10));
    for (number_, reference, status) in
        [("9880", "INV-880", "Draft"), ("9881", "INV-881", "DELETED"), ("9882", "INV-882", "_voided")]
    {
        product.push(row(invoice(number_, reference, HARBOR, dates(), spare).with("status", status)));
    }
    // A draft has no number yet.
    product
        .push(row(invoice("9883", "", HARBOR, dates(), spare).with("status", "draft").with("externalId", Json::Null)));
    for (number_, reference, status) in [("880", "SO-880", "draft"), ("881", "SO-881", "Deleted")] {
        orders.push(row(order(number_, reference, HARBOR, calendar.day(-1), spare).with("status", status)));
    }
    // The template's expense invoice names a customer without an id.
    let nobodys = invoice("9900", "INV-900", HARBOR, dates(), spare);
    expense.push(row(nobodys.with("customer", object([("name", HARBOR.name.into())]))));
}

fn others(calendar: &Calendar, product: &mut Vec<Row>, orders: &mut Vec<Row>) {
    let dates = || (calendar.day(-33), calendar.day(-3));
    let theirs = figures("155.75", "10.90", "166.65", "166.65");
    let foreign = |json| Row { also_for: Some(HARBOR.id), ..row(json) };
    product.push(foreign(invoice("9777", "INV-777", NAMESAKE, dates(), theirs)));
    orders.push(foreign(order("777", "SO-777", NAMESAKE, calendar.day(-2), theirs)));
    let small = figures("11.22", "0.78", "12.00", "12.00");
    let awkward = invoice("I 7/B?1", "I'7/B\"?1", AWKWARD, dates(), small);
    product.push(row(awkward.with("parentDocumentNumber", "PO '7' AND id='9990")));
    let awkward = order("../O'7 %2F+#", "O'7\\ \"%2F+#", AWKWARD, calendar.day(-2), small);
    orders.push(row(awkward.with("customerPONumber", "PO '7' AND id='9990")));
    let euro = figures("100.00", "10.00", "110.00", "110.00");
    product.push(row(invoice("9701", "EU-1", EURO, dates(), euro).with("currency", "EUR")));
    product.push(row(invoice("9702", "EU-2", EURO, dates(), small)));
    product.push(row(object([
        ("id", number("9801")),
        ("externalId", "BARE-1".into()),
        ("customer", object([("id", number(BARE.id))])),
        ("totalAmountDue", number("20.00")),
    ])));
    orders.push(row(object([
        ("id", number("801")),
        ("externalId", "BARE-SO-1".into()),
        ("customer", object([("id", BARE.id.into())])),
        ("billingAddress", object([("line1", Json::Null), ("city", "".into())])),
        ("amount", Json::Null),
    ])));
}

fn exact_and_dated(calendar: &Calendar, product: &mut Vec<Row>, orders: &mut Vec<Row>) {
    let exact = [
        figures("0.10", "0.00", "0.10", "0.10"),
        figures("265.34", "18.58", "283.92", "283.92"),
        figures("1234567890123456.78", "0", "1234567890123456.78", "1234567890123456.78"),
        figures("-0.005", "0", "-0.005", "-0.005"),
    ];
    for (n, figures) in (1..).zip(exact) {
        let dates = (calendar.day(-40), calendar.day(-10));
        product.push(row(invoice(&format!("950{n}"), &format!("EX-{n}"), EXACT, dates, figures)));
        orders.push(row(order(&format!("50{n}"), &format!("EX-SO-{n}"), EXACT, calendar.day(-4), figures)));
    }
    // Midnight, a clock change in the United States, far offsets, what nobody can read, and "never".
    let dated = [
        "2026-03-01",
        "2026-03-08T02:30:00.000-08:00",
        "2026-10-25T00:00:00+14:00",
        "03/04/2026",
        "0001-01-01T00:00:00Z",
    ];
    let ten = figures("10.00", "0.00", "10.00", "10.00");
    for (n, date) in (1..).zip(dated) {
        let dates = (date.to_owned(), date.to_owned());
        product.push(row(invoice(&format!("960{n}"), &format!("DT-{n}"), DATES, dates, ten)));
        let json = order(&format!("60{n}"), &format!("DT-SO-{n}"), DATES, date.to_owned(), ten);
        orders.push(row(json.with("requestedShipDate", date)));
    }
}

/// Many documents of few words, as whoever lists everybody's documents reads these too.
fn bulk(calendar: &Calendar, product: &mut Vec<Row>, orders: &mut Vec<Row>) {
    let short = |number_: i64, reference: String, dated: &'static str, days: i64| {
        object([
            ("id", id(&number_.to_string())),
            ("externalId", reference.into()),
            ("customer", object([("id", BULK.id.into())])),
            (dated, calendar.day(-days).into()),
            ("amount", number("1.00")),
        ])
    };
    for n in 1..=120 {
        let json = short(20_000 + n, format!("BULK-{n}"), "invoiceDate", n);
        product.push(row(json.with("totalAmountDue", number("1.00"))));
    }
    for n in 1..=60 {
        orders.push(row(short(2_000 + n, format!("BULK-SO-{n}"), "salesOrderDate", n)));
    }
}

fn payments(calendar: &Calendar) -> Vec<Row> {
    let payment = |number_: &str, party: Party, days: i64, amount: &str| {
        object([
            ("id", id(number_)),
            ("externalId", format!("PAY-{number_}").into()),
            ("customer", object([("id", id(party.id)), ("name", party.name.into())])),
            ("amount", number(amount)),
            ("currency", "USD".into()),
            ("paymentDate", calendar.instant(days).into()),
            ("totalOutstandingAmount", number("5046.31")),
            ("bankAccount", "PLANTED-BANK-1".into()),
            ("checkNumber", "PLANTED-CHECK-1".into()),
            ("cardNumber", "4111111111111111".into()),
            ("cardName", "PLANTED HOLDER".into()),
            ("cardExpiry", "PLANTED 12/29".into()),
            ("paymentMethod", "Card".into()),
            ("lines", vec![object([("invoiceNumber", "INV-3".into()), ("amount", number(amount))])].into()),
        ])
    };
    vec![
        row(payment("301", HARBOR, -40, "100.00")),
        row(payment("302", HARBOR, -12, "600.00")),
        // A refund is no payment.
        row(payment("303", HARBOR, -3, "-25.00")),
        Row { also_for: Some(HARBOR.id), ..row(payment("304", NAMESAKE, -1, "999.99")) },
        row(payment("305", BARE, -6, "5.00")),
        row(payment("306", EXACT, -6, "0.10")),
        row(payment("307", DATES, 0, "7.00").with("paymentDate", "2026-03-08T02:30:00.000-08:00")),
    ]
}
