use std::fmt::Write as _;

/// A JSON value whose numbers keep their digits.
#[derive(Clone)]
pub(super) enum Json {
    Null,
    Flag(bool),
    Text(String),
    Number(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(super) fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Self::Number(digits) => out.push_str(digits),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.push(if at == 0 { '[' } else { ',' });
                    item.write(out);
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
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

/// A text, or null.
pub(super) fn text(text: Option<&str>) -> Json {
    text.map_or(Json::Null, |text| Json::Text(text.to_owned()))
}

/// An amount as JSON writes it: a number, or a text where it is given with its quotes, or null.
pub(super) fn amount(digits: Option<&str>) -> Json {
    match digits {
        None => Json::Null,
        Some(digits) => match digits.strip_prefix('"').and_then(|digits| digits.strip_suffix('"')) {
            Some(digits) => Json::Text(digits.to_owned()),
            None => Json::Number(digits.to_owned()),
        },
    }
}
