//! livegate beside nginx and bare actix-web, on one machine and in one run.
//!
//! Without arguments it is the whole run, which writes its figures into the documents. `--quick` takes two minutes, and a
//! word measures only the rows whose name holds it; both only print, and write figures and plots into `target`.

mod beside;
mod busy;
mod erp;
mod latency;
mod livegate;
mod load;
mod machine;
mod nginx;
mod own;
#[path = "../packages.rs"]
mod packages;
#[expect(dead_code, reason = "other targets take other parts of it")]
#[path = "../parts/mod.rs"]
mod parts;
mod plots;
mod process;
mod report;
mod roles;
mod rounds;
mod stub;
mod subjects;
mod targets;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use crate::beside::{Beside, ManyTenants};
use crate::busy::Busy;
use crate::latency::Latency;
use crate::machine::Machine;
use crate::parts::Ratio;
use crate::report::{Report, Row};
use crate::rounds::Rounds;
use crate::stub::Stub;
use crate::subjects::{Failures, Key, Slices};
use crate::targets::{Figure, Found, TARGETS, Target};

/// The allocator that livegate is shipped with, for its peers, which are roles of this program, and for its parts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [flag, role, rest @ ..] if flag == "--role" => roles::play(role, rest.first().map_or("", String::as_str)),
        _ => {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            // Whoever stops the bench stops what it has started: that ends with what is dropped here.
            runtime.block_on(async {
                tokio::select! { outcome = bench(&arguments) => outcome, () = told_to_stop() => Err("stopped".into()) }
            })
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

async fn told_to_stop() {
    let mut ended = signal(SignalKind::terminate()).expect("signals can be listened for");
    tokio::select! { _ = ended.recv() => (), _ = tokio::signal::ctrl_c() => () }
}

#[expect(clippy::print_stderr, reason = "this is a command for a person at a terminal")]
fn say(text: &str) {
    eprintln!("bench: {text}");
}

/// How much of everything there is.
struct Scale {
    quick: bool,
    rounds: Rounds,
    latency: Rounds,
    starts: usize,
}

impl Scale {
    fn new(quick: bool) -> Self {
        let rounds = |number, seconds| Rounds { number, slice: Duration::from_secs(seconds) };
        if quick {
            Self { quick, rounds: rounds(5, 1), latency: rounds(4, 1), starts: 2 }
        } else {
            Self { quick, rounds: rounds(15, 2), latency: rounds(10, 4), starts: 5 }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
async fn bench(arguments: &[String]) -> Result<(), String> {
    let began = Instant::now();
    let (flags, words): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|argument| argument.starts_with("--"));
    let quick = flags.iter().any(|flag| flag == "--quick");
    let wanted: Vec<&'static Target> = TARGETS.iter().filter(|target| target.is_asked_for(&words)).collect();
    if wanted.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        return Err(format!("no row has a name that holds {}; there are:\n{}", words.join(" or "), names.join("\n")));
    }
    let mut command = vec!["cargo xtask bench"];
    command.extend(quick.then_some("--quick"));
    command.extend(words.iter().map(String::as_str));

    let (keys, latency) = (keys(&wanted), wanted.iter().any(|target| matches!(target.figure, Figure::Latency(_))));
    let mut machine = Machine::look(keys.iter().any(|key| key.needs_nginx()), !keys.is_empty());
    say(&format!("{}; load average {}, {} % in use", machine.line(), machine.load_average, machine.busy_percent));
    if machine.too_busy().is_some() {
        say("this machine is busy with something else: the figures will not be worth much");
    }
    let before = Busy::now();
    let scale = Scale::new(quick);
    let found = Measured::all(&scale, &wanted, keys, latency, &machine).await;
    // Everything that was started has ended.
    machine.others_percent = Busy::now().others_percent_since(&before);
    say(&format!("meanwhile others used {} % of this machine", machine.others_percent));
    let rows = wanted.iter().map(|target| Row { target, found: found.of(target) }).collect();
    let Measured { slices, latency, at_rest, .. } = found;
    let latency = latency.and_then(Result::ok);
    let report = Report { command: command.join(" "), machine, rows, slices, latency, at_rest };
    println!("\n{}\n{}\n{}", report.table(), report.raw(), report.caption().join("\n"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a package has a place in the workspace");
    let whole = !quick && words.is_empty() && report.rows.iter().all(|row| row.found.is_ok());
    let directory = root.join(if whole { "docs/performance" } else { "target/performance" });
    report.write(&directory)?;
    if whole {
        report.write_documents(root)?;
    }
    say(&format!("figures and plots are in {}; it took {} s", directory.display(), began.elapsed().as_secs()));
    let failed =
        report.rows.iter().filter_map(|row| row.found.as_ref().err()).find(|why| !ABSENT.contains(&why.as_str()));
    // A figure that misses its target is told in the table; here it counts whether all could be measured.
    failed.map_or(Ok(()), |why| Err(format!("not everything could be measured: {why}")))
}

/// Why a row may be left out.
const ABSENT: [&str; 2] = ["wrk is missing", "nginx is missing"];

/// Whom the figures need to be measured. What a miss costs with two calls of the ERP goes along with any miss.
fn keys(wanted: &[&Target]) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for target in wanted {
        match target.figure {
            Figure::Cpu(of, by) => keys.extend([of, by]),
            Figure::Latency(_) => keys.extend([Key::Miss]),
            _ => {}
        }
    }
    if keys.contains(&Key::NginxPass) || keys.contains(&Key::Forward) {
        keys.insert(Key::MissWithRecord);
    }
    keys
}

/// What has been found; what could not be, with the reason.
struct Measured {
    slices: Slices,
    failures: Failures,
    without_slices: String,
    latency: Option<Result<Latency, String>>,
    at_rest: Option<[f64; 2]>,
    parts: Result<Vec<Ratio>, String>,
    starts: Option<Result<own::Starts, String>>,
    binary: Option<Result<Found, String>>,
    peak: Option<Result<Found, String>>,
}

impl Measured {
    async fn all(scale: &Scale, wanted: &[&Target], keys: BTreeSet<Key>, latency: bool, machine: &Machine) -> Self {
        let wants = |figures: &[Figure]| wanted.iter().any(|target| figures.contains(&target.figure));
        let mut all = Self {
            slices: Slices::new(),
            failures: Failures::new(),
            without_slices: String::new(),
            latency: None,
            at_rest: None,
            parts: Ok(Vec::new()),
            starts: None,
            binary: wants(&[Figure::Binary]).then(own::binary_size),
            peak: None,
        };
        if wanted.iter().any(|target| matches!(target.figure, Figure::Part(_))) {
            say("measuring decoding and pages within this process");
            // They have a runtime of their own, which a thread that drives another must not start.
            let quick = scale.quick;
            let parts = tokio::task::spawn_blocking(move || parts::ratios(quick)).await;
            all.parts = parts.map_err(|error| format!("the parts failed: {error}"));
        }
        let stub = Stub::start().map_err(|error| format!("the ERP's process: {error}"));
        match &stub {
            Ok(stub) => all.servers(scale, stub, keys, latency, machine).await,
            Err(error) => error.clone_into(&mut all.without_slices),
        }
        if wants(&[Figure::Ready, Figure::Memory, Figure::IdleTenant]) {
            all.starts = Some(match &stub {
                Ok(stub) => own::starts(stub, scale.starts).await,
                Err(error) => Err(error.clone()),
            });
        }
        if wants(&[Figure::Peak]) {
            all.peak = Some(match &stub {
                Ok(stub) => own::peak(stub, scale.starts).await,
                Err(error) => Err(error.clone()),
            });
        }
        all
    }

    /// Whatever fails costs only the rows that need it.
    async fn servers(&mut self, scale: &Scale, stub: &Stub, keys: BTreeSet<Key>, latency: bool, machine: &Machine) {
        if machine.wrk.is_none() {
            ABSENT[0].clone_into(&mut self.without_slices);
            return;
        }
        if machine.nginx.is_none() {
            ABSENT[1].clone_into(&mut self.without_slices);
        }
        let tenants = [Key::ManyTenants, Key::OneTenant];
        let (tenants, beside): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(|key| tenants.contains(key));
        if !beside.is_empty() {
            match Beside::start(stub, &beside, machine.nginx.is_some()).await {
                Ok(beside) => self.beside(scale, stub, beside, latency).await,
                Err(error) => self.cannot_start(&beside, &error),
            }
        }
        if !tenants.is_empty() {
            match ManyTenants::start(stub).await {
                Ok(many) => {
                    self.at_rest = Some(many.at_rest);
                    let (mut slices, mut failures) = scale.rounds.run(stub, &many.subjects).await;
                    self.slices.append(&mut slices);
                    self.failures.append(&mut failures);
                }
                Err(error) => self.cannot_start(&tenants, &error),
            }
        }
    }

    async fn beside(&mut self, scale: &Scale, stub: &Stub, beside: Beside, latency: bool) {
        let names: Vec<&str> = beside.subjects.iter().map(|subject| subject.key.name()).collect();
        say(&format!("in each round: {}", names.join(" | ")));
        (self.slices, self.failures) = scale.rounds.run(stub, &beside.subjects).await;
        for (key, error) in beside.failures {
            say(&format!("{}: {error}", key.name()));
            self.failures.insert(key, error);
        }
        let miss = beside.subjects.iter().find(|subject| latency && subject.key == Key::Miss);
        if let (Some(miss), Some(slices)) = (miss, self.slices.get(&Key::Miss)) {
            let peak = Found::of(slices.iter().map(|slice| slice.per_second).collect()).median;
            let measured = Latency::measure(miss, stub.address, peak, scale.latency).await;
            self.latency = Some(measured.inspect_err(|error| say(&format!("latency: {error}"))));
        }
    }

    fn cannot_start(&mut self, keys: &[Key], error: &str) {
        say(error);
        self.failures.extend(keys.iter().map(|key| (*key, error.to_owned())));
    }

    fn why_not(&self, key: Key) -> String {
        self.failures.get(&key).map_or_else(|| self.without_slices.clone(), |error| format!("{}: {error}", key.name()))
    }

    fn of(&self, target: &Target) -> Result<Found, String> {
        let missing = || "nothing has measured it".to_owned();
        let starts = || self.starts.as_ref().ok_or_else(missing)?.as_ref().map_err(Clone::clone);
        match target.figure {
            Figure::Cpu(of, by) => {
                let slices = |key| self.slices.get(&key).ok_or_else(|| self.why_not(key));
                let pairs = slices(of)?.iter().zip(slices(by)?);
                Ok(Found::of(pairs.map(|(of, by)| of.cpu / by.cpu).collect()))
            }
            Figure::Latency(percentile) => {
                let latency = self.latency.as_ref().ok_or_else(|| self.why_not(Key::Miss))?;
                latency.as_ref().map(|latency| latency.added(percentile)).map_err(Clone::clone)
            }
            Figure::Part(name) => {
                let parts = self.parts.as_ref().map_err(Clone::clone)?;
                let part = parts.iter().find(|part| part.name.starts_with(name)).ok_or_else(missing)?;
                Ok(Found { median: part.median, spread: Some(part.spread) })
            }
            Figure::Ready => Ok(starts()?.ready.clone()),
            Figure::Memory => Ok(starts()?.memory.clone()),
            Figure::IdleTenant => Ok(starts()?.idle_tenant.clone()),
            Figure::Binary => self.binary.clone().ok_or_else(missing)?,
            Figure::Peak => self.peak.clone().ok_or_else(missing)?,
        }
    }
}
