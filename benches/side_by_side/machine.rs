//! What the figures were measured on and with, and how to get what is missing.

use std::fs;
use std::time::Duration;

use serde::Serialize;

use crate::busy::Busy;
use crate::packages::{install, said};
use crate::process::pause;

/// Goes with every figure.
#[derive(Serialize)]
pub struct Machine {
    pub date: String,
    pub processor: String,
    pub cores: usize,
    pub memory_gb: u64,
    pub kernel: String,
    pub load_average: String,
    /// How much of its processors was in use in the second before the bench began. The load average cannot tell: it
    /// remembers that the bench has just been built.
    pub busy_percent: u64,
    /// How much of them others than the bench and its servers used while it measured.
    pub others_percent: u64,
    pub livegate: String,
    pub rustc: String,
    pub nginx: Option<String>,
    pub wrk: Option<String>,
}

impl Machine {
    /// Looks at it, and installs nginx and wrk if they are missing and can be had.
    pub fn look(wants_nginx: bool, wants_wrk: bool) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let line = |path: &str, name: &str| {
            let text = read(path);
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
            line.map(|(_, value)| value.trim().to_owned())
        };
        let kibibytes = line("/proc/meminfo", "MemTotal").and_then(|total| total.split(' ').next()?.parse().ok());
        let commit = said("git", &["rev-parse", "--short", "HEAD"]).map(|commit| {
            let changed = said("git", &["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
            format!(" ({commit}{})", if changed { ", with changes" } else { "" })
        });
        Self {
            date: jiff::Zoned::now().date().to_string(),
            processor: line("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: (kibibytes.unwrap_or(0_u64) + (1 << 19)) >> 20,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_average: read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
            busy_percent: busy_percent(),
            others_percent: 0,
            livegate: format!("{}{}", env!("CARGO_PKG_VERSION"), commit.unwrap_or_default()),
            rustc: said("rustc", &["--version"]).unwrap_or_default().trim_start_matches("rustc ").to_owned(),
            nginx: wants_nginx.then(|| found("nginx", "nginx version: nginx/")).flatten(),
            wrk: wants_wrk.then(|| found("wrk", "wrk ")).flatten(),
        }
    }

    /// How much of it something else uses, or used meanwhile, if that is too much.
    pub fn too_busy(&self) -> Option<u64> {
        Some(self.busy_percent.max(self.others_percent)).filter(|percent| *percent > 10)
    }

    /// One line for a caption.
    pub fn line(&self) -> String {
        let Self { date, processor, cores, kernel, .. } = self;
        format!("{date}, {processor}, {cores} cores, Linux {kernel}")
    }
}

/// The bench itself does nothing in that second.
fn busy_percent() -> u64 {
    let before = Busy::now();
    pause(Duration::from_secs(1));
    Busy::now().others_percent_since(&before)
}

/// What it says to `-v`, behind `before`; it is installed if it says nothing.
fn found(program: &str, before: &str) -> Option<String> {
    let version = || {
        let text = said(program, &["-v"])?;
        let line = text.lines().next()?.strip_prefix(before)?;
        Some(line.split(" [").next().unwrap_or(line).to_owned())
    };
    version().or_else(|| {
        install(program);
        version()
    })
}
