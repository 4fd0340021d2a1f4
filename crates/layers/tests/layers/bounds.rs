use std::sync::Arc;
use std::time::Duration;

use livegate_core::{
    Answer, CacheOutcome, CacheSettings, CallContext, DocumentId, ErrorKind, Freshness, InvoiceSummary, Listing,
};
use livegate_layers::AnswerStore;

use crate::script::{BUDGET, End, Rig, account, balance, millis, number, pass, secs};

const SETTINGS: CacheSettings = CacheSettings { ttl: secs(3600), ..WINDOWS };
const WINDOWS: CacheSettings = CacheSettings {
    ttl: secs(30),
    absent_ttl: secs(5),
    stale_while_revalidate: secs(30),
    stale_if_error: secs(600),
    stale_if_error_balance: secs(120),
};

/// An answer that takes a little more than `bytes`.
fn large(bytes: usize) -> Answer {
    let invoice = InvoiceSummary {
        customer_po: Some("x".repeat(bytes)),
        ..InvoiceSummary::new(DocumentId::new("1").expect("an id"))
    };
    Answer::Invoices(Listing::Complete(vec![invoice]))
}

async fn outcome(rig: &Rig, code: &str) -> CacheOutcome {
    rig.erp.call(&CallContext::new("request", BUDGET), &account(code)).await.expect("the script answers").cache
}

async fn keep(rig: &Rig, code: &str, bytes: usize) -> CacheOutcome {
    rig.script.then(Duration::ZERO, End::Says(Box::new(large(bytes))));
    outcome(rig, code).await
}

fn is_hit(outcome: CacheOutcome) -> bool {
    matches!(outcome, CacheOutcome::Hit { .. })
}

#[tokio::test(start_paused = true)]
async fn equal_questions_of_two_connections_never_meet() {
    let store = AnswerStore::default();
    let (one, other) = (Rig::on(&store, SETTINGS), Rig::on(&store, SETTINGS));
    one.script.then(secs(1), End::Says(Box::new(balance(11))));
    other.script.then(secs(1), End::Says(Box::new(balance(22))));
    let (mine, theirs) = (one.spawn(Freshness::Any).await, other.spawn(Freshness::Any).await);
    assert_eq!(mine.await.unwrap().unwrap().1, 11, "under way");
    assert_eq!(theirs.await.unwrap().unwrap().1, 22, "under way");
    for (rig, expected) in [(&one, 11), (&other, 22)] {
        let reply = rig.erp.call(&CallContext::new("request", BUDGET), &account("A")).await.unwrap();
        assert_eq!((is_hit(reply.cache), number(&reply)), (true, expected), "kept");
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_stays_within_its_bytes_and_gives_up_what_was_used_least_recently() {
    let store = AnswerStore::new(100_000, 100_000);
    let (one, other) = (Rig::on(&store, SETTINGS), Rig::on(&store, SETTINGS));
    for number in 0..4 {
        keep(&one, &format!("A{number}"), 18_000).await;
    }
    assert!(is_hit(outcome(&one, "A0").await));
    assert!(store.bytes() > 4 * 18_000, "{}", store.bytes());
    for number in 0..50 {
        assert_eq!(keep(&other, &format!("B{number}"), 18_000).await, CacheOutcome::Miss { stored: true });
        assert!(store.bytes() <= 100_000, "{}", store.bytes());
        assert!(is_hit(outcome(&one, "A0").await), "it is in use");
    }
    assert!(!is_hit(outcome(&one, "A1").await));
}

#[tokio::test(start_paused = true)]
async fn a_connection_beyond_its_share_gives_up_its_own_oldest_answers() {
    let store = AnswerStore::new(1_000_000, 108_000);
    let (one, other) = (Rig::on(&store, SETTINGS), Rig::on(&store, SETTINGS));
    keep(&other, "B", 18_000).await;
    let others = store.bytes();
    for number in 0..20 {
        keep(&one, &format!("A{number}"), 18_000).await;
        assert!(store.bytes() - others <= 108_000, "{}", store.bytes());
    }
    for (number, kept) in [(15, true), (19, true), (14, false)] {
        let code = format!("A{number}");
        assert_eq!(is_hit(outcome(&one, &code).await), kept, "{code}");
    }
    assert!(is_hit(outcome(&other, "B").await), "the other connection is untouched");
}

#[tokio::test(start_paused = true)]
async fn what_the_store_gives_up_no_longer_counts_towards_the_share() {
    let store = AnswerStore::new(108_000, 70_000);
    let (one, other) = (Rig::on(&store, SETTINGS), Rig::on(&store, SETTINGS));
    for number in 0..3 {
        keep(&one, &format!("A{number}"), 18_000).await;
    }
    assert!(is_hit(outcome(&one, "A0").await) && is_hit(outcome(&one, "A2").await));
    for number in 0..3 {
        keep(&other, &format!("B{number}"), 18_000).await;
    }
    assert!(is_hit(outcome(&one, "A0").await) && is_hit(outcome(&one, "A2").await));
    // The store gave up A1 for the other connection's sake, so the share has room without giving up A0.
    assert_eq!(keep(&one, "A3", 18_000).await, CacheOutcome::Miss { stored: true });
    for code in ["A0", "A2", "A3"] {
        assert!(is_hit(outcome(&one, code).await), "{code}");
    }
    assert!(!is_hit(outcome(&one, "A1").await));
}

#[tokio::test(start_paused = true)]
async fn a_newer_answer_takes_the_place_of_the_one_before() {
    let store = AnswerStore::new(100_000, 60_000);
    let rig = Rig::on(&store, SETTINGS);
    keep(&rig, "other", 18_000).await;
    keep(&rig, "A", 18_000).await;
    let before = store.bytes();
    for _ in 0..20 {
        rig.script.then(Duration::ZERO, End::Says(Box::new(large(18_000))));
        assert_eq!(rig.ask(Freshness::NoCache).await.unwrap().0, CacheOutcome::Requested { stored: true });
        assert_eq!(store.bytes(), before);
    }
    assert!(is_hit(outcome(&rig, "other").await));
}

#[tokio::test(start_paused = true)]
async fn an_answer_larger_than_the_share_is_given_but_not_kept() {
    let store = AnswerStore::new(1_000_000, 50_000);
    let rig = Rig::on(&store, SETTINGS);
    keep(&rig, "other", 18_000).await;
    assert_eq!(keep(&rig, "A", 50_000).await, CacheOutcome::Miss { stored: false });
    assert!(is_hit(outcome(&rig, "other").await), "it drives nothing out");
    let rig = Rig::on(&AnswerStore::new(50_000, 1_000_000), SETTINGS);
    assert_eq!(keep(&rig, "A", 50_000).await, CacheOutcome::Miss { stored: false });
    let rig = Rig::on(&AnswerStore::new(0, 0), SETTINGS);
    assert_eq!(outcome(&rig, "A").await, CacheOutcome::Miss { stored: false });
}

#[tokio::test(start_paused = true)]
async fn answers_go_with_their_connection() {
    let store = AnswerStore::default();
    let (one, other) = (Rig::on(&store, SETTINGS), Rig::on(&store, SETTINGS));
    keep(&other, "B", 1_000).await;
    let others = store.bytes();
    for number in 0..100 {
        keep(&one, &format!("A{number}"), 1_000).await;
    }
    assert!(store.bytes() > others + 100_000);
    // A flight that is under way holds the connection until it ends, and its answer goes then.
    one.script.then(secs(1), End::Count);
    one.spawn(Freshness::NoCache).await.abort();
    let script = Arc::clone(&one.script);
    drop(one);
    pass(secs(2)).await;
    assert_eq!(script.count(), 101);
    assert_eq!(store.bytes(), others);
    assert!(is_hit(outcome(&other, "B").await));
}

#[tokio::test(start_paused = true)]
async fn an_answer_past_its_last_window_is_dropped_when_seen() {
    let store = AnswerStore::default();
    let rig = Rig::on(&store, WINDOWS);
    keep(&rig, "A", 1_000).await;
    pass(secs(180)).await;
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert!(rig.ask(Freshness::Any).await.is_err());
    assert_eq!(store.bytes(), 0);
}

/// The housekeeping goes by the system's clock, so the windows are tiny and the test waits until it has happened.
#[tokio::test]
async fn answers_that_nobody_asks_for_again_do_not_stay() {
    let store = AnswerStore::default();
    let none = Duration::ZERO;
    let rig = Rig::on(
        &store,
        CacheSettings {
            ttl: millis(20),
            absent_ttl: none,
            stale_while_revalidate: none,
            stale_if_error: none,
            stale_if_error_balance: none,
        },
    );
    keep(&rig, "A", 1_000).await;
    while store.bytes() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Store, ledgers and desks have locks of their own; this is where they meet.
#[test]
fn many_connections_at_once_stay_within_the_bounds_and_leave_nothing() {
    let store = AnswerStore::new(60_000, 40_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    runtime.block_on(async {
        let rigs: Vec<_> = (0..4).map(|_| Rig::on(&store, SETTINGS)).collect();
        let calls = (0..4000_usize).map(|number| {
            let rig = rigs[number % 4].clone();
            tokio::spawn(async move { outcome(&rig, &format!("A{}", number % 97)).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        assert!(store.bytes() <= 60_000, "{}", store.bytes());
        assert!(store.bytes() > 40_000, "{}", store.bytes());
    });
    drop(runtime);
    assert_eq!(store.bytes(), 0);
}
