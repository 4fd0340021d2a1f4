use std::sync::Arc;
use std::time::Duration;

use livegate_core::{CacheOutcome, CacheSettings, Freshness, Query};
use livegate_layers::AnswerStore;
use tokio::sync::Notify;

use crate::script::{End, Rig, number, secs, settle};

const STORED: CacheOutcome = CacheOutcome::Miss { stored: true };

fn of(code: &'static str) -> impl Fn(&Query) -> bool {
    move |query| query.customer().as_str() == code
}

async fn answered_by(rig: &Rig, code: &str) -> usize {
    number(&rig.ask_for(code).await.expect("the script answers"))
}

#[tokio::test(start_paused = true)]
async fn what_is_purged_is_asked_anew_and_the_rest_is_kept() {
    let rig = Rig::new(CacheSettings::default());
    assert_eq!((answered_by(&rig, "A").await, answered_by(&rig, "B").await), (1, 2));
    assert_eq!(rig.kept.purge(of("A")), 1);
    assert_eq!((answered_by(&rig, "A").await, answered_by(&rig, "B").await), (3, 2));
    assert_eq!(rig.kept.purge(|_| true), 2);
    assert_eq!(rig.kept.purge(|_| true), 0, "nothing is left");
    assert_eq!((answered_by(&rig, "A").await, answered_by(&rig, "B").await), (4, 5));
}

#[tokio::test(start_paused = true)]
async fn a_purge_touches_no_other_connection() {
    let store = AnswerStore::default();
    let (ours, theirs) = (Rig::on(&store, CacheSettings::default()), Rig::on(&store, CacheSettings::default()));
    assert_eq!((answered_by(&ours, "A").await, answered_by(&theirs, "A").await), (1, 1));
    assert_eq!(ours.kept.purge(|_| true), 1);
    assert_eq!((answered_by(&ours, "A").await, answered_by(&theirs, "A").await), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_began_before_does_not_refill_what_was_purged_and_is_not_joined() {
    let rig = Rig::new(CacheSettings::default());
    let land = Arc::new(Notify::new());
    rig.script.then(Duration::ZERO, End::Waits(Arc::clone(&land)));
    let early = rig.spawn(Freshness::Any).await;
    assert_eq!(rig.kept.purge(of("A")), 0);
    // Who asks after the purge gets what was asked after it.
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 2)));
    land.notify_one();
    assert_eq!(early.await.unwrap(), Ok((CacheOutcome::Miss { stored: false }, 1)), "its own callers still get it");
    assert_eq!(rig.ask(Freshness::Any).await.unwrap().1, 2, "and it does not cover the newer one");
}

#[tokio::test(start_paused = true)]
async fn nor_does_one_that_a_later_call_had_already_left_behind() {
    let rig = Rig::new(CacheSettings::default());
    let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    rig.script.then(Duration::ZERO, End::Waits(Arc::clone(&first)));
    rig.script.then(Duration::ZERO, End::Waits(Arc::clone(&second)));
    let early = rig.spawn(Freshness::Any).await;
    let late = rig.spawn(Freshness::NoCache).await;
    rig.kept.purge(|_| true);
    for land in [first, second] {
        land.notify_one();
    }
    settle().await;
    assert!(matches!(early.await.unwrap(), Ok((CacheOutcome::Miss { stored: false }, _))));
    assert!(matches!(late.await.unwrap(), Ok((CacheOutcome::Requested { stored: false }, _))));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 3)));
}

#[tokio::test(start_paused = true)]
async fn a_flight_for_another_customer_is_kept() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(1), End::Count);
    let flight = rig.spawn(Freshness::Any).await;
    rig.kept.purge(of("B"));
    assert_eq!(flight.await.unwrap(), Ok((STORED, 1)));
}
