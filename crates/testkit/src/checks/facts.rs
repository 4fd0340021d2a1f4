//! What the cast knows to the letter: amounts, dates, and what the ERP does not tell.

use livegate_core::Operation;

use super::filters::ZONES;
use super::people::needs;
use crate::Fact;
use crate::check::{Bench, Checklist, Verdict, answered, broken, ensure};
use crate::json::Json;
use crate::line::Line;
use crate::listing::{List, whole};
use crate::question::Question;
use crate::rule::Rule;

pub(super) fn checks(list: &mut Checklist) {
    let cast = list.subject.cast;
    for operation in Operation::ALL {
        let of: fn(&Fact) -> Operation = |fact| fact.operation;
        let money = needs(list, operation, cast.money, of, "amount to look at");
        list.add(format!("{operation}: money to the digit"), money, move |bench| {
            all_true(bench, operation, bench.subject.cast.money, &["UTC"], Rule::Money)
        });
        let dates = needs(list, operation, cast.dates, of, "date to look at");
        list.add(format!("{operation}: dates keep their day in every time zone"), dates, move |bench| {
            all_true(bench, operation, bench.subject.cast.dates, &ZONES, Rule::Dates)
        });
        let zoned = needs(list, operation, cast.zoned, |(_, fact)| fact.operation, "local time to look at");
        list.add(format!("{operation}: local times are the tenant's"), zoned, move |bench| {
            local_times(bench, operation)
        });
        let unknown = needs(list, operation, cast.unknown, of, "member that the ERP does not tell");
        list.add(format!("{operation}: unknown stays absent"), unknown, move |bench| {
            all_true(bench, operation, bench.subject.cast.unknown, &["UTC"], Rule::Dates)
        });
    }
}

async fn all_true(bench: Bench, operation: Operation, facts: &[Fact], zones: &[&str], rule: Rule) -> Verdict {
    for zone in zones {
        let line = bench.line_in(zone);
        for fact in facts.iter().filter(|fact| fact.operation == operation) {
            is_true(&line, fact, zone, rule).await?;
        }
    }
    Ok(())
}

async fn local_times(bench: Bench, operation: Operation) -> Verdict {
    for (zone, fact) in bench.subject.cast.zoned.iter().filter(|(_, fact)| fact.operation == operation) {
        is_true(&bench.line_in(zone), fact, zone, Rule::Dates).await?;
    }
    Ok(())
}

async fn is_true(line: &Line, fact: &Fact, zone: &str, rule: Rule) -> Verdict {
    let Some(document) = document(line, fact).await? else {
        return Err(broken(rule, format!("a document to look at for {fact:?}"), "nothing"));
    };
    let found = document.at(fact.member);
    let came = found.as_ref().map(Json::text);
    let expected = fact.json.map_or("nothing".to_owned(), str::to_owned);
    let what = format!("{expected} at {} for {fact:?} in {zone}", fact.member);
    ensure(came == fact.json, rule, what, came.unwrap_or("nothing"))
}

/// The answer, or the list's entry, that a fact is about.
async fn document(line: &Line, fact: &Fact) -> Result<Option<Json>, String> {
    if let (Operation::Orders | Operation::Invoices, Some(list)) = (fact.operation, List::of(fact.operation)) {
        let shown = whole(line, list, fact.customer).await?;
        return Ok(shown.ids.iter().position(|id| id == fact.id).map(|at| shown.items[at].clone()));
    }
    let question = Question::new(fact.operation, fact.customer).about(fact.id);
    let answer = answered(Rule::Calls, &question, line.ask(fact.operation, &question.body()).await)?;
    Ok(Some(answer).filter(|answer| answer.text() != "{}"))
}
