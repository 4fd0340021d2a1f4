mod cast;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Generation;
use super::payments::{self, Detail, Payment};
use super::rendering::Value;
use super::work_orders::{self, WorkOrder};

pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The marina's book. Amounts are text, so that no digit is lost on the way out.
pub(super) fn customers(today: Date) -> Vec<Customer> {
    let calendar = Calendar { today };
    let open = |id: &str, due: i32, balance: &str| calendar.invoice(id, due, balance);
    let paid = |id: &str, due: i32, original: &str| calendar.paid(id, due, original);
    let (history_payments, history_invoices) = payments::of_history(&calendar);
    vec![
        Customer {
            id: "MARINA01",
            first_name: Some("James"),
            last_name: Some("Whitfield"),
            company_name: Some("Blue Heron Charters"),
            balance: "7051.47",
            credit_limit: "10000.00",
            address: ["12 Harbor Road", "Slip 7", ""],
            place: ["Annapolis", "MD", "21401", "USA"],
            phone: Some("410-555-0101"),
            email: Some("accounts@blueheron.example"),
            invoices: vec![
                open("100231", -10, "283.92"),
                Invoice { original: "2500.00".to_owned(), source: Some("501002"), ..open("100187", -45, "1250.00") },
                open("100142", -75, "640.10"),
                Invoice { due: Some(calendar.slashed(-100)), ..open("100098", -100, "89.95") },
                open("099871", -200, "412"),
                open("100260", 14, "1975.50"),
                // 600.00 was paid: the oldest instalment still owes 150.00, the others 750.00 each.
                Invoice {
                    original: "3000.00".to_owned(),
                    invoiced: calendar.day(-95),
                    description: Some("Winter storage, four instalments"),
                    installments: calendar.installments(&[-65, -35, -5, 25], "750.00"),
                    ..open("100250", 25, "2400.00")
                },
                paid("099500", -230, "199.99"),
                paid("099120", -260, "1450.00"),
            ],
            posted_payments: payments::of_marina(&calendar),
            work_orders: work_orders::of_marina(&calendar),
            last_payment: Some(LastPayment {
                date: calendar.iso(-12),
                amount: "600.00",
                method: "VISA",
                card_digits: Some("4242"),
                actions: vec![("Payment", "100250", "600.00")],
            }),
            ..Customer::default()
        },
        Customer {
            id: "MARINA10",
            first_name: Some("James"),
            last_name: Some("Whitfield"),
            company_name: Some("Blue Heron Charters"),
            balance: "166.65",
            credit_limit: "500.00",
            address: ["12 Harbor Road", "Slip 8", ""],
            place: ["Annapolis", "MD", "21401", "USA"],
            invoices: vec![
                open("0100231", -10, "55.55"),
                open("100231A", -45, "55.55"),
                open("1002310", -75, "55.55"),
                paid("0099500", -160, "55.55"),
            ],
            work_orders: work_orders::of_namesake(&calendar),
            ..Customer::default()
        },
        Customer {
            id: "PENDING02",
            company_name: Some("Gulfstream Diving LLC"),
            balance: "1895.25",
            credit_limit: "5000.00",
            place: ["Key Largo", "FL", "33037", "USA"],
            invoices: vec![
                Invoice { unapplied: true, ..open("200310", -20, "500.00") },
                Invoice { unapplied: true, ..open("200322", -50, "120.00") },
                Invoice {
                    unapplied: true,
                    invoiced: calendar.day(-70),
                    installments: calendar.installments(&[-40, -10, 20], "400.00"),
                    ..open("200329", 20, "1200.00")
                },
                open("200335", -5, "75.25"),
            ],
            pending_payments: vec![
                Payment {
                    batch: "B-7781".to_owned(),
                    date: calendar.iso(-2),
                    total: "850.00".to_owned(),
                    posted: None,
                    reference: Some("CHK 1187"),
                    details: vec![
                        Detail::towards("200310", "500.00", "200.00", "500.00"),
                        // More than is open: the invoice cannot fall below zero.
                        Detail::towards("200322", "120.00", "150.00", "120.00"),
                        Detail::towards("200329", "1200.00", "500.00", "1200.00"),
                    ],
                },
                Payment {
                    batch: "B-7790".to_owned(),
                    date: calendar.slashed(-1),
                    total: "175.25".to_owned(),
                    posted: None,
                    reference: None,
                    details: vec![
                        Detail::towards("200335", "75.25", "75.25", "75.25"),
                        Detail::deposit("WO-5512", "100.00"),
                    ],
                },
            ],
            ..Customer::default()
        },
        Customer {
            id: "CREDIT03",
            first_name: Some("Ana"),
            last_name: Some("Moreira"),
            balance: "630.00",
            credit_limit: "0.00",
            place: ["Mobile", "AL", "36602", "USA"],
            invoices: vec![
                open("300101", -33, "900.00"),
                Invoice { description: Some("Returned outboard"), ..open("300117", -21, "-350.00") },
                open("300122", 5, "80.00"),
            ],
            last_payment: Some(LastPayment {
                date: calendar.slashed(-40),
                amount: "45.5",
                method: "CHECK",
                card_digits: None,
                actions: vec![],
            }),
            ..Customer::default()
        },
        Customer { id: "EMPTY04", last_name: Some("Newcomer"), balance: "0", credit_limit: "0", ..Customer::default() },
        Customer {
            id: "DATES06",
            company_name: Some("Old Ledger Boatyard"),
            balance: "185.00",
            credit_limit: "1000.00",
            invoices: vec![
                Invoice { due: Some("UPON DELIVERY".to_owned()), ..open("600001", -60, "100.00") },
                Invoice { due: None, ..open("600002", -60, "50.00") },
                Invoice { due: Some("0001-01-01T00:00:00".to_owned()), ..open("600003", -60, "25.00") },
                open("600004", -15, "10.00"),
            ],
            ..Customer::default()
        },
        Customer {
            id: "EXACT07",
            company_name: Some("Exact Marine Supply"),
            balance: "1234567890123740.795",
            credit_limit: "2000000000000000.00",
            invoices: vec![
                open("700001", -10, "0.10"),
                open("700002", -45, "283.92"),
                open("700003", -75, "1234567890123456.78"),
                open("700004", -100, "-0.005"),
            ],
            work_orders: work_orders::of_exact(&calendar),
            ..Customer::default()
        },
        Customer {
            id: "FLEET08",
            company_name: Some("Forty Sails Fleet"),
            balance: "4840.00",
            credit_limit: "7500.00",
            invoices: (1..=40)
                .map(|n| open(&format!("{}", 800_000 + n), 20 - 5 * n, &format!("{}.50", 100 + n)))
                .collect(),
            ..Customer::default()
        },
        Customer {
            id: "DOCK 7/B",
            first_name: Some("Jürgen \"Käpt'n\""),
            last_name: Some("O'Neil <Dock>"),
            company_name: Some("Brandt & Söhne \"Yachten\" <Kiel>"),
            balance: "321.09",
            credit_limit: "1500.00",
            address: ["Am Kai 3 & 4", "Halle <B>", "c/o \"Lotse\""],
            place: ["Kiel", "", "24103", "Deutschland"],
            phone: Some("+49 431 555 0109"),
            invoices: vec![Invoice {
                description: Some("Rigging & \"Süßwasser\" <full> \\ 'spring'"),
                location: None,
                ..open("9/A 1", -8, "321.09")
            }],
            work_orders: work_orders::of_dock(&calendar),
            ..Customer::default()
        },
        Customer {
            id: "R&D+50%",
            company_name: Some("R&D Hulls"),
            balance: "12.00",
            credit_limit: "100.00",
            invoices: vec![open("R&D+1%2F", -3, "12.00")],
            ..Customer::default()
        },
        Customer {
            id: "HISTORY09",
            company_name: Some("Long Wake Charters"),
            balance: "350.75",
            credit_limit: "5000.00",
            invoices: [open("900401", -20, "300.25"), open("900402", 10, "50.50")]
                .into_iter()
                .chain(history_invoices)
                .collect(),
            posted_payments: history_payments,
            work_orders: work_orders::of_history(&calendar),
            ..Customer::default()
        },
        cast::ledger(&calendar),
        cast::merged(&calendar),
    ]
}

#[derive(Default)]
pub(super) struct Customer {
    pub id: &'static str,
    first_name: Option<&'static str>,
    last_name: Option<&'static str>,
    company_name: Option<&'static str>,
    balance: &'static str,
    credit_limit: &'static str,
    address: [&'static str; 3],
    /// City, state, postal code, country.
    place: [&'static str; 4],
    phone: Option<&'static str>,
    email: Option<&'static str>,
    /// The open ones and the paid ones.
    pub invoices: Vec<Invoice>,
    pending_payments: Vec<Payment>,
    posted_payments: Vec<Payment>,
    last_payment: Option<LastPayment>,
    pub work_orders: Vec<WorkOrder>,
    /// Ids of invoices and work orders that a list gives twice.
    pub listed_twice: &'static [&'static str],
    /// Another customer, whose documents are given to whoever asks for this one.
    pub merged_with: Option<&'static str>,
}

pub(super) struct Invoice {
    pub id: String,
    /// DockMaster filters by it and never shows it.
    invoiced: Date,
    pub original: String,
    balance: String,
    due: Option<String>,
    description: Option<&'static str>,
    location: Option<&'static str>,
    unapplied: bool,
    installments: Vec<Installment>,
    /// The work order that it bills, where the newer API says so.
    source: Option<&'static str>,
}

struct Installment {
    amount: &'static str,
    due: String,
}

struct LastPayment {
    date: String,
    amount: &'static str,
    method: &'static str,
    card_digits: Option<&'static str>,
    /// What was done, to which invoice, with how much.
    actions: Vec<(&'static str, &'static str, &'static str)>,
}

impl Customer {
    /// The entry of `CustomerARInquiry`: of the open invoices those dated `since` or later.
    pub(super) fn inquiry(&self, since: Option<Date>, generation: Generation, today: Date) -> Value {
        let open: Vec<&Invoice> = self.invoices.iter().filter(|invoice| invoice.is_open()).collect();
        let shown = open.iter().filter(|invoice| since.is_none_or(|since| invoice.invoiced >= since));
        let shown = shown.flat_map(|invoice| std::iter::repeat_n(invoice, self.times_listed(&invoice.id)));
        let mut members = vec![
            ("CustomerId", self.id.into()),
            ("FirstName", self.first_name.into()),
            ("LastName", self.last_name.into()),
            ("CompanyName", self.company_name.into()),
            ("CurrentBalance", decimal(self.balance)),
            ("OpenARInvoices", Value::List("Invoice", shown.map(|invoice| invoice.value(self, generation)).collect())),
            ("PendingPayments", self.payments(true)),
            ("LastPayment", self.last_payment.as_ref().map_or(Value::Null, LastPayment::value)),
        ];
        if generation == Generation::Dme {
            let mut aging = [0; 5];
            for (due, amount) in open.iter().flat_map(|invoice| invoice.owed()) {
                aging[age(due, today)] += amount;
            }
            members.extend([
                ("Email", self.email.into()),
                ("HomePhone", self.phone.into()),
                ("CellPhone", Value::Null),
            ]);
            let names = ["AgingCurrent", "Aging30", "Aging60", "Aging90", "Aging120"];
            members.extend(names.into_iter().zip(aging.map(|amount| Value::Decimal(digits(amount)))));
        }
        Value::Object(members)
    }

    /// The posted payments, which `pending_only` leaves out, and the pending ones.
    pub(super) fn payments(&self, pending_only: bool) -> Value {
        let posted: &[Payment] = if pending_only { &[] } else { &self.posted_payments };
        Value::List("CustomerPayment", posted.iter().chain(&self.pending_payments).map(Payment::value).collect())
    }

    pub(super) fn times_listed(&self, id: &str) -> usize {
        if self.listed_twice.contains(&id) { 2 } else { 1 }
    }

    pub(super) fn name(&self) -> String {
        let person = [self.first_name, self.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.company_name.map_or(person, str::to_owned)
    }

    /// The answer of `RetrieveCustomer`; its member names are those that client code was seen to read.
    pub(super) fn record(&self) -> Value {
        let [address1, address2, address3] = self.address;
        let [city, state, zip, country] = self.place;
        Value::Object(vec![
            ("id", self.id.into()),
            ("name", self.name().as_str().into()),
            ("firstName", self.first_name.into()),
            ("lastName", self.last_name.into()),
            ("companyName", self.company_name.into()),
            ("address1", address1.into()),
            ("address2", address2.into()),
            ("address3", address3.into()),
            ("city", city.into()),
            ("state", state.into()),
            ("zip", zip.into()),
            ("country", country.into()),
            ("phone", self.phone.into()),
            ("workPhone", Value::Null),
            ("cellPhone", Value::Null),
            ("email", self.email.into()),
            ("useAltAddress", false.into()),
            ("creditLimit", decimal(self.credit_limit)),
            ("balance", decimal(self.balance)),
            ("priceColumn", "1".into()),
            ("discount", decimal("0")),
            ("taxFlag", true.into()),
            ("taxSchema", "STD".into()),
            ("taxId", format!("TAXID-{}", self.id).as_str().into()),
            ("poRequired", false.into()),
            ("paymentTermsCode", "N30".into()),
            ("paymentTermsDescription", "Net 30 days".into()),
            ("inactive", false.into()),
            ("allowTransactions", true.into()),
            ("categoryCodes", Value::List("d2p1:string", vec!["SLIP".into()])),
        ])
    }
}

impl Invoice {
    fn is_open(&self) -> bool {
        self.balance.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
    }

    pub(super) fn value(&self, owner: &Customer, generation: Generation) -> Value {
        let newer = generation == Generation::Dme;
        let owed = self.owed();
        let installments = self.installments.iter().enumerate().map(|(index, installment)| {
            let mut members = vec![
                ("id", (index + 1).to_string().as_str().into()),
                ("Amount", decimal(installment.amount)),
                ("DueDate", installment.due.as_str().into()),
            ];
            members.extend(newer.then(|| ("Balance", Value::Decimal(digits(owed[index].1)))));
            Value::Object(members)
        });
        let mut members = vec![
            ("Id", self.id.as_str().into()),
            ("CustomerId", owner.id.into()),
            ("Amount", decimal(&self.balance)),
            ("InvoiceAmount", decimal(&self.original)),
            ("InvoiceBalance", decimal(&self.balance)),
            ("DueDate", self.due.as_deref().into()),
            ("Description", self.description.into()),
            ("LocationCode", self.location.into()),
            ("UnAppliedPayment", self.unapplied.into()),
            ("Installments", Value::List("InvoiceInstallment", installments.collect())),
        ];
        if newer {
            members.extend([
                ("TransactionType", if self.balance.starts_with('-') { "CM" } else { "IN" }.into()),
                ("InvoiceType", if self.source.is_some() { "WO" } else { "AR" }.into()),
                ("SourceId", self.source.into()),
                ("BoatName", Value::Null),
            ]);
        }
        Value::Object(members)
    }

    /// What is owed and when: the instalments are paid from the first on.
    fn owed(&self) -> Vec<(Option<&str>, i128)> {
        let mut left = thousandths(&self.balance);
        if self.installments.is_empty() {
            return vec![(self.due.as_deref(), left)];
        }
        let mut owed: Vec<_> = self
            .installments
            .iter()
            .rev()
            .map(|installment| {
                let balance = left.min(thousandths(installment.amount));
                left -= balance;
                (Some(installment.due.as_str()), balance)
            })
            .collect();
        owed.reverse();
        owed
    }
}

impl LastPayment {
    fn value(&self) -> Value {
        let actions = self.actions.iter().map(|(action, invoice, amount)| {
            Value::Object(vec![
                ("Action", (*action).into()),
                ("InvoiceId", (*invoice).into()),
                ("AmountApplied", decimal(amount)),
            ])
        });
        Value::Object(vec![
            ("PaymentActions", Value::List("PaymentAction", actions.collect())),
            ("PaymentDate", self.date.as_str().into()),
            ("PaymentAmount", decimal(self.amount)),
            ("PaymentMethod", self.method.into()),
            ("CCLastFour", self.card_digits.into()),
        ])
    }
}

/// The one date format that the vendor documents (`yyyy-MM-dd`), with or without a time, and the American one.
pub(super) fn date(text: &str) -> Option<Date> {
    text.parse().or_else(|_| Date::strptime("%m/%d/%Y", text)).ok()
}

/// The bucket: not due or undated, up to 30, 60 and 90 days past due, older.
fn age(due: Option<&str>, today: Date) -> usize {
    let due = due.and_then(date).filter(|due| due.year() > 1);
    let days = due.map_or(0, |due| (today - due).get_days());
    [0, 30, 60, 90].into_iter().filter(|limit| days > *limit).count()
}

pub(super) fn decimal(digits: &str) -> Value {
    Value::Decimal(digits.to_owned())
}

/// Reads an amount of the book for a sum; no amount has more than three places.
pub(super) fn thousandths(digits: &str) -> i128 {
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    format!("{whole}{places:0<3}").parse().expect("every amount of the book is written in digits")
}

/// Writes a sum with two places, or three where it needs them.
pub(super) fn digits(thousandths: i128) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, places) = (thousandths.abs() / 1000, thousandths.abs() % 1000);
    if places % 10 == 0 { format!("{sign}{whole}.{:02}", places / 10) } else { format!("{sign}{whole}.{places:03}") }
}

/// Writes days by their distance from today, in the two styles found in dealers' data.
pub(super) struct Calendar {
    today: Date,
}

impl Calendar {
    fn day(&self, distance: i32) -> Date {
        self.today.saturating_add(distance.days())
    }

    pub(super) fn iso(&self, distance: i32) -> String {
        format!("{}T00:00:00", self.day(distance))
    }

    fn slashed(&self, distance: i32) -> String {
        self.day(distance).strftime("%m/%d/%Y").to_string()
    }

    /// An invoice of thirty days, nothing of it paid.
    fn invoice(&self, id: &str, due: i32, balance: &str) -> Invoice {
        Invoice {
            id: id.to_owned(),
            invoiced: self.day(due - 30),
            original: balance.to_owned(),
            balance: balance.to_owned(),
            due: Some(self.iso(due)),
            description: Some("Slip rental"),
            location: Some("1"),
            unapplied: false,
            installments: vec![],
            source: None,
        }
    }

    pub(super) fn paid(&self, id: &str, due: i32, original: &str) -> Invoice {
        Invoice { balance: "0.00".to_owned(), ..self.invoice(id, due, original) }
    }

    fn installments(&self, due: &[i32], amount: &'static str) -> Vec<Installment> {
        due.iter().map(|distance| Installment { amount, due: self.iso(*distance) }).collect()
    }
}
