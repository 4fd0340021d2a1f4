use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use livegate_core::{Operation, Simulator};

use crate::check::{Bench, Check, Checklist};
use crate::{Spoil, Subject, checks, faults, golden, record};

/// What an adapter that offers all five operations must be asked at the least.
const LEAST_CHECKS: usize = 60;

/// What must be put between any adapter and its ERP at the least.
const LEAST_FAULTS: usize = 25;

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
    let given: Vec<String> = std::env::args().skip(1).collect();
    if record::is_asked_for(&given) {
        return record::run(subjects, &given);
    }
    let arguments = Arguments::from_args();
    let (mut simulators, mut trials, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for subject in subjects {
        let simulator = start(subject);
        let suite = Suite::new(subject, simulator.address);
        // The settings come from the golden tests, so that they belong to no dialect.
        let told = subjects.iter().take(counts.len()).any(|before| before.golden == subject.golden);
        let goldens = if told { Vec::new() } else { golden::trials(subject) };
        counts.push(Counts::new(&suite, goldens.len()));
        trials.extend(suite.trials());
        trials.extend(faults::trials(*subject));
        trials.extend(goldens);
        simulators.push(simulator);
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && report(&counts).is_err() {
        return ExitCode::FAILURE;
    }
    let too_few = counts.iter().any(|counts| counts.too_few().is_some());
    if conclusion.has_failed() || too_few { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn start(subject: &Subject) -> Simulator {
    let name = subject.kind.name;
    let start = subject.kind.simulator.unwrap_or_else(|| panic!("{name} has no simulator: build it with its feature"));
    start().unwrap_or_else(|error| panic!("the simulator of {name} does not start: {error}"))
}

/// How much was asked of one subject.
struct Counts {
    tenant: &'static str,
    offers_all: bool,
    checks: usize,
    faults: usize,
    goldens: usize,
    /// Names and reasons.
    left_out: Vec<(String, String)>,
}

impl Counts {
    fn new(suite: &Suite, goldens: usize) -> Self {
        let list = &suite.list;
        Self {
            tenant: list.subject.tenant,
            offers_all: Operation::ALL.iter().all(|operation| list.capabilities.offers(*operation)),
            checks: list.checks.len(),
            faults: faults::fault_names(&list.subject).len(),
            goldens,
            left_out: list.left_out.clone(),
        }
    }

    /// What is missing, if something is: a suite that asks little proves little.
    fn too_few(&self) -> Option<String> {
        let tenant = self.tenant;
        if self.faults < LEAST_FAULTS {
            return Some(format!("{tenant}: {} faults are less than {LEAST_FAULTS}", self.faults));
        }
        let few = self.offers_all && self.checks < LEAST_CHECKS;
        few.then(|| format!("{tenant}: {} checks are less than {LEAST_CHECKS}: the cast lacks somebody", self.checks))
    }
}

fn report(counts: &[Counts]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for counts in counts {
        let Counts { tenant, checks, faults, goldens, left_out, .. } = counts;
        for (name, reason) in left_out {
            writeln!(out, "{tenant}: left out: {name}, because {reason}")?;
        }
        write!(out, "{tenant}: {checks} checks bare, {checks} stacked, {faults} faults bare, {faults} stacked")?;
        // Those of several dialects are counted once.
        writeln!(out, "{}", if *goldens == 0 { String::new() } else { format!(", {goldens} goldens") })?;
        if let Some(few) = counts.too_few() {
            writeln!(out, "{few}")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_too_little_is_told() {
        let counts = |offers_all, checks, faults| Counts {
            tenant: "a",
            offers_all,
            checks,
            faults,
            goldens: 0,
            left_out: Vec::new(),
        };
        assert_eq!(counts(true, LEAST_CHECKS, LEAST_FAULTS).too_few(), None);
        let few = counts(true, LEAST_CHECKS - 1, LEAST_FAULTS);
        assert_eq!(few.too_few().unwrap(), "a: 59 checks are less than 60: the cast lacks somebody");
        assert_eq!(counts(false, LEAST_CHECKS - 1, LEAST_FAULTS).too_few(), None);
        let few = counts(true, LEAST_CHECKS, LEAST_FAULTS - 1);
        assert_eq!(few.too_few().unwrap(), "a: 24 faults are less than 25");
    }
}
