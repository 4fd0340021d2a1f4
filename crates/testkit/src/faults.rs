//! The table of faults: each is put between an adapter and its simulator, for every operation that the connection offers.

mod judge;
mod law;
mod table;

use libtest_mimic::Trial;
use livegate_core::Operation;

use self::table::{ERROR_IN_SUCCESS, FAULTS, Fault, IN_ONE_REQUEST, Put, Wait};
use crate::fault_proxy::Harm;
use crate::{Outcome, Subject};

/// All faults of a subject, bare and through the layers: one trial each.
pub(crate) fn trials(subject: Subject) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (stacked, way) in [(false, "bare"), (true, "stacked")] {
        for name in fault_names(&subject) {
            let title = format!("{}/{way}/fault: {name}", subject.tenant);
            trials.push(Trial::test(title, move || Ok(judge_fault(&subject, stacked, name)?)));
        }
    }
    trials
}

/// The names of the faults that a subject meets, as they end its trials' names after `fault: `.
#[must_use]
pub fn fault_names(subject: &Subject) -> Vec<&'static str> {
    let error_in_success = subject.error_in_success.map(|_| ERROR_IN_SUCCESS);
    let everywhere = FAULTS.iter().map(|fault| fault.name).chain(error_in_success);
    everywhere.chain(IN_ONE_REQUEST_ONLY).collect()
}

/// The law's names, in the order of [`IN_ONE_REQUEST`].
const IN_ONE_REQUEST_ONLY: [&str; 4] = [
    "status 503 in one request only",
    "body cut before its stated length in one request only",
    "empty answer in one request only",
    "HTML page in one request only",
];

/// Puts one fault between a subject's adapter, by itself or `stacked` under the layers, and a simulator of its own, and
/// judges what comes of it, for every operation that the connection offers.
///
/// # Errors
/// What is wrong, one line per operation.
pub fn judge_fault(subject: &Subject, stacked: bool, name: &str) -> Result<(), String> {
    let unknown = subject.exceptions.iter().find(|(name, ..)| !fault_names(subject).contains(name));
    if let Some((unknown, ..)) = unknown {
        return Err(format!("an exception is for {unknown:?}, and no fault has that name"));
    }
    if let Some(at) = IN_ONE_REQUEST_ONLY.iter().position(|law| *law == name) {
        return law::judge(subject, stacked, &named(subject, IN_ONE_REQUEST[at])?);
    }
    judge::judge(subject, stacked, &named(subject, name)?)
}

fn named(subject: &Subject, name: &str) -> Result<Fault, String> {
    if let (Some((body, kind)), ERROR_IN_SUCCESS) = (subject.error_in_success, name) {
        let (put, outcome) = (Put::Every(Harm::Body(body)), Outcome::Fails(kind));
        return Ok(Fault { name: ERROR_IN_SUCCESS, put, outcome, wait: Wait::Any });
    }
    FAULTS.iter().find(|fault| fault.name == name).copied().ok_or_else(|| format!("there is no fault {name:?}"))
}

/// What a fault may lead to: what the subject says of it, or else what the table says.
fn outcomes(subject: &Subject, fault: &Fault, operation: Operation) -> Vec<Outcome> {
    let excepted = subject
        .exceptions
        .iter()
        .filter(|(name, only, _)| *name == fault.name && only.is_none_or(|only| only == operation));
    let excepted: Vec<Outcome> = excepted.map(|(.., outcome)| *outcome).collect();
    match (excepted.is_empty(), fault.put) {
        (false, _) => excepted,
        // Where nobody logs in, a 401 is final.
        (true, Put::Expired(_)) if subject.login.is_none() => {
            vec![Outcome::Fails(livegate_core::ErrorKind::CredentialsRejected)]
        }
        (true, _) => vec![fault.outcome],
    }
}
