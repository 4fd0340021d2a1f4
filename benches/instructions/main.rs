//! How many instructions each part takes: a figure that does not depend on what else a machine does, so that a change
//! which makes a part slower is seen where it is made. `cargo xtask bench --instructions` compares it with the committed one.

#[expect(dead_code, reason = "times are taken by other targets")]
#[path = "../parts/mod.rs"]
mod parts;

mod committed;
#[path = "../packages.rs"]
mod packages;
mod valgrind;

use std::process::ExitCode;

use committed::{Committed, Toolchain};
use parts::work::PARTS;

/// How far a part may be from what it took, in percent. What takes less than that is committed too: else a later loss
/// would pass until all of the gain is gone.
const TOLERANCE: f64 = 5.0;

const UPDATE: &str = "`cargo xtask bench --instructions --update`";

/// The allocator that livegate is shipped with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Cargo adds an argument of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [valgrind::DO, name, times] => perform(name, times),
        [] => compare(std::env::var_os("UPDATE_SNAPSHOTS").is_some()),
        ["--update"] => compare(true),
        _ => Err("the only argument is --update, which writes the committed figures anew".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Does one part so many times; this is what is run under valgrind.
fn perform(name: &str, times: &str) -> Result<(), String> {
    let part = PARTS.iter().find(|part| part.name == name).ok_or_else(|| format!("{name} is no part"))?;
    let times: u32 = times.parse().map_err(|_| format!("{times} is no number"))?;
    let mut work = (part.ready)();
    (0..times).for_each(|_| work());
    Ok(())
}

fn compare(update: bool) -> Result<(), String> {
    // What a machine cannot count or compare is no fault of the change that it looks at.
    let left_out = |why: String| {
        if update {
            return Err(why);
        }
        say(&format!("SKIPPED: {why}"));
        Ok(())
    };
    if !valgrind::find_or_install() {
        return left_out("no valgrind, which counts the instructions: install it and try again".into());
    }
    let (toolchain, committed) = (Toolchain::ours()?, Committed::read()?);
    let comparable = committed.toolchain == toolchain;
    say(&format!("instructions of each part, {toolchain}"));
    say(&format!("{:<22}{:>14}{:>14}{:>10}", "part", "committed", "now", "change"));
    let (mut ours, mut worse, mut better) = (Committed::of(toolchain), Vec::new(), Vec::new());
    for part in PARTS {
        let now = valgrind::instructions(part.name, part.times)?;
        ours.figures.insert(part.name.to_owned(), now);
        let before = committed.figures.get(part.name).copied().filter(|_| comparable);
        let told = before.map_or_else(|| "–".to_owned(), grouped);
        let change = before.map(|before| (now as f64 / before as f64 - 1.0) * 100.0);
        let verdict = match change {
            Some(change) if change > TOLERANCE => "  WORSE",
            Some(change) if change < -TOLERANCE => "  BETTER",
            _ => "",
        };
        let shown = change.map_or_else(String::new, |change| format!("{change:+.1} %"));
        say(&format!("{:<22}{told:>14}{:>14}{shown:>10}{verdict}", part.name, grouped(now)));
        match change {
            Some(change) if change > TOLERANCE => worse.push(part.name),
            Some(change) if change < -TOLERANCE => better.push(part.name),
            None if comparable => worse.push(part.name),
            _ => {}
        }
    }
    if update {
        ours.write()?;
        say(&format!("wrote {}", committed::PATH));
        return Ok(());
    }
    if !comparable {
        return left_out(format!(
            "nothing was compared, as the committed figures are of {}, and these of {}: take the toolchain that is committed, or \
             {UPDATE} writes them anew",
            committed.toolchain, ours.toolchain
        ));
    }
    let told = |parts: &[&str], what| match parts {
        [] => String::new(),
        parts => format!("{what}: {}. ", parts.join(", ")),
    };
    let remedy = format!("{UPDATE} writes the figures anew, and its commit says why they changed");
    let gained =
        told(&better, format!("more than {TOLERANCE} % better, which hides the next loss until it is committed"));
    if worse.is_empty() {
        if !better.is_empty() {
            say(&format!("{gained}{remedy}"));
        }
        return Ok(());
    }
    let lost = told(&worse, format!("more than {TOLERANCE} % worse than committed, or without a committed figure"));
    Err(format!("{lost}{gained}{remedy}"))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma = |(place, digit): (usize, char)| {
        let ends_a_group = place > 0 && (digits.len() - place).is_multiple_of(3);
        ends_a_group.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}

#[expect(clippy::print_stdout, reason = "this is a command for a person at a terminal")]
fn say(text: &str) {
    println!("{text}");
}
