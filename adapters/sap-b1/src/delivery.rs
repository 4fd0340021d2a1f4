//! What has gone of an order, as its delivery notes tell.

use std::collections::HashMap;
use std::time::Duration;

use livegate_core::{Amount, CallContext, CustomerCode, ErpError, ErrorKind, Result, Standing, Tracking};

use crate::api::Api;
use crate::number::whole;
use crate::wire::{DATES, Delivered, Document, Line};

/// What has gone of one order.
#[derive(Debug, Default)]
pub(crate) struct Shipments {
    /// By the order's line.
    gone: HashMap<i64, Vec<Gone>>,
    /// Numbers that carriers gave, with the day on which it went, by delivery note.
    parcels: Vec<(Option<String>, Tracking)>,
}

/// What one line of a delivery note took away.
#[derive(Debug)]
struct Gone {
    unit: Option<String>,
    quantity: Option<Amount>,
}

impl Shipments {
    /// What has gone of an order; nobody is asked where nothing has. `None` where that cannot be found out in half of the
    /// time that is left: an order is worth showing without it.
    pub(crate) async fn of_order(
        cx: &CallContext,
        api: &Api,
        customer: &CustomerCode,
        order: &Document,
    ) -> Option<Self> {
        let lines = order.document_lines.as_deref().unwrap_or_default();
        if lines.iter().all(|line| line.quantity.is_some() && line.quantity == line.remaining_open_quantity) {
            return Some(Self::default());
        }
        let half: Duration = cx.remaining() / 2;
        let asked = tokio::time::timeout(half, api.delivered(cx, customer, order)).await;
        let late = |_| Err(ErpError::new(ErrorKind::Timeout, "the delivery notes did not come in half of the time"));
        match asked.unwrap_or_else(late).and_then(Self::read) {
            Ok(shipments) => Some(shipments),
            Err(error) => {
                tracing::info!(kind = %error.kind(), reason = error.message(), "an order goes without its deliveries");
                None
            }
        }
    }

    fn read(delivered: Vec<Delivered>) -> Result<Self> {
        let mut shipments = Self::default();
        for Delivered { note, line } in delivered {
            if note.standing() != Standing::Issued {
                continue;
            }
            let at = line.base_line.as_deref().and_then(whole);
            let at = at.ok_or_else(|| crate::wire::missing("a line of a delivery note", "its BaseLine"))?;
            shipments.gone.entry(at).or_default().push(Gone { unit: line.unit(), quantity: line.quantity });
            let is_new = shipments.parcels.iter().all(|(entry, _)| *entry != note.doc_entry);
            if let Some(number) = note.tracking_number.filter(|_| is_new) {
                let shipping_date = DATES.day("DocDate", note.doc_date.as_deref());
                let tracking = Tracking { tracking_number: Some(number), shipping_date, ..Tracking::default() };
                shipments.parcels.push((note.doc_entry, tracking));
            }
        }
        Ok(shipments)
    }

    /// How much of a line has gone. Where delivery notes do not tell of all that has, it went with an invoice, or was
    /// given up; and amounts in different units are not added.
    pub(crate) fn of_line(&self, line: &Line) -> Option<Amount> {
        let at = line.line_num.as_deref().and_then(whole)?;
        let Some(gone) = self.gone.get(&at) else {
            let nothing_has = line.quantity.is_some() && line.quantity == line.remaining_open_quantity;
            return nothing_has.then_some(Amount::ZERO);
        };
        let one_unit = gone.iter().all(|gone| gone.unit == line.unit());
        let quantities: Option<Vec<Amount>> = gone.iter().map(|gone| gone.quantity).collect();
        let delivered = Amount::sum(quantities.filter(|_| one_unit)?).ok()?;
        let (ordered, open) = line.quantity.zip(line.remaining_open_quantity)?;
        // More may be delivered than was ordered: then nothing is open, and all of it is told.
        let all = ordered.minus(open).ok()?;
        let is_all = delivered == all || (open.is_zero() && delivered > all);
        is_all.then_some(delivered)
    }

    /// The parcels: what the order itself names first.
    pub(crate) fn tracking(&self, order: &Document) -> Option<Vec<Tracking>> {
        let mut parcels: Vec<Tracking> = self.parcels.iter().map(|(_, tracking)| tracking.clone()).collect();
        if let Some(own) = &order.tracking_number
            && !parcels.iter().any(|parcel| parcel.tracking_number.as_ref() == Some(own))
        {
            parcels.insert(0, Tracking { tracking_number: Some(own.clone()), ..Tracking::default() });
        }
        Some(parcels).filter(|parcels| !parcels.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use livegate_http::json;

    use super::*;

    fn line(text: &str) -> Line {
        json(text.as_bytes()).unwrap()
    }

    /// A line of a delivery note with this number, each in turn.
    fn shipments(delivered: &[(&str, &str)]) -> Shipments {
        let delivered = delivered.iter().enumerate().map(|(entry, (note, line))| {
            let note = Document { doc_entry: Some(entry.to_string()), ..json(note.as_bytes()).unwrap() };
            Delivered { note, line: json(line.as_bytes()).unwrap() }
        });
        Shipments::read(delivered.collect()).unwrap()
    }

    #[test]
    fn quantities_in_different_units_are_not_added() {
        let of = |unit: &str, quantity: i32| {
            format!(r#"{{"BaseLine": 0, "Quantity": {quantity}, "UoMCode": "{unit}", "MeasureUnit": "x"}}"#)
        };
        let ordered = line(r#"{"LineNum": 0, "Quantity": 6, "RemainingOpenQuantity": 1, "UoMCode": "BOX"}"#);
        let gone = |first: &str, second: &str| {
            shipments(&[("{}", &of(first, 2)), ("{}", &of(second, 3))]).of_line(&ordered).map(|gone| gone.to_string())
        };
        assert_eq!(gone("BOX", "BOX").as_deref(), Some("5"));
        assert_eq!(gone("BOX", "EACH"), None);
        assert_eq!(gone("EACH", "EACH"), None);
        let unknown = shipments(&[("{}", &of("BOX", 2)), ("{}", r#"{"BaseLine": 0, "UoMCode": "BOX"}"#)]);
        assert_eq!(unknown.of_line(&ordered), None);
    }

    #[test]
    fn what_went_beside_delivery_notes_makes_it_unknown_how_much_has_gone() {
        let gone = |ordered: &str, open: &str, delivered: &str| {
            let delivered = format!(r#"{{"BaseLine": 0, "Quantity": {delivered}}}"#);
            let text = format!(r#"{{"LineNum": 0, "Quantity": {ordered}, "RemainingOpenQuantity": {open}}}"#);
            shipments(&[("{}", &delivered)]).of_line(&line(&text)).map(|gone| gone.to_string())
        };
        assert_eq!(gone("10", "6", "4").as_deref(), Some("4"));
        assert_eq!(gone("10", "6.0", "4").as_deref(), Some("4"));
        // Three of it went with an invoice, or were given up with the rest of the line.
        assert_eq!(gone("10", "3", "4"), None);
        assert_eq!(gone("10", "0", "4"), None);
        // More than was ordered.
        assert_eq!(gone("10", "0", "11").as_deref(), Some("11"));
        assert_eq!(gone("10", "5", "11"), None);
        assert_eq!(gone("10", "null", "4"), None);
    }

    #[test]
    fn what_was_taken_back_with_its_delivery_note_has_not_gone() {
        let one = r#"{"BaseLine": 0, "Quantity": 1}"#;
        let shipments = shipments(&[
            (r#"{"TrackingNumber": "A"}"#, one),
            (r#"{"TrackingNumber": "B", "Cancelled": "tYES", "CancelStatus": "csYes"}"#, one),
            (r#"{"TrackingNumber": "B", "CancelStatus": "csCancellation"}"#, one),
        ]);
        let gone = shipments.of_line(&line(r#"{"LineNum": 0, "Quantity": 2, "RemainingOpenQuantity": 1}"#)).unwrap();
        assert_eq!(gone.to_string(), "1");
        let numbers = |order: &Document| -> Vec<String> {
            let parcels = shipments.tracking(order).unwrap_or_default();
            parcels.into_iter().filter_map(|parcel| parcel.tracking_number).collect()
        };
        assert_eq!(numbers(&Document::default()), ["A"]);
        // The order's own number is told once, whichever of them says it.
        let of_order = |number: &str| Document { tracking_number: Some(number.to_owned()), ..Document::default() };
        assert_eq!(numbers(&of_order("A")), ["A"]);
        assert_eq!(numbers(&of_order("C")), ["C", "A"]);
    }

    #[test]
    fn a_line_that_is_based_on_no_line_is_malformed() {
        let delivered = Delivered { note: Document::default(), line: line(r#"{"Quantity": 1}"#) };
        assert_eq!(Shipments::read(vec![delivered]).unwrap_err().kind(), ErrorKind::Malformed);
    }
}
