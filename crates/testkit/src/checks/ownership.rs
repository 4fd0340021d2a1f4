//! Whose answer it is.

use livegate_core::Operation;

use super::operations::{is_nothing, nothing_or_refused};
use super::people::{everybody, needs, somebody};
use crate::Twin;
use crate::check::{Bench, Checklist, Need, Verdict, answered, ensure};
use crate::json::Json;
use crate::line::Line;
use crate::listing::{List, whole};
use crate::question::Question;
use crate::rule::Rule;

pub(super) fn checks(list: &mut Checklist) {
    let cast = list.subject.cast;
    let letters: Need = if cast.customer.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        Ok(())
    } else {
        Err("the customer's code has no letters".to_owned())
    };
    for operation in Operation::ALL {
        let offered = list.offers(operation);
        let twins = needs(list, operation, cast.twins, |twin| twin.operation, "foreign twin for it");
        list.add(
            format!("{operation}: a foreign twin is not given away, and its owner gets it"),
            twins,
            move |bench| twins_stay_apart(bench, operation),
        );
        list.add(
            format!("{operation}: the case of a code means what the connection declares"),
            offered.clone().and_then(|()| letters.clone()),
            move |bench| other_case(bench, operation),
        );
        list.add(format!("{operation}: a part of a code finds nothing"), offered.clone(), move |bench| {
            part_of_a_code(bench, operation)
        });
        list.add(
            format!("{operation}: a code that must be escaped finds its own customer"),
            offered.clone().and_then(|()| somebody(cast.awkward, "customer with an awkward code")),
            move |bench| awkward(bench, operation),
        );
        if let (Operation::Order | Operation::Invoice, Some(which)) = (operation, List::of(operation)) {
            let known = if which == List::Orders { cast.order } else { cast.invoice };
            let need = offered.and_then(|()| somebody(known, "document to ask for"));
            list.add(format!("{operation}: a part of an id finds nothing"), need, move |bench| {
                part_of_an_id(bench, operation)
            });
        }
    }
}

async fn twins_stay_apart(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    for twin in bench.subject.cast.twins.iter().filter(|twin| twin.operation == operation) {
        let own = seen_by(&line, twin, twin.owned_by).await?;
        ensure(own.is_some(), Rule::Ownership, format!("{} to get {twin:?}", twin.owned_by), "nothing")?;
        let foreign = seen_by(&line, twin, twin.asked_by).await?;
        let given_away = match (&foreign, operation) {
            (Some(foreign), Operation::Account) => own.is_some_and(|own| same_but_for_names(foreign, &own)),
            (foreign, _) => foreign.is_some(),
        };
        let came = foreign.map_or_else(String::new, |foreign| foreign.text().to_owned());
        ensure(!given_away, Rule::Ownership, format!("{} not to get {twin:?}", twin.asked_by), came)?;
    }
    Ok(())
}

/// The twin as `customer` sees it, if so.
async fn seen_by(line: &Line, twin: &Twin, customer: &str) -> Result<Option<Json>, String> {
    if let (Operation::Orders | Operation::Invoices, Some(list)) = (twin.operation, List::of(twin.operation)) {
        let shown = whole(line, list, customer).await?;
        let came = format!("{} and a total of {}", shown.ids.len(), shown.total);
        ensure(shown.ids.len() == shown.total, Rule::Ownership, "nothing foreign in the total", came)?;
        return Ok(shown.ids.iter().position(|id| id == twin.id).map(|at| shown.items[at].clone()));
    }
    let question = Question::new(twin.operation, customer).about(twin.id);
    let answer = answered(Rule::Ownership, &question, line.ask(twin.operation, &question.body()).await)?;
    Ok(Some(answer).filter(|answer| !is_nothing(answer)))
}

/// Whether two answers tell the same, whatever code they were asked by.
fn same_but_for_names(one: &Json, other: &Json) -> bool {
    let told = |answer: &Json| -> Vec<(String, Json)> {
        let names = ["customer_code", "customer_id"];
        answer.leaves().into_iter().filter(|(at, _)| !names.iter().any(|name| at.ends_with(name))).collect()
    };
    told(one) == told(other)
}

async fn other_case(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    let own = Question::of(cast, operation);
    let expected = answered(Rule::Ownership, &own, line.ask(operation, &own.body()).await)?;
    for code in [cast.customer.to_ascii_lowercase(), cast.customer.to_ascii_uppercase()] {
        if code == cast.customer {
            continue;
        }
        let question = own.clone().with("customer_code", code.as_str());
        let answer = line.ask(operation, &question.body()).await;
        if line.capabilities().case_sensitive_codes {
            nothing_or_refused(&question, answer)?;
            continue;
        }
        let answer = answered(Rule::Ownership, &question, answer)?;
        let what = format!("the same by {question} as {}", expected.text());
        ensure(same_but_for_names(&answer, &expected), Rule::Ownership, what, answer.text())?;
        let asked = answer.leaves().into_iter().filter(|(at, _)| at.ends_with("/customer_code"));
        for (at, told) in asked {
            let as_asked = told.said().as_deref() == Some(code.as_str());
            ensure(as_asked, Rule::Requests, format!("{code:?} as asked at {at}"), told.text())?;
        }
    }
    Ok(())
}

async fn part_of_a_code(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    for customer in [Some(cast.customer), cast.awkward].into_iter().flatten() {
        let (Some(first), Some(last)) = (customer.chars().next(), customer.chars().next_back()) else { continue };
        let without_last = customer[..customer.len() - last.len_utf8()].to_owned();
        let without_first = customer[first.len_utf8()..].to_owned();
        for code in
            [without_last, without_first, format!("{customer}0"), format!("0{customer}"), format!("{customer}/")]
        {
            let known = everybody(cast).into_iter().chain(cast.empty).any(|own| own.eq_ignore_ascii_case(code.trim()));
            if known || code.trim().is_empty() {
                continue;
            }
            let question = Question::of(cast, operation).with("customer_code", code.as_str());
            nothing_or_refused(&question, line.ask(operation, &question.body()).await)?;
        }
    }
    Ok(())
}

async fn part_of_an_id(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let (cast, member) = (&bench.subject.cast, if operation == Operation::Order { "order_id" } else { "invoice_id" });
    let id = if operation == Operation::Order { cast.order } else { cast.invoice }.unwrap_or_default();
    let (Some(first), Some(last)) = (id.chars().next(), id.chars().next_back()) else { return Ok(()) };
    let (shorter, rest) = (id[..id.len() - last.len_utf8()].to_owned(), id[first.len_utf8()..].to_owned());
    for part in [shorter, rest, format!("{id}0"), format!("0{id}"), format!("{id}A"), format!("{id}.0")] {
        if part.trim().is_empty() {
            continue;
        }
        let question = Question::of(cast, operation).with(member, part.as_str());
        let answer = line.ask(operation, &question.body()).await;
        // The customer may have that document as well.
        let own = answer.as_ref().ok().and_then(|found| found.member(member)).and_then(|found| found.said());
        if own.is_none_or(|own| own != part.trim()) {
            nothing_or_refused(&question, answer)?;
        }
    }
    Ok(())
}

async fn awkward(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let customer = bench.subject.cast.awkward.unwrap_or_default();
    let mut questions = vec![Question::new(operation, customer)];
    if let (Operation::Order | Operation::Invoice, Some(list)) = (operation, List::of(operation)) {
        let offered = line.capabilities().offers(list.operation());
        let ids = if offered { whole(&line, list, customer).await?.ids } else { Vec::new() };
        let some = !offered || !ids.is_empty();
        ensure(some, Rule::Ownership, format!("documents of {customer:?} in the list"), "none")?;
        questions = ids.iter().map(|id| Question::new(operation, customer).about(id)).collect();
    }
    for question in questions {
        let answer = answered(Rule::Ownership, &question, line.ask(operation, &question.body()).await)?;
        ensure(!is_nothing(&answer), Rule::Ownership, format!("what {customer:?} has, by {question}"), answer.text())?;
        let codes: Vec<Json> = answer
            .leaves()
            .into_iter()
            .filter(|(at, _)| at.ends_with("/customer_code"))
            .map(|(_, code)| code)
            .collect();
        let theirs = !codes.is_empty() && codes.iter().all(|code| code.said().as_deref() == Some(customer));
        ensure(theirs, Rule::Requests, format!("{customer:?} as asked"), answer.text())?;
    }
    Ok(())
}
