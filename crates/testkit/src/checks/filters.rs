//! Filters, against an oracle of the kit's own over the unfiltered list; and what a connection declares of them.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use livegate_core::{DateBound, FilterSupport, ListCapabilities, Moment};
use serde_json::{Value, json};

use crate::check::{Bench, Checklist, Need, Verdict, broken, ensure};
use crate::line::Line;
use crate::listing::{LISTS, List, Traits, Wanted, page, pages, traits, whole};
use crate::question::Question;
use crate::rule::Rule;

/// The zones of tenants in which date filters are asked: none, whole hours, half an hour of daylight saving.
pub(super) const ZONES: [&str; 3] = ["UTC", "America/New_York", "Australia/Lord_Howe"];

/// How many documents a filter is tried with.
const SAMPLES: usize = 4;

pub(super) fn checks(list: &mut Checklist) {
    let capabilities = list.capabilities.clone();
    for which in LISTS {
        let (name, offered) = (which.operation(), list.offers(which.operation()));
        list.add(format!("{name}: the filter by {}", which.id()), offered.clone(), move |bench| {
            by_text(bench, which, Text::Id)
        });
        list.add(format!("{name}: the filter by customer_po"), offered.clone(), move |bench| {
            by_text(bench, which, Text::CustomerPo)
        });
        if which == List::Orders {
            list.add(format!("{name}: the filter by third_party_order_number"), offered.clone(), move |bench| {
                by_text(bench, which, Text::ThirdParty)
            });
        }
        for ends in [Ends::Start, Ends::End, Ends::Both] {
            let title = format!("{name}: the filter by {}", ends.title());
            list.add(title, offered.clone(), move |bench| by_dates(bench, which, ends));
        }
        list.add(format!("{name}: filters combine by AND"), offered.clone(), move |bench| combined(bench, which));
        list.add(format!("{name}: a value that is only part of one matches nothing"), offered.clone(), move |bench| {
            partial_values(bench, which)
        });
        list.add(format!("{name}: blank, null and absent filters filter nothing"), offered.clone(), move |bench| {
            blank(bench, which)
        });
        list.add(format!("{name}: pages and totals of a filtered list"), offered.clone(), move |bench| {
            filtered_pages(bench, which)
        });
        let declared = if which == List::Orders { &capabilities.orders } else { &capabilities.invoices };
        for filter in FILTERS {
            let Some((title, support)) = filter.support(which, declared) else { continue };
            let need = offered.clone().and_then(|()| declares(support));
            list.add(format!("{name}: the ERP's own filter by {title} holds as declared"), need, move |bench| {
                holds(bench, which, filter, support)
            });
        }
    }
}

fn declares(support: FilterSupport) -> Need {
    if support == FilterSupport::None {
        Err("the connection leaves this filter to livegate".to_owned())
    } else {
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Id,
    CustomerPo,
    ThirdParty,
}

impl Text {
    fn member(self, list: List) -> &'static str {
        match self {
            Self::Id => list.id(),
            Self::CustomerPo => "customer_po",
            Self::ThirdParty => "third_party_order_number",
        }
    }

    fn of(self, document: &Traits) -> Option<&str> {
        match self {
            Self::Id => Some(&document.id),
            Self::CustomerPo => document.customer_po.as_deref(),
            Self::ThirdParty => document.third_party_order_number.as_deref(),
        }
    }

    fn wanted(self, value: &str) -> Wanted {
        let value = Some(value.to_owned());
        match self {
            Self::Id => Wanted { id: value, ..Wanted::default() },
            Self::CustomerPo => Wanted { customer_po: value, ..Wanted::default() },
            Self::ThirdParty => Wanted { third_party_order_number: value, ..Wanted::default() },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Start,
    End,
    Both,
}

impl Ends {
    fn title(self) -> &'static str {
        match self {
            Self::Start => "start_date, or date_from",
            Self::End => "end_date, or date_to",
            Self::Both => "start_date and end_date",
        }
    }
}

/// A customer's list as it is shown, and what the filters look at by id.
struct Book {
    list: List,
    customer: &'static str,
    zone: TimeZone,
    ids: Vec<String>,
    traits: BTreeMap<String, Traits>,
}

impl Book {
    async fn read(bench: &Bench, line: &Line, list: List) -> Result<Self, String> {
        let customer = bench.subject.cast.customer;
        let shown = whole(line, list, customer).await?;
        let all = traits(line, &list.whole(customer)).await?;
        let traits: BTreeMap<String, Traits> =
            all.into_iter().map(|document| (document.id.clone(), document)).collect();
        let known = shown.ids.iter().all(|id| traits.contains_key(id));
        let complete = known && traits.len() == shown.ids.len();
        let came = format!("{:?} and {:?}", shown.ids, traits.keys());
        ensure(complete, Rule::Lists, "the same documents page by page and as a whole", came)?;
        Ok(Self { list, customer, zone: line.rules().time_zone.clone(), ids: shown.ids, traits })
    }

    /// The documents in the order in which they are shown.
    fn documents(&self) -> impl Iterator<Item = &Traits> {
        self.ids.iter().filter_map(|id| self.traits.get(id))
    }

    /// Some of the documents from all over the list.
    fn samples(&self) -> Vec<&Traits> {
        self.documents().step_by(self.ids.len().div_ceil(SAMPLES).max(1)).collect()
    }

    fn passing(&self, wanted: &Wanted) -> Vec<String> {
        let passing = self.documents().filter(|document| wanted.passes(document, &self.zone));
        passing.map(|document| document.id.clone()).collect()
    }

    fn question(&self) -> Question {
        Question::new(self.list.operation(), self.customer)
    }

    /// Asks with a filter, and looks whether just the right documents come.
    async fn expect(&self, line: &Line, question: Question, wanted: &Wanted) -> Verdict {
        let expected = self.passing(wanted);
        let shown = page(line, self.list, &question.page(1, 1000)).await?;
        let what = format!("{expected:?} by {wanted:?}");
        ensure(shown.ids == expected, Rule::Requests, what, format!("{:?}", shown.ids))?;
        ensure(shown.total == expected.len(), Rule::Lists, format!("the total {}", expected.len()), shown.total)
    }
}

async fn by_text(bench: Bench, list: List, text: Text) -> Verdict {
    let line = bench.line();
    let (book, member) = (Book::read(&bench, &line, list).await?, text.member(list));
    let mut values: Vec<String> =
        book.documents().filter_map(|document| text.of(document)).map(str::to_owned).collect();
    values.dedup();
    let step = values.len().div_ceil(SAMPLES).max(1);
    for value in values.iter().step_by(step) {
        for asked in [value.clone(), value.to_ascii_lowercase(), value.to_ascii_uppercase(), format!("  {value} ")] {
            let question = book.question().filtered(member, asked.as_str());
            book.expect(&line, question, &text.wanted(&asked)).await?;
        }
    }
    // Whatever the ERP calls unknown, a text that nobody has matches nothing.
    let nothing = "no such text as this";
    book.expect(&line, book.question().filtered(member, nothing), &text.wanted(nothing)).await
}

async fn partial_values(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let book = Book::read(&bench, &line, list).await?;
    let texts: &[Text] = if list == List::Orders {
        &[Text::Id, Text::CustomerPo, Text::ThirdParty]
    } else {
        &[Text::Id, Text::CustomerPo]
    };
    for text in texts {
        let values: Vec<&str> = book.samples().into_iter().filter_map(|document| text.of(document)).collect();
        for value in values {
            let (first, last) = (value.chars().next(), value.chars().next_back());
            let (Some(first), Some(last)) = (first, last) else { continue };
            let parts = [
                value[..value.len() - last.len_utf8()].to_owned(),
                value[first.len_utf8()..].to_owned(),
                format!("{value}0"),
                format!("0{value}"),
                format!("{value}*"),
                format!("{value}%"),
                "%".to_owned(),
                "*".to_owned(),
                "_".repeat(value.chars().count()),
            ];
            for part in parts.iter().filter(|part| !part.trim().is_empty()) {
                let question = book.question().filtered(text.member(list), part.as_str());
                book.expect(&line, question, &text.wanted(part.trim())).await?;
            }
        }
    }
    Ok(())
}

async fn by_dates(bench: Bench, list: List, ends: Ends) -> Verdict {
    for zone in ZONES {
        let line = bench.line_in(zone);
        let book = Book::read(&bench, &line, list).await?;
        let mut moments: Vec<Moment> = book.samples().into_iter().filter_map(|document| document.date).collect();
        moments
            .extend(book.documents().filter_map(|document| document.date).find(|date| !matches!(date, Moment::Day(_))));
        // A list without dates passes every date filter, and that is looked at too.
        moments.push(Moment::Day(Date::constant(2024, 2, 29)));
        moments.sort();
        moments.dedup();
        for moment in moments {
            let bounds = bounds(&moment, &book.zone);
            // Of pairs some are enough: each end is looked at by itself too.
            let apart = if ends == Ends::Both { 3 } else { 1 };
            for (from, start) in bounds.iter().step_by(apart).filter(|_| ends != Ends::End) {
                let name = if from.len() == 10 { "date_from" } else { "start_date" };
                let question = book.question().filtered(name, from.as_str());
                let wanted = between(Some(start.0), None);
                if ends == Ends::Start {
                    book.expect(&line, question, &wanted).await.map_err(|text| format!("{from} in {zone}: {text}"))?;
                    continue;
                }
                for (to, end) in bounds.iter().step_by(2).filter(|(_, end)| start.0.instant <= end.1.instant) {
                    let name = if to.len() == 10 { "end_date" } else { "date_to" };
                    let question = question.clone().filtered(name, to.as_str());
                    let wanted = between(Some(start.0), Some(end.1));
                    book.expect(&line, question, &wanted)
                        .await
                        .map_err(|text| format!("{from} to {to} in {zone}: {text}"))?;
                }
            }
            for (to, end) in bounds.iter().filter(|_| ends == Ends::End) {
                let name = if to.len() == 10 { "date_to" } else { "end_date" };
                let question = book.question().filtered(name, to.as_str());
                let wanted = between(None, Some(end.1));
                book.expect(&line, question, &wanted).await.map_err(|text| format!("{to} in {zone}: {text}"))?;
            }
        }
    }
    Ok(())
}

fn between(start: Option<DateBound>, end: Option<DateBound>) -> Wanted {
    Wanted { dates: livegate_core::DateRange { start, end }, ..Wanted::default() }
}

/// Texts of filters around a document's date, each with the start and the end that it means.
fn bounds(moment: &Moment, zone: &TimeZone) -> Vec<(String, (DateBound, DateBound))> {
    let (day, at) = (moment.day(zone), moment.instant(zone));
    let mut bounds: Vec<_> = [-1, 0, 1]
        .map(|days| day.saturating_add(days.days()))
        .map(|day| (day.to_string(), (whole_day(day, Time::midnight()), whole_day(day, Time::MAX))))
        .into();
    // Whole seconds, as filters are written; before and after a document that has a fraction.
    let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
    let mut moments = [-1, 0, 1].map(|shift| second.saturating_add(shift.seconds()).unwrap_or(second)).to_vec();
    if let Moment::Day(day) = moment {
        // Where the day ends for the tenant, which is another moment in each zone.
        let end = Moment::Day(day.saturating_add(1.days())).instant(zone);
        moments.extend([end.saturating_sub(1.seconds()).unwrap_or(end), end]);
    }
    for at in moments {
        let bound = DateBound { instant: at, day: zone.to_datetime(at).date() };
        bounds.push((at.to_string(), (bound, bound)));
    }
    let bound = DateBound { instant: second, day: zone.to_datetime(second).date() };
    let zoneless: DateTime = Offset::UTC.to_datetime(second);
    bounds.push((zoneless.strftime("%Y-%m-%dT%H:%M:%S").to_string(), (bound, bound)));
    let east: DateTime = Offset::constant(5).to_datetime(second);
    bounds.push((format!("{}+05:00", east.strftime("%Y-%m-%dT%H:%M:%S")), (bound, bound)));
    bounds
}

/// A date without time begins and ends in UTC.
fn whole_day(day: Date, time: Time) -> DateBound {
    DateBound { instant: Offset::UTC.to_timestamp(day.to_datetime(time)).unwrap_or(Timestamp::MAX), day }
}

async fn combined(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let book = Book::read(&bench, &line, list).await?;
    let samples: Vec<Traits> = book.samples().into_iter().cloned().collect();
    for (index, document) in samples.iter().enumerate() {
        let other = &samples[(index + 1) % samples.len()];
        let mut question = book.question();
        let mut wanted = Wanted::default();
        // One filter after the other, all of the same document; then one of another document, so that nothing is left.
        if let Some(date) = &document.date {
            let (day, bound) = (date.day(&book.zone), date.instant(&book.zone));
            let held = DateBound { instant: bound, day };
            let text = if matches!(date, Moment::Day(_)) { day.to_string() } else { bound.to_string() };
            let (start, end) = if matches!(date, Moment::Day(_)) {
                (whole_day(day, Time::midnight()), whole_day(day, Time::MAX))
            } else {
                (held, held)
            };
            question = question.filtered("start_date", text.as_str()).filtered("end_date", text.as_str());
            wanted.dates = between(Some(start), Some(end)).dates;
            book.expect(&line, question.clone(), &wanted).await?;
        }
        if let Some(po) = &document.customer_po {
            question = question.filtered("customer_po", po.as_str());
            wanted.customer_po = Some(po.clone());
            book.expect(&line, question.clone(), &wanted).await?;
        }
        if let Some(number) = document.third_party_order_number.as_ref().filter(|_| list == List::Orders) {
            question = question.filtered("third_party_order_number", number.as_str());
            wanted.third_party_order_number = Some(number.clone());
            book.expect(&line, question.clone(), &wanted).await?;
        }
        for id in [&document.id, &other.id] {
            wanted.id = Some(id.clone());
            book.expect(&line, question.clone().filtered(list.id(), id.as_str()), &wanted).await?;
        }
    }
    Ok(())
}

async fn blank(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let book = Book::read(&bench, &line, list).await?;
    let names =
        [list.id(), "customer_po", "third_party_order_number", "start_date", "end_date", "date_from", "date_to"];
    let all = |value: Value| Value::Object(names.iter().map(|name| ((*name).to_owned(), value.clone())).collect());
    for filters in [json!(null), json!([]), json!({}), all(json!("")), all(json!(null)), all(json!("  "))] {
        book.expect(&line, book.question().with("filters", filters), &Wanted::default()).await?;
    }
    Ok(())
}

async fn filtered_pages(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let book = Book::read(&bench, &line, list).await?;
    let days: Vec<Date> =
        book.documents().filter_map(|document| document.date).map(|date| date.day(&book.zone)).collect();
    let middle = days.get(days.len() / 2).copied().unwrap_or(Date::constant(2024, 2, 29));
    let start = whole_day(middle, Time::midnight());
    let (question, wanted) = (book.question().filtered("start_date", middle.to_string()), between(Some(start), None));
    let expected = book.passing(&wanted);
    for size in [1, 2, 7] {
        let shown = pages(&line, list, &question, size).await?;
        let what = format!("{expected:?} in pages of {size} by {question}");
        ensure(shown.ids == expected, Rule::Lists, what, format!("{:?}", shown.ids))?;
        ensure(shown.total == expected.len(), Rule::Lists, format!("the total {}", expected.len()), shown.total)?;
    }
    Ok(())
}

/// What a connection may declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Text(Text),
    Start,
    End,
}

const FILTERS: [Declared; 5] = [
    Declared::Text(Text::Id),
    Declared::Text(Text::CustomerPo),
    Declared::Text(Text::ThirdParty),
    Declared::Start,
    Declared::End,
];

impl Declared {
    fn support(self, list: List, declared: &ListCapabilities) -> Option<(&'static str, FilterSupport)> {
        match self {
            Self::Text(Text::Id) => Some((list.id(), declared.id)),
            Self::Text(Text::CustomerPo) => Some(("customer_po", declared.customer_po)),
            Self::Text(Text::ThirdParty) if list == List::Orders => {
                Some(("third_party_order_number", declared.third_party_order_number))
            }
            Self::Text(Text::ThirdParty) => None,
            Self::Start => Some(("start_date", declared.start_date)),
            Self::End => Some(("end_date", declared.end_date)),
        }
    }

    /// Filters of this kind around a document.
    fn around(self, document: &Traits, zone: &TimeZone) -> Vec<Wanted> {
        let dated = |of: fn(DateBound, DateBound) -> Wanted| {
            let bounds = document.date.iter().flat_map(|date| bounds(date, zone));
            bounds.map(|(_, (start, end))| of(start, end)).collect()
        };
        match self {
            Self::Text(text) => text.of(document).map(|value| text.wanted(value.trim())).into_iter().collect(),
            Self::Start => dated(|start, _| between(Some(start), None)),
            Self::End => dated(|_, end| between(None, Some(end))),
        }
    }
}

/// What the adapter brings for one filter alone, before the Live rules filter it again.
async fn holds(bench: Bench, list: List, filter: Declared, support: FilterSupport) -> Verdict {
    let rule = Rule::Filters;
    for zone in ZONES {
        let line = bench.line_in(zone);
        let book = Book::read(&bench, &line, list).await?;
        let mut wanted: Vec<Wanted> =
            book.samples().into_iter().flat_map(|document| filter.around(document, &book.zone)).collect();
        if let Declared::Text(text) = filter {
            // A text that is on no sample may be on the others.
            let value = book.documents().find_map(|document| text.of(document));
            wanted.extend(value.map(|value| text.wanted(value.trim())));
            let what = format!("a document of {} with a {} to filter by", book.customer, text.member(list));
            ensure(!wanted.is_empty(), rule, what, "none")?;
        }
        for wanted in wanted {
            let expected = book.passing(&wanted);
            let came: Vec<String> = traits(&line, &list.filtered(book.customer, &wanted))
                .await?
                .into_iter()
                .map(|found| found.id)
                .collect();
            let right = match support {
                FilterSupport::Exact => came == expected,
                FilterSupport::Partial => expected.iter().all(|id| came.contains(id)),
                FilterSupport::None => true,
            };
            if !right {
                let what = format!("{support:?} {expected:?} from the ERP by {wanted:?} in {zone}");
                return Err(broken(rule, what, format!("{came:?}")));
            }
        }
    }
    Ok(())
}
