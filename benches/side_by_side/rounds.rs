//! Interleaved rounds: in each, every server gets its load for a short slice, so that whatever slows the machine down slows
//! all of them.

use std::fs::File;
use std::time::Duration;

use crate::process::Times;
use crate::say;
use crate::stub::Stub;
use crate::subjects::{Failures, Slice, Slices, Subject};

/// How often and how long.
#[derive(Clone, Copy)]
pub struct Rounds {
    pub number: usize,
    pub slice: Duration,
}

impl Rounds {
    /// Runs them all. Whoever refuses, fails, answers something else, or asks the ERP more or less often than it has to, is
    /// left out from then on, and its error is told.
    pub async fn run(self, stub: &Stub, subjects: &[Subject]) -> (Slices, Failures) {
        let (mut slices, mut failures) = (Slices::new(), Failures::new());
        let mut fails = |subject: &Subject, error: String| {
            say(&format!("{}: {error}", subject.key.name()));
            failures.insert(subject.key, error);
        };
        let mut left = Vec::new();
        for subject in subjects {
            let ready = async {
                check(stub, subject).await?;
                warm_up(stub, subject).await
            };
            match ready.await {
                Ok(()) => left.push(subject),
                Err(error) => fails(subject, error),
            }
        }
        for round in 0..self.number {
            let mut told = Vec::new();
            // Each round begins with another one, as the first after a pause may have it easier.
            let mut turn = left.clone();
            turn.rotate_left(round % left.len().max(1));
            for subject in turn {
                match slice(stub, subject, self.slice).await {
                    Ok(slice) => {
                        slices.entry(subject.key).or_default().push(slice);
                        told.push((subject.key, format!("{:.1}", slice.cpu)));
                    }
                    Err(error) => {
                        fails(subject, error);
                        slices.remove(&subject.key);
                        left.retain(|other| other.key != subject.key);
                    }
                }
            }
            told.sort();
            let told: Vec<String> = told.into_iter().map(|(_, cpu)| cpu).collect();
            say(&format!("round {} of {}: {} µs of CPU per request", round + 1, self.number, told.join(" | ")));
        }
        (slices, failures)
    }
}

/// A server that answers something else has no place in the table.
async fn check(stub: &Stub, subject: &Subject) -> Result<(), String> {
    let (token, customer) = &subject.load.calls[0];
    // The first call of a hit is a miss.
    stub.post(subject.to, token, customer, subject.load.no_cache).await?;
    let answer = stub.post(subject.to, token, customer, subject.load.no_cache).await?;
    if answer.body != subject.answer {
        return Err(format!("it answered {} bytes that are not what it had to", answer.body.len()));
    }
    if !answer.cache_status.contains(subject.cache_status) {
        return Err(format!("its cache-status is {:?} and not {:?}", answer.cache_status, subject.cache_status));
    }
    Ok(())
}

/// Caches are filled and connections made until a hit no longer asks the ERP.
async fn warm_up(stub: &Stub, subject: &Subject) -> Result<(), String> {
    let mut span = Duration::from_secs(1);
    for _ in 0..10 {
        let before = stub.settled().await?;
        let counted = subject.load.run(subject.to, span).await?;
        let warm = subject.erp_calls > 0 || stub.settled().await? == before;
        // wrk begins with the first call each time, so that a short run says nothing of the last ones.
        let all = counted.requests >= u64::try_from(subject.load.calls.len()).unwrap_or(u64::MAX);
        match (warm, all) {
            (true, true) => return Ok(()),
            (_, false) => span *= 2,
            (false, true) => {}
        }
    }
    Err("its cache does not hold the answers: hits keep asking the ERP".to_owned())
}

async fn slice(stub: &Stub, subject: &Subject, span: Duration) -> Result<Slice, String> {
    if let Some(log) = &subject.log {
        let emptied = File::options().write(true).truncate(true).open(log);
        emptied.map_err(|error| format!("{}: {error}", log.display()))?;
    }
    let (asked_before, before) = (stub.settled().await?, Times::of(subject.process)?);
    let counted = subject.load.run(subject.to, span).await?;
    let (after, asked_after) = (Times::of(subject.process)?, stub.settled().await?);
    let (calls, expected) = (asked_after - asked_before, counted.requests * subject.erp_calls);
    // A hit that asks the ERP is no hit, and a miss that another one's answer is given to is none. wrk does not count what is
    // under way at its end.
    let spare = u64::try_from(subject.load.connections).unwrap_or(u64::MAX) * subject.erp_calls;
    if !(expected..=expected + spare).contains(&calls) {
        let requests = counted.requests;
        return Err(format!("{requests} requests asked the ERP {calls} times instead of {expected}"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let cpu = after.since(&before) as f64 / counted.requests as f64 / 1000.0;
    Ok(Slice { cpu, per_second: counted.per_second, p50: counted.p50, p99: counted.p99 })
}
