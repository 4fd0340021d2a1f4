use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use livegate_tenants::{Config, LogFormat};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered under load, so that one call of the system writes many.
const GATHER: Duration = Duration::from_millis(10);

/// How many bytes may wait to be written. Past that whoever logs waits, so that no line gets lost.
const MOST_WAITING: usize = 1 << 20;

/// Logs to standard error. Libraries are heard from `warn` on whatever the level: what they write at `trace` may hold
/// whole requests, and with them tokens. What is dropped last writes what still waits.
#[must_use = "lines that wait are written when this is dropped"]
pub(crate) fn begin(config: &Config) -> LastLines {
    keep_panics_quiet();
    let filter = EnvFilter::new(format!("warn,{}", own_crates(&config.log_level)));
    let lines = Lines::begin();
    let last = LastLines(lines.clone());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines);
    match config.log_format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    last
}

/// Tells where a panic happened but not what it says: its text may hold whatever was being handled.
fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = std::backtrace::Backtrace::force_capture();
        tracing::error!(place, %backtrace, "a panic: this is a bug of livegate");
    }));
}

fn own_crates(level: &str) -> String {
    // A filter by prefix reaches livegate and every livegate_… crate.
    format!("livegate={level}")
}

/// Writes what still waits when the process ends.
pub(crate) struct LastLines(Lines);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.write();
    }
}

/// Lines on their way to standard error. A call that is answered from the cache costs little more than the call of the
/// system that would write its line, so a thread of their own writes many at once. Warnings and errors do not wait for it.
#[derive(Clone)]
struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Vec<u8>>,
    came: Condvar,
    /// Held while lines are taken and written, so that they come out in their order.
    out: Mutex<()>,
}

impl Lines {
    fn begin() -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        let begun = thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                let waiting = writer.waiting();
                drop(writer.0.came.wait_while(waiting, |waiting| waiting.is_empty()));
                writer.write();
                gather();
            }
        });
        begun.expect("a process that is starting can begin a thread");
        lines
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) {
        let _out = self.0.out.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = std::mem::take(&mut *self.waiting());
        let mut rest = &lines[..];
        while !rest.is_empty() {
            match io::stderr().write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => gather(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Where nobody reads standard error there is nobody to tell.
                Err(_) => return,
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the thread is there for the log alone")]
fn gather() {
    thread::sleep(GATHER);
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, is_urgent: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, is_urgent: *about.level() <= Level::WARN }
    }
}

/// One line; it comes in one piece.
struct Line<'a> {
    lines: &'a Lines,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.waiting();
        let (was_empty, is_much) = (waiting.is_empty(), waiting.len() > MOST_WAITING);
        waiting.extend_from_slice(line);
        drop(waiting);
        if self.is_urgent || is_much {
            self.lines.write();
        } else if was_empty {
            self.lines.0.came.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
