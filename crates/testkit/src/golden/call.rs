use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use livegate_core::{
    AdapterKind, CallContext, Connection, Currency, ErpError, Field, FieldKind, Operation, Settings, Transport, Value,
};
use livegate_live::{CustomerFrom, RequestError, Rules, plan, tidy};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, json};

use crate::json_text::laid_out;

/// Long enough for any wait that a recorded answer asks for.
const BUDGET: Duration = Duration::from_secs(60);

/// The Live call of a golden test, and the tenant that makes it: `call.json`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// What the test is for, in a sentence.
    pub(crate) shows: String,
    /// `account`, `orders`, `order`, `invoices` or `invoice`.
    pub(crate) operation: String,
    /// The Live request's body.
    pub(crate) request: Box<RawValue>,
    /// The tenant's settings, where they are not the defaults.
    #[serde(default)]
    pub(crate) settings: Map<String, serde_json::Value>,
    /// The secrets that the tenant has; each stands for itself as [`placeholder`]. Without it: those that the form
    /// requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secrets: Option<Vec<String>>,
    /// The moment of the call, for aging, such as `2026-04-01T12:00:00Z`.
    pub(crate) now: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// `customer_code` or `seller_reference`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) customer_from: Option<String>,
    /// `[limits] documents`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) documents: Option<usize>,
    /// Texts of the recorded answers that the Live answer must not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) withheld: Vec<String>,
}

/// What stands for a secret wherever it is sent.
pub(crate) fn placeholder(secret: &str) -> String {
    format!("secret-{secret}")
}

impl Call {
    /// Reads `call.json`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Its text.
    pub(crate) fn write(&self) -> Result<String, String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        Ok(laid_out(&text).unwrap_or(text) + "\n")
    }

    /// The secrets, each standing for itself.
    ///
    /// # Errors
    /// A name that is no secret of the form.
    pub(crate) fn placeholders(&self, fields: &[Field]) -> Result<BTreeMap<String, SecretString>, String> {
        let chosen = self.values(fields)?;
        let required = || {
            let applies = |field: &&Field| {
                field.when.is_none_or(|(other, values)| match chosen.get(other) {
                    Some(Value::Text(text)) => values.contains(&text.as_str()),
                    _ => false,
                })
            };
            let required = fields.iter().filter(|field| field.secret && field.required).filter(applies);
            required.map(|field| field.name.to_owned()).collect()
        };
        let names = self.secrets.clone().unwrap_or_else(required);
        if let Some(name) = names.iter().find(|name| !fields.iter().any(|field| field.secret && field.name == **name)) {
            return Err(format!("call.json: {name:?} is no secret of this adapter"));
        }
        Ok(names.into_iter().map(|name| (name.clone(), placeholder(&name).into())).collect())
    }

    /// Makes the call over `transport` and answers the text of `live.json`.
    ///
    /// # Errors
    /// What is wrong with the call itself. What the call fails with is an answer.
    pub(crate) async fn make(
        &self,
        kind: &'static AdapterKind,
        transport: Arc<dyn Transport>,
        secrets: BTreeMap<String, SecretString>,
    ) -> Result<String, String> {
        let operation = self.operation()?;
        let settings = Settings::new(self.values(kind.fields)?, secrets);
        let document_cap = self.documents.unwrap_or(10_000);
        let adapter = (kind.connect)(Connection { settings, transport, document_cap })
            .map_err(|error| format!("the settings make no connection: {error}"))?;
        let now: Timestamp = self.now.parse().map_err(|_| format!("now is no moment: {:?}", self.now))?;
        let (rules, capabilities) = (self.rules()?, adapter.capabilities().clone());
        let plan = match plan(operation, self.request.get().as_bytes(), &rules, &capabilities) {
            Ok(plan) => plan,
            Err(refusal) => return told(&Err(refused(&refusal))),
        };
        let cx = CallContext::new("golden", BUDGET);
        let live = match adapter.call(&cx, plan.query()).await {
            Ok(reply) => {
                let answer = tidy(&rules, &capabilities, plan.query(), Arc::unwrap_or_clone(reply.answer));
                plan.respond(&answer, now)
            }
            Err(error) => Err(error),
        };
        // A session that was opened is closed, as by the gateway.
        adapter.close(&cx).await;
        told(&live.map_err(|error| failed(&error)))
    }

    /// The settings' values, with every default.
    pub(crate) fn values(&self, fields: &[Field]) -> Result<BTreeMap<String, Value>, String> {
        let defaults = fields.iter().filter_map(|field| Some((field.name.to_owned(), field.default_value()?)));
        let mut values: BTreeMap<String, Value> = defaults.collect();
        for (name, given) in &self.settings {
            let field = fields.iter().find(|field| field.name == name && !field.secret);
            let field = field.ok_or_else(|| {
                let known = fields.iter().filter(|field| !field.secret).map(|field| field.name).collect::<Vec<_>>();
                format!("{name:?} is no setting of this adapter, which knows {}", known.join(", "))
            })?;
            let value =
                value(field.kind, given).ok_or_else(|| format!("the setting {name} has no value of its kind"))?;
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    pub(crate) fn operation(&self) -> Result<Operation, String> {
        let found = Operation::ALL.into_iter().find(|operation| operation.name() == self.operation);
        found.ok_or_else(|| {
            let names = Operation::ALL.map(Operation::name).join(", ");
            format!("{:?} is no operation: it is one of {names}", self.operation)
        })
    }

    pub(crate) fn rules(&self) -> Result<Rules, String> {
        let time_zone = match &self.time_zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| format!("{name:?} is no time zone"))?,
        };
        let currency = match &self.currency {
            None => None,
            Some(text) => Some(Currency::new(text).ok_or_else(|| format!("{text:?} is no currency"))?),
        };
        let customer_from = match self.customer_from.as_deref() {
            None | Some("customer_code") => CustomerFrom::CustomerCode,
            Some("seller_reference") => CustomerFrom::SellerReference,
            Some(other) => return Err(format!("customer_from cannot be {other:?}")),
        };
        Ok(Rules { time_zone, currency, customer_from })
    }
}

fn value(kind: FieldKind, given: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    match (kind, given) {
        (FieldKind::List, Json::Array(entries)) => {
            entries.iter().map(|entry| entry.as_str().map(str::to_owned)).collect::<Option<_>>().map(Value::List)
        }
        (FieldKind::Map, Json::Object(entries)) => {
            let entries = entries.iter().map(|(name, entry)| Some((name.clone(), entry.as_str()?.to_owned())));
            entries.collect::<Option<_>>().map(Value::Map)
        }
        (FieldKind::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (FieldKind::Boolean, Json::Bool(flag)) => Some(Value::Boolean(*flag)),
        (kind, Json::String(text)) => kind.read(text),
        _ => None,
    }
}

fn failed(error: &ErpError) -> serde_json::Value {
    let mut told = json!({ "kind": error.kind().code(), "message": error.message() });
    if let Some(wait) = error.retry_after() {
        told["retry_after"] = wait.as_secs().into();
    }
    if let Some(field) = error.field() {
        told["field"] = field.into();
    }
    told
}

fn refused(refusal: &RequestError) -> serde_json::Value {
    let mut told = json!({ "kind": refusal.code, "message": refusal.detail });
    if let Some(field) = refusal.field {
        told["field"] = field.into();
    }
    told
}

/// The text of `live.json`.
fn told(live: &Result<Vec<u8>, serde_json::Value>) -> Result<String, String> {
    let text = match live {
        Ok(bytes) => String::from_utf8(bytes.clone()).map_err(|_| "the Live answer is not UTF-8")?,
        Err(error) => json!({ "error": error }).to_string(),
    };
    Ok(laid_out(&text).ok_or("the Live answer is no JSON")? + "\n")
}
