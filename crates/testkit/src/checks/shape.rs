//! The members of the answers: the contract's JSON types, plain numbers, nothing made up, nothing that must not leave.

use livegate_core::Operation;

use super::people::survey;
use crate::check::{Bench, Checklist, Verdict, broken, ensure};
use crate::json::{Json, Type};
use crate::question::Question;
use crate::rule::Rule;

/// The most places of an amount that somebody wrote; what has more was computed in binary.
const PLACES: usize = 12;

pub(super) fn checks(list: &mut Checklist) {
    let withheld = list.subject.cast.withheld;
    for operation in Operation::ALL {
        let offered = list.offers(operation);
        list.add(format!("{operation}: members and JSON types are the contract's"), offered.clone(), move |bench| {
            types(bench, operation)
        });
        list.add(format!("{operation}: numbers are plain and exact"), offered.clone(), move |bench| {
            numbers(bench, operation)
        });
        list.add(format!("{operation}: what the ERP leaves blank is absent"), offered.clone(), move |bench| {
            nothing_blank(bench, operation)
        });
        if matches!(operation, Operation::Order | Operation::Invoices | Operation::Invoice) {
            list.add(format!("{operation}: sales_tax and tax_total say the same"), offered.clone(), move |bench| {
                one_tax(bench, operation)
            });
        }
        let named =
            if withheld.is_empty() { Err("the cast names no text that is withheld".to_owned()) } else { Ok(()) };
        list.add(format!("{operation}: nothing leaves that must not"), offered.and(named), move |bench| {
            withhold(bench, operation)
        });
    }
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// A text that is there in any case, blank where it is unknown.
    Critical,
    /// A text that is there and says something.
    Key,
    Text,
    /// A number as text, in its shortest form.
    Quantity,
    /// A number as text, with two places at the least.
    Price,
    Date,
    Number,
    /// A number that is there in any case.
    KeyNumber,
}

/// The contract's members by operation, with `*` for the position in a list (research A.7 of the contract's samples).
fn members(operation: Operation) -> Vec<(String, Holds)> {
    let head = match operation {
        Operation::Orders => "/orders/*",
        Operation::Invoices => "/invoices/*",
        _ => "",
    };
    let mut members: Vec<(String, Holds)> = Vec::new();
    let mut add = |prefix: &str, holds: Holds, names: &str| {
        members.extend(names.split(' ').map(|name| (format!("{prefix}/{name}"), holds)));
    };
    add(head, Holds::Key, "customer_code");
    match operation {
        Operation::Account => {
            add("", Holds::KeyNumber, "balance");
            add("", Holds::Number, "total_due last_payment_amount due_30_days due_60_days due_90_days due_120_days");
            add("", Holds::Number, "due_over_120_days open_credits credit_available");
            add("", Holds::Date, "last_charge_date last_sale_date last_payment_date");
        }
        Operation::Orders | Operation::Order => {
            add(head, Holds::Key, "order_id");
            add(head, Holds::Critical, "customer_po third_party_order_number");
            add(head, Holds::Text, "order_type_description order_status_description order_comments");
            add(head, Holds::Date, "order_date ship_date");
            add(head, Holds::Number, "discount_total sub_total tax_total total");
        }
        Operation::Invoices | Operation::Invoice => {
            add(head, Holds::Key, "invoice_id");
            add(head, Holds::Critical, "order_id customer_po");
            add(head, Holds::Text, "invoice_status_description");
            add(head, Holds::Date, "invoice_date duedate");
            add(head, Holds::Number, "sub_total tax_total sales_tax total balance");
            for address in ["billing_details", "shipping_details"] {
                let prefix = format!("{head}/{address}");
                add(&prefix, Holds::Key, "customer_id");
                add(&prefix, Holds::Text, "name address1 address2 city state postal_code");
            }
        }
    }
    match operation {
        Operation::Account => {}
        Operation::Orders => add("", Holds::KeyNumber, "total_orders"),
        Operation::Invoices => {
            add("", Holds::KeyNumber, "total_invoices");
            add(head, Holds::Number, "discount_total");
        }
        Operation::Order => {
            add("", Holds::Text, "ordered_by");
            add("", Holds::Number, "sales_tax");
            for address in ["/billing_details", "/shipping_details"] {
                add(address, Holds::Key, "customer_code");
                add(address, Holds::Text, "name address1 address2 address3 city state postal_code");
            }
            add("/order_lines/*", Holds::KeyNumber, "line_no");
            add("/order_lines/*", Holds::Text, "product_id sku description note uom");
            add("/order_lines/*", Holds::Quantity, "qty qty_shipped");
            add("/order_lines/*", Holds::Number, "unit_price tax total");
            let parcel = "/tracking_information/*";
            add(
                parcel,
                Holds::Text,
                "carrier_account_number delivery_charge status weight note tracking_number tracking_url",
            );
            add(parcel, Holds::Date, "delivery_date shipping_date status_time");
        }
        Operation::Invoice => {
            add("", Holds::Text, "note");
            add("", Holds::Date, "order_date");
            add("", Holds::Number, "discount");
            add("/billing_details", Holds::Text, "address3");
            add("/shipping_details", Holds::Text, "address3");
            add("/invoice_lines/*", Holds::Text, "item_id sku description uom note");
            add("/invoice_lines/*", Holds::Quantity, "qty qty_shipped");
            add("/invoice_lines/*", Holds::Price, "unit_price price");
            add("/invoice_lines/*", Holds::Number, "tax");
        }
    }
    members
}

/// A pointer with `*` for every position in a list.
fn pattern(pointer: &str) -> String {
    let steps = pointer.split('/').map(|step| if step.parse::<usize>().is_ok() { "*" } else { step });
    steps.collect::<Vec<_>>().join("/")
}

async fn types(bench: Bench, operation: Operation) -> Verdict {
    let (line, members) = (bench.line(), members(operation));
    for (question, answer) in survey(&bench, &line, operation).await? {
        if answer.text() == "{}" {
            continue;
        }
        for (at, leaf) in answer.leaves() {
            let (name, rule) = (pattern(&at), Rule::Money);
            if leaf.is() == Type::List || leaf.is() == Type::Object {
                continue;
            }
            let Some((_, holds)) = members.iter().find(|(own, _)| *own == name) else {
                return Err(broken(
                    Rule::Calls,
                    format!("only the contract's members by {question}"),
                    format!("{at} {leaf:?}"),
                ));
            };
            ensure(fits(*holds, &leaf), rule, format!("{holds:?} at {at} by {question}"), leaf.text())?;
        }
        for (name, _) in
            members.iter().filter(|(_, holds)| matches!(holds, Holds::Critical | Holds::Key | Holds::KeyNumber))
        {
            for owner in owners(&answer, name) {
                let member = name.rsplit('/').next().unwrap_or_default();
                let there = owner.member(member).is_some();
                ensure(there, Rule::Dates, format!("{name} in any case by {question}"), owner.text())?;
            }
        }
        let asked = question.asked("customer_code");
        let codes = answer.leaves().into_iter().filter(|(at, _)| at.ends_with("/customer_code"));
        for (at, code) in codes {
            ensure(code.said() == asked, Rule::Requests, format!("{asked:?} as asked at {at}"), code.text())?;
        }
    }
    Ok(())
}

/// Every object that a member of this name would stand in.
fn owners(answer: &Json, name: &str) -> Vec<Json> {
    let steps: Vec<&str> = name.split('/').skip(1).collect();
    let (_, way) = steps.split_last().unwrap_or((&"", &[]));
    way.iter().fold(vec![answer.clone()], |found, step| {
        let next = found.iter().flat_map(|value| match *step {
            "*" => value.items(),
            name => value.member(name).into_iter().collect(),
        });
        next.collect()
    })
}

fn fits(holds: Holds, leaf: &Json) -> bool {
    let text = leaf.said();
    let says = text.as_deref().unwrap_or_default();
    let number = |text: &str| is_number(text);
    match holds {
        Holds::Critical | Holds::Text => text.is_some(),
        Holds::Key => !says.trim().is_empty(),
        Holds::Quantity => number(says) && !(says.contains('.') && says.ends_with('0')),
        Holds::Price => number(says) && says.split_once('.').is_some_and(|(_, places)| places.len() >= 2),
        Holds::Date => is_date(says),
        Holds::Number | Holds::KeyNumber => leaf.is() == Type::Number && number(leaf.text()),
    }
}

/// `YYYY-MM-DDTHH:MM:SS`, with `.mmm` or without.
fn is_date(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    ["9999-99-99T99:99:99", "9999-99-99T99:99:99.999"].contains(&shape.as_str())
}

/// Digits with at most one point and one sign: no exponent, no bare point, no leading zero.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once('.').map_or((digits, None), |(whole, places)| (whole, Some(places)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && places.is_none_or(all_digits) && (whole == "0" || !whole.starts_with('0'))
}

async fn numbers(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    for (question, answer) in survey(&bench, &line, operation).await? {
        for (at, leaf) in answer.leaves().into_iter().filter(|(_, leaf)| leaf.is() == Type::Number) {
            let text = leaf.text();
            let what = |what: &str| format!("{what} at {at} by {question}");
            ensure(is_number(text), Rule::Money, what("a number in plain digits"), text)?;
            let places = text.split_once('.').map_or("", |(_, places)| places);
            let short = places.len() <= 2 || !places.ends_with('0');
            ensure(short, Rule::Money, what("no zeros beyond the second place"), text)?;
            let digits = text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
            ensure(digits <= 28, Rule::Money, what("at most 28 digits"), text)?;
            ensure(places.len() <= PLACES, Rule::Money, what("no trace of a binary float"), text)?;
            let zero = text.starts_with('-') && text.bytes().all(|byte| b"-0.".contains(&byte));
            ensure(!zero, Rule::Money, what("no negative zero"), text)?;
        }
    }
    Ok(())
}

async fn nothing_blank(bench: Bench, operation: Operation) -> Verdict {
    let (line, members) = (bench.line(), members(operation));
    let made_up = ["null", "nil", "none", "undefined", "nan", "n/a"];
    for (question, answer) in survey(&bench, &line, operation).await? {
        for (at, leaf) in answer.leaves() {
            let what = format!("{at} to be absent where it is unknown, by {question}");
            ensure(leaf.is() != Type::Null, Rule::Dates, &what, leaf.text())?;
            let Some(text) = leaf.said() else { continue };
            let name = pattern(&at);
            let critical = members.iter().any(|(own, holds)| *own == name && *holds == Holds::Critical);
            ensure(critical || !text.trim().is_empty(), Rule::Dates, &what, leaf.text())?;
            ensure(!made_up.contains(&text.to_ascii_lowercase().as_str()), Rule::Dates, &what, leaf.text())?;
            let sentinel = ["0001-01-01T", "1900-01-01T"].iter().any(|date| text.starts_with(date));
            ensure(!(sentinel && is_date(&text)), Rule::Dates, &what, leaf.text())?;
        }
    }
    Ok(())
}

async fn one_tax(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    for (question, answer) in survey(&bench, &line, operation).await? {
        let documents = if operation == Operation::Invoices {
            answer.member("invoices").map(|invoices| invoices.items()).unwrap_or_default()
        } else {
            vec![answer]
        };
        for document in documents {
            let (one, other) = (document.member("sales_tax"), document.member("tax_total"));
            let what = format!("sales_tax {one:?} as tax_total by {question}");
            ensure(one == other, Rule::Money, what, format!("{other:?}"))?;
        }
    }
    Ok(())
}

async fn withhold(bench: Bench, operation: Operation) -> Verdict {
    let line = bench.line();
    let mut looked_at = survey(&bench, &line, operation).await?;
    let nobody = Question::of(&bench.subject.cast, operation);
    if let Ok(answer) = line.ask(operation, &nobody.body()).await {
        looked_at.push((nobody, answer));
    }
    let rule = Rule::Withheld;
    for (question, answer) in looked_at {
        for (at, leaf) in answer.leaves() {
            let told = leaf.said().unwrap_or_else(|| leaf.text().to_owned());
            let withheld = bench.subject.cast.withheld.iter().find(|text| told.contains(**text));
            ensure(withheld.is_none(), rule, format!("nothing withheld at {at} by {question}"), &told)?;
            ensure(!holds_a_card(&told), rule, format!("no card number at {at} by {question}"), "one")?;
            let name = pattern(&at).to_ascii_lowercase();
            let words = ["card", "cost", "tax_id", "taxid", "bank", "iban", "ssn", "password", "token", "secret"];
            let named = words.iter().any(|word| name.contains(word));
            ensure(!named, rule, format!("no such member by {question}"), &name)?;
        }
    }
    Ok(())
}

/// Whether a text holds 13 to 19 digits whose check digit is that of a card.
fn holds_a_card(text: &str) -> bool {
    let digits: Vec<u32> =
        text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_digit(10).unwrap_or(10)).collect();
    let runs = digits.split(|digit| *digit == 10).filter(|run| (13..=19).contains(&run.len()));
    runs.into_iter().any(|run| {
        let doubled = run.iter().rev().enumerate().map(|(at, digit)| match at % 2 {
            1 if *digit > 4 => 2 * digit - 9,
            1 => 2 * digit,
            _ => *digit,
        });
        run.iter().any(|digit| *digit != 0) && doubled.sum::<u32>() % 10 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_known_by_its_check_digit() {
        assert!(holds_a_card("paid with 4111 1111-1111 1111"));
        assert!(!holds_a_card("4111111111111112"));
        assert!(!holds_a_card("invoice 1234567"));
    }

    #[test]
    fn numbers_are_digits_as_json_has_them() {
        assert!(["0", "-0.50", "10", "1234567890123456.78"].into_iter().all(is_number));
        assert!(!["1e3", "01", ".5", "5.", "", "-", "1,5"].into_iter().any(is_number));
    }
}
