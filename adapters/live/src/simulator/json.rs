use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::Dialect;

/// A document whose numbers keep every digit.
#[derive(Clone)]
pub(super) enum Json {
    Null,
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads a text of ours: what is no JSON reads as null, which a test of the simulator would see.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let read = match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok().map(|members| {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::read(value.get()))).collect())
            }),
            Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
                .ok()
                .map(|items| Self::List(items.into_iter().map(|item| Self::read(item.get())).collect())),
            Some(b'"') => serde_json::from_str(text).ok().map(Self::Text),
            Some(b'-' | b'0'..=b'9') => Some(Self::Number(text.to_owned())),
            _ => None,
        };
        read.unwrap_or(Self::Null)
    }

    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text of a member; blank where it has none.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.member(name) {
            Some(Self::Text(text) | Self::Number(text)) => text,
            _ => "",
        }
    }

    /// The same document with these members only; those that are missing become null.
    pub(super) fn only(&self, names: &[&str]) -> Self {
        let member = |name: &&str| ((*name).to_owned(), self.member(name).cloned().unwrap_or(Self::Null));
        Self::Object(names.iter().map(member).collect())
    }

    /// Writes it as the dialect has it.
    pub(super) fn write(&self, dialect: Dialect, out: &mut String) {
        self.write_as("", dialect, out);
    }

    fn write_as(&self, name: &str, dialect: Dialect, out: &mut String) {
        let is_id = name.ends_with("_id") && !name.starts_with("customer");
        match self {
            Self::Null => out.push_str("null"),
            Self::Number(digits) if dialect.numbers_as_texts => quote(digits, out),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) if dialect.ids_as_numbers && is_id && is_number(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.push(if at == 0 { '[' } else { ',' });
                    item.write_as("", dialect, out);
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                out.push('{');
                let known = members.iter().filter(|(_, value)| dialect.nulls || !matches!(value, Self::Null));
                for (at, (name, value)) in known.enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    let told = if dialect.sales_tax && name == "tax_total" { "sales_tax" } else { name };
                    quote(told, out);
                    out.push(':');
                    value.write_as(name, dialect, out);
                }
                out.push('}');
            }
        }
    }
}

/// Whether a text can be written as a number and read back as the same.
fn is_number(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn quote(text: &str, out: &mut String) {
    let _ = write!(out, "{}", serde_json::Value::from(text));
}
