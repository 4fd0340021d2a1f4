use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use livegate_core::{Answer, CacheSettings, CallContext, Capabilities, ErpError, ErrorKind, Freshness, Operation};
use livegate_layers::AnswerStore;

use crate::script::{BUDGET, CAPABLE, End, Rig, absent, account, balance, number, pass, questions, secs};

#[tokio::test(start_paused = true)]
async fn what_the_connection_does_not_offer_reaches_nothing_below() {
    let capabilities = Capabilities { operations: &[Operation::Orders], ..Capabilities::NONE };
    let rig =
        Rig::with(&AnswerStore::default(), CacheSettings::default(), &capabilities, Arc::new(|_, answer| Ok(answer)));
    for query in questions() {
        let outcome = rig.erp.call(&CallContext::new("request", BUDGET), &query).await;
        match query.operation() {
            Operation::Orders => assert!(outcome.is_ok()),
            operation => {
                let error = outcome.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert!(error.message().contains(operation.title()), "{error}");
            }
        }
    }
    assert_eq!(rig.script.count(), 1);
    assert_eq!(rig.seen.requests.lock().unwrap().len(), 5, "refusals are observed too");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_tidied_once_per_fetch_and_kept_tidy() {
    let tidied = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&tidied);
    let tidy = move |_: &_, answer| {
        assert_eq!(answer, balance(1));
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(balance(7))
    };
    let rig = Rig::with(&AnswerStore::default(), CacheSettings::default(), &CAPABLE, Arc::new(tidy));
    for _ in 0..3 {
        let reply = rig.erp.call(&CallContext::new("request", BUDGET), &account("A")).await.unwrap();
        assert_eq!((number(&reply), reply.attempts), (7, 3));
    }
    assert_eq!(tidied.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_tidied_is_the_error_and_is_not_kept() {
    let tidy = |_: &_, answer: Answer| if answer.is_absent() { Err(ErpError::malformed("no")) } else { Ok(answer) };
    let rig = Rig::with(&AnswerStore::default(), CacheSettings::default(), &CAPABLE, Arc::new(tidy));
    rig.script.then(Duration::ZERO, End::Says(Box::new(absent())));
    assert_eq!(rig.ask(Freshness::Any).await, Err(ErrorKind::Malformed));
    assert_eq!(rig.ask(Freshness::Any).await.unwrap().1, 2);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_at_the_deadline_and_is_observed() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(60), End::Count);
    let outcome = rig.erp.call(&CallContext::new("request", secs(60)), &account("A")).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("did not answer in time"), "{error}");
    let expected = [(Operation::Account, Some(ErrorKind::Timeout), BUDGET)];
    assert_eq!(*rig.seen.attempts.lock().unwrap(), expected);
    assert_eq!(*rig.seen.requests.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn requests_are_observed_with_what_callers_get_and_attempts_with_what_the_erp_said() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(1), End::Count).then(secs(2), End::Fails(ErrorKind::Unavailable)).then(secs(3), End::Panics);
    rig.ask(Freshness::Any).await.unwrap();
    rig.ask(Freshness::Any).await.unwrap();
    pass(secs(70)).await;
    rig.ask(Freshness::Any).await.unwrap();
    rig.ask(Freshness::NoCache).await.unwrap_err();
    let account = Operation::Account;
    let attempts = [
        (account, None, secs(1)),
        (account, Some(ErrorKind::Unavailable), secs(2)),
        (account, Some(ErrorKind::Internal), secs(3)),
    ];
    assert_eq!(*rig.seen.attempts.lock().unwrap(), attempts);
    let requests = [
        (account, None, secs(1)),
        (account, None, Duration::ZERO),
        (account, None, secs(2)),
        (account, Some(ErrorKind::Internal), secs(3)),
    ];
    assert_eq!(*rig.seen.requests.lock().unwrap(), requests);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_is_no_outcome_and_its_attempt_goes_on() {
    let rig = Rig::new(CacheSettings::default());
    rig.script.then(secs(1), End::Count);
    rig.spawn(Freshness::Any).await.abort();
    pass(secs(1)).await;
    assert_eq!(*rig.seen.requests.lock().unwrap(), []);
    assert_eq!(*rig.seen.attempts.lock().unwrap(), [(Operation::Account, None, secs(1))]);
}
