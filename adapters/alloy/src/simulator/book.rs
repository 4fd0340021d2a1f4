use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::json::Json;
use super::records::{Customer, Invoice, Item, Payment, SalesOrder, Version};
use super::{entries, people};

/// The namesake for whom no filter works.
pub(super) const LEAK: &str = "98";
pub(super) const ENDLESS: &str = "112";
/// Customers with so many invoices that they are made when they are asked for.
const FLEETS: [(&str, usize); 2] = [("5000", 5_000), ("10001", 10_001)];

/// All that the accounting system holds.
pub(super) struct Book {
    today: Date,
    customers: Vec<Customer>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) sales_orders: Vec<SalesOrder>,
    payments: Vec<Payment>,
    pub(super) items: Vec<Item>,
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
            customers: people::customers(),
            invoices: Vec::new(),
            sales_orders: Vec::new(),
            payments: Vec::new(),
            items: people::items(),
        };
        entries::enter_all(&mut book);
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

    pub(super) fn day(&self, from_today: i32) -> Option<String> {
        Some((self.today + from_today.days()).to_string())
    }

    pub(super) fn enter(&mut self, owner: &str, invoice: Invoice) {
        let count = self.invoices.len();
        let remote_id =
            if invoice.remote_id.is_empty() { (2_100 + count).to_string() } else { invoice.remote_id.clone() };
        let currency = invoice.currency.or(Some("USD"));
        let invoice = Invoice { id: id(2, count), remote_id, customer_id: self.id_of(owner), currency, ..invoice };
        self.invoices.push(invoice);
    }

    pub(super) fn enter_order(&mut self, owner: &str, order: SalesOrder) {
        let count = self.sales_orders.len();
        let order = SalesOrder {
            id: id(3, count),
            remote_id: (3_100 + count).to_string(),
            customer_id: self.id_of(owner),
            ..order
        };
        self.sales_orders.push(order);
    }

    pub(super) fn enter_payment(&mut self, owner: &str, payment: Payment) {
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
}

/// Ids as the documents' samples write them.
pub(super) fn id(kind: u32, count: usize) -> String {
    format!("{count:08x}-0000-0000-{kind:04x}-00000000")
}
