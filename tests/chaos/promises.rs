//! What holds while an ERP fails.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};

use crate::process::{Process, Store, TOKEN, Told, tenant};
use crate::upstream::{Mood, Upstream};
use crate::{Row, Scale};

const NO_BREAKER: &str = "[breaker]\nfailures_in_a_row = 100000\ncalls = 1000000";
const NO_CACHE: &str = "[cache]\nttl = \"0s\"\nabsent_ttl = \"0s\"\nstale_while_revalidate = \"0s\"\nstale_if_error = \"0s\"\n\
                        stale_if_error_balance = \"0s\"";

/// A gateway with one tenant for `erp`, ready to answer.
async fn gateway(erp: &Upstream, config: &str, more: &str) -> (Process, Store) {
    let gateway = Process::start(config, &[("harbor".into(), tenant(erp.address, TOKEN, more))]);
    let store = Store::new();
    ready(&gateway, &store, TOKEN).await;
    (gateway, store)
}

/// Waits until the tenant's file has been read; asking without a customer reaches no ERP.
pub async fn ready(gateway: &Process, store: &Store, token: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let told = store.balance(gateway.live, token, " ").await;
        if told.status == 400 {
            return;
        }
        assert!(Instant::now() < until, "the gateway reads the tenants' files: {told:?} {}", gateway.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Opens so many connections of the store, as it has them in a busy hour: who opens a thousand in one moment measures that.
async fn connect(gateway: &Process, store: &Store, connections: usize) {
    let one = |_| async { store.balance(gateway.live, TOKEN, " ").await };
    let told: Vec<Told> = stream::iter(0..connections).map(one).buffer_unordered(connections).collect().await;
    assert!(told.iter().all(|told| told.status == 400), "a call without a customer is refused at once");
}

/// Asks for `calls` customers, so many at once.
async fn ask(gateway: &Process, store: &Store, prefix: &str, calls: usize, at_once: usize) -> Vec<Told> {
    let one = |call: usize| {
        let (store, code, live) = (store.clone(), format!("{prefix}{call}"), gateway.live);
        async move { store.balance(live, TOKEN, &code).await }
    };
    stream::iter(0..calls).map(one).buffer_unordered(at_once).collect().await
}

pub async fn load_on_a_dead_erp(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let (gateway, store) = gateway(&erp, NO_BREAKER, "[retry]\nfirst_wait = \"1ms\"").await;
    erp.is(Mood::Failing, Duration::ZERO);
    let calls = scale.of(300, 5_000);
    let told = ask(&gateway, &store, "C", calls, 16).await;
    let most = calls + calls / 10 + 10;
    let honest = told.iter().all(|told| told.code == "unavailable");
    vec![Row {
        promise: "a dead ERP gets at most 1.1 × calls + 10 requests (breaker off)",
        bound: format!("{most} for {calls} calls"),
        figure: erp.asked().to_string(),
        kept: erp.asked() <= most && erp.asked() > calls && honest,
        timed: false,
    }]
}

pub async fn breaker(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let (gateway, store) = gateway(&erp, "", NO_CACHE).await;
    erp.is(Mood::Failing, Duration::ZERO);
    let mut last_failure = Instant::now();
    let mut opened = None;
    for call in 0..50 {
        match store.balance(gateway.live, TOKEN, &format!("C{call}")).await.code.as_str() {
            "circuit_open" => {
                opened = Some(last_failure.elapsed());
                break;
            }
            _ => last_failure = Instant::now(),
        }
    }
    let failures = erp.asked();
    // While it is open, for less than its pause.
    let told = ask(&gateway, &store, "O", scale.of(100, 2_000), 4).await;
    let open: Vec<Duration> = told.iter().filter(|told| told.code == "circuit_open").map(|told| told.took).collect();
    let asked_meanwhile = erp.asked() - failures;
    let spared = asked_meanwhile == 0 && open.len() == told.len();
    let open_calls = open.len();
    let p99 = percentile(open, 990);
    // Its pause over, and the ERP slow to fail: many callers, one try.
    erp.is(Mood::Failing, Duration::from_millis(500));
    tokio::time::sleep(Duration::from_millis(5_200)).await;
    erp.most_at_once();
    let before = erp.asked();
    ask(&gateway, &store, "P", 100, 100).await;
    let (probes, at_once) = (erp.asked() - before, erp.most_at_once());
    erp.is(Mood::Well, Duration::ZERO);
    let back = Instant::now();
    let mut recovered = false;
    while !recovered && back.elapsed() < Duration::from_secs(31) {
        recovered = store.balance(gateway.live, TOKEN, "R").await.status == 200;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    vec![
        Row {
            promise: "the breaker is open after the failure that completes its rule",
            bound: "1 s".into(),
            figure: opened.map_or("never".into(), millis),
            kept: opened.is_some_and(|after| after <= Duration::from_secs(1)),
            timed: false,
        },
        Row {
            promise: "while it is open the ERP gets no call",
            bound: "0".into(),
            figure: format!("{asked_meanwhile}; {} of {} callers told so", open_calls, told.len()),
            kept: spared,
            timed: false,
        },
        Row {
            promise: "while it is open callers are answered at once (p99)",
            bound: "5 ms".into(),
            figure: millis(p99),
            kept: p99 <= Duration::from_millis(5),
            timed: true,
        },
        Row {
            promise: "of 100 callers after the pause one tries",
            bound: "1 at once".into(),
            figure: format!("{probes}, {at_once} at once"),
            kept: at_once == 1 && probes == 1,
            timed: false,
        },
        Row {
            promise: "it recovers without a restart, within its longest pause",
            bound: "30 s".into(),
            figure: if recovered { millis(back.elapsed()) } else { "never".into() },
            kept: recovered,
            timed: false,
        },
    ]
}

pub async fn stale_answers(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let window = scale.of(Duration::from_secs(3), Duration::from_secs(20));
    let cache = format!(
        "[cache]\nttl = \"100ms\"\nstale_while_revalidate = \"0s\"\nstale_if_error_balance = \"{}ms\"",
        window.as_millis()
    );
    let (gateway, store) = gateway(&erp, "", &cache).await;
    let keys = scale.of(30, 200);
    let warm = Instant::now();
    let warmed = ask(&gateway, &store, "W", keys, 16).await.iter().all(|told| told.status == 200);
    let all_warm = Instant::now();
    erp.is(Mood::Failing, Duration::ZERO);
    let (mut answered, mut stale, mut asked) = (0, 0, 0);
    // Until the key that was warmed first is too old.
    while warm.elapsed() < window {
        let told = ask(&gateway, &store, "W", keys, 16).await;
        if warm.elapsed() < window {
            asked += told.len();
            answered += told.iter().filter(|told| told.status == 200).count();
            stale += told.iter().filter(|told| told.stale).count();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep((all_warm + window + Duration::from_millis(200)).saturating_duration_since(Instant::now()))
        .await;
    let after = ask(&gateway, &store, "W", keys, 16).await.iter().filter(|told| told.status == 200).count();
    // Cold keys of an ERP that hangs, on a connection whose breaker has seen nothing.
    let erp = Upstream::start().await.expect("a port");
    let deadline = Duration::from_millis(1_000);
    let cold_config = format!("deadline = \"{}ms\"", deadline.as_millis());
    let gateway = Process::start(&cold_config, &[("harbor".into(), tenant(erp.address, TOKEN, ""))]);
    ready(&gateway, &store, TOKEN).await;
    erp.is(Mood::Hanging, Duration::ZERO);
    let keys = scale.of(100, 1_000);
    connect(&gateway, &store, keys).await;
    let cold = ask(&gateway, &store, "X", keys, keys).await;
    let failed = cold.iter().all(|told| matches!(told.code.as_str(), "timeout" | "circuit_open" | "overloaded"));
    let slowest = percentile(cold.iter().map(|told| told.took).collect(), 999);
    vec![
        Row {
            promise: "a dead ERP's warm keys are answered for their whole stale window, and said to be stale",
            bound: format!("{asked} of {asked} calls"),
            figure: format!("{answered}, {stale} of them stale"),
            kept: warmed && answered == asked && stale > 0,
            timed: false,
        },
        Row {
            promise: "and never after it",
            bound: "0".into(),
            figure: after.to_string(),
            kept: after == 0,
            timed: false,
        },
        Row {
            promise: "cold keys of an ERP that hangs fail within the deadline + 100 ms (p99.9)",
            bound: millis(deadline + Duration::from_millis(100)),
            figure: millis(slowest),
            kept: failed && slowest <= deadline + Duration::from_millis(100),
            timed: true,
        },
    ]
}

pub async fn single_flight_and_limit(scale: Scale) -> Vec<Row> {
    let erp = Upstream::start().await.expect("a port");
    let (gateway, store) = gateway(&erp, "", "").await;
    erp.is(Mood::Well, Duration::from_millis(500));
    let one = |_| {
        let (store, live) = (store.clone(), gateway.live);
        async move { store.balance(live, TOKEN, "SAME").await }
    };
    let told: Vec<Told> = stream::iter(0..1_000).map(one).buffer_unordered(1_000).collect().await;
    let (calls, good) = (erp.asked(), told.iter().filter(|told| told.status == 200).count());
    erp.is(Mood::Well, Duration::from_millis(50));
    erp.most_at_once();
    let told = ask(&gateway, &store, "K", 1_000, 1_000).await;
    let answered = told.iter().filter(|told| told.status == 200).count();
    let overloaded = told.iter().filter(|told| told.code == "overloaded").count();
    let most = erp.most_at_once();
    // An ERP that is as slow as some are: not everyone's turn comes.
    let deadline = scale.of(Duration::from_secs(2), Duration::from_secs(10));
    erp.is(Mood::Well, deadline / 10);
    let (config, file) = (format!("deadline = \"{}s\"", deadline.as_secs()), tenant(erp.address, TOKEN, ""));
    let slow = Process::start(&config, &[("harbor".into(), file)]);
    ready(&slow, &store, TOKEN).await;
    connect(&slow, &store, 1_000).await;
    let slowly = ask(&slow, &store, "K", 1_000, 1_000).await;
    let slowly_answered = slowly.iter().filter(|told| told.status == 200).count();
    let slowly_overloaded = slowly.iter().filter(|told| told.code == "overloaded").count();
    let most_slowly = erp.most_at_once();
    let still_well = store.balance(slow.live, TOKEN, "AFTER").await.status == 200;
    let last = slowly.iter().map(|told| told.took).max().unwrap_or_default();
    vec![
        Row {
            promise: "1,000 misses of one key cost one ERP call",
            bound: "1, all answered".into(),
            figure: format!("{calls}, {good} answered"),
            kept: calls == 1 && good == 1_000,
            timed: false,
        },
        Row {
            promise: "1,000 misses of 1,000 keys are never more than 16 ERP calls at once",
            bound: "16".into(),
            figure: format!("{most}, and {most_slowly} of an ERP that takes a tenth of the deadline"),
            kept: most.max(most_slowly) <= 16,
            timed: false,
        },
        Row {
            promise: "each of them is answered or refused as overloaded",
            bound: "1000".into(),
            figure: format!("{answered} answered, {overloaded} overloaded"),
            kept: answered + overloaded == 1_000 && answered >= 272,
            timed: false,
        },
        Row {
            promise: "so they are by an ERP that takes a tenth of the deadline, which is not taken for failing",
            bound: "1000, at least 100 answered".into(),
            figure: format!("{slowly_answered} answered, {slowly_overloaded} overloaded"),
            kept: slowly_answered + slowly_overloaded == 1_000 && slowly_answered >= 100 && still_well,
            timed: false,
        },
        Row {
            promise: "and within the deadline",
            bound: format!("{} + 100 ms", millis(deadline)),
            figure: millis(last),
            kept: last <= deadline + Duration::from_millis(100),
            timed: true,
        },
    ]
}

pub async fn neighbours(scale: Scale) -> Vec<Row> {
    let (well, dead) = (Upstream::start().await.expect("a port"), Upstream::start().await.expect("a port"));
    well.is(Mood::Well, Duration::from_millis(2));
    dead.is(Mood::Hanging, Duration::ZERO);
    let token = |number: usize| format!("token-of-neighbour-number-{number:03}");
    let tenants: Vec<(String, String)> = (0..50)
        .map(|number| {
            let erp = if number == 0 { &dead } else { &well };
            (format!("tenant-{number}"), tenant(erp.address, &token(number), NO_CACHE))
        })
        .collect();
    let gateway = Arc::new(Process::start("", &tenants));
    let store = Store::new();
    for number in 0..50 {
        ready(&gateway, &store, &token(number)).await;
    }
    let rounds = scale.of(10, 100);
    let others = async || {
        let one = |call: usize| {
            let (store, live, token) = (store.clone(), gateway.live, token(1 + call % 49));
            async move { store.balance(live, &token, &format!("N{call}")).await }
        };
        let told: Vec<Told> = stream::iter(0..49 * rounds).map(one).buffer_unordered(8).collect().await;
        let failures = told.iter().filter(|told| told.status != 200).count();
        (failures, percentile(told.iter().map(|told| told.took).collect(), 990))
    };
    others().await;
    let (_, alone) = others().await;
    let hanging: Vec<_> = (0..200)
        .map(|call| {
            let (store, live, token) = (store.clone(), gateway.live, token(0));
            tokio::spawn(async move { store.balance(live, &token, &format!("H{call}")).await })
        })
        .collect();
    while dead.asked() < 16 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (failures, beside) = others().await;
    for call in hanging {
        call.abort();
    }
    let bound = (alone * 3 / 2).max(alone + Duration::from_millis(5));
    vec![
        Row {
            promise: "one tenant's ERP hangs under 200 calls: the 49 others have no failure",
            bound: "0".into(),
            figure: failures.to_string(),
            kept: failures == 0,
            timed: false,
        },
        Row {
            promise: "and their p99 is at most 1.5 times what it is alone, or + 5 ms",
            bound: millis(bound),
            figure: format!("{} (alone {})", millis(beside), millis(alone)),
            kept: beside <= bound,
            timed: true,
        },
    ]
}

/// The value below which so many of a thousand lie.
fn percentile(mut took: Vec<Duration>, of_thousand: usize) -> Duration {
    took.sort_unstable();
    let at = (took.len() * of_thousand).div_ceil(1_000).max(1) - 1;
    took.get(at).copied().unwrap_or_default()
}

pub fn millis(took: Duration) -> String {
    format!("{}.{} ms", took.as_millis(), took.subsec_micros() % 1_000 / 100)
}
