use livegate_core::Operation;

use crate::Cast;
use crate::check::{Bench, Checklist, Need, answered, broken};
use crate::json::Json;
use crate::line::Line;
use crate::listing::{List, whole};
use crate::question::Question;
use crate::rule::Rule;

/// How many documents of a list are looked at one by one.
const DOCUMENTS: usize = 8;

/// Everybody whom the cast says to have something, each once.
pub(super) fn everybody(cast: &Cast) -> Vec<&'static str> {
    let twins = cast.twins.iter().flat_map(|twin| [twin.owned_by, twin.asked_by]);
    let documents = cast.repeated.iter().chain(cast.hidden).map(|document| document.customer);
    let facts = cast.money.iter().chain(cast.dates).chain(cast.unknown).chain(cast.zoned.iter().map(|(_, fact)| fact));
    let mut everybody = vec![cast.customer];
    for somebody in cast.awkward.into_iter().chain(twins).chain(documents).chain(facts.map(|fact| fact.customer)) {
        if !everybody.contains(&somebody) {
            everybody.push(somebody);
        }
    }
    everybody
}

/// What the cast knows for `operation` is needed.
pub(super) fn needs<T>(
    list: &Checklist,
    operation: Operation,
    known: &[T],
    of: fn(&T) -> Operation,
    what: &str,
) -> Need {
    list.offers(operation)?;
    if known.iter().any(|one| of(one) == operation) { Ok(()) } else { Err(format!("the cast names no {what}")) }
}

/// Somebody whom not every cast has.
pub(super) fn somebody(found: Option<&'static str>, who: &str) -> Need {
    found.map(|_| ()).ok_or_else(|| format!("the cast has no {who}"))
}

/// Every answer to `operation` that the cast lets us ask for, with its question.
pub(super) async fn survey(bench: &Bench, line: &Line, operation: Operation) -> Result<Vec<(Question, Json)>, String> {
    let cast = &bench.subject.cast;
    let mut questions = Vec::new();
    for customer in everybody(cast) {
        let question = Question::new(operation, customer);
        match (operation, List::of(operation)) {
            (Operation::Orders | Operation::Invoices, _) => questions.push(question.page(1, 1000)),
            (Operation::Order | Operation::Invoice, Some(list)) => {
                for id in documents(bench, line, list, customer).await? {
                    questions.push(question.clone().about(&id));
                }
            }
            _ => questions.push(question),
        }
    }
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let answer = answered(Rule::Calls, &question, line.ask(operation, &question.body()).await)?;
        answers.push((question, answer));
    }
    if answers.iter().any(|(_, answer)| answer.text() != "{}") {
        return Ok(answers);
    }
    Err(broken(Rule::Calls, format!("that some {operation} of the cast is found"), "nothing at all"))
}

/// Numbers of documents of a customer: those that the cast names, and some from the list if there is one.
async fn documents(bench: &Bench, line: &Line, list: List, customer: &str) -> Result<Vec<String>, String> {
    let cast = &bench.subject.cast;
    let facts = cast.money.iter().chain(cast.dates).chain(cast.unknown);
    let facts = facts.filter(|fact| fact.operation == list.by_id() && fact.customer == customer).map(|fact| fact.id);
    let own = if list == List::Orders { cast.order } else { cast.invoice };
    let mut ids: Vec<String> =
        own.filter(|_| customer == cast.customer).into_iter().chain(facts).map(str::to_owned).collect();
    if line.capabilities().offers(list.operation()) {
        let listed = whole(line, list, customer).await?.ids;
        let step = listed.len().div_ceil(DOCUMENTS).max(1);
        ids.extend(listed.into_iter().step_by(step));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}
