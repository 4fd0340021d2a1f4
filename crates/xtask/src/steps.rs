use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::say;

/// The binary comes first: the tests start it, and a compile error is told once. What xtask itself writes is tested last,
/// in a workspace of its own that takes the other crates as they were built. All steps select the whole workspace, because
/// cargo would build shared crates again for any other selection.
const TESTS: [(&str, &[&str]); 3] = [
    ("everything builds", &["build", "--workspace", "--all-targets"]),
    ("every crate and every adapter", &["test", "--workspace", "--exclude", "xtask", "--no-fail-fast"]),
    ("what new-adapter writes", &["test", "--workspace", "--test", "xtask", "--", "--nocapture"]),
];

pub(crate) fn test(root: &Path) -> Result<(), String> {
    let mut told = Vec::new();
    let mut failed = false;
    let began = Instant::now();
    for (number, (what, arguments)) in TESTS.iter().enumerate() {
        say(&format!("step {} of {}: {what}", number + 1, TESTS.len()));
        let step = Instant::now();
        let outcome = cargo(root, arguments, &[]);
        let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
        told.push(format!("{verdict} in {:>4} s  {what}", step.elapsed().as_secs()));
        failed |= outcome.is_err();
        if number == 0 && failed {
            break;
        }
    }
    let summary = told.join("\n       ");
    let total = began.elapsed().as_secs();
    if failed {
        return Err(format!("{summary}\n       NOT all tests passed ({total} s)"));
    }
    say(&format!("{summary}\n       all tests passed ({total} s)"));
    Ok(())
}

/// The whole run is a release build's: figures of time mean nothing for any other.
pub(crate) fn chaos(root: &Path, quick: bool, words: &[String]) -> Result<(), String> {
    let mut arguments = vec!["test", "--package", "livegate-tests", "--test", "chaos"];
    arguments.extend(if quick { &["--"][..] } else { &["--release", "--", "--full"] });
    arguments.extend(words.iter().map(String::as_str));
    cargo(root, &arguments, &[])
}

/// The gateway is measured as its users build it: for release, and by itself.
pub(crate) fn bench(root: &Path, quick: bool, words: &[String]) -> Result<(), String> {
    cargo(root, &["build", "--release", "--package", "livegate"], &[])?;
    let mut arguments = vec!["bench", "--package", "livegate-benches", "--bench", "side_by_side", "--"];
    arguments.extend(quick.then_some("--quick"));
    arguments.extend(words.iter().map(String::as_str));
    cargo(root, &arguments, &[])
}

pub(crate) fn instructions(root: &Path, update: bool) -> Result<(), String> {
    let mut bench = vec!["bench", "--package", "livegate-instructions", "--"];
    bench.extend(update.then_some("--update"));
    cargo(root, &bench, &[])
}

pub(crate) fn openapi(root: &Path) -> Result<(), String> {
    let update = [("UPDATE_SNAPSHOTS", "1")];
    cargo(root, &["test", "--package", "livegate", "committed"], &update)?;
    cargo(root, &["test", "--package", "livegate-tenants"], &update)
}

/// Runs cargo in the repository, with its output going where ours goes.
pub(crate) fn cargo(root: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
    let line = format!("cargo {}", arguments.join(" "));
    say(&line);
    let status = command(root, arguments).envs(variables.iter().copied()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("failed: {line}")),
        Err(error) => Err(format!("cargo could not be started: {error}")),
    }
}

/// Runs cargo in the repository and takes what it prints to standard output.
pub(crate) fn cargo_output(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(root, arguments).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cargo could not be started: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("failed: cargo {}", arguments.join(" "))) }
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root);
    command
}
