use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use livegate_core::{Operation, Simulator};

use crate::check::{Bench, Check, Checklist};
use crate::{Spoil, Subject, checks, faults};

/// What an adapter that offers all five operations must be asked at the least.
const LEAST_CHECKS: usize = 60;

/// Proves adapters: every check, every fault and every golden test, bare and through the whole stack. It is the `main` of
/// a test with `harness = false`, and takes the usual arguments of `cargo test`.
///
/// A check that an ERP cannot be asked, because the connection does not declare it or the cast has nobody for it, is not
/// run; its name and the reason are told at the end, beside how many there were.
///
/// # Panics
/// When a subject has no simulator, or its demo tenant makes no connection.
#[must_use]
pub fn prove(subjects: &[Subject]) -> ExitCode {
    let arguments = Arguments::from_args();
    let (mut simulators, mut trials, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for subject in subjects {
        let simulator = start(subject);
        let suite = Suite::new(subject, simulator.address);
        let checks = suite.trials();
        counts.push(Counts::new(&suite, checks.len()));
        trials.extend(checks);
        trials.extend(faults::trials(*subject));
        simulators.push(simulator);
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && report(&counts).is_err() {
        return ExitCode::FAILURE;
    }
    let enough = counts.iter().all(Counts::are_enough);
    if conclusion.has_failed() || !enough { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn start(subject: &Subject) -> Simulator {
    let name = subject.kind.name;
    let start = subject.kind.simulator.unwrap_or_else(|| panic!("{name} has no simulator: build it with its feature"));
    start().unwrap_or_else(|error| panic!("the simulator of {name} does not start: {error}"))
}

/// How much was asked of one subject.
struct Counts {
    subject: Subject,
    offers_all: bool,
    checks: usize,
    left_out: Vec<(String, String)>,
}

impl Counts {
    fn new(suite: &Suite, trials: usize) -> Self {
        let offers_all = Operation::ALL.iter().all(|operation| suite.list.capabilities.offers(*operation));
        let checks = suite.list.checks.len();
        debug_assert_eq!(trials, 2 * checks, "each check is run bare and stacked");
        Self { subject: suite.list.subject, offers_all, checks, left_out: suite.list.left_out.clone() }
    }

    fn are_enough(&self) -> bool {
        !self.offers_all || self.checks >= LEAST_CHECKS
    }
}

fn report(counts: &[Counts]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for counts in counts {
        let tenant = counts.subject.tenant;
        for (name, reason) in &counts.left_out {
            writeln!(out, "{tenant}: left out: {name}, because {reason}")?;
        }
        let faults = faults::fault_names(&counts.subject).len();
        writeln!(out, "{tenant}: {0} checks and {faults} faults bare, {0} and {faults} stacked", counts.checks)?;
        if !counts.are_enough() {
            writeln!(out, "{tenant}: that is less than {LEAST_CHECKS} checks: the cast lacks somebody")?;
        }
    }
    out.flush()
}

/// The checks for one subject against one ERP, for whoever wants to look at their outcomes.
pub struct Suite {
    list: Arc<Checklist>,
    address: SocketAddr,
    spoil: Spoil,
}

/// How one check ended.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check's name.
    pub name: String,
    /// Whether it was asked through the layers.
    pub stacked: bool,
    /// What is wrong, if something is.
    pub outcome: Result<(), String>,
}

impl Suite {
    /// The checks that this subject, whose ERP is at `address`, can be asked.
    #[must_use]
    pub fn new(subject: &Subject, address: SocketAddr) -> Self {
        let mut list = Checklist::new(subject, address);
        checks::all(&mut list);
        Self { list: Arc::new(list), address, spoil: Spoil::NOTHING }
    }

    /// The same, with requests and answers spoiled on their way.
    #[must_use]
    pub fn spoiled(self, spoil: Spoil) -> Self {
        Self { spoil, ..self }
    }

    /// What will be checked.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.list.checks.iter().map(|check| check.name.as_str()).collect()
    }

    /// The names and reasons of what cannot be checked.
    #[must_use]
    pub fn left_out(&self) -> &[(String, String)] {
        &self.list.left_out
    }

    /// Runs the checks that are `wanted`, bare and stacked, one after the other.
    #[must_use]
    pub fn run(&self, wanted: impl Fn(&str) -> bool) -> Vec<Finding> {
        let wanted = self.list.checks.iter().filter(|check| wanted(&check.name));
        wanted.flat_map(|check| [false, true].map(|stacked| self.finding(check, stacked))).collect()
    }

    fn finding(&self, check: &Check, stacked: bool) -> Finding {
        Finding { name: check.name.clone(), stacked, outcome: check.run(self.bench(stacked)) }
    }

    fn trials(&self) -> Vec<Trial> {
        let mut trials = Vec::new();
        for (stacked, way) in [(false, "bare"), (true, "stacked")] {
            for (index, check) in self.list.checks.iter().enumerate() {
                let (list, bench) = (Arc::clone(&self.list), self.bench(stacked));
                let name = format!("{}/{way}/{}", self.list.subject.tenant, check.name);
                trials.push(Trial::test(name, move || list.checks[index].run(bench).map_err(Into::into)));
            }
        }
        trials
    }

    fn bench(&self, stacked: bool) -> Bench {
        Bench { subject: self.list.subject, address: self.address, stacked, spoil: self.spoil }
    }
}
