//! The promises of docs/reliability.md, each caused and measured on real sockets with the real binary.
//!
//! Without arguments it is the quick run, which is part of the tests: promises that count must hold, figures of time are
//! printed and told as missed where they are. `--full` builds for release, uses the numbers of the promises, and ends with a
//! soak of 15 minutes. A word tries only those whose name holds it, such as `breaker`.

#![expect(clippy::print_stdout, reason = "the table is what this command is for")]

mod process;
mod promises;
mod restarts;
mod upstream;

use std::process::ExitCode;
use std::time::Instant;

/// How much of each promise is tried.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) full: bool,
}

impl Scale {
    pub(crate) fn of<T>(self, quick: T, full: T) -> T {
        if self.full { full } else { quick }
    }
}

/// One promise and what was measured.
pub(crate) struct Row {
    pub(crate) promise: &'static str,
    pub(crate) bound: String,
    pub(crate) figure: String,
    pub(crate) kept: bool,
    /// It depends on how busy the machine is, so that a quick run only tells it.
    pub(crate) timed: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let scale = Scale { full: arguments.iter().any(|argument| argument == "--full") };
    // Thousands of senders need as many files here as in the gateway.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let words: Vec<String> = arguments.into_iter().filter(|argument| !argument.starts_with("--")).collect();
    let rows = runtime.block_on(all(scale, &words));
    if rows.is_empty() {
        // As one of many test binaries it is also given words that are meant for others.
        println!("nothing has a name that holds {}", words.join(" or "));
        return if scale.full { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let broken = rows.iter().filter(|row| !row.kept && (!row.timed || scale.full)).count();
    println!("\n| promise | bound | measured | |\n|---|---|---|---|");
    for row in &rows {
        println!("| {} | {} | {} | {} |", row.promise, row.bound, row.figure, if row.kept { "kept" } else { "MISSED" });
    }
    println!("\n{} of {} promises kept", rows.iter().filter(|row| row.kept).count(), rows.len());
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn all(scale: Scale, words: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    macro_rules! tried {
        ($what:literal, $promise:expr) => {
            if words.is_empty() || words.iter().any(|word| $what.contains(word.as_str())) {
                let began = Instant::now();
                rows.extend($promise.await);
                println!("{}: {:.1} s", $what, began.elapsed().as_secs_f32());
            }
        };
    }
    tried!("load on a dead ERP", promises::load_on_a_dead_erp(scale));
    tried!("breaker", promises::breaker(scale));
    tried!("stale answers", promises::stale_answers(scale));
    tried!("single flight and limit", promises::single_flight_and_limit(scale));
    tried!("neighbours", promises::neighbours(scale));
    tried!("reloads and restarts", restarts::reloads_and_restarts(scale));
    tried!("slow senders", restarts::slow_senders(scale));
    if scale.full {
        tried!("soak", restarts::soak());
    }
    rows
}
