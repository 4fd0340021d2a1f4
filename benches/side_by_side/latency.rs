//! The open-loop load: calls are sent when their time has come, whether or not earlier ones have been answered.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::spawn_blocking;

use crate::load::{PATH, body};
use crate::process::pause;
use crate::rounds::Rounds;
use crate::say;
use crate::subjects::Subject;
use crate::targets::Found;

/// Calls are spread over so many connections, each with a thread of its own that sleeps until its next call is due: a timer
/// of an asynchronous runtime would be late by up to a millisecond.
const CONNECTIONS: u32 = 64;

/// Latencies in nanoseconds, of all rounds together and each round's difference.
pub struct Latency {
    pub per_second: f64,
    pub through: Histogram<u64>,
    pub straight: Histogram<u64>,
    rounds: Vec<(Histogram<u64>, Histogram<u64>)>,
}

impl Latency {
    /// Sends the misses of this subject through the gateway and straight to the ERP by turns, at half its peak rate.
    ///
    /// # Errors
    /// A call was not answered with 200.
    pub async fn measure(miss: &Subject, erp: SocketAddr, peak: f64, rounds: Rounds) -> Result<Self, String> {
        let calls = miss.load.calls.iter().map(|(token, customer)| request(miss.to, token, customer));
        let calls: Arc<[Vec<u8>]> = calls.collect();
        let per_second = peak / 2.0;
        let mut all = Self { per_second, through: histogram(), straight: histogram(), rounds: Vec::new() };
        for round in 0..rounds.number {
            let sent = async |to| {
                let calls = Arc::clone(&calls);
                let sending = spawn_blocking(move || load(to, &calls, per_second, rounds.slice));
                sending.await.expect("a sender does not panic")
            };
            let (through, straight) = if round % 2 == 0 {
                let through = sent(miss.to).await?;
                (through, sent(erp).await?)
            } else {
                let straight = sent(erp).await?;
                (sent(miss.to).await?, straight)
            };
            all.through.add(&through).map_err(|error| error.to_string())?;
            all.straight.add(&straight).map_err(|error| error.to_string())?;
            all.rounds.push((through, straight));
            let at = |percentile| all.rounds.last().map(|round| added(round, percentile)).unwrap_or_default();
            let of = rounds.number;
            say(&format!(
                "latency, round {} of {of} at {per_second:.0}/s: added {:.0} µs (p50), {:.0} µs (p99)",
                round + 1,
                at(50.0),
                at(99.0)
            ));
        }
        Ok(all)
    }

    /// Microseconds that the gateway adds to this percentile.
    pub fn added(&self, percentile: f64) -> Found {
        Found::of(self.rounds.iter().map(|round| added(round, percentile)).collect())
    }
}

/// Microseconds at a percentile.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn at(histogram: &Histogram<u64>, percentile: f64) -> f64 {
    histogram.value_at_percentile(percentile) as f64 / 1000.0
}

fn added((through, straight): &(Histogram<u64>, Histogram<u64>), percentile: f64) -> f64 {
    at(through, percentile) - at(straight, percentile)
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("these bounds are in order")
}

fn request(to: SocketAddr, token: &str, customer: &str) -> Vec<u8> {
    let body = body(customer);
    let length = body.len();
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Cache-Control: no-cache\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A quarter of a second at the beginning is not counted: connections are being made.
fn load(to: SocketAddr, calls: &[Vec<u8>], per_second: f64, span: Duration) -> Result<Histogram<u64>, String> {
    const START: Duration = Duration::from_millis(250);
    let between = Duration::from_secs_f64(1.0 / per_second);
    let began = Instant::now() + Duration::from_millis(50);
    let one = |connection: u32| {
        let mut socket = Connection::open(to)?;
        let mut latencies = histogram();
        for turn in 0.. {
            let number = turn * CONNECTIONS + connection;
            let due = between * number;
            if due > START + span {
                break;
            }
            // Zero if it is late already: it is counted from when it was due.
            pause((began + due).saturating_duration_since(Instant::now()));
            socket.call(&calls[number as usize % calls.len()])?;
            if due >= START {
                let latency = u64::try_from((Instant::now() - (began + due)).as_nanos()).unwrap_or(u64::MAX);
                latencies.saturating_record(latency);
            }
        }
        Ok(latencies)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|connection| scope.spawn(move || one(connection))).collect();
        let mut all = histogram();
        for thread in threads {
            let latencies: Result<_, String> = thread.join().expect("a sender does not panic");
            all.add(latencies?).map_err(|error| error.to_string())?;
        }
        Ok(all)
    })
}

/// As little HTTP as the servers of the bench speak: a length and a body.
struct Connection {
    to: SocketAddr,
    socket: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    fn open(to: SocketAddr) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("no connection to {to}: {error}");
        let socket = TcpStream::connect(to).map_err(failed)?;
        socket.set_nodelay(true).map_err(failed)?;
        socket.set_read_timeout(Some(Duration::from_secs(20))).map_err(failed)?;
        Ok(Self { to, socket, read: vec![0; 1 << 16] })
    }

    fn call(&mut self, request: &[u8]) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{} does not answer: {error}", self.to);
        self.socket.write_all(request).map_err(failed)?;
        let mut length = 0;
        loop {
            let more = self.socket.read(&mut self.read[length..]).map_err(failed)?;
            length += more;
            let so_far = &self.read[..length];
            match whole(so_far) {
                Some(whole) if whole == length => break,
                _ if more == 0 || length == self.read.len() => {
                    return Err(format!("{} answers what the bench cannot read", self.to));
                }
                _ => {}
            }
        }
        if self.read.starts_with(b"HTTP/1.1 200 ") {
            return Ok(());
        }
        Err(format!("{} answered {}", self.to, String::from_utf8_lossy(&self.read[..length])))
    }
}

/// How long an answer is altogether, once its head has come.
fn whole(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(&read[..head]).ok()?.split("\r\n");
    let length =
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some(head + length?.1.trim().parse::<usize>().ok()?)
}
