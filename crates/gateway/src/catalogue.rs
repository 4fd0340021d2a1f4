use std::io::{self, Write};

use livegate_core::{AdapterKind, Field, FieldKind, Operation};
use serde_json::{Value, json};

use crate::adapters::ADAPTERS;

/// Lists the adapters of this binary, with their settings.
pub(crate) fn print(as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        let kinds: Vec<Value> = ADAPTERS.iter().map(|kind| described(kind)).collect();
        return writeln!(out, "{:#}", Value::from(kinds));
    }
    for kind in ADAPTERS {
        let operations = kind.capabilities.operations.iter().map(|o| o.name()).collect::<Vec<_>>().join(", ");
        writeln!(out, "{} - {}\n  answers: {operations}", kind.name, kind.title)?;
        for (heading, secret) in [("settings", false), ("secrets", true)] {
            for (index, field) in kind.fields.iter().filter(|field| field.secret == secret).enumerate() {
                if index == 0 {
                    writeln!(out, "  [{heading}]")?;
                }
                writeln!(out, "    {:<18} {}{}", field.name, field.label, remarks(field))?;
            }
        }
    }
    Ok(())
}

fn remarks(field: &Field) -> String {
    let mut remarks = Vec::new();
    if let FieldKind::Choice(choices) = field.kind {
        remarks.push(choices.join(" | "));
    }
    if field.required {
        remarks.push("required".to_owned());
    } else if let Some(default) = field.default {
        remarks.push(format!("default {default}"));
    }
    if let Some((other, values)) = field.when {
        remarks.push(format!("only with {other} = {}", values.join(" or ")));
    }
    if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) }
}

fn described(kind: &AdapterKind) -> Value {
    let list = |list: &livegate_core::ListCapabilities| json!({ "covers": list.covers, "pages": list.pages });
    let fields: Vec<Value> = kind.fields.iter().map(field).collect();
    json!({
        "name": kind.name,
        "title": kind.title,
        "operations": kind.capabilities.operations.iter().copied().map(Operation::name).collect::<Vec<_>>(),
        "orders": list(&kind.capabilities.orders),
        "invoices": list(&kind.capabilities.invoices),
        "fields": fields,
    })
}

fn field(field: &Field) -> Value {
    let (name, choices) = match field.kind {
        FieldKind::Text => ("text", None),
        FieldKind::Url | FieldKind::Address => ("url", None),
        FieldKind::Choice(choices) => ("choice", Some(choices)),
        FieldKind::Integer => ("integer", None),
        FieldKind::Boolean => ("boolean", None),
        FieldKind::Duration => ("duration", None),
        FieldKind::List => ("list", None),
        FieldKind::Map => ("map", None),
    };
    json!({
        "name": field.name, "label": field.label, "help": field.help, "example": field.example, "kind": name,
        "choices": choices, "pattern": field.pattern, "secret": field.secret, "required": field.required,
        "default": field.default, "when": field.when.map(|(other, values)| json!({ "field": other, "is": values })),
    })
}
