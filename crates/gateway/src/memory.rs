use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often the memory is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(250);

/// From this part of the memory on, in percent, only a few calls at once are let in …
const REFUSE: u64 = 85;

/// … until no more than this is in use.
const ADMIT: u64 = 75;

/// How many calls are under way at once while memory is short. With none at all nothing would show that there is room
/// again where freed memory stays with the process.
const FEW: usize = 4;

/// The most that kept answers may take with what is rendered of them, and the part of the memory that they may take at the most.
const MOST_KEPT: u64 = 256 << 20;
const KEPT_PART: u64 = 4;

/// Whether there is memory for one more call. Kept answers are bounded, but those under way are not: many ERPs that send
/// much at once could otherwise end the process, and with it everyone's calls.
#[derive(Default)]
pub(crate) struct Memory {
    is_short: AtomicBool,
    under_way: AtomicUsize,
}

/// One call, for as long as it is held.
pub(crate) struct UnderWay<'a>(&'a Memory);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Memory {
    /// Lets in one more call; while memory is short only a few at once.
    pub(crate) fn admit(&self) -> Option<UnderWay<'_>> {
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        let call = UnderWay(self);
        (!self.is_short() || before < FEW).then_some(call)
    }

    pub(crate) fn is_short(&self) -> bool {
        self.is_short.load(Ordering::Relaxed)
    }

    /// Looks how much of `limit` bytes is in use (0: of what the system gives the process), and tells whether this is the
    /// moment at which it became too much.
    pub(crate) fn look(&self, limit: u64) -> bool {
        let (Some(used), Some(limit)) = (used(), limit_or_all(limit)) else { return false };
        self.judge(used, limit)
    }

    fn judge(&self, used: u64, limit: u64) -> bool {
        let was_short = self.is_short();
        let most = if was_short { ADMIT } else { REFUSE };
        let is_short = used / 100 * 100 >= limit / 100 * most;
        self.is_short.store(is_short, Ordering::Relaxed);
        is_short && !was_short
    }
}

/// How many bytes kept answers and what is rendered of them may take where the process may hold `limit` (0: what the
/// system gives it). What is rendered is as large as its answer, but only answers that are asked for again have it.
pub(crate) fn for_what_is_kept(limit: u64) -> [usize; 2] {
    let bytes = limit_or_all(limit).map_or(MOST_KEPT, |limit| MOST_KEPT.min(limit / KEPT_PART));
    [bytes / 4 * 3, bytes / 4].map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn limit_or_all(limit: u64) -> Option<u64> {
    if limit == 0 { available() } else { Some(limit) }
}

/// What the process holds of the memory; `None` where the system does not tell it in this way.
fn used() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    kibibytes(&status, "VmRSS:")
}

/// What the process may hold: the limit of its control group, else all that the machine has.
fn available() -> Option<u64> {
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = group.iter().find_map(|path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kibibytes(&text, "MemTotal:"));
    match (limit, machine) {
        (Some(limit), Some(machine)) => Some(limit.min(machine)),
        (limit, machine) => limit.or(machine),
    }
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_refused_from_one_mark_on_and_admitted_below_another() {
        let memory = Memory::default();
        let judged: Vec<_> = [840, 850, 990, 760, 749, 840, 900]
            .map(|used| (memory.judge(used * 1_000, 1_000_000), memory.is_short()))
            .to_vec();
        assert_eq!(
            judged,
            [(false, false), (true, true), (false, true), (false, true), (false, false), (false, false), (true, true)]
        );
    }

    #[test]
    fn while_memory_is_short_a_few_calls_at_once_are_let_in() {
        let memory = Memory::default();
        let many: Vec<_> = (0..100).map(|_| memory.admit()).collect();
        assert!(many.iter().all(Option::is_some));
        memory.judge(990_000, 1_000_000);
        assert!(memory.admit().is_none());
        drop(many);
        let few: Vec<_> = (0..FEW).map(|_| memory.admit().expect("there is room for a few")).collect();
        assert!(memory.admit().is_none());
        drop(few);
        assert!(memory.admit().is_some(), "who was refused takes no room");
    }

    #[test]
    fn kept_answers_take_a_quarter_of_a_small_memory_and_no_more_than_their_most() {
        assert_eq!(for_what_is_kept(400_000_000), [75_000_000, 25_000_000]);
        assert_eq!(for_what_is_kept(u64::MAX), [192 << 20, 64 << 20]);
    }

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(kibibytes("Name:\tx\nVmRSS:\t   12 kB\nVmData: 9 kB\n", "VmRSS:"), Some(12 * 1024));
        assert_eq!(kibibytes("VmRSS: many\n", "VmRSS:"), None);
        if cfg!(target_os = "linux") {
            let (used, available) = (used().unwrap(), available().unwrap());
            assert!(used > 1 << 20 && used < available, "{used} of {available}");
        }
    }
}
