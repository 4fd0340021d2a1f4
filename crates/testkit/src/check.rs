use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use livegate_core::{Capabilities, ErpAdapter, Operation};

use crate::Subject;
use crate::json::Json;
use crate::line::{Line, Refusal, Spoil};
use crate::rule::Rule;
use crate::wire_tap::WireTap;

/// How a check ends; the error tells what was expected, what came, and which rule that breaks.
pub(crate) type Verdict = Result<(), String>;

/// Why a check cannot be asked of a subject, as the end of `left out: … because …`.
pub(crate) type Need = Result<(), String>;

/// A check that does not end by itself is red after this time.
const LIMIT: Duration = Duration::from_secs(120);

/// The most documents of a list, unless a check is about just that.
const CAP: usize = 10_000;

/// One sentence that must be true of an adapter.
pub(crate) struct Check {
    pub(crate) name: String,
    run: Arc<dyn Fn(Bench) -> Ending + Send + Sync>,
}

type Ending = Pin<Box<dyn Future<Output = Verdict>>>;

impl Check {
    /// Runs it on a runtime of its own.
    pub(crate) fn run(&self, bench: Bench) -> Verdict {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
        let check = async { tokio::time::timeout(LIMIT, (self.run)(bench)).await };
        match runtime.block_on(AssertUnwindSafe(check).catch_unwind()) {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Err(format!("the check did not end within {} s", LIMIT.as_secs())),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                Err(format!("something panicked: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
            }
        }
    }
}

/// The checks for one subject, and those that it cannot be asked.
pub(crate) struct Checklist {
    pub(crate) subject: Subject,
    pub(crate) capabilities: Capabilities,
    pub(crate) checks: Vec<Check>,
    /// Name and reason.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Checklist {
    pub(crate) fn new(subject: &Subject, address: SocketAddr) -> Self {
        let capabilities = subject.connect(address, CAP).capabilities().clone();
        Self { subject: *subject, capabilities, checks: Vec::new(), left_out: Vec::new() }
    }

    /// Puts a check on the list, or its name and reason among those left out.
    pub(crate) fn add<F, Fut>(&mut self, name: impl Into<String>, need: Need, run: F)
    where
        F: Fn(Bench) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + 'static,
    {
        match need {
            Ok(()) => self.checks.push(Check { name: name.into(), run: Arc::new(move |bench| Box::pin(run(bench))) }),
            Err(reason) => self.left_out.push((name.into(), reason)),
        }
    }

    /// The connection offers it.
    pub(crate) fn offers(&self, operation: Operation) -> Need {
        let reason = || format!("the connection does not offer {}", operation.title());
        if self.capabilities.offers(operation) { Ok(()) } else { Err(reason()) }
    }
}

/// What a check works with: the subject, its simulator, and whether the layers stand between.
#[derive(Clone, Copy)]
pub(crate) struct Bench {
    pub(crate) subject: Subject,
    pub(crate) address: SocketAddr,
    pub(crate) stacked: bool,
    pub(crate) spoil: Spoil,
}

impl Bench {
    /// A new connection of a tenant in UTC.
    pub(crate) fn line(&self) -> Line {
        self.line_in("UTC")
    }

    /// A new connection of a tenant in this time zone.
    pub(crate) fn line_in(&self, zone: &str) -> Line {
        self.over(self.subject.connect(self.address, CAP), zone)
    }

    /// A new connection that takes at most `cap` documents.
    pub(crate) fn capped(&self, cap: usize) -> Line {
        self.over(self.subject.connect(self.address, cap), "UTC")
    }

    /// A new connection whose requests can be counted and held.
    pub(crate) fn tapped(&self) -> (Line, Arc<WireTap>) {
        self.tapped_at(self.address)
    }

    pub(crate) fn tapped_at(&self, address: SocketAddr) -> (Line, Arc<WireTap>) {
        let mut tap = None;
        let adapter = self.subject.connect_through(address, CAP, |transport| {
            let between = Arc::new(WireTap::new(transport));
            tap = Some(Arc::clone(&between));
            between
        });
        (self.over(adapter, "UTC"), tap.expect("whoever connects takes the transport"))
    }

    fn over(&self, adapter: Arc<dyn ErpAdapter>, zone: &str) -> Line {
        Line::new(adapter, zone, self.stacked).spoiled(self.spoil)
    }
}

/// Red: what was expected, what came, and which rule that breaks.
pub(crate) fn broken(rule: Rule, expected: impl fmt::Display, came: impl fmt::Display) -> String {
    format!("expected {expected}\n  but got {}\n  by {rule}", shortened(&came.to_string()))
}

/// Green if `holds`.
pub(crate) fn ensure(holds: bool, rule: Rule, expected: impl fmt::Display, came: impl fmt::Display) -> Verdict {
    if holds { Ok(()) } else { Err(broken(rule, expected, came)) }
}

/// The answer, where an answer was expected.
pub(crate) fn answered(rule: Rule, what: impl fmt::Display, answer: Result<Json, Refusal>) -> Result<Json, String> {
    answer.map_err(|refusal| broken(rule, format!("an answer to {what}"), format!("the error {refusal}")))
}

/// A long answer is of no help in a message.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 600;
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}… ({} bytes in all)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}
