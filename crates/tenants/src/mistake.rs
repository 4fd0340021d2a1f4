use std::fmt;
use std::path::PathBuf;

/// One mistake in a file of the configuration: where it is, what is wrong, and what to do.
///
/// It never shows the value of a text: whatever stands where a secret could stand is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The line, counted from 1, where there is one to point at.
    pub line: Option<usize>,
    /// The key with its section, such as `settings.base_url` or `tokens[0]`.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Mistake {
    /// What is wrong and what to do, without the place.
    #[must_use]
    pub fn advice(&self) -> String {
        format!("{}; {}", self.message, self.remedy)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", visible(&self.file.to_string_lossy()))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ": {key}")?;
        }
        write!(f, ": {}", self.advice())
    }
}

/// A name from outside in one line of a log: a name may hold line breaks, and one that long is none.
pub(crate) fn visible(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The known name that somebody who wrote `name` most likely meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', ' '], "_");
    let name = plain(name);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| distance * 3 <= candidate.len().max(name.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Names as a list for a person: `"a", "b", "c"`.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_one_line_with_file_line_key_message_and_remedy() {
        let mistake = Mistake {
            file: "config/tenants/har\nbor.toml".into(),
            line: Some(7),
            key: Some("settings.formatt".into()),
            message: "unknown key".into(),
            remedy: "did you mean \"format\"?".into(),
        };
        assert_eq!(
            mistake.to_string(),
            "config/tenants/har?bor.toml:7: settings.formatt: unknown key; did you mean \"format\"?"
        );
        let bare = Mistake { line: None, key: None, ..mistake };
        assert_eq!(bare.to_string(), "config/tenants/har?bor.toml: unknown key; did you mean \"format\"?");
    }

    #[test]
    fn the_nearest_name_is_near_or_none() {
        let known = ["format", "base_url", "auth"];
        assert_eq!(nearest("formatt", known), Some("format"));
        assert_eq!(nearest("Base-URL", known), Some("base_url"));
        assert_eq!(nearest("authh", known), Some("auth"));
        assert_eq!(nearest("password", known), None);
    }
}
