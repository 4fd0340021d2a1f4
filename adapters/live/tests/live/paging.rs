//! Lists from upstreams whose paging is whatever it is.

use livegate_adapter_live::simulator::{self, Dialect, HEADER, Paging, Totals};
use livegate_core::{ErrorKind, Result};
use livegate_testkit::{Lie, LyingErp};
use serde_json::json;

use crate::{Upstream, body};

/// How many orders are read, and with how many requests.
async fn read(customer: &str, paging: Paging, totals: Totals) -> (Result<usize, ErrorKind>, usize) {
    let running = simulator::start_with(Dialect { paging, totals, ..Dialect::default() }).unwrap();
    let orders = Upstream::at(running.address()).orders(customer).await;
    (orders.map(|orders| orders.len()).map_err(|error| error.kind()), running.asked().len())
}

#[tokio::test]
async fn all_pages_are_read_however_the_upstream_cuts_them() {
    for (paging, totals, requests) in [
        (Paging::Heeded, Totals::Right, 3),
        (Paging::Heeded, Totals::Missing, 3),
        (Paging::Heeded, Totals::Always(300), 4),
        (Paging::Heeded, Totals::Always(120), 3),
        (Paging::Heeded, Totals::Always(0), 3),
        (Paging::Heeded, Totals::OfThePage, 3),
        (Paging::Capped(25), Totals::Right, 10),
        (Paging::Capped(25), Totals::Missing, 11),
        (Paging::Capped(30), Totals::Missing, 9),
        (Paging::Ignored, Totals::Right, 1),
    ] {
        assert_eq!(read("FLEET08", paging, totals).await, (Ok(250), requests), "{paging:?} {totals:?}");
    }
}

#[tokio::test]
async fn a_page_that_repeats_itself_is_malformed() {
    for (paging, totals, requests) in [
        (Paging::Repeated, Totals::Right, 2),
        (Paging::Repeated, Totals::Missing, 2),
        (Paging::Ignored, Totals::Missing, 2),
        (Paging::Ignored, Totals::Always(500), 2),
        (Paging::Ignored, Totals::Always(10), 2),
    ] {
        assert_eq!(
            read("FLEET08", paging, totals).await,
            (Err(ErrorKind::Malformed), requests),
            "{paging:?} {totals:?}"
        );
    }
}

#[tokio::test]
async fn a_short_list_costs_one_request() {
    assert_eq!(read("SPARSE05", Paging::Heeded, Totals::Right).await, (Ok(1), 1));
    assert_eq!(read("NOBODY", Paging::Heeded, Totals::Right).await, (Ok(0), 1));
}

/// A server of orders `O1` to `O<count>`, all at once or by pages of 100.
async fn holding(
    count: usize,
    pages: bool,
    total: impl Fn(usize) -> serde_json::Value + Send + Sync + 'static,
) -> LyingErp {
    LyingErp::start(move |asked| {
        let page: usize = body(asked)["current_page"].as_str().unwrap().parse().unwrap();
        let wanted = if pages { (page - 1) * 100..(page * 100).min(count) } else { 0..count };
        let rows: Vec<_> = wanted.map(|n| json!({"order_id": format!("O{}", n + 1), "customer_code": "A"})).collect();
        let total = total(rows.len());
        // Whatever else differs from page to page, a repeated page is one.
        let answer = json!({"orders": rows, "total_orders": total, "generated_for_page": page});
        Lie::ok("application/json", answer.to_string())
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_total_that_fits_a_full_first_page_is_not_trusted_blindly() {
    // Everything at once, and that is just a page: it comes again, as its total says.
    let all = holding(100, false, |count| json!(count)).await;
    assert_eq!(Upstream::at(all.address()).orders("A").await.unwrap().len(), 100);
    assert_eq!(all.asked().len(), 2);
    // The number of documents on the page, which is a misreading of the contract.
    let of_the_page = holding(250, true, |count| json!(count)).await;
    assert_eq!(Upstream::at(of_the_page.address()).orders("A").await.unwrap().len(), 250);
    // A true total that happens to be a page.
    let exact = holding(100, true, |_| json!("100")).await;
    assert_eq!(Upstream::at(exact.address()).orders("A").await.unwrap().len(), 100);
    let text = holding(200, true, |_| json!("200")).await;
    assert_eq!(Upstream::at(text.address()).orders("A").await.unwrap().len(), 200);
    assert_eq!(text.asked().len(), 2);
    let nonsense = holding(150, true, |_| json!("many")).await;
    assert_eq!(Upstream::at(nonsense.address()).orders("A").await.unwrap().len(), 150);
    let repeating = holding(100, false, |_| json!(null)).await;
    assert_eq!(Upstream::at(repeating.address()).orders("A").await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_not_taken_for_a_short_one() {
    for (lost, total, outcome) in [
        ("", json!(150), Err(ErrorKind::Malformed)),
        ("null", json!("150"), Err(ErrorKind::Malformed)),
        // The contract's own words that there is nothing more, and no word about how many there are.
        (r#"{"orders":[],"total_orders":150}"#, json!(150), Ok(100)),
        ("[]", json!(null), Ok(100)),
    ] {
        let server = LyingErp::start(move |asked| {
            let rows: Vec<_> = (1..=100).map(|n| json!({"order_id": n, "customer_code": "A"})).collect();
            let first = body(asked)["current_page"] == "1";
            let page = json!({"orders": rows, "total_orders": total}).to_string();
            Lie::ok("application/json", if first { page } else { lost.to_owned() })
        });
        let orders = Upstream::at(server.await.unwrap().address()).orders("A").await;
        assert_eq!(orders.map(|orders| orders.len()).map_err(|error| error.kind()), outcome, "{lost:?}");
    }
}

#[tokio::test]
async fn more_than_the_cap_is_too_large() {
    for (count, fits) in [(300, true), (301, false)] {
        for pages in [true, false] {
            let server = holding(count, pages, move |_| json!(count)).await;
            let settings = [("header_name", HEADER.0), ("header_value", HEADER.1)];
            let orders = Upstream::with(server.address(), &settings, 300).orders("A").await;
            assert_eq!(orders.is_ok(), fits);
            if let Some(error) = orders.err() {
                assert_eq!(error.kind(), ErrorKind::TooLarge);
                assert!(error.message().contains("300 orders"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn pages_are_asked_for_by_texts_and_in_order() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    assert_eq!(Upstream::at(running.address()).invoices("FLEET08").await.unwrap().len(), 250);
    let asked: Vec<_> = running.asked().into_iter().map(|(call, body)| (call, body["current_page"].clone())).collect();
    let expected = ["1", "2", "3"].map(|page| ("invoices".to_owned(), json!(page)));
    assert_eq!(asked, expected);
}
