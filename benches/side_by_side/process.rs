//! Processes that are started, looked at and ended.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that ends with this value.
pub struct Running {
    child: Child,
    /// A role ends when this is closed.
    _stdin: Option<ChildStdin>,
    guard: Option<Child>,
}

impl Running {
    /// Starts one whose errors go into `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = File::options().create(true).append(true).open(log);
        let file = file.map_err(|error| format!("{}: {error}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        let mut child = command.spawn().map_err(|error| format!("{name} could not be started: {error}"))?;
        let stdin = child.stdin.take();
        Ok(Self { child, _stdin: stdin, guard: None })
    }

    /// Sees to it that the process ends even if this program is killed, for one to which a closed standard input means
    /// nothing.
    pub fn guard(&mut self) -> Result<(), String> {
        // A line takes the guard off duty; without this program there is only the end of the input.
        let mut shell = Command::new("sh");
        shell.args(["-c", "read -r _ || kill -TERM \"$0\"", &self.id().to_string()]);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.guard = Some(shell.spawn().map_err(|error| format!("sh could not be started: {error}"))?);
        Ok(())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The addresses that it says it listens on, one for each of `beginnings`, as soon as it has said all.
    pub fn addresses<const N: usize>(&mut self, beginnings: [&str; N], log: &Path) -> Result<[SocketAddr; N], String> {
        let mut lines = BufReader::new(self.child.stdout.take().expect("it is taken once")).lines();
        let mut addresses = [SocketAddr::from(([0, 0, 0, 0], 0)); N];
        for (address, beginning) in addresses.iter_mut().zip(beginnings) {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            let told = line.strip_prefix(beginning).and_then(|rest| rest.trim_start_matches("http://").parse().ok());
            let failed = || format!("it said {line:?}. {}", fs::read_to_string(log).unwrap_or_default());
            *address = told.ok_or_else(failed)?;
        }
        Ok(addresses)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(guard) = &mut self.guard {
            let _ = guard.stdin.take().map(|mut stdin| stdin.write_all(b"\n"));
            let _ = guard.wait();
        }
        // It is told first, as nginx would leave its worker behind.
        let _ = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            pause(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Blocks: nothing else is to happen meanwhile.
#[expect(clippy::disallowed_methods, reason = "the bench waits, no worker of livegate")]
pub fn pause(span: Duration) {
    std::thread::sleep(span);
}

/// The CPU time that each thread of a process has had, in nanoseconds.
#[derive(Clone)]
pub struct Times(BTreeMap<u32, u64>);

impl Times {
    pub fn of(process: u32) -> Result<Self, String> {
        let directory = format!("/proc/{process}/task");
        let threads = fs::read_dir(&directory).map_err(|error| format!("{directory}: {error}"))?;
        let mut times: BTreeMap<u32, u64> = BTreeMap::new();
        for thread in threads.flatten() {
            let Ok(id) = thread.file_name().to_string_lossy().parse() else { continue };
            // A thread that has ended meanwhile has no time to tell.
            let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
            let time = text.split(' ').next().and_then(|time| time.parse().ok());
            times.insert(id, time.ok_or_else(|| format!("{directory}/{id}/schedstat says {text:?}"))?);
        }
        // Where a kernel does not count it, the files are absent or hold zeros; whoever has been started has had some.
        if times.values().all(|time| *time == 0) {
            return Err(format!("this system does not tell the CPU time of {directory}/*/schedstat"));
        }
        Ok(Self(times))
    }

    /// Nanoseconds of all threads since `earlier`.
    pub fn since(&self, earlier: &Self) -> u64 {
        self.0.iter().map(|(thread, time)| time - earlier.0.get(thread).copied().unwrap_or(0).min(*time)).sum()
    }
}

/// A line of `/proc/PID/status` that is given in kB, in bytes.
pub fn memory(process: u32, name: &str) -> Result<u64, String> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.map(|kibibytes| kibibytes * 1024).ok_or_else(|| format!("{path} does not say {name}"))
}

/// The children of a process.
pub fn children(of: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let parent = |id: &u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse::<u32>().ok()
    };
    ids.filter(|id| parent(id) == Some(of)).collect()
}
