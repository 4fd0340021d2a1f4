//! Who is broken, how, and which checks see it.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use livegate_core::{
    AdapterKind, Amount, Answer, DateBound, DemoTenant, DocumentId, ErpError, ErrorKind, Field, FieldKind,
    InvoiceFilters, InvoiceSummary, Listing, Moment, Operation, OrderFilters, Query, Stated,
};
use livegate_testkit::Spoil;

use crate::adapter::Carelessness;
use crate::broken::{Behaviour, Fault, all_issued, amounts, dates, invoice_headers, nothing, order_headers, owned_by};
use crate::spoils;

/// Something that is wrong.
pub struct Row {
    /// It is also the id of the demo tenant that connects so.
    pub name: &'static str,
    pub wrong: Wrong,
    /// The checks that must be red, by name; `{}` stands for each of [`Self::over`].
    pub red: &'static [&'static str],
    /// What `{}` stands for.
    pub over: &'static [&'static str],
}

pub enum Wrong {
    Adapter(Fault),
    Careless(Carelessness, Option<Fault>),
    Gateway(Spoil),
    Kind(fn(&mut AdapterKind)),
}

const ALL: &[&str] = &["account", "orders", "order", "invoices", "invoice"];
const LISTS: &[&str] = &["orders", "invoices"];
const BY_ID: &[&str] = &["order", "invoice"];

const CARELESS: Carelessness =
    Carelessness { accounts: false, invoices: false, states: false, rows: false, sessions: false };

const fn row(name: &'static str, wrong: Wrong, over: &'static [&'static str], red: &'static [&'static str]) -> Row {
    Row { name, wrong, red, over }
}

const fn answer(change: fn(&Query, &mut Answer)) -> Wrong {
    Wrong::Adapter(Fault::Answer(change))
}

const fn question(change: fn(&mut Query)) -> Wrong {
    Wrong::Adapter(Fault::Question(change))
}

const fn outcome(change: fn(&Query, livegate_core::Result<Answer>) -> livegate_core::Result<Answer>) -> Wrong {
    Wrong::Adapter(Fault::Outcome(change))
}

const fn says(change: fn(&mut livegate_core::Capabilities)) -> Wrong {
    Wrong::Adapter(Fault::Says(change))
}

const fn behaves(how: Behaviour) -> Wrong {
    Wrong::Adapter(Fault::Behaves(how))
}

const fn spoils_request(request: fn(Operation, Vec<u8>) -> Vec<u8>) -> Wrong {
    Wrong::Gateway(Spoil { request, ..Spoil::NOTHING })
}

const fn spoils_answer(answer: fn(Operation, Vec<u8>) -> Vec<u8>) -> Wrong {
    Wrong::Gateway(Spoil { answer, ..Spoil::NOTHING })
}

pub static TABLE: &[Row] = &[
    // Whose answer it is.
    row(
        "copies the owner from the query",
        Wrong::Careless(
            Carelessness { accounts: true, invoices: true, ..CARELESS },
            Some(Fault::Answer(|query, answer| owned_by(answer, query.customer()))),
        ),
        ALL,
        &["{}: a foreign twin is not given away, and its owner gets it"],
    ),
    row(
        "shows the first customer's data to everybody",
        behaves(Behaviour::FirstCustomer),
        ALL,
        &[
            "{}: nothing is found for a customer whom nobody knows",
            "{}: a part of a code finds nothing",
            "{}: hostile codes find nothing",
            "{}: codes of 200 characters find nothing",
            "orders: nothing is found for a customer who has nothing",
            "order: nothing is found for a customer who has nothing",
            "invoices: nothing is found for a customer who has nothing",
            "invoice: nothing is found for a customer who has nothing",
            "account: who has nothing owes nothing",
        ],
    ),
    row(
        "keeps to the case of codes",
        outcome(|query, outcome| {
            if query.customer().as_str() == query.customer().as_str().to_uppercase() {
                outcome
            } else {
                Ok(nothing(query))
            }
        }),
        ALL,
        &["{}: the case of a code means what the connection declares"],
    ),
    row(
        "does not escape codes",
        outcome(|query, outcome| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            if query.customer().as_str().bytes().all(plain) { outcome } else { Ok(nothing(query)) }
        }),
        ALL,
        &["{}: a code that must be escaped finds its own customer"],
    ),
    row(
        "takes any document for the one asked for",
        question(|query| match query {
            Query::Order(key) => key.id = DocumentId::new("SO-501").expect("an id"),
            Query::Invoice(key) => key.id = DocumentId::new("INV-200").expect("an id"),
            _ => {}
        }),
        BY_ID,
        &[
            "{}: a part of an id finds nothing",
            "{}: hostile ids find nothing",
            "{}: ids of 200 characters find nothing",
        ],
    ),
    // Operations.
    row(
        "declares what it does not do",
        outcome(|query, _| Err(ErpError::unsupported(query.operation().title()))),
        ALL,
        &["{}: answered if it is offered, else unsupported", "{}: the same question gets the same bytes"],
    ),
    row(
        "answers what it does not declare",
        says(|capabilities| capabilities.operations = &[]),
        ALL,
        &["{}: answered if it is offered, else unsupported"],
    ),
    row(
        "swallows an error as empty",
        outcome(|query, outcome| outcome.or_else(|_| Ok(nothing(query)))),
        ALL,
        &["{}: unreachable when nobody listens"],
    ),
    row(
        "fails for whom it does not know",
        outcome(|_, outcome| match outcome {
            Ok(answer) if answer.is_absent() => Err(ErpError::misconfigured("the ERP answers 404")),
            outcome => outcome,
        }),
        &["account", "orders", "invoices"],
        &["{}: nothing is found for a customer whom nobody knows"],
    ),
    // Money.
    row(
        "computes with floats",
        answer(|_, answer| amounts(answer, &mut |amount| *amount = amount.map(float))),
        ALL,
        &["{}: money to the digit", "{}: numbers are plain and exact"],
    ),
    row(
        "rounds to cents by floats",
        answer(|_, answer| {
            amounts(answer, &mut |amount| {
                *amount =
                    amount.map(|own| parsed(&format!("{:.2}", own.to_string().parse::<f64>().expect("a number"))));
            });
        }),
        ALL,
        &["{}: money to the digit"],
    ),
    row(
        "tells zero for unknown",
        answer(|_, answer| amounts(answer, &mut |amount| *amount = amount.or(Some(Amount::ZERO)))),
        ALL,
        &["{}: unknown stays absent"],
    ),
    row(
        "tells credits below zero",
        answer(|_, answer| {
            if let Answer::Account(Some(account)) = answer {
                account.open_credits = Some(parsed("-0.005"));
            }
        }),
        &[],
        &["account: open_credits are positive"],
    ),
    row(
        "adds amounts of two currencies",
        answer(|_, answer| {
            if let Answer::Account(Some(account)) = answer {
                let sum = account.balance.as_ref().map(|balance| balance.amount.plus(parsed("50")).expect("it fits"));
                account.balance = sum.map(Stated::plain);
            }
        }),
        &[],
        &["account: money to the digit"],
    ),
    row(
        "loses total_due",
        spoils_answer(|_, body| spoils::replace(body, "\"total_due\":", "\"total_due\":9")),
        &[],
        &["account: total_due is the sum of the buckets"],
    ),
    row(
        "loses a bucket",
        spoils_answer(|_, body| spoils::replace(body, "\"due_60_days\":", "\"due_61_days\":")),
        &[],
        &["account: all buckets or none, with total_due"],
    ),
    // Dates.
    row(
        "takes days for midnight in New York",
        answer(|_, answer| {
            dates(answer, &|date| {
                *date = date.map(|moment| match moment {
                    Moment::Day(day) => {
                        let zone = TimeZone::get("America/New_York").expect("it is there");
                        Moment::Instant { at: Moment::Day(day).instant(&zone), fraction: false }
                    }
                    other => other,
                });
            });
        }),
        ALL,
        &["{}: dates keep their day in every time zone"],
    ),
    row(
        "takes local times for UTC",
        answer(|_, answer| {
            dates(answer, &|date| {
                *date = date.map(|moment| match moment {
                    Moment::Local { at, fraction } => {
                        Moment::Instant { at: Offset::UTC.to_timestamp(at).expect("in range"), fraction }
                    }
                    other => other,
                });
            });
        }),
        ALL,
        &["{}: local times are the tenant's"],
    ),
    row(
        "drops the zone of instants",
        answer(|_, answer| {
            dates(answer, &|date| {
                *date = date.map(|moment| match moment {
                    Moment::Instant { at, fraction } => Moment::Local { at: Offset::UTC.to_datetime(at), fraction },
                    other => other,
                });
            });
        }),
        ALL,
        &["{}: dates keep their day in every time zone"],
    ),
    row(
        "takes instants for days",
        answer(|_, answer| {
            dates(answer, &|date| *date = date.map(|moment| Moment::Day(moment.day(&TimeZone::UTC))));
        }),
        &["account", "orders", "invoices"],
        &["{}: dates keep their day in every time zone"],
    ),
    row(
        "passes on what stands for unknown",
        answer(|_, answer| {
            dates(answer, &|date| *date = date.or(Some(Moment::Day(Date::constant(1900, 1, 1)))));
        }),
        ALL,
        &["{}: what the ERP leaves blank is absent"],
    ),
    row(
        "passes on blank texts",
        answer(|_, answer| {
            order_headers(answer).into_iter().for_each(|order| order.comments = Some(" ".to_owned()));
            invoice_headers(answer).into_iter().for_each(|invoice| invoice.status = Some(String::new()));
        }),
        &["orders", "order", "invoices", "invoice"],
        &["{}: what the ERP leaves blank is absent"],
    ),
    // Members.
    row(
        "tells what must not leave",
        answer(|_, answer| {
            if let Answer::Account(Some(account)) = answer {
                account.last_payment_amount = Some(parsed("7770.77"));
            }
            order_headers(answer)
                .into_iter()
                .for_each(|order| order.comments = Some("card 4111111111111111".to_owned()));
            invoice_headers(answer).into_iter().for_each(|invoice| invoice.status = Some("cost 7770.77".to_owned()));
        }),
        ALL,
        &["{}: nothing leaves that must not"],
    ),
    row(
        "names the customer otherwise",
        spoils_answer(|_, body| spoils::replace(body, "\"customer_code\":", "\"customer\":")),
        ALL,
        &["{}: members and JSON types are the contract's"],
    ),
    row(
        "writes amounts as texts",
        spoils_answer(|_, body| spoils::amounts_as_texts(&body)),
        ALL,
        &["{}: members and JSON types are the contract's"],
    ),
    row(
        "writes quantities as numbers",
        spoils_answer(|_, body| spoils::replace(body, "\"qty\":\"2\"", "\"qty\":2")),
        BY_ID,
        &["{}: members and JSON types are the contract's"],
    ),
    row(
        "forgets a critical member",
        spoils_answer(|_, body| spoils::replace(body, ",\"customer_po\":\"\"", "")),
        LISTS,
        &["{}: members and JSON types are the contract's"],
    ),
    row(
        "tells one tax only",
        spoils_answer(|_, body| spoils::replace(body, "\"sales_tax\":", "\"sales_tax\":1")),
        &["order", "invoices", "invoice"],
        &["{}: sales_tax and tax_total say the same"],
    ),
    // Lists that the adapter cuts.
    row(
        "sorts pages and not the list",
        question(|query| {
            if let Query::Invoices(query) = query
                && let Some(page) = &mut query.page
            {
                page.number = [2, 1].get(page.number as usize - 1).copied().unwrap_or(page.number);
            }
        }),
        &[],
        &["invoices: newest first, then by id, undated last"],
    ),
    row(
        "counts pages from zero",
        question(|query| {
            if let Query::Invoices(query) = query
                && let Some(page) = &mut query.page
            {
                page.number += 1;
            }
        }),
        &[],
        &[
            "invoices: pages of 1 make up the list",
            "invoices: pages of 5 make up the list",
            "invoices: page 1 of 15 unless told otherwise",
        ],
    ),
    row(
        "gives the last of a page again on the next",
        outcome(|query, outcome| {
            let mut answer = outcome?;
            if let (Query::Invoices(query), Answer::Invoices(Listing::Page { items, .. })) = (query, &mut answer)
                && query.page.is_some_and(|page| page.number > 1)
                && let Some(first) = items.first_mut()
            {
                *first = InvoiceSummary { invoice_date: first.invoice_date, ..invoice_like(first, "INV-201") };
            }
            Ok(answer)
        }),
        &[],
        &["invoices: no id comes twice"],
    ),
    row(
        "counts only the page",
        answer(|_, answer| {
            if let Answer::Invoices(Listing::Page { items, total }) = answer {
                *total = items.len() as u64;
            }
        }),
        &[],
        &[
            "invoices: the total counts what all pages hold",
            "invoices: pages of 1 make up the list",
            "invoices: a page past the end is empty and knows the total",
            "invoices: pages and totals of a filtered list",
            "invoices: complete, or the page that was asked for, as declared",
        ],
    ),
    row(
        "counts one too many",
        answer(|_, answer| {
            if let Answer::Invoices(Listing::Page { total, .. }) = answer {
                *total += 1;
            }
        }),
        &[],
        &["invoices: the total counts what all pages hold"],
    ),
    row(
        "drops the last document",
        answer(|_, answer| {
            if let Answer::Invoices(Listing::Page { items, .. }) = answer {
                items.pop();
            }
        }),
        &[],
        &["invoices: pages of 5 make up the list", "invoices: the total counts what all pages hold"],
    ),
    row(
        "cuts pages at ten",
        question(|query| {
            if let Query::Invoices(query) = query
                && let Some(page) = &mut query.page
            {
                page.size = page.size.min(10);
            }
        }),
        &[],
        &["invoices: a page of 1000 holds as many"],
    ),
    row(
        "answers the last page past the end",
        question(|query| {
            if let Query::Invoices(query) = query
                && let Some(page) = &mut query.page
                && page.size == 1000
            {
                page.number = 1;
            }
        }),
        &[],
        &["invoices: a page past the end is empty and knows the total"],
    ),
    row(
        "gives one row for each line",
        Wrong::Careless(Carelessness { rows: true, ..CARELESS }, None),
        &[],
        &["invoices: what the ERP gives twice is shown once"],
    ),
    row(
        "shows drafts and void invoices",
        Wrong::Careless(Carelessness { states: true, ..CARELESS }, Some(Fault::Answer(|_, answer| all_issued(answer)))),
        LISTS,
        &["{}: drafts, deleted and void documents are not shown"],
    ),
    row(
        "leaves hidden documents in the total",
        Wrong::Careless(Carelessness { states: true, ..CARELESS }, None),
        &[],
        &[
            "invoices: drafts, deleted and void documents are not shown",
            "invoices: the total counts what all pages hold",
        ],
    ),
    row(
        "tells a list and a document apart",
        answer(|query, answer| {
            if matches!(query, Query::Order(_) | Query::Invoice(_)) {
                amounts(answer, &mut |amount| *amount = amount.map(|own| own.plus(parsed("1")).expect("it fits")));
            }
        }),
        LISTS,
        &["{}: an entry and its call by id agree"],
    ),
    row(
        "cuts the list at the cap",
        outcome(|query, outcome| match outcome {
            Err(error) if error.kind() == ErrorKind::TooLarge => Ok(nothing(query)),
            outcome => outcome,
        }),
        LISTS,
        &["{}: more documents than the cap are too_large, never a short list"],
    ),
    row(
        "gives a page where none was asked for",
        answer(|query, answer| match (query, answer) {
            (Query::Orders(query), Answer::Orders(listing)) if query.page.is_none() => {
                let items = std::mem::take(listing.items_mut());
                *listing = Listing::Page { total: items.len() as u64, items };
            }
            (Query::Invoices(query), Answer::Invoices(listing)) if query.page.is_none() => {
                let items = std::mem::take(listing.items_mut());
                *listing = Listing::Page { total: items.len() as u64, items };
            }
            _ => {}
        }),
        LISTS,
        &["{}: complete, or the page that was asked for, as declared"],
    ),
    row(
        "declares pages and never cuts them",
        question(|query| {
            if let Query::Invoices(query) = query {
                query.page = None;
            }
        }),
        &[],
        &["invoices: complete, or the page that was asked for, as declared"],
    ),
    row(
        "swallows a page that fails",
        question(|query| {
            if let Query::Invoices(query) = query
                && let Some(page) = &mut query.page
                && page.number == 2
            {
                page.number = 1_000_000;
            }
        }),
        &[],
        &["invoices: pages of 1 make up the list", "invoices: pages of 5 make up the list"],
    ),
    // Lists that the gateway cuts.
    row(
        "turns lists round",
        spoils_answer(spoils::turned_round),
        LISTS,
        &["{}: newest first, then by id, undated last"],
    ),
    row(
        "writes every entry twice",
        spoils_answer(spoils::doubled),
        LISTS,
        &["{}: no id comes twice", "{}: what the ERP gives twice is shown once"],
    ),
    row(
        "tells a wrong total",
        spoils_answer(spoils::one_more),
        LISTS,
        &[
            "{}: the total counts what all pages hold",
            "{}: drafts, deleted and void documents are not shown",
            "{}: pages and totals of a filtered list",
        ],
    ),
    row(
        "forgets the total past the end",
        spoils_answer(spoils::no_total_past_the_end),
        LISTS,
        &["{}: a page past the end is empty and knows the total"],
    ),
    row(
        "counts the store's pages from zero",
        spoils_request(spoils::next_page),
        LISTS,
        &[
            "{}: pages of 1 make up the list",
            "{}: pages of 5 make up the list",
            "{}: page 1 of 15 unless told otherwise",
        ],
    ),
    row(
        "cuts the store's pages at ten",
        spoils_request(|_, body| spoils::replace(body, "1000", "10")),
        LISTS,
        &["{}: a page of 1000 holds as many"],
    ),
    // Filters.
    row(
        "ignores the store's filters",
        spoils_request(|_, body| spoils::replace(body, "\"filters\":", "\"filter\":")),
        LISTS,
        &[
            "{}: the filter by customer_po",
            "{}: the filter by start_date, or date_from",
            "{}: the filter by end_date, or date_to",
            "{}: the filter by start_date and end_date",
            "{}: filters combine by AND",
            "{}: a value that is only part of one matches nothing",
            "{}: pages and totals of a filtered list",
            "{}: hostile filter values match nothing",
            "orders: the filter by order_id",
            "orders: the filter by third_party_order_number",
            "invoices: the filter by invoice_id",
        ],
    ),
    row(
        "reads null as a text",
        spoils_request(|_, body| spoils::replace(body, "null", "\"null\"")),
        LISTS,
        &["{}: blank, null and absent filters filter nothing"],
    ),
    row(
        "ignores filters that it declares exact",
        question(|query| match query {
            Query::Orders(query) => {
                query.filters = OrderFilters { dates: query.filters.dates, ..OrderFilters::default() }
            }
            Query::Invoices(query) => query.filters = InvoiceFilters::default(),
            _ => {}
        }),
        &["order_id", "customer_po", "third_party_order_number"],
        &[
            "orders: the ERP's own filter by {} holds as declared",
            "invoices: the ERP's own filter by invoice_id holds as declared",
            "invoices: the ERP's own filter by customer_po holds as declared",
            "invoices: the ERP's own filter by start_date holds as declared",
            "invoices: the ERP's own filter by end_date holds as declared",
            "invoices: the filter by start_date, or date_from",
            "invoices: the filter by end_date, or date_to",
            "invoices: hostile filter values match nothing",
        ],
    ),
    row(
        "gives too few for a partial filter",
        question(|query| {
            if let Query::Orders(query) = query {
                let dates = &mut query.filters.dates;
                dates.start = dates.start.map(|bound| moved(bound, 5));
                dates.end = dates.end.map(|bound| moved(bound, -5));
            }
        }),
        &["start_date", "end_date"],
        &[
            "orders: the ERP's own filter by {} holds as declared",
            "orders: the filter by start_date, or date_from",
            "orders: the filter by end_date, or date_to",
        ],
    ),
    row(
        "compares instants by the day in UTC",
        question(|query| {
            if let Query::Invoices(query) = query {
                let dates = &mut query.filters.dates;
                for bound in [&mut dates.start, &mut dates.end].into_iter().flatten() {
                    bound.day = Offset::UTC.to_datetime(bound.instant).date();
                }
            }
        }),
        &["start_date", "end_date"],
        &["invoices: the ERP's own filter by {} holds as declared"],
    ),
    // Users.
    row(
        "forgets who ordered",
        answer(|_, answer| order_headers(answer).into_iter().for_each(|order| order.placed_by = None)),
        &[],
        &["orders: a user's reference restricts the list to that user's orders"],
    ),
    row(
        "answers by an id that it does not use",
        spoils_request(|_, body| match String::from_utf8_lossy(&body).contains("livegate-4711") {
            true => spoils::replace(body, "NORTH-1", "NORTH-10"),
            false => body,
        }),
        ALL,
        &["{}: ids that are not used change nothing"],
    ),
    // Requests.
    row(
        "fills in what is blank",
        spoils_request(|_, body| spoils::replace(body, "\"\"", "\"NORTH-1\"")),
        ALL,
        &["{}: blank, overlong and control characters reach no ERP"],
    ),
    // The connection.
    row(
        "stays busy with a call that was given up",
        behaves(Behaviour::StaysBusy),
        ALL,
        &["{}: a cancelled call leaves the connection usable"],
    ),
    row(
        "hangs after a call that was given up",
        behaves(Behaviour::Hangs),
        &[],
        &["account: a cancelled call leaves the connection usable"],
    ),
    row(
        "mixes up calls at the same time",
        behaves(Behaviour::MixesUp),
        &[],
        &["connection: calls at the same time get each their own answer"],
    ),
    row("answers otherwise each time", behaves(Behaviour::Counts), ALL, &["{}: the same question gets the same bytes"]),
    row(
        "pings nobody",
        behaves(Behaviour::PingsNobody),
        &[],
        &["connection: ping succeeds", "connection: ping is unreachable when nobody listens"],
    ),
    row(
        "keeps its session",
        Wrong::Careless(Carelessness { sessions: true, ..CARELESS }, None),
        &[],
        &["connection: closed, it has logged out"],
    ),
    row("never closes", behaves(Behaviour::NeverCloses), &[], &["connection: closing it never hangs"]),
    // What it says of itself.
    row(
        "offers more than its kind",
        says(|capabilities| capabilities.orders.pages = true),
        &[],
        &["kind: a connection offers no more than its kind"],
    ),
    row(
        "declares filters of a list that it does not offer",
        says(|capabilities| capabilities.operations = &[Operation::Account]),
        &[],
        &["kind: what is declared belongs to what is offered"],
    ),
    row(
        "does not say what a field is",
        Wrong::Kind(|kind| {
            let silent = Field { name: "silent", kind: FieldKind::Integer, ..Field::TEXT };
            kind.fields = kind.fields.iter().copied().chain([silent]).collect::<Vec<_>>().leak();
        }),
        &[],
        &["kind: every field tells a person what it is"],
    ),
    row(
        "gives an example that its own pattern refuses",
        Wrong::Kind(|kind| {
            let fields = kind.fields.iter().map(|field| Field { pattern: Some("[0-9]+"), ..*field });
            kind.fields = fields.collect::<Vec<_>>().leak();
        }),
        &[],
        &["kind: every field tells a person what it is", "kind: demo tenants fit the form"],
    ),
    row(
        "has a demo that does not fit its form",
        Wrong::Kind(|kind| {
            let odd = DemoTenant { id: "odd", settings: &[("no_such_field", "x")], ..kind.demo[0] };
            kind.demo = kind.demo.iter().copied().chain([odd]).collect::<Vec<_>>().leak();
        }),
        &[],
        &["kind: demo tenants fit the form"],
    ),
];

fn parsed(text: &str) -> Amount {
    Amount::parse(text).expect("an amount")
}

/// What becomes of an amount that was a binary float in between, with the digits that it has then.
fn float(amount: Amount) -> Amount {
    let float: f64 = amount.to_string().parse().expect("a number");
    let digits = 24_usize.saturating_sub(format!("{float:.0}").len());
    parsed(&format!("{:.digits$}", float + 0.1))
}

fn invoice_like(invoice: &InvoiceSummary, id: &str) -> InvoiceSummary {
    InvoiceSummary { id: DocumentId::new(id).expect("an id"), ..invoice.clone() }
}

fn moved(bound: DateBound, days: i32) -> DateBound {
    let instant: Timestamp = bound.instant;
    DateBound { instant, day: bound.day.saturating_add(days.days()) }
}
