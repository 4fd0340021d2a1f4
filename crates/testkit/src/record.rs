//! Records one Live call against a real ERP as a golden test in which nothing of anybody's business is left.
//!
//! Safe by default: every text and number of the call, the settings and the answers is replaced by a stand-in, unless it is
//! known to name nobody ([`stand_ins`]); the recorded requests are those that the adapter sends when it is asked again with
//! the stand-ins ([`again`]).

mod again;
mod arguments;
mod bodies;
mod dates;
mod recorder;
mod stand_ins;
mod tenant;

use std::fs;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use livegate_core::Transport;
use serde_json::json;
use serde_json::value::RawValue;

use self::again::Again;
use self::arguments::{Arguments, HELP};
use self::bodies::counts;
use self::recorder::{Recorded, Recorder};
use self::stand_ins::StandIns;
use self::tenant::Tenant;
use crate::golden::call::{Call, placeholder};
use crate::{Subject, judge_golden};

/// Whether the arguments of a test ask for a recording, and not for tests of that name.
pub(crate) fn is_asked_for(arguments: &[String]) -> bool {
    let asked = arguments.first().is_some_and(|first| first == "record");
    asked && arguments.iter().any(|argument| ["--tenant", "--help"].contains(&argument.as_str()))
}

/// Records as the arguments say, and tells a person how it went.
pub(crate) fn run(subjects: &[Subject], arguments: &[String]) -> ExitCode {
    let mut out = io::stdout().lock();
    let (text, code) = match record(subjects, &arguments[1..], &mut out) {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(problem) => (format!("Nothing was recorded: {problem}"), ExitCode::FAILURE),
    };
    tell(&mut out, &text);
    code
}

/// Makes one Live call against the ERP of a tenant file, and writes what was asked and answered as a golden test with every
/// name, code, amount and secret replaced. `arguments` are those of `record --help`; progress is told to `out`.
///
/// # Errors
/// What is wrong and what to do about it, in words for a person. Nothing is written then.
pub fn record(subjects: &[Subject], arguments: &[String], out: &mut dyn io::Write) -> Result<String, String> {
    let Some(arguments) = Arguments::read(arguments)? else { return Ok(HELP.to_owned()) };
    let subject = subjects.first().ok_or("the test names no subject")?;
    let tenant = Tenant::read(&arguments.tenant, subject.kind)?;
    let allowed: Vec<&str> = arguments.allowed.iter().map(String::as_str).collect();
    let transport = (subject.transport)(&allowed).map_err(|error| error.message().to_owned())?;
    record_over(transport, subject, &tenant, &arguments, out)
}

/// Records one call of `tenant` over `transport` into the directory that the arguments name.
fn record_over(
    transport: Arc<dyn Transport>,
    subject: &Subject,
    tenant: &Tenant,
    arguments: &Arguments,
    out: &mut dyn io::Write,
) -> Result<String, String> {
    let (kind, into) = (subject.kind, &arguments.into);
    if fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty: name a new directory", into.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("there is no runtime: {error}"))?;

    let real = call(tenant, arguments)?;
    let recorder = Arc::new(Recorder::new(transport));
    tell(out, &format!("Asking {} for {} …", kind.title, real.operation()?.title()));
    let live = runtime.block_on(real.make(kind, Arc::clone(&recorder) as _, tenant.secrets.clone()))?;
    let exchanges = recorder.recorded();
    let said = if let Some(problem) = failure(&live) {
        format!("the call failed: {problem}")
    } else {
        "the call was answered".into()
    };
    let answers = exchanges.iter().filter(|exchange| exchange.response.is_some()).count();
    tell(out, &format!("{answers} of {} requests answered; {said}", exchanges.len()));
    if let (Some(problem), Some(_)) = (recorder.problem(), failure(&live)) {
        return Err(format!("a request was not answered, and only answers can be replayed: {problem}"));
    }
    if exchanges.iter().all(|exchange| exchange.response.is_none()) {
        return Err("the call was answered without any request to the ERP".into());
    }

    tell(out, "Asking again with stand-ins …");
    let mut stand_ins = noted(tenant, arguments, &real, &exchanges)?;
    let call = replaced(&mut stand_ins, real, tenant, kind.fields)?;
    let again = Arc::new(Again::new(stand_ins, exchanges)?);
    let placeholders = call.placeholders(kind.fields)?;
    let new = runtime.block_on(call.make(kind, Arc::clone(&again) as _, placeholders))?;
    let (stand_ins, files) = Arc::into_inner(again).ok_or("the adapter still asks")?.files().map_err(|problem| {
        format!("{problem}\nThe adapter decides by something that was replaced. If it is a word that names nobody, keep it: \
                 --keep WORD.")
    })?;
    if failure(&live).is_some() != failure(&new).is_some() {
        let came = failure(&new).unwrap_or_else(|| "an answer".into());
        return Err(format!(
            "with stand-ins the call ends otherwise: {came}. The adapter decides by something that was replaced: if it is a \
             word, or the name of a number, that names nobody, keep it: --keep WORD."
        ));
    }

    let mut written = vec![("call.json".to_owned(), call.write()?), ("live.json".to_owned(), new)];
    written.extend(files.iter().enumerate().map(|(at, file)| (format!("{}.http", at + 1), file.write())));
    for (name, text) in &written {
        if let Some(left) = stand_ins.leak(text) {
            return Err(format!(
                "{name} would still hold {left} of the original; nothing is written. Please report this."
            ));
        }
    }
    fs::create_dir_all(into).map_err(|error| format!("{} cannot be made: {error}", into.display()))?;
    for (name, text) in &written {
        let path = into.join(name);
        fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    judge_golden(kind, into, false).map_err(|problem| format!("the recording cannot be replayed: {problem}"))?;
    Ok(format!(
        "Recorded {} files in {}. Read them before you share them: nothing in them should tell whose they are. Then say in \
         call.json what they show, and correct live.json to what it should have been.",
        written.len(),
        into.display()
    ))
}

/// The real call.
fn call(tenant: &Tenant, arguments: &Arguments) -> Result<Call, String> {
    let mut request = json!({ "customer_code": arguments.customer });
    match (arguments.operation.as_str(), &arguments.id) {
        ("order", Some(id)) => request["order_id"] = id.as_str().into(),
        ("invoice", Some(id)) => request["invoice_id"] = id.as_str().into(),
        ("order" | "invoice", None) => return Err(format!("--operation {} needs --id", arguments.operation)),
        (_, Some(_)) => return Err(format!("--operation {} takes no --id", arguments.operation)),
        (_, None) => {}
    }
    if tenant.customer_from.as_deref() == Some("seller_reference") {
        // The one code that is known goes where the ERP is asked by it.
        request["seller_reference"] = arguments.customer.as_str().into();
    }
    let now = Timestamp::now().round(jiff::Unit::Second).map_err(|error| error.to_string())?;
    Ok(Call {
        shows: "TODO: say what this recording shows.".into(),
        operation: arguments.operation.clone(),
        request: RawValue::from_string(request.to_string()).map_err(|error| error.to_string())?,
        settings: tenant.settings.clone(),
        secrets: Some(tenant.secrets.keys().cloned().collect()),
        now: now.to_string(),
        time_zone: tenant.time_zone.clone(),
        currency: tenant.currency.clone(),
        customer_from: tenant.customer_from.clone(),
        documents: tenant.documents,
        withheld: Vec::new(),
    })
}

/// Stand-ins that know all that is in the recording.
fn noted(tenant: &Tenant, arguments: &Arguments, call: &Call, exchanges: &[Recorded]) -> Result<StandIns, String> {
    let mut stand_ins = StandIns::new(&arguments.kept);
    for (name, secret) in &tenant.secrets {
        stand_ins.hide(secrecy::ExposeSecret::expose_secret(secret), placeholder(name));
    }
    for exchange in exchanges {
        let uri = exchange.request.uri();
        if let (Some(authority), Some(host)) = (uri.authority(), uri.host()) {
            stand_ins.host(authority.as_str());
            stand_ins.host(host);
        }
        stand_ins.keep_in_links(uri.path());
        for pair in uri.query().unwrap_or_default().split('&') {
            stand_ins.keep_in_links(&bodies::decoded(pair.split_once('=').unwrap_or((pair, "")).0));
        }
    }
    let mut note = |_name: &str, leaf: &str| {
        stand_ins.note(leaf);
        leaf.to_owned()
    };
    for exchange in exchanges {
        bodies::body(exchange.answer()?.unwrap_or_default(), exchange.media_type(), &mut note);
        bodies::body(&String::from_utf8_lossy(exchange.request.body()), exchange.asked_media_type(), &mut note);
    }
    bodies::body(call.request.get(), "application/json", &mut note);
    let settings = serde_json::to_string(&tenant.settings).map_err(|error| error.to_string())?;
    bodies::body(&settings, "application/json", &mut note);
    stand_ins.keep_order();
    Ok(stand_ins)
}

/// The same call of a tenant that does not exist.
fn replaced(
    stand_ins: &mut StandIns,
    real: Call,
    tenant: &Tenant,
    fields: &[livegate_core::Field],
) -> Result<Call, String> {
    let request = bodies::body(real.request.get(), "application/json", &mut leaf(stand_ins));
    Ok(Call {
        request: RawValue::from_string(request).map_err(|error| error.to_string())?,
        settings: tenant.replaced(fields, stand_ins)?,
        ..real
    })
}

/// Replaces a leaf, but for a number by which a list is cut, or that was asked to be kept by its name.
fn leaf(stand_ins: &mut StandIns) -> impl FnMut(&str, &str) -> String + '_ {
    |name, text| {
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        if number && (counts(name) || stand_ins.keeps(name)) { text.to_owned() } else { stand_ins.replaced(text) }
    }
}

/// What a call failed with.
fn failure(live: &str) -> Option<String> {
    let live: serde_json::Value = serde_json::from_str(live).ok()?;
    let error = live.get("error")?;
    Some(format!("{}: {}", error["kind"].as_str()?, error["message"].as_str()?))
}

fn tell(out: &mut dyn io::Write, text: &str) {
    // Progress is told to whoever still listens.
    drop(writeln!(out, "{text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_which_a_list_is_cut_stay() {
        let mut stand_ins = StandIns::new(&["TotalHits".into()]);
        let mut leaf = leaf(&mut stand_ins);
        assert_eq!((leaf("pageSize", "250"), leaf("totalHits", "250")), ("250".into(), "250".into()));
        assert_ne!(leaf("amount", "250"), "250");
        assert_ne!(leaf("page", "HB-250"), "HB-250", "no number");
    }

    #[test]
    fn a_filter_by_name_is_no_recording() {
        let asked = |line: &str| is_asked_for(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(asked("record --tenant t.toml") && asked("record --help"));
        assert!(!asked("record") && !asked("record --nocapture") && !asked("--help"));
    }
}
