use livegate_core::{Field, FieldKind, Value};
use serde_json::{Map, Value as Json, json};

use crate::keys::{CONFIG, Section};

/// The JSON Schema (2020-12) of `livegate.toml`, for editors: kept as `config/livegate.schema.json`.
#[must_use]
pub fn config_schema() -> String {
    let sections = CONFIG.iter().filter(|section| !section.name.is_empty());
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "livegate.toml",
        "description": "The configuration of a livegate process. Every key is optional.",
        "type": "object",
        "additionalProperties": false,
        "properties": sections.map(|section| (section.name.to_owned(), of_section(section))).collect::<Map<_, _>>(),
    });
    format!("{schema:#}\n")
}

fn of_section(section: &Section) -> Json {
    json!({
        "description": section.help,
        "type": "object",
        "additionalProperties": false,
        "properties": section.fields.iter().map(|field| (field.name.to_owned(), of_field(field))).collect::<Map<_, _>>(),
    })
}

fn of_field(field: &Field) -> Json {
    let mut schema = match field.kind {
        FieldKind::Text => json!({ "type": "string" }),
        FieldKind::Url | FieldKind::Address => json!({ "type": "string", "format": "uri" }),
        FieldKind::Choice(choices) => json!({ "enum": choices }),
        FieldKind::Integer => json!({ "type": "integer" }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Duration => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h)$" }),
        FieldKind::List => json!({ "type": "array", "items": texts(field) }),
        FieldKind::Map => json!({ "type": "object", "additionalProperties": texts(field) }),
    };
    schema["title"] = json!(field.label);
    schema["description"] = json!(field.help);
    match field.default_value() {
        Some(Value::Integer(number)) => schema["default"] = json!(number),
        Some(Value::Boolean(flag)) => schema["default"] = json!(flag),
        Some(Value::List(entries)) => schema["default"] = json!(entries),
        _ => schema["default"] = json!(field.default),
    }
    if let (FieldKind::Integer, Some((least, most))) = (field.kind, field.range) {
        schema["minimum"] = json!(least.parse::<i64>().ok());
        schema["maximum"] = json!(most.parse::<i64>().ok());
    }
    if let (FieldKind::Text | FieldKind::Url | FieldKind::Address, Some(pattern)) = (field.kind, field.pattern) {
        schema["pattern"] = json!(format!("^(?:{pattern})$"));
    }
    schema
}

fn texts(field: &Field) -> Json {
    match field.pattern {
        Some(pattern) => json!({ "type": "string", "pattern": format!("^(?:{pattern})$") }),
        None => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot;

    #[test]
    fn the_committed_schema_is_the_generated_one() {
        snapshot::check(&snapshot::repository("config/livegate.schema.json"), &config_schema());
    }

    #[test]
    fn every_key_of_livegate_toml_is_in_the_schema_with_its_default() {
        let schema: Json = serde_json::from_str(&config_schema()).unwrap();
        for section in CONFIG.iter().filter(|section| !section.name.is_empty()) {
            for field in section.fields {
                let key = &schema["properties"][section.name]["properties"][field.name];
                let has_default = !key["default"].is_null() || section.name == "admin";
                assert!(has_default && !key["description"].is_null(), "{}.{}", section.name, field.name);
            }
        }
        assert_eq!(schema["properties"]["limits"]["properties"]["documents"]["maximum"], json!(1_000_000));
        assert_eq!(schema["properties"]["auth"]["properties"]["token_headers"]["default"], json!(["X-Api-Key"]));
    }
}
