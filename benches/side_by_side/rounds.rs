//! Interleaved rounds: in each, every server gets the same load for a short slice, so that whatever slows the machine
//! down slows all of them.

use std::net::SocketAddr;
use std::time::Duration;

use crate::load::{Counted, Load};
use crate::process::Times;
use crate::say;

/// One server under one load.
pub struct Subject {
    pub name: &'static str,
    pub to: SocketAddr,
    /// Whose CPU time counts.
    pub process: u32,
    pub load: Load,
    /// How many requests to the ERP each call costs.
    pub erp_calls: u64,
}

/// One slice.
#[derive(Clone, Copy)]
pub struct Slice {
    /// Microseconds of CPU time for one request.
    pub cpu: f64,
    pub counted: Counted,
}

/// All slices of one subject, by round.
pub struct Measured {
    pub name: &'static str,
    pub slices: Vec<Slice>,
}

/// Runs them all, `rounds` times.
///
/// # Errors
/// A server refused or failed, or asked the ERP more or less often than it had to.
pub async fn run(
    subjects: &[Subject],
    rounds: usize,
    slice: Duration,
    asked: impl AsyncFn() -> Result<u64, String>,
) -> Result<Vec<Measured>, String> {
    let mut measured: Vec<Measured> =
        subjects.iter().map(|subject| Measured { name: subject.name, slices: Vec::new() }).collect();
    for subject in subjects {
        subject.load.run(subject.to, Duration::from_secs(1)).await.map_err(|error| wrong(subject, &error))?;
    }
    for round in 0..rounds {
        // Each round begins with another one, as the first after a pause may have it easier.
        for turn in 0..subjects.len() {
            let number = (turn + round) % subjects.len();
            let subject = &subjects[number];
            let (erp_before, before) = (asked().await?, Times::of(subject.process)?);
            let counted = subject.load.run(subject.to, slice).await.map_err(|error| wrong(subject, &error))?;
            let (after, erp_after) = (Times::of(subject.process)?, asked().await?);
            expect_calls(subject, counted.requests, erp_after - erp_before)?;
            #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
            let cpu = after.since(&before) as f64 / counted.requests as f64 / 1000.0;
            measured[number].slices.push(Slice { cpu, counted });
        }
        let told: Vec<String> = measured
            .iter()
            .filter_map(|one| one.slices.last().map(|slice| format!("{} {:.1}", one.name, slice.cpu)))
            .collect();
        say(&format!("round {} of {rounds}, µs of CPU per request: {}", round + 1, told.join(", ")));
    }
    Ok(measured)
}

fn wrong(subject: &Subject, error: &str) -> String {
    format!("{}: {error}", subject.name)
}

/// A hit that asks the ERP is no hit, and a miss that another one answers is none. wrk leaves what is under way at its end
/// uncounted.
fn expect_calls(subject: &Subject, requests: u64, calls: u64) -> Result<(), String> {
    let expected = requests * subject.erp_calls;
    let spare = u64::try_from(subject.load.connections).unwrap_or(u64::MAX) * subject.erp_calls;
    if (expected..=expected + spare).contains(&calls) {
        return Ok(());
    }
    Err(wrong(subject, &format!("{requests} requests asked the ERP {calls} times instead of {expected}")))
}
