use std::time::Duration;

use livegate_core::{CallContext, ErrorKind, RetrySettings};
use livegate_layers::StackSettings;
use tokio::time::Instant;

use crate::script::{BUDGET, End, Rig, account, millis, plain, secs};

fn rig() -> Rig {
    rig_with(RetrySettings::default())
}

fn rig_with(retry: RetrySettings) -> Rig {
    Rig::uncached(StackSettings { retry, ..plain() })
}

#[tokio::test(start_paused = true)]
async fn a_call_that_failed_in_a_way_that_may_pass_is_repeated() {
    for kind in ErrorKind::ALL {
        let rig = rig();
        rig.script.then(Duration::ZERO, End::Fails(kind));
        let outcome = rig.ask_for("A").await;
        assert_eq!(outcome.is_ok(), kind.is_transient(), "{kind}");
        assert_eq!(rig.script.count(), if kind.is_transient() { 2 } else { 1 }, "{kind}");
        assert_eq!(*rig.seen.retries.lock().unwrap(), rig.script.count() - 1, "{kind}");
        // The script says that each of its answers took three attempts.
        assert_eq!(outcome.map_or(4, |reply| reply.attempts), 4, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_after_the_last_attempt_with_the_last_failure() {
    let rig = rig();
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::RateLimited));
    assert_eq!(rig.ask_for("A").await.unwrap_err().kind(), ErrorKind::RateLimited);
    assert_eq!(rig.script.count(), 3);
    let once = rig_with(RetrySettings { attempts: 1, ..RetrySettings::default() });
    once.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    assert_eq!(once.ask_for("A").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(once.script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_fails_for_good_ends_it() {
    let rig = rig();
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::CredentialsRejected));
    assert_eq!(rig.ask_for("A").await.unwrap_err().kind(), ErrorKind::CredentialsRejected);
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_waits_grow_and_differ_by_chance() {
    let mut first = Vec::new();
    for _ in 0..20 {
        let rig = rig_with(RetrySettings { attempts: 6, longest_wait: millis(300), ..RetrySettings::default() });
        rig.script.ever_after(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
        let began = Instant::now();
        rig.ask_for("A").await.unwrap_err();
        // 100, 200, 300, 300, 300 ms, each up to twice as long.
        assert!(began.elapsed() >= millis(1_200) && began.elapsed() <= millis(2_405), "{:?}", began.elapsed());
        first.push(began.elapsed());
    }
    first.dedup();
    assert!(first.len() > 1, "chance has a part in it");
}

#[tokio::test(start_paused = true)]
async fn the_erps_own_wait_comes_first_if_it_fits() {
    let rig = rig();
    rig.script.then(Duration::ZERO, End::Asks(ErrorKind::RateLimited, secs(4)));
    let began = Instant::now();
    rig.ask_for("A").await.unwrap();
    assert_eq!(began.elapsed(), secs(4));
    rig.script.then(Duration::ZERO, End::Asks(ErrorKind::RateLimited, Duration::ZERO));
    let began = Instant::now();
    rig.ask_for("A").await.unwrap();
    assert!(began.elapsed() >= millis(100), "at once would not help an ERP that is busy");
}

#[tokio::test(start_paused = true)]
async fn nobody_sleeps_for_a_wait_past_the_deadline() {
    for wait in [BUDGET, BUDGET + millis(1), secs(86_400), Duration::MAX] {
        let rig = rig();
        rig.script.then(Duration::ZERO, End::Asks(ErrorKind::Unavailable, wait));
        let began = Instant::now();
        let error = rig.ask_for("A").await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Unavailable, Duration::ZERO), "{wait:?}");
        assert_eq!(rig.script.count(), 1);
        assert_eq!(*rig.seen.retries.lock().unwrap(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_erp_gets_at_most_a_tenth_more_than_callers_ask_and_ten() {
    for calls in [1_usize, 10, 100, 1_000] {
        let rig = rig();
        rig.script.ever_after(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
        for call in 0..calls {
            rig.ask_for(&format!("C{call}")).await.unwrap_err();
        }
        let most = calls + calls / 10 + 10;
        assert!(rig.script.count() <= most, "{} requests for {calls} calls", rig.script.count());
        let least = (calls * 3).min(most - 1);
        assert!(rig.script.count() >= least, "the budget is used: {} requests for {calls} calls", rig.script.count());
    }
}

#[tokio::test(start_paused = true)]
async fn what_many_good_calls_saved_is_no_more_than_the_reserve() {
    let rig = rig();
    for call in 0..1_000 {
        rig.ask_for(&format!("C{call}")).await.unwrap();
    }
    rig.script.ever_after(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
    for call in 0..100 {
        rig.ask_for(&format!("D{call}")).await.unwrap_err();
    }
    assert_eq!(rig.script.count() - 1_000 - 100, 19, "ten in hand and a tenth of the calls since, the last one begun");
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_the_deadline_forbids_costs_nothing_of_the_budget() {
    let rig = rig_with(RetrySettings { budget_reserve: 1, budget_percent: 0, ..RetrySettings::default() });
    rig.script.then(Duration::ZERO, End::Asks(ErrorKind::Unavailable, secs(60)));
    rig.ask_for("A").await.unwrap_err();
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    rig.ask_for("A").await.unwrap();
    rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    let cx = CallContext::new("request", BUDGET);
    assert!(rig.erp.call(&cx, &account("A")).await.is_err(), "the only one in hand is spent");
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_never_reached_the_erp_hides_no_failure_of_the_erp() {
    for refused in [ErrorKind::CircuitOpen, ErrorKind::Overloaded] {
        let rig = rig();
        rig.script.then(Duration::ZERO, End::Fails(ErrorKind::Unreachable));
        rig.script.then(Duration::ZERO, End::Fails(refused));
        assert_eq!(rig.ask_for("A").await.unwrap_err().kind(), ErrorKind::Unreachable);
        assert_eq!(rig.script.count(), 2);
        rig.script.then(Duration::ZERO, End::Fails(refused));
        assert_eq!(rig.ask_for("A").await.unwrap_err().kind(), refused, "if nothing came before, it is told");
    }
}
