use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use livegate_core::{
    Account, Answer, Capabilities, CustomerCode, DocumentId, InvoiceSummary, Listing, Moment, OpenItem, OrderSummary,
    Query, Standing,
};

use crate::dates;
use crate::rules::Rules;

/// Puts an ERP's answer in order, once per fetch: only what belongs to the customer asked for, only what may be shown,
/// each id once, newest first.
#[must_use]
pub fn tidy(rules: &Rules, capabilities: &Capabilities, query: &Query, answer: Answer) -> Answer {
    let asked = query.customer();
    let mine = |owner: Option<&CustomerCode>| {
        owner.is_some_and(|owner| owner.is_same_customer(asked, capabilities.case_sensitive_codes))
    };
    match answer {
        Answer::Account(account) => {
            Answer::Account(account.filter(|account| mine(account.owner.as_ref())).map(|mut account: Account| {
                account.open_items = account.open_items.map(|mut items| {
                    items.retain(|item| item.owner.is_none() || mine(item.owner.as_ref()));
                    distinct_items(rules, items)
                });
                account
            }))
        }
        Answer::Order(order) => Answer::Order(
            order.filter(|order| mine(order.summary.owner.as_ref()) && may_be_read(order.summary.standing)),
        ),
        Answer::Invoice(invoice) => Answer::Invoice(
            invoice.filter(|invoice| mine(invoice.summary.owner.as_ref()) && may_be_read(invoice.summary.standing)),
        ),
        Answer::Orders(mut listing) => {
            let scoped = capabilities.orders.scoped;
            listing.items_mut().retain(|order| {
                (mine(order.owner.as_ref()) || (scoped && order.owner.is_none())) && order.standing == Standing::Issued
            });
            Answer::Orders(in_order(rules, listing))
        }
        Answer::Invoices(mut listing) => {
            let scoped = capabilities.invoices.scoped;
            listing.items_mut().retain(|invoice| {
                (mine(invoice.owner.as_ref()) || (scoped && invoice.owner.is_none()))
                    && invoice.standing == Standing::Issued
            });
            Answer::Invoices(in_order(rules, listing))
        }
    }
}

/// A void document may still be looked up by its number; drafts and deleted ones never appear.
fn may_be_read(standing: Standing) -> bool {
    matches!(standing, Standing::Issued | Standing::Void)
}

/// What lists sort by.
trait Dated: PartialEq {
    fn id(&self) -> &DocumentId;
    fn date(&self) -> Option<&Moment>;
    /// Of two documents with one id and one date, the one with the later of these is the newer.
    fn second_date(&self) -> Option<&Moment>;
}

impl Dated for OrderSummary {
    fn id(&self) -> &DocumentId {
        &self.id
    }

    fn date(&self) -> Option<&Moment> {
        self.order_date.as_ref()
    }

    fn second_date(&self) -> Option<&Moment> {
        self.ship_date.as_ref()
    }
}

impl Dated for InvoiceSummary {
    fn id(&self) -> &DocumentId {
        &self.id
    }

    fn date(&self) -> Option<&Moment> {
        self.invoice_date.as_ref()
    }

    fn second_date(&self) -> Option<&Moment> {
        self.due_date.as_ref()
    }
}

/// Newest first, then by id descending in natural order, undated last; of equal ids the newest stays.
fn in_order<T: Dated>(rules: &Rules, mut listing: Listing<T>) -> Listing<T> {
    let items = listing.items_mut();
    let leaving = |date: &Moment| dates::leaving(date, &rules.time_zone);
    // Documents are large, so it is their places that are sorted.
    let keys = items.iter().map(|item| (item.date().map(leaving), serial_number(item.id().as_str())));
    let mut order: Vec<_> = keys.zip(0..).collect();
    order.sort_unstable_by(|((left_date, left_serial), left_place), ((right_date, right_serial), right_place)| {
        let (left, right): (&T, &T) = (&items[*left_place], &items[*right_place]);
        right_date
            .cmp(left_date)
            .then_with(|| match (left_serial, right_serial) {
                (Some(left), Some(right)) if left.0 == right.0 => right.1.cmp(&left.1),
                _ => Ordering::Equal,
            })
            .then_with(|| natural(right.id().as_str(), left.id().as_str()))
            .then_with(|| right.second_date().map(leaving).cmp(&left.second_date().map(leaving)))
            .then_with(|| left_place.cmp(right_place))
    });
    let mut first_of: HashMap<&DocumentId, &T> = HashMap::with_capacity(items.len());
    let mut kept: Vec<usize> = Vec::with_capacity(items.len());
    let mut doubles: Vec<usize> = Vec::new();
    for (_, place) in order {
        let item = &items[place];
        match first_of.entry(item.id()) {
            Entry::Vacant(entry) => {
                entry.insert(item);
                kept.push(place);
            }
            Entry::Occupied(first) => {
                if *first.get() != item {
                    warn_of_double(item.id());
                }
                doubles.push(place);
            }
        }
    }
    let count = kept.len();
    kept.append(&mut doubles);
    permute(items, kept);
    items.truncate(count);
    listing
}

/// Brings to each place what stands at the one that `from` names for it; every place is named once.
fn permute<T>(items: &mut [T], mut from: Vec<usize>) {
    for place in 0..items.len() {
        let mut source = from[place];
        // What stood at a place already passed was swapped on to where that one took its own from.
        while source < place {
            source = from[source];
        }
        from[place] = source;
        items.swap(place, source);
    }
}

/// Of open items with equal ids the newest stays, so that no document is owed twice.
fn distinct_items(rules: &Rules, items: Vec<OpenItem>) -> Vec<OpenItem> {
    let date =
        |item: &OpenItem| item.document_date.or(item.due_date).map(|date| dates::leaving(&date, &rules.time_zone));
    let mut kept: Vec<OpenItem> = Vec::with_capacity(items.len());
    let mut seen: HashMap<DocumentId, usize> = HashMap::new();
    for item in items {
        let place = item.id.as_ref().and_then(|id| seen.get(id).copied());
        match (place, &item.id) {
            (Some(place), Some(id)) => {
                if kept[place] != item {
                    warn_of_double(id);
                    if date(&item) > date(&kept[place]) {
                        kept[place] = item;
                    }
                }
            }
            (_, id) => {
                if let Some(id) = id {
                    seen.insert(id.clone(), kept.len());
                }
                kept.push(item);
            }
        }
    }
    kept
}

fn warn_of_double(id: &DocumentId) {
    tracing::warn!(%id, "the ERP gives two different documents under one id; the newest is shown");
}

/// What nearly every id is: some characters and a number. Those of one beginning are in the order of their numbers.
fn serial_number(id: &str) -> Option<(&str, u64)> {
    let (beginning, digits) = id.split_at(id.bytes().position(|byte| byte.is_ascii_digit())?);
    let number = (digits.len() <= 18).then(|| digits.parse().ok()).flatten()?;
    Some((beginning, number))
}

/// Compares digit runs by their value and everything else by its characters.
fn natural(left: &str, right: &str) -> Ordering {
    let common = left.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
    let (mut rest_left, mut rest_right) = (&left.as_bytes()[common..], &right.as_bytes()[common..]);
    // Numbers of one length, of which some digits may be behind us, are in the order of the first digit that differs.
    if let (Some(a), Some(b)) = (rest_left.first(), rest_right.first())
        && digits(rest_left) == digits(rest_right)
    {
        return a.cmp(b);
    }
    // Where a run of digits is under way, it is compared as a whole. Bytes are in the order of their characters.
    let begun = left.as_bytes()[..common].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    (rest_left, rest_right) = (&left.as_bytes()[common - begun..], &right.as_bytes()[common - begun..]);
    while let (Some(a), Some(b)) = (rest_left.first(), rest_right.first()) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let ((value_left, after_left), (value_right, after_right)) = (number(rest_left), number(rest_right));
            match value_left.len().cmp(&value_right.len()).then_with(|| value_left.cmp(value_right)) {
                Ordering::Equal => {}
                unequal => return unequal,
            }
            (rest_left, rest_right) = (after_left, after_right);
        } else if a == b {
            (rest_left, rest_right) = (&rest_left[1..], &rest_right[1..]);
        } else {
            return a.cmp(b);
        }
    }
    // Equal by value: the shorter text first, and at last the bytes, so that the order is total.
    rest_left.len().cmp(&rest_right.len()).then_with(|| left.cmp(right))
}

/// How many digits there are at the beginning.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The digits at the beginning, without leading zeros, and what comes after them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = digits(text);
    let zeros = text[..digits].iter().take_while(|byte| **byte == b'0').count();
    (&text[zeros..digits], &text[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_compare_in_natural_order() {
        let mut ids = ["INV-10", "INV-9", "INV-009", "INV-100", "A2", "A10", "9", "10", "", "A", "B1", "10a"];
        ids.sort_by(|left, right| natural(left, right));
        assert_eq!(ids, ["", "9", "10", "10a", "A", "A2", "A10", "B1", "INV-009", "INV-9", "INV-10", "INV-100"]);
    }

    #[test]
    fn every_item_comes_to_its_place() {
        let mut items = ["a", "b", "c", "d", "e", "f"];
        permute(&mut items, vec![3, 0, 5, 1, 4, 2]);
        assert_eq!(items, ["d", "a", "f", "b", "e", "c"]);
    }
}
