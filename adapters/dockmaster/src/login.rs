//! How requests prove themselves: which logins go with which generation, and the newer one's own, by the vendor's migration
//! document and what client code sends.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};
use http::{Request, Response, Uri};
use jiff::Timestamp;
use livegate_core::{Connection, ErpError, Result};
use livegate_http::{
    Auth, Login, PasswordGrant, TokenSource, Tokens, json_login, lenient, lifetime_until, login_address,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::api::{Generation, SYSTEM_HEADER};
use crate::wire::missing;

/// Where the newer generation's users log in, unless the tenant says otherwise.
const VENDORS_LOGIN: &str = "https://auth.dmeapi.com/token";

/// How requests prove themselves, and the system id that they carry where no login names it.
pub(crate) fn authenticate(
    generation: Generation,
    base_url: &str,
    connection: &Connection,
) -> Result<(Auth, Option<HeaderValue>)> {
    let settings = &connection.settings;
    let required = |name: &str| {
        let secret = settings.secret(name).cloned();
        secret.ok_or_else(|| ErpError::misconfigured(format!("the secret {name} is missing")))
    };
    let logged_in = |login: Arc<dyn Login>| Auth::Tokens(TokenSource::new(login, Arc::clone(&connection.transport)));
    let system_id = settings.text("system_id");
    match (generation, settings.text("auth").unwrap_or("none")) {
        (Generation::V2, "none") => Ok((Auth::None, None)),
        (Generation::V2, "bearer") => Ok((Auth::Bearer(required("token")?), None)),
        (Generation::V2, "password") => {
            let beside = format!("{}/token", base_url.trim_end_matches('/'));
            let url = login_address("auth_url", settings.text("auth_url").unwrap_or(&beside))?;
            let (username, password) = (required("username")?, required("password")?);
            Ok((logged_in(Arc::new(PasswordGrant { url, username, password })), None))
        }
        (Generation::Dme, "bearer") => {
            let id = system_id.ok_or_else(|| {
                ErpError::misconfigured("generation = \"dme\" with auth = \"bearer\" needs system_id")
            })?;
            let id = HeaderValue::from_str(id)
                .map_err(|_| ErpError::misconfigured("system_id has characters that no header may have"))?;
            Ok((Auth::Bearer(required("token")?), Some(id)))
        }
        (Generation::Dme, "dme") => {
            let at = settings.text("auth_url").unwrap_or(VENDORS_LOGIN);
            let url = login_address("auth_url", at)?;
            let beside = format!("{}/refresh", at.trim_end_matches('/'));
            let refresh_url = login_address("refresh_url", settings.text("refresh_url").unwrap_or(&beside))?;
            let (username, password) = (required("username")?, required("password")?);
            let system_id = system_id.map(str::to_owned);
            Ok((logged_in(Arc::new(DmeLogin { url, refresh_url, username, password, system_id })), None))
        }
        (Generation::V2, other) => Err(ErpError::misconfigured(format!(
            "generation = \"v2\" does not go with auth = \"{other}\": it takes none, bearer or password"
        ))),
        (Generation::Dme, other) => Err(ErpError::misconfigured(format!(
            "generation = \"dme\" does not go with auth = \"{other}\": it takes dme, or bearer with system_id"
        ))),
    }
}

/// The name under which the system's id is kept beside the tokens.
const SYSTEM: &str = "system";

/// A user's login, which names the systems that the user may ask.
struct DmeLogin {
    url: Uri,
    refresh_url: Uri,
    username: SecretString,
    password: SecretString,
    /// The system that the tenant chose; without it the login must name just one.
    system_id: Option<String>,
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
