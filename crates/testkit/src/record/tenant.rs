use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use livegate_core::{AdapterKind, Field, FieldKind};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::stand_ins::StandIns;

/// What a recording needs of a tenant file.
pub(super) struct Tenant {
    pub(super) settings: Map<String, Value>,
    pub(super) secrets: BTreeMap<String, SecretString>,
    pub(super) time_zone: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) customer_from: Option<String>,
    pub(super) documents: Option<usize>,
}

impl Tenant {
    /// Reads a tenant file as `livegate serve` does, as far as it concerns the connection.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub(super) fn read(path: &Path, kind: &AdapterKind) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            format!("{shown}, line {line}: {}", error.message())
        })?;
        let text_of = |name: &str| table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
        match text_of("adapter") {
            Some(adapter) if adapter == kind.name => {}
            Some(other) => return Err(format!("{shown} is for the adapter {other}, and this is {}", kind.name)),
            None => return Err(format!("{shown} names no adapter: adapter = {:?}", kind.name)),
        }
        let settings = table.get("settings").cloned().unwrap_or(toml::Value::Table(toml::Table::new()));
        let settings = match serde_json::to_value(settings) {
            Ok(Value::Object(settings)) => settings,
            _ => return Err(format!("{shown}: [settings] is no table")),
        };
        let mut secrets = BTreeMap::new();
        for (name, place) in table.get("secrets").and_then(toml::Value::as_table).into_iter().flatten() {
            if !kind.fields.iter().any(|field| field.secret && field.name == name) {
                return Err(format!("{shown}: {name:?} is no secret of {}", kind.name));
            }
            secrets.insert(name.clone(), secret(name, place).map_err(|problem| format!("{shown}: {problem}"))?);
        }
        for field in kind.fields.iter().filter(|field| field.required && field.when.is_none()) {
            let given = if field.secret { secrets.contains_key(field.name) } else { settings.contains_key(field.name) };
            if !given {
                let section = if field.secret { "secrets" } else { "settings" };
                return Err(format!("{shown}: [{section}] {} is missing: {}", field.name, field.help));
            }
        }
        let documents =
            table.get("limits").and_then(|limits| limits.get("documents")).and_then(toml::Value::as_integer);
        Ok(Self {
            settings,
            secrets,
            time_zone: text_of("time_zone"),
            currency: text_of("currency"),
            customer_from: text_of("customer_from"),
            documents: documents.and_then(|documents| documents.try_into().ok()),
        })
    }

    /// The settings of a tenant that does not exist: choices and numbers stay, addresses lead nowhere, and texts are
    /// replaced.
    pub(super) fn replaced(&self, fields: &[Field], stand_ins: &mut StandIns) -> Result<Map<String, Value>, String> {
        let mut replaced = Map::new();
        for (name, value) in &self.settings {
            let kind = fields.iter().find(|field| field.name == name).map(|field| field.kind);
            let value = match (kind, value) {
                (Some(FieldKind::Choice(_) | FieldKind::Integer | FieldKind::Boolean | FieldKind::Duration), value) => {
                    value.clone()
                }
                (Some(FieldKind::Url), Value::String(address)) => self::address(address, stand_ins)?.into(),
                (_, value) => texts(value, stand_ins),
            };
            replaced.insert(name.clone(), value);
        }
        Ok(replaced)
    }
}

/// `{ env = … }` or `{ file = … }`.
fn secret(name: &str, place: &toml::Value) -> Result<SecretString, String> {
    let text = |key: &str| place.get(key).and_then(toml::Value::as_str);
    let value = match (text("env"), text("file")) {
        (Some(variable), None) => env::var(variable).map_err(|_| {
            format!(
                "the secret {name} is read from the environment variable {variable}, which is not set: export it first"
            )
        })?,
        (None, Some(file)) => fs::read_to_string(file)
            .map_err(|error| format!("the secret {name} is read from {file}, which cannot be read: {error}"))?,
        _ => return Err(format!("the secret {name} must be {{ env = \"…\" }} or {{ file = \"…\" }}")),
    };
    let value = value.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        return Err(format!("the secret {name} is empty"));
    }
    Ok(value.into())
}

/// Another host, and of the path only what says which interface it is.
fn address(address: &str, stand_ins: &mut StandIns) -> Result<String, String> {
    let uri: http::Uri = address.trim().parse().map_err(|_| format!("{address:?} is no address"))?;
    let (scheme, authority) = (uri.scheme_str().unwrap_or("https"), uri.authority().ok_or("an address has no host")?);
    let host = stand_ins.host(authority.as_str());
    let segments = uri.path().split('/').map(|segment| match interface(segment) {
        true => segment.to_owned(),
        false => stand_ins.replaced(&super::bodies::decoded(segment)),
    });
    let path = segments.collect::<Vec<_>>().join("/");
    Ok(format!("{scheme}://{host}{path}"))
}

/// Whether a part of a path names an interface or its version.
fn interface(segment: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "", "api", "apis", "rest", "odata", "odatav4", "services", "service", "ws", "data", "auth", "oauth", "oauth2",
        "token",
    ];
    let version = segment.trim_start_matches(['v', 'V']).chars().all(|c| c.is_ascii_digit() || c == '.');
    KNOWN.contains(&segment.to_ascii_lowercase().as_str()) || (version && segment.len() <= 4)
}

fn texts(value: &Value, stand_ins: &mut StandIns) -> Value {
    match value {
        Value::String(text) => stand_ins.replaced(text).into(),
        Value::Array(entries) => entries.iter().map(|entry| texts(entry, stand_ins)).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(name, entry)| (name.clone(), texts(entry, stand_ins))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
