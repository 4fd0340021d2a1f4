//! The login of the newer generation, by the vendor's migration document and what client code sends.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, Uri};
use jiff::Timestamp;
use livegate_core::{ErpError, Result};
use livegate_http::{Login, Tokens, json_login, lenient, lifetime_until};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::wire::missing;

/// The header by which a request says which of the dealer's systems it asks.
pub(crate) const SYSTEM_HEADER: HeaderName = HeaderName::from_static("x-dm_system_id");

/// The name under which the system's id is kept beside the tokens.
const SYSTEM: &str = "system";

/// A user's login, which names the systems that the user may ask.
pub(crate) struct DmeLogin {
    pub(crate) url: Uri,
    pub(crate) refresh_url: Uri,
    pub(crate) username: SecretString,
    pub(crate) password: SecretString,
    /// The system that the tenant chose; without it the login must name just one.
    pub(crate) system_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    user_name: &'a str,
    password: &'a str,
}

/// A refresh wants the expired token too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Renewal<'a> {
    expired_auth_token: &'a str,
    refresh_token: &'a str,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LoginAnswer {
    #[serde(deserialize_with = "lenient::text")]
    auth_token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    refresh_token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    auth_expiration: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    available_connections: Option<Vec<System>>,
}

/// One of the dealer's systems.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct System {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    system_id: Option<String>,
}

impl Login for DmeLogin {
    fn login(&self) -> Result<Request<bytes::Bytes>> {
        let (user_name, password) = (self.username.expose_secret(), self.password.expose_secret());
        json_login(&self.url, &Credentials { user_name, password })
    }

    fn refresh(&self, held: &Tokens) -> Option<Result<Request<bytes::Bytes>>> {
        let refresh_token = held.refresh.as_ref()?.expose_secret();
        let expired_auth_token = held.access.expose_secret();
        Some(json_login(&self.refresh_url, &Renewal { expired_auth_token, refresh_token }))
    }

    fn read(&self, answer: &Response<bytes::Bytes>, renewed: Option<&Tokens>) -> Result<Tokens> {
        let told: LoginAnswer = livegate_http::json(answer.body())?;
        let access = told.auth_token.ok_or_else(|| missing("the answer to the login", "its authToken"))?;
        let mut tokens = Tokens::new(access.into());
        tokens.refresh = told.refresh_token.map(SecretString::from);
        let expiry = told.auth_expiration.and_then(|text| text.parse::<Timestamp>().ok());
        tokens.lifetime = expiry.and_then(|expiry| lifetime_until(expiry, answer));
        // A refresh need not name the systems again.
        if renewed.is_none() {
            let system = self.system(&told.available_connections.unwrap_or_default())?;
            tokens.extra.insert(SYSTEM, system);
        }
        Ok(tokens)
    }

    fn sign(&self, tokens: &Tokens, headers: &mut HeaderMap) -> Result<()> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", tokens.access.expose_secret()))
            .map_err(|_| ErpError::malformed("DockMaster gave a token that a header cannot carry"))?;
        bearer.set_sensitive(true);
        headers.insert(http::header::AUTHORIZATION, bearer);
        if let Some(system) = tokens.extra.get(SYSTEM) {
            let system = HeaderValue::from_str(system)
                .map_err(|_| ErpError::malformed("DockMaster names a system by an id that a header cannot carry"))?;
            headers.insert(SYSTEM_HEADER, system);
        }
        Ok(())
    }
}

impl DmeLogin {
    /// Which system to ask: the tenant's choice, or the only one there is.
    fn system(&self, systems: &[System]) -> Result<String> {
        let ids: Vec<&str> = systems.iter().filter_map(|system| system.system_id.as_deref()).collect();
        let chosen = match (&self.system_id, ids.as_slice()) {
            (Some(own), ids) if ids.contains(&own.as_str()) => return Ok(own.clone()),
            (None, [only]) => return Ok((*only).to_owned()),
            (Some(_), _) => "system_id is none of this login's systems",
            (None, []) => "the login names no system",
            (None, _) => "the login names several systems: set system_id to one of them",
        };
        let named = |system: &System| {
            let id = system.system_id.as_deref()?;
            Some(system.name.as_deref().map_or_else(|| id.to_owned(), |name| format!("{name} ({id})")))
        };
        let all = systems.iter().filter_map(named).collect::<Vec<_>>().join(", ");
        Err(ErpError::misconfigured(if all.is_empty() { chosen.to_owned() } else { format!("{chosen}: {all}") }))
    }
}
