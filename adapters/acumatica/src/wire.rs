//! Acumatica's own types, field by field as the entities of its endpoint `Default` (20.200.001 to 24.200.001) name them.
//!
//! Every field is wrapped in `{"value":…}`, and `{}` says that nothing was entered. What a shopper must not see has no
//! field here: tax ids, costs, accounts, card numbers, the notes of the company.

use std::sync::Arc;

use livegate_core::{
    Address, Amount, CustomerCode, DateReader, DocumentId, ErpError, Invoice, InvoiceLine, InvoiceSummary, Moment,
    Order, OrderLine, OrderSummary, Result, Slashes, Standing,
};
use serde::Deserialize;

use crate::keys::shown_id;
use crate::wrapped::{Figure, Text};

/// Days come as midnights with whatever offset; as texts with slashes only where nothing is read.
const DATES: DateReader = DateReader::new(Slashes::Unread);

/// The type under which an invoice is shown by its number alone.
pub(crate) const INVOICE: &str = "Invoice";
pub(crate) const CREDIT_MEMO: &str = "Credit Memo";
/// What asks for money in advance. Nobody owes it, and once it is paid its balance is the customer's, not its payment's.
pub(crate) const PREPAYMENT_INVOICE: &str = "Prepmt. Invoice";

/// The statuses of what is released and not settled; reserved is what somebody put on hold after that, and unapplied a
/// prepayment invoice that was paid.
pub(crate) const OPEN: [&str; 3] = ["Open", "Reserved", "Unapplied"];

/// `Customer` (AR303000).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Customer {
    pub customer_id: Text,
    pub currency_id: Text,
    pub credit_verification_rules: Option<CreditVerificationRules>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CreditVerificationRules {
    pub credit_limit: Figure,
    /// `Credit Limit`, `Days Past Due`, `Limit and Days Past Due`, `Disabled`.
    pub credit_verification: Text,
}

/// `SalesOrder` (SO301000).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SalesOrder {
    pub order_type: Text,
    pub order_nbr: Text,
    pub customer_id: Text,
    pub customer_order: Text,
    pub external_ref: Text,
    pub description: Text,
    pub status: Text,
    pub date: Text,
    pub order_total: Figure,
    pub tax_total: Figure,
    pub totals: Option<Totals>,
    pub shipping_settings: Option<ShippingSettings>,
    pub bill_to_address: Option<PostalAddress>,
    pub bill_to_contact: Option<Contact>,
    pub ship_to_address: Option<PostalAddress>,
    pub ship_to_contact: Option<Contact>,
    pub details: Option<Vec<Detail>>,
    pub shipments: Option<Vec<OrderShipment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Totals {
    pub discount_total: Figure,
    pub line_total_amount: Figure,
    pub misc_total_amount: Figure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ShippingSettings {
    pub scheduled_shipment_date: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PostalAddress {
    pub address_line1: Text,
    pub address_line2: Text,
    pub city: Text,
    pub state: Text,
    pub postal_code: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Contact {
    pub business_name: Text,
    pub attention: Text,
}

/// A line of an order (`LineDescription`, `OrderQty`, `QtyOnShipments`), of a sales invoice (`TransactionDescr`, `Qty`) or
/// of a document of receivables (`TransactionDescription`, `Qty`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Detail {
    pub line_nbr: Text,
    pub inventory_id: Text,
    pub line_description: Text,
    pub transaction_descr: Text,
    pub transaction_description: Text,
    #[serde(rename = "UOM")]
    pub uom: Text,
    pub order_qty: Figure,
    pub qty_on_shipments: Figure,
    pub qty: Figure,
    pub unit_price: Figure,
    pub amount: Figure,
    pub order_type: Text,
    pub order_nbr: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct OrderShipment {
    pub shipment_nbr: Text,
    /// `Shipment`; a `Drop-Shipment` is a receipt of the vendor's.
    pub shipment_type: Text,
}

/// `Invoice` (AR301000), which names its customer `Customer`, or `SalesInvoice` (SO303000), which says `CustomerID` and
/// knows more.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Document {
    #[serde(rename = "Type")]
    pub document_type: Text,
    pub reference_nbr: Text,
    pub customer: Text,
    pub customer_id: Text,
    pub customer_order: Text,
    pub description: Text,
    pub status: Text,
    pub date: Text,
    pub due_date: Text,
    pub amount: Figure,
    pub balance: Figure,
    pub tax_total: Figure,
    pub discount_total: Figure,
    pub detail_total: Figure,
    pub bill_to_address: Option<PostalAddress>,
    pub bill_to_contact: Option<Contact>,
    pub ship_to_address: Option<PostalAddress>,
    pub ship_to_contact: Option<Contact>,
    pub details: Option<Vec<Detail>>,
    /// What the contract leaves out and `$custom` asks for.
    pub custom: Custom,
}

/// `Payment` (AR302000). Its `AvailableBalance` is computed when the form is opened, and so empty in lists; with its
/// `ApplicationDate` there is no list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Payment {
    #[serde(rename = "Type")]
    pub payment_type: Text,
    pub reference_nbr: Text,
    pub customer_id: Text,
    pub currency_id: Text,
    pub status: Text,
    pub custom: Custom,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Custom {
    pub document: CustomDocument,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CustomDocument {
    /// The document's currency, which the contract of `Invoice` leaves out.
    pub cury_id: Text,
    /// What of it is open, in its currency.
    pub cury_doc_bal: Figure,
    pub doc_date: Text,
}

/// A document as it is shown by a tenant to whom orders of this type need no naming.
pub(crate) struct Told<'a, T>(pub &'a T, pub &'a str);

impl<T> Clone for Told<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Told<'_, T> {}

impl SalesOrder {
    pub(crate) fn is_keyed(&self, [kind, number]: [&str; 2]) -> bool {
        self.order_type.is(kind) && self.order_nbr.is(number)
    }
}

impl Document {
    pub(crate) fn is_keyed(&self, [kind, number]: [&str; 2]) -> bool {
        self.document_type.is(kind) && self.reference_nbr.is(number)
    }

    /// The customer, as either form names it.
    pub(crate) fn owner(&self) -> Option<CustomerCode> {
        code(&self.customer).or_else(|| code(&self.customer_id))
    }

    pub(crate) fn shown_id(&self) -> Result<DocumentId> {
        shown_id(&self.document_type, &self.reference_nbr, INVOICE, "a document")
    }

    /// Whether it is owed to the customer; `None` for a type of which that is not known.
    pub(crate) fn is_credit(&self) -> Option<bool> {
        match self.document_type.as_deref()? {
            INVOICE | "Debit Memo" | "Overdue Charge" | "Credit WO" | "Cash Sale" => Some(false),
            CREDIT_MEMO | "Cash Return" => Some(true),
            PREPAYMENT_INVOICE if !self.status.is("Open") => Some(true),
            _ => None,
        }
    }

    /// Released are documents that are open or closed. Whatever else a workflow may say is not yet, or no more. What asks
    /// for money in advance is no invoice of anything.
    fn standing(&self) -> Standing {
        if self.document_type.is(PREPAYMENT_INVOICE) {
            Standing::Draft
        } else if is_open(&self.status) || self.status.is("Closed") {
            Standing::Issued
        } else if self.status.is("Voided") || self.status.is("Canceled") {
            Standing::Void
        } else {
            Standing::Draft
        }
    }

    /// Credits negative; nothing where the type does not say which it is.
    fn signed(&self, amount: Figure) -> Option<Amount> {
        amount.zip(self.is_credit()).map(|(amount, is_credit)| if is_credit { -amount } else { amount })
    }
}

impl TryFrom<Told<'_, Document>> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(Told(document, order_type): Told<'_, Document>) -> Result<Self> {
        // An invoice may bill several orders; then there is none to name.
        let mut orders = document.details.iter().flatten().filter(|line| line.order_nbr.is_some());
        let first = orders.next().map(|line| (&line.order_type, &line.order_nbr));
        let only = first.filter(|first| orders.all(|line| (&line.order_type, &line.order_nbr) == *first));
        let order_id = only.map(|(kind, number)| shown_id(kind, number, order_type, "an order")).transpose()?;
        Ok(Self {
            owner: document.owner(),
            order_id: order_id.map(|id| id.to_string()),
            standing: document.standing(),
            status: document.status.text(),
            bill_to: address(&document.bill_to_address, &document.bill_to_contact),
            ship_to: address(&document.ship_to_address, &document.ship_to_contact),
            invoice_date: day("Date", &document.date),
            due_date: day("DueDate", &document.due_date),
            discount_total: document.signed(document.discount_total),
            sub_total: document.signed(document.detail_total),
            tax_total: document.signed(document.tax_total),
            total: document.signed(document.amount),
            balance: document.signed(document.balance),
            customer_po: document.customer_order.text(),
            ..Self::new(document.shown_id()?)
        })
    }
}

impl TryFrom<Told<'_, Document>> for Invoice {
    type Error = ErpError;

    fn try_from(told: Told<'_, Document>) -> Result<Self> {
        let Told(document, _) = told;
        let line = |line: &Detail| InvoiceLine {
            item_id: line.inventory_id.text(),
            quantity_shipped: document.signed(line.qty),
            description: line.transaction_descr.text().or_else(|| line.transaction_description.text()),
            uom: line.uom.text(),
            unit_price: *line.unit_price,
            sub_total: document.signed(line.amount),
            ..InvoiceLine::default()
        };
        Ok(Self {
            summary: told.try_into()?,
            order_date: None,
            note: document.description.text(),
            lines: document.details.as_ref().map(|lines| lines.iter().map(line).collect()),
        })
    }
}

impl TryFrom<Told<'_, SalesOrder>> for OrderSummary {
    type Error = ErpError;

    fn try_from(Told(order, order_type): Told<'_, SalesOrder>) -> Result<Self> {
        let totals = order.totals.as_ref();
        // Acumatica sums the goods and the other charges of the lines apart.
        let sums = totals.and_then(|totals| totals.line_total_amount.zip(*totals.misc_total_amount));
        let sub_total = sums.map(|(goods, charges)| goods.plus(charges)).transpose();
        let shipping = order.shipping_settings.as_ref();
        Ok(Self {
            owner: code(&order.customer_id),
            order_type: order.order_type.text(),
            status: order.status.text(),
            order_date: day("Date", &order.date),
            ship_date: shipping.and_then(|told| day("ScheduledShipmentDate", &told.scheduled_shipment_date)),
            discount_total: totals.and_then(|totals| *totals.discount_total),
            sub_total: sub_total
                .map_err(|error| ErpError::malformed(format!("the sum of an order's lines has {error}")))?,
            tax_total: *order.tax_total,
            total: *order.order_total,
            customer_po: order.customer_order.text(),
            comments: order.description.text(),
            third_party_order_number: order.external_ref.text(),
            ..Self::new(shown_id(&order.order_type, &order.order_nbr, order_type, "an order")?)
        })
    }
}

impl TryFrom<Told<'_, SalesOrder>> for Order {
    type Error = ErpError;

    fn try_from(told: Told<'_, SalesOrder>) -> Result<Self> {
        let Told(order, _) = told;
        let line = |line: &Detail| OrderLine {
            line_no: line.line_nbr.as_deref().and_then(|number| number.parse().ok()),
            product_id: line.inventory_id.text(),
            description: line.line_description.text(),
            uom: line.uom.text(),
            quantity: *line.order_qty,
            quantity_shipped: *line.qty_on_shipments,
            unit_price: *line.unit_price,
            sub_total: *line.amount,
            ..OrderLine::default()
        };
        Ok(Self {
            summary: told.try_into()?,
            bill_to: address(&order.bill_to_address, &order.bill_to_contact),
            ship_to: address(&order.ship_to_address, &order.ship_to_contact),
            ordered_by: None,
            lines: order.details.as_ref().map(|lines| lines.iter().map(line).collect()),
            tracking: None,
        })
    }
}

fn address(postal: &Option<PostalAddress>, contact: &Option<Contact>) -> Option<Arc<Address>> {
    let name = contact.as_ref().and_then(|contact| contact.business_name.text().or_else(|| contact.attention.text()));
    let postal = postal.as_ref()?;
    Some(Arc::new(Address {
        name,
        address1: postal.address_line1.text(),
        address2: postal.address_line2.text(),
        city: postal.city.text(),
        state: postal.state.text(),
        postal_code: postal.postal_code.text(),
        ..Address::default()
    }))
}

pub(crate) fn is_open(status: &Text) -> bool {
    OPEN.iter().any(|open| status.is(open))
}

pub(crate) fn code(text: &Text) -> Option<CustomerCode> {
    text.as_deref().and_then(CustomerCode::from_answer)
}

pub(crate) fn day(field: &'static str, text: &Text) -> Option<Moment> {
    DATES.day(field, text.as_deref())
}

pub(crate) fn missing(what: &str, part: &str) -> ErpError {
    ErpError::malformed(format!("Acumatica's answer has {what} without {part}"))
}

#[cfg(test)]
mod tests;
