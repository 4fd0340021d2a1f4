//! JSON as text: laid out for a reader, and changed leaf by leaf, with every digit as it was written.

use serde_json::value::RawValue;

use crate::json::{Json, Type};

/// What a JSON text is made of, white space left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// One of `{}[],:`.
    Mark(char),
    /// A member's name, with its quotes.
    Name(&'a str),
    /// A text with its quotes.
    Text(&'a str),
    /// A number.
    Number(&'a str),
    /// `true`, `false` or `null`.
    Word(&'a str),
}

/// The tokens of a text; `None` if it is no JSON.
pub(crate) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    serde_json::from_str::<&RawValue>(text).ok()?;
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
                end?.0 + 1
            }
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            first if first.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            _ => rest.find(|c: char| c.is_whitespace() || "{}[],:\"".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        tokens.push(match first {
            '"' if after.trim_start().starts_with(':') => Token::Name(token),
            '"' => Token::Text(token),
            't' | 'f' | 'n' => Token::Word(token),
            '{' | '}' | '[' | ']' | ',' | ':' => Token::Mark(first),
            _ => Token::Number(token),
        });
    }
    Some(tokens)
}

/// A text laid out with one member or item per line; `None` if it is no JSON.
pub(crate) fn laid_out(text: &str) -> Option<String> {
    let tokens = tokens(text)?;
    let (mut laid_out, mut depth) = (String::with_capacity(2 * text.len()), 0_usize);
    let line = |laid_out: &mut String, depth: usize| {
        laid_out.push('\n');
        laid_out.push_str(&"  ".repeat(depth));
    };
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            Token::Mark(open @ ('{' | '[')) => {
                laid_out.push(open);
                depth += 1;
                if !matches!(tokens.get(at + 1), Some(Token::Mark('}' | ']'))) {
                    line(&mut laid_out, depth);
                }
            }
            Token::Mark(close @ ('}' | ']')) => {
                depth -= 1;
                if !matches!(tokens[at - 1], Token::Mark('{' | '[')) {
                    line(&mut laid_out, depth);
                }
                laid_out.push(close);
            }
            Token::Mark(',') => {
                laid_out.push(',');
                line(&mut laid_out, depth);
            }
            Token::Mark(':') => laid_out.push_str(": "),
            Token::Mark(other) => laid_out.push(other),
            Token::Name(text) | Token::Text(text) | Token::Number(text) | Token::Word(text) => laid_out.push_str(text),
        }
    }
    Some(laid_out)
}

/// The same text for every way to write one value: members sorted, no white space, no needless escapes; `None` if it is no
/// JSON.
pub(crate) fn canonical(text: &str) -> Option<String> {
    Json::read(text.as_bytes()).ok().map(|json| sorted(&json))
}

fn sorted(json: &Json) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    match json.is() {
        Type::Object => {
            let members = json.members().into_iter().map(|(name, value)| format!("{}:{}", text(&name), sorted(&value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Type::List => format!("[{}]", json.items().iter().map(sorted).collect::<Vec<_>>().join(",")),
        Type::Text => json.said().map_or_else(|| json.text().to_owned(), |said| text(&said)),
        _ => json.text().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_stays_where_the_layout_changes() {
        let text = r#"{"a":[1.50,1E+2,-0.0],"b\"{":"x, {y}:\\","c":{},"d":[ ],"e":null,"f":12345678901234567890.10}"#;
        let laid_out = laid_out(text).unwrap();
        let expected = "{\n  \"a\": [\n    1.50,\n    1E+2,\n    -0.0\n  ],\n  \"b\\\"{\": \"x, {y}:\\\\\",\n  \"c\": {},\n  \
                        \"d\": [],\n  \"e\": null,\n  \"f\": 12345678901234567890.10\n}";
        assert_eq!(laid_out, expected);
        assert_eq!(canonical(&laid_out), canonical(text));
        assert_eq!(super::laid_out("7").as_deref(), Some("7"));
    }

    #[test]
    fn what_is_no_json_has_no_tokens() {
        for text in ["", "{", "[1,]", "<a/>", "{\"a\":1} x", "'a'"] {
            assert_eq!(tokens(text), None, "{text}");
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_equal_however_they_are_written() {
        assert_eq!(canonical("{\"b\": [1, \"\\u0041\"], \"a\":1.0}"), canonical("{\"a\":1.0,\"b\":[1,\"A\"]}"));
        assert_ne!(canonical("1.0"), canonical("1"));
    }
}
