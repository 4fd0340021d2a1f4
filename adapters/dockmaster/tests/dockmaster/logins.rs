//! The three logins, and which of them go with which generation.

use std::sync::Arc;

use livegate_adapter_dockmaster::simulator::{Endpoint, Options, PASSWORD, Running, SYSTEM_ID, TOKEN, USERNAME};
use livegate_core::ErrorKind;

use crate::answers::start;
use crate::{Dealer, loopback};

type Settings<'a> = Vec<(&'a str, &'a str)>;

fn password(running: &Running) -> (String, Settings<'static>) {
    let base = format!("http://{}/", running.address());
    (base, vec![("auth", "password"), ("username", USERNAME), ("password", PASSWORD)])
}

/// The addresses that only the running simulator knows, and the rest of a dme tenant's settings.
fn dme<'a>(auth_url: &'a str, password: &'a str) -> Settings<'a> {
    vec![("generation", "dme"), ("auth", "dme"), ("auth_url", auth_url), ("username", USERNAME), ("password", password)]
}

fn login_of(running: &Running) -> String {
    format!("http://{}/auth/token", running.address())
}

async fn answers_everything(dealer: &Dealer) {
    dealer.ping().await.unwrap();
    assert!(dealer.account("MARINA01").await.unwrap().is_some());
    assert!(!dealer.invoices("MARINA01").await.unwrap().is_empty());
    assert!(dealer.invoice("MARINA01", "100231").await.unwrap().is_some());
    assert!(!dealer.orders("MARINA01").await.unwrap().is_empty());
    assert!(dealer.order("MARINA01", "501001").await.unwrap().is_some());
}

#[tokio::test]
async fn every_allowed_combination_answers_and_every_other_is_refused_with_the_reason() {
    let running = start(Options { anonymous: true, ..Options::default() });
    let (base, login) = (format!("http://{}/", running.address()), login_of(&running));
    for history in ["open", "with_paid"] {
        for auth in ["none", "bearer", "password", "dme"] {
            let secrets: &[(&str, &str)] = match auth {
                "none" => &[],
                "bearer" => &[("token", TOKEN)],
                _ => &[("username", USERNAME), ("password", PASSWORD)],
            };
            for (generation, format) in [("v2", "json"), ("v2", "xml"), ("dme", "json")] {
                let mut settings: Settings<'_> =
                    vec![("generation", generation), ("auth", auth), ("invoice_history", history)];
                settings.extend(secrets);
                if generation == "v2" {
                    settings.push(("format", format));
                } else if auth == "dme" {
                    settings.push(("auth_url", &login));
                } else {
                    settings.push(("system_id", SYSTEM_ID));
                }
                let allowed = match generation {
                    "v2" => auth != "dme",
                    _ => auth == "dme" || auth == "bearer",
                };
                match Dealer::through(loopback(), &base, &settings, 10_000) {
                    Ok(dealer) if allowed => answers_everything(&dealer).await,
                    Ok(_) => panic!("{settings:?} is accepted"),
                    Err(error) => {
                        assert!(!allowed, "{settings:?}: {error}");
                        assert_eq!(error.kind(), ErrorKind::Misconfigured);
                        assert!(error.message().contains(generation) && error.message().contains(auth), "{error}");
                    }
                }
            }
        }
    }
    let without_system = [("generation", "dme"), ("auth", "bearer"), ("token", TOKEN)];
    let error = Dealer::through(loopback(), &base, &without_system, 10).err().unwrap();
    assert!(error.message().contains("system_id"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_on_an_expired_token_cost_one_renewal() {
    for generation in ["v2", "dme"] {
        let running = start(Options { logins_only: true, ..Options::default() });
        let (base, login) = (format!("http://{}/", running.address()), login_of(&running));
        let settings = if generation == "v2" { password(&running).1 } else { dme(&login, PASSWORD) };
        let dealer = Arc::new(Dealer::connect(&base, &settings));
        assert!(dealer.account("MARINA01").await.unwrap().is_some());
        assert_eq!((running.calls(Endpoint::Login), running.calls(Endpoint::Refresh)), (1, 0));
        running.expire_tokens();
        let calls: Vec<_> = (0..200)
            .map(|_| {
                let dealer = Arc::clone(&dealer);
                tokio::spawn(async move { dealer.account("MARINA01").await })
            })
            .collect();
        for call in calls {
            assert!(call.await.unwrap().unwrap().is_some());
        }
        // The newer generation refreshes, with the expired token; the older one logs in again.
        let renewals = if generation == "v2" { (2, 0) } else { (1, 1) };
        assert_eq!((running.calls(Endpoint::Login), running.calls(Endpoint::Refresh)), renewals, "{generation}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_rotates_is_used_once() {
    let running = start(Options { logins_only: true, ..Options::default() });
    let login = login_of(&running);
    let dealer = Dealer::of(running.address(), &dme(&login, PASSWORD));
    for refreshes in 0..4 {
        assert!(dealer.account("MARINA01").await.unwrap().is_some());
        assert_eq!((running.calls(Endpoint::Login), running.calls(Endpoint::Refresh)), (1, refreshes));
        running.expire_tokens();
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_corrected_settings_act_at_once() {
    for generation in ["v2", "dme"] {
        let running = start(Options { logins_only: true, ..Options::default() });
        let (base, login) = (format!("http://{}/", running.address()), login_of(&running));
        let with = |secret: &'static str| {
            if generation == "v2" {
                vec![("auth", "password"), ("username", USERNAME), ("password", secret)]
            } else {
                dme(&login, secret)
            }
        };
        let dealer = Dealer::connect(&base, &with("wrong"));
        for _ in 0..5 {
            let error = dealer.account("MARINA01").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CredentialsRejected, "{error}");
        }
        assert_eq!(running.calls(Endpoint::Login), 1, "DockMaster locks users out");
        assert!(Dealer::connect(&base, &with(PASSWORD)).account("MARINA01").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_system_is_the_only_one_or_the_one_that_was_chosen() {
    let systems: &[(&str, &str)] = &[("Harbor", "7301"), ("Lagoon", "7302")];
    let running = start(Options { logins_only: true, systems, ..Options::default() });
    let login = login_of(&running);
    let error = Dealer::of(running.address(), &dme(&login, PASSWORD)).account("MARINA01").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("Harbor (7301), Lagoon (7302)"), "{error}");
    for (system_id, found) in [("7302", true), ("9999", false)] {
        let mut settings = dme(&login, PASSWORD);
        settings.push(("system_id", system_id));
        let outcome = Dealer::of(running.address(), &settings).account("MARINA01").await;
        match outcome {
            Ok(account) => assert!(found && account.is_some()),
            Err(error) => {
                assert!(!found && error.message().contains("Harbor (7301), Lagoon (7302)"), "{error}");
                assert_eq!(error.kind(), ErrorKind::Misconfigured);
            }
        }
    }
}

#[tokio::test]
async fn a_login_page_is_malformed_and_no_refusal() {
    for generation in ["v2", "dme"] {
        let running = start(Options { logins_only: true, html_login: true, ..Options::default() });
        let login = login_of(&running);
        let settings = if generation == "v2" { password(&running).1 } else { dme(&login, PASSWORD) };
        let dealer = Dealer::of(running.address(), &settings);
        for logins in 1..=2 {
            let error = dealer.account("MARINA01").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
            // A balance asks for two things at once, and both wait for one login.
            assert!(running.calls(Endpoint::Login) <= 2 * logins, "{generation}");
        }
        assert!(running.calls(Endpoint::Login) >= 2, "it is no refusal, so it is tried again");
    }
}
