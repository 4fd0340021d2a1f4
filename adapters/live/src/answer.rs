//! When an answer says something, when it says that nothing was found, and when it is none.

use std::collections::BTreeMap;

use livegate_core::{ErpError, ErrorKind, Result};
use livegate_http::json;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// How an upstream tells that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// By the HTTP status alone.
    Status,
    /// Also inside an answer of status 200.
    Body,
}

/// An answer of the contract.
pub(crate) trait Told: DeserializeOwned {
    /// The members of which it must hold one to be an answer at all; the first is named to whoever misses it.
    const EXPECTED: &'static [&'static str];

    /// Whether one of them has a value.
    fn is_told(&self) -> bool;

    /// Whether nothing in it has a value.
    fn is_blank(&self) -> bool;
}

/// Reads an answer; `None` where nothing was found. The contract says of that case only that the record "should be empty",
/// so every way of being empty counts: no body, null, `{}`, `[]`, and the expected member being null.
pub(crate) fn read<T: Told>(body: &[u8], success: Success) -> Result<Option<T>> {
    let Some(text) = only_object(body)? else { return Ok(None) };
    let members = || serde_json::from_slice::<BTreeMap<String, &RawValue>>(text).unwrap_or_default();
    if success == Success::Body && reports_failure(&members()) {
        return Err(failed("reports a failure inside an answer of status 200"));
    }
    let told: T = json(text)?;
    if told.is_told() {
        return Ok(Some(told));
    }
    let members = members();
    let is_expected = |name: &String| T::EXPECTED.iter().any(|expected| name.eq_ignore_ascii_case(expected));
    if members.is_empty() || told.is_blank() && members.keys().any(is_expected) {
        return Ok(None);
    }
    let expected = T::EXPECTED[0];
    Err(match success {
        Success::Status => ErpError::malformed(format!("the upstream's answer has no {expected}")),
        Success::Body => failed(&format!("sent an answer of status 200 without {expected}")),
    })
}

/// The text of the one object of an answer, which may be the only item of a list: some databases write every row so.
fn only_object(body: &[u8]) -> Result<Option<&[u8]>> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if text.is_empty() || text == b"null" {
        return Ok(None);
    }
    // What is no JSON is told by whoever decodes it.
    let items = if text[0] == b'[' { serde_json::from_slice::<Vec<&RawValue>>(text).ok() } else { None };
    match items.as_deref() {
        None => Ok(Some(text)),
        Some([]) => Ok(None),
        Some([only]) => Ok(Some(only.get().as_bytes()).filter(|text| *text != b"null")),
        Some(_) => Err(ErpError::malformed("the upstream's answer is a list instead of one object")),
    }
}

/// Whether an answer says that it is none, in the words that such upstreams use.
fn reports_failure(members: &BTreeMap<String, &RawValue>) -> bool {
    members.iter().any(|(name, value)| match name.to_ascii_lowercase().as_str() {
        "error" | "errors" => !matches!(value.get(), "null" | "false" | "0" | "\"\"" | "[]" | "{}"),
        "success" => value.get() == "false",
        _ => false,
    })
}

fn failed(how: &str) -> ErpError {
    ErpError::new(ErrorKind::Unavailable, format!("the upstream {how}: see its own log if this persists"))
}
