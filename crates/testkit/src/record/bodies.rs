use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

use crate::json_text::{Token, tokens};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Members and parameters that count pages and rows. They say how a list is cut, and a list cannot be replayed that is cut
/// otherwise. Capitals and marks do not count.
const COUNTS: &[&str] = &[
    "page",
    "pages",
    "pagenumber",
    "pagecount",
    "pagesize",
    "pageno",
    "currentpage",
    "nextpage",
    "previouspage",
    "lastpage",
    "perpage",
    "totalpages",
    "totalcount",
    "totalrecords",
    "totalresults",
    "totalrows",
    "totalorders",
    "totalinvoices",
    "totalitems",
    "recordcount",
    "rowcount",
    "count",
    "limit",
    "offset",
    "skip",
    "top",
    "take",
    "startindex",
    "startrow",
    "odatacount",
    "maxresults",
    "expiresin",
];

/// Whether numbers under this name say how a list is cut.
pub(super) fn counts(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    COUNTS.contains(&plain.to_ascii_lowercase().as_str())
}

/// Replaces every leaf of a body, in the format that it has: `leaf` is given the name under which it stands, or none, and
/// its text.
pub(super) fn body(text: &str, media_type: &str, leaf: &mut dyn FnMut(&str, &str) -> String) -> String {
    let (mark, text) = match text.strip_prefix('\u{FEFF}') {
        Some(text) => ("\u{FEFF}", text),
        None => ("", text),
    };
    let replaced = if media_type.starts_with("application/x-www-form-urlencoded") {
        pairs(text, leaf)
    } else {
        json(text, leaf).or_else(|| xml(text, leaf)).unwrap_or_else(|| leaf("", text))
    };
    format!("{mark}{replaced}")
}

/// A query or a form.
pub(super) fn pairs(text: &str, leaf: &mut dyn FnMut(&str, &str) -> String) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        None => pair.to_owned(),
        Some((name, value)) => {
            let value = leaf(&decoded(name), &decoded(value));
            format!("{name}={}", utf8_percent_encode(&value, RESERVED))
        }
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// A value of a query or a form.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn json(text: &str, leaf: &mut dyn FnMut(&str, &str) -> String) -> Option<String> {
    let said = |text: &str| serde_json::from_str::<String>(text).ok();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (mut replaced, mut name) = (String::with_capacity(text.len()), String::new());
    for token in tokens(text)? {
        match token {
            Token::Mark(mark) => replaced.push(mark),
            Token::Name(text) => {
                name = said(text)?;
                // A name that is a number is a key of somebody's.
                let key = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_digit());
                replaced.push_str(&if key { quoted(&leaf("", &name)) } else { text.to_owned() });
            }
            Token::Text(text) => replaced.push_str(&quoted(&leaf(&name, &said(text)?))),
            Token::Number(text) => {
                // An exponent says how large it is, as the length does.
                let at = text.find(['e', 'E']).unwrap_or(text.len());
                replaced.push_str(&leaf(&name, &text[..at]));
                replaced.push_str(&text[at..]);
            }
            Token::Word(text) => replaced.push_str(text),
        }
    }
    Some(replaced)
}

fn xml(text: &str, leaf: &mut dyn FnMut(&str, &str) -> String) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut replaced, mut names): (String, Vec<String>) = (String::with_capacity(text.len()), Vec::new());
    let mut seen = false;
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        let raw = text.get(before..after)?;
        match event {
            Event::Eof if names.is_empty() && seen => return Some(replaced),
            Event::Eof => return None,
            Event::Start(ref start) | Event::Empty(ref start) => {
                let name = start.name().as_ref().to_owned();
                replaced.push('<');
                replaced.push_str(&name);
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.as_ref();
                    let meant = unescape(&attribute.value).ok()?;
                    // Namespaces and types are the format's, not a customer's.
                    let formal = key == "xmlns" || key.contains(':');
                    let new = if formal { meant.into_owned() } else { leaf(key, &meant) };
                    replaced.push_str(&format!(" {key}=\"{}\"", escape(new.as_str())));
                }
                let empty = matches!(event, Event::Empty(_));
                replaced.push_str(if empty { "/>" } else { ">" });
                if !empty {
                    names.push(name);
                }
                seen = true;
            }
            Event::End(_) => {
                replaced.push_str(&format!("</{}>", names.pop()?));
            }
            Event::Decl(_) => replaced.push_str(raw),
            Event::CData(_) => {
                let inner = raw.strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
                replaced.push_str(&escape(leaf(local(&names), inner).as_str()));
            }
            Event::Text(_) | Event::GeneralRef(_) => {
                // A reference splits a text in two; what it stands for is put back before anything is replaced.
                let mut whole = raw.to_owned();
                let mut end = after;
                while text[end..].starts_with('&') || (!text[end..].starts_with('<') && end < text.len()) {
                    reader.read_event().ok()?;
                    let next = usize::try_from(reader.buffer_position()).ok()?;
                    whole.push_str(text.get(end..next)?);
                    end = next;
                }
                let meant = unescape(&whole).ok()?.into_owned();
                let blank = meant.trim().is_empty();
                replaced.push_str(&if blank {
                    meant
                } else {
                    escape(leaf(local(&names), &meant).as_str()).into_owned()
                });
            }
            // Nothing is read from these, and anything may stand in them.
            Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The innermost element's name without its prefix.
fn local(names: &[String]) -> &str {
    let name = names.last().map_or("", String::as_str);
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, media_type: &str) -> String {
        body(text, media_type, &mut |name, leaf| format!("[{name}|{leaf}]"))
    }

    #[test]
    fn every_leaf_of_json_is_replaced_and_nothing_else() {
        let text = r#"{"a": [1.50, -2E+3, "x \"y\" ü"], "100231": null, "b": {"c": true, "": ""}}"#;
        let expected = r#"{"a":[[a|1.50],[a|-2]E+3,"[a|x \"y\" ü]"],"[|100231]":null,"b":{"c":true,"":"[|]"}}"#;
        assert_eq!(marked(text, "application/json"), expected);
    }

    #[test]
    fn every_leaf_of_xml_is_replaced_and_nothing_else() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- Bilge --><A xmlns:i=\"urn:x\" id=\"7&amp;8\">\n  \
                    <b>R&amp;D &lt;1&gt;</b><c i:nil=\"true\"/><n:d><![CDATA[<x>]]></n:d></A>";
        let expected = "<?xml version=\"1.0\" encoding=\"utf-8\"?><A xmlns:i=\"urn:x\" id=\"[id|7&amp;8]\">\n  \
                        <b>[b|R&amp;D &lt;1&gt;]</b><c i:nil=\"true\"/><n:d>[d|&lt;x&gt;]</n:d></A>";
        assert_eq!(marked(text, "application/xml"), expected);
    }

    #[test]
    fn forms_keep_their_names() {
        let form = "application/x-www-form-urlencoded";
        assert_eq!(marked("user=a%2Bb+c&x", form), "user=%5Buser%7Ca%2Bb%20c%5D&x");
    }

    #[test]
    fn what_is_neither_is_one_leaf() {
        for text in ["Sorry, Bilge", "{\"a\":", "<A><b></A>", "<p>unclosed", ""] {
            assert_eq!(marked(text, ""), format!("[|{text}]"));
        }
        assert_eq!(marked("\u{FEFF}[1]", ""), "\u{FEFF}[[|1]]");
    }

    #[test]
    fn counts_are_known_by_their_names() {
        assert!(counts("page") && counts("Page-Size") && counts("@odata.count") && counts("per_page"));
        assert!(!counts("total") && !counts("quantity") && !counts(""));
    }
}
