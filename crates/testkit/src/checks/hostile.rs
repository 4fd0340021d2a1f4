//! Codes, ids and filters that somebody wrote to get at what is not theirs, or to break something on the way.

use livegate_core::{
    AccountQuery, Answer, CallerIds, CustomerCode, DocumentId, DocumentKey, ErrorKind, Operation, Query,
};

use super::operations::nothing_or_refused;
use crate::check::{Bench, Checklist, Verdict, broken, ensure};
use crate::line::Refusal;
use crate::listing::{LISTS, List, Wanted, page};
use crate::question::Question;
use crate::rule::Rule;

pub(super) fn checks(list: &mut Checklist) {
    for operation in Operation::ALL {
        let offered = list.offers(operation);
        list.add(format!("{operation}: hostile codes find nothing"), offered.clone(), move |bench| {
            hostile_codes(bench, operation)
        });
        list.add(format!("{operation}: codes of 200 characters find nothing"), offered.clone(), move |bench| {
            long_codes(bench, operation)
        });
        if let Operation::Order | Operation::Invoice = operation {
            list.add(format!("{operation}: hostile ids find nothing"), offered.clone(), move |bench| {
                hostile_ids(bench, operation)
            });
            list.add(format!("{operation}: ids of 200 characters find nothing"), offered.clone(), move |bench| {
                long_ids(bench, operation)
            });
        }
        list.add(format!("{operation}: blank, overlong and control characters reach no ERP"), offered, move |bench| {
            refused(bench, operation)
        });
    }
    for which in LISTS {
        let (name, offered) = (which.operation(), list.offers(which.operation()));
        list.add(format!("{name}: hostile filter values match nothing"), offered, move |bench| {
            hostile_filters(bench, which)
        });
    }
}

/// Texts that mean something to a query language, an address, a document or a log, made from a text that is there.
fn hostile(known: &str) -> Vec<String> {
    let after = [
        "' or 1=1",
        "' or '1'='1",
        "'--",
        "\" or \"\"=\"",
        "'; drop table invoices; --",
        "\\",
        "'",
        "\"",
        "*",
        "%",
        "?",
        "#",
        "&",
        ";",
        ",",
        "/..",
        "/../",
        "%00",
        "%20",
        "\\'",
        "')",
        "]]>",
        "&amp;",
        "?CustomerId=",
        "&customer_code=",
        "/orders",
        "\u{200b}",
        "\u{202e}x",
        "\u{301}",
        "\u{1f6a2}",
    ];
    let before = ["*", "%", "/", "../", "./", "%2e%2e%2f", "'", "\u{feff}", "0"];
    let alone = [
        "*",
        "%",
        "_",
        "?",
        "'",
        "\"",
        "\\",
        "/",
        ".",
        "..",
        "../..",
        "%2e%2e",
        "%00",
        "' or 1=1 --",
        "1 or 1=1",
        "null",
        "undefined",
        "true",
        "false",
        "-1",
        "1e9",
        "{}",
        "[]",
        "{\"$ne\":\"\"}",
        "eq ''",
        "<x>",
        "<![CDATA[x]]>",
        "&lt;",
        "id ne null",
        "\u{2028}x",
        "\u{1f6a2}",
        "\u{fffd}",
        "%0d%0aX-Injected: 1",
        "\\r\\nX-Injected: 1",
        "//127.0.0.1/",
    ];
    let after = after.iter().map(|end| format!("{known}{end}"));
    let before = before.iter().map(|begin| format!("{begin}{known}"));
    after.chain(before).chain(alone.map(str::to_owned)).collect()
}

async fn hostile_codes(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    for code in hostile(cast.customer) {
        let question = Question::of(cast, operation).with("customer_code", code.as_str());
        let answer = line.ask(operation, &question.body()).await;
        let refused = matches!(answer, Err(Refusal::Request(_)));
        nothing_or_refused(&question, answer)?;
        // What the planner refuses, an adapter may still be asked by somebody else.
        if let (true, Ok(customer)) = (refused, CustomerCode::new(&code)) {
            direct(&line, &asked(cast, operation, customer)).await?;
        }
    }
    Ok(())
}

async fn long_codes(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    let padded = format!("{}{}", cast.customer, "0".repeat(200 - cast.customer.chars().count()));
    for code in ["x".repeat(200), "ü".repeat(200), "'".repeat(200), "%".repeat(200), "\u{1f6a2}".repeat(200), padded] {
        let question = Question::of(cast, operation).with("customer_code", code.as_str());
        nothing_or_refused(&question, line.ask(operation, &question.body()).await)?;
    }
    Ok(())
}

async fn hostile_ids(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    let known = if operation == Operation::Order { cast.order } else { cast.invoice }.unwrap_or("1");
    for id in hostile(known) {
        let question = Question::of(cast, operation).about(&id);
        nothing_or_refused(&question, line.ask(operation, &question.body()).await)?;
    }
    Ok(())
}

async fn long_ids(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    for id in ["9".repeat(200), "ü".repeat(200), "/".repeat(200), "&".repeat(200), "\u{1f6a2}".repeat(200)] {
        let question = Question::of(&bench.subject.cast, operation).about(&id);
        nothing_or_refused(&question, line.ask(operation, &question.body()).await)?;
    }
    Ok(())
}

/// A question put to the adapter itself.
fn asked(cast: &crate::Cast, operation: Operation, customer: CustomerCode) -> Query {
    let key = |id: Option<&str>| DocumentKey {
        customer: customer.clone(),
        caller: CallerIds::default(),
        id: DocumentId::new(id.unwrap_or("1")).expect("the cast's ids are ids"),
    };
    match operation {
        Operation::Account => Query::Account(AccountQuery { customer, caller: CallerIds::default() }),
        Operation::Orders => List::Orders.filtered(customer.as_str(), &Wanted::default()),
        Operation::Invoices => List::Invoices.filtered(customer.as_str(), &Wanted::default()),
        Operation::Order => Query::Order(key(cast.order)),
        Operation::Invoice => Query::Invoice(key(cast.invoice)),
    }
}

async fn direct(line: &crate::line::Line, query: &Query) -> Verdict {
    let came = match line.call(query).await {
        Err(error) if error.kind() == ErrorKind::InvalidQuery => return Ok(()),
        Err(error) => format!("the error {}", Refusal::Call(error)),
        Ok(answer) => match &*answer {
            answer if answer.is_absent() => return Ok(()),
            Answer::Orders(listing) if listing.items().is_empty() => return Ok(()),
            Answer::Invoices(listing) if listing.items().is_empty() => return Ok(()),
            _ => "somebody's data".to_owned(),
        },
    };
    Err(broken(Rule::Ownership, format!("nothing to be found by {query:?}, or invalid_query"), came))
}

async fn hostile_filters(bench: Bench, list: List) -> Verdict {
    let line = bench.line();
    let cast = &bench.subject.cast;
    let own = Question::new(list.operation(), cast.customer);
    let all = page(&line, list, &own.clone().page(1, 1000)).await?;
    let known = all.ids.first().map_or("1", String::as_str);
    let members: &[&str] = match list {
        List::Orders => &["order_id", "customer_po", "third_party_order_number"],
        List::Invoices => &["invoice_id", "customer_po"],
    };
    for (member, skipped) in members.iter().zip(0..) {
        // Each member gets its share of the texts: they all go the same way.
        let values = hostile(known).into_iter().skip(skipped).step_by(members.len());
        for value in values.filter(|value| !all.ids.contains(value)) {
            let question = own.clone().filtered(member, value.as_str());
            nothing_or_refused(&question, line.ask(list.operation(), &question.body()).await)?;
        }
    }
    Ok(())
}

async fn refused(bench: Bench, operation: Operation) -> Verdict {
    let (line, tap) = bench.tapped();
    let own = Question::of(&bench.subject.cast, operation);
    let wrong =
        ["", " ", "\u{a0}", "\u{200b}", "\u{feff}\u{202e}", "a\r\nX-Injected: 1", "a\u{0}b", "a\u{1b}[31m", "a\u{85}x"];
    let mut values: Vec<serde_json::Value> = wrong.map(Into::into).into();
    values.extend(["x".repeat(201).into(), serde_json::Value::Null, 1.5.into(), true.into(), serde_json::json!([])]);
    let members: &[&str] = match operation {
        Operation::Order => &["customer_code", "order_id"],
        Operation::Invoice => &["customer_code", "invoice_id"],
        _ => &["customer_code"],
    };
    for member in members {
        for value in &values {
            let question = own.clone().with(member, value.clone());
            let answer = line.ask(operation, &question.body()).await;
            let refused = matches!(&answer, Err(Refusal::Request(error)) if error.field == Some(member));
            let came = answer.map_or_else(|refusal| refusal.to_string(), |answer| answer.text().to_owned());
            ensure(refused, Rule::Requests, format!("{question} to be rejected because of {member}"), came)?;
        }
    }
    ensure(tap.sent() == 0, Rule::Requests, "no request to the ERP for any of them", tap.sent())
}
