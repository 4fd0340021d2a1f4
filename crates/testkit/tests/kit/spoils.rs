//! What a broken gateway does to requests and answers.

use std::collections::BTreeMap;

use livegate_core::Operation;
use serde_json::value::RawValue;

pub fn replace(body: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    String::from_utf8_lossy(&body).replace(from, to).into_bytes()
}

/// Puts quotes around every number.
pub fn amounts_as_texts(body: &[u8]) -> Vec<u8> {
    let mut quoted = String::new();
    let (mut in_text, mut in_number) = (false, false);
    for character in String::from_utf8_lossy(body).chars() {
        let number = !in_text && (character.is_ascii_digit() || "-.".contains(character));
        if number != in_number {
            quoted.push('"');
        }
        in_number = number;
        in_text ^= character == '"';
        quoted.push(character);
    }
    quoted.into_bytes()
}

type Entries = Vec<Box<RawValue>>;

/// Changes the entries and the total of a list.
fn list(operation: Operation, body: Vec<u8>, change: fn(Entries, u64) -> (Entries, u64)) -> Vec<u8> {
    let (items, total) = match operation {
        Operation::Orders => ("orders", "total_orders"),
        Operation::Invoices => ("invoices", "total_invoices"),
        _ => return body,
    };
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&body).expect("an answer is JSON");
    let entries: Entries = serde_json::from_str(members[items].get()).expect("a list has entries");
    let (entries, sum) = change(entries, members[total].get().parse().expect("a total is a number"));
    let entries: Vec<&str> = entries.iter().map(|entry| entry.get()).collect();
    format!(r#"{{"{items}":[{}],"{total}":{sum}}}"#, entries.join(",")).into_bytes()
}

pub fn turned_round(operation: Operation, body: Vec<u8>) -> Vec<u8> {
    list(operation, body, |mut entries, total| {
        entries.reverse();
        (entries, total)
    })
}

pub fn doubled(operation: Operation, body: Vec<u8>) -> Vec<u8> {
    list(operation, body, |entries, total| {
        let doubled = entries.into_iter().flat_map(|entry| [entry.clone(), entry]).collect();
        (doubled, total)
    })
}

pub fn one_more(operation: Operation, body: Vec<u8>) -> Vec<u8> {
    list(operation, body, |entries, total| (entries, total + 1))
}

pub fn no_total_past_the_end(operation: Operation, body: Vec<u8>) -> Vec<u8> {
    list(operation, body, |entries, total| {
        let total = if entries.is_empty() { 0 } else { total };
        (entries, total)
    })
}

/// Asks for the page after the one asked for, the first if none was.
pub fn next_page(_operation: Operation, body: Vec<u8>) -> Vec<u8> {
    let mut members: BTreeMap<String, serde_json::Value> = match serde_json::from_slice(&body) {
        Ok(members) => members,
        Err(_) => return body,
    };
    let page = members.get("current_page").and_then(|page| page.as_str()?.trim().parse::<u64>().ok()).unwrap_or(1);
    members.insert("current_page".to_owned(), (page + 1).into());
    serde_json::to_vec(&members).expect("members are JSON")
}
