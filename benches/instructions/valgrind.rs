//! Valgrind executes a program one instruction after the other and counts them.

use std::process::Command;

use crate::packages::{install, place, said};

/// The argument by which this program, run under valgrind, is told to do a part.
pub const DO: &str = "--do";

/// Sees to it that there is a valgrind, if there can be one.
pub fn find_or_install() -> bool {
    let is_there = || said("valgrind", &["--version"]).is_some_and(|text| text.starts_with("valgrind-"));
    if !is_there() {
        install("valgrind");
    }
    is_there()
}

/// How many instructions a part takes each time: what is done only once falls out of the difference between two runs.
pub fn instructions(part: &str, times: u32) -> Result<u64, String> {
    let (once, twice) = std::thread::scope(|scope| {
        let twice = scope.spawn(|| count(part, 2 * times));
        (count(part, times), twice.join().expect("it does not panic"))
    });
    Ok(twice?.saturating_sub(once?) / u64::from(times))
}

fn count(part: &str, times: u32) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program has no name: {error}"))?;
    let output = Command::new(place("valgrind"))
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([DO, part, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected =
        told.lines().find_map(|line| line.split_once("Collected : ")).and_then(|(_, count)| count.trim().parse().ok());
    collected.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind failed on {part}:\n{told}"))
}
