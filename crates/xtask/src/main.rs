//! The commands of this repository: `cargo xtask test`, `cargo xtask openapi`.

use std::env;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every test of the workspace.
    Test,
    /// Writes docs/openapi.json, config/livegate.schema.json and the tables of docs/configuration.md anew from the code.
    Openapi,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test => test(),
        Task::Openapi => openapi(),
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn test() -> bool {
    // The binary first: the tests start it, and a compile error is told once.
    let began = Instant::now();
    let passed = cargo(&["build", "--workspace", "--all-targets"], &[])
        && cargo(&["test", "--workspace", "--no-fail-fast"], &[]);
    let verdict = if passed { "all tests passed" } else { "NOT all tests passed" };
    say(&format!("{verdict} ({} s)", began.elapsed().as_secs()));
    passed
}

fn openapi() -> bool {
    let update = [("UPDATE_SNAPSHOTS", "1")];
    cargo(&["test", "--package", "livegate", "committed"], &update)
        && cargo(&["test", "--package", "livegate-tenants"], &update)
}

fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> bool {
    say(&format!("cargo {}", arguments.join(" ")));
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let status = Command::new(program).args(arguments).envs(variables.iter().copied()).current_dir(root).status();
    match status {
        Ok(status) => status.success(),
        Err(error) => {
            say(&format!("cargo could not be started: {error}"));
            false
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a command for a person at a terminal")]
fn say(text: &str) {
    eprintln!("xtask: {text}");
}
