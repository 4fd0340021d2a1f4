use std::collections::{BTreeMap, BTreeSet};

use livegate_core::{Field, FieldKind, Settings, Value};
use regex_lite::Regex;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use crate::document::{Report, Table};
use crate::keys::CONFIG;
use crate::mistake::{nearest, quoted, visible};

/// One section of a file and the fields that may stand in it: an adapter's form is two sections, one of them secret.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// The section's name; empty for what stands above the first section.
    pub section: &'static str,
    /// The fields of the whole form.
    pub fields: &'static [Field],
    /// Whether this section takes the form's secrets or all the rest.
    pub secret: bool,
}

/// What a section gives for its fields.
pub(crate) struct Answers<T> {
    pub given: BTreeMap<&'static str, Given<T>>,
    /// Where the section begins, if it is there.
    pub line: Option<usize>,
}

pub(crate) struct Given<T> {
    /// `None` if it was refused, which is told by then.
    pub value: Option<T>,
    pub line: usize,
}

/// Reads one field's value under its key; `None` if it was refused, which it tells.
type ReadValue<'r, 'a, T> = dyn FnMut(&mut Report, &'static Field, &str, &Spanned<DeValue<'a>>) -> Option<T> + 'r;

/// Whether a field counts, seen from the fields that it depends on.
enum Use {
    Counts,
    Idle {
        other: &'static Field,
        values: &'static [&'static str],
    },
    /// What it depends on is itself a mistake.
    Unknown,
}

impl Form {
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        let secret = self.secret;
        self.fields.iter().filter(move |field| field.secret == secret)
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The key with its section, as a mistake names it.
    pub fn key(&self, name: &str) -> String {
        if self.section.is_empty() { name.to_owned() } else { format!("{}.{name}", self.section) }
    }

    /// Reads what the section gives for its fields. `layout` is the whole file: it says where a stray key belongs.
    pub fn read<'a, T>(
        &self,
        report: &mut Report,
        layout: &[Form],
        table: Option<Table<'a>>,
        read: &mut ReadValue<'_, 'a, T>,
    ) -> Answers<T> {
        let mut given = BTreeMap::new();
        for (key, value) in table.iter().flat_map(|table| table.entries.iter()) {
            let (name, line) = (key.get_ref().as_ref(), report.line(key.span()));
            let Some(field) = self.field(name) else {
                if !(self.section.is_empty() && layout.iter().any(|form| form.section == name)) {
                    let (message, remedy) = self.stray(layout, name, value.get_ref().is_table());
                    report.add(line, &visible(&self.key(name)), message, remedy);
                }
                continue;
            };
            let value = read(report, field, &self.key(name), value);
            given.insert(field.name, Given { value, line });
        }
        Answers { given, line: table.map(|table| table.line) }
    }

    /// Says what is missing, and what is given although the chosen mode does not use it.
    pub fn settle<T>(&self, report: &mut Report, settings: &Answers<Value>, answers: &Answers<T>) {
        for field in self.fields() {
            let (key, given) = (self.key(field.name), answers.given.get(field.name));
            match (self.use_of(field, settings), given) {
                (Use::Idle { other, values }, Some(given)) => {
                    let only = values.iter().map(|value| format!("{} = {}", other.name, literal(other.kind, value)));
                    let only = only.collect::<Vec<_>>().join(" or ");
                    report.add(
                        given.line,
                        &key,
                        format!("is used only with {only}"),
                        format!("remove it, or write {only} under [settings]"),
                    );
                }
                (Use::Counts, None) if field.required => {
                    let place = if self.section.is_empty() {
                        "above the first [section]".to_owned()
                    } else {
                        format!("under [{}]", self.section)
                    };
                    let value = if field.secret { "{ env = \"NAME\" }".to_owned() } else { example(field) };
                    report.add(
                        answers.line,
                        &key,
                        format!("is missing: {}", field.label),
                        format!("write {} = {value} {place}", field.name),
                    );
                }
                _ => {}
            }
        }
    }

    /// The values by name, the defaults of all fields that count filled in.
    pub fn with_defaults(&self, answers: &Answers<Value>) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for field in self.fields() {
            let value = match answers.given.get(field.name) {
                Some(given) => given.value.clone(),
                None if matches!(self.use_of(field, answers), Use::Counts) => field.default_value(),
                None => None,
            };
            values.extend(value.map(|value| (field.name.to_owned(), value)));
        }
        values
    }

    /// Reads and settles a section without secrets.
    pub fn settings(
        &self,
        report: &mut Report,
        layout: &[Form],
        table: Option<Table<'_>>,
        check_url: &dyn Fn(&str) -> Result<(), String>,
    ) -> (Settings, Answers<Value>) {
        let answers = self.read(report, layout, table, &mut |report, field, key, value| {
            value_of(report, field, key, value, check_url)
        });
        self.settle(report, &answers, &answers);
        (Settings::new(self.with_defaults(&answers), BTreeMap::new()), answers)
    }

    fn use_of(&self, field: &Field, settings: &Answers<Value>) -> Use {
        let Some((other, values)) = field.when else { return Use::Counts };
        let Some(depends_on) = self.fields.iter().find(|field| field.name == other) else { return Use::Unknown };
        let value = match (self.use_of(depends_on, settings), settings.given.get(other)) {
            (Use::Unknown, _) | (Use::Idle { .. }, Some(_)) | (_, Some(Given { value: None, .. })) => {
                return Use::Unknown;
            }
            (Use::Idle { .. }, None) => None,
            (Use::Counts, Some(Given { value, .. })) => value.clone(),
            (Use::Counts, None) => depends_on.default_value(),
        };
        let text = match value {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Integer(number)) => Some(number.to_string()),
            Some(Value::Boolean(flag)) => Some(flag.to_string()),
            _ => None,
        };
        if text.is_some_and(|text| values.contains(&text.as_str())) {
            Use::Counts
        } else {
            Use::Idle { other: depends_on, values }
        }
    }

    /// What is wrong with a key that the section does not know, and what to do.
    fn stray(&self, layout: &[Form], name: &str, is_table: bool) -> (&'static str, String) {
        if let Some(form) = layout.iter().find(|form| form.section != self.section && form.field(name).is_some()) {
            let place = match (form.section, form.secret) {
                ("", _) => "above the first [section]".to_owned(),
                (section, false) => format!("under [{section}]"),
                (section, true) => format!("under [{section}], as {{ env = \"NAME\" }} or {{ file = \"path\" }}"),
            };
            return ("stands in the wrong section", format!("it belongs {place}"));
        }
        if self.section.is_empty() && !name.is_empty() && CONFIG.iter().any(|section| section.name == name) {
            return ("stands in the wrong file", format!("it belongs in livegate.toml, as [{name}] for all tenants"));
        }
        let of_sections = self.section.is_empty() && is_table;
        let known: BTreeSet<&str> = if of_sections {
            layout.iter().map(|form| form.section).filter(|section| !section.is_empty()).collect()
        } else {
            self.fields().map(|field| field.name).collect()
        };
        let remedy = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => "no key may stand here; remove it".to_owned(),
            None => format!("known here: {}", quoted(known)),
        };
        (if of_sections { "unknown section" } else { "unknown key" }, remedy)
    }
}

/// A value as it is written in TOML.
pub(crate) fn literal(kind: FieldKind, text: &str) -> String {
    match kind {
        FieldKind::Integer | FieldKind::Boolean => text.to_owned(),
        // The entries of a tenant's tokens are tables.
        FieldKind::List if text.starts_with('{') => format!("[{text}]"),
        FieldKind::List => format!("[{}]", quoted(text.split(',').filter(|entry| !entry.is_empty()))),
        FieldKind::Map => format!("{{ {text} }}"),
        _ => format!("\"{text}\""),
    }
}

/// What a person may write for the field.
fn example(field: &Field) -> String {
    let text = match field.kind {
        FieldKind::Choice(choices) => choices.first().copied().unwrap_or_default(),
        _ if field.example.is_empty() => field.default.unwrap_or("…"),
        _ => field.example,
    };
    literal(field.kind, text)
}

/// Reads one value of a settings field; everything wrong with it is told.
pub(crate) fn value_of(
    report: &mut Report,
    field: &Field,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    check_url: &dyn Fn(&str) -> Result<(), String>,
) -> Option<Value> {
    let line = report.line_of(value);
    match (field.kind, value.get_ref()) {
        (
            FieldKind::Text | FieldKind::Url | FieldKind::Address | FieldKind::Choice(_) | FieldKind::Duration,
            DeValue::String(text),
        ) => text_value(report, field, key, line, text, check_url),
        (FieldKind::Integer, DeValue::Integer(number)) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
            within(report, field, key, line, number.map(Value::Integer))
        }
        (FieldKind::Boolean, DeValue::Boolean(flag)) => Some(Value::Boolean(*flag)),
        (FieldKind::List, DeValue::Array(entries)) => {
            let texts: Vec<_> = entries
                .iter()
                .enumerate()
                .map(|(at, entry)| entry_text(report, field, &format!("{key}[{at}]"), entry))
                .collect();
            texts.into_iter().collect::<Option<_>>().map(Value::List)
        }
        (FieldKind::Map, DeValue::Table(entries)) => {
            let texts: Vec<_> = entries
                .iter()
                .map(|(name, entry)| {
                    let name = name.get_ref().as_ref();
                    let text = entry_text(report, field, &visible(&format!("{key}.{name}")), entry)?;
                    Some((name.to_owned(), text))
                })
                .collect();
            texts.into_iter().collect::<Option<_>>().map(Value::Map)
        }
        (kind, _) => {
            let expected = match kind {
                FieldKind::Integer => "must be a whole number without quotes",
                FieldKind::Boolean => "must be true or false, without quotes",
                FieldKind::List => "must be a list of texts",
                FieldKind::Map => "must be a table of texts",
                FieldKind::Text | FieldKind::Url | FieldKind::Address | FieldKind::Choice(_) | FieldKind::Duration => {
                    "must be text in quotes"
                }
            };
            report.add(line, key, expected, such_as(field));
            None
        }
    }
}

fn such_as(field: &Field) -> String {
    match field.kind {
        FieldKind::Boolean => "write true or false".to_owned(),
        FieldKind::Choice(choices) => format!("write one of {}", quoted(choices.iter().copied())),
        _ => format!("write it as in {} = {}", field.name, example(field)),
    }
}

fn entry_text(report: &mut Report, field: &Field, key: &str, entry: &Spanned<DeValue<'_>>) -> Option<String> {
    let line = report.line_of(entry);
    match entry.get_ref() {
        DeValue::String(text) => matching(report, field, key, line, text),
        _ => {
            report.add(line, key, "must be text in quotes", such_as(field));
            None
        }
    }
}

fn text_value(
    report: &mut Report,
    field: &Field,
    key: &str,
    line: usize,
    text: &str,
    check_url: &dyn Fn(&str) -> Result<(), String>,
) -> Option<Value> {
    match field.kind {
        FieldKind::Choice(choices) if !choices.contains(&text) => {
            let remedy = match nearest(text, choices.iter().copied()) {
                Some(near) => {
                    format!("did you mean \"{near}\"? The choices are {}", quoted(choices.iter().copied()))
                }
                None => format!("the choices are {}", quoted(choices.iter().copied())),
            };
            report.add(line, key, "is none of the choices", remedy);
            None
        }
        FieldKind::Choice(_) => Some(Value::Text(text.to_owned())),
        FieldKind::Duration => {
            if let Some(Value::Duration(span)) = FieldKind::Duration.read(text) {
                return within(report, field, key, line, Some(Value::Duration(span)));
            }
            report.add(
                line,
                key,
                "is no time span",
                format!("write a whole number with ms, s, m or h behind it, such as {}", example(field)),
            );
            None
        }
        FieldKind::Url | FieldKind::Address => {
            let text = matching(report, field, key, line, text)?;
            match url_fault(&text, field.kind == FieldKind::Address, check_url) {
                None => Some(Value::Text(text)),
                Some((message, remedy)) => {
                    report.add(line, key, message, remedy.unwrap_or_else(|| such_as(field)));
                    None
                }
            }
        }
        _ => matching(report, field, key, line, text).map(Value::Text),
    }
}

/// What is wrong with an address, and what to do. Only a `whole` one, to which nothing is added, may have a query.
fn url_fault(
    text: &str,
    whole: bool,
    check_url: &dyn Fn(&str) -> Result<(), String>,
) -> Option<(String, Option<String>)> {
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => return Some(("is no absolute https:// or http:// address".to_owned(), None)),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some((
            "must not hold a user name or password".to_owned(),
            Some("remove what stands before the @, and give it under [secrets]".to_owned()),
        ));
    }
    if whole && url.fragment().is_some() {
        return Some(("must not hold a #".to_owned(), Some("remove the # and what follows".to_owned())));
    }
    if !whole && (url.query().is_some() || url.fragment().is_some()) {
        return Some(("must end with its path".to_owned(), Some("remove the ? or # and what follows".to_owned())));
    }
    check_url(text).err().map(|reason| {
        let remedy = "or correct the address";
        (format!("is refused: {reason}"), Some(remedy.to_owned()))
    })
}

/// Checks a text that is not blank against the field's pattern.
fn matching(report: &mut Report, field: &Field, key: &str, line: usize, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        report.add(line, key, "must not be blank", such_as(field));
        return None;
    }
    if fits(field, text) {
        return Some(text.to_owned());
    }
    report.add(line, key, misfit(field), such_as(field));
    None
}

/// Whether the whole text matches the field's pattern.
pub(crate) fn fits(field: &Field, text: &str) -> bool {
    // A pattern that is no regular expression lets nothing through, so that its first use shows it.
    let matches = |pattern: &str| Regex::new(&format!(r"\A(?:{pattern})\z")).is_ok_and(|regex| regex.is_match(text));
    field.pattern.is_none_or(matches)
}

/// What is wrong with a text that does not fit.
pub(crate) fn misfit(field: &Field) -> String {
    format!("does not have the form of \"{}\"", field.label)
}

/// Checks a number or time span against the field's range; `None` is one that no machine number holds.
fn within(report: &mut Report, field: &Field, key: &str, line: usize, value: Option<Value>) -> Option<Value> {
    let inside = value.filter(|value| {
        field.range.is_none_or(|(least, most)| match (value, field.kind.read(least), field.kind.read(most)) {
            (Value::Integer(n), Some(Value::Integer(least)), Some(Value::Integer(most))) => (least..=most).contains(n),
            (Value::Duration(span), Some(Value::Duration(least)), Some(Value::Duration(most))) => {
                (least..=most).contains(span)
            }
            _ => false,
        })
    });
    if inside.is_none() {
        let message = match field.range {
            Some((least, most)) => format!("must be at least {least} and at most {most}"),
            None => "is too large".to_owned(),
        };
        report.add(line, key, message, such_as(field));
    }
    inside
}
