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
    /// A value as it may look; never a working secret. A secret that is a whole header's value shows it by beginning with
    /// a scheme (`Bearer …`); from any other a scheme that was pasted along is refused.
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

    /// The value when the field is not given.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        match (self.default, self.kind) {
            (Some(text), kind) => kind.read(text),
            (None, FieldKind::Choice(choices)) if !self.required => {
                choices.first().map(|first| Value::Text((*first).into()))
            }
            (None, _) => None,
        }
    }
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An absolute `https://` or `http://` address that ends with its path, to which paths are added.
    Url,
    /// An absolute `https://` or `http://` address that is asked as it stands, with a query if it has one.
    Address,
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

impl FieldKind {
    /// Reads a value that is written as text, as defaults, ranges and the demo's settings are; a list's entries are
    /// separated by commas. `None` for a text that is no such value. Tables are never written as text.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Choice(choices) if !choices.contains(&text) => None,
            Self::Text | Self::Url | Self::Address | Self::Choice(_) => Some(Value::Text(text.to_owned())),
            Self::Integer => text.parse().ok().map(Value::Integer),
            Self::Boolean => text.parse().ok().map(Value::Boolean),
            Self::Duration => time_span(text).map(Value::Duration),
            Self::List => {
                Some(Value::List(text.split(',').filter(|entry| !entry.is_empty()).map(str::to_owned).collect()))
            }
            Self::Map => None,
        }
    }
}

/// A whole number and its unit: `ms`, `s`, `m` or `h`.
fn time_span(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(60 * 60).map(Duration::from_secs),
        _ => None,
    }
}

/// A validated value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, URL, address or choice.
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

    /// Settings and secrets written as texts, as a demo's are, with every default filled in. This is for values that we
    /// wrote ourselves: patterns, ranges, required fields and conditions are looked at only when a tenant file is read.
    ///
    /// # Errors
    /// The name of a key that is no field, or whose text is no value of its kind.
    pub fn from_texts<'a>(
        fields: &[Field],
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, String> {
        let defaults = fields.iter().filter_map(|field| Some((field.name.to_owned(), field.default_value()?)));
        let mut settings = Self { values: defaults.collect(), secrets: BTreeMap::new() };
        for (name, text) in texts {
            let field = fields.iter().find(|field| field.name == name).ok_or_else(|| format!("{name} is no field"))?;
            if field.secret {
                settings.secrets.insert(name.to_owned(), text.into());
            } else {
                let value = field.kind.read(text).ok_or_else(|| format!("{name} is no {:?}", field.kind))?;
                settings.values.insert(name.to_owned(), value);
            }
        }
        Ok(settings)
    }

    /// A text, URL, address or choice.
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

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field { name: "mode", kind: FieldKind::Choice(&["first", "second"]), ..Field::TEXT },
        Field { name: "patience", kind: FieldKind::Duration, default: Some("30s"), ..Field::TEXT },
        Field { name: "key", secret: true, ..Field::TEXT },
    ];

    #[test]
    fn what_is_not_given_has_its_default() {
        let settings = Settings::from_texts(FIELDS, [("key", "k")]).unwrap();
        assert_eq!(settings.text("mode"), Some("first"));
        assert_eq!(settings.duration("patience"), Some(Duration::from_secs(30)));
        assert!(settings.secret("key").is_some() && settings.text("key").is_none());
        assert_eq!(Settings::from_texts(FIELDS, [("mode", "second")]).unwrap().text("mode"), Some("second"));
    }

    #[test]
    fn what_is_no_field_or_no_value_is_named() {
        assert_eq!(Settings::from_texts(FIELDS, [("mood", "x")]).unwrap_err(), "mood is no field");
        assert!(Settings::from_texts(FIELDS, [("mode", "third")]).unwrap_err().starts_with("mode is no"));
        assert!(Settings::from_texts(FIELDS, [("patience", "soon")]).is_err());
    }
}
