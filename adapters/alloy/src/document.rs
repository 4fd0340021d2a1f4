//! Invoices and sales orders in our terms. What is said alike about both is said once.

use livegate_core::{
    DocumentId, ErpError, Invoice, InvoiceLine, InvoiceSummary, Moment, Order, OrderLine, OrderSummary, Result,
    Standing,
};

use crate::api::Row;
use crate::customer::Buyer;
use crate::items::Items;
use crate::wire::{self, DATES, Line, SalesOrder, missing};

/// What names an invoice or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// Its number, else its id in the accounting system.
    Number,
    /// Its id in the accounting system.
    RemoteId,
}

/// An invoice or a sales order, as far as they are alike.
pub(crate) trait Document: Row {
    /// What it is, in a message.
    const NAME: &'static str;
    /// The filter by its number.
    const NUMBER_FILTER: &'static str;

    fn number(&self) -> Option<&str>;
    fn remote_id(&self) -> Option<&str>;
    fn customer_id(&self) -> Option<&str>;
    fn standing(&self) -> Standing;
    fn lines(&self) -> Option<&[Line]>;
    /// By what two documents of one number are told apart, as lists do it: the greater is the newer.
    fn dates(&self) -> [Option<Moment>; 2];

    /// Whether it is the customer's own and may be shown: what is deleted stays in Alloy's lists.
    fn is_shown_to(&self, buyer: &Buyer) -> bool {
        self.customer_id() == Some(buyer.id.as_str()) && matches!(self.standing(), Standing::Issued | Standing::Void)
    }

    /// Under what it is known in Live.
    fn live_id(&self, numbering: Numbering) -> Option<&str> {
        match numbering {
            Numbering::Number => self.number().or(self.remote_id()),
            Numbering::RemoteId => self.remote_id(),
        }
    }

    fn document_id(&self, numbering: Numbering) -> Result<DocumentId> {
        let id = self.live_id(numbering).unwrap_or_default();
        DocumentId::new(id).map_err(|_| missing(Self::NAME, "a usable number or remoteId"))
    }

    /// The lines to show. QuickBooks writes a subtotal as a line that holds nothing but a total.
    fn shown_lines(&self) -> Option<impl Iterator<Item = &Line>> {
        self.lines().map(|lines| lines.iter().filter(|line| !line.is_bare_total()))
    }
}

/// A document of the customer's with what it does not say by itself.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a, T> {
    pub document: &'a T,
    pub buyer: &'a Buyer,
    pub numbering: Numbering,
}

/// The same with what is known of the items on its lines.
#[derive(Clone, Copy)]
pub(crate) struct Itemised<'a, T> {
    pub told: Told<'a, T>,
    pub items: &'a Items,
}

impl Document for wire::Invoice {
    const NAME: &'static str = "an invoice";
    const NUMBER_FILTER: &'static str = "invoiceNumber";

    fn number(&self) -> Option<&str> {
        self.invoice_number.as_deref()
    }

    fn remote_id(&self) -> Option<&str> {
        self.remote_id.as_deref()
    }

    fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }

    fn standing(&self) -> Standing {
        standing(self.remote_deleted, self.invoice_status.as_deref(), true)
    }

    fn lines(&self) -> Option<&[Line]> {
        self.line_items.as_deref()
    }

    fn dates(&self) -> [Option<Moment>; 2] {
        [issue_date(self.issue_date.as_deref()), DATES.day("dueDate", self.due_date.as_deref())]
    }
}

impl Document for SalesOrder {
    const NAME: &'static str = "a sales order";
    const NUMBER_FILTER: &'static str = "salesOrderNumber";

    fn number(&self) -> Option<&str> {
        self.sales_order_number.as_deref()
    }

    fn remote_id(&self) -> Option<&str> {
        self.remote_id.as_deref()
    }

    fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }

    fn standing(&self) -> Standing {
        standing(self.remote_deleted, self.sales_order_status.as_deref(), false)
    }

    fn lines(&self) -> Option<&[Line]> {
        self.line_items.as_deref()
    }

    fn dates(&self) -> [Option<Moment>; 2] {
        [issue_date(self.issue_date.as_deref()), DATES.day("deliveryDate", self.delivery_date.as_deref())]
    }
}

impl TryFrom<Told<'_, wire::Invoice>> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(told: Told<'_, wire::Invoice>) -> Result<Self> {
        let Told { document: invoice, buyer, numbering } = told;
        let [invoice_date, due_date] = invoice.dates();
        Ok(Self {
            owner: owner(invoice, buyer),
            standing: invoice.standing(),
            bill_to: buyer.bill_to(),
            ship_to: buyer.ship_to(),
            invoice_date,
            due_date,
            discount_total: invoice.total_discount,
            sub_total: invoice.sub_total,
            tax_total: invoice.total_tax_amount,
            total: invoice.total_amount,
            balance: invoice.balance,
            ..Self::new(invoice.document_id(numbering)?)
        })
    }
}

impl TryFrom<Itemised<'_, wire::Invoice>> for Invoice {
    type Error = ErpError;

    fn try_from(Itemised { told, items }: Itemised<'_, wire::Invoice>) -> Result<Self> {
        let lines = told.document.shown_lines();
        let lines = lines.map(|lines| lines.map(|line| invoice_line(line, items)).collect());
        Ok(Self { summary: told.try_into()?, order_date: None, note: None, lines })
    }
}

impl TryFrom<Told<'_, SalesOrder>> for OrderSummary {
    type Error = ErpError;

    fn try_from(told: Told<'_, SalesOrder>) -> Result<Self> {
        let Told { document: order, buyer, numbering } = told;
        let [order_date, ship_date] = order.dates();
        Ok(Self {
            owner: owner(order, buyer),
            standing: order.standing(),
            order_type: Some("Sales order".to_owned()),
            status: order.sales_order_status.clone(),
            order_date,
            ship_date,
            tax_total: order.total_tax_amount,
            total: order.total_amount,
            ..Self::new(order.document_id(numbering)?)
        })
    }
}

impl TryFrom<Itemised<'_, SalesOrder>> for Order {
    type Error = ErpError;

    fn try_from(Itemised { told, items }: Itemised<'_, SalesOrder>) -> Result<Self> {
        let Told { document: order, buyer, .. } = told;
        let delivery = order.delivery_address.as_ref().and_then(|address| buyer.address(address));
        let lines = order.shown_lines().map(|lines| lines.map(|line| order_line(line, items)).collect());
        Ok(Self {
            summary: told.try_into()?,
            bill_to: buyer.bill_to(),
            ship_to: delivery.or_else(|| buyer.ship_to()),
            ordered_by: None,
            lines,
            tracking: None,
        })
    }
}

impl Line {
    fn is_bare_total(&self) -> bool {
        self.accounting_item_id.is_none()
            && self.description.is_none()
            && self.quantity.is_none()
            && self.unit_price.is_none()
    }
}

/// The customer whom the document itself names.
fn owner(document: &impl Document, buyer: &Buyer) -> Option<livegate_core::CustomerCode> {
    (document.customer_id() == Some(buyer.id.as_str())).then(|| buyer.code.clone())
}

fn invoice_line(line: &Line, items: &Items) -> InvoiceLine {
    let item = items.of(line);
    InvoiceLine {
        item_id: item.and_then(|item| item.remote_id.clone()),
        sku: item.and_then(|item| item.item_name.clone()),
        quantity: line.quantity,
        description: line.description.clone().or_else(|| item.and_then(|item| item.item_name.clone())),
        unit_price: line.unit_price,
        tax: line.tax_amount,
        total: line.total_amount,
        ..InvoiceLine::default()
    }
}

fn order_line(line: &Line, items: &Items) -> OrderLine {
    let InvoiceLine { item_id, sku, quantity, description, unit_price, tax, total, .. } = invoice_line(line, items);
    OrderLine { product_id: item_id, sku, quantity, description, unit_price, tax, total, ..OrderLine::default() }
}

/// How far a document has come. Alloy names no list of invoice statuses; these are those that would show money that is
/// not owed. An order that is void stays in force: it is shown with its status.
fn standing(deleted: Option<bool>, status: Option<&str>, is_invoice: bool) -> Standing {
    let is = |names: &[&str]| status.is_some_and(|status| names.iter().any(|name| status.eq_ignore_ascii_case(name)));
    if deleted == Some(true) || is(&["deleted"]) {
        Standing::Deleted
    } else if is(&["draft"]) {
        Standing::Draft
    } else if is_invoice && is(&["void", "voided", "canceled", "cancelled"]) {
        Standing::Void
    } else {
        Standing::Issued
    }
}

fn issue_date(text: Option<&str>) -> Option<Moment> {
    DATES.day("issueDate", text)
}
