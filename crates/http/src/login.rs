use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use jiff::Timestamp;
use livegate_core::{ErpError, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::endpoint::address;
use crate::rate::AtOnce;
use crate::{Auth, lenient};

/// What an adapter describes of its ERP's login: how it is asked for, how its answer is read, and what requests carry
/// then. It sends nothing; when it is asked is [`TokenSource`](crate::TokenSource)'s matter.
pub trait Login: Send + Sync {
    /// The request that logs in.
    ///
    /// # Errors
    /// `misconfigured` where the settings do not make one.
    fn login(&self) -> Result<Request<Bytes>>;

    /// The request that gets new tokens for `held` ones, expired or not, without the user's credentials; `None` where
    /// there is no such way, and one logs in again.
    fn refresh(&self, _held: &Tokens) -> Option<Result<Request<Bytes>>> {
        None
    }

    /// Reads the 2xx answer to a login, or to a refresh of the `renewed` tokens. A refresh token and extras that the
    /// answer to a refresh does not state remain as they were.
    ///
    /// # Errors
    /// `credentials_rejected` where a 2xx says that the login is refused, `malformed`, or whatever else is wrong with it.
    fn read(&self, answer: &Response<Bytes>, renewed: Option<&Tokens>) -> Result<Tokens>;

    /// Whether an answer other than 2xx refuses the credentials, and to repeat them might lock the user out. A 401
    /// always does.
    fn refuses(&self, answer: &Response<Bytes>) -> bool {
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::BAD_REQUEST => names_refused_credentials(answer.body()),
            _ => false,
        }
    }

    /// Adds to a request's headers what proves that the tenant may ask: `Authorization: Bearer …`, if not overridden.
    ///
    /// # Errors
    /// `malformed` where the tokens cannot be in a header.
    fn sign(&self, tokens: &Tokens, headers: &mut HeaderMap) -> Result<()> {
        Auth::Bearer(tokens.access.clone())
            .apply(headers)
            .map_err(|_| ErpError::malformed("the ERP gave a token that a header cannot carry"))
    }
}

/// What a login brought. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Tokens {
    /// What requests prove themselves with.
    pub access: SecretString,
    /// What new tokens are got with.
    pub refresh: Option<SecretString>,
    /// How long the access token is good for, from the login on, as the ERP states it.
    pub lifetime: Option<Duration>,
    /// What else requests carry that is no secret, such as the number of a system, by names of the adapter's own.
    pub extra: BTreeMap<&'static str, String>,
}

impl Tokens {
    /// An access token and nothing else.
    #[must_use]
    pub fn new(access: SecretString) -> Self {
        Self { access, refresh: None, lifetime: None, extra: BTreeMap::new() }
    }

    /// Keeps of the `renewed` tokens what these do not state (RFC 6749, 6: an answer without a refresh token leaves the
    /// one that was used in force).
    pub(crate) fn completed_by(mut self, renewed: &Tokens) -> Self {
        self.refresh = self.refresh.or_else(|| renewed.refresh.clone());
        for (name, value) in &renewed.extra {
            self.extra.entry(name).or_insert_with(|| value.clone());
        }
        self
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// The OAuth 2.0 password grant (RFC 6749, 4.3), refreshed (6) where the answer holds a refresh token.
pub struct PasswordGrant {
    /// Where tokens are asked for; see [`login_address`].
    pub url: Uri,
    /// The user.
    pub username: SecretString,
    /// The password.
    pub password: SecretString,
}

impl Login for PasswordGrant {
    fn login(&self) -> Result<Request<Bytes>> {
        Ok(form_login(
            &self.url,
            &[
                ("grant_type", "password"),
                ("username", self.username.expose_secret()),
                ("password", self.password.expose_secret()),
            ],
        ))
    }

    fn refresh(&self, held: &Tokens) -> Option<Result<Request<Bytes>>> {
        let refresh = held.refresh.as_ref()?.expose_secret();
        Some(Ok(form_login(&self.url, &[("grant_type", "refresh_token"), ("refresh_token", refresh)])))
    }

    fn read(&self, answer: &Response<Bytes>, _renewed: Option<&Tokens>) -> Result<Tokens> {
        oauth_tokens(answer.body())
    }
}

/// The OAuth 2.0 client credentials grant (RFC 6749, 4.4), with the credentials in the form (2.3.1).
pub struct ClientCredentials {
    /// Where tokens are asked for; see [`login_address`].
    pub url: Uri,
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What is asked for, if the ERP wants it said.
    pub scope: Option<String>,
}

impl Login for ClientCredentials {
    fn login(&self) -> Result<Request<Bytes>> {
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
        ];
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        Ok(form_login(&self.url, &fields))
    }

    /// A refresh token should not be given (RFC 6749, 4.4.3), and the credentials are as good.
    fn read(&self, answer: &Response<Bytes>, _renewed: Option<&Tokens>) -> Result<Tokens> {
        oauth_tokens(answer.body())
    }
}

/// Reads a setting that holds the address of a login.
///
/// # Errors
/// `misconfigured`, naming the `setting`, for anything but `http(s)://host[:port][/path][?query]`.
pub fn login_address(setting: &'static str, text: &str) -> Result<Uri> {
    let url = address(setting, text)?;
    if url.fragment().is_some() {
        return Err(ErpError::misconfigured(format!("{setting} must not contain a '#'")));
    }
    url.as_str().parse().map_err(|_| ErpError::misconfigured(format!("{setting} is not an address that can be asked")))
}

/// A login, or a refresh, that posts a form and wants JSON. Its body is wiped once it is sent.
#[must_use]
pub fn form_login(url: &Uri, fields: &[(&str, &str)]) -> Request<Bytes> {
    // With room for the longest encoding nothing is moved, and so nothing left behind.
    let room = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
    let body = form.extend_pairs(fields).finish().into_bytes();
    posted(url, body, HeaderValue::from_static("application/x-www-form-urlencoded"))
}

/// A login, or a refresh, that posts JSON and wants JSON. Its body is wiped once it is sent.
///
/// # Errors
/// `internal` where `body` cannot be written as JSON.
pub fn json_login(url: &Uri, body: &impl Serialize) -> Result<Request<Bytes>> {
    let mut json = Vec::with_capacity(4096);
    serde_json::to_writer(&mut json, body)
        .map_err(|error| ErpError::internal("a login cannot be written as JSON").with_source(error))?;
    Ok(posted(url, json, HeaderValue::from_static("application/json")))
}

/// A logout that posts nothing: the cookies of the session, which are added to it, say it all. A [`Rate`](crate::Rate) does
/// not hold it up.
#[must_use]
pub fn bare_logout(url: &Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url.clone();
    request.extensions_mut().insert(AtOnce);
    request
}

/// How long tokens live that expire at a stated moment, by the ERP's own clock where the answer tells it: ours may be
/// wrong. `None` for a moment that has passed, which no fresh token's can have.
#[must_use]
pub fn lifetime_until(expiry: Timestamp, answer: &Response<Bytes>) -> Option<Duration> {
    let stated = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let now = stated.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()).map(|date| date.timestamp());
    Duration::try_from(expiry.duration_since(now.unwrap_or_else(Timestamp::now))).ok().filter(|left| !left.is_zero())
}

fn posted(url: &Uri, body: Vec<u8>, content_type: HeaderValue) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_owner(Zeroizing::new(body)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url.clone();
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// A successful answer (RFC 6749, 5.1). Its tokens are wiped whatever becomes of it, also where it turns out unusable.
#[derive(Deserialize)]
struct OAuthAnswer {
    #[serde(deserialize_with = "secret")]
    access_token: Option<SecretString>,
    #[serde(default, deserialize_with = "secret")]
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "lenient::text")]
    expires_in: Option<String>,
}

/// The text is handed over as it was allocated, without a copy that would stay behind.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    lenient::text::<String, _>(deserializer).map(|text| text.map(SecretString::from))
}

fn oauth_tokens(body: &[u8]) -> Result<Tokens> {
    let answer: OAuthAnswer = crate::json(body)?;
    let access =
        answer.access_token.ok_or_else(|| ErpError::malformed("the ERP answered the login with a blank token"))?;
    // Zero and what is no number say nothing: such a token is used until it is refused.
    let seconds = answer.expires_in.and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
    Ok(Tokens { refresh: answer.refresh_token, lifetime: seconds.map(Duration::from_secs), ..Tokens::new(access) })
}

/// An error answer (RFC 6749, 5.2) that blames who asks. Its other codes blame how it is asked.
fn names_refused_credentials(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct OAuthError {
        error: String,
    }
    crate::json::<OAuthError>(body).is_ok_and(|answer| {
        matches!(answer.error.as_str(), "invalid_grant" | "invalid_client" | "unauthorized_client" | "access_denied")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_into_secrets_and_nothing_else() {
        let body = br#"{"access_token":" a-token ","refresh_token":17,"expires_in":"60"}"#;
        // The types are the point: no plain text holds what is read.
        let OAuthAnswer { access_token, refresh_token, expires_in }: OAuthAnswer = crate::json(body).unwrap();
        let tokens: [Option<SecretString>; 2] = [access_token, refresh_token];
        let texts = tokens.map(|token| token.map(|token| token.expose_secret().to_owned()));
        assert_eq!(texts, [Some("a-token".to_owned()), Some("17".to_owned())]);
        assert_eq!(expires_in.as_deref(), Some("60"));
        for unusable in [r#"{"access_token":" "}"#, r#"{"access_token":null}"#, r#"{"refresh_token":"r"}"#, "{}"] {
            assert_eq!(oauth_tokens(unusable.as_bytes()).unwrap_err().kind(), livegate_core::ErrorKind::Malformed);
        }
    }
}
