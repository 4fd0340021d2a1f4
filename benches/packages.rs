//! Programs of others that the benches need, out of the system's packages.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::say;

/// Where a program is: administrators' directories are not on the path of everybody who may start what is in them.
pub fn place(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(beside).map(|directory| directory.join(program));
    places.find(|place| place.is_file()).unwrap_or_else(|| program.into())
}

/// Standard output and error of a command that can be started.
pub fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(place(program)).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&text).trim().to_owned())
}

/// Installs a program, or tells how, where that is for a person to decide.
pub fn install(program: &str) {
    let root = said("id", &["-u"]).is_some_and(|id| id == "0");
    let arguments = ["install", "--yes", "--no-install-recommends", program];
    let line = format!("apt-get {}", arguments.join(" "));
    if !root {
        say(&format!("{program} is missing: `sudo {line}`, or what your system has instead, installs it"));
        return;
    }
    say(&format!("{program} is missing: {line}"));
    let quiet = |arguments: &[&str]| Command::new("apt-get").args(arguments).stdout(Stdio::null()).status();
    // The list of packages is old, or absent, in most containers.
    let updated = quiet(&["update"]);
    let installed = updated.and_then(|_| quiet(&arguments));
    if !installed.is_ok_and(|status| status.success()) {
        say(&format!("`{line}` failed: {program} could not be installed"));
    }
}
