use std::fmt::Write as _;

/// A JSON value whose numbers keep their digits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Text(String),
    Number(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Self {
        Self::Object(members.into_iter().map(|(name, member)| (name.to_owned(), member)).collect())
    }

    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(own, _)| own == name).map(|(_, member)| member)
    }

    pub(super) fn items(&self) -> &[Json] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A text, a number's digits, or nothing.
    pub(super) fn said(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Null | Self::List(_) | Self::Object(_) => "",
        }
    }

    pub(super) fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Self::Number(digits) => out.push_str(digits),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, member)) in members.iter().enumerate() {
                    let _ = write!(out, "{}\"{name}\":", if at == 0 { "" } else { "," });
                    member.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A text, or null for a blank one.
pub(super) fn text(text: &str) -> Json {
    if text.is_empty() { Json::Null } else { Json::Text(text.to_owned()) }
}

/// A number by its digits, or null for none.
pub(super) fn number(digits: &str) -> Json {
    if digits.is_empty() { Json::Null } else { Json::Number(digits.to_owned()) }
}

pub(super) fn whole(number: i64) -> Json {
    Json::Number(number.to_string())
}
