//! Sessions and their licences.

use std::sync::Arc;
use std::time::Duration;

use livegate_adapter_sap_b1::simulator::{Fault, Options, Resource};
use livegate_core::ErrorKind;

use crate::{GENERATIONS, Tenant, start};

/// One licence, and logins that disturb each other.
const STRICT: Options = Options {
    licences: Some(1),
    login_time: Duration::from_millis(100),
    largest_page: None,
    without_v2: false,
    without_cross_joins: false,
    delay: Duration::ZERO,
};

const CALLS: usize = 50;

async fn at_once(tenant: &Arc<Tenant>) {
    let calls: Vec<_> = (0..CALLS)
        .map(|number| {
            let tenant = Arc::clone(tenant);
            tokio::spawn(async move {
                match number % 3 {
                    0 => tenant.account("C20000").await.unwrap().is_some(),
                    1 => !tenant.orders("C45000", Some((2, 15))).await.unwrap().items().is_empty(),
                    _ => tenant.invoice("C20000", "1009").await.unwrap().is_some(),
                }
            })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap(), "every call is answered");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_concurrent_cold_calls_one_login() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Arc::new(Tenant::of(&running, generation, &[]));
        at_once(&tenant).await;
        assert_eq!((running.logins(), running.refused_logins(), running.most_sessions()), (1, 0, 1), "{generation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_on_a_session_the_server_dropped_one_more() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Arc::new(Tenant::of(&running, generation, &[]));
        tenant.ping().await.unwrap();
        running.end_sessions();
        at_once(&tenant).await;
        assert_eq!((running.logins(), running.refused_logins(), running.most_sessions()), (2, 0, 1), "{generation}");
        assert_eq!(running.open_sessions(), 1);
    }
}

#[tokio::test]
async fn after_shutdown_0_open_sessions() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[]);
        tenant.close().await;
        assert_eq!(running.logouts(), 0, "nobody had logged in");
        let tenant = Tenant::of(&running, generation, &[]);
        tenant.ping().await.unwrap();
        assert_eq!(running.open_sessions(), 1);
        tenant.close().await;
        assert_eq!((running.open_sessions(), running.logouts()), (0, 1));
        assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Unavailable, "and none is opened any more");
        assert_eq!(running.open_sessions(), 0);
    }
}

#[tokio::test]
async fn a_login_refused_for_licences_is_rate_limited_for_some_seconds_and_no_other_connection() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let (first, second) = (Tenant::of(&running, generation, &[]), Tenant::of(&running, generation, &[]));
        first.ping().await.unwrap();
        let error = second.ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
        assert!(error.message().contains("licence"), "{error}");
        first.close().await;
        assert_eq!(second.ping().await.unwrap_err().kind(), ErrorKind::RateLimited);
        Tenant::of(&running, generation, &[]).ping().await.unwrap();
        assert_eq!((running.logins(), running.most_sessions()), (3, 1));
    }
}

#[tokio::test]
async fn a_bad_password_304_is_tried_once() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[("password", "wrong")]);
        for _ in 0..5 {
            let error = tenant.account("C20000").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CredentialsRejected, "{error}");
        }
        assert_eq!(running.logins(), 1, "the product locks users out");
        Tenant::of(&running, generation, &[]).ping().await.unwrap();
    }
}

#[tokio::test]
async fn an_unknown_company_306_is_misconfigured_with_its_name() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[("company_db", "SBONOWHERE")]);
        for logins in 1..=2 {
            let error = tenant.account("C20000").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
            assert!(error.message().contains("SBONOWHERE") && error.message().contains("company_db"), "{error}");
            assert_eq!(running.logins(), logins, "it locks nobody out");
        }
    }
}

#[tokio::test]
async fn a_login_that_was_disturbed_299_is_no_refusal() {
    for generation in GENERATIONS {
        let running = start(Options::default());
        running.fail(Fault { resource: Some(Resource::Login), after: 0, count: 1, status: 500, code: Some(299) });
        let tenant = Tenant::of(&running, generation, &[]);
        assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
        tenant.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_broken_node_407_is_left_for_another() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[]);
        tenant.ping().await.unwrap();
        running.break_nodes();
        assert!(tenant.invoice("C20000", "1009").await.unwrap().is_some());
        assert_eq!((running.logins(), running.logouts(), running.most_sessions()), (2, 1, 1));
    }
}

#[tokio::test]
async fn nodes_that_are_all_broken_are_unavailable_and_not_logged_into_for_ever() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[]);
        let all = Fault { resource: Some(Resource::Partners), after: 0, count: 100, status: 500, code: Some(407) };
        running.fail(all);
        for _ in 0..4 {
            assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
        }
        assert_eq!(running.logins(), 2);
    }
}

/// The simulator sends `ROUTEID` twice, and knows a session only with the second of them.
#[tokio::test]
async fn both_cookies_are_sent_and_the_last_route_wins() {
    for generation in GENERATIONS {
        let running = start(STRICT);
        let tenant = Tenant::of(&running, generation, &[]);
        tenant.ping().await.unwrap();
        tenant.ping().await.unwrap();
        assert_eq!(running.logins(), 1);
    }
}
