use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::entries;
use super::filter::equal;
use super::records::{Customer, Document, Order, Payment, Shipment};
use super::value::{Record, Value};

/// All that the company's books hold, as the entities of the endpoint.
pub(super) struct Book {
    entities: Vec<Entity>,
}

/// One entity and its records, in the order in which they were entered.
pub(super) struct Entity {
    pub name: &'static str,
    /// The form that shows it.
    pub form: &'static str,
    /// The fields that name one record, in the order of a path.
    pub keys: &'static [&'static str],
    /// The field that names the customer.
    pub customer: &'static str,
    pub records: Vec<Record>,
}

impl Entity {
    /// Whether a record has this key, as the database compares texts.
    pub(super) fn is_keyed(&self, record: &Record, key: &[&str]) -> bool {
        let own = self.keys.iter().map(|name| match record.field(name) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        });
        self.keys.len() == key.len() && own.zip(key).all(|(own, asked)| equal(own, asked))
    }
}

/// What is entered before it is sorted into entities.
#[derive(Default)]
pub(super) struct Entries {
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
    pub shipments: Vec<Shipment>,
    pub documents: Vec<Document>,
    pub payments: Vec<Payment>,
}

impl Entries {
    fn customer(&self, code: &str) -> Customer {
        let found = self.customers.iter().find(|customer| customer.code == code);
        *found.unwrap_or_else(|| panic!("{code:?} is no customer of the simulator"))
    }
}

impl Book {
    pub(super) fn open() -> Self {
        let entries = entries::all(Timestamp::now().to_zoned(TimeZone::UTC).date());
        let customers = entries.customers.iter().map(|customer| customer.record(guid("c", customer.code)));
        let orders = entries.orders.iter().map(|order| {
            order
                .record(guid("o", &format!("{} {}", order.order_type, order.number)), &entries.customer(order.customer))
        });
        let shipments = entries.shipments.iter().map(|shipment| shipment.record(guid("s", shipment.number)));
        let id = |document: &Document| guid("i", &format!("{} {}", document.document_type, document.number));
        let invoices = entries.documents.iter().map(|document| document.invoice(id(document)));
        let billed = entries.documents.iter().filter(|document| document.from_orders);
        let sales_invoices =
            billed.map(|document| document.sales_invoice(id(document), &entries.customer(document.customer)));
        let payments = entries.payments.iter().map(|payment| payment.record(guid("p", payment.number)));
        let entity = |name, form, keys, customer, records| Entity { name, form, keys, customer, records };
        let entities = vec![
            entity("Customer", "AR303000", &["CustomerID"][..], "CustomerID", customers.collect()),
            entity("SalesOrder", "SO301000", &["OrderType", "OrderNbr"], "CustomerID", orders.collect()),
            entity("Shipment", "SO302000", &["ShipmentNbr"], "CustomerID", shipments.collect()),
            entity("Invoice", "AR301000", &["Type", "ReferenceNbr"], "Customer", invoices.collect()),
            entity("SalesInvoice", "SO303000", &["Type", "ReferenceNbr"], "CustomerID", sales_invoices.collect()),
            entity("Payment", "AR302000", &["Type", "ReferenceNbr"], "CustomerID", payments.collect()),
        ];
        Self { entities }
    }

    pub(super) fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }
}

/// A day some days from `today`, as texts of the books have it.
pub(super) fn day(today: Date, days: i32) -> String {
    (today + days.days()).to_string()
}

/// A GUID that stays the same for the same record.
fn guid(kind: &str, key: &str) -> String {
    let sum = kind
        .bytes()
        .chain(key.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let text = format!("{sum:016x}{sum:016x}");
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}
