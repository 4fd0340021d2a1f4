use super::data::{Calendar, Customer, decimal, digits, thousandths};
use super::rendering::Value;

/// A work order or an estimate.
pub(super) struct WorkOrder {
    pub id: String,
    /// `O` for open, `C` for closed.
    pub status: &'static str,
    pub location: &'static str,
    title: &'static str,
    kind: &'static str,
    estimate: bool,
    created: String,
    completed: Option<String>,
    boat: &'static str,
    /// The digit that follows `777` in every cost of this order.
    costs: u8,
    operations: Vec<Operation>,
    billings: Vec<Billing>,
}

struct Operation {
    code: &'static str,
    description: &'static str,
    labor: &'static str,
    /// Part number, description, quantity, price for all.
    parts: Vec<(&'static str, &'static str, &'static str, &'static str)>,
}

/// What was invoiced; the other charges and the tax come on top of the amount.
struct Billing {
    date: String,
    amount: &'static str,
    environment: &'static str,
    other: &'static str,
    tax: Option<&'static str>,
}

impl WorkOrder {
    /// The entry of `ListForCustomer`; its members are those that client code was seen to read.
    pub(super) fn entry(&self, owner: &Customer) -> Value {
        Value::Object(vec![
            ("Id", self.id.as_str().into()),
            ("Customer", owner.id.into()),
            ("OpenDate", self.created.as_str().into()),
            ("Boat", self.boat.into()),
            ("Type", self.kind.into()),
            ("Status", self.status.into()),
            ("LocationCode", self.location.into()),
        ])
    }

    pub(super) fn value(&self, owner: &Customer, detail: bool) -> Value {
        let cost = |number: u8| Value::Decimal(format!("777{}.{number:02}", self.costs));
        let labor = digits(self.operations.iter().map(|operation| thousandths(operation.labor)).sum());
        let parts = digits(self.operations.iter().map(Operation::parts_total).sum());
        let total = digits(self.operations.iter().map(Operation::total).sum());
        let (operations, billings): (&[_], &[_]) = if detail { (&self.operations, &self.billings) } else { (&[], &[]) };
        // The order's own costs are the first four; those of the parts follow.
        let mut costs = 5..;
        let mut next = || cost(costs.next().unwrap_or(u8::MAX));
        Value::Object(vec![
            ("Id", self.id.as_str().into()),
            ("CustomerID", owner.id.into()),
            ("CustomerName", owner.name().as_str().into()),
            ("CreationDate", self.created.as_str().into()),
            ("ClerkId", "KJ".into()),
            ("Type", self.kind.into()),
            ("StartDate", Value::Null),
            ("Status", self.status.into()),
            ("TaxSchema", "STD".into()),
            ("BoatId", "B-31".into()),
            ("BoatName", self.boat.into()),
            ("BoatYear", "2019".into()),
            ("BoatMake", "Boston Whaler".into()),
            ("BoatModel", "Outrage 280".into()),
            ("BoatSerialNumber", "BWCE0001A919".into()),
            ("BoatRegistration", Value::Null),
            ("BoatWarrantyDate", Value::Null),
            ("BoatLength", "28".into()),
            ("EstCompDate", Value::Null),
            ("TotalParts", decimal(&parts)),
            ("TotalLabor", decimal(&labor)),
            ("TotalLaborHours", decimal("2.5")),
            ("TotalFreight", decimal("0")),
            ("TotalEquipment", decimal("0")),
            ("TotalSublet", decimal("0")),
            ("TotalMileage", decimal("0")),
            ("TotalMiscSupply", decimal("0")),
            ("TotalBillCodes", decimal("0")),
            ("TotalWOCharges", decimal(&total)),
            ("TotalPartsCost", cost(1)),
            ("TotalLaborCost", cost(2)),
            ("TotalSubletCost", cost(3)),
            ("TotalFreightCost", cost(4)),
            ("TotalForecastedParts", decimal("0")),
            ("TotalForecastedLabor", decimal("0")),
            ("TotalForecastedHours", decimal("0")),
            ("CompleteDate", self.completed.as_deref().into()),
            ("Category", "SVC".into()),
            ("LocationCode", self.location.into()),
            ("EstStartDate", Value::Null),
            ("PromisedDate", Value::Null),
            ("LastModDate", self.created.as_str().into()),
            ("LastModTime", "14:05:00".into()),
            ("Comments", "Keys at the dock office".into()),
            ("IsEstimate", self.estimate.into()),
            ("RiggingId", Value::Null),
            ("RiggingType", Value::Null),
            ("Title", self.title.into()),
            (
                "Operations",
                Value::List(
                    "WorkOrderOperation",
                    (1..).zip(operations).map(|(number, operation)| operation.value(number, self, &mut next)).collect(),
                ),
            ),
            ("BillingData", Value::List("WorkOrderBilling", billings.iter().map(Billing::value).collect())),
        ])
    }
}

impl Operation {
    fn parts_total(&self) -> i128 {
        self.parts.iter().map(|(_, _, _, price)| thousandths(price)).sum()
    }

    fn total(&self) -> i128 {
        thousandths(self.labor) + self.parts_total()
    }

    fn value(&self, number: usize, order: &WorkOrder, next_cost: &mut impl FnMut() -> Value) -> Value {
        let parts = self.parts.iter().map(|(part, description, quantity, price)| {
            Value::Object(vec![
                ("PartId", (*part).into()),
                ("Description", (*description).into()),
                ("Quantity", decimal(quantity)),
                ("Price", decimal(price)),
                ("Cost", next_cost()),
                ("Discount", decimal("0")),
            ])
        });
        Value::Object(vec![
            ("Id", format!("{}*{number}", order.id).as_str().into()),
            ("Opcode", self.code.into()),
            ("OpcodeDesc", self.description.into()),
            ("Status", order.status.into()),
            ("Type", "C".into()),
            ("Category", "SVC".into()),
            ("TotalCharges", decimal(&digits(self.total()))),
            ("TotalParts", decimal(&digits(self.parts_total()))),
            ("TotalLabor", decimal(self.labor)),
            ("TotalLaborHours", decimal("1.25")),
            ("TotalFreight", decimal("0")),
            ("TotalEquipment", decimal("0")),
            ("TotalSublet", decimal("0")),
            ("TotalMileage", decimal("0")),
            ("TotalMiscSupply", decimal("0")),
            ("TotalBillCodes", decimal("0")),
            ("LaborBilled", decimal("0")),
            ("TotalToComplete", decimal("0")),
            ("LongDesc", format!("{}, as agreed at the dock", self.description).as_str().into()),
            ("TechDesc", "TECH-ONLY: found corrosion".into()),
            ("IsOpcodeApproved", true.into()),
            ("FlatRateAmount", decimal("0")),
            ("FlagLaborFinished", (order.status == "C").into()),
            ("Parts", Value::List("WorkOrderPart", parts.collect())),
        ])
    }
}

impl Billing {
    fn value(&self) -> Value {
        Value::Object(vec![
            ("BillingDate", self.date.as_str().into()),
            ("AmountBilled", decimal(self.amount)),
            ("EnvironmentCharges", decimal(self.environment)),
            ("OtherCharges", decimal(self.other)),
            ("SalesTax", self.tax.map_or(Value::Null, decimal)),
        ])
    }
}

/// Charges of 1062.50, of which 412.50 are parts.
fn engine_service() -> Vec<Operation> {
    vec![
        Operation {
            code: "ENG100",
            description: "Annual engine service",
            labor: "450.00",
            parts: vec![
                ("8M0123025", "Oil filter", "2", "62.50"),
                ("8M0149930", "Fuel & water separator <10 µm>", "1", "350.00"),
            ],
        },
        Operation { code: "HUL020", description: "Pressure wash, bottom", labor: "200.00", parts: vec![] },
    ]
}

/// Charges of 89.95.
fn inspection() -> Vec<Operation> {
    vec![Operation { code: "INS001", description: "Inspection", labor: "89.95", parts: vec![] }]
}

fn order(calendar: &Calendar, id: &str, created: i32, costs: u8, operations: Vec<Operation>) -> WorkOrder {
    WorkOrder {
        id: id.to_owned(),
        status: "O",
        location: "1",
        title: "Spring commissioning",
        kind: "Service",
        estimate: false,
        created: calendar.iso(created),
        completed: None,
        boat: "Blue Heron",
        costs,
        operations,
        billings: vec![],
    }
}

fn closed(calendar: &Calendar, on: i32, billings: Vec<Billing>, order: WorkOrder) -> WorkOrder {
    WorkOrder { status: "C", completed: Some(calendar.iso(on)), billings, ..order }
}

pub(super) fn of_marina(calendar: &Calendar) -> Vec<WorkOrder> {
    let order = |id, created, costs, operations| order(calendar, id, created, costs, operations);
    let bill = |on, amount, tax| Billing { date: calendar.iso(on), amount, environment: "12.50", other: "5.00", tax };
    let bills = vec![bill(-80, "1000.00", Some("61.05")), bill(-74, "62.50", Some("4.80"))];
    vec![
        order("501001", -6, 0, engine_service()),
        closed(calendar, -41, vec![bill(-40, "1062.50", Some("64.80"))], order("501002", -60, 1, engine_service())),
        WorkOrder { estimate: true, kind: "Estimate", ..order("501003", -3, 2, inspection()) },
        closed(calendar, -75, bills, WorkOrder { location: "2", ..order("501004", -90, 3, engine_service()) }),
        // Closed without a bill, and billed without a word on tax.
        closed(calendar, -100, vec![], order("501005", -101, 4, inspection())),
        closed(calendar, -130, vec![bill(-129, "89.95", None)], order("501006", -140, 5, inspection())),
        WorkOrder { title: "Nothing yet", kind: "Rigging", boat: "", ..order("501007", 0, 6, vec![]) },
    ]
}

pub(super) fn of_namesake(calendar: &Calendar) -> Vec<WorkOrder> {
    vec![order(calendar, "0501001", -6, 7, inspection())]
}

/// Ids that must not be taken for a piece of an address.
pub(super) fn of_dock(calendar: &Calendar) -> Vec<WorkOrder> {
    ["WO 7/B?1", "../501001", "5'0\"1&<x>", "W%2F1+#"].map(|id| order(calendar, id, -9, 8, inspection())).into()
}

/// 120, three lists full; every fourth is open.
pub(super) fn of_history(calendar: &Calendar) -> Vec<WorkOrder> {
    let one = |n: i32| {
        let order = order(calendar, &format!("{}", 590_000 + n), n - 400, 9, inspection());
        if n % 4 == 0 { order } else { closed(calendar, n - 390, vec![], order) }
    };
    (1..=120).map(one).collect()
}

/// Charges whose sum and tax need every digit.
pub(super) fn of_exact(calendar: &Calendar) -> Vec<WorkOrder> {
    let dredging =
        || vec![Operation { code: "DRG999", description: "Dredging", labor: "1234567890123456.78", parts: vec![] }];
    let bill = Billing { date: calendar.iso(-3), amount: "0.10", environment: "0", other: "0", tax: Some("0.005") };
    vec![
        closed(calendar, -4, vec![bill], order(calendar, "700101", -5, 7, dredging())),
        order(calendar, "700102", -6, 8, inspection()),
    ]
}

/// Days that do not move, at midnight and not, several orders on one of them, under numbers of unlike length.
pub(super) fn of_ledger(calendar: &Calendar) -> Vec<WorkOrder> {
    let one = |(id, created): (&str, &str)| WorkOrder {
        created: created.to_owned(),
        ..order(calendar, id, 0, 6, if id == "W-100" { engine_service() } else { inspection() })
    };
    let orders = [
        ("W-9", "2026-03-08T00:00:00"),
        ("W-10", "2026-03-08T00:00:00"),
        ("W-100", "03/08/2026"),
        ("8", "2026-03-08T23:59:59"),
        ("80", "2026-03-08T02:30:00-05:00"),
        ("800", "2026-11-01T01:30:00"),
        ("110101", "2026-04-05T02:00:00+11:00"),
        ("110102", "2025-12-31T23:59:59"),
        ("110103", "2026-01-01T00:00:00"),
        ("110104", "2026-02-28T00:00:00"),
        ("110105", "2024-02-29T00:00:00"),
        ("110106", "0001-01-01T00:00:00"),
        ("110107", "when the ice is gone"),
    ];
    orders.map(one).into()
}

pub(super) fn of_merged(calendar: &Calendar) -> Vec<WorkOrder> {
    vec![order(calendar, "120001", -2, 5, inspection())]
}
