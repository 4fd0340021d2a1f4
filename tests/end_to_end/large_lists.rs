//! Lists of thousands on many pages, lists without end, and livegate in front of livegate.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use livegate_adapter_alloy::simulator::{API_KEY, CREDENTIAL_ID, Options, Resource, start_with};

use crate::gateway::{Gateway, TOKEN, sha256, simulator, tenant};

const KEY: (&str, &str) = ("LIVEGATE_TEST_ALLOY_KEY", API_KEY);

fn alloy(address: SocketAddr, version: &str, more: &str) -> String {
    let digest = sha256(TOKEN);
    format!(
        "adapter = \"alloy\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n[settings]\nbase_url = \"http://{address}/\"\n\
         version = \"{version}\"\ncredential_id = \"{CREDENTIAL_ID}\"\n\
         [secrets]\napi_key = {{ env = \"LIVEGATE_TEST_ALLOY_KEY\" }}\n{more}"
    )
}

fn page(customer: &str, page: usize, per_page: usize) -> String {
    format!(r#"{{"customer_code":"{customer}","current_page":"{page}","per_page":"{per_page}"}}"#)
}

#[tokio::test]
async fn a_customer_with_5000_invoices_on_50_pages_is_answered_whole_and_the_next_page_costs_nothing() {
    for (version, requests) in [("2024-03", 51), ("2023-12", 50)] {
        let erp = start_with(Options::default()).unwrap();
        let gateway = Gateway::start("", &[("harbor", &alloy(erp.address(), version, ""))], &[KEY]).await;
        let (mut ids, mut dates, mut owed) = (BTreeSet::new(), Vec::new(), 0_u64);
        for number in 1..=6 {
            let answer = gateway.call("invoices", &page("5000", number, 1_000)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let told = answer.json();
            assert_eq!(told["total_invoices"], 5_000);
            let invoices = told["invoices"].as_array().unwrap();
            assert_eq!(invoices.len(), if number == 6 { 0 } else { 1_000 });
            for invoice in invoices {
                assert!(ids.insert(invoice["invoice_id"].as_str().unwrap().to_owned()), "{invoice}");
                dates.push(invoice["invoice_date"].as_str().unwrap().to_owned());
                let n: u64 = invoice["invoice_id"].as_str().unwrap().strip_prefix("F-").unwrap().parse().unwrap();
                let balance = invoice["balance"].to_string();
                if n % 2 == 1 {
                    assert_eq!(balance, format!("{n}.01"), "{invoice}");
                    owed += n * 100 + 1;
                } else {
                    assert_eq!(balance.trim_end_matches(['0', '.']), "", "{invoice}");
                }
            }
            // All of it came with the first page.
            assert_eq!(erp.calls(Resource::Invoices), requests, "{version}, page {number}");
        }
        assert_eq!((ids.len(), owed), (5_000, 625_002_500));
        assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
        // On a connection of its own: Alloy allows 150 requests a minute.
        let gateway = Gateway::start("", &[("harbor", &alloy(erp.address(), version, ""))], &[KEY]).await;
        let balance = gateway.balance("5000").await;
        assert!(balance.body.contains(r#""balance":6250025.00,"total_due":6250025.00"#), "{}", balance.body);
    }
}

#[tokio::test]
async fn one_document_past_the_cap_is_too_large_and_never_a_short_list() {
    for version in ["2024-03", "2023-12"] {
        let erp = start_with(Options::default()).unwrap();
        let gateway = Gateway::start("", &[("harbor", &alloy(erp.address(), version, ""))], &[KEY]).await;
        let answer = gateway.call("invoices", &page("10001", 1, 15)).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "too_large"));
        assert!(answer.json()["detail"].as_str().unwrap().contains("[limits] documents"), "{answer:?}");
        let file = alloy(erp.address(), version, "[limits]\ndocuments = 10001");
        let gateway = Gateway::start("", &[("harbor", &file)], &[KEY]).await;
        let answer = gateway.call("invoices", &page("10001", 1, 15)).await;
        assert_eq!((answer.status, &answer.json()["total_invoices"]), (200, &10_001.into()), "{answer:?}");
    }
}

#[tokio::test]
async fn a_page_that_repeats_itself_for_ever_is_malformed_well_within_the_deadline() {
    for version in ["2024-03", "2023-12"] {
        let erp = start_with(Options::default()).unwrap();
        let gateway = Gateway::start("", &[("harbor", &alloy(erp.address(), version, ""))], &[KEY]).await;
        let began = Instant::now();
        let answer = gateway.call("invoices", &page("112", 1, 15)).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "malformed"));
        assert!(began.elapsed() < Duration::from_secs(10), "the deadline");
        assert_eq!(erp.calls(Resource::Invoices), 2, "{version}");
    }
}

#[tokio::test]
async fn livegate_in_front_of_livegate_answers_the_same() {
    let erp = simulator();
    let inner = Gateway::with_tenant(&tenant(erp.address(), "")).await;
    let digest = sha256(TOKEN);
    let urls = [
        ("customer_balance_url", "customer-balance"),
        ("orders_url", "orders"),
        ("order_url", "orders/by-id"),
        ("invoices_url", "invoices"),
        ("invoice_url", "invoices/by-id"),
    ];
    let urls = urls.map(|(name, path)| format!("{name} = \"http://{}/live/v1/{path}\"\n", inner.live)).concat();
    let file = format!(
        "adapter = \"live\"\ntokens = [{{ sha256 = \"{digest}\" }}]\n[settings]\n{urls}auth = \"bearer\"\n\
         [secrets]\ntoken = {{ env = \"LIVEGATE_TEST_INNER\" }}\n"
    );
    let outer = Gateway::start("", &[("harbor", &file)], &[("LIVEGATE_TEST_INNER", TOKEN)]).await;
    for code in ["MARINA01", "CREDIT03", "EMPTY04", "EXACT07", "FLEET08", "R&D+50%", "NOBODY"] {
        for (path, more) in [
            ("customer-balance", ""),
            ("orders", ""),
            ("invoices", ""),
            ("invoices", r#","current_page":2,"per_page":7"#),
            ("orders/by-id", r#","order_id":"501002""#),
            ("invoices/by-id", r#","invoice_id":"100250""#),
        ] {
            let body = format!("{{\"customer_code\":{code:?}{more}}}");
            let (direct, through) = (inner.call(path, &body).await, outer.call(path, &body).await);
            assert_eq!((direct.status, through.status), (200, 200), "{path} {body} {through:?}");
            assert_eq!(through.body, direct.body, "{path} {body}");
        }
    }
}
