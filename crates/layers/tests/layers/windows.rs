use std::time::Duration;

use livegate_core::{Answer, CacheOutcome, CacheSettings, CallContext, ErrorKind, Freshness, Listing, Query};

use tokio::time::Instant;

use crate::script::{BUDGET, End, Rig, absent, logged, millis, pass, questions, secs, settle};

const SETTINGS: CacheSettings = CacheSettings {
    ttl: secs(30),
    absent_ttl: secs(5),
    stale_while_revalidate: secs(20),
    stale_if_error: secs(600),
    stale_if_error_balance: secs(120),
};

const NOTHING: CacheSettings = CacheSettings {
    ttl: Duration::ZERO,
    absent_ttl: Duration::ZERO,
    stale_while_revalidate: Duration::ZERO,
    stale_if_error: Duration::ZERO,
    stale_if_error_balance: Duration::ZERO,
};

const STORED: CacheOutcome = CacheOutcome::Miss { stored: true };

fn hit(age: Duration, ttl: Duration) -> CacheOutcome {
    CacheOutcome::Hit { age, ttl }
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let expected = CacheSettings {
        ttl: secs(30),
        absent_ttl: secs(5),
        stale_while_revalidate: secs(30),
        stale_if_error: secs(600),
        stale_if_error_balance: secs(120),
    };
    assert_eq!(CacheSettings::default(), expected);
}

#[tokio::test(start_paused = true)]
async fn fresh_ends_at_ttl_and_age_counts_from_the_answer() {
    let rig = Rig::new(SETTINGS);
    rig.script.then(secs(4), End::Count).then(secs(1), End::Count);
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 1)));
    pass(secs(30) - millis(1)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(30) - millis(1), millis(1)), 1)));
    settle().await;
    assert_eq!(rig.script.count(), 1, "a fresh answer is not refreshed");
    pass(millis(1)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(30), Duration::ZERO), 1)));
    settle().await;
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_found_is_fresh_for_absent_ttl() {
    for nothing in [absent(), Answer::Orders(Listing::Page { items: vec![], total: 0 })] {
        let rig = Rig::new(SETTINGS);
        rig.script.then(Duration::ZERO, End::Says(Box::new(nothing)));
        rig.ask(Freshness::Any).await.unwrap();
        pass(secs(5) - millis(1)).await;
        assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(5) - millis(1), millis(1)), 0)));
        pass(millis(1)).await;
        assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(5), Duration::ZERO), 0)));
        settle().await;
        assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(Duration::ZERO, secs(30)), 2)), "refreshed");
    }
}

#[tokio::test(start_paused = true)]
async fn while_revalidating_one_refresh_runs_and_callers_do_not_wait() {
    let rig = Rig::new(SETTINGS);
    rig.script.then(Duration::ZERO, End::Count).then(secs(3), End::Count);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(40)).await;
    let began = Instant::now();
    for _ in 0..10 {
        assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(40), Duration::ZERO), 1)));
        settle().await;
    }
    assert_eq!((began.elapsed(), rig.script.count()), (Duration::ZERO, 2));
    pass(secs(3)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(Duration::ZERO, secs(30)), 2)));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_leaves_the_answer_and_is_logged_once() {
    let (_guard, log) = logged();
    let rig = Rig::new(SETTINGS);
    rig.script.then(Duration::ZERO, End::Count).then(Duration::ZERO, End::Fails(ErrorKind::Malformed));
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(40)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(40), Duration::ZERO), 1)));
    settle().await;
    assert_eq!(rig.script.count(), 2);
    assert_eq!((log().matches("WARN").count(), log().lines().count()), (1, 1), "{}", log());
    assert!(log().contains("request_id=request") && log().contains("malformed"), "{}", log());
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(40), Duration::ZERO), 1)), "it is still served");
}

#[tokio::test(start_paused = true)]
async fn after_revalidation_ends_the_erp_is_asked_first() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(50) - millis(1)).await;
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(secs(50) - millis(1), Duration::ZERO), 1)));
    pass(millis(1)).await;
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 3)));
}

#[tokio::test(start_paused = true)]
async fn if_the_erp_fails_old_answers_are_served_shorter_for_balances_and_invoices() {
    for query in questions() {
        let window = match query {
            Query::Orders(_) | Query::Order(_) => secs(600),
            _ => secs(120),
        };
        let rig = Rig::new(SETTINGS);
        let ask = async || rig.erp.call(&CallContext::new("request", BUDGET), &query).await;
        let first = ask().await.unwrap();
        pass(secs(50) + window - millis(1)).await;
        rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
        let old = ask().await.unwrap();
        assert_eq!(old.cache, CacheOutcome::Stale { age: secs(50) + window - millis(1) });
        assert_eq!((old.as_of, old.answer), (first.as_of, first.answer));
        pass(millis(1)).await;
        rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
        assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::Unavailable, "{query:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_grows_too_old_while_the_erp_fails_is_not_served() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(169)).await;
    rig.script.then(secs(1), End::Fails(ErrorKind::Unavailable));
    assert_eq!(rig.ask(Freshness::Any).await, Err(ErrorKind::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn only_transient_kinds_circuit_open_and_overloaded_are_answered_stale() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(60)).await;
    for kind in ErrorKind::ALL {
        use ErrorKind::{CircuitOpen, Overloaded, RateLimited, Timeout, Unavailable, Unreachable};
        let stale = [RateLimited, Unreachable, Timeout, Unavailable, CircuitOpen, Overloaded].contains(&kind);
        let expected = if stale { Ok((CacheOutcome::Stale { age: secs(60) }, 1)) } else { Err(kind) };
        rig.script.then(Duration::ZERO, End::Fails(kind));
        assert_eq!(rig.ask(Freshness::Any).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_behind_a_stale_answer_is_logged_once() {
    let (_guard, log) = logged();
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(60)).await;
    rig.script.then(secs(1), End::Fails(ErrorKind::Unavailable));
    let follower = rig.spawn(Freshness::Any).await;
    rig.ask(Freshness::Any).await.unwrap();
    follower.await.unwrap().unwrap();
    assert_eq!((log().matches("WARN").count(), log().lines().count()), (1, 1), "{}", log());
}

#[tokio::test(start_paused = true)]
async fn an_erp_that_hangs_is_answered_stale_at_the_callers_deadline() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(60)).await;
    rig.script.then(secs(60), End::Count);
    let began = Instant::now();
    assert_eq!(rig.within(secs(2), Freshness::Any).await, Ok((CacheOutcome::Stale { age: secs(62) }, 1)));
    assert_eq!(began.elapsed(), secs(2));
}

#[tokio::test(start_paused = true)]
async fn without_ttl_and_revalidation_an_answer_is_kept_for_failures_alone() {
    let rig = Rig::new(CacheSettings { stale_if_error_balance: secs(120), ..NOTHING });
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 1)));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 2)));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((CacheOutcome::Stale { age: Duration::ZERO }, 2)));
}

#[tokio::test(start_paused = true)]
async fn without_windows_nothing_is_kept() {
    let rig = Rig::new(NOTHING);
    assert_eq!(rig.ask(Freshness::Any).await, Ok((CacheOutcome::Miss { stored: false }, 1)));
    assert_eq!(rig.ask(Freshness::NoCache).await, Ok((CacheOutcome::Requested { stored: false }, 2)));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
    assert_eq!(rig.ask(Freshness::Any).await, Err(ErrorKind::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_window_still_ends_the_one_before() {
    let rig = Rig::new(CacheSettings { absent_ttl: secs(5), ..NOTHING });
    rig.script.then(Duration::ZERO, End::Says(Box::new(absent())));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 0)));
    assert_eq!(rig.ask(Freshness::NoCache).await, Ok((CacheOutcome::Requested { stored: false }, 2)));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((CacheOutcome::Miss { stored: false }, 3)));
}

#[tokio::test(start_paused = true)]
async fn the_longest_windows_do_not_overflow() {
    let for_ever = Duration::MAX;
    let rig = Rig::new(CacheSettings {
        ttl: for_ever,
        absent_ttl: for_ever,
        stale_while_revalidate: for_ever,
        stale_if_error: for_ever,
        stale_if_error_balance: for_ever,
    });
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(1_000_000)).await;
    assert_eq!(rig.ask(Freshness::Any).await.unwrap().1, 1);
}

#[tokio::test(start_paused = true)]
async fn no_cache_asks_keeps_the_answer_and_is_never_answered_stale() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    assert_eq!(rig.ask(Freshness::NoCache).await, Ok((CacheOutcome::Requested { stored: true }, 2)));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(Duration::ZERO, secs(30)), 2)));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(rig.ask(Freshness::NoCache).await, Err(ErrorKind::Unavailable));
    assert_eq!(rig.ask(Freshness::Any).await, Ok((hit(Duration::ZERO, secs(30)), 2)), "a failure changes nothing");
}

#[tokio::test(start_paused = true)]
async fn max_age_bounds_every_window() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(10)).await;
    let max_age = |age| rig.ask(Freshness::MaxAge(age));
    assert_eq!(max_age(secs(10)).await, Ok((hit(secs(10), secs(20)), 1)));
    assert_eq!(max_age(secs(10) - millis(1)).await, Ok((STORED, 2)));
    pass(secs(40)).await;
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(max_age(secs(40)).await, Ok((hit(secs(40), Duration::ZERO), 2)));
    settle().await;
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(max_age(secs(39)).await, Err(ErrorKind::Unavailable));
    pass(secs(20)).await;
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(max_age(secs(60)).await, Ok((CacheOutcome::Stale { age: secs(60) }, 2)));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(max_age(secs(59)).await, Err(ErrorKind::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_measured_when_it_is_served() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(60)).await;
    rig.script.then(secs(2), End::Fails(ErrorKind::Unavailable));
    assert_eq!(rig.ask(Freshness::MaxAge(secs(61))).await, Err(ErrorKind::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn max_age_zero_is_a_miss_once_time_has_passed() {
    let rig = Rig::new(SETTINGS);
    rig.ask(Freshness::Any).await.unwrap();
    pass(millis(1)).await;
    assert_eq!(rig.ask(Freshness::MaxAge(Duration::ZERO)).await, Ok((STORED, 2)));
}

#[tokio::test(start_paused = true)]
async fn errors_are_not_kept() {
    let rig = Rig::new(SETTINGS);
    for kind in [ErrorKind::Unavailable, ErrorKind::Malformed] {
        rig.script.then(Duration::ZERO, End::Fails(kind));
        assert_eq!(rig.ask(Freshness::Any).await, Err(kind));
    }
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 3)));
}

#[tokio::test(start_paused = true)]
async fn max_age_counts_from_when_the_erp_was_asked() {
    let rig = Rig::new(SETTINGS);
    rig.script.then(secs(3), End::Count).then(Duration::ZERO, End::Count);
    assert_eq!(rig.ask(Freshness::Any).await, Ok((STORED, 1)));
    pass(secs(1)).await;
    // It is one second since the answer was complete, but what it says may be four seconds old.
    assert_eq!(rig.ask(Freshness::MaxAge(secs(4))).await, Ok((hit(secs(1), secs(29)), 1)));
    assert_eq!(rig.ask(Freshness::MaxAge(secs(4) - millis(1))).await, Ok((STORED, 2)));
}
