//! Order, distinctness, totals and pages of the two lists.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use livegate_core::{Answer, ErrorKind, Listing, PageRequest, Query};
use serde_json::Value;

use super::people::everybody;
use crate::check::{Bench, Checklist, Verdict, broken, ensure};
use crate::json::Json;
use crate::listing::{LARGEST_PAGE, LISTS, List, natural, page, pages, traits, whole};
use crate::question::Question;
use crate::rule::Rule;

/// What a list is cut into unless the webstore says otherwise.
const PAGE: usize = 15;

/// How many entries of a list are compared with the call by id.
const COMPARED: usize = 15;

pub(super) fn checks(list: &mut Checklist) {
    let cast = list.subject.cast;
    for which in LISTS {
        let (name, offered) = (which.operation(), list.offers(which.operation()));
        let named = |documents: &[crate::Document], what: &str| {
            list.offers(which.operation())?;
            let there = documents.iter().any(|document| document.list == which.operation());
            if there { Ok(()) } else { Err(format!("the cast names no {what}")) }
        };
        let (repeated, hidden) =
            (named(cast.repeated, "document that comes twice"), named(cast.hidden, "document that is never shown"));
        let by_id = offered.clone().and_then(|()| list.offers(which.by_id()));
        list.add(format!("{name}: newest first, then by id, undated last"), offered.clone(), move |bench| {
            in_order(bench, which)
        });
        list.add(format!("{name}: no id comes twice"), offered.clone(), move |bench| distinct(bench, which));
        list.add(format!("{name}: what the ERP gives twice is shown once"), repeated, move |bench| once(bench, which));
        list.add(format!("{name}: drafts, deleted and void documents are not shown"), hidden, move |bench| {
            not_shown(bench, which)
        });
        list.add(format!("{name}: the total counts what all pages hold"), offered.clone(), move |bench| {
            total(bench, which)
        });
        for size in [1, 5] {
            list.add(format!("{name}: pages of {size} make up the list"), offered.clone(), move |bench| {
                make_up(bench, which, size)
            });
        }
        list.add(format!("{name}: a page of 1000 holds as many"), offered.clone(), move |bench| {
            largest_page(bench, which)
        });
        list.add(format!("{name}: a page past the end is empty and knows the total"), offered.clone(), move |bench| {
            past_the_end(bench, which)
        });
        list.add(format!("{name}: page 1 of 15 unless told otherwise"), offered.clone(), move |bench| {
            first_page(bench, which)
        });
        list.add(format!("{name}: an entry and its call by id agree"), by_id, move |bench| agree(bench, which));
        list.add(
            format!("{name}: more documents than the cap are too_large, never a short list"),
            offered.clone(),
            move |bench| capped(bench, which),
        );
        list.add(format!("{name}: complete, or the page that was asked for, as declared"), offered, move |bench| {
            as_declared(bench, which)
        });
    }
}

async fn in_order(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for customer in everybody(&bench.subject.cast) {
        for size in [LARGEST_PAGE, 7] {
            let shown = pages(&line, list, &Question::new(list.operation(), customer), size).await?;
            for (earlier, later) in shown.items.iter().zip(shown.items.iter().skip(1)) {
                let (one, other) = (place(list, earlier), place(list, later));
                let order = other.0.cmp(&one.0).then_with(|| natural(&other.1, &one.1));
                let what = format!("{customer}: {one:?} after {other:?} in pages of {size}");
                ensure(order != Ordering::Greater, Rule::Lists, what, "the other way round")?;
            }
        }
    }
    Ok(())
}

/// The date as it leaves, which sorts as a text does, and the id; no date comes before all.
fn place(list: List, entry: &Json) -> (String, String) {
    let said = |name| entry.member(name).and_then(|value| value.said()).unwrap_or_default();
    (said(list.date()), said(list.id()))
}

async fn distinct(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for customer in everybody(&bench.subject.cast) {
        for size in [LARGEST_PAGE, 4] {
            let ids = pages(&line, list, &Question::new(list.operation(), customer), size).await?.ids;
            let distinct: BTreeSet<&String> = ids.iter().collect();
            let twice = ids.iter().find(|id| ids.iter().filter(|other| other == id).count() > 1);
            let what = format!("each {} of {customer} once in pages of {size}", list.id());
            ensure(distinct.len() == ids.len(), Rule::Lists, what, format!("{twice:?} more than once"))?;
        }
    }
    Ok(())
}

async fn once(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for document in bench.subject.cast.repeated.iter().filter(|document| document.list == list.operation()) {
        let shown = whole(&line, list, document.customer).await?;
        let times = shown.ids.iter().filter(|id| *id == document.id).count();
        ensure(times == 1, Rule::Lists, format!("{document:?} once"), format!("it {times} times"))?;
        let came = format!("a total of {} beside {}", shown.total, shown.ids.len());
        ensure(shown.total == shown.ids.len(), Rule::Lists, "it counted once", came)?;
    }
    Ok(())
}

async fn not_shown(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for document in bench.subject.cast.hidden.iter().filter(|document| document.list == list.operation()) {
        let shown = whole(&line, list, document.customer).await?;
        let by_filter = Question::new(list.operation(), document.customer).filtered(list.id(), document.id);
        let found = page(&line, list, &by_filter).await?;
        let absent = !shown.ids.iter().chain(&found.ids).any(|id| id == document.id);
        ensure(absent, Rule::Lists, format!("no list to show {document:?}"), format!("{:?}", shown.ids))?;
        let came = format!("a total of {} beside {}", shown.total, shown.ids.len());
        ensure(shown.total == shown.ids.len() && found.total == 0, Rule::Lists, "it not to be counted", came)?;
    }
    Ok(())
}

async fn total(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for customer in everybody(&bench.subject.cast) {
        let whole = whole(&line, list, customer).await?;
        for size in [LARGEST_PAGE, 6] {
            let shown = pages(&line, list, &Question::new(list.operation(), customer), size).await?;
            let what = format!("{} = {} for {customer} in pages of {size}", list.total(), whole.ids.len());
            ensure(shown.total == shown.ids.len() && shown.total == whole.ids.len(), Rule::Lists, what, shown.total)?;
        }
    }
    Ok(())
}

async fn make_up(bench: Bench, list: List, size: usize) -> Verdict {
    let line = bench.line();
    let customer = bench.subject.cast.customer;
    let (all, own) = (whole(&line, list, customer).await?, Question::new(list.operation(), customer));
    ensure(all.ids.len() > size, Rule::Lists, format!("more than {size} documents of {customer}"), all.ids.len())?;
    let mut shown = Vec::new();
    // Each page is asked by its own number, so that one that is cut at the wrong place cannot be made good by the next.
    for number in 1..=all.ids.len().div_ceil(size) {
        let cut = page(&line, list, &own.clone().page(number, size)).await?;
        let expected = size.min(all.ids.len() - (number - 1) * size);
        ensure(
            cut.ids.len() == expected,
            Rule::Lists,
            format!("{expected} documents on page {number}"),
            cut.ids.len(),
        )?;
        ensure(cut.total == all.total, Rule::Lists, format!("the total {} on page {number}", all.total), cut.total)?;
        shown.extend(cut.items);
    }
    let text = |entries: &[Json]| entries.iter().map(Json::text).collect::<Vec<_>>().join(",");
    ensure(text(&shown) == text(&all.items), Rule::Lists, text(&all.items), text(&shown))
}

async fn largest_page(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let question = Question::new(list.operation(), bench.subject.cast.customer);
    let all = pages(&line, list, &question, 13).await?;
    for size in [Value::from("1000"), Value::from(1000)] {
        let asked = question.clone().with("per_page", size);
        let cut = page(&line, list, &asked).await?;
        let expected = &all.ids[..all.ids.len().min(LARGEST_PAGE)];
        ensure(cut.ids == expected, Rule::Lists, format!("{expected:?}"), format!("{:?}", cut.ids))?;
    }
    Ok(())
}

async fn past_the_end(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let (customer, expected) = (bench.subject.cast.customer, "an empty page with the right total");
    let total = whole(&line, list, customer).await?.total;
    let past = [(total + 1, 1), (total / 5 + 2, 5), (2, 1000), (1_000_000_000, 1000)];
    for (number, size) in past {
        if (number - 1) * size < total {
            continue;
        }
        let question = Question::new(list.operation(), customer).page(number, size);
        let cut = page(&line, list, &question).await?;
        let came = format!("{} documents and the total {} by {question}", cut.ids.len(), cut.total);
        ensure(cut.ids.is_empty() && cut.total == total, Rule::Lists, format!("{expected} {total}"), came)?;
    }
    Ok(())
}

async fn first_page(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let question = Question::new(list.operation(), bench.subject.cast.customer);
    let all = whole(&line, list, bench.subject.cast.customer).await?;
    let expected = &all.ids[..all.ids.len().min(PAGE)];
    ensure(!expected.is_empty(), Rule::Lists, format!("documents by {question}"), "none")?;
    let ways = [
        question.clone(),
        question.clone().with("current_page", Value::Null).with("per_page", Value::Null),
        question.clone().with("current_page", "").with("per_page", " "),
        question.clone().with("current_page", 1).with("per_page", 15),
        question.with("current_page", "1").with("per_page", "15"),
    ];
    for asked in ways {
        let cut = page(&line, list, &asked).await?;
        ensure(cut.ids == expected, Rule::Requests, format!("{expected:?} by {asked}"), format!("{:?}", cut.ids))?;
    }
    Ok(())
}

async fn agree(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    for customer in everybody(&bench.subject.cast) {
        let shown = whole(&line, list, customer).await?;
        let step = shown.items.len().div_ceil(COMPARED).max(1);
        for (entry, id) in shown.items.iter().zip(&shown.ids).step_by(step) {
            let question = Question::new(list.by_id(), customer).about(id);
            let answer = line.ask(list.by_id(), &question.body()).await;
            let told = answer.map_err(|refusal| broken(Rule::Calls, format!("an answer to {question}"), refusal))?;
            let told_id = told.member(list.id());
            let found = told_id == entry.member(list.id());
            ensure(found, Rule::Calls, format!("the document by {question}"), told.text())?;
            for (name, value) in entry.members() {
                // By id the contract calls it otherwise.
                let name = if list == List::Invoices && name == "discount_total" { "discount" } else { name.as_str() };
                let by_id = told.member(name).filter(|by_id| by_id.is() != crate::json::Type::Object);
                if let Some(by_id) = by_id {
                    let what = format!("{name} {} as in the list, by {question}", value.text());
                    ensure(by_id == value, Rule::Calls, what, by_id.text())?;
                }
            }
        }
    }
    Ok(())
}

async fn capped(bench: Bench, list: List) -> Verdict {
    let customer = bench.subject.cast.customer;
    let all = whole(&bench.line(), list, customer).await?.ids.len();
    ensure(all > 1, Rule::Lists, format!("several documents of {customer}"), all)?;
    let rule = Rule::Capped;
    for cap in [1, all - 1] {
        let came = match bench.capped(cap).call(&list.whole(customer)).await {
            Err(error) if error.kind() == ErrorKind::TooLarge => continue,
            Err(error) => format!("the error {error}"),
            Ok(answer) => match &*answer {
                Answer::Orders(listing) => format!("{} documents", listing.items().len()),
                Answer::Invoices(listing) => format!("{} documents", listing.items().len()),
                _ => "an answer to another question".to_owned(),
            },
        };
        return Err(broken(rule, format!("too_large, as there are {all} documents and {cap} are allowed"), came));
    }
    Ok(())
}

async fn as_declared(bench: Bench, list: List) -> Verdict {
    let (line, rule) = (bench.line(), Rule::Complete);
    let customer = bench.subject.cast.customer;
    let all = traits(&line, &list.whole(customer)).await?;
    let mut asked = list.whole(customer);
    let page = Some(PageRequest { number: 1, size: 5 });
    match &mut asked {
        Query::Orders(query) => query.page = page,
        Query::Invoices(query) => query.page = page,
        _ => {}
    }
    let capabilities = line.capabilities();
    let declared = if list == List::Orders { capabilities.orders.pages } else { capabilities.invoices.pages };
    if !declared {
        return Ok(());
    }
    let answer = line.call(&asked).await;
    let answer = answer.map_err(|error| broken(rule, "a page, as pages are declared", format!("the error {error}")))?;
    let (came, total) = match &*answer {
        Answer::Orders(Listing::Page { items, total }) => (items.len(), *total),
        Answer::Invoices(Listing::Page { items, total }) => (items.len(), *total),
        _ => return Err(broken(rule, "a page, as pages are declared", "the complete list")),
    };
    let expected = (all.len().min(5), all.len() as u64);
    ensure(
        (came, total) == expected,
        rule,
        format!("{expected:?} documents and in all"),
        format!("{:?}", (came, total)),
    )
}
