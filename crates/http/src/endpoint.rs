use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use jiff::Timestamp;
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use url::Url;

use crate::Auth;
use crate::odata::{Dialect, Literal, Query};

/// All but the unreserved characters of RFC 3986, so that a value cannot leave its place in the address.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// No ERP may tell us to wait longer; beyond that a server's clock or unit is wrong.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// An ERP's address with everything that each request to it has in common.
pub struct Endpoint {
    base: String,
    headers: HeaderMap,
    auth: Auth,
    transport: Arc<dyn Transport>,
}

impl Endpoint {
    /// An endpoint under `base_url`, which keeps its path, with or without a trailing slash. `accept` is the value of the
    /// `Accept` header.
    ///
    /// # Errors
    /// `misconfigured` for an address that is not plain `http(s)://host[:port][/path]`, and for a secret that a header
    /// cannot carry.
    pub fn new(base_url: &str, auth: Auth, accept: &'static str, transport: Arc<dyn Transport>) -> Result<Self> {
        let url = address("base_url", base_url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ErpError::misconfigured("base_url must end with its path: no '?' and no '#'"));
        }
        Self::at(url.as_str().trim_end_matches('/').to_owned(), auth, accept, transport)
    }

    /// An endpoint that is one whole address, the value of `setting`: its path and its query stay as they are, and requests
    /// to it name no segments.
    ///
    /// # Errors
    /// `misconfigured` for an address that is not `http(s)://host[:port][/path][?query]`, and for a secret that a header
    /// cannot carry.
    pub fn whole(
        setting: &'static str,
        url: &str,
        auth: Auth,
        accept: &'static str,
        transport: Arc<dyn Transport>,
    ) -> Result<Self> {
        let url = address(setting, url)?;
        if url.fragment().is_some() {
            return Err(ErpError::misconfigured(format!("{setting} must not contain a '#'")));
        }
        Self::at(url.into(), auth, accept, transport)
    }

    fn at(base: String, auth: Auth, accept: &'static str, transport: Arc<dyn Transport>) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        auth.apply(&mut headers)?;
        Ok(Self { base, headers, auth, transport })
    }

    /// Logs out where there is a session; for [`ErpAdapter::close`](livegate_core::ErpAdapter::close).
    pub async fn close(&self, cx: &CallContext) {
        if let Auth::Session(session) = &self.auth {
            session.close(cx).await;
        }
    }

    /// Asks for what lies under these path segments. Each is encoded as exactly one segment, whatever it contains.
    pub fn get(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::GET, segments)
    }

    /// Posts to what lies under these path segments. Each is encoded as exactly one segment, whatever it contains.
    pub fn post(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::POST, segments)
    }

    fn request(&self, method: Method, segments: &[&str]) -> Request<'_> {
        let mut problem = None;
        let mut address = self.base.clone();
        let has_query = address.contains('?');
        if has_query && !segments.is_empty() {
            problem = Some(ErpError::internal("a whole address takes no path segments"));
        }
        for segment in segments {
            if !is_one_segment(segment) {
                problem = Some(ErpError::internal(
                    "a path segment is empty, '.' or '..': the adapter must ask is_one_segment first",
                ));
            }
            address.push('/');
            address.extend(utf8_percent_encode(segment, RESERVED));
        }
        Request {
            endpoint: self,
            method,
            address,
            headers: self.headers.clone(),
            body: Bytes::new(),
            problem,
            asks: if has_query { '&' } else { '?' },
        }
    }
}

/// One request in the making. A mistake in it is told when it is sent.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    endpoint: &'a Endpoint,
    method: Method,
    address: String,
    headers: HeaderMap,
    body: Bytes,
    problem: Option<ErpError>,
    asks: char,
}

impl Request<'_> {
    /// Adds a query parameter, percent-encoded; a space is `%20`.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.address.push(self.asks);
        self.asks = '&';
        self.address.extend(utf8_percent_encode(name, RESERVED));
        self.address.push('=');
        self.address.extend(utf8_percent_encode(value, RESERVED));
        self
    }

    /// Adds the system query options of OData. The `$` of their names stays as it is.
    pub fn odata(mut self, query: &Query<'_>) -> Self {
        for (name, value) in query.options() {
            self.address.push(self.asks);
            self.asks = '&';
            self.address.push_str(name);
            self.address.push('=');
            self.address.extend(utf8_percent_encode(&value, RESERVED));
        }
        self
    }

    /// Names one record of an OData list by its key: `Orders` becomes `Orders(42)`. To be called before anything is added to
    /// the path's end.
    pub fn key<'v>(self, dialect: Dialect, value: impl Into<Literal<'v>>) -> Self {
        self.keyed(key_value(&value.into(), dialect))
    }

    /// The same where a key has several parts: `Lines(Order='A',Line=2)`.
    pub fn composite_key(self, dialect: Dialect, parts: &[(&'static str, Literal<'_>)]) -> Self {
        let parts = parts.iter().map(|(name, value)| format!("{name}={}", key_value(value, dialect)));
        self.keyed(parts.collect::<Vec<_>>().join(","))
    }

    fn keyed(mut self, key: String) -> Self {
        if self.address == self.endpoint.base || self.address.contains('?') {
            self.problem = Some(ErpError::internal("a record's key follows its list's path at once"));
        }
        self.address.push('(');
        self.address.push_str(&key);
        self.address.push(')');
        self
    }

    /// Asks for what a page says comes after it instead: an address of its own, or one relative to this request's. A link
    /// is the ERP's word: one to another server or out of the base address is a mistake that is told as `malformed`.
    pub(crate) fn next(mut self, link: &str) -> Self {
        match linked(&self.endpoint.base, &self.address, link) {
            Some(address) => {
                self.asks = if address.query().is_some() { '&' } else { '?' };
                self.address = address.into();
            }
            None => {
                self.problem = Some(ErpError::malformed(
                    "the ERP's link to the next page leads away from the address that was asked: it is not followed",
                ));
            }
        }
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = body.into(),
            Err(error) => {
                self.problem =
                    Some(ErpError::internal("a request's body cannot be written as JSON").with_source(error));
            }
        }
        self.header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Sends it. Answers the body of a 2xx.
    ///
    /// # Errors
    /// What the transport answers, and [`classify`] for any other status.
    pub async fn send(self, cx: &CallContext) -> Result<Bytes> {
        self.receive(cx).await.map(http::Response::into_body)
    }

    /// Sends it. Answers a 2xx whole, for an ERP that says something in its headers.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn receive(self, cx: &CallContext) -> Result<http::Response<Bytes>> {
        let answer = self.exchange(cx).await?;
        match classify(answer.status(), answer.headers()) {
            None => Ok(answer),
            Some(error) => Err(error),
        }
    }

    /// Sends a request that names one record by its key, so that 404 means that there is no such record.
    ///
    /// # Errors
    /// What the transport answers, and [`classify`] for any status but 2xx and 404.
    pub async fn send_for_record(self, cx: &CallContext) -> Result<Option<Bytes>> {
        let (parts, body) = self.exchange(cx).await?.into_parts();
        match classify(parts.status, &parts.headers) {
            None => Ok(Some(body)),
            Some(_) if parts.status == StatusCode::NOT_FOUND => Ok(None),
            Some(error) => Err(error),
        }
    }

    /// Sends it. Answers whatever came back, for an ERP that says more about a refusal than its status does; [`classify`]
    /// reads the statuses that the adapter does not know better.
    ///
    /// # Errors
    /// What the transport answers.
    pub async fn exchange(self, cx: &CallContext) -> Result<http::Response<Bytes>> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(self.address)
            .body(self.body)
            .map_err(|error| ErpError::internal("a request has no valid address").with_source(error))?;
        *request.headers_mut() = self.headers;
        let Endpoint { auth, transport, .. } = self.endpoint;
        match auth {
            Auth::Tokens(source) => source.send(cx, transport.as_ref(), request).await,
            Auth::Session(session) => session.send(cx, transport.as_ref(), request).await,
            _ => transport.send(cx, request).await,
        }
    }
}

/// Quotes around a value stay as they are, because there are servers that look for them before they decode the path; what
/// is between them is encoded.
fn key_value(value: &Literal<'_>, dialect: Dialect) -> String {
    let written = value.written(dialect);
    let Some((prefix, quoted)) = written.strip_suffix('\'').and_then(|start| start.split_once('\'')) else {
        return utf8_percent_encode(&written, RESERVED).to_string();
    };
    format!("{prefix}'{}'", utf8_percent_encode(quoted, RESERVED))
}

/// Where a link that came from `address` leads, if that is under `base`. A link has no fragment: where a server writes what
/// it was asked without encoding, a `#` is part of that.
fn linked(base: &str, address: &str, link: &str) -> Option<Url> {
    let base = Url::parse(base).ok()?;
    let url = Url::parse(address).ok()?.join(&link.trim().replace('#', "%23")).ok()?;
    let root = base.path().trim_end_matches('/');
    let is_below = url.path().strip_prefix(root).is_some_and(|rest| rest.starts_with('/') && keeps_below(rest));
    let is_same_server = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    (is_below && is_same_server).then_some(url)
}

/// Whether nobody on the way could read these segments as a way up. There are servers that decode a path before, or
/// twice, that take a backslash for a slash, and that drop what follows a semicolon.
fn keeps_below(path: &str) -> bool {
    path.split('/').all(|segment| {
        let mut read = segment.to_owned();
        loop {
            if read.contains(['/', '\\']) || read.starts_with("..") {
                return false;
            }
            let decoded = percent_decode_str(&read).decode_utf8_lossy().into_owned();
            if decoded == read {
                return true;
            }
            read = decoded;
        }
    })
}

/// Reads a setting that holds an address, whatever its path.
///
/// # Errors
/// `misconfigured`, naming the `setting`.
pub(crate) fn address(setting: &str, text: &str) -> Result<Url> {
    let url = Url::parse(text.trim()).map_err(|error| {
        ErpError::misconfigured(format!("{setting} is not an address such as https://erp.example/api: {error}"))
    })?;
    let problem = if !matches!(url.scheme(), "http" | "https") {
        "must begin with https:// or http://"
    } else if !url.username().is_empty() || url.password().is_some() {
        "must not contain a user name or password: they belong into [secrets]"
    } else {
        return Ok(url);
    };
    Err(ErpError::misconfigured(format!("{setting} {problem}")))
}

/// Whether `text` can be one path segment. `.` and `..` cannot, also not encoded, because whoever parses an address
/// removes them; nor can an empty text.
#[must_use]
pub fn is_one_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}

/// What a status means that an adapter does not know better; `None` for 2xx.
#[must_use]
pub fn classify(status: StatusCode, headers: &HeaderMap) -> Option<ErpError> {
    let (kind, remedy) = match status.as_u16() {
        200..=299 => return None,
        401 => (ErrorKind::CredentialsRejected, "it refused the credentials: check the connection's secrets"),
        403 => (ErrorKind::PermissionDenied, "its user lacks a right: grant it in the ERP"),
        429 => (ErrorKind::RateLimited, "it asks for fewer calls: try again later"),
        300..=399 => (ErrorKind::Misconfigured, "a redirect, which is never followed: set the final address"),
        404 => (ErrorKind::Misconfigured, "it does not know the path: check the address and the ERP's version"),
        500.. => (ErrorKind::Unavailable, "it failed: see the ERP's own log if this persists"),
        _ => (ErrorKind::Misconfigured, "it does not accept the request: check the connection's settings"),
    };
    let error = ErpError::new(kind, format!("the ERP answered with status {}: {remedy}", status.as_u16()));
    let wait = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.get(RETRY_AFTER).and_then(|value| retry_after(value, Timestamp::now()))
        }
        _ => None,
    };
    Some(match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}

/// Delta seconds or an HTTP date (RFC 9110, 10.2.3); nonsense is ignored.
fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        // A moment that has passed means now.
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}
