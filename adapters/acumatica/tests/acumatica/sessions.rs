//! Sessions count against a licence: who opens one, who shares it, and that none stays open.

use std::time::Duration;

use futures::future::join_all;
use livegate_adapter_acumatica::simulator::{Counts, LimitTold, Options, start_with};
use livegate_core::{CallContext, ErrorKind};
use wiremock::matchers::{header, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{OAUTH, PASSWORD, SESSION, Tenant, harbor, ok, with};

/// Logins by cookie, and tokens.
fn logins(counts: Counts) -> (usize, usize) {
    (counts.logins, counts.tokens)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_cold_calls_cost_one_login() {
    for (settings, once) in [(SESSION, (1, 0)), (OAUTH, (0, 1))] {
        let (running, tenant) = harbor(settings, Options { licences: 1, ..Options::default() });
        let calls = join_all((0..50).map(|_| tenant.orders("HARBOR01"))).await;
        assert!(calls.into_iter().all(|orders| orders.unwrap().len() == 13));
        assert_eq!((logins(running.counts()), running.open_sessions(), running.most_sessions()), (once, 1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_on_a_session_that_has_timed_out_cost_one_more_login() {
    let (running, tenant) = harbor(SESSION, Options { licences: 1, ..Options::default() });
    tenant.ping().await.unwrap();
    running.time_out();
    let calls = join_all((0..50).map(|_| tenant.order("HARBOR01", "S-8"))).await;
    assert!(calls.into_iter().all(|order| order.unwrap().is_some()));
    assert_eq!((logins(running.counts()), running.most_sessions()), ((2, 0), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_on_a_revoked_token_cost_one_more_token() {
    let (running, tenant) = harbor(OAUTH, Options::default());
    tenant.ping().await.unwrap();
    running.revoke_tokens();
    let calls = join_all((0..50).map(|_| tenant.order("HARBOR01", "S-8"))).await;
    assert!(calls.into_iter().all(|order| order.unwrap().is_some()));
    assert_eq!(logins(running.counts()), (0, 2));
    assert_eq!(running.counts().over_limit, 0);
}

#[tokio::test]
async fn a_token_whose_session_has_timed_out_opens_another_by_itself() {
    let (running, tenant) = harbor(OAUTH, Options { licences: 1, ..Options::default() });
    tenant.ping().await.unwrap();
    running.time_out();
    tenant.ping().await.unwrap();
    assert_eq!((logins(running.counts()), running.open_sessions()), ((0, 1), 1));
    tenant.close().await;
    assert_eq!(running.open_sessions(), 0);
}

#[tokio::test]
async fn after_shutdown_no_session_is_open() {
    for settings in [SESSION, OAUTH] {
        let (running, tenant) = harbor(settings, Options::default());
        tenant.close().await;
        assert_eq!(running.counts().logouts, 0, "none was opened");
        let tenant = Tenant::of(&running, settings);
        tenant.account("HARBOR01").await.unwrap();
        assert_eq!(running.open_sessions(), 1);
        tenant.close().await;
        // A logout that does not state its length would have been refused, and the session still be open.
        assert_eq!((running.open_sessions(), running.counts().logouts), (0, 1));
        tenant.close().await;
        assert_eq!(running.counts().logouts, 1);
        // A closed connection opens none any more.
        assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(running.open_sessions(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_in_the_midst_of_calls_leaves_no_session_open() {
    for settings in [SESSION, OAUTH] {
        let delay = Duration::from_millis(20);
        let (running, tenant) = harbor(settings, Options { delay, ..Options::default() });
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let tenant = tenant.clone();
                tokio::spawn(async move { tenant.account("HARBOR01").await.map(drop) })
            })
            .collect();
        while running.calls("") == 0 {
            tokio::task::yield_now().await;
        }
        tenant.close().await;
        // Whoever is cut off is told so, or that the session is over.
        for call in calls {
            let _ = call.await.unwrap();
        }
        assert_eq!(running.open_sessions(), 0);
    }
}

#[tokio::test]
async fn a_replaced_connection_gives_its_licence_to_the_next_one() {
    for settings in [SESSION, OAUTH] {
        let running = start_with(Options { licences: 1, ..Options::default() }).unwrap();
        for _ in 0..3 {
            let tenant = Tenant::of(&running, settings);
            tenant.account("HARBOR01").await.unwrap();
            tenant.close().await;
        }
        assert_eq!((running.most_sessions(), running.counts().over_limit), (1, 0));
    }
}

#[tokio::test]
async fn the_session_of_a_token_that_was_replaced_is_logged_out_first() {
    let (running, tenant) = harbor(OAUTH, Options { licences: 1, ..Options::default() });
    for _ in 0..3 {
        tenant.ping().await.unwrap();
        running.revoke_tokens();
    }
    tenant.ping().await.unwrap();
    assert_eq!((running.counts().over_limit, running.most_sessions(), running.open_sessions()), (0, 1, 1));
    assert_eq!((running.counts().tokens, running.counts().logouts), (4, 3));
}

/// An instance whose token `one` is refused for customers, and whose logout takes so long. Under `one` an order takes half
/// a second.
async fn renewing(logout: Duration) -> (MockServer, Tenant) {
    let server = MockServer::start().await;
    let token = |token: &str| ok(&format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#));
    let at = |end: &str| Mock::given(path_regex(format!("{end}$")));
    let with_one = header("authorization", "Bearer one");
    at("token").respond_with(token("one")).up_to_n_times(1).mount(&server).await;
    at("token").respond_with(token("two")).mount(&server).await;
    at("logout").respond_with(ResponseTemplate::new(204).set_delay(logout)).mount(&server).await;
    at("Customer").and(with_one).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    at("Customer").respond_with(ok("[]")).mount(&server).await;
    at("SLOW").respond_with(ok("{}").set_delay(Duration::from_millis(500))).mount(&server).await;
    let tenant = Tenant::connect(&server.uri(), OAUTH);
    (server, tenant)
}

#[tokio::test]
async fn calls_of_a_new_token_wait_for_those_of_the_old_one_and_its_logout() {
    let (server, tenant) = renewing(Duration::from_millis(100)).await;
    let ping = async {
        while server.received_requests().await.unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tenant.ping().await.unwrap();
    };
    let (order, ()) = tokio::join!(tenant.order("HARBOR01", "SLOW"), ping);
    order.unwrap();
    let asked: Vec<_> = server.received_requests().await.unwrap();
    let told = asked.iter().map(|request| {
        let bearer = request.headers.get("authorization").map_or("", |bearer| bearer.to_str().unwrap());
        (request.url.path().rsplit('/').next().unwrap(), bearer)
    });
    let (one, two) = ("Bearer one", "Bearer two");
    let expected = [("token", ""), ("SLOW", one), ("Customer", one), ("token", ""), ("logout", one), ("Customer", two)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_logout_that_is_not_answered_costs_a_call_only_part_of_its_time() {
    let (_server, tenant) = renewing(Duration::from_secs(60)).await;
    tenant.0.ping(&CallContext::new("test", Duration::from_secs(2))).await.unwrap();
}

#[tokio::test]
async fn api_login_limit_is_no_refusal_of_the_credentials() {
    for told in [LimitTold::Exception, LimitTold::Redirect, LimitTold::Status] {
        for settings in [SESSION, OAUTH] {
            let options = Options { licences: 1, limit_told: told, ..Options::default() };
            let (running, first) = harbor(settings, options);
            first.ping().await.unwrap();
            let second = Tenant::of(&running, settings);
            for _ in 0..2 {
                let error = second.ping().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::RateLimited, "{told:?}: {error}");
            }
            first.close().await;
            // The seat that has become free is taken, here by a connection that need not wait some seconds first.
            Tenant::of(&running, settings).ping().await.unwrap();
            assert_eq!(running.most_sessions(), 1);
        }
    }
    // What can be done about it is said.
    let (running, first) = harbor(SESSION, Options { licences: 1, ..Options::default() });
    first.ping().await.unwrap();
    let error = Tenant::of(&running, SESSION).ping().await.unwrap_err();
    assert!(error.message().contains("SM604000") && error.message().contains("SM201010"), "{error}");
}

#[tokio::test]
async fn bad_credentials_come_as_status_500_and_are_tried_once() {
    for settings in [SESSION, OAUTH] {
        let (running, tenant) = harbor(&with(settings, &[("password", "wrong")]), Options::default());
        for _ in 0..10 {
            let error = tenant.ping().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CredentialsRejected, "{error}");
            assert!(!error.message().contains("wrong") && !error.message().contains(PASSWORD));
        }
        let (cookies, tokens) = logins(running.counts());
        assert_eq!(cookies + tokens, 1, "Acumatica locks users out");
        Tenant::of(&running, settings).ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_user_who_is_locked_out_is_refused_like_one_with_a_wrong_password() {
    let running = start_with(Options::default()).unwrap();
    for _ in 0..5 {
        Tenant::of(&running, &with(SESSION, &[("password", "wrong")])).ping().await.unwrap_err();
    }
    let error = Tenant::of(&running, SESSION).ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsRejected, "{error}");
}

#[tokio::test]
async fn every_cookie_comes_twice_and_the_last_one_counts() {
    // The first of each two is of a session that is over; with it no call would be answered.
    let (running, tenant) = harbor(SESSION, Options::default());
    tenant.ping().await.unwrap();
    tenant.ping().await.unwrap();
    assert_eq!(logins(running.counts()), (1, 0));
}
