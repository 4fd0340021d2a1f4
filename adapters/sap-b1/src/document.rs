//! Invoices and orders in our terms. What is said alike about both is said once.

use std::sync::Arc;

use livegate_core::{
    Address, Amount, ErpError, Invoice, InvoiceLine, InvoiceSummary, Order, OrderLine, OrderSummary, Result, Standing,
};

use crate::delivery::Shipments;
use crate::number::Names;
use crate::wire::{Document, Expense, Line};

/// A document with how documents of its customer are named.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub document: &'a Document,
    pub names: &'a Names,
}

/// An order with what has gone of it, as far as that is known.
#[derive(Clone, Copy)]
pub(crate) struct Shipped<'a> {
    pub told: Told<'a>,
    pub shipments: Option<&'a Shipments>,
}

impl TryFrom<Told<'_>> for OrderSummary {
    type Error = ErpError;

    fn try_from(told: Told<'_>) -> Result<Self> {
        let order = told.document;
        Ok(Self {
            owner: order.owner(),
            order_type: Some("Sales order".to_owned()),
            status: order.status(),
            order_date: order.date(),
            ship_date: order.due_date(),
            discount_total: order.own(order.total_discount, order.total_discount_fc),
            sub_total: order.sub_total()?,
            tax_total: order.own(order.vat_sum, order.vat_sum_fc),
            total: order.own(order.doc_total, order.doc_total_fc),
            customer_po: order.num_at_card.clone(),
            comments: order.comments.clone(),
            ..Self::new(told.names.id(order)?)
        })
    }
}

impl TryFrom<Shipped<'_>> for Order {
    type Error = ErpError;

    fn try_from(Shipped { told, shipments }: Shipped<'_>) -> Result<Self> {
        let order = told.document;
        let line = |line: &Line| OrderLine {
            quantity_shipped: shipments.and_then(|shipments| shipments.of_line(line)),
            ..order_line(order.figures(line))
        };
        let expenses = order.document_additional_expenses.iter().flatten();
        let lines = order.document_lines.as_ref().map(|lines| {
            let freight = expenses.map(|expense| order_line(order.freight(expense)));
            lines.iter().map(line).chain(freight).collect()
        });
        Ok(Self {
            summary: told.try_into()?,
            bill_to: order.bill_to().map(Arc::new),
            ship_to: order.ship_to().map(Arc::new),
            ordered_by: None,
            lines,
            tracking: shipments.and_then(|shipments| shipments.tracking(order)),
        })
    }
}

impl TryFrom<Told<'_>> for InvoiceSummary {
    type Error = ErpError;

    fn try_from(told: Told<'_>) -> Result<Self> {
        let invoice = told.document;
        let money = if invoice.is_foreign() { Money::Foreign } else { Money::Local };
        Ok(Self {
            owner: invoice.owner(),
            standing: invoice.standing(),
            status: invoice.status(),
            bill_to: invoice.bill_to().map(Arc::new),
            ship_to: invoice.ship_to().map(Arc::new),
            invoice_date: invoice.date(),
            due_date: invoice.due_date(),
            discount_total: invoice.own(invoice.total_discount, invoice.total_discount_fc),
            sub_total: invoice.sub_total()?,
            tax_total: invoice.own(invoice.vat_sum, invoice.vat_sum_fc),
            total: invoice.own(invoice.doc_total, invoice.doc_total_fc),
            balance: invoice.open(money)?,
            customer_po: invoice.num_at_card.clone(),
            ..Self::new(told.names.id(invoice)?)
        })
    }
}

impl TryFrom<Told<'_>> for Invoice {
    type Error = ErpError;

    fn try_from(told: Told<'_>) -> Result<Self> {
        let invoice = told.document;
        // What a reserve invoice bills goes later.
        let has_gone = invoice.reserve_invoice.as_deref() == Some("tNO");
        let line = |line: &Line| {
            let line = invoice.figures(line);
            InvoiceLine { quantity_shipped: line.quantity.filter(|_| has_gone), ..line }
        };
        let expenses = invoice.document_additional_expenses.iter().flatten();
        let lines = invoice
            .document_lines
            .as_ref()
            .map(|lines| lines.iter().map(line).chain(expenses.map(|expense| invoice.freight(expense))).collect());
        Ok(Self { summary: told.try_into()?, order_date: None, note: invoice.comments.clone(), lines })
    }
}

/// Amounts of a document by the currency in which it states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Money {
    Local,
    Foreign,
    System,
}

impl Document {
    /// What of it is not paid.
    pub(crate) fn open(&self, money: Money) -> Result<Option<Amount>> {
        let (total, paid) = match money {
            Money::Local => (self.doc_total, self.paid_to_date),
            Money::Foreign => (self.doc_total_fc, self.paid_to_date_fc),
            Money::System => (self.doc_total_sys, self.paid_to_date_sys),
        };
        let open = total.zip(paid).map(|(total, paid)| total.minus(paid)).transpose();
        open.map_err(|_| ErpError::malformed("what is open of a document has more than 28 digits"))
    }

    /// Without tax: the Service Layer states no such sum, but a total that holds the tax, and the tax. Where something else
    /// was added or taken off, it is unknown.
    pub(crate) fn sub_total(&self) -> Result<Option<Amount>> {
        let others = [self.withholding, self.down_payment_amount, self.rounding_diff_amount];
        if others.into_iter().flatten().any(|amount| !amount.is_zero()) {
            return Ok(None);
        }
        let total = self.own(self.doc_total, self.doc_total_fc).zip(self.own(self.vat_sum, self.vat_sum_fc));
        let without_tax = total.map(|(total, tax)| total.minus(tax)).transpose();
        without_tax.map_err(|_| ErpError::malformed("a total without tax has more than 28 digits"))
    }

    /// The status as the product's windows show it.
    pub(crate) fn status(&self) -> Option<String> {
        if self.standing() != Standing::Issued {
            return Some("Canceled".to_owned());
        }
        let status = self.document_status.as_deref()?;
        Some(match status.strip_prefix("bost_").unwrap_or(status) {
            "Close" | "C" => "Closed".to_owned(),
            "O" => "Open".to_owned(),
            other => other.to_owned(),
        })
    }

    pub(crate) fn ship_to(&self) -> Option<Address> {
        let parts = self.address_extension.as_ref().map(|to| {
            let streets = [&to.ship_to_block, &to.ship_to_building, &to.ship_to_address2, &to.ship_to_address3];
            let place = [&to.ship_to_city, &to.ship_to_state, &to.ship_to_zip_code];
            ([&to.ship_to_street, &to.ship_to_street_no], streets, place)
        });
        self.place(parts, self.ship_to_text.as_deref())
    }

    pub(crate) fn bill_to(&self) -> Option<Address> {
        let parts = self.address_extension.as_ref().map(|to| {
            let streets = [&to.bill_to_block, &to.bill_to_building, &to.bill_to_address2, &to.bill_to_address3];
            let place = [&to.bill_to_city, &to.bill_to_state, &to.bill_to_zip_code];
            ([&to.bill_to_street, &to.bill_to_street_no], streets, place)
        });
        self.place(parts, self.address.as_deref())
    }

    /// An address of its parts or, where none is known, of the lines of its text.
    fn place(&self, parts: Option<Parts<'_>>, text: Option<&str>) -> Option<Address> {
        let mut address =
            Address { customer_id: self.card_code.clone(), name: self.card_name.clone(), ..Address::default() };
        let mut lines: Vec<String> = Vec::new();
        if let Some((street, others, [city, state, zip_code])) = parts {
            let street: Vec<&str> = street.into_iter().filter_map(Option::as_deref).collect();
            lines.extend(Some(street.join(" ")).filter(|street| !street.is_empty()));
            lines.extend(others.into_iter().flatten().cloned());
            (address.city, address.state, address.postal_code) = (city.clone(), state.clone(), zip_code.clone());
        }
        if lines.is_empty() && address.city.is_none() && address.postal_code.is_none() {
            let text = text?.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
            lines = text.map(str::to_owned).collect();
        }
        // What no line is left for goes into the third.
        let rest = lines.split_off(lines.len().min(2)).join(", ");
        let mut lines = lines.into_iter();
        (address.address1, address.address2) = (lines.next(), lines.next());
        address.address3 = Some(rest).filter(|rest| !rest.is_empty());
        Some(address)
    }

    /// A line in the document's own currency.
    fn figures(&self, line: &Line) -> InvoiceLine {
        // A price may be in a currency of its own, which nobody told us how to convert.
        let same_currency = line.currency.is_none() || line.currency == self.doc_currency;
        InvoiceLine {
            item_id: line.item_code.clone(),
            sku: line.item_code.clone(),
            quantity: line.quantity,
            quantity_shipped: None,
            description: line.item_description.clone(),
            uom: line.unit(),
            unit_price: line.price.filter(|_| same_currency),
            sub_total: self.own(line.line_total, line.line_total_fc),
            tax: self.own(line.tax_total, line.tax_total_fc),
            total: self.own(line.gross_total, line.gross_total_fc),
            note: line.free_text.clone(),
        }
    }

    /// Freight stands beside the lines, and is shown as one.
    fn freight(&self, expense: &Expense) -> InvoiceLine {
        InvoiceLine {
            description: Some(expense.remarks.clone().unwrap_or_else(|| "Freight".to_owned())),
            sub_total: self.own(expense.line_total, expense.line_total_fc),
            tax: self.own(expense.tax_sum, expense.tax_sum_fc),
            total: self.own(expense.line_gross, expense.line_gross_fc),
            ..InvoiceLine::default()
        }
    }
}

/// Street and number, further lines, and town, state and postal code.
type Parts<'a> = ([&'a Option<String>; 2], [&'a Option<String>; 4], [&'a Option<String>; 3]);

fn order_line(line: InvoiceLine) -> OrderLine {
    let InvoiceLine { item_id, sku, quantity, description, uom, unit_price, sub_total, tax, total, note, .. } = line;
    OrderLine {
        product_id: item_id,
        sku,
        quantity,
        description,
        uom,
        unit_price,
        sub_total,
        tax,
        total,
        note,
        ..OrderLine::default()
    }
}

#[cfg(test)]
mod tests {
    use livegate_http::json;

    use super::*;

    /// An address's lines and its town.
    fn bill_to(text: &str) -> [Option<String>; 4] {
        let document: Document = json(text.as_bytes()).unwrap();
        let Address { address1, address2, address3, city, .. } = document.bill_to().unwrap_or_default();
        [address1, address2, address3, city]
    }

    fn lines(known: [&str; 4]) -> [Option<String>; 4] {
        known.map(|line| Some(line).filter(|line| !line.is_empty()).map(str::to_owned))
    }

    #[test]
    fn an_address_is_its_parts_and_only_without_any_its_text() {
        let cases = [
            (
                r#"{"AddressExtension": {"BillToStreet": "Pier", "BillToStreetNo": "86", "BillToBlock": "Gate 2",
                    "BillToBuilding": "Boathouse", "BillToAddress2": "2nd floor", "BillToCity": "Dover"}, "Address": "x"}"#,
                ["Pier 86", "Gate 2", "Boathouse, 2nd floor", "Dover"],
            ),
            (r#"{"AddressExtension": {"BillToCity": "Dover"}, "Address": "1 Road\rDover"}"#, ["", "", "", "Dover"]),
            (r#"{"AddressExtension": {"BillToZipCode": "10001"}, "Address": "1 Road\rDover"}"#, [""; 4]),
            (
                r#"{"AddressExtension": {"BillToState": "NY"}, "Address": " 1 Road\r\n\rAnnex\nDover\rUSA", "Address2": "x"}"#,
                ["1 Road", "Annex", "Dover, USA", ""],
            ),
            (r#"{"Address": "1 Road", "AddressExtension": null}"#, ["1 Road", "", "", ""]),
            (r#"{"Address2": "1 Road"}"#, [""; 4]),
        ];
        for (text, told) in cases {
            assert_eq!(bill_to(text), lines(told), "{text}");
        }
    }
}
