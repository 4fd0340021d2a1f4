//! What holds while the gateway itself is reloaded, restarted or beset.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{Process, Store, TOKEN, tenant};
use crate::promises::{millis, ready};
use crate::upstream::{Mood, Upstream};
use crate::{Row, Scale};

/// Stores that call without a pause, each time the next gateway, and the one after it if nothing could be sent.
struct Load {
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
    lost: Arc<std::sync::Mutex<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn on(gateways: &[std::net::SocketAddr], stores: usize, customers: usize) -> Self {
        let load = Self { stop: Arc::default(), calls: Arc::default(), lost: Arc::default(), tasks: Vec::new() };
        let tasks = (0..stores).map(|number| {
            let (stop, calls, lost) = (Arc::clone(&load.stop), Arc::clone(&load.calls), Arc::clone(&load.lost));
            let (store, gateways) = (Store::new(), gateways.to_vec());
            tokio::spawn(async move {
                let mut next = number;
                while !stop.load(Ordering::Relaxed) {
                    let code = format!("L{}", next % customers);
                    let mut told = store.balance(gateways[next % gateways.len()], TOKEN, &code).await;
                    if told.unsent && gateways.len() > 1 {
                        told = store.balance(gateways[(next + 1) % gateways.len()], TOKEN, &code).await;
                    }
                    calls.fetch_add(1, Ordering::Relaxed);
                    if told.status != 200 {
                        lost.lock().expect("not poisoned").push(format!("{} {}", told.status, told.code));
                    }
                    next += 1;
                }
            })
        });
        Self { tasks: tasks.collect(), ..load }
    }

    /// How many calls there were, and what became of those that were lost.
    async fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            let _ = task.await;
        }
        (self.calls.load(Ordering::Relaxed), std::mem::take(&mut *self.lost.lock().expect("not poisoned")))
    }
}

pub async fn reloads_and_restarts(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    erp.is(Mood::Well, Duration::from_millis(5));
    let file = |ttl: usize| tenant(erp.address, TOKEN, &format!("[cache]\nttl = \"{ttl}ms\""));
    let gateway = Process::start("", &[("harbor".into(), file(100))]);
    ready(&gateway, &Store::new(), TOKEN).await;
    let times = scale.of(3, 20);
    let load = Load::on(&[gateway.live], 8, 40);
    for time in 0..times {
        // Another window makes another connection.
        gateway.write("harbor", &file(101 + time));
        if time % 2 == 0 {
            gateway.signal("HUP");
            tokio::time::sleep(Duration::from_millis(500)).await;
        } else {
            tokio::time::sleep(Duration::from_millis(2_000)).await;
        }
    }
    let (calls, lost) = load.end().await;
    let reloads = Row {
        promise: "no call is lost by reloads under load",
        bound: format!("0 by {times} reloads"),
        figure: told(calls, &lost),
        kept: lost.is_empty() && calls > times,
        timed: false,
    };

    let twin = Process::again(gateway.directory(), "", "127.0.0.1:0");
    ready(&twin, &Store::new(), TOKEN).await;
    let (addresses, directory) = ([gateway.live, twin.live], gateway.directory());
    let mut pair = [gateway, twin];
    let load = Load::on(&addresses, 8, 40);
    let mut clean = true;
    for time in 0..times {
        let (one, address) = (&mut pair[time % 2], addresses[time % 2]);
        clean &= one.stop().await;
        *one = Process::again(Arc::clone(&directory), "", &address.to_string());
        ready(one, &Store::new(), TOKEN).await;
    }
    let (calls, lost) = load.end().await;
    let restarts = Row {
        promise: "no call is lost by SIGTERM and restart of one of two gateways under load, and each ends with 0",
        bound: format!("0 by {times} restarts"),
        figure: told(calls, &lost),
        kept: lost.is_empty() && clean && calls > times,
        timed: false,
    };
    vec![reloads, restarts]
}

fn told(calls: usize, lost: &[String]) -> String {
    let first = lost.first().map(|what| format!(", such as {what}")).unwrap_or_default();
    format!("{} of {calls}{first}", lost.len())
}

pub async fn slow_senders(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let gateway = Process::start("", &[("harbor".into(), tenant(erp.address, TOKEN, ""))]);
    let store = Store::new();
    ready(&gateway, &store, TOKEN).await;
    let senders = scale.of(500, 5_000);
    let stop = Arc::new(AtomicBool::new(false));
    let held = Arc::new(AtomicUsize::new(0));
    // Half of them never end their head, half never end their body; who is thrown out comes back.
    let tasks: Vec<_> = (0..senders)
        .map(|number| {
            let (stop, held, live) = (Arc::clone(&stop), Arc::clone(&held), gateway.live);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let Ok(mut stream) = TcpStream::connect(live).await else { continue };
                    held.fetch_add(1, Ordering::Relaxed);
                    let head = "POST /live/v1/customer-balance HTTP/1.1\r\nhost: x\r\n";
                    let more = if number % 2 == 0 { "" } else { "content-length: 60000\r\n\r\n{" };
                    let mut alive = stream.write_all(format!("{head}{more}").as_bytes()).await.is_ok();
                    let mut answer = [0; 256];
                    while alive && !stop.load(Ordering::Relaxed) {
                        tokio::select! {
                            read = stream.read(&mut answer) => alive = matches!(read, Ok(1..)),
                            () = tokio::time::sleep(Duration::from_secs(1)) => {
                                alive = stream.write_all(if number % 2 == 0 { b"x" } else { b" " }).await.is_ok();
                            }
                        }
                    }
                    held.fetch_sub(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let until = Instant::now() + Duration::from_secs(30);
    while held.load(Ordering::Relaxed) < senders * 9 / 10 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let beset_by = held.load(Ordering::Relaxed);
    let (mut calls, mut good, mut slowest) = (0, 0, Duration::ZERO);
    let until = Instant::now() + scale.of(Duration::from_secs(3), Duration::from_secs(20));
    while Instant::now() < until {
        let told = store.balance(gateway.live, TOKEN, &format!("S{}", calls % 50)).await;
        calls += 1;
        good += usize::from(told.status == 200);
        slowest = slowest.max(told.took);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.abort();
    }
    let a_second = Duration::from_secs(1);
    vec![
        Row {
            promise: "senders that never end cost the honest nothing",
            bound: format!("all answered, with {senders} of them"),
            figure: format!("{good} of {calls}, with {beset_by} at first"),
            kept: good == calls && calls > 0 && beset_by >= senders * 9 / 10,
            timed: false,
        },
        Row {
            promise: "and the slowest of the honest waits no longer than",
            bound: millis(a_second),
            figure: millis(slowest),
            kept: slowest <= a_second,
            timed: true,
        },
    ]
}

/// Fifteen minutes of everything: good, failing and slow times of an ERP, many customers, reloads.
pub async fn soak() -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let file = |ttl: usize| tenant(erp.address, TOKEN, &format!("[cache]\nttl = \"{ttl}ms\""));
    let gateway = Process::start("", &[("harbor".into(), file(500))]);
    let store = Store::new();
    ready(&gateway, &store, TOKEN).await;
    let began = Instant::now();
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let mut at_minute_5 = None;
    let mut round = 0_usize;
    let load = Load::on(&[gateway.live], 4, 20_000);
    while began.elapsed() < minutes(15) {
        round += 1;
        let (mood, delay) = match round % 10 {
            7 => (Mood::Failing, 0),
            8 => (Mood::Well, 300),
            9 => (Mood::Failing, 50),
            _ => (Mood::Well, 5),
        };
        erp.is(mood, Duration::from_millis(delay));
        if round.is_multiple_of(20) {
            gateway.write("harbor", &file(500 + round % 7));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        if at_minute_5.is_none() && began.elapsed() >= minutes(5) {
            at_minute_5 = gateway.holds();
        }
    }
    erp.is(Mood::Well, Duration::ZERO);
    let (calls, _) = load.end().await;
    let at_the_end = gateway.holds();
    // Where the system does not tell, nothing is known to be kept.
    let ((bytes_5, files_5), (bytes, files)) =
        (at_minute_5.unwrap_or_default(), at_the_end.unwrap_or((u64::MAX, usize::MAX)));
    let bound = bytes_5 + (bytes_5 / 50).max(2_000_000);
    vec![
        Row {
            promise: "memory after 15 minutes is at most 2 % or 2 MB over that after 5",
            bound: format!("{} kB", bound / 1_000),
            figure: format!("{} kB after {calls} calls", bytes / 1_000),
            kept: bytes <= bound,
            timed: false,
        },
        Row {
            promise: "and the number of open files stays as it is",
            bound: format!("{} + 10", files_5),
            figure: files.to_string(),
            kept: files <= files_5 + 10,
            timed: false,
        },
    ]
}
