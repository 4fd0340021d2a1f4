//! The commands of this repository: `cargo xtask --help` lists them.

mod coverage;
mod new_adapter;
mod record;
mod registry;
mod steps;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::new_adapter::{Auth, Protocol};
use crate::record::Record;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository", arg_required_else_help = true)]
struct Arguments {
    /// The repository to work on; the one that this program was built from by default.
    #[arg(long, global = true, hide = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))]
    root: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every test of the workspace, and tells how long each step took.
    Test,
    /// Breaks what can break, on real sockets, and prints what livegate promises beside what was measured: half an hour,
    /// the last 15 minutes of it a soak.
    Chaos {
        /// Small numbers and no soak, as in the tests: some seconds.
        #[arg(long)]
        quick: bool,
        /// Only what has one of these words in its name, such as `breaker` or `soak`.
        words: Vec<String>,
    },
    /// Measures livegate beside nginx and bare actix-web on this machine, and prints each figure beside its target: ten
    /// minutes, and the documents get the figures. A quick run, and one of some rows, only print them.
    Bench {
        /// Fewer and shorter rounds: two minutes.
        #[arg(long)]
        quick: bool,
        /// Counts the instructions of each part instead, which do not depend on what else the machine does, and fails if
        /// one is more than 5 % away from docs/performance/instructions.json. Without valgrind that is left out, unless
        /// the variable CI is set.
        #[arg(long, conflicts_with_all = ["quick", "words"])]
        instructions: bool,
        /// Writes docs/performance/instructions.json instead, as UPDATE_SNAPSHOTS=1 does.
        #[arg(long, requires = "instructions")]
        update: bool,
        /// Only the rows that have one of these words in their name, such as `hit` or `memory`.
        words: Vec<String>,
    },
    /// Writes docs/openapi.json, config/livegate.schema.json and the tables of docs/configuration.md anew from the code.
    Openapi,
    /// Writes a new adapter that compiles and conforms, with a TODO(erp) wherever the ERP decides, and registers it.
    NewAdapter {
        /// Its directory's name, and the value of `adapter` in tenant files: such as my-erp.
        name: String,
        /// How the ERP is asked, and in which format it answers.
        #[arg(long, value_enum, default_value = "json")]
        protocol: Protocol,
        /// How requests prove that they may ask.
        #[arg(long, value_enum, default_value = "api-key")]
        auth: Auth,
    },
    /// Prints what each adapter offers and which fields its golden tests show, and compares docs/coverage.md with it.
    Coverage {
        /// Writes docs/coverage.md instead, as UPDATE_SNAPSHOTS=1 does.
        #[arg(long)]
        update: bool,
    },
    /// Asks a real ERP one question and writes request and answer, redacted, as a golden test of its adapter.
    Record(Record),
}

fn main() -> ExitCode {
    let Arguments { root, task } = Arguments::parse();
    let outcome = run(&root, task);
    if let Err(problem) = &outcome {
        say(problem);
    }
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(root: &Path, task: Task) -> Result<(), String> {
    match task {
        Task::Test => steps::test(root),
        Task::Chaos { quick, words } => steps::chaos(root, quick, &words),
        Task::Bench { instructions: true, update, .. } => steps::instructions(root, update),
        Task::Bench { quick, words, .. } => steps::bench(root, quick, &words),
        Task::Openapi => steps::openapi(root),
        Task::NewAdapter { name, protocol, auth } => {
            say(&new_adapter::new_adapter(root, &name, protocol, auth)?);
            Ok(())
        }
        Task::Coverage { update } => coverage::coverage(root, update),
        Task::Record(what) => record::record(root, &what),
    }
}

#[expect(clippy::print_stderr, reason = "this is a command for a person at a terminal")]
fn say(text: &str) {
    eprintln!("xtask: {text}");
}
