//! What is measured, and what each figure has to be.

use crate::subjects::Key;

/// One row of the table.
pub struct Target {
    pub name: &'static str,
    /// Blank for a ratio.
    pub unit: &'static str,
    pub must: f64,
    pub goal: f64,
    pub figure: Figure,
}

/// Where a figure comes from.
#[derive(Clone, Copy, PartialEq)]
pub enum Figure {
    /// CPU time per request of one subject ÷ that of another.
    Cpu(Key, Key),
    /// What livegate adds to this percentile.
    Latency(f64),
    /// What `parts` measures under this beginning of a name.
    Part(&'static str),
    Ready,
    Memory,
    IdleTenant,
    Binary,
    Peak,
}

/// All of them.
pub const TARGETS: [Target; 17] = [
    ratio("hit CPU ÷ nginx cache hit", 1.0, 0.75, Figure::Cpu(Key::Hit, Key::NginxCache)),
    ratio("hit CPU ÷ bare actix-web", 1.8, 1.4, Figure::Cpu(Key::Hit, Key::Actix)),
    ratio("miss CPU (15-invoice JSON → Live) ÷ nginx proxy_pass", 2.5, 1.8, Figure::Cpu(Key::Miss, Key::NginxPass)),
    ratio("miss CPU ÷ bare actix-web + reqwest pass-through", 1.6, 1.25, Figure::Cpu(Key::Miss, Key::Forward)),
    target("latency added to a miss at half the peak rate, p50", "µs", 250.0, 120.0, Figure::Latency(50.0)),
    target("latency added to a miss at half the peak rate, p99", "µs", 2000.0, 800.0, Figure::Latency(99.0)),
    ratio("DockMaster XML → Live, bytes per second ÷ raw event scan", 0.35, 0.6, Figure::Part("DockMaster XML")),
    ratio("JSON → Live ÷ typed parse", 0.4, 0.65, Figure::Part("JSON → Live")),
    ratio("hit CPU with 10,000 tenants ÷ with 1", 1.11, 1.03, Figure::Cpu(Key::ManyTenants, Key::OneTenant)),
    ratio("hit CPU with 2 workers ÷ with 1", 1.25, 1.1, Figure::Cpu(Key::HitByTwo, Key::Hit)),
    ratio("miss CPU with 2 workers ÷ with 1", 1.25, 1.1, Figure::Cpu(Key::MissByTwo, Key::Miss)),
    target("ready with 1,000 tenants, none connected", "ms", 500.0, 150.0, Figure::Ready),
    target("memory then", "MB", 60.0, 25.0, Figure::Memory),
    target("memory per idle tenant", "KB", 32.0, 16.0, Figure::IdleTenant),
    target("binary", "MB", 40.0, 20.0, Figure::Binary),
    ratio("peak memory for one 15 MB ERP answer ÷ its size", 4.0, 2.5, Figure::Peak),
    target("a page out of a cached listing of 10,000", "µs", 1000.0, 100.0, Figure::Part("a page out of")),
];

const fn ratio(name: &'static str, must: f64, goal: f64, figure: Figure) -> Target {
    target(name, "", must, goal, figure)
}

const fn target(name: &'static str, unit: &'static str, must: f64, goal: f64, figure: Figure) -> Target {
    Target { name, unit, must, goal, figure }
}

impl Target {
    /// Whether somebody who gives these words asks for it; no word asks for all.
    pub fn is_asked_for(&self, words: &[String]) -> bool {
        let name = self.name.to_lowercase();
        words.is_empty() || words.iter().any(|word| name.contains(&word.to_lowercase()))
    }

    /// What is to be said of a figure.
    pub fn verdict(&self, figure: f64) -> &'static str {
        // Speeds have to be large, everything else small.
        let reaches = |bound: f64| if self.goal > self.must { figure >= bound } else { figure <= bound };
        match () {
            () if reaches(self.goal) => "goal",
            () if reaches(self.must) => "must",
            () => "MISSED",
        }
    }
}

/// One figure out of several rounds.
#[derive(Clone, Debug)]
pub struct Found {
    pub median: f64,
    /// How far apart the middle half of the rounds lies, as a part of the median; `None` for what has no rounds.
    pub spread: Option<f64>,
}

impl Found {
    /// The middle one of the rounds, of which there is at least one.
    pub fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |quarter: usize| rounds[(rounds.len() - 1) * quarter / 4];
        Self { median: at(2), spread: Some((at(3) - at(1)) / at(2).abs().max(f64::MIN_POSITIVE)) }
    }

    /// More than this says more of the machine than of livegate.
    pub fn is_noisy(&self) -> bool {
        self.spread.is_some_and(|spread| spread > 0.3)
    }
}
