use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::{fmt, fs};

use serde::{Deserialize, Serialize};

/// Where the figures are, seen from the repository.
pub const PATH: &str = "docs/performance/instructions.json";

/// The figures and what they were taken with.
#[derive(Default, Deserialize, Serialize)]
pub struct Committed {
    pub toolchain: Toolchain,
    /// Instructions by part.
    pub figures: BTreeMap<String, u64>,
}

/// What decides which instructions a compiler and a library choose. Only figures of equal ones can be compared.
#[derive(Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Toolchain {
    pub rustc: String,
    pub target: String,
    /// The system's library, which moves and compares bytes.
    pub libc: String,
    /// Whether searches may take 32 bytes at once.
    pub wide_vectors: bool,
}

impl Committed {
    pub fn of(toolchain: Toolchain) -> Self {
        Self { toolchain, figures: BTreeMap::new() }
    }

    /// Nothing of no toolchain where there is no such file yet.
    pub fn read() -> Result<Self, String> {
        match fs::read(path()) {
            Ok(text) => {
                serde_json::from_slice(&text).map_err(|error| format!("{PATH} is not as it is written: {error}"))
            }
            Err(_) => Ok(Self::default()),
        }
    }

    pub fn write(&self) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let _ = fs::create_dir_all(path().parent().unwrap_or(&path()));
        fs::write(path(), text + "\n").map_err(|error| format!("{PATH} cannot be written: {error}"))
    }
}

impl Toolchain {
    pub fn ours() -> Result<Self, String> {
        let rustc = Command::new("rustc").args(["--version", "--verbose"]).output();
        let told = rustc.map_err(|error| format!("rustc cannot be asked for its version: {error}"))?.stdout;
        let told = String::from_utf8_lossy(&told);
        let line = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        let libc = Command::new("ldd").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
        let libc = String::from_utf8_lossy(&libc).lines().next().unwrap_or_default().to_owned();
        Ok(Self { rustc: line("release: "), target: line("host: "), libc, wide_vectors: has_wide_vectors() })
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rustc, target, libc, wide_vectors } = self;
        if rustc.is_empty() {
            return f.write_str("no toolchain");
        }
        write!(f, "rustc {rustc} for {target}, {libc}, {} wide vectors", if *wide_vectors { "with" } else { "without" })
    }
}

#[cfg(target_arch = "x86_64")]
fn has_wide_vectors() -> bool {
    std::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_wide_vectors() -> bool {
    false
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(PATH)
}
