use std::sync::Arc;
use std::time::Duration;

use livegate_core::{CacheOutcome, CacheSettings, CallContext, ErrorKind, Freshness, LimitSettings};
use livegate_layers::StackSettings;

use tokio::sync::{Barrier, Notify};
use tokio::time::Instant;

use crate::script::{BUDGET, End, Rig, account, logged, millis, pass, plain, secs, settle};

const STORED: CacheOutcome = CacheOutcome::Miss { stored: true };
const REQUESTED: CacheOutcome = CacheOutcome::Requested { stored: true };
const JOINED: CacheOutcome = CacheOutcome::Collapsed { age: Duration::ZERO };

/// Keeps nothing, so that only flights answer.
const NOTHING: CacheSettings = CacheSettings {
    ttl: Duration::ZERO,
    absent_ttl: Duration::ZERO,
    stale_while_revalidate: Duration::ZERO,
    stale_if_error: Duration::ZERO,
    stale_if_error_balance: Duration::ZERO,
};

/// With the callers on several threads and the clock running, as in the gateway.
#[test]
fn a_thousand_callers_cost_one_call_and_a_hundred_that_leave_harm_nobody() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    runtime.block_on(async {
        let rig = Rig::new(CacheSettings::default());
        let (begin, land) = (Arc::new(Barrier::new(1000)), Arc::new(Notify::new()));
        rig.script.then(Duration::ZERO, End::Waits(Arc::clone(&land)));
        let call = |_| {
            let (rig, begin) = (rig.clone(), Arc::clone(&begin));
            tokio::spawn(async move {
                begin.wait().await;
                rig.ask(Freshness::Any).await
            })
        };
        let (leaving, staying): (Vec<_>, Vec<_>) = ((0..100).map(call).collect(), (0..900).map(call).collect());
        while rig.script.count() == 0 {
            tokio::task::yield_now().await;
        }
        for call in leaving {
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
        }
        land.notify_one();
        for call in staying {
            assert_eq!(call.await.unwrap().unwrap().1, 1);
        }
        assert_eq!(rig.script.count(), 1);
    });
}

/// The moment between a flight's end and the answer being there must not let a second call through.
#[test]
fn callers_that_come_while_a_flight_lands_cost_no_second_call() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    runtime.block_on(async {
        for _ in 0..200 {
            let rig = Rig::new(CacheSettings::default());
            let calls: Vec<_> = (0..32)
                .map(|_| {
                    let rig = rig.clone();
                    tokio::spawn(async move { rig.ask(Freshness::Any).await })
                })
                .collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
            assert_eq!(rig.script.count(), 1);
        }
    });
}

#[tokio::test(start_paused = true)]
async fn equal_questions_share_a_flight_and_different_ones_do_not() {
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(1), End::Count).then(secs(1), End::Count);
    let leader = rig.spawn(Freshness::Any).await;
    let follower = rig.spawn(Freshness::Any).await;
    let other = rig.erp.call(&CallContext::new("other", BUDGET), &account("B")).await.unwrap();
    assert_eq!(leader.await.unwrap(), Ok((CacheOutcome::Miss { stored: false }, 1)));
    assert_eq!(follower.await.unwrap(), Ok((JOINED, 1)));
    assert_eq!((other.cache, rig.script.count()), (CacheOutcome::Miss { stored: false }, 2));
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_leaves_or_is_in_haste_costs_its_followers_nothing() {
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(9), End::Count).then(secs(9), End::Count);
    let leader = rig.spawn(Freshness::Any).await;
    let follower = rig.spawn(Freshness::Any).await;
    leader.abort();
    assert_eq!(follower.await.unwrap(), Ok((JOINED, 1)));

    let began = Instant::now();
    let leader = rig.spawn_within(secs(1), Freshness::Any).await;
    let follower = rig.spawn(Freshness::Any).await;
    assert_eq!(leader.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(began.elapsed(), secs(1));
    assert_eq!(follower.await.unwrap(), Ok((JOINED, 2)));
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_nobody_waits_for_still_keeps_its_answer() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(5), End::Count);
    rig.spawn(Freshness::Any).await.abort();
    pass(secs(6)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((CacheOutcome::Hit { age: secs(1), ttl: secs(29) }, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_everyones_and_is_logged_only_if_nobody_hears_it() {
    let (_guard, log) = logged();
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(1), End::Fails(ErrorKind::Malformed));
    let leader = rig.spawn(Freshness::Any).await;
    let follower = rig.spawn(Freshness::Any).await;
    assert_eq!(leader.await.unwrap(), Err(ErrorKind::Malformed));
    assert_eq!(follower.await.unwrap(), Err(ErrorKind::Malformed));
    settle().await;
    assert_eq!((rig.script.count(), log()), (1, String::new()));

    rig.script.then(secs(1), End::Fails(ErrorKind::Malformed));
    rig.spawn(Freshness::Any).await.abort();
    pass(secs(1)).await;
    assert_eq!((log().matches("WARN").count(), log().lines().count()), (1, 1), "{}", log());
}

#[tokio::test(start_paused = true)]
async fn the_flight_has_its_own_budget_and_its_leaders_request_id() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(1), End::Count);
    let began = Instant::now();
    rig.erp.call(&CallContext::new("the leader's", secs(3)), &account("A")).await.unwrap();
    let calls = rig.script.calls();
    assert_eq!((&*calls[0].request_id, calls[0].deadline), ("the leader's", began + BUDGET));
}

#[tokio::test(start_paused = true)]
async fn a_follower_waits_until_its_own_deadline_and_no_longer() {
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(9), End::Count);
    let leader = rig.spawn(Freshness::Any).await;
    let began = Instant::now();
    assert_eq!(rig.within(secs(2), Freshness::Any).await, Err(ErrorKind::Timeout));
    assert_eq!(began.elapsed(), secs(2));
    assert_eq!(leader.await.unwrap().unwrap().1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_follower_of_a_flight_that_times_out_asks_once_more() {
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(60), End::Count).then(secs(1), End::Count);
    let leader = rig.spawn(Freshness::Any).await;
    pass(secs(9)).await;
    let (late, later) = (rig.spawn(Freshness::Any).await, rig.spawn(Freshness::Any).await);
    assert_eq!(leader.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(late.await.unwrap(), Ok((CacheOutcome::Miss { stored: false }, 2)));
    assert_eq!(later.await.unwrap(), Ok((JOINED, 2)));
    assert_eq!(rig.script.count(), 2);
}

/// One place, which a call holds for nearly the whole budget of the flight that waits for it.
#[tokio::test(start_paused = true)]
async fn a_late_follower_of_a_flight_that_had_no_time_for_its_turn_asks_once_more() {
    let limit = LimitSettings { concurrency: Some(1), queue: 10, ..LimitSettings::default() };
    let rig = Rig::uncached(StackSettings { limit, ..plain() });
    rig.script.then(secs(11), End::Count);
    let ask = |code: &'static str| {
        let rig = rig.clone();
        tokio::spawn(async move { rig.ask_for(code).await.map(drop).map_err(|error| error.kind()) })
    };
    let (held, leader) = (ask("A"), ask("B"));
    settle().await;
    pass(secs(9)).await;
    let late = ask("B");
    assert_eq!(held.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(leader.await.unwrap(), Err(ErrorKind::Overloaded));
    assert_eq!(late.await.unwrap(), Ok(()));
}

/// The ERP asks the flight to come back in a second, when it has half of one left.
#[tokio::test(start_paused = true)]
async fn a_late_follower_of_a_flight_that_had_no_time_to_repeat_asks_once_more() {
    for (after, outcome) in [(millis(9_500), Ok(())), (secs(7), Err(ErrorKind::RateLimited))] {
        let rig = Rig::uncached(plain());
        rig.script.then(after, End::Asks(ErrorKind::RateLimited, secs(4)));
        let ask = || {
            let rig = rig.clone();
            tokio::spawn(async move { rig.ask_for("A").await.map(drop).map_err(|error| error.kind()) })
        };
        let leader = ask();
        settle().await;
        pass(secs(6)).await;
        let late = ask();
        assert_eq!(leader.await.unwrap(), Err(ErrorKind::RateLimited));
        assert_eq!(late.await.unwrap(), outcome, "{after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_asks_only_once_more_and_not_with_little_time_left() {
    let rig = Rig::new(NOTHING);
    for _ in 0..4 {
        rig.script.then(secs(60), End::Count);
    }
    let began = Instant::now();
    let leader = rig.spawn(Freshness::Any).await;
    pass(secs(2)).await;
    let early = rig.spawn(Freshness::Any).await;
    pass(secs(6)).await;
    let patient =
        (rig.spawn_within(secs(100), Freshness::Any).await, rig.spawn_within(secs(100), Freshness::Any).await);
    assert_eq!(leader.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(early.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(began.elapsed(), BUDGET, "two seconds are too few to wait for another flight");
    settle().await;
    assert_eq!(rig.script.count(), 2, "the two who have time share the second flight");
    assert_eq!(patient.0.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(patient.1.await.unwrap(), Err(ErrorKind::Timeout));
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_its_leaders_alone_and_is_logged_once_without_what_it_says() {
    let (_guard, log) = logged();
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(1), End::Panics).then(secs(1), End::Panics).then(secs(1), End::Count);
    let mut calls = Vec::new();
    for _ in 0..10 {
        calls.push(rig.spawn(Freshness::Any).await);
    }
    let mut told = Vec::new();
    for call in calls {
        told.push(call.await.unwrap());
    }
    assert_eq!(told.iter().filter(|told| **told == Err(ErrorKind::Internal)).count(), 2, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == Ok((JOINED, 3))).count(), 7, "{told:?}");
    assert_eq!(told[0], Err(ErrorKind::Internal));
    assert_eq!(rig.script.count(), 3);
    assert_eq!((log().matches("ERROR").count(), log().lines().count()), (2, 2), "{}", log());
    assert!(log().contains("request_id=request") && !log().contains("4111"), "{}", log());
}

#[tokio::test(start_paused = true)]
async fn an_erp_that_always_panics_ends_every_call() {
    let rig = Rig::new(NOTHING);
    for _ in 0..1000 {
        rig.script.then(Duration::ZERO, End::Panics);
    }
    let rigs: Vec<_> = (0..100).map(|_| rig.clone()).collect();
    let calls: Vec<_> = rigs.iter().map(|rig| rig.ask(Freshness::Any)).collect();
    for told in futures::future::join_all(calls).await {
        assert_eq!(told, Err(ErrorKind::Internal));
    }
    assert_eq!(rig.script.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_cache_never_joins_and_those_who_come_after_it_join_it() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(5), End::Count).then(secs(1), End::Count).then(secs(3), End::Count);
    let ordinary = rig.spawn(Freshness::Any).await;
    let first = rig.spawn(Freshness::NoCache).await;
    let second = rig.spawn(Freshness::NoCache).await;
    let after = rig.spawn(Freshness::Any).await;
    assert_eq!(rig.script.count(), 3);
    assert_eq!(first.await.unwrap(), Ok((REQUESTED, 2)));
    assert_eq!(second.await.unwrap(), Ok((REQUESTED, 3)));
    assert_eq!(after.await.unwrap(), Ok((JOINED, 3)));
    // The flight that began first comes last, and its answer is not the newest.
    assert_eq!(ordinary.await.unwrap(), Ok((CacheOutcome::Miss { stored: false }, 1)));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((CacheOutcome::Hit { age: secs(2), ttl: secs(28) }, 3)));
}

#[tokio::test(start_paused = true)]
async fn an_older_flights_end_does_not_hide_the_newer_one() {
    let rig = Rig::new(NOTHING);
    rig.script.then(secs(1), End::Count).then(secs(3), End::Count);
    let ordinary = rig.spawn(Freshness::Any).await;
    let newer = rig.spawn(Freshness::NoCache).await;
    ordinary.await.unwrap().unwrap();
    assert_eq!(rig.ask(Freshness::Any).await, Ok((JOINED, 2)));
    assert_eq!(newer.await.unwrap(), Ok((CacheOutcome::Requested { stored: false }, 2)));
}

#[tokio::test(start_paused = true)]
async fn max_age_joins_only_a_flight_that_is_no_older() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(5), End::Count).then(secs(5), End::Count);
    let leader = rig.spawn(Freshness::Any).await;
    pass(secs(2)).await;
    let young = rig.spawn(Freshness::MaxAge(secs(2))).await;
    assert_eq!(rig.script.count(), 1);
    let strict = rig.spawn(Freshness::MaxAge(secs(2) - millis(1))).await;
    assert_eq!(rig.script.count(), 2);
    assert_eq!(leader.await.unwrap(), Ok((STORED, 1)));
    assert_eq!(young.await.unwrap(), Ok((JOINED, 1)));
    assert_eq!(strict.await.unwrap(), Ok((STORED, 2)));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_under_way_is_joined_by_those_who_may_not_be_served_the_old_answer() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(Duration::ZERO, End::Count).then(secs(5), End::Count);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(40)).await;
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(1)).await;
    assert_eq!(rig.ask(Freshness::MaxAge(secs(1))).await, Ok((JOINED, 2)));
    assert_eq!(rig.script.count(), 2);
}

/// Web workers end before the runtime on which flights run, and a test may do the opposite.
#[test]
fn without_its_runtime_a_flight_fails_and_nobody_hangs() {
    let flights = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let rig = flights.block_on(async { Rig::new(NOTHING) });
    flights.shutdown_timeout(secs(60));
    let callers = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    for _ in 0..2 {
        assert_eq!(callers.block_on(rig.ask(Freshness::Any)), Err(ErrorKind::Internal));
    }
}
