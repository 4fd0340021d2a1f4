//! Conditions of CEQL, the query language of the `where` parameter.

/// The condition that `field` is `value`, or `None` for a value that no condition can hold safely.
///
/// Values stand between single quotes. How a quote within a value is escaped is not documented, and the platform hands the
/// condition on to whatever system is connected, each with a language of its own. So nothing is ever escaped: a value with
/// a quote, a backslash, a control character, or a character that a system on the way might fold into a quote (as the
/// modifier letters are) is not sent at all.
pub(crate) fn is(field: &str, value: &str) -> Option<String> {
    value.chars().all(is_plain).then(|| format!("{field}='{value}'"))
}

/// Printable ASCII but for quotes and backslash, and the letters of European languages in the Latin script.
fn is_plain(c: char) -> bool {
    match c {
        '\'' | '"' | '`' | '\\' => false,
        ' '..='~' => true,
        '\u{c0}'..='\u{24f}' => c.is_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_value_stands_between_quotes_as_it_is() {
        assert_eq!(is("customer.id", "1001").as_deref(), Some("customer.id='1001'"));
        for value in ["ACME & Söhne/7 (old) = 50% AND #1", "Škoda", "a;b--c", "%_*"] {
            assert_eq!(is("id", value), Some(format!("id='{value}'")));
        }
    }

    #[test]
    fn a_value_that_might_end_its_literal_is_not_sent() {
        let enders =
            ["'", "''", "\\", "\\'", "\"", "`", "\n", "\0", "\u{7f}", "’", "ʼ", "＇", "′", "\u{a0}", "×", "日"];
        for value in enders {
            assert_eq!(is("id", &format!("x{value} OR id!='")), None, "{value:?}");
            assert_eq!(is("id", value), None, "{value:?}");
        }
    }

    /// Reads a condition as a language with these habits would; answers the literals and what stands outside of them.
    fn read(condition: &str, doubled: bool, backslash: bool) -> (Vec<String>, String) {
        let (mut literals, mut outside) = (Vec::new(), String::new());
        let mut rest = condition.chars().peekable();
        while let Some(c) = rest.next() {
            if c != '\'' {
                outside.push(c);
                continue;
            }
            let mut literal = String::new();
            while let Some(c) = rest.next() {
                match c {
                    '\\' if backslash => literal.extend(rest.next()),
                    '\'' if doubled && rest.peek() == Some(&'\'') => literal.extend(rest.next()),
                    '\'' => break,
                    c => literal.push(c),
                }
            }
            literals.push(literal);
        }
        (literals, outside)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn nothing_leaves_its_literal(value in "\\PC{0,20}|[a-c'\"`\\\\ =()%;#\n\u{2bc}\u{2019}-]{0,12}") {
            let Some(condition) = is("customer.id", &value) else { return Ok(()) };
            // Whatever a system takes for an escape, it finds one literal, and it is the value.
            for (doubled, backslash) in [(false, false), (true, false), (false, true), (true, true)] {
                let (literals, outside) = read(&condition, doubled, backslash);
                prop_assert_eq!(&literals, std::slice::from_ref(&value));
                prop_assert_eq!(outside, "customer.id=");
            }
        }

        #[test]
        fn whatever_has_no_quote_of_any_kind_is_sent(value in "[a-zA-Z0-9 _./&%+:;,()-]{1,40}") {
            prop_assert!(is("id", &value).is_some());
        }
    }
}
