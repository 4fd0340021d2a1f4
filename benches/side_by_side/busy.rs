//! How much of the machine somebody else uses.

use std::fs;

/// What its processors have done since it was started, in clock ticks.
pub struct Busy {
    all: u64,
    busy: u64,
    /// By this process and those that it has started and seen the end of.
    own: u64,
}

impl Busy {
    pub fn now() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        // Behind its name, eight kinds of time add up to all; the fourth and fifth are idle and waiting for a disk.
        let (all, idle) = (sum(line, 1, 8), sum(line, 4, 2));
        // Behind the name of the process, which may hold spaces, and ten words more is its time in its own and in the kernel's
        // code, and the same of its children.
        let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let own = sum(text.rsplit(')').next().unwrap_or_default(), 11, 4);
        Self { all, busy: all - idle, own }
    }

    /// How much of all processors together others took since `earlier`: other processes, the kernel for itself, and other
    /// machines on the same host. It is too much while processes of the bench run, as these are not its own before they end.
    pub fn others_percent_since(&self, earlier: &Self) -> u64 {
        let since = |value: fn(&Self) -> u64| value(self).saturating_sub(value(earlier));
        100 * since(|times| times.busy).saturating_sub(since(|times| times.own)) / since(|times| times.all).max(1)
    }
}

/// Of so many words behind the first ones.
fn sum(line: &str, first: usize, number: usize) -> u64 {
    line.split_whitespace().skip(first).take(number).filter_map(|word| word.parse::<u64>().ok()).sum()
}
