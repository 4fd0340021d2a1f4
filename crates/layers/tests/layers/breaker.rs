use std::sync::Arc;
use std::time::Duration;

use livegate_core::{BreakerSettings, ErrorKind, Result};
use livegate_layers::{BreakerState, StackSettings};
use tokio::sync::Notify;

use crate::script::{End, Rig, pass, plain, secs, settle};

fn rig() -> Rig {
    Rig::uncached(StackSettings { breaker: BreakerSettings::default(), ..plain() })
}

/// One whose ERP has just failed often enough, with an ERP that goes on failing.
async fn opened() -> Rig {
    let rig = rig();
    rig.script.ever_after(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    for code in ["A", "B", "C", "D", "E"] {
        assert_eq!(kind(&rig, code).await, Some(ErrorKind::Unavailable), "{code}");
    }
    assert_eq!(rig.seen.breaker.lock().expect("not poisoned").last(), Some(&BreakerState::Open));
    rig
}

async fn kind(rig: &Rig, code: &str) -> Option<ErrorKind> {
    rig.ask_for(code).await.err().map(|error| error.kind())
}

async fn fails(rig: &Rig, codes: &[&str], with: ErrorKind) {
    for code in codes {
        rig.script.next(Duration::ZERO, End::Fails(with));
        assert_eq!(kind(rig, code).await, Some(with), "{code}");
    }
}

fn states(rig: &Rig) -> Vec<BreakerState> {
    rig.seen.breaker.lock().expect("not poisoned").clone()
}

#[tokio::test(start_paused = true)]
async fn five_failures_in_a_row_open_it_at_once() {
    let rig = opened().await;
    let error = rig.ask_for("F").await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::CircuitOpen, Some(secs(5))));
    // Equal messages are one event, so how long it takes is told apart.
    pass(secs(1)).await;
    let later = rig.ask_for("F").await.unwrap_err();
    assert_eq!((later.message(), later.retry_after()), (error.message(), Some(secs(4))));
    assert_eq!(rig.script.count(), 5, "the ERP is spared");
}

#[tokio::test(start_paused = true)]
async fn four_failures_or_a_success_between_them_do_not() {
    let rig = rig();
    for _ in 0..4 {
        fails(&rig, &["A", "B", "C", "D"], ErrorKind::Unavailable).await;
        rig.ask_for("E").await.unwrap();
        pass(secs(11)).await;
    }
    assert_eq!(states(&rig), []);
}

#[tokio::test(start_paused = true)]
async fn one_poisoned_document_does_not_open_it_nor_do_two() {
    let rig = rig();
    for _ in 0..50 {
        fails(&rig, &["A", "B"], ErrorKind::Timeout).await;
    }
    assert_eq!(states(&rig), []);
    fails(&rig, &["C"], ErrorKind::Timeout).await;
    assert_eq!(states(&rig), [BreakerState::Open], "a third question tells that it is the ERP");
}

#[tokio::test(start_paused = true)]
async fn only_failures_that_tell_of_the_erps_health_count() {
    for failure in ErrorKind::ALL {
        let rig = rig();
        rig.script.ever_after(Duration::ZERO, End::Fails(failure));
        for code in ["A", "B", "C", "D", "E", "F"] {
            rig.ask_for(code).await.unwrap_err();
        }
        let open = [BreakerState::Open];
        assert_eq!(states(&rig), if failure.trips_breaker() { &open[..] } else { &[] }, "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_any_kind_ends_the_row_and_a_failure_of_ours_does_not() {
    for between in [ErrorKind::CredentialsRejected, ErrorKind::RateLimited, ErrorKind::Malformed] {
        let rig = rig();
        fails(&rig, &["A", "B", "C", "D"], ErrorKind::Unreachable).await;
        fails(&rig, &["E"], between).await;
        fails(&rig, &["F"], ErrorKind::Unreachable).await;
        assert_eq!(states(&rig), [], "{between}");
    }
    for between in [ErrorKind::Internal, ErrorKind::Overloaded, ErrorKind::CircuitOpen] {
        let rig = rig();
        fails(&rig, &["A", "B", "C", "D"], ErrorKind::Unreachable).await;
        fails(&rig, &["E"], between).await;
        fails(&rig, &["F"], ErrorKind::Unreachable).await;
        assert_eq!(states(&rig), [BreakerState::Open], "{between}");
    }
}

#[tokio::test(start_paused = true)]
async fn half_of_twenty_calls_failing_within_ten_seconds_open_it() {
    // Never five in a row.
    for (calls, opens) in [(19, false), (20, true)] {
        let rig = rig();
        for call in 1..=calls {
            if call % 2 == 1 {
                rig.ask_for("good").await.unwrap();
            } else {
                fails(&rig, &[["A", "B", "C"][call % 3]], ErrorKind::Unavailable).await;
            }
        }
        assert_eq!(states(&rig) == [BreakerState::Open], opens, "{calls} calls");
    }
}

#[tokio::test(start_paused = true)]
async fn fewer_than_half_do_not_and_neither_do_failures_of_two_questions() {
    let rig = rig();
    for call in 0..200 {
        rig.ask_for("good").await.unwrap();
        if call % 10 != 0 {
            fails(&rig, &[["A", "B", "C"][call % 3]], ErrorKind::Unavailable).await;
        } else {
            rig.ask_for("good").await.unwrap();
        }
    }
    assert_eq!(states(&rig), [], "nine of twenty");
    pass(secs(11)).await;
    for call in 0..200 {
        rig.ask_for("good").await.unwrap();
        fails(&rig, &[["A", "B"][call % 2]], ErrorKind::Unavailable).await;
    }
    assert_eq!(states(&rig), [], "half of them, of two questions");
    rig.ask_for("good").await.unwrap();
    fails(&rig, &["C"], ErrorKind::Unavailable).await;
    assert_eq!(states(&rig), [BreakerState::Open], "and of a third");
}

#[tokio::test(start_paused = true)]
async fn what_lies_more_than_ten_seconds_back_is_forgotten() {
    let rig = rig();
    for call in 0..100 {
        if call % 2 == 0 {
            rig.ask_for("good").await.unwrap();
        } else {
            fails(&rig, &[["A", "B", "C"][call % 3]], ErrorKind::Unavailable).await;
        }
        // Nineteen in ten seconds, never twenty.
        pass(Duration::from_millis(560)).await;
    }
    assert_eq!(states(&rig), []);
}

#[tokio::test(start_paused = true)]
async fn what_lies_less_than_ten_seconds_back_counts_when_older_calls_are_forgotten() {
    let rig = rig();
    rig.ask_for("good").await.unwrap();
    pass(Duration::from_millis(9_500)).await;
    for call in 0..19 {
        if call % 2 == 0 {
            rig.ask_for("good").await.unwrap();
        } else {
            fails(&rig, &[["A", "B", "C"][call % 3]], ErrorKind::Unavailable).await;
        }
    }
    // The first call is out of the window, the other nineteen are not.
    pass(Duration::from_millis(600)).await;
    assert_eq!(states(&rig), []);
    fails(&rig, &["D"], ErrorKind::Unavailable).await;
    assert_eq!(states(&rig), [BreakerState::Open]);
}

#[tokio::test(start_paused = true)]
async fn after_the_pause_one_call_tries_and_the_others_are_refused() {
    let rig = opened().await;
    pass(secs(5) - Duration::from_millis(1)).await;
    assert_eq!(kind(&rig, "A").await, Some(ErrorKind::CircuitOpen));
    pass(Duration::from_millis(1)).await;
    let gate = Arc::new(Notify::new());
    rig.script.ever_after(Duration::ZERO, End::Waits(Arc::clone(&gate)));
    let probe = tokio::spawn({
        let rig = rig.clone();
        async move { rig.ask_for("A").await }
    });
    settle().await;
    for code in ["B", "C", "D"] {
        let error = rig.ask_for(code).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::CircuitOpen, Some(secs(5))));
    }
    assert_eq!(rig.script.count(), 6, "one at a time");
    gate.notify_one();
    probe.await.unwrap().unwrap();
    rig.script.ever_after(Duration::ZERO, End::Count);
    rig.ask_for("B").await.unwrap();
    assert_eq!(states(&rig), [BreakerState::Open, BreakerState::Probing, BreakerState::Closed]);
}

#[tokio::test(start_paused = true)]
async fn each_failed_try_doubles_the_pause_up_to_thirty_seconds_and_a_good_one_resets_it() {
    let rig = opened().await;
    for pause in [5, 10, 20, 30, 30] {
        pass(secs(pause) - Duration::from_millis(1)).await;
        assert_eq!(kind(&rig, "A").await, Some(ErrorKind::CircuitOpen), "within {pause} s");
        pass(Duration::from_millis(1)).await;
        assert_eq!(kind(&rig, "A").await, Some(ErrorKind::Unavailable), "after {pause} s");
    }
    pass(secs(30)).await;
    rig.script.ever_after(Duration::ZERO, End::Count);
    rig.ask_for("A").await.unwrap();
    // It takes the whole rule to open it again, and the first pause is the short one.
    fails(&rig, &["A", "B", "C", "D"], ErrorKind::Unavailable).await;
    rig.ask_for("A").await.unwrap();
    fails(&rig, &["A", "B", "C", "D", "E"], ErrorKind::Unavailable).await;
    assert_eq!(rig.ask_for("A").await.unwrap_err().retry_after(), Some(secs(5)));
}

#[tokio::test(start_paused = true)]
async fn a_first_pause_longer_than_the_longest_is_kept_to() {
    let breaker = BreakerSettings { pause: secs(9), longest_pause: secs(3), ..BreakerSettings::default() };
    let rig = Rig::uncached(StackSettings { breaker, ..plain() });
    rig.script.ever_after(Duration::ZERO, End::Fails(ErrorKind::Unavailable));
    for code in ["A", "B", "C", "D", "E"] {
        rig.ask_for(code).await.unwrap_err();
    }
    for _ in 0..3 {
        assert_eq!(rig.ask_for("A").await.unwrap_err().retry_after(), Some(secs(9)));
        pass(secs(9)).await;
        assert_eq!(kind(&rig, "A").await, Some(ErrorKind::Unavailable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_panics_or_tells_nothing_leaves_the_next_one_to_the_next_caller() {
    for end in [End::Panics, End::Fails(ErrorKind::Overloaded), End::Fails(ErrorKind::Internal)] {
        let rig = opened().await;
        pass(secs(5)).await;
        rig.script.next(Duration::ZERO, end);
        assert!(rig.ask_for("A").await.is_err());
        settle().await;
        rig.script.ever_after(Duration::ZERO, End::Count);
        rig.ask_for("B").await.unwrap();
        assert_eq!(states(&rig).last(), Some(&BreakerState::Closed));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_try_that_refuses_shows_that_the_erp_is_there() {
    let rig = opened().await;
    pass(secs(5)).await;
    rig.script.next(Duration::ZERO, End::Fails(ErrorKind::CredentialsRejected));
    assert_eq!(kind(&rig, "A").await, Some(ErrorKind::CredentialsRejected));
    assert_eq!(states(&rig).last(), Some(&BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn calls_from_before_tell_nothing_about_now() {
    let rig = rig();
    // Eight calls hang; five fail, which opens it; a try closes it; then the eight fail.
    let mut hanging = Vec::new();
    for code in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        rig.script.then(secs(9), End::Fails(ErrorKind::Unavailable));
        let rig = rig.clone();
        hanging.push(tokio::spawn(async move { rig.ask_for(code).await }));
        settle().await;
    }
    fails(&rig, &["A", "B", "C", "D", "E"], ErrorKind::Unavailable).await;
    pass(secs(5)).await;
    rig.ask_for("A").await.unwrap();
    for call in hanging {
        let outcome: Result<_> = call.await.unwrap();
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    assert_eq!(states(&rig).last(), Some(&BreakerState::Closed));
    rig.ask_for("B").await.unwrap();
}
