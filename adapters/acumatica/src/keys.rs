//! Numbers as they are shown and asked for: a document's key has two parts, its type and its number.

use livegate_core::{DocumentId, Result};

use crate::wire::missing;
use crate::wrapped::Text;

/// A number alone where its type needs no naming, else `TYPE|NUMBER`.
pub(crate) fn shown_id(kind: &Text, number: &Text, plain: &str, what: &str) -> Result<DocumentId> {
    let (kind, number) = kind.as_deref().zip(number.as_deref()).ok_or_else(|| missing(what, "its type and number"))?;
    let shown = if kind.eq_ignore_ascii_case(plain) { number.to_owned() } else { format!("{kind}|{number}") };
    DocumentId::new(&shown).map_err(|_| missing(what, "a usable number"))
}

/// A shown number as the two parts of a key: `TYPE|NUMBER`, or the number of a document of the `plain` type.
pub(crate) fn two_parts<'a>(id: &'a str, plain: &'a str) -> [&'a str; 2] {
    let (kind, number) = id.split_once('|').unwrap_or((plain, id));
    [kind.trim(), number.trim()]
}

/// The number by which a list shows a document. One that was asked for in its other form is shown in that: livegate lets
/// pass what is shown by the number that was given.
pub(crate) fn listed(shown: DocumentId, asked: Option<&str>) -> DocumentId {
    let other = asked.filter(|asked| !asked.eq_ignore_ascii_case(shown.as_str()));
    other.and_then(|asked| DocumentId::new(asked).ok()).unwrap_or(shown)
}
