use std::cmp::Ordering;

use livegate_core::{
    Answer, CallerIds, CustomerCode, InvoiceFilters, InvoicesQuery, Listing, Moment, Operation, OrderFilters,
    OrdersQuery, Query,
};

use crate::check::{answered, broken, ensure};
use crate::json::Json;
use crate::line::Line;
use crate::question::Question;
use crate::rule::Rule;

/// The two lists of the contract.
pub(crate) const LISTS: [List; 2] = [List::Orders, List::Invoices];

/// The most documents that a webstore may ask for at once.
pub(crate) const LARGEST_PAGE: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Orders,
    Invoices,
}

impl List {
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Orders => Operation::Orders,
            Self::Invoices => Operation::Invoices,
        }
    }

    /// The call that tells one document of the list.
    pub(crate) fn by_id(self) -> Operation {
        match self {
            Self::Orders => Operation::Order,
            Self::Invoices => Operation::Invoice,
        }
    }

    pub(crate) fn items(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }

    pub(crate) fn total(self) -> &'static str {
        match self {
            Self::Orders => "total_orders",
            Self::Invoices => "total_invoices",
        }
    }

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Orders => "order_id",
            Self::Invoices => "invoice_id",
        }
    }

    pub(crate) fn date(self) -> &'static str {
        match self {
            Self::Orders => "order_date",
            Self::Invoices => "invoice_date",
        }
    }

    /// The list that a document's operation belongs to.
    pub(crate) fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Orders | Operation::Order => Some(Self::Orders),
            Operation::Invoices | Operation::Invoice => Some(Self::Invoices),
            Operation::Account => None,
        }
    }

    /// Asks for the whole list of a customer, as an adapter is asked that cuts no pages.
    pub(crate) fn whole(self, customer: &str) -> Query {
        self.filtered(customer, &Wanted::default())
    }

    /// The same with filters, all of which the adapter is told.
    pub(crate) fn filtered(self, customer: &str, wanted: &Wanted) -> Query {
        let customer = CustomerCode::new(customer).expect("the cast's codes are codes");
        let (caller, text) = (CallerIds::default(), |text: &Option<String>| text.as_deref().map(Into::into));
        match self {
            Self::Orders => Query::Orders(OrdersQuery {
                customer,
                caller,
                filters: OrderFilters {
                    order_id: text(&wanted.id),
                    customer_po: text(&wanted.customer_po),
                    third_party_order_number: text(&wanted.third_party_order_number),
                    dates: wanted.dates,
                },
                page: None,
            }),
            Self::Invoices => Query::Invoices(InvoicesQuery {
                customer,
                caller,
                filters: InvoiceFilters {
                    invoice_id: text(&wanted.id),
                    customer_po: text(&wanted.customer_po),
                    dates: wanted.dates,
                },
                page: None,
            }),
        }
    }
}

/// One page as a webstore reads it.
pub(crate) struct Page {
    pub(crate) items: Vec<Json>,
    pub(crate) ids: Vec<String>,
    pub(crate) total: usize,
}

/// Asks for a page of a list.
pub(crate) async fn page(line: &Line, list: List, question: &Question) -> Result<Page, String> {
    let answer = answered(Rule::Calls, question, line.ask(list.operation(), &question.body()).await)?;
    let items = answer.member(list.items()).unwrap_or_else(Json::null);
    let total = answer.member(list.total()).and_then(|total| total.text().parse().ok());
    let total =
        total.ok_or_else(|| broken(Rule::Calls, format!("a whole number as {}", list.total()), answer.text()))?;
    let items = items.items();
    let ids = items.iter().map(|item| item.member(list.id()).and_then(|id| id.said()));
    let ids: Option<Vec<String>> = ids.collect();
    let ids = ids.ok_or_else(|| broken(Rule::Calls, format!("{} in every entry", list.id()), answer.text()))?;
    Ok(Page { items, ids, total })
}

/// Every page of `size` of what the question asks for, one after the other, until one is empty.
pub(crate) async fn pages(line: &Line, list: List, question: &Question, size: usize) -> Result<Page, String> {
    let mut whole = page(line, list, &question.clone().page(1, size)).await?;
    let mut number = 1;
    loop {
        let full = whole.ids.len() >= number * size;
        if !full && whole.ids.len() >= whole.total {
            return Ok(whole);
        }
        number += 1;
        let asked = question.clone().page(number, size);
        let next = page(line, list, &asked).await?;
        ensure(
            next.total == whole.total,
            Rule::Lists,
            format!("the total {} on page {number}", whole.total),
            next.total,
        )?;
        ensure(next.ids.len() <= size, Rule::Lists, format!("at most {size} on a page"), next.ids.len())?;
        if next.ids.is_empty() {
            return Ok(whole);
        }
        whole.items.extend(next.items);
        whole.ids.extend(next.ids);
    }
}

/// The whole list of a customer, as a webstore reads it page by page.
pub(crate) async fn whole(line: &Line, list: List, customer: &str) -> Result<Page, String> {
    pages(line, list, &Question::new(list.operation(), customer), LARGEST_PAGE).await
}

/// What filters look at, from the adapter's own unfiltered answer.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) id: String,
    pub(crate) date: Option<Moment>,
    pub(crate) customer_po: Option<String>,
    pub(crate) third_party_order_number: Option<String>,
    pub(crate) placed_by: Option<String>,
}

/// Asks a list as a whole and reads what filters look at.
pub(crate) async fn traits(line: &Line, query: &Query) -> Result<Vec<Traits>, String> {
    let rule = Rule::Complete;
    let answer = line.call(query).await;
    let answer =
        answer.map_err(|error| broken(rule, format!("an answer to {query:?}"), format!("the error {error}")))?;
    match &*answer {
        Answer::Orders(Listing::Complete(orders)) => Ok(orders
            .iter()
            .map(|order| Traits {
                id: order.id.to_string(),
                date: order.order_date,
                customer_po: order.customer_po.clone(),
                third_party_order_number: order.third_party_order_number.clone(),
                placed_by: order.placed_by.clone(),
            })
            .collect()),
        Answer::Invoices(Listing::Complete(invoices)) => Ok(invoices
            .iter()
            .map(|invoice| Traits {
                id: invoice.id.to_string(),
                date: invoice.invoice_date,
                customer_po: invoice.customer_po.clone(),
                third_party_order_number: None,
                placed_by: None,
            })
            .collect()),
        Answer::Orders(Listing::Page { .. }) | Answer::Invoices(Listing::Page { .. }) => {
            Err(broken(rule, "the complete list, as no page was asked for", "a page"))
        }
        _ => Err(broken(rule, "a list", "an answer to another question")),
    }
}

/// Filters, and whether a document passes them: the kit's own reading of the rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) id: Option<String>,
    pub(crate) customer_po: Option<String>,
    pub(crate) third_party_order_number: Option<String>,
    pub(crate) dates: livegate_core::DateRange,
}

impl Wanted {
    pub(crate) fn passes(&self, document: &Traits, zone: &jiff::tz::TimeZone) -> bool {
        let same = |wanted: &Option<String>, own: Option<&str>| match (wanted, own) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some(own)) => wanted.trim().eq_ignore_ascii_case(own.trim()),
        };
        let in_time = |date: &Moment| {
            let (start, end) = (self.dates.start, self.dates.end);
            if let Moment::Day(day) = date {
                start.is_none_or(|start| start.day <= *day) && end.is_none_or(|end| *day <= end.day)
            } else {
                let at = date.instant(zone);
                start.is_none_or(|start| start.instant <= at) && end.is_none_or(|end| at <= end.instant)
            }
        };
        same(&self.id, Some(&document.id))
            && same(&self.customer_po, document.customer_po.as_deref())
            && same(&self.third_party_order_number, document.third_party_order_number.as_deref())
            && document.date.as_ref().is_none_or(in_time)
    }
}

/// Natural order, read from the rule: digit runs by their value, everything else by its characters.
pub(crate) fn natural(left: &str, right: &str) -> Ordering {
    let (one, other) = (runs(left), runs(right));
    one.cmp(&other).then_with(|| left.cmp(right))
}

/// A part of an id. Numbers compare with other characters as their first digit does.
#[derive(PartialEq, Eq)]
enum Run {
    /// A number: its first digit as it was written, and its digits without leading zeros.
    Number(char, String),
    Other(char),
}

impl Ord for Run {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(_, one), Self::Number(_, other)) => one.len().cmp(&other.len()).then_with(|| one.cmp(other)),
            (Self::Number(one, _) | Self::Other(one), Self::Number(other, _) | Self::Other(other)) => one.cmp(other),
        }
    }
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut in_number = false;
    for character in text.chars() {
        if !character.is_ascii_digit() {
            runs.push(Run::Other(character));
        } else if let (true, Some(Run::Number(_, digits))) = (in_number, runs.last_mut()) {
            if !(digits.is_empty() && character == '0') {
                digits.push(character);
            }
        } else {
            runs.push(Run::Number(character, if character == '0' { String::new() } else { character.to_string() }));
        }
        in_number = character.is_ascii_digit();
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digit_runs_compare_by_value() {
        let mut ids = ["INV-10", "INV-9", "INV-009", "INV-100", "A2", "A10", "9", "10", "", "A", "B1", "10a", "A#"];
        ids.sort_by(|left, right| natural(left, right));
        assert_eq!(ids, ["", "9", "10", "10a", "A", "A#", "A2", "A10", "B1", "INV-009", "INV-9", "INV-10", "INV-100"]);
    }
}
