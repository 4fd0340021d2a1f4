//! The ids of the caller: whose orders a user sees, and what else they change, which is nothing.

use livegate_core::Operation;

use super::people::somebody;
use crate::check::{Bench, Checklist, Verdict, answered, ensure};
use crate::listing::{LISTS, List, pages, traits, whole};
use crate::question::Question;
use crate::rule::Rule;

/// The caller's ids in a request.
const IDS: [&str; 4] = ["evo_customer_id", "evo_user_id", "seller_reference", "user_seller_reference"];

pub(super) fn checks(list: &mut Checklist) {
    let attributes = list.capabilities.attributes_orders_to_users;
    let attributes = if attributes { Ok(()) } else { Err("the connection cannot tell who ordered".to_owned()) };
    let user = somebody(list.subject.cast.user, "user with orders");
    let need = list.offers(Operation::Orders).and(attributes).and(user);
    list.add("orders: a user's reference restricts the list to that user's orders", need, restricts);
    for operation in Operation::ALL {
        list.add(format!("{operation}: ids that are not used change nothing"), list.offers(operation), move |bench| {
            changes_nothing(bench, operation)
        });
    }
}

async fn restricts(bench: Bench) -> Verdict {
    let line = bench.line();
    let (customer, user) = (bench.subject.cast.customer, bench.subject.cast.user.unwrap_or_default());
    let all = whole(&line, List::Orders, customer).await?;
    let placed = traits(&line, &List::Orders.whole(customer)).await?;
    let theirs = |id: &String| {
        let order = placed.iter().find(|order| order.id == *id);
        order.and_then(|order| order.placed_by.as_deref()).is_some_and(|by| by.trim().eq_ignore_ascii_case(user))
    };
    let expected: Vec<&String> = all.ids.iter().filter(|id| theirs(id)).collect();
    let some = !expected.is_empty() && expected.len() < all.ids.len();
    let came = format!("{} of {}", expected.len(), all.ids.len());
    ensure(some, Rule::Requests, format!("{user} to have some of the orders of {customer}, not all"), came)?;
    for size in [1000, 2] {
        let question = Question::new(Operation::Orders, customer).with("user_seller_reference", user);
        let shown = pages(&line, List::Orders, &question, size).await?;
        let right = shown.ids.iter().eq(expected.iter().copied()) && shown.total == expected.len();
        let came = format!("{:?} and a total of {}", shown.ids, shown.total);
        ensure(right, Rule::Requests, format!("{expected:?} by {question} in pages of {size}"), came)?;
    }
    let stranger = Question::new(Operation::Orders, customer).with("user_seller_reference", "no such user");
    let shown = pages(&line, List::Orders, &stranger, 1000).await?;
    ensure(shown.ids.is_empty(), Rule::Requests, format!("no orders by {stranger}"), format!("{:?}", shown.ids))
}

async fn changes_nothing(bench: Bench, operation: Operation) -> Verdict {
    let (line, tap) = bench.tapped();
    let question = Question::of(&bench.subject.cast, operation);
    let expected = answered(Rule::Requests, &question, line.ask(operation, &question.body()).await)?;
    let capabilities = line.capabilities();
    let used = &capabilities.caller_ids;
    let used = [used.evo_customer_id, used.evo_user_id, used.seller_reference, used.user_seller_reference];
    for (name, used) in IDS.into_iter().zip(used) {
        let restricts = name == "user_seller_reference"
            && operation == Operation::Orders
            && capabilities.attributes_orders_to_users;
        if used || restricts {
            continue;
        }
        let sent = tap.sent();
        let question = question.clone().with(name, "livegate-4711");
        let answer = answered(Rule::Requests, &question, line.ask(operation, &question.body()).await)?;
        ensure(answer == expected, Rule::Requests, format!("{expected:?} by {question}"), answer.text())?;
        // What is not used is not part of the question, so the answer is the one that is kept.
        let more = tap.sent() - sent;
        ensure(!bench.stacked || more == 0, Rule::Requests, format!("no further request by {question}"), more)?;
    }
    if operation == Operation::Orders
        || !LISTS.iter().any(|list| list.by_id() == operation || list.operation() == operation)
    {
        return Ok(());
    }
    let user = bench.subject.cast.user.unwrap_or("livegate-4711");
    for reference in [user, "no such user"] {
        let question = question.clone().with("user_seller_reference", reference);
        let answer = answered(Rule::Requests, &question, line.ask(operation, &question.body()).await)?;
        ensure(answer == expected, Rule::Requests, format!("{expected:?} by {question}"), answer.text())?;
    }
    Ok(())
}
