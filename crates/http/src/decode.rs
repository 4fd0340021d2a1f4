use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use livegate_core::{ErpError, Result};
use serde::de::DeserializeOwned;

/// In which format an ERP is asked to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// XML 1.0, as DataContract serializers write it.
    Xml,
}

impl Format {
    /// The value of the `Accept` header that asks for it.
    #[must_use]
    pub fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// Reads a whole answer. `root` is the local name of XML's root element; JSON has none.
    ///
    /// Member names are compared without regard to ASCII case, unknown members are ignored, a member that appears twice
    /// is an error.
    ///
    /// # Errors
    /// `malformed`; the message names the member and what was expected there, never what was found.
    pub fn decode<T: DeserializeOwned>(self, body: &[u8], root: &str) -> Result<T> {
        match self {
            Self::Json => crate::json(body),
            Self::Xml => crate::xml(body, root),
        }
    }

    /// The text of an answer without its byte order mark, if it can be one in this format at all.
    pub(crate) fn text(self, body: &[u8]) -> Result<&str> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let text = std::str::from_utf8(body).map_err(|_| ErpError::malformed("the ERP's answer is not UTF-8"))?;
        let start = text.trim_ascii_start();
        let instead = if start.is_empty() {
            return Err(ErpError::malformed("the ERP's answer is empty"));
        } else if ["<!doctype html", "<html"].iter().any(|page| begins_with(start, page)) {
            "an HTML page"
        } else {
            match (self, start.starts_with('<')) {
                (Self::Json, true) => "XML",
                (Self::Xml, false) => "something else",
                _ => return Ok(text),
            }
        };
        Err(ErpError::malformed(format!(
            "the ERP answered with {instead} instead of {self}: check the connection's settings"
        )))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
        })
    }
}

impl FromStr for Format {
    type Err = ErpError;

    /// Reads the setting `format`: `json` or `xml`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "json" => Ok(Self::Json),
            "xml" => Ok(Self::Xml),
            _ => Err(ErpError::misconfigured("format must be \"json\" or \"xml\"")),
        }
    }
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

/// The members of a structure; `None` for a map, which takes any.
pub(crate) type Fields = Option<&'static [&'static str]>;

/// Stands for a member of a map in messages: its name comes from the ERP, so it is not told.
pub(crate) const UNNAMED: &str = "*";

/// Which of a structure's members a name means. Members mostly come in the order of the structure, so the search begins
/// after the one found last.
pub(crate) fn find_member(fields: &'static [&'static str], name: &str, next: &mut usize) -> Option<&'static str> {
    let count = fields.len();
    let at = (*next..count).chain(0..count.min(*next)).find(|at| is_same_name(fields[*at], name))?;
    *next = at + 1;
    Some(fields[at])
}

/// Compares without regard to ASCII case. Most names differ in length or in their last letter, and what is the same is
/// mostly spelled the same.
fn is_same_name(field: &str, name: &str) -> bool {
    let last = |text: &str| text.as_bytes().last().map(u8::to_ascii_lowercase);
    field.len() == name.len() && last(field) == last(name) && (field == name || field.eq_ignore_ascii_case(name))
}

/// Remembers what went wrong first, which is what went wrong innermost. Serde's own messages may quote values, so none of
/// them is passed on.
#[derive(Default)]
pub(crate) struct Trace(RefCell<Option<String>>);

impl Trace {
    /// The error for an answer that is of the format, but not of the type.
    pub(crate) fn malformed(&self) -> ErpError {
        let what = self.0.take().unwrap_or_else(|| "it is of another shape".into());
        ErpError::malformed(format!("the ERP's answer is not as documented: {what}"))
    }
}

/// Where in an answer the decoder is. It is built on the stack and turned into text only after a failure.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    trace: &'p Trace,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Member(&'p Place<'p>, &'static str),
    Item(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) fn root(trace: &'p Trace) -> Self {
        Self { trace, step: Step::Root }
    }

    pub(crate) fn member(&'p self, name: &'static str) -> Self {
        Self { trace: self.trace, step: Step::Member(self, name) }
    }

    pub(crate) fn item(&'p self, index: usize) -> Self {
        Self { trace: self.trace, step: Step::Item(self, index) }
    }

    /// Passes `result` on and remembers a failure as something else than `what` being here.
    #[inline]
    pub(crate) fn expect<T, E: fmt::Display>(&self, what: &str, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.failed(what, error);
        }
        result
    }

    #[cold]
    fn failed(&self, what: &str, error: &dyn fmt::Display) {
        let mut first = self.trace.0.borrow_mut();
        if first.is_some() {
            return;
        }
        // Serde's derived code tells these two, which name a member of ours, only in words.
        let text = error.to_string();
        let member = text.split('`').nth(1).unwrap_or_default();
        *first = Some(if text.starts_with("duplicate field") {
            format!("{self} has {member} more than once")
        } else if text.starts_with("missing field") {
            format!("{self} has no {member}")
        } else {
            format!("{self} is not {what}")
        });
    }

    fn is_root(&self) -> bool {
        matches!(self.step, Step::Root)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Root => f.write_str("the whole"),
            Step::Member(parent, name) if parent.is_root() => f.write_str(name),
            Step::Member(parent, name) => write!(f, "{parent}.{name}"),
            Step::Item(parent, index) if parent.is_root() => write!(f, "[{index}]"),
            Step::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
