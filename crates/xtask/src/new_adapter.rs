use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::ValueEnum;

use crate::registry;

/// What an adapter consists of. A file of which nothing is left is not written.
const FILES: [(&str, &str); 12] = [
    ("Cargo.toml", include_str!("../templates/adapter/Cargo.toml")),
    ("README.md", include_str!("../templates/adapter/README.md")),
    ("src/lib.rs", include_str!("../templates/adapter/src/lib.rs")),
    ("src/wire.rs", include_str!("../templates/adapter/src/wire.rs")),
    ("src/simulator.rs", include_str!("../templates/adapter/src/simulator.rs")),
    ("src/simulator/sessions.rs", include_str!("../templates/adapter/src/sessions.rs")),
    ("tests/conformance.rs", include_str!("../templates/adapter/tests/conformance.rs")),
    ("fixtures/golden/open-invoice/call.json", include_str!("../templates/adapter/fixtures/call.json")),
    ("fixtures/golden/open-invoice/1.http", include_str!("../templates/adapter/fixtures/1.http")),
    ("fixtures/golden/open-invoice/2.http", include_str!("../templates/adapter/fixtures/2.http")),
    ("fixtures/golden/open-invoice/3.http", include_str!("../templates/adapter/fixtures/3.http")),
    ("fixtures/golden/open-invoice/live.json", include_str!("../templates/adapter/fixtures/live.json")),
];

/// The longest line, as in rustfmt.toml.
const LINE: usize = 120;

/// The longest name: it stands in crate names, file names and tenants' ids.
const LONGEST_NAME: usize = 40;

/// How the ERP is asked, and in which format it answers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Protocol {
    Json,
    Xml,
    Odata,
}

/// How requests prove that they may ask.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Auth {
    ApiKey,
    Basic,
    Bearer,
    Oauth2,
    Session,
}

/// Writes `adapters/NAME` and makes it known to the workspace and the gateway. Nothing is written if any of it cannot be.
pub(crate) fn new_adapter(root: &Path, name: &str, protocol: Protocol, auth: Auth) -> Result<String, String> {
    check_name(name)?;
    let directory = root.join("adapters").join(name);
    let taken = directory.exists() || registry::knows(root, name)?;
    if taken {
        return Err(format!("{name} is taken: there is such an adapter already. Choose another name."));
    }
    let parts = Parts::new(name, protocol, auth);
    let files = FILES.map(|(path, template)| (directory.join(path), parts.fill(template)));
    let edits = registry::with_adapter(root, name)?;
    for (path, text) in files.iter().chain(&edits).filter(|(_, text)| !text.trim().is_empty()) {
        let parent = path.parent().ok_or("a file has no directory")?;
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
        written.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    Ok(format!(
        "wrote adapters/{name} and registered it. Next:\n\
         \n    cargo test -p livegate-adapter-{name}       # it conforms as it stands, to an ERP that does not exist\
         \n    grep -rn 'TODO(erp)' adapters/{name}        # where yours decides"
    ))
}

fn check_name(name: &str) -> Result<(), String> {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = name.len() <= LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(part);
    if fits {
        return Ok(());
    }
    Err(format!(
        "{name:?} cannot be an adapter's name: it becomes a directory, a crate and the value of `adapter` in tenant \
         files. Take lower-case letters and digits, in parts joined by single hyphens, beginning with a letter, at most \
         {LONGEST_NAME} characters: such as my-erp."
    ))
}

/// What the placeholders stand for.
struct Parts(Vec<(String, String)>);

impl Parts {
    fn new(name: &str, protocol: Protocol, auth: Auth) -> Self {
        let formats = include_str!("../templates/protocol/plain.txt");
        let protocol = match protocol {
            Protocol::Json => [include_str!("../templates/protocol/json.txt"), formats],
            Protocol::Xml => [include_str!("../templates/protocol/xml.txt"), formats],
            Protocol::Odata => [include_str!("../templates/protocol/odata.txt"), ""],
        };
        let auth = match auth {
            Auth::ApiKey => include_str!("../templates/auth/api-key.txt"),
            Auth::Basic => include_str!("../templates/auth/basic.txt"),
            Auth::Bearer => include_str!("../templates/auth/bearer.txt"),
            Auth::Oauth2 => include_str!("../templates/auth/oauth2.txt"),
            Auth::Session => include_str!("../templates/auth/session.txt"),
        };
        // The last holds what the one before it does not say.
        let files = [protocol[0], protocol[1], auth, include_str!("../templates/auth/plain.txt")];
        let all = files.into_iter().flat_map(sections);
        let (imported, mut parts): (Vec<_>, Vec<_>) = all.partition(|(key, _)| key == HTTP_IMPORTS);
        let imported = imported.iter().flat_map(|(_, names)| names.split_whitespace());
        parts.push((HTTP_IMPORTS.to_owned(), http_imports(imported)));
        // These come last, as the parts above hold them too.
        let names = [("name", name.into()), ("crate", name.replace('-', "_")), ("title", title(name))];
        let shouted = ("ENV", name.replace('-', "_").to_uppercase());
        parts.extend(names.into_iter().chain([shouted]).map(|(key, value)| (key.to_owned(), value)));
        Self(parts)
    }

    /// A placeholder that has a line of its own and stands for nothing takes its line along.
    fn fill(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (key, part) in &self.0 {
            let placeholder = format!("{{{{{key}}}}}");
            if part.is_empty() {
                text = text.replace(&format!("{placeholder}\n"), "");
            }
            text = text.replace(&placeholder, part);
        }
        text
    }
}

/// What a part needs of `livegate-http`, by names alone: several parts name some.
const HTTP_IMPORTS: &str = "http_imports";

/// The names that every adapter uses, and `others`, as rustfmt would have it.
fn http_imports<'a>(others: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<&str> = ["Auth", "Endpoint", "Format"].into_iter().chain(others).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let line = format!("use livegate_http::{{{}}};", names.join(", "));
    if line.len() <= LINE {
        return line;
    }
    let mut lines = vec!["   ".to_owned()];
    for name in names {
        let full = lines.last().is_some_and(|line| line.len() + name.len() + 2 > LINE);
        if full {
            lines.push("   ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&format!(" {name},"));
        }
    }
    format!("use livegate_http::{{\n{}\n}};", lines.join("\n"))
}

/// `@@ key`, then the lines of the part, up to the next key. What stands before the first one is for the reader.
fn sections(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split("\n@@ ").skip(1).map(|section| {
        let (key, part) = section.split_once('\n').unwrap_or((section, ""));
        (key.trim().to_owned(), part.trim_end_matches('\n').to_owned())
    })
}

/// `my-erp` is shown as `My Erp` until somebody writes it as its vendor does.
fn title(name: &str) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capitalized).collect::<Vec<_>>().join(" ")
}
