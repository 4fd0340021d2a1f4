//! What the books hold, and how each kind of it stands in the endpoint's entities.

use super::value::{Record, Value};

/// A customer.
#[derive(Clone, Copy)]
pub(super) struct Customer {
    pub code: &'static str,
    pub name: &'static str,
    pub currency: &'static str,
    /// What is verified before an order is taken.
    pub verification: &'static str,
    pub limit: &'static str,
    pub address: Address,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Address {
    pub line1: &'static str,
    pub line2: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    pub postal_code: &'static str,
}

/// A sales order.
#[derive(Clone)]
pub(super) struct Order {
    pub order_type: &'static str,
    pub number: String,
    pub customer: &'static str,
    pub status: &'static str,
    pub date: String,
    pub ships: &'static str,
    pub customer_order: &'static str,
    pub external: &'static str,
    pub description: &'static str,
    pub goods: &'static str,
    pub charges: &'static str,
    pub discount: &'static str,
    pub tax: &'static str,
    pub total: &'static str,
    pub lines: Vec<Line>,
    pub shipments: Vec<&'static str>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            order_type: "SO",
            number: String::new(),
            customer: "",
            status: "Open",
            date: String::new(),
            ships: "",
            customer_order: "",
            external: "",
            description: "",
            goods: "100.0000",
            charges: "0.0000",
            discount: "0.0000",
            tax: "0.0000",
            total: "100.0000",
            lines: Vec::new(),
            shipments: Vec::new(),
        }
    }
}

/// A line of an order or of an invoice.
#[derive(Clone, Copy, Default)]
pub(super) struct Line {
    pub item: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    pub shipped: &'static str,
    pub unit: &'static str,
    pub price: &'static str,
    pub amount: &'static str,
    /// The order that an invoice's line bills.
    pub order: Option<(&'static str, &'static str)>,
}

/// A parcel's shipment.
#[derive(Clone, Copy)]
pub(super) struct Shipment {
    pub number: &'static str,
    pub customer: &'static str,
    pub date: &'static str,
    pub status: &'static str,
    /// Tracking number and weight.
    pub packages: &'static [(&'static str, &'static str)],
}

/// A document of the receivables: an invoice, a memo, an overdue charge.
#[derive(Clone)]
pub(super) struct Document {
    pub document_type: &'static str,
    pub number: String,
    pub customer: &'static str,
    pub status: &'static str,
    pub date: String,
    pub due: String,
    pub currency: &'static str,
    pub amount: &'static str,
    pub balance: &'static str,
    pub tax: &'static str,
    pub discount: &'static str,
    pub customer_order: &'static str,
    pub description: &'static str,
    /// Whether it was billed from sales orders, so that the form of sales invoices has it too.
    pub from_orders: bool,
    pub lines: Vec<Line>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            document_type: "Invoice",
            number: String::new(),
            customer: "",
            status: "Open",
            date: String::new(),
            due: String::new(),
            currency: "USD",
            amount: "0.0000",
            balance: "0.0000",
            tax: "0.0000",
            discount: "0.0000",
            customer_order: "",
            description: "",
            from_orders: true,
            lines: Vec::new(),
        }
    }
}

/// A payment, or what else the form of payments shows.
#[derive(Clone)]
pub(super) struct Payment {
    pub payment_type: &'static str,
    pub number: &'static str,
    pub customer: &'static str,
    pub status: &'static str,
    pub currency: &'static str,
    pub amount: &'static str,
    pub balance: &'static str,
}

const PRIVATE: Option<&str> = Some("PRIVATE-note of the bookkeeper");

impl Customer {
    pub(super) fn record(&self, id: String) -> Record {
        let rules = Record {
            id: format!("{id}-1"),
            fields: vec![
                ("CreditDaysPastDue", Value::number("0")),
                ("CreditLimit", Value::number(self.limit)),
                ("CreditVerification", Value::text(self.verification)),
                ("FirstDueDate", Value::Empty),
                ("OpenOrdersBalance", Value::number("0.0000")),
                ("RemainingCreditLimit", Value::number("0.0000")),
                ("UnreleasedBalance", Value::number("0.0000")),
            ],
            computed: vec!["OpenOrdersBalance", "RemainingCreditLimit", "UnreleasedBalance"],
            ..Record::default()
        };
        Record {
            id,
            note: PRIVATE,
            fields: vec![
                // The segmented key's mask fills codes up with blanks.
                ("CustomerID", Value::Text(format!("{:<10}", self.code))),
                ("CustomerName", Value::text(self.name)),
                ("CustomerClass", Value::text("DEFAULT")),
                ("CurrencyID", Value::or_empty(self.currency, Value::text)),
                ("Email", Value::text("accounts@customer.example")),
                ("Status", Value::text("Active")),
                ("TaxRegistrationID", Value::Text(format!("TAXID-{}", self.code.len()))),
                ("Terms", Value::text("30D")),
            ],
            linked: vec![("CreditVerificationRules", rules)],
            ..Record::default()
        }
    }
}

impl Address {
    fn record(&self) -> Record {
        let text = |text: &'static str| Value::or_empty(text, Value::text);
        Record {
            fields: vec![
                ("AddressLine1", text(self.line1)),
                ("AddressLine2", text(self.line2)),
                ("City", text(self.city)),
                ("Country", Value::text("US")),
                ("PostalCode", text(self.postal_code)),
                ("State", text(self.state)),
            ],
            ..Record::default()
        }
    }
}

fn contact(name: &'static str) -> Record {
    Record {
        fields: vec![
            ("Attention", Value::text("Receiving dock")),
            ("BusinessName", Value::or_empty(name, Value::text)),
            ("Email", Value::text("accounts@customer.example")),
            ("Phone1", Value::text("+1 (212) 555-1234")),
        ],
        ..Record::default()
    }
}

impl Order {
    pub(super) fn record(&self, id: String, customer: &Customer) -> Record {
        let text = |text: &'static str| Value::or_empty(text, Value::text);
        let totals = Record {
            fields: vec![
                ("DiscountTotal", Value::number(self.discount)),
                ("Freight", Value::number("0.0000")),
                ("FreightCost", Value::number("777.7000")),
                ("LineTotalAmount", Value::number(self.goods)),
                ("MiscTotalAmount", Value::number(self.charges)),
                ("TaxTotal", Value::number(self.tax)),
                ("UnpaidBalance", Value::number(self.total)),
            ],
            computed: vec!["UnpaidBalance"],
            ..Record::default()
        };
        let shipping = Record {
            fields: vec![
                ("ScheduledShipmentDate", Value::or_empty(self.ships, Value::day)),
                ("ShipVia", Value::text("UPSGROUND")),
            ],
            ..Record::default()
        };
        let shipments = self.shipments.iter().map(|number| Record {
            fields: vec![
                // A row without a number stands for what is still to be shipped.
                ("ShipmentNbr", text(number)),
                ("ShipmentType", Value::text(if number.starts_with('P') { "Drop-Shipment" } else { "Shipment" })),
                ("Status", Value::text("Completed")),
            ],
            ..Record::default()
        });
        Record {
            id,
            note: PRIVATE,
            fields: vec![
                ("Approved", Value::Flag(true)),
                ("BaseCurrencyID", Value::text("USD")),
                ("CashAccount", Value::text("CASH-10200")),
                ("CurrencyID", Value::text("USD")),
                ("CustomerID", Value::Text(format!("{:<10}", self.customer))),
                ("CustomerOrder", text(self.customer_order)),
                ("Date", Value::day(&self.date)),
                ("Description", text(self.description)),
                ("ExternalRef", text(self.external)),
                ("LastModified", Value::Date("2026-03-20T17:41:27.34+00:00".to_owned())),
                ("OrderNbr", Value::text(&self.number)),
                ("OrderTotal", Value::number(self.total)),
                ("OrderType", Value::text(self.order_type)),
                ("RequestedOn", Value::day(&self.date)),
                ("Status", Value::text(self.status)),
                ("TaxTotal", Value::number(self.tax)),
            ],
            linked: vec![
                ("BillToAddress", customer.address.record()),
                ("BillToContact", contact(customer.name)),
                ("ShipToAddress", Address { line2: "Dock 7", ..customer.address }.record()),
                ("ShipToContact", contact(customer.name)),
                ("ShippingSettings", shipping),
                ("Totals", totals),
            ],
            details: vec![
                ("Details", (1..).zip(&self.lines).map(|(at, line)| line.of_order(at)).collect()),
                ("Shipments", shipments.collect()),
            ],
            ..Record::default()
        }
    }
}

impl Line {
    fn of_order(&self, at: usize) -> Record {
        let text = |text: &'static str| Value::or_empty(text, Value::text);
        let number = |digits: &'static str| Value::or_empty(digits, Value::number);
        Record {
            fields: vec![
                ("AlternateID", Value::Empty),
                ("Amount", number(self.amount)),
                ("AverageCost", Value::number("777.7100")),
                ("DiscountAmount", Value::number("0.0")),
                ("ExtendedPrice", number(self.amount)),
                ("InventoryID", text(self.item)),
                ("LastModifiedDate", Value::text("12/14/2023 19:57:08")),
                ("LineDescription", text(self.description)),
                ("LineNbr", Value::Number(at.to_string())),
                ("OrderQty", number(self.quantity)),
                ("QtyOnShipments", number(self.shipped)),
                ("UOM", text(self.unit)),
                ("UnitPrice", number(self.price)),
            ],
            ..Record::default()
        }
    }

    /// The forms of receivables and of sales invoices name a line's text each in its own way.
    fn of_invoice(&self, at: usize, sales: bool) -> Record {
        let text = |text: &'static str| Value::or_empty(text, Value::text);
        let number = |digits: &'static str| Value::or_empty(digits, Value::number);
        let mut fields = vec![
            ("Account", Value::text("ACCT-40000")),
            ("Amount", number(self.amount)),
            ("InventoryID", text(self.item)),
            ("LineNbr", Value::Number(at.to_string())),
            ("Qty", number(self.shipped)),
            ("UOM", text(self.unit)),
            ("UnitPrice", number(self.price)),
        ];
        if sales {
            let (order_type, number) = self.order.unwrap_or_default();
            fields.push(("TransactionDescr", text(self.description)));
            fields.push(("OrderType", text(order_type)));
            fields.push(("OrderNbr", text(number)));
        } else {
            fields.push(("TransactionDescription", text(self.description)));
        }
        Record { fields, ..Record::default() }
    }
}

impl Shipment {
    pub(super) fn record(&self, id: String) -> Record {
        let packages = self.packages.iter().map(|(tracking, weight)| Record {
            fields: vec![
                ("BoxID", Value::text("MEDIUM")),
                ("Confirmed", Value::Flag(true)),
                ("DeclaredValue", Value::number("777.7200")),
                ("TrackingNbr", Value::or_empty(tracking, Value::text)),
                ("UOM", Value::text("LB")),
                ("Weight", Value::or_empty(weight, Value::number)),
            ],
            ..Record::default()
        });
        Record {
            id,
            note: PRIVATE,
            fields: vec![
                ("CustomerID", Value::Text(format!("{:<10}", self.customer))),
                ("FreightCost", Value::number("777.7300")),
                ("ShipVia", Value::text("UPSGROUND")),
                ("ShipmentDate", Value::or_empty(self.date, Value::day)),
                ("ShipmentNbr", Value::text(self.number)),
                ("Status", Value::text(self.status)),
            ],
            details: vec![("Packages", packages.collect())],
            ..Record::default()
        }
    }
}

impl Document {
    /// As the form of receivables (AR301000) has it: no currency in the contract, and the customer under another name.
    pub(super) fn invoice(&self, id: String) -> Record {
        let mut fields = self.fields();
        fields.push(("Customer", Value::Text(format!("{:<10}", self.customer))));
        fields.push(("LinkARAccount", Value::text("ACCT-11000")));
        Record {
            id,
            note: PRIVATE,
            fields,
            details: vec![("Details", self.lines(false))],
            custom: vec![
                ("Document", "CuryID", Value::text(self.currency)),
                ("Document", "CuryDocBal", Value::number(self.balance)),
            ],
            ..Record::default()
        }
    }

    /// As the form of sales invoices (SO303000) has it.
    pub(super) fn sales_invoice(&self, id: String, customer: &Customer) -> Record {
        let mut fields = self.fields();
        fields.push(("CustomerID", Value::Text(format!("{:<10}", self.customer))));
        fields.push(("Currency", Value::text(self.currency)));
        fields.push(("DetailTotal", Value::number(self.amount)));
        fields.push(("DiscountTotal", Value::number(self.discount)));
        Record {
            id,
            note: PRIVATE,
            fields,
            linked: vec![
                ("BillToAddress", customer.address.record()),
                ("BillToContact", contact(customer.name)),
                ("ShipToAddress", Address { line2: "Dock 7", ..customer.address }.record()),
                ("ShipToContact", contact(customer.name)),
            ],
            details: vec![("Details", self.lines(true))],
            ..Record::default()
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Amount", Value::number(self.amount)),
            ("Balance", Value::number(self.balance)),
            ("CustomerOrder", Value::or_empty(self.customer_order, Value::text)),
            ("Date", Value::day(&self.date)),
            ("Description", Value::or_empty(self.description, Value::text)),
            ("DueDate", Value::or_empty(&self.due, Value::day)),
            ("ReferenceNbr", Value::text(&self.number)),
            ("Status", Value::text(self.status)),
            ("TaxTotal", Value::number(self.tax)),
            ("Type", Value::text(self.document_type)),
        ]
    }

    fn lines(&self, sales: bool) -> Vec<Record> {
        (1..).zip(&self.lines).map(|(at, line)| line.of_invoice(at, sales)).collect()
    }
}

impl Payment {
    pub(super) fn record(&self, id: String) -> Record {
        const DAY: &str = "2026-02-01";
        Record {
            id,
            note: PRIVATE,
            fields: vec![
                ("ApplicationDate", Value::day(DAY)),
                ("AvailableBalance", Value::number(self.balance)),
                ("CardAccountNbr", Value::number("4242424242424242")),
                ("CashAccount", Value::text("CASH-10200")),
                ("CurrencyID", Value::text(self.currency)),
                ("CustomerID", Value::Text(format!("{:<10}", self.customer))),
                ("PaymentAmount", Value::number(self.amount)),
                ("ReferenceNbr", Value::text(self.number)),
                ("Status", Value::text(self.status)),
                ("Type", Value::text(self.payment_type)),
            ],
            custom: vec![
                ("Document", "CuryDocBal", Value::number(self.balance)),
                ("Document", "DocDate", Value::day(DAY)),
            ],
            computed: vec!["AvailableBalance"],
            never_listed: vec!["ApplicationDate"],
            ..Record::default()
        }
    }
}
