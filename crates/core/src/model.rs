use std::sync::Arc;

use crate::{Amount, Currency, CustomerCode, DocumentId, Moment};

/// An amount in the currency of its document and in every other one in which the ERP itself states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The amount in the document's own currency.
    pub amount: Amount,
    /// The document's currency; `None` means the customer's own.
    pub currency: Option<Currency>,
    /// The same amount as the ERP states it in other currencies; nothing is ever converted here.
    pub elsewhere: Vec<(Currency, Amount)>,
}

impl Stated {
    /// An amount in the customer's own currency.
    #[must_use]
    pub fn plain(amount: Amount) -> Self {
        Self { amount, currency: None, elsewhere: Vec::new() }
    }

    /// The amount in `ours`, if the ERP states it: an amount without a currency of its own is in the customer's,
    /// which is `customers`.
    #[must_use]
    pub fn in_currency(&self, ours: &Currency, customers: Option<&Currency>) -> Option<Amount> {
        match self.currency.as_ref().or(customers) {
            Some(own) if own != ours => {
                self.elsewhere.iter().find(|(other, _)| other == ours).map(|(_, amount)| *amount)
            }
            _ => Some(self.amount),
        }
    }
}

/// What a customer owes, as the ERP tells it. Whatever the ERP does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The customer that the ERP's answer names; never copied from the query.
    pub owner: Option<CustomerCode>,
    /// The customer's own currency.
    pub currency: Option<Currency>,
    /// The ERP's own balance, where its meaning is documented: what is owed less open credits.
    pub balance: Option<Stated>,
    /// Every open item, credits negative; `None` unless all of them are known with their balance.
    pub open_items: Option<Vec<OpenItem>>,
    /// The ERP's own aging, where its meaning is documented.
    pub aging: Option<Aging>,
    /// The ERP's own sum of open credits, positive.
    pub open_credits: Option<Amount>,
    /// When the customer was last charged.
    pub last_charge_date: Option<Moment>,
    /// When the customer last bought.
    pub last_sale_date: Option<Moment>,
    /// When the customer last paid.
    pub last_payment_date: Option<Moment>,
    /// What the customer paid then.
    pub last_payment_amount: Option<Amount>,
    /// The credit limit in the customer's own currency; `None` also where the ERP writes 0 for "no limit set".
    pub credit_limit: Option<Amount>,
    /// The ERP's own figure of the credit left.
    pub credit_available: Option<Amount>,
}

/// What is past due, by days past due, as the ERP states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aging {
    /// 1 to 30 days.
    pub days_1_to_30: Amount,
    /// 31 to 60 days.
    pub days_31_to_60: Amount,
    /// 61 to 90 days.
    pub days_61_to_90: Amount,
    /// 91 to 120 days.
    pub days_91_to_120: Amount,
    /// More than 120 days.
    pub over_120_days: Amount,
}

/// One document of the ledger that is not yet settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// The document's number, where it has one.
    pub id: Option<DocumentId>,
    /// The customer that the ERP's answer names for this item.
    pub owner: Option<CustomerCode>,
    /// What of it is open; negative for a credit.
    pub balance: Stated,
    /// When it is due.
    pub due_date: Option<Moment>,
    /// The date of the document, from which an item without due date ages.
    pub document_date: Option<Moment>,
    /// The parts in which it is to be paid, if any; in the currency of `balance`.
    pub instalments: Vec<Instalment>,
}

/// One part of an open item with a due date of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// The amount of the part as it was agreed.
    pub amount: Amount,
    /// What of it is open, where the ERP tells.
    pub balance: Option<Amount>,
    /// When it is due.
    pub due_date: Option<Moment>,
}

/// How far a document has come in the ERP, as far as it decides whether a customer may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is in force. Cancelled orders are too: they are shown with their status.
    #[default]
    Issued,
    /// A void or cancelled invoice: in no list and no sum.
    Void,
    /// Not yet issued: never shown.
    Draft,
    /// Deleted in the ERP: never shown.
    Deleted,
}

/// An order's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSummary {
    /// The number under which the customer knows it, unique per customer.
    pub id: DocumentId,
    /// The customer that the ERP's answer names.
    pub owner: Option<CustomerCode>,
    /// Whether it may be shown.
    pub standing: Standing,
    /// The ERP's reference of the user who placed it, where the connection can tell.
    pub placed_by: Option<String>,
    /// Its type in the ERP's words.
    pub order_type: Option<String>,
    /// Its status in the ERP's words.
    pub status: Option<String>,
    /// When it was placed.
    pub order_date: Option<Moment>,
    /// When it shipped or is to ship.
    pub ship_date: Option<Moment>,
    /// The discount's amount.
    pub discount_total: Option<Amount>,
    /// The sum before tax.
    pub sub_total: Option<Amount>,
    /// The tax.
    pub tax_total: Option<Amount>,
    /// The sum with tax.
    pub total: Option<Amount>,
    /// The customer's purchase order number.
    pub customer_po: Option<String>,
    /// Comments meant for the customer.
    pub comments: Option<String>,
    /// The webstore's own number.
    pub third_party_order_number: Option<String>,
}

impl OrderSummary {
    /// An order of which nothing but its number is known yet.
    #[must_use]
    pub fn new(id: DocumentId) -> Self {
        Self {
            id,
            owner: None,
            standing: Standing::Issued,
            placed_by: None,
            order_type: None,
            status: None,
            order_date: None,
            ship_date: None,
            discount_total: None,
            sub_total: None,
            tax_total: None,
            total: None,
            customer_po: None,
            comments: None,
            third_party_order_number: None,
        }
    }
}

/// An order with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The header.
    pub summary: OrderSummary,
    /// Where the invoice goes.
    pub bill_to: Option<Arc<Address>>,
    /// Where the goods go.
    pub ship_to: Option<Arc<Address>>,
    /// Who ordered, by name.
    pub ordered_by: Option<String>,
    /// The lines; `None` where the ERP does not tell them, empty where there are none.
    pub lines: Option<Vec<OrderLine>>,
    /// The parcels; `None` where the ERP does not tell them.
    pub tracking: Option<Vec<Tracking>>,
}

/// One line of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderLine {
    /// Its number, from 1.
    pub line_no: Option<u32>,
    /// The ERP's key of the product.
    pub product_id: Option<String>,
    /// The product's code in the store.
    pub sku: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// A note meant for the customer.
    pub note: Option<String>,
    /// The unit of measure.
    pub uom: Option<String>,
    /// The quantity ordered.
    pub quantity: Option<Amount>,
    /// The quantity shipped.
    pub quantity_shipped: Option<Amount>,
    /// The price of one unit.
    pub unit_price: Option<Amount>,
    /// The line's sum before tax, from which a missing unit price is derived.
    pub sub_total: Option<Amount>,
    /// The line's tax.
    pub tax: Option<Amount>,
    /// The line's sum with tax.
    pub total: Option<Amount>,
}

/// Where a parcel is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// The carrier's account.
    pub carrier_account_number: Option<String>,
    /// What the delivery costs.
    pub delivery_charge: Option<Amount>,
    /// When it arrives.
    pub delivery_date: Option<Moment>,
    /// When it left.
    pub shipping_date: Option<Moment>,
    /// Its status in the carrier's words.
    pub status: Option<String>,
    /// When that status was set.
    pub status_time: Option<Moment>,
    /// Its weight with the unit.
    pub weight: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// The carrier's number.
    pub tracking_number: Option<String>,
    /// The carrier's page.
    pub tracking_url: Option<String>,
}

/// An invoice's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceSummary {
    /// The number under which the customer knows it, unique per customer.
    pub id: DocumentId,
    /// The customer that the ERP's answer names.
    pub owner: Option<CustomerCode>,
    /// Whether it may be shown.
    pub standing: Standing,
    /// Its status in the ERP's words; without one it follows from the balance.
    pub status: Option<String>,
    /// Whether the ERP reports a payment that is not yet posted.
    pub payment_pending: bool,
    /// Where the invoice went.
    pub bill_to: Option<Arc<Address>>,
    /// Where the goods went.
    pub ship_to: Option<Arc<Address>>,
    /// The order it belongs to.
    pub order_id: Option<String>,
    /// The invoice's date.
    pub invoice_date: Option<Moment>,
    /// When it is due.
    pub due_date: Option<Moment>,
    /// The discount's amount.
    pub discount_total: Option<Amount>,
    /// The sum before tax.
    pub sub_total: Option<Amount>,
    /// The tax.
    pub tax_total: Option<Amount>,
    /// The sum with tax.
    pub total: Option<Amount>,
    /// What is still to pay.
    pub balance: Option<Amount>,
    /// The customer's purchase order number.
    pub customer_po: Option<String>,
}

impl InvoiceSummary {
    /// An invoice of which nothing but its number is known yet.
    #[must_use]
    pub fn new(id: DocumentId) -> Self {
        Self {
            id,
            owner: None,
            standing: Standing::Issued,
            status: None,
            payment_pending: false,
            bill_to: None,
            ship_to: None,
            order_id: None,
            invoice_date: None,
            due_date: None,
            discount_total: None,
            sub_total: None,
            tax_total: None,
            total: None,
            balance: None,
            customer_po: None,
        }
    }
}

/// An invoice with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The header.
    pub summary: InvoiceSummary,
    /// When the order was placed.
    pub order_date: Option<Moment>,
    /// A note meant for the customer.
    pub note: Option<String>,
    /// The lines; `None` where the ERP does not tell them, empty where there are none.
    pub lines: Option<Vec<InvoiceLine>>,
}

/// One line of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceLine {
    /// The ERP's key of the item.
    pub item_id: Option<String>,
    /// The item's code in the store.
    pub sku: Option<String>,
    /// The quantity ordered.
    pub quantity: Option<Amount>,
    /// The quantity shipped with this invoice.
    pub quantity_shipped: Option<Amount>,
    /// What it is.
    pub description: Option<String>,
    /// The unit of measure.
    pub uom: Option<String>,
    /// The price of one unit.
    pub unit_price: Option<Amount>,
    /// The line's sum before tax, from which a missing unit price is derived.
    pub sub_total: Option<Amount>,
    /// The line's tax.
    pub tax: Option<Amount>,
    /// The line's sum with tax.
    pub total: Option<Amount>,
    /// A note meant for the customer.
    pub note: Option<String>,
}

/// A postal address of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The ERP's own id of the addressee; the document's customer where it has none.
    pub customer_id: Option<String>,
    /// The addressee.
    pub name: Option<String>,
    /// First line.
    pub address1: Option<String>,
    /// Second line.
    pub address2: Option<String>,
    /// Third line.
    pub address3: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
}

impl Instalment {
    /// What of it is still to pay as far as the ERP tells: its own balance, else its amount.
    #[must_use]
    pub fn open(&self) -> Amount {
        self.balance.unwrap_or(self.amount)
    }
}
