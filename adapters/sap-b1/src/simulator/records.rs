use super::Company;
use super::json::{Json, number, text, whole};

/// The two generations of the API, by what an address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// What stands for the company's own currency until it is known which company asks.
pub(super) const LOCAL: &str = "";

#[derive(Clone, Default)]
pub(super) struct Partner {
    pub code: &'static str,
    pub name: &'static str,
    /// `cCustomer` unless said otherwise.
    pub kind: &'static str,
    pub balance: &'static str,
    pub limit: &'static str,
    /// The company's own unless said otherwise; `##` for all.
    pub currency: &'static str,
}

/// A document of whatever set: they all are of one type.
#[derive(Clone, Default)]
pub(super) struct Document {
    pub entry: i64,
    pub number: i64,
    pub card: &'static str,
    pub name: &'static str,
    pub date: String,
    pub due: String,
    pub purchase_order: &'static str,
    pub comments: &'static str,
    /// The company's own unless said otherwise.
    pub currency: &'static str,
    pub total: String,
    pub tax: &'static str,
    pub discount: &'static str,
    pub paid: &'static str,
    /// The same in the document's own currency, where that is a foreign one.
    pub foreign: Amounts,
    /// The same in the system currency, where that is said.
    pub system: Amounts,
    /// Open unless said otherwise.
    pub status: &'static str,
    pub cancelled: Cancelled,
    pub reserve: bool,
    /// A request for a down payment, which is no invoice for one.
    pub request: bool,
    /// What reduces or rounds the total beside discount, freight and tax.
    pub rounding: &'static str,
    pub withholding: &'static str,
    pub down_payment: &'static str,
    pub tracking: &'static str,
    pub lines: Vec<Line>,
    pub freight: Vec<Freight>,
    pub ship_to: Option<Place>,
    pub bill_to: Option<Place>,
    /// Addresses as one text each, with their line breaks.
    pub address_texts: (&'static str, &'static str),
    pub instalments: Vec<Instalment>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Amounts {
    pub total: &'static str,
    pub tax: &'static str,
    pub discount: &'static str,
    pub paid: &'static str,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Cancelled {
    #[default]
    No,
    /// It was.
    Yes,
    /// It cancels another one.
    Cancellation,
}

#[derive(Clone, Default)]
pub(super) struct Line {
    pub item: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    /// As many as the quantity unless said otherwise.
    pub remaining: &'static str,
    pub unit: &'static str,
    pub price: &'static str,
    /// Of the price; the document's unless said otherwise.
    pub currency: &'static str,
    pub total: &'static str,
    pub tax: &'static str,
    pub gross: &'static str,
    /// Total, tax and gross in the document's foreign currency.
    pub foreign: (&'static str, &'static str, &'static str),
    pub note: &'static str,
    /// The document and line that it is based on, with the type.
    pub base: Option<(i64, i64, i64)>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Freight {
    pub remarks: &'static str,
    pub total: &'static str,
    pub tax: &'static str,
    pub gross: &'static str,
    pub foreign: (&'static str, &'static str, &'static str),
}

#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub street: &'static str,
    pub street_no: &'static str,
    pub block: &'static str,
    pub building: &'static str,
    pub city: &'static str,
    pub zip: &'static str,
    pub state: &'static str,
}

#[derive(Clone, Default)]
pub(super) struct Instalment {
    pub due: String,
    pub total: &'static str,
    pub foreign: &'static str,
}

impl Partner {
    pub(super) fn json(&self, company: &Company) -> Json {
        Json::object([
            ("CardCode", text(self.code)),
            ("CardName", text(self.name)),
            ("CardType", text(if self.kind.is_empty() { "cCustomer" } else { self.kind })),
            ("Currency", text(company.code_of(self.currency))),
            ("CurrentAccountBalance", number(self.balance)),
            ("OpenDeliveryNotesBalance", number("0")),
            ("OpenOrdersBalance", number("0")),
            ("CreditLimit", number(if self.limit.is_empty() { "0" } else { self.limit })),
            ("MaxCommitment", number("0")),
            ("FederalTaxID", Json::Text(format!("TAXID-{}", self.code))),
            ("IBAN", text("IBAN-DE02120300000000202051")),
            ("CreditCardNum", text("4111111111111111")),
            ("Frozen", text("tNO")),
        ])
    }
}

impl Document {
    /// Orders do not say what of them was paid.
    pub(super) fn json(&self, company: &Company, version: Version, with_paid: bool) -> Json {
        let or_zero = |digits: &str| number(if digits.is_empty() { "0" } else { digits });
        let system = |own: &str, local: &str| or_zero(if own.is_empty() { local } else { own });
        let yes_or_no = |yes: bool| text(if yes { "tYES" } else { "tNO" });
        let cancelled = match self.cancelled {
            Cancelled::No => "csNo",
            Cancelled::Yes => "csYes",
            Cancelled::Cancellation => "csCancellation",
        };
        let (bill_to_text, ship_to_text) = self.address_texts;
        let mut members = vec![
            ("DocEntry", whole(self.entry)),
            ("DocNum", whole(self.number)),
            ("DocType", text("dDocument_Items")),
            ("DocDate", day(&self.date, version)),
            ("DocDueDate", day(&self.due, version)),
            ("CardCode", text(self.card)),
            ("CardName", text(self.name)),
            ("Address", text(bill_to_text)),
            ("NumAtCard", text(self.purchase_order)),
            ("DocTotal", or_zero(&self.total)),
            ("DocCurrency", text(company.code_of(self.currency))),
            ("DocRate", number("1")),
            ("Comments", text(self.comments)),
            ("DocTime", text("17:13:00")),
            ("TransportationCode", number("-1")),
            ("TaxDate", day(&self.date, version)),
            ("FederalTaxID", Json::Text(format!("TAXID-{}", self.card))),
            ("CreationDate", day(&self.date, version)),
            ("VatSum", or_zero(self.tax)),
            ("VatSumSys", system(self.system.tax, self.tax)),
            ("VatSumFc", or_zero(self.foreign.tax)),
            ("DocTotalFc", or_zero(self.foreign.total)),
            ("DocTotalSys", system(self.system.total, &self.total)),
            ("WTAmount", or_zero(self.withholding)),
            ("Address2", text(ship_to_text)),
            ("DocumentStatus", text(if self.status.is_empty() { "bost_Open" } else { self.status })),
            ("ReserveInvoice", yes_or_no(self.reserve)),
            ("TrackingNumber", text(self.tracking)),
            ("TotalDiscount", or_zero(self.discount)),
            ("TotalDiscountFC", or_zero(self.foreign.discount)),
            ("DownPaymentAmount", or_zero(self.down_payment)),
            ("DownPaymentType", text(if self.request { "dptRequest" } else { "dptInvoice" })),
            ("RoundingDiffAmount", or_zero(self.rounding)),
            // Of a document that cancels another only the second of them says so.
            ("Cancelled", yes_or_no(self.cancelled == Cancelled::Yes)),
            ("CancelStatus", text(cancelled)),
        ];
        if with_paid {
            members.extend([
                ("PaidToDate", or_zero(self.paid)),
                ("PaidToDateFC", or_zero(self.foreign.paid)),
                ("PaidToDateSys", system(self.system.paid, self.paid)),
            ]);
        }
        let lines = self.lines.iter().zip(0..).map(|(line, at)| line.json(self, at, company)).collect();
        let instalments = self.instalments.iter().zip(1..).map(|(instalment, id)| instalment.json(id, version));
        members.extend([
            ("DocumentLines", Json::List(lines)),
            ("DocumentAdditionalExpenses", Json::List(self.freight.iter().map(Freight::json).collect())),
            ("AddressExtension", self.places()),
            ("DocumentInstallments", Json::List(instalments.collect())),
        ]);
        Json::object(members)
    }

    fn places(&self) -> Json {
        let mut members = Vec::new();
        for (prefix, place) in [("ShipTo", self.ship_to), ("BillTo", self.bill_to)] {
            let Place { street, street_no, block, building, city, zip, state } = place.unwrap_or_default();
            let parts = [
                ("Street", street),
                ("StreetNo", street_no),
                ("Block", block),
                ("Building", building),
                ("City", city),
                ("ZipCode", zip),
                ("County", ""),
                ("State", state),
                ("Country", if city.is_empty() { "" } else { "US" }),
                ("Address2", ""),
                ("Address3", ""),
            ];
            members.extend(parts.map(|(name, part)| (format!("{prefix}{name}"), text(part))));
        }
        Json::Object(members)
    }
}

impl Line {
    fn json(&self, document: &Document, at: i64, company: &Company) -> Json {
        let or_zero = |digits: &str| number(if digits.is_empty() { "0" } else { digits });
        let base = |part: fn((i64, i64, i64)) -> i64| self.base.map_or(Json::Null, |base| whole(part(base)));
        let currency = if self.currency.is_empty() { document.currency } else { self.currency };
        let (total, tax, gross) = self.foreign;
        Json::object([
            ("LineNum", whole(at)),
            ("ItemCode", text(self.item)),
            ("ItemDescription", text(self.description)),
            ("Quantity", number(self.quantity)),
            ("Price", number(self.price)),
            ("Currency", text(company.code_of(currency))),
            ("WarehouseCode", text("01")),
            ("BaseType", self.base.map_or_else(|| number("-1"), |(kind, ..)| whole(kind))),
            ("BaseEntry", base(|(_, entry, _)| entry)),
            ("BaseLine", base(|(.., line)| line)),
            ("FreeText", text(self.note)),
            ("MeasureUnit", text(self.unit.strip_prefix("Manual ").unwrap_or_default())),
            ("LineTotal", or_zero(self.total)),
            ("TaxTotal", or_zero(self.tax)),
            ("NetTaxAmountFC", or_zero(tax)),
            ("RowTotalFC", or_zero(total)),
            ("UnitPrice", number(self.price)),
            ("LineStatus", text("bost_Open")),
            ("LineType", text("dlt_Regular")),
            ("GrossBuyPrice", number("77.7701")),
            ("GrossProfit", number("-7200.4242")),
            ("RemainingOpenQuantity", number(if self.remaining.is_empty() { self.quantity } else { self.remaining })),
            ("UoMCode", text(if self.unit.starts_with("Manual") { "Manual" } else { self.unit })),
            ("GrossTotal", or_zero(self.gross)),
            ("GrossTotalFC", or_zero(gross)),
            ("DocEntry", whole(document.entry)),
        ])
    }
}

impl Freight {
    fn json(&self) -> Json {
        let or_zero = |digits: &str| number(if digits.is_empty() { "0" } else { digits });
        let (total, tax, gross) = self.foreign;
        Json::object([
            ("ExpenseCode", whole(1)),
            ("LineTotal", or_zero(self.total)),
            ("LineTotalFC", or_zero(total)),
            ("Remarks", text(self.remarks)),
            ("TaxSum", or_zero(self.tax)),
            ("TaxSumFC", or_zero(tax)),
            ("LineGross", or_zero(self.gross)),
            ("LineGrossFC", or_zero(gross)),
        ])
    }
}

impl Instalment {
    fn json(&self, id: i64, version: Version) -> Json {
        Json::object([
            ("DueDate", day(&self.due, version)),
            ("Percentage", number("50")),
            ("Total", number(self.total)),
            ("TotalFC", number(if self.foreign.is_empty() { "0" } else { self.foreign })),
            ("InstallmentId", whole(id)),
        ])
    }
}

/// The later generation declares days as points in time.
fn day(date: &str, version: Version) -> Json {
    match version {
        Version::V2 if date.len() == 10 => Json::Text(format!("{date}T00:00:00Z")),
        _ => text(date),
    }
}
