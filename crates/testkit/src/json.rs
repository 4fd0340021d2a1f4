use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

/// A JSON value that keeps its text, so that no number is read as a float on the way to a comparison.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Json {
    text: String,
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

impl Json {
    /// Reads an answer's bytes.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let raw: Box<RawValue> =
            serde_json::from_slice(bytes).map_err(|error| format!("the answer is no JSON: {error}"))?;
        Ok(Self { text: raw.get().to_owned() })
    }

    pub(crate) fn null() -> Self {
        Self { text: "null".to_owned() }
    }

    /// The text as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is(&self) -> Type {
        match self.text.as_bytes().first() {
            Some(b'n') | None => Type::Null,
            Some(b't' | b'f') => Type::Boolean,
            Some(b'"') => Type::Text,
            Some(b'[') => Type::List,
            Some(b'{') => Type::Object,
            Some(_) => Type::Number,
        }
    }

    /// The members of an object in the order of their names; none of anything else.
    pub(crate) fn members(&self) -> Vec<(String, Json)> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&self.text).unwrap_or_default();
        members.into_iter().map(|(name, raw)| (name, Self { text: raw.get().to_owned() })).collect()
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> Vec<Json> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(&self.text).unwrap_or_default();
        items.into_iter().map(|raw| Self { text: raw.get().to_owned() }).collect()
    }

    pub(crate) fn member(&self, name: &str) -> Option<Json> {
        self.members().into_iter().find_map(|(own, value)| (own == name).then_some(value))
    }

    /// What a JSON pointer such as `/order_lines/0/total` leads to.
    pub(crate) fn at(&self, pointer: &str) -> Option<Json> {
        pointer.split('/').skip(1).try_fold(self.clone(), |value, step| match value.is() {
            Type::List => value.items().get(step.parse::<usize>().ok()?).cloned(),
            _ => value.member(step),
        })
    }

    /// What a text says, without quotes and escapes; `None` of anything else.
    pub(crate) fn said(&self) -> Option<String> {
        serde_json::from_str(&self.text).ok()
    }

    /// Every leaf below it with the pointer that leads there.
    pub(crate) fn leaves(&self) -> Vec<(String, Json)> {
        let below = |name: String, value: &Json| -> Vec<(String, Json)> {
            value.leaves().into_iter().map(|(pointer, leaf)| (format!("/{name}{pointer}"), leaf)).collect()
        };
        match self.is() {
            Type::Object => self.members().into_iter().flat_map(|(name, value)| below(name, &value)).collect(),
            Type::List => {
                (0..).zip(self.items()).flat_map(|(at, item): (usize, _)| below(at.to_string(), &item)).collect()
            }
            _ => vec![(String::new(), self.clone())],
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
