use std::fmt::Write as _;

/// One answer in the format that was asked for.
pub(super) fn render(document: &Document, format: Format) -> String {
    let mut out = String::new();
    match format {
        Format::Json => json(&document.value, str::to_owned, &mut out),
        Format::CamelJson => json(&document.value, camel, &mut out),
        Format::Xml => xml(document.root, document.namespace, &document.value, &mut out),
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    /// Json.NET with its camel case resolver.
    CamelJson,
    Xml,
}

/// A value, and how its XML root is called.
pub(super) struct Document {
    pub root: &'static str,
    pub namespace: Option<&'static str>,
    pub value: Value,
}

/// What Json.NET and DataContractSerializer are given.
pub(super) enum Value {
    Null,
    Flag(bool),
    Text(String),
    /// A decimal in its own digits: both serializers keep the scale.
    Decimal(String),
    /// The items and the element name of each in XML.
    List(&'static str, Vec<Value>),
    /// Members in the order of their declaration.
    Object(Vec<(&'static str, Value)>),
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

fn json(value: &Value, named: fn(&str) -> String, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
        // Json.NET gives a decimal at least one place: 5 is written 5.0.
        Value::Decimal(digits) => {
            out.push_str(digits);
            if !digits.contains('.') {
                out.push_str(".0");
            }
        }
        Value::List(_, items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json(item, named, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "\"{}\":", named(name));
                json(member, named, out);
            }
            out.push('}');
        }
    }
}

/// Lowers the capitals at the beginning, save one that begins the next word: `CCLastFour` becomes `ccLastFour`.
fn camel(name: &str) -> String {
    let capitals = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let lowered = if capitals > 1 && capitals < name.len() { capitals - 1 } else { capitals };
    format!("{}{}", name[..lowered].to_ascii_lowercase(), &name[lowered..])
}

fn xml(name: &str, namespace: Option<&str>, value: &Value, out: &mut String) {
    let _ = write!(out, "<{name}");
    if let Some(namespace) = namespace {
        let _ = write!(out, r#" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{namespace}""#);
    }
    // Strings are no part of the models' namespace: the serializer gives them one of their own, by depth and number.
    if let Value::List("d2p1:string", _) = value {
        out.push_str(r#" xmlns:d2p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays""#);
    }
    match value {
        Value::Null => return out.push_str(r#" i:nil="true" />"#),
        Value::List(_, items) if items.is_empty() => return out.push_str(" />"),
        _ => out.push('>'),
    }
    match value {
        Value::Null => {}
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Text(text) => {
            for character in text.chars() {
                match character {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    other => out.push(other),
                }
            }
        }
        Value::Decimal(digits) => out.push_str(digits),
        Value::List(item_name, items) => items.iter().for_each(|item| xml(item_name, None, item, out)),
        Value::Object(members) => {
            // A data contract orders its members by the ordinals of their names: `id` comes after `DueDate`.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            members.into_iter().for_each(|(name, member)| xml(name, None, member, out));
        }
    }
    let _ = write!(out, "</{name}>");
}
