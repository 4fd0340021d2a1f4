//! Valgrind executes a program one instruction after the other and counts them.

use std::process::{Command, Stdio};

use crate::say;

/// The argument by which this program, run under valgrind, is told to do a part.
pub const DO: &str = "--do";

/// Sees to it that there is a valgrind.
pub fn find_or_install() -> Result<(), String> {
    if answers("valgrind", &["--version"]) {
        return Ok(());
    }
    say("valgrind is not installed: trying the system's packages");
    let install = ["apt-get", "install", "--yes", "valgrind"];
    // Whoever may not install packages is refused at once, not asked for a password.
    let installed =
        answers(install[0], &install[1..]) || answers("sudo", &[&["--non-interactive"], &install[..]].concat());
    if installed && answers("valgrind", &["--version"]) {
        return Ok(());
    }
    Err("instructions are counted by valgrind, which is not here and could not be installed: install it, for example \
         with `apt-get install valgrind`, and try again"
        .into())
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
    let output = Command::new("valgrind")
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

fn answers(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
