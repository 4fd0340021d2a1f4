//! The arithmetic of the balance.

use livegate_core::{Amount, Operation};

use super::people::{somebody, survey};
use crate::check::{Bench, Checklist, Verdict, answered, broken, ensure};
use crate::json::Json;
use crate::question::Question;
use crate::rule::Rule;

const BUCKETS: [&str; 5] = ["due_30_days", "due_60_days", "due_90_days", "due_120_days", "due_over_120_days"];

pub(super) fn checks(list: &mut Checklist) {
    let offered = list.offers(Operation::Account);
    list.add("account: total_due is the sum of the buckets", offered.clone(), |bench| looked_at(bench, sum));
    list.add("account: all buckets or none, with total_due", offered.clone(), |bench| looked_at(bench, all_or_none));
    list.add("account: open_credits are positive", offered.clone(), |bench| looked_at(bench, credits));
    let empty = somebody(list.subject.cast.empty, "customer without documents");
    list.add("account: who has nothing owes nothing", offered.and(empty), owes_nothing);
}

async fn looked_at(bench: Bench, look: fn(&Json) -> Verdict) -> Verdict {
    let line = bench.line();
    for (question, answer) in survey(&bench, &line, Operation::Account).await? {
        look(&answer).map_err(|text| format!("{question}: {text}"))?;
    }
    Ok(())
}

fn amount(answer: &Json, name: &str) -> Result<Option<Amount>, String> {
    let Some(value) = answer.member(name) else { return Ok(None) };
    let amount = Amount::parse(value.text());
    amount.map(Some).map_err(|error| broken(Rule::Money, format!("an amount as {name}"), format!("{error}: {value:?}")))
}

fn sum(answer: &Json) -> Verdict {
    let buckets: Vec<Option<Amount>> = BUCKETS.iter().map(|name| amount(answer, name)).collect::<Result<_, _>>()?;
    let Some(total) = amount(answer, "total_due")? else { return Ok(()) };
    let sum = Amount::sum(buckets.into_iter().flatten()).map_err(|error| error.to_string())?;
    let equal = total.minus(sum).is_ok_and(Amount::is_zero);
    ensure(equal, Rule::Balance, format!("total_due {sum}, the sum of the buckets"), answer.text())
}

fn all_or_none(answer: &Json) -> Verdict {
    let names = BUCKETS.iter().chain(&["total_due"]);
    let there = names.filter(|name| answer.member(name).is_some()).count();
    ensure(there == 0 || there == 6, Rule::Balance, "all five buckets and total_due, or none of them", answer.text())
}

fn credits(answer: &Json) -> Verdict {
    let credits = amount(answer, "open_credits")?;
    let positive = credits.is_none_or(|credits| !credits.is_negative());
    ensure(positive, Rule::Balance, "open_credits not below zero", answer.text())
}

async fn owes_nothing(bench: Bench) -> Verdict {
    let line = bench.line();
    let question = Question::new(Operation::Account, bench.subject.cast.empty.unwrap_or_default());
    let answer = answered(Rule::Balance, &question, line.ask(Operation::Account, &question.body()).await)?;
    for name in BUCKETS.iter().chain(&["balance", "total_due", "open_credits"]) {
        let owed = amount(&answer, name)?;
        ensure(owed.is_none_or(Amount::is_zero), Rule::Balance, format!("{name} 0 by {question}"), answer.text())?;
    }
    Ok(())
}
