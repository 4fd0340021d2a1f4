use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

/// One field of an adapter's connection form, as data: it validates configuration, renders the form, decides what is
/// sealed and documents the adapter.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key in `[settings]`, or in `[secrets]` for a secret.
    pub name: &'static str,
    /// Its name for a person.
    pub label: &'static str,
    /// What it is and where to find it.
    pub help: &'static str,
    /// A value as it may look; never a working secret.
    pub example: &'static str,
    /// A regular expression that the whole value must match.
    pub pattern: Option<&'static str>,
    /// What values it takes.
    pub kind: FieldKind,
    /// Whether it is a secret.
    pub secret: bool,
    /// Whether it must be given (where it applies).
    pub required: bool,
    /// The value when it is not given, as text (a list's entries are separated by commas); for a choice this is the
    /// first.
    pub default: Option<&'static str>,
    /// The least and the greatest whole number or time span, as text.
    pub range: Option<(&'static str, &'static str)>,
    /// The field applies only where another field has one of these values.
    pub when: Option<(&'static str, &'static [&'static str])>,
}

impl Field {
    /// An optional text without conditions; the adapter's list names what differs.
    pub const TEXT: Self = Self {
        name: "",
        label: "",
        help: "",
        example: "",
        pattern: None,
        kind: FieldKind::Text,
        secret: false,
        required: false,
        default: None,
        range: None,
        when: None,
    };
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An absolute `https://` or `http://` address.
    Url,
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A time span such as `30s`.
    Duration,
    /// A list of texts.
    List,
    /// A table of texts.
    Map,
}

/// A validated value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, URL or choice.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A time span.
    Duration(Duration),
    /// A list of texts.
    List(Vec<String>),
    /// A table of texts.
    Map(BTreeMap<String, String>),
}

/// A tenant's validated settings and secrets: every name is one of the adapter's fields, every value of its kind, every
/// default filled in. Its `Debug` shows no secret.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: BTreeMap<String, Value>,
    secrets: BTreeMap<String, SecretString>,
}

impl Settings {
    /// Takes what validation let through.
    #[must_use]
    pub fn new(values: BTreeMap<String, Value>, secrets: BTreeMap<String, SecretString>) -> Self {
        Self { values, secrets }
    }

    /// A text, URL or choice.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// True or false.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.values.get(name) {
            Some(Value::Boolean(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// A time span.
    #[must_use]
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.values.get(name) {
            Some(Value::Duration(span)) => Some(*span),
            _ => None,
        }
    }

    /// A list of texts.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[String]> {
        match self.values.get(name) {
            Some(Value::List(texts)) => Some(texts),
            _ => None,
        }
    }

    /// A table of texts.
    #[must_use]
    pub fn map(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        match self.values.get(name) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        }
    }

    /// A secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.secrets.get(name)
    }
}
