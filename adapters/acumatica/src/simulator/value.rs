use std::fmt::Write as _;

/// A field of a record as the books hold it; numbers keep their digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing entered: the API writes `{}`.
    Empty,
    Text(String),
    Number(String),
    Flag(bool),
    /// A day with the time and offset that the API writes after it.
    Date(String),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn number(digits: &str) -> Self {
        Self::Number(digits.to_owned())
    }

    /// A day at midnight, as the API writes days.
    pub(super) fn day(day: &str) -> Self {
        if day.contains('T') { Self::Date(day.to_owned()) } else { Self::Date(format!("{day}T00:00:00+00:00")) }
    }

    /// The value, or nothing for a blank text.
    pub(super) fn or_empty(text: &str, of: fn(&str) -> Self) -> Self {
        if text.is_empty() { Self::Empty } else { of(text) }
    }

    /// `"value":…` of a field, or nothing.
    fn member(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Date(text) => format!("\"value\":{}", quoted(text)),
            Self::Number(digits) => format!("\"value\":{digits}"),
            Self::Flag(flag) => format!("\"value\":{flag}"),
        }
    }

    /// The name of the type that the API gives a field outside of the contract.
    fn custom_type(&self) -> &'static str {
        match self {
            Self::Number(_) => "CustomDecimalField",
            Self::Flag(_) => "CustomBooleanField",
            Self::Date(_) => "CustomDateTimeField",
            Self::Text(_) | Self::Empty => "CustomStringField",
        }
    }
}

/// A record: its own fields, the records that it has one of, those that it has many of, and what its form shows beyond the
/// contract.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub id: String,
    pub note: Option<&'static str>,
    pub fields: Vec<(&'static str, Value)>,
    pub linked: Vec<(&'static str, Record)>,
    pub details: Vec<(&'static str, Vec<Record>)>,
    /// By data view and field, such as `Document.CuryID`.
    pub custom: Vec<(&'static str, &'static str, Value)>,
    /// Fields that are computed when the record is opened: a list says nothing of them.
    pub computed: Vec<&'static str>,
    /// Fields for whose sake no list can be had.
    pub never_listed: Vec<&'static str>,
}

impl Record {
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    pub(super) fn has_part(&self, name: &str) -> bool {
        self.linked.iter().any(|(own, _)| *own == name) || self.details.iter().any(|(own, _)| *own == name)
    }
}

/// Which parts of a record an answer holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Names, and names within a part as `Details/InventoryID`; all where nothing is chosen.
    pub select: Vec<String>,
    pub expand: Vec<String>,
    pub custom: Vec<String>,
    pub is_list: bool,
}

impl Shape {
    fn shows(&self, name: &str) -> bool {
        self.select.is_empty() || self.select.iter().any(|chosen| chosen == name)
    }

    /// What is shown of a part, if it is: it must be expanded, and chosen where anything is.
    fn within(&self, part: &str) -> Option<Self> {
        if !self.expand.iter().any(|name| name == part) {
            return None;
        }
        let prefix = format!("{part}/");
        let inner: Vec<String> =
            self.select.iter().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect();
        let chosen = self.shows(part) || !inner.is_empty();
        chosen.then(|| Self { select: inner, is_list: self.is_list, ..Self::default() })
    }
}

pub(super) fn written(record: &Record, row: usize, shape: &Shape) -> String {
    let note = record.note.map_or("null".to_owned(), |note| format!("{{\"value\":{}}}", quoted(note)));
    let mut out = format!("{{\"id\":{},\"rowNumber\":{row},\"note\":{note}", quoted(&record.id));
    for (name, value) in record.fields.iter().filter(|(name, _)| shape.shows(name)) {
        let member = if shape.is_list && record.computed.contains(name) { String::new() } else { value.member() };
        let _ = write!(out, ",\"{name}\":{{{member}}}");
    }
    for (name, linked) in &record.linked {
        if let Some(shape) = shape.within(name) {
            let _ = write!(out, ",\"{name}\":{}", written(linked, 1, &shape));
        }
    }
    for (name, rows) in &record.details {
        if let Some(shape) = shape.within(name) {
            let rows: Vec<String> = (1..).zip(rows).map(|(row, record)| written(record, row, &shape)).collect();
            let _ = write!(out, ",\"{name}\":[{}]", rows.join(","));
        }
    }
    let _ = write!(out, ",\"custom\":{},\"files\":[]}}", custom(record, shape));
    out
}

fn custom(record: &Record, shape: &Shape) -> String {
    let asked = |view: &str, field: &str| shape.custom.iter().any(|name| *name == format!("{view}.{field}"));
    let fields: Vec<String> = record
        .custom
        .iter()
        .filter(|(view, field, _)| asked(view, field))
        .map(|(_, field, value)| {
            let member = value.member();
            let comma = if member.is_empty() { "" } else { "," };
            format!("\"{field}\":{{\"type\":\"{}\"{comma}{member}}}", value.custom_type())
        })
        .collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{\"Document\":{{{}}}}}", fields.join(",")) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
