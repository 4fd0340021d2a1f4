use std::io::{self, Write};

use livegate_core::{AdapterKind, Field, FieldKind, FilterSupport, ListCapabilities, Operation};
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
    let fields: Vec<Value> = kind.fields.iter().map(field).collect();
    json!({
        "name": kind.name,
        "title": kind.title,
        "operations": kind.capabilities.operations.iter().copied().map(Operation::name).collect::<Vec<_>>(),
        "orders": list(&kind.capabilities.orders, "order_id"),
        "invoices": list(&kind.capabilities.invoices, "invoice_id"),
        "attributes_orders_to_users": kind.capabilities.attributes_orders_to_users,
        "fields": fields,
    })
}

/// Filters are named as a request names them.
fn list(list: &ListCapabilities, id: &str) -> Value {
    let support = |support: FilterSupport| match support {
        FilterSupport::Exact => "exact",
        FilterSupport::Partial => "partial",
        FilterSupport::None => "none",
    };
    json!({
        "covers": list.covers,
        "pages": list.pages,
        "filters": {
            id: support(list.id),
            "customer_po": support(list.customer_po),
            "third_party_order_number": support(list.third_party_order_number),
            "start_date": support(list.start_date),
            "end_date": support(list.end_date),
        },
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
