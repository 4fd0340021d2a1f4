//! The table, for a terminal, for documents and for programs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::latency::{Latency, at};
use crate::machine::Machine;
use crate::plots::{self, Bar};
use crate::subjects::{Key, Slices};
use crate::targets::{Figure, Found, Target};

/// One row: the figure, or why there is none.
pub struct Row {
    pub target: &'static Target,
    pub found: Result<Found, String>,
}

/// Everything that one run has found.
pub struct Report {
    pub command: String,
    pub machine: Machine,
    pub rows: Vec<Row>,
    pub slices: Slices,
    pub latency: Option<Latency>,
    /// Milliseconds of CPU time per second with 10,000 tenants and with one, while nobody calls.
    pub at_rest: Option<[f64; 2]>,
}

impl Report {
    /// The table against the targets.
    pub fn table(&self) -> String {
        let mut text = "| figure | measured | spread | must | goal | |\n|---|--:|--:|--:|--:|---|\n".to_owned();
        for Row { target, found } in &self.rows {
            let unit = if target.unit.is_empty() { String::new() } else { format!(" {}", target.unit) };
            let shown = |value: f64| format!("{}{unit}", rounded(value));
            let (measured, spread, verdict) = match found {
                Ok(found) => (shown(found.median), spread(found), target.verdict(found.median).to_owned()),
                // What a program said may have lines, which a row has not.
                Err(reason) => {
                    let words: Vec<&str> = reason.split_whitespace().collect();
                    ("–".to_owned(), String::new(), format!("cannot be measured: {}", words.join(" ")))
                }
            };
            let (name, must, goal) = (target.name, bound(target, target.must), bound(target, target.goal));
            writeln!(text, "| {name} | {measured} | {spread} | {must} | {goal} | {verdict} |").expect(TAKEN);
        }
        text
    }

    /// What the ratios were made of.
    pub fn raw(&self) -> String {
        let mut text = String::new();
        if !self.slices.is_empty() {
            text.push_str("| server | CPU per request | spread | requests per second | p50 | p99 |\n");
            text.push_str("|---|--:|--:|--:|--:|--:|\n");
        }
        for key in self.slices.keys() {
            let of = |value: fn(&crate::subjects::Slice) -> f64| self.of(*key, value);
            let (cpu, rate) = (of(|slice| slice.cpu), of(|slice| slice.per_second));
            let (p50, p99) = (of(|slice| slice.p50), of(|slice| slice.p99));
            writeln!(
                text,
                "| {} | {:.1} µs | {} | {} | {:.1} ms | {:.1} ms |",
                key.name(),
                cpu.median,
                spread(&cpu),
                thousands(rate.median.round()),
                p50.median / 1e3,
                p99.median / 1e3
            )
            .expect(TAKEN);
        }
        if let Some(latency) = &self.latency {
            let shown = |histogram: &Histogram<u64>| {
                let parts: Vec<String> =
                    PERCENTILES.map(|p| format!("p{p} {} µs", thousands(at(histogram, p).round()))).to_vec();
                parts.join(", ")
            };
            writeln!(
                text,
                "\nA miss on schedule, {} per second: through livegate {}; straight to the ERP {}.",
                thousands(latency.per_second.round()),
                shown(&latency.through),
                shown(&latency.straight)
            )
            .expect(TAKEN);
        }
        if let Some([many, one]) = self.at_rest {
            let sentence = "CPU time per second while nobody calls";
            writeln!(text, "\n{sentence}: {many:.1} ms with 10,000 tenants, {one:.1} ms with one.").expect(TAKEN);
        }
        text
    }

    fn of(&self, key: Key, value: fn(&crate::subjects::Slice) -> f64) -> Found {
        Found::of(self.slices[&key].iter().map(value).collect())
    }

    /// When, where and how, in lines for people.
    pub fn caption(&self) -> Vec<String> {
        let Machine { livegate, rustc, nginx, wrk, .. } = &self.machine;
        let rustc = rustc.split(' ').next().unwrap_or_default();
        let mut versions = format!("livegate {livegate}, rustc {rustc}");
        for (name, version) in [("nginx", nginx), ("wrk", wrk)] {
            if let Some(version) = version {
                write!(versions, ", {name} {version}").expect(TAKEN);
            }
        }
        let busy = self.machine.too_busy().map(|percent| format!(", {percent} % busy with something else"));
        let busy = busy.unwrap_or_default();
        vec![format!("{}: {}{busy}", self.command, self.machine.line()), versions]
    }

    /// Writes figures and plots into a directory.
    pub fn write(&self, directory: &Path) -> Result<(), String> {
        fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        write(&directory.join("figures.json"), &format!("{:#}\n", self.json()))?;
        let groups = [
            ("A hit: the same 8 KB", [Key::NginxCache, Key::Actix, Key::Hit].as_slice()),
            ("A miss: one call of the ERP, 15 invoices", &[Key::NginxPass, Key::Forward, Key::Miss]),
        ];
        let groups: Vec<(&str, Vec<Bar>)> = groups
            .into_iter()
            .map(|(name, keys)| {
                let measured = keys.iter().filter(|key| self.slices.contains_key(key));
                let bar = |key: &Key| Bar {
                    name: key.name(),
                    value: self.of(*key, |slice| slice.cpu).median,
                    ours: matches!(key, Key::Hit | Key::Miss),
                };
                (name, measured.map(bar).collect::<Vec<_>>())
            })
            .filter(|(_, bars)| !bars.is_empty())
            .collect();
        let caption = self.caption();
        if !groups.is_empty() {
            let title = "CPU time of the server for one request (less is better)";
            plots::bars(&directory.join("cpu.svg"), title, &groups, &caption)?;
        }
        match &self.latency {
            Some(latency) => plots::latency(&directory.join("latency.svg"), latency, &caption),
            None => Ok(()),
        }
    }

    /// Puts the tables into the documents that show them.
    pub fn write_documents(&self, root: &Path) -> Result<(), String> {
        let caption = self.caption().join("; ");
        let tables = format!("{caption}.\n\n{}\n{}", self.table(), self.raw());
        between_marks(&root.join("docs/performance.md"), "figures", &tables)?;
        between_marks(&root.join("README.md"), "how fast", &self.short(&caption))
    }

    /// What the README says. A whole run has all of its figures.
    fn short(&self, caption: &str) -> String {
        let times = |of, by| {
            let row = self.rows.iter().find(|row| row.target.figure == Figure::Cpu(of, by));
            row.and_then(|row| row.found.as_ref().ok()).map_or_else(|| "–".to_owned(), |found| rounded(found.median))
        };
        format!(
            "![CPU time per request](docs/performance/cpu.svg)\n\nA hit takes {} times the CPU of a hit in nginx's cache, and \
             {} times that of bare actix-web with fixed bytes. A miss, which reads 15 invoices out of the ERP's JSON and \
             writes them anew, takes {} times the CPU of nginx and {} times that of actix-web and reqwest passing the \
             ERP's bytes through.\n\nMeasured by {caption}.\n",
            times(Key::Hit, Key::NginxCache),
            times(Key::Hit, Key::Actix),
            times(Key::Miss, Key::NginxPass),
            times(Key::Miss, Key::Forward),
        )
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|Row { target, found }| {
                let mut row = json!({
                    "figure": target.name, "unit": target.unit, "must": target.must, "goal": target.goal,
                });
                match found {
                    Ok(found) => {
                        row["median"] = json!(found.median);
                        row["spread"] = json!(found.spread);
                        row["noisy"] = json!(found.is_noisy());
                        row["verdict"] = json!(target.verdict(found.median));
                    }
                    Err(reason) => row["not_measured"] = json!(reason),
                }
                row
            })
            .collect();
        let servers: Vec<Value> = self
            .slices
            .iter()
            .map(|(key, slices)| {
                let rounds: Vec<Value> = slices
                    .iter()
                    .map(|slice| {
                        json!({
                            "cpu_us_per_request": slice.cpu, "requests_per_second": slice.per_second,
                            "p50_us": slice.p50, "p99_us": slice.p99,
                        })
                    })
                    .collect();
                json!({ "server": key.name(), "cpu_us_per_request": self.of(*key, |slice| slice.cpu).median, "rounds": rounds })
            })
            .collect();
        let latency = self.latency.as_ref().map(|latency| {
            let percentiles = |histogram: &Histogram<u64>| {
                let all = PERCENTILES.map(|p| (format!("p{p}"), json!(at(histogram, p))));
                Value::Object(all.into_iter().collect())
            };
            json!({
                "calls_per_second": latency.per_second,
                "through_livegate_us": percentiles(&latency.through),
                "straight_to_the_erp_us": percentiles(&latency.straight),
            })
        });
        json!({
            "command": self.command, "machine": self.machine, "rows": rows, "servers": servers, "latency": latency,
            "at_rest_cpu_ms_per_second": self.at_rest.map(|[many, one]| json!({ "tenants_10000": many, "tenants_1": one })),
        })
    }
}

const TAKEN: &str = "a String takes everything";

const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 100.0];

/// A number with a comma before every third of its digits.
pub fn thousands(value: f64) -> String {
    let text = format!("{value}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

/// As many digits as a figure of this size deserves.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => thousands(value.round()),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn spread(found: &Found) -> String {
    let Some(spread) = found.spread else { return String::new() };
    format!("{:.0} %{}", spread * 100.0, if found.is_noisy() { " noisy" } else { "" })
}

fn bound(target: &Target, value: f64) -> String {
    let sign = if target.goal > target.must { "≥" } else { "≤" };
    let unit = if target.unit.is_empty() { String::new() } else { format!(" {}", target.unit) };
    format!("{sign} {}{unit}", thousands(value))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Replaces what stands between the marks of this name; a document without them stays as it is.
fn between_marks(path: &PathBuf, name: &str, text: &str) -> Result<(), String> {
    let document = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let Some((before, rest)) = document.split_once(&begin) else { return Ok(()) };
    let Some((_, after)) = rest.split_once(&end) else { return Ok(()) };
    write(path, &format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}
