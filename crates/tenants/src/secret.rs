use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use livegate_core::Field;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use toml::Spanned;
use toml::de::DeValue;

use crate::document::{Report, read_file};
use crate::form::{fits, misfit};
use crate::token::TokenDigest;

/// Where secrets come from: the process' environment and files.
pub(crate) struct Vault<'a> {
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Is told every file before it is read.
    pub watch: &'a mut dyn FnMut(&Path),
}

impl Vault<'_> {
    /// Reads one value of `[secrets]`: `{ env = "NAME" }` or `{ file = "path" }`.
    pub fn secret(
        &mut self,
        report: &mut Report,
        field: &Field,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<SecretString> {
        let line = report.line_of(value);
        let (source, text) = source(report, key, value, &["env", "file"])?;
        let secret = self.resolve(report, key, line, source, text)?;
        if let (Some(scheme), None) = (scheme(&secret), scheme(field.example)) {
            report.add(
                line,
                key,
                format!("names a source that begins with the word {scheme}, which the adapter adds by itself"),
                format!("remove {scheme} and the space behind it from what the source holds"),
            );
            return None;
        }
        if fits(field, &secret) {
            return Some(SecretString::from(secret.as_str()));
        }
        report.add(line, key, misfit(field), "look at what the source named here holds");
        None
    }

    /// Reads the list of a tenant's tokens, each with the line that it stands in.
    pub fn tokens(
        &mut self,
        report: &mut Report,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Vec<(TokenDigest, usize)> {
        let entries = match value.get_ref() {
            DeValue::Array(entries) if !entries.is_empty() => entries,
            other => {
                let message = match other {
                    DeValue::Array(_) => "must hold at least one token",
                    DeValue::String(_) => "must be a list, and a token must not stand in it as it is",
                    _ => "must be a list",
                };
                report.add(report.line_of(value), key, message, TOKEN_REMEDY);
                return Vec::new();
            }
        };
        let tokens = entries.iter().enumerate().filter_map(|(at, entry)| {
            let (key, line) = (format!("{key}[{at}]"), report.line_of(entry));
            self.token(report, &key, line, entry).map(|digest| (digest, line))
        });
        tokens.collect()
    }

    /// Reads one token: `{ sha256 = "…" }`, `{ env = "NAME" }` or `{ file = "path" }`.
    pub fn token(
        &mut self,
        report: &mut Report,
        key: &str,
        line: usize,
        entry: &Spanned<DeValue<'_>>,
    ) -> Option<TokenDigest> {
        let (source, text) = source(report, key, entry, &["sha256", "env", "file"])?;
        if source == "sha256" {
            let digest = TokenDigest::from_hex(text);
            if digest.is_none() {
                report.add(
                    line,
                    key,
                    "is no SHA-256: 64 hexadecimal digits",
                    "`livegate token` prints a token and its SHA-256",
                );
            }
            return digest;
        }
        let token = self.resolve(report, key, line, source, text)?;
        if token.chars().any(char::is_control) {
            report.add(
                line,
                key,
                "names a source that holds more than one line or a control character",
                "the source must hold the token alone",
            );
            return None;
        }
        Some(TokenDigest::of(&token))
    }

    fn resolve(
        &mut self,
        report: &mut Report,
        key: &str,
        line: usize,
        source: &str,
        text: &str,
    ) -> Option<Zeroizing<String>> {
        if source == "env" {
            let value = (self.environment)(text).map(Zeroizing::new);
            let state = match value {
                Some(value) if !value.trim().is_empty() => return Some(Zeroizing::new(value.trim().to_owned())),
                Some(_) => "empty",
                None => "not set",
            };
            let name = variable_name(text);
            report.add(
                line,
                key,
                format!("the environment variable{name} is {state}"),
                "set it for the process that runs livegate, or correct its name",
            );
            return None;
        }
        let path = Path::new(text);
        (self.watch)(path);
        let reason = match read_file(path).map(Zeroizing::new) {
            Ok(bytes) => match std::str::from_utf8(&bytes).map(str::trim) {
                Ok("") => "is empty".to_owned(),
                Ok(text) => return Some(Zeroizing::new(text.to_owned())),
                Err(_) => "is not UTF-8 text".to_owned(),
            },
            Err(reason) => reason,
        };
        report.add(
            line,
            key,
            format!("the file named here {reason}"),
            "correct the path (relative ones begin at the working directory) or the file",
        );
        None
    }
}

/// The scheme that a text begins with where it is the whole value of an `Authorization` header. A password may begin with
/// such a word too, but what follows there is not credentials by its form.
fn scheme(text: &str) -> Option<&'static str> {
    let (word, rest) = text.trim().split_once(char::is_whitespace)?;
    let rest = rest.trim();
    if word.eq_ignore_ascii_case("bearer") && !rest.contains(char::is_whitespace) {
        Some("Bearer")
    } else if word.eq_ignore_ascii_case("basic")
        && BASE64_STANDARD.decode(rest).map(Zeroizing::new).is_ok_and(|pair| pair.contains(&b':'))
    {
        Some("Basic")
    } else {
        None
    }
}

const TOKEN_REMEDY: &str = "write tokens = [{ sha256 = \"…\" }] with what `livegate token` prints, or { env = \"NAME\" } or { file = \"path\" }";

/// Reads which source a table names: exactly one of `allowed`. Neither what stands in its place nor a key of it is
/// repeated, as either may be the secret itself.
fn source<'a>(
    report: &mut Report,
    key: &str,
    value: &'a Spanned<DeValue<'_>>,
    allowed: &[&'static str],
) -> Option<(&'static str, &'a str)> {
    let line = report.line_of(value);
    let mut choices: Vec<_> = allowed
        .iter()
        .map(|name| match *name {
            "sha256" => "{ sha256 = \"…\" }",
            "env" => "{ env = \"NAME\" }",
            _ => "{ file = \"path\" }",
        })
        .collect();
    let last = choices.pop().unwrap_or_default();
    let remedy = format!("write {} or {last}", choices.join(", "));
    let message = match value.get_ref() {
        DeValue::Table(table) => {
            let mut entries = table.iter();
            let named = entries.next().and_then(|(name, text)| {
                let name = allowed.iter().find(|allowed| **allowed == name.get_ref().as_ref())?;
                Some((*name, text.get_ref().as_str()))
            });
            match (named, entries.next()) {
                (Some((name, Some(text))), None) if !text.trim().is_empty() => return Some((name, text)),
                (Some((_, Some(_))), None) => "names nothing",
                (Some((_, None)), None) => "must name its source as text in quotes",
                _ => "must name exactly one known source",
            }
        }
        DeValue::String(_) => "must not stand in the file as it is",
        _ => "must name its source",
    };
    report.add(line, key, message, remedy);
    None
}

/// The variable's name with a space before it, if it looks like one (words in capitals joined by underscores). Anything
/// else may be a secret that somebody wrote in its place.
fn variable_name(text: &str) -> String {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_name = text.contains('_') && text.split('_').all(is_word);
    if is_name { format!(" {text}") } else { " named here".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_one_before_credentials_only() {
        for text in ["Bearer abc", "bearer  abc", " Bearer abc…"] {
            assert_eq!(scheme(text), Some("Bearer"), "{text}");
        }
        for text in ["Basic dXNlcjpwYXNz", "BASIC dXNlcjo="] {
            assert_eq!(scheme(text), Some("Basic"), "{text}");
        }
        for password in
            ["Bearer", "Bearer of good news", "Bearerabc", "Basic Instinct", "Basic", "Basic x:y", "abc", ""]
        {
            assert_eq!(scheme(password), None, "{password}");
        }
    }

    #[test]
    fn only_what_looks_like_a_variable_is_repeated() {
        assert_eq!(variable_name("HARBOR_ERP_TOKEN"), " HARBOR_ERP_TOKEN");
        for hidden in ["hunter2", "JBSWY3DPEHPK3PXP", "lgt_0123", "A__B", "_A", "A-B_C"] {
            assert_eq!(variable_name(hidden), " named here", "{hidden}");
        }
    }
}
