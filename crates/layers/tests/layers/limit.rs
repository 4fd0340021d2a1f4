use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use livegate_core::{BreakerSettings, CallContext, ErrorKind, LimitSettings};
use livegate_layers::StackSettings;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::script::{End, Rig, account, millis, pass, plain, secs, settle};

fn rig(concurrency: u32, queue: u32) -> Rig {
    Rig::uncached(StackSettings {
        limit: LimitSettings { concurrency: Some(concurrency), queue, ..LimitSettings::default() },
        ..plain()
    })
}

#[tokio::test(start_paused = true)]
async fn a_thousand_questions_are_never_more_than_sixteen_calls_at_once() {
    let rig = rig(16, 256);
    rig.script.ever_after(millis(200), End::Count);
    let calls = (0..1_000).map(|call| {
        let rig = rig.clone();
        async move { rig.ask_for(&format!("C{call}")).await.map_err(|error| error.kind()) }
    });
    let outcomes = join_all(calls).await;
    let answered = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(ErrorKind::Overloaded))).count();
    assert_eq!((answered, refused), (16 + 256, 1_000 - 16 - 256));
    assert_eq!(*rig.seen.load.lock().unwrap(), (16, 257), "the one that is refused is seen to have come");
    assert_eq!(*rig.seen.load_now.lock().unwrap(), (0, 0), "and all are seen to have gone");
    assert_eq!(rig.script.count(), answered);
}

#[tokio::test(start_paused = true)]
async fn who_waits_keeps_their_own_deadline() {
    let rig = rig(1, 10);
    rig.script.then(secs(8), End::Count);
    let first = tokio::spawn({
        let rig = rig.clone();
        async move { rig.ask_for("A").await }
    });
    settle().await;
    let began = Instant::now();
    let cx = CallContext::new("request", secs(3));
    // The flight to the ERP has the whole budget; who asked does not wait for it longer than they wanted.
    let error = rig.erp.call(&cx, &account("B")).await.unwrap_err();
    assert_eq!(began.elapsed(), secs(3));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    first.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn past_the_deadline_it_is_overloaded_and_says_when_to_come_back() {
    let rig = rig(1, 10);
    rig.script.ever_after(secs(9), End::Count);
    let ask = |code: &'static str| {
        let rig = rig.clone();
        tokio::spawn(async move { rig.ask_for(code).await })
    };
    let (first, second, third) = (ask("A"), ask("B"), ask("C"));
    first.await.unwrap().unwrap();
    // It had one second left when its turn came, which tells nothing about the ERP.
    assert_eq!(second.await.unwrap().unwrap_err().kind(), ErrorKind::Overloaded);
    let error = third.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert_eq!(error.retry_after(), Some(secs(1)));
    assert!(error.message().contains("[limits] concurrency"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_left_most_of_the_time_and_times_out_is_the_erps_fault() {
    let rig = rig(1, 10);
    rig.script.ever_after(secs(7), End::Count);
    rig.script.next(secs(4), End::Count);
    let first = tokio::spawn({
        let rig = rig.clone();
        async move { rig.ask_for("A").await }
    });
    settle().await;
    assert_eq!(rig.ask_for("B").await.unwrap_err().kind(), ErrorKind::Timeout);
    first.await.unwrap().unwrap();
}

/// No answer has told yet how long the ERP takes.
#[tokio::test(start_paused = true)]
async fn a_call_that_waited_longer_than_it_could_ask_and_timed_out_is_overloaded() {
    let hang = || End::Waits(Arc::new(Notify::new()));
    let unavailable = || End::Fails(ErrorKind::Unavailable);
    for (waits, then, told) in [
        (secs(6), hang(), ErrorKind::Overloaded),
        (secs(5), hang(), ErrorKind::Timeout),
        (secs(4), hang(), ErrorKind::Timeout),
        (secs(6), unavailable(), ErrorKind::Unavailable),
    ] {
        let rig = rig(1, 10);
        rig.script.then(waits, unavailable());
        rig.script.then(Duration::ZERO, then);
        let (_, second) = futures::future::join(rig.ask_for("A"), rig.ask_for("B")).await;
        assert_eq!(second.unwrap_err().kind(), told, "{waits:?}");
    }
}

/// Sixteen calls at once of a second each, and twenty more callers a second for two minutes.
#[tokio::test(start_paused = true)]
async fn more_callers_than_a_well_erp_can_bear_do_not_open_its_breaker() {
    let (limit, breaker) = (LimitSettings::default(), BreakerSettings::default());
    let rig = Rig::uncached(StackSettings { limit, breaker, ..plain() });
    rig.script.ever_after(secs(1), End::Count);
    let mut calls = Vec::new();
    for call in 0..2_400 {
        let rig = rig.clone();
        calls.push(tokio::spawn(async move { rig.ask_for(&format!("C{call}")).await.map_err(|error| error.kind()) }));
        tokio::time::sleep(millis(50)).await;
    }
    let mut answered = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => answered += 1,
            Err(kind) => assert_eq!(kind, ErrorKind::Overloaded),
        }
    }
    // Of the nearly 2,100 that it can answer in that time.
    assert!(answered > 2_000, "{answered}");
    assert!(rig.seen.breaker.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_comes_too_late_for_what_the_erp_usually_takes_is_not_taken() {
    for (takes, asked) in [(millis(8_000), 1), (millis(3_400), 2), (millis(3_300), 3)] {
        let rig = rig(1, 10);
        rig.script.ever_after(takes, End::Count);
        let calls = ["A", "B", "C"].map(|code| rig.ask_for(code));
        let outcomes = join_all(calls).await;
        assert_eq!(rig.script.count(), asked);
        assert_eq!(outcomes[2].as_ref().err().map(|error| error.kind()), (asked < 3).then_some(ErrorKind::Overloaded));
    }
}

#[tokio::test(start_paused = true)]
async fn one_slow_answer_does_not_stand_for_what_the_erp_usually_takes() {
    // Two seconds once, then ten times a tenth of one.
    let rig = rig(1, 10);
    rig.script.ever_after(millis(100), End::Count);
    rig.script.next(secs(2), End::Count);
    for call in 0..11 {
        rig.ask_for(&format!("C{call}")).await.unwrap();
    }
    // The call that holds the place counts for an eighth: who waits for it is expected to need about a second and a half.
    for (held, comes) in [(millis(8_000), true), (millis(9_300), false)] {
        rig.script.next(held, End::Count);
        let (first, second) = (format!("held {held:?}"), format!("waits {held:?}"));
        let (_, second) = futures::future::join(rig.ask_for(&first), rig.ask_for(&second)).await;
        assert_eq!(second.is_ok(), comes, "{held:?}");
        // Short ones make up for the long one.
        for call in 0..30 {
            rig.ask_for(&format!("{held:?} {call}")).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_comes_with_the_deadline_is_not_taken() {
    let rig = rig(1, 10);
    // Both have ten seconds.
    rig.script.ever_after(secs(20), End::Count);
    let (first, second) = futures::future::join(rig.ask_for("A"), rig.ask_for("B")).await;
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(second.unwrap_err().kind(), ErrorKind::Overloaded);
    assert_eq!(rig.script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn turns_are_in_the_order_in_which_callers_came() {
    let rig = rig(1, 10);
    rig.script.ever_after(secs(1), End::Count);
    let calls = ["A", "B", "C", "D"].map(|code| {
        let rig = rig.clone();
        async move { (rig.ask_for(code).await.map(|reply| crate::script::number(&reply)).unwrap(), code) }
    });
    assert_eq!(join_all(calls).await, [(1, "A"), (2, "B"), (3, "C"), (4, "D")]);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_however_its_call_ended() {
    for end in [End::Count, End::Fails(ErrorKind::Malformed), End::Panics] {
        let rig = rig(1, 0);
        rig.script.then(Duration::ZERO, end);
        let _ = rig.ask_for("A").await;
        settle().await;
        rig.ask_for("B").await.unwrap();
    }
    // One that hangs is cut at the flight's deadline.
    let rig = rig(1, 0);
    rig.script.then(Duration::ZERO, End::Waits(Arc::new(Notify::new())));
    assert_eq!(rig.ask_for("A").await.unwrap_err().kind(), ErrorKind::Timeout);
    pass(millis(1)).await;
    rig.ask_for("B").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_queue_refuses_at_once() {
    let rig = rig(1, 0);
    rig.script.then(secs(5), End::Count);
    let first = tokio::spawn({
        let rig = rig.clone();
        async move { rig.ask_for("A").await }
    });
    settle().await;
    let began = Instant::now();
    assert_eq!(rig.ask_for("B").await.unwrap_err().kind(), ErrorKind::Overloaded);
    assert_eq!(began.elapsed(), Duration::ZERO);
    first.await.unwrap().unwrap();
}
