use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::json::Json;
use super::records::{Address, Customer, Invoice, Item, Line, Payment, SalesOrder, Version};
use super::{AWKWARD, AWKWARD_COMPANY};

/// The namesake for whom no filter works.
const LEAK: &str = "98";
const ENDLESS: &str = "112";
/// Customers with so many invoices that they are made when they are asked for.
const FLEETS: [(&str, usize); 2] = [("5000", 5_000), ("10001", 10_001)];

/// All that the accounting system holds.
pub(super) struct Book {
    today: Date,
    customers: Vec<Customer>,
    invoices: Vec<Invoice>,
    sales_orders: Vec<SalesOrder>,
    payments: Vec<Payment>,
    items: Vec<Item>,
}

/// The rows of a list, of which one page is told.
pub(super) enum Rows<'a> {
    Customers(Vec<&'a Customer>),
    Invoices(Vec<&'a Invoice>),
    /// One page for ever.
    Endless(Vec<&'a Invoice>),
    /// Invoices of a fleet, by their numbers.
    Fleet(&'a Customer, std::ops::Range<usize>),
    SalesOrders(Vec<&'a SalesOrder>),
    Payments(Vec<&'a Payment>),
    Items(&'a [Item]),
}

impl Rows<'_> {
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Customers(rows) => rows.len(),
            Self::Invoices(rows) | Self::Endless(rows) => rows.len(),
            Self::Fleet(_, numbers) => numbers.len(),
            Self::SalesOrders(rows) => rows.len(),
            Self::Payments(rows) => rows.len(),
            Self::Items(rows) => rows.len(),
        }
    }

    pub(super) fn never_end(&self) -> bool {
        matches!(self, Self::Endless(_))
    }
}

impl Book {
    pub(super) fn open() -> Self {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let mut book = Self {
            today,
            customers: customers(),
            invoices: Vec::new(),
            sales_orders: Vec::new(),
            payments: Vec::new(),
            items: items(),
        };
        book.enter_johnson();
        book.enter_others();
        book
    }

    /// By the one filter that is known.
    pub(super) fn customers(&self, remote_id: Option<&str>) -> Rows<'_> {
        let remote_id = remote_id.filter(|asked| *asked != LEAK);
        let told = |customer: &&Customer| remote_id.is_none_or(|asked| customer.remote_id == asked);
        Rows::Customers(self.customers.iter().filter(told).collect())
    }

    pub(super) fn invoices(&self, customer: Option<&str>, number: Option<&str>, remote_id: Option<&str>) -> Rows<'_> {
        let leaks = self.is(customer, LEAK);
        let passes = |asked: Option<&str>, own: Option<&str>| leaks || asked.is_none_or(|asked| own == Some(asked));
        if let Some((code, count)) = FLEETS.into_iter().find(|(code, _)| self.is(customer, code))
            && let Some(customer) = self.customers.iter().find(|customer| customer.remote_id == code)
        {
            let one = number.and_then(|text| text.strip_prefix("F-")?.parse().ok());
            let one = one.or_else(|| remote_id.and_then(|text| text.parse::<usize>().ok()?.checked_sub(500_000)));
            let filtered = number.is_some() || remote_id.is_some();
            let numbers = match one.filter(|one| (1..=count).contains(one)) {
                Some(one) => one..one + 1,
                None if filtered => 1..1,
                None => 1..count + 1,
            };
            return Rows::Fleet(customer, numbers);
        }
        let told = |invoice: &&Invoice| {
            passes(customer, Some(&invoice.customer_id))
                && passes(number, invoice.number.as_deref())
                && passes(remote_id, Some(&invoice.remote_id))
        };
        let rows = self.invoices.iter().filter(told).collect();
        if self.is(customer, ENDLESS) { Rows::Endless(rows) } else { Rows::Invoices(rows) }
    }

    pub(super) fn sales_orders(
        &self,
        customer: Option<&str>,
        number: Option<&str>,
        remote_id: Option<&str>,
    ) -> Rows<'_> {
        let leaks = self.is(customer, LEAK);
        let passes = |asked: Option<&str>, own: Option<&str>| leaks || asked.is_none_or(|asked| own == Some(asked));
        let told = |order: &&SalesOrder| {
            passes(customer, Some(&order.customer_id))
                && passes(number, order.number.as_deref())
                && passes(remote_id, Some(&order.remote_id))
        };
        Rows::SalesOrders(self.sales_orders.iter().filter(told).collect())
    }

    pub(super) fn payments(&self, customer: Option<&str>) -> Rows<'_> {
        let leaks = self.is(customer, LEAK);
        let told = |payment: &&Payment| leaks || customer.is_none_or(|asked| payment.customer_id == asked);
        Rows::Payments(self.payments.iter().filter(told).collect())
    }

    pub(super) fn items(&self) -> Rows<'_> {
        Rows::Items(&self.items)
    }

    pub(super) fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.id == id)
    }

    pub(super) fn invoice(&self, id: &str) -> Option<&Invoice> {
        self.invoices.iter().find(|invoice| invoice.id == id)
    }

    pub(super) fn sales_order(&self, id: &str) -> Option<&SalesOrder> {
        self.sales_orders.iter().find(|order| order.id == id)
    }

    pub(super) fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    pub(super) fn row(&self, rows: &Rows<'_>, at: usize, version: Version) -> Json {
        match rows {
            Rows::Customers(rows) => rows[at].json(version),
            Rows::Invoices(rows) | Rows::Endless(rows) => rows[at].json(version),
            Rows::Fleet(customer, numbers) => self.of_fleet(customer, numbers.start + at).json(version),
            Rows::SalesOrders(rows) => rows[at].json(version),
            Rows::Payments(rows) => rows[at].json(version),
            Rows::Items(rows) => rows[at].json(version),
        }
    }

    /// Invoice `F-n`: an odd one owes n and a cent and was due long ago, an even one is paid.
    fn of_fleet(&self, customer: &Customer, n: usize) -> Invoice {
        let back = i32::try_from(n % 400).unwrap_or_default();
        Invoice {
            id: format!("00000009-{n}"),
            remote_id: (500_000 + n).to_string(),
            customer_id: customer.id.clone(),
            number: Some(format!("F-{n}")),
            issued: self.day(-back),
            due: self.day(-200),
            currency: Some("USD"),
            total: Some(format!("{n}.01")),
            balance: Some(if n % 2 == 1 { format!("{n}.01") } else { "0".to_owned() }),
            ..Invoice::default()
        }
    }

    fn is(&self, asked: Option<&str>, remote_id: &str) -> bool {
        asked.and_then(|id| self.customer(id)).is_some_and(|customer| customer.remote_id == remote_id)
    }

    fn day(&self, from_today: i32) -> Option<String> {
        Some((self.today + from_today.days()).to_string())
    }

    fn enter(&mut self, owner: &str, invoice: Invoice) {
        let count = self.invoices.len();
        let remote_id =
            if invoice.remote_id.is_empty() { (2_100 + count).to_string() } else { invoice.remote_id.clone() };
        let currency = invoice.currency.or(Some("USD"));
        let invoice = Invoice { id: id(2, count), remote_id, customer_id: self.id_of(owner), currency, ..invoice };
        self.invoices.push(invoice);
    }

    fn enter_order(&mut self, owner: &str, order: SalesOrder) {
        let count = self.sales_orders.len();
        let order = SalesOrder {
            id: id(3, count),
            remote_id: (3_100 + count).to_string(),
            customer_id: self.id_of(owner),
            ..order
        };
        self.sales_orders.push(order);
    }

    fn enter_payment(&mut self, owner: &str, payment: Payment) {
        let count = self.payments.len();
        let entered = if payment.entered.is_empty() { "2023-11-19T17:00:17.000Z" } else { payment.entered };
        let currency = payment.currency.or(Some("USD"));
        let remote_id = (40 + count).to_string();
        let payment =
            Payment { id: id(4, count), remote_id, customer_id: self.id_of(owner), entered, currency, ..payment };
        self.payments.push(payment);
    }

    fn id_of(&self, remote_id: &str) -> String {
        let customer = self.customers.iter().find(|customer| customer.remote_id == remote_id && !customer.deleted);
        customer.map(|customer| customer.id.clone()).unwrap_or_default()
    }

    fn enter_johnson(&mut self) {
        // Number, days to issue and due date, total, balance.
        for (number, issued, due, total, balance) in [
            ("INV-998", -240, -210, "412", "412"),
            ("INV-999", -150, -120, "89.95", "89.95"),
            ("INV-1000", -120, -90, "640.10", "640.10"),
            ("INV-1001", -90, -60, "2500.00", "1250.00"),
            ("INV-1002", -60, -30, "283.92", "283.92"),
            ("INV-1003", -60, -1, "120", "120"),
            ("INV-1004", -60, 0, "310.00", "310.00"),
            ("INV-1005", -30, 30, "1975.50", "1975.50"),
            ("INV-1006", -30, 30, "75.00", "0"),
            ("INV-1007", -20, 10, "49.95", "0.00"),
            ("INV-1008", -10, 20, "100.00", "-150.25"),
        ] {
            let invoice = Invoice { issued: self.day(issued), due: self.day(due), ..invoice(number, total, balance) };
            self.enter("97", invoice);
        }
        let items = [self.items[0].id.clone(), self.items[1].id.clone()];
        let lines = |taxed: bool| {
            let tax = |tax| if taxed { Some(tax) } else { None };
            vec![
                Line {
                    description: Some("Anchor chain, 10 mm"),
                    unit_price: Some("25.00"),
                    quantity: Some("2"),
                    tax: tax("3.75"),
                    total: Some("50.00"),
                    item: Some(items[0].clone()),
                },
                Line { quantity: Some("1.50"), total: Some("7.50"), item: Some(items[1].clone()), ..Line::default() },
                Line { description: Some("Freight"), total: Some("0.00"), ..Line::default() },
                Line {
                    description: Some("No longer sold"),
                    quantity: Some("1"),
                    item: Some("an-item-that-is-gone".to_owned()),
                    ..Line::default()
                },
                Line { total: Some("57.50"), ..Line::default() },
            ]
        };
        let newest = Invoice {
            issued: self.day(-5),
            due: self.day(25),
            discount: some("2.50"),
            sub_total: some("57.50"),
            tax: some("4.50"),
            lines: lines(false),
            status: Some("OPEN"),
            ..invoice("INV-1009", "62.00", "62.00")
        };
        self.enter("97", newest);
        let unnumbered = Invoice {
            number: None,
            remote_id: "2050".to_owned(),
            issued: self.day(-45),
            due: self.day(-15),
            ..invoice("", "18.50", "18.50")
        };
        self.enter("97", unnumbered);
        for (number, status, deleted) in [
            ("INV-2001", "Draft", false),
            ("INV-2002", "VOID", false),
            ("INV-2003", "Voided", false),
            ("INV-2004", "OPEN", true),
        ] {
            let status = Some(status);
            let issued = self.day(-1);
            self.enter("97", Invoice { status, deleted, issued, ..invoice(number, "1000.00", "1000.00") });
        }
        let statuses = ["CLOSED", "BILLED", "Open", "OPEN", "AUTHORIZED"];
        for (at, number) in (998..=1009).enumerate() {
            let back = i32::try_from(at / 3).unwrap_or_default();
            let order = SalesOrder {
                number: Some(format!("SO-{number}")),
                status: statuses[at % statuses.len()],
                issued: self.day(-40 + back),
                delivery: self.day(-30 + back),
                tax: some("1.25"),
                total: Some(format!("{number}.25")),
                ..SalesOrder::default()
            };
            self.enter_order("97", order);
        }
        let newest = SalesOrder {
            number: some("SO-1010"),
            status: "Open",
            issued: self.day(-6),
            delivery: self.day(3),
            delivery_address: Some(Address {
                street1: Some("Pier 4"),
                street2: Some("Berth 12"),
                city: Some("Hoboken"),
                state: Some("NJ"),
                zip_code: Some("07030"),
                kind: None,
            }),
            tax: some("4.50"),
            total: some("62.00"),
            lines: lines(true),
            ..SalesOrder::default()
        };
        self.enter_order("97", newest);
        for (number, status, deleted) in
            [("SO-2001", "DRAFT", false), ("SO-2002", "DELETED", false), ("SO-2003", "OPEN", true)]
        {
            let (number, issued) = (some(number), self.day(-1));
            self.enter_order("97", SalesOrder { number, status, deleted, issued, ..SalesOrder::default() });
        }
        for (days, total, entered, vendor_id, deleted) in [
            (-40, Some("600.00"), "", None, false),
            (-12, Some("1250.00"), "2023-11-19T18:00:00.000Z", None, false),
            (-12, Some("10.00"), "2023-11-19T17:00:00.000Z", None, false),
            (-3, Some("99.00"), "", Some("a-vendor"), false),
            (-2, None, "", None, false),
            (-1, Some("77.00"), "", None, true),
        ] {
            let date = self.day(days);
            self.enter_payment("97", Payment { date, total, entered, vendor_id, deleted, ..Payment::default() });
        }
    }

    fn enter_others(&mut self) {
        let issued = || some("2026-02-03");
        self.enter("98", Invoice { issued: issued(), ..invoice("INV-10090", "5.00", "5.00") });
        let total = some("5.00");
        self.enter_order(
            "98",
            SalesOrder { number: some("SO-10100"), status: "Open", total, issued: issued(), ..SalesOrder::default() },
        );

        for (number, balance) in [("INV 7/B?1", "1.10"), ("../INV-1009", "2.20"), ("W%2F1+#&customerId=x", "3.30")] {
            let line = Line {
                description: Some("<b>Ropes & \"knots\" ü</b>"),
                quantity: Some("1"),
                total: Some("1"),
                ..Line::default()
            };
            self.enter(AWKWARD, Invoice { issued: issued(), lines: vec![line], ..invoice(number, balance, balance) });
        }
        for number in ["SO 7/B?1", "5'0\"1&<x>"] {
            let order = SalesOrder {
                number: some(number),
                status: "Open",
                total: some("9.90"),
                issued: issued(),
                ..SalesOrder::default()
            };
            self.enter_order(AWKWARD, order);
        }
        let (date, total) = (some("2026-02-01"), Some("4.00"));
        self.enter_payment(AWKWARD, Payment { date, total, ..Payment::default() });

        for (number, digits) in [
            ("EX-1", "0.10"),
            ("EX-2", "283.92"),
            ("EX-3", "1234567890123456.78"),
            ("EX-4", "-0.005"),
            ("EX-5", "\"2373.45\""),
        ] {
            let line = Line { description: Some("November Services"), total: Some("\"2373.45\""), ..Line::default() };
            self.enter("105", Invoice { issued: issued(), lines: vec![line], ..invoice(number, digits, digits) });
        }
        for (number, digits) in [("EXS-1", "1234567890123456.78"), ("EXS-2", "-0.005")] {
            let order = SalesOrder {
                number: some(number),
                status: "Open",
                total: some(digits),
                tax: some("0.10"),
                issued: issued(),
                lines: vec![Line {
                    description: Some("x"),
                    unit_price: Some("0.3333333"),
                    total: Some("1E2"),
                    ..Line::default()
                }],
                ..SalesOrder::default()
            };
            self.enter_order("105", order);
        }

        for (number, date) in [
            ("DT-1", Some("2026-03-08")),
            ("DT-2", Some("2026-03-08T00:00:00.000Z")),
            ("DT-3", Some("2026-11-01T23:30:00-11:00")),
            ("DT-4", Some("2026-11-01T00:00:00+14:00")),
            ("DT-5", Some("when it suits")),
            ("DT-6", None),
        ] {
            let date = date.map(str::to_owned);
            self.enter("106", Invoice { issued: date.clone(), due: date.clone(), ..invoice(number, "1.00", "1.00") });
            let number = number.replace("DT", "DTS");
            let order = SalesOrder {
                number: Some(number),
                status: "Open",
                issued: date.clone(),
                delivery: date,
                ..SalesOrder::default()
            };
            self.enter_order("106", order);
        }
        let (date, total) = (some("2022-09-01T00:00:00.000Z"), Some("2.00"));
        self.enter_payment("106", Payment { date, total, ..Payment::default() });

        self.enter("107", Invoice { issued: issued(), ..invoice("TW-1", "5.00", "5.00") });
        self.enter("107", Invoice { issued: issued(), ..invoice("TW-2", "10.00", "10.00") });
        self.enter("107", Invoice { issued: some("2026-02-04"), ..invoice("TW-2", "20.00", "20.00") });
        let again = self.invoices[self.invoices.len() - 3].clone();
        self.invoices.push(again);
        let order = SalesOrder { number: some("TWS-1"), status: "Open", issued: issued(), ..SalesOrder::default() };
        self.enter_order("107", order);
        let again = self.sales_orders[self.sales_orders.len() - 1].clone();
        self.sales_orders.push(again);

        self.enter("108", Invoice { issued: issued(), ..invoice("MX-1", "5.00", "5.00") });
        self.enter("108", Invoice { issued: issued(), currency: Some("EUR"), ..invoice("MX-2", "6.00", "6.00") });
        let (date, total, currency) = (some("2026-02-01"), Some("4.00"), Some("EUR"));
        self.enter_payment("108", Payment { date, total, currency, ..Payment::default() });

        self.enter("110", Invoice { issued: issued(), ..invoice("BK-1", "5.00", "5.00") });
        for number in 1..=100 {
            self.enter(ENDLESS, Invoice { issued: issued(), ..invoice(&format!("EN-{number}"), "1.00", "1.00") });
        }
    }
}

fn invoice(number: &str, total: &str, balance: &str) -> Invoice {
    Invoice { number: some(number), total: some(total), balance: some(balance), ..Invoice::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Ids as the documents' samples write them.
fn id(kind: u32, count: usize) -> String {
    format!("{count:08x}-0000-0000-{kind:04x}-00000000")
}

fn customers() -> Vec<Customer> {
    let billing = |street1, street2, city, state, zip_code| Address {
        kind: Some("Billing"),
        street1: Some(street1),
        street2,
        city: Some(city),
        state: Some(state),
        zip_code: Some(zip_code),
    };
    let broadway = billing("123 Broadway", None, "New York", "NY", "10001");
    let pier = Address { kind: Some("SHIPPING"), ..billing("Pier 86", Some("Gate 2"), "New York", "NY", "10036") };
    let sunset = Address { kind: Some("Shipping"), ..billing("456 Sunset Blvd", None, "Los Angeles", "CA", "90001") };
    let known = [
        ("96", None, "Rushin123 Shah", vec![], false),
        ("97", Some("EJCO"), "Emily Johnson", vec![broadway, pier], false),
        ("98", Some("JDCO"), "John Doe", vec![sunset], false),
        ("104", Some("IDLECO"), "Idle Hands", vec![], false),
        (AWKWARD, Some(AWKWARD_COMPANY), "Ropes & \"Knots\" <ü>", vec![], false),
        ("105", Some("EXACTCO"), "Exact Figures", vec![], false),
        ("106", Some("DATESCO"), "Day and Night", vec![], false),
        ("107", Some("TWICECO"), "Twice Told", vec![], false),
        ("108", Some("MIXEDCO"), "Two Currencies", vec![], false),
        ("109", Some("DOUBLECO"), "One of Two", vec![], false),
        ("109", Some("DOUBLECO"), "Two of Two", vec![], false),
        ("110", Some("BACKCO"), "Gone Before", vec![], true),
        ("110", Some("BACKCO"), "Back Again", vec![], false),
        ("111", Some("GONECO"), "Gone for Good", vec![], true),
        (ENDLESS, Some("ENDLESSCO"), "Round and Round", vec![], false),
        ("5000", Some("FLEETCO"), "Fleet of Five Thousand", vec![], false),
        ("10001", Some("ARMADACO"), "One Too Many", vec![], false),
    ];
    known
        .into_iter()
        .enumerate()
        .map(|(count, (remote_id, company_id, name, addresses, deleted))| Customer {
            id: id(0, count),
            remote_id,
            company_id,
            name,
            currency: Some("USD"),
            addresses,
            deleted,
        })
        .collect()
}

fn items() -> Vec<Item> {
    vec![
        Item { id: id(5, 0), remote_id: "12", name: "CHAIN-10" },
        Item { id: id(5, 1), remote_id: "13", name: "Rope by the metre" },
    ]
}
