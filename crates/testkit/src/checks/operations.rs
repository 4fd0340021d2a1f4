//! That what is offered is answered, and what is not there is answered as nothing.

use livegate_core::Operation;

use super::people::somebody;
use crate::check::{Bench, Checklist, Verdict, answered, broken, ensure};
use crate::json::Json;
use crate::line::Refusal;
use crate::question::Question;
use crate::rule::Rule;

pub(super) fn checks(list: &mut Checklist) {
    let cast = list.subject.cast;
    for operation in Operation::ALL {
        list.add(format!("{operation}: answered if it is offered, else unsupported"), Ok(()), move |bench| {
            answered_if_offered(bench, operation)
        });
        list.add(
            format!("{operation}: nothing is found for a customer whom nobody knows"),
            list.offers(operation),
            move |bench| nothing_for(bench, operation, bench.subject.cast.nobody),
        );
        if operation != Operation::Account {
            let need = list.offers(operation).and_then(|()| somebody(cast.empty, "customer without documents"));
            list.add(format!("{operation}: nothing is found for a customer who has nothing"), need, move |bench| {
                nothing_for(bench, operation, bench.subject.cast.empty.unwrap_or_default())
            });
        }
    }
}

async fn answered_if_offered(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let question = Question::of(&bench.subject.cast, operation);
    let answer = line.ask(operation, &question.body()).await;
    if !line.capabilities().offers(operation) {
        let rule = Rule::Unsupported;
        let came = answer.map_or_else(|refusal| refusal.kind().to_string(), |json| json.text().to_owned());
        return ensure(came == "unsupported", rule, "the error unsupported, as it is not offered", came);
    }
    let answer = answered(Rule::Calls, &question, answer)?;
    ensure(!is_nothing(&answer), Rule::Calls, format!("something to be found by {question}"), answer.text())
}

async fn nothing_for(bench: Bench, operation: Operation, customer: &str) -> Verdict {
    let line = bench.line();
    let own = Question::of(&bench.subject.cast, operation);
    let question = own.with("customer_code", customer);
    let answer = line.ask(operation, &question.body()).await;
    let answer = answered(Rule::Calls, &question, answer)?;
    ensure(is_nothing(&answer), Rule::Calls, format!("nothing to be found by {question}"), answer.text())
}

/// Whether an answer says that nothing was found, in just the shape that its call has for that.
pub(super) fn is_nothing(answer: &Json) -> bool {
    ["{}", r#"{"orders":[],"total_orders":0}"#, r#"{"invoices":[],"total_invoices":0}"#].contains(&answer.text())
}

/// Whoever asks for what cannot be theirs finds nothing, or is told that there can be no such thing.
pub(super) fn nothing_or_refused(question: &Question, answer: Result<Json, Refusal>) -> Verdict {
    let expected = || format!("nothing to be found by {question}, or invalid_query");
    match answer {
        Ok(answer) if is_nothing(&answer) => Ok(()),
        Ok(answer) => Err(broken(Rule::Ownership, expected(), answer.text())),
        Err(Refusal::Request(_)) => Ok(()),
        Err(refusal) if refusal.kind() == livegate_core::ErrorKind::InvalidQuery => Ok(()),
        Err(refusal) => Err(broken(Rule::Ownership, expected(), format!("the error {refusal}"))),
    }
}
