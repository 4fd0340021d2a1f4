use std::cmp::Ordering;
use std::collections::HashSet;

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
    let items = std::mem::take(listing.items_mut());
    let mut keyed: Vec<_> =
        items.into_iter().map(|item| (item.date().map(|date| dates::leaving(date, &rules.time_zone)), item)).collect();
    keyed.sort_by(|(left_date, left), (right_date, right)| {
        let second = |item: &T| item.second_date().map(|date| dates::leaving(date, &rules.time_zone));
        right_date
            .cmp(left_date)
            .then_with(|| natural(right.id().as_str(), left.id().as_str()))
            .then_with(|| second(right).cmp(&second(left)))
    });
    let mut seen: HashSet<DocumentId> = HashSet::with_capacity(keyed.len());
    let mut kept: Vec<T> = Vec::with_capacity(keyed.len());
    for (_, item) in keyed {
        if seen.insert(item.id().clone()) {
            kept.push(item);
        } else if kept.iter().find(|first| first.id() == item.id()) != Some(&item) {
            warn_of_double(item.id());
        }
    }
    *listing.items_mut() = kept;
    listing
}

/// Of open items with equal ids the newest stays, so that no document is owed twice.
fn distinct_items(rules: &Rules, items: Vec<OpenItem>) -> Vec<OpenItem> {
    let date =
        |item: &OpenItem| item.document_date.or(item.due_date).map(|date| dates::leaving(&date, &rules.time_zone));
    let mut kept: Vec<OpenItem> = Vec::with_capacity(items.len());
    let mut seen: std::collections::HashMap<DocumentId, usize> = std::collections::HashMap::new();
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

/// Compares digit runs by their value and everything else by its characters.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut rest_left, mut rest_right) = (left, right);
    while let (Some(a), Some(b)) = (rest_left.chars().next(), rest_right.chars().next()) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (run_left, run_right) = (digits(rest_left), digits(rest_right));
            let (value_left, value_right) = (run_left.trim_start_matches('0'), run_right.trim_start_matches('0'));
            match value_left.len().cmp(&value_right.len()).then_with(|| value_left.cmp(value_right)) {
                Ordering::Equal => {}
                unequal => return unequal,
            }
            (rest_left, rest_right) = (&rest_left[run_left.len()..], &rest_right[run_right.len()..]);
        } else if a == b {
            (rest_left, rest_right) = (&rest_left[a.len_utf8()..], &rest_right[b.len_utf8()..]);
        } else {
            return a.cmp(&b);
        }
    }
    // Equal by value: the shorter text first, and at last the bytes, so that the order is total.
    rest_left.len().cmp(&rest_right.len()).then_with(|| left.cmp(right))
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
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
}
