//! Golden tests: what an ERP was asked and what it answered, as files, and the Live answer that must come of it.

pub(crate) mod call;
mod difference;
pub(crate) mod exchange;
pub(crate) mod replay;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Trial;
use livegate_core::AdapterKind;

use self::call::Call;
use self::difference::difference;
use self::exchange::Exchange;
use self::replay::Replay;
use crate::Subject;

/// The golden tests of a subject's directory.
pub(crate) fn trials(subject: &Subject) -> Vec<Trial> {
    if subject.golden.is_empty() {
        return Vec::new();
    }
    let (kind, place) = (subject.kind, Path::new(subject.golden));
    let title = |name: &str| format!("{}/golden: {name}", kind.name);
    let directories = match directories(place) {
        Ok(directories) if !directories.is_empty() => directories,
        nothing => {
            let problem = nothing.err().unwrap_or_else(|| "it holds none".into());
            let problem = format!("{} should hold golden tests: {problem}", place.display());
            return vec![Trial::test(title("any"), || Err(problem.into()))];
        }
    };
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let trial = |directory: PathBuf| {
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(title(&name), move || Ok(judge_golden(kind, &directory, update)?))
    };
    directories.into_iter().map(trial).collect()
}

/// Replays one golden test and compares the answer with its `live.json`, or writes that anew if `update` says so.
///
/// A golden test is a directory of
///
/// - `call.json`, the Live call and the tenant that makes it: `shows` (a sentence that says what the test is for),
///   `operation` (`account`, `orders`, `order`, `invoices`, `invoice`), `request` (the Live request), `settings` (where they
///   are not the defaults), `now` (the moment of the call, for aging) and, where wanted, `time_zone`, `currency`,
///   `customer_from`, `documents` (the cap), `secrets` (the names of those that the tenant has, if they are not just the
///   required ones; each is sent as `secret-` and its name) and `withheld` (texts that the recorded answers hold and the
///   Live answer must not);
/// - `1.http`, `2.http`, …, the exchanges with the ERP, each of which must take place, in any order;
/// - `live.json`, the Live answer with every digit, or `{"error": {…}}`.
///
/// An exchange is a text:
///
/// ```text
/// POST https://erp.example/api/invoices?open=true
/// accept: application/json
/// authorization: (secret)
///
/// {"ids": ["100231"]}
///
/// === answer ===
/// 200
/// content-type: application/json
///
/// [{"id": "100231", "balance": 283.92}]
/// ```
///
/// A body follows a blank line. A request is the recorded one if method and address are, with its parameters in any order,
/// its body as a value if it is JSON or a form, and the headers that are recorded; of one that says `(secret)` it is enough
/// that it is there. In place of its status, an answer can be `given up`: the adapter did not wait for it.
///
/// # Errors
/// What is wrong: a file that cannot be read, a request that is not recorded, an exchange that does not take place, an
/// answer that differs, a withheld text that is shown.
pub fn judge_golden(kind: &'static AdapterKind, directory: &Path, update: bool) -> Result<(), String> {
    let call = Call::read(&read(&directory.join("call.json"))?).map_err(|problem| format!("call.json: {problem}"))?;
    let exchanges = exchanges(directory)?;
    let replay = Arc::new(Replay::new(exchanges.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("there is no runtime: {error}"))?;
    let placeholders = call.placeholders(kind.fields)?;
    let live = runtime.block_on(call.make(kind, Arc::clone(&replay) as _, placeholders))?;
    replay.outcome()?;
    for text in &call.withheld {
        if !exchanges.iter().any(|exchange| exchange.answer.contains(text)) {
            return Err(format!("call.json withholds {text:?}, which no recorded answer holds"));
        }
        if live.contains(text) {
            return Err(format!("the Live answer shows {text:?}, which it must withhold"));
        }
    }
    let path = directory.join("live.json");
    if update {
        return fs::write(&path, live).map_err(|error| format!("{} cannot be written: {error}", path.display()));
    }
    let expected = read(&path).map_err(|problem| format!("{problem}; UPDATE_SNAPSHOTS=1 writes it"))?;
    if expected == live {
        return Ok(());
    }
    let remedy = "if that is right, UPDATE_SNAPSHOTS=1 writes it";
    Err(format!(
        "the answer is not {} (- expected, + came); {remedy}\n{}",
        path.display(),
        difference(&expected, &live)
    ))
}

/// The recorded exchanges in the order of their numbers.
fn exchanges(directory: &Path) -> Result<Vec<Exchange>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let number = || path.file_stem()?.to_str()?.parse::<u32>().ok();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("http") => files.push((number().ok_or_else(|| format!("{} has no number", path.display()))?, path)),
            _ if path.ends_with("call.json") || path.ends_with("live.json") => {}
            _ => return Err(format!("{} does not belong into a golden test", path.display())),
        }
    }
    files.sort();
    let exchange = |(_, path): (u32, PathBuf)| {
        Exchange::read(&read(&path)?).map_err(|problem| format!("{}: {problem}", path.display()))
    };
    files.into_iter().map(exchange).collect()
}

fn directories(place: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(place).map_err(|error| error.to_string())?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
