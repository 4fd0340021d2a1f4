//! Long lists, and lists that never end.

use std::time::Duration;

use livegate_adapter_alloy::simulator::{Fault, Options, Resource, Running, start_with};
use livegate_core::{Amount, CallContext, ErrorKind};

use crate::{Tenant, both, code, ok, server};

#[tokio::test]
async fn five_thousand_invoices_are_answered_whole_and_right() {
    let (running, tenants) = both(Options::default());
    for (tenant, pages) in tenants.iter().zip([51, 50]) {
        let before = running.calls(Resource::Invoices);
        let invoices = tenant.invoices("5000").await.unwrap();
        // Whether a counted page was the last, only the one after it tells.
        assert_eq!(running.calls(Resource::Invoices) - before, pages);
        assert_eq!(invoices.len(), 5_000);
        for (n, invoice) in (1..).zip(&invoices) {
            assert_eq!(invoice.id.as_str(), format!("F-{n}"));
            assert_eq!(invoice.total.unwrap().to_string(), format!("{n}.01"));
            assert_eq!(invoice.owner, Some(code("5000")));
        }
        let account = tenant.account("5000").await.unwrap().unwrap();
        let items = account.open_items.unwrap();
        assert_eq!(items.len(), 2_500);
        // The odd numbers up to 4,999 and a cent each.
        assert_eq!(Amount::sum(items.iter().map(|item| item.balance.amount)).unwrap().to_string(), "6250025.00");
        let one = tenant.invoice("5000", "F-4711").await.unwrap().unwrap();
        assert_eq!(one.summary.balance.unwrap().to_string(), "4711.01");
    }
}

#[tokio::test]
async fn one_more_than_the_cap_is_too_large() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        for error in [tenant.invoices("10001").await.unwrap_err(), tenant.account("10001").await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert!(error.message().contains("10000 invoices"), "{error}");
        }
        assert!(tenant.invoice("10001", "F-10001").await.unwrap().is_some(), "one alone is not");
    }
}

#[tokio::test]
async fn a_page_that_comes_again_is_malformed_at_once() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        let before = running.calls(Resource::Invoices);
        assert_eq!(tenant.invoices("112").await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(running.calls(Resource::Invoices) - before, 2);
        assert_eq!(tenant.account("112").await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(tenant.orders("112").await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_list_under_data_is_read_too() {
    let (_running, tenants) = both(Options { lists_under_data: true, ..Options::default() });
    for tenant in tenants {
        assert_eq!(tenant.invoices("5000").await.unwrap().len(), 5_000);
        assert_eq!(tenant.orders("97").await.unwrap().len(), 13);
    }
}

/// 2024-03 says nothing about a next page, so a system that cuts shorter pages than it is asked for must not end the list.
#[tokio::test]
async fn pages_shorter_than_asked_for_do_not_end_a_list() {
    let (_running, tenants) = both(Options { page_size: Some(50), ..Options::default() });
    for tenant in tenants {
        assert_eq!(tenant.invoices("5000").await.unwrap().len(), 5_000);
    }
}

#[tokio::test]
async fn a_customer_is_found_behind_many_others() {
    let (_running, [_, tenant]) = both(Options { ignore_filters: true, page_size: Some(3), ..Options::default() });
    assert_eq!(tenant.account("97").await.unwrap().unwrap().open_items.unwrap().len(), 11);
}

#[tokio::test]
async fn too_many_customers_are_told_from_too_many_documents() {
    let (running, _) = both(Options { ignore_filters: true, ..Options::default() });
    let tenant = Tenant::capped(&format!("http://{}", running.address()), &[], 5).unwrap();
    let error = tenant.orders("97").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("customer_key") && error.message().contains("[limits]"), "{error}");
}

#[tokio::test]
async fn one_page_too_many_is_waited_for_within_the_deadline() {
    let fault = |retry_after| Fault {
        resource: Some(Resource::Invoices),
        after: 3,
        count: 1,
        status: 429,
        retry_after: Some(retry_after),
    };
    let (running, [tenant, _]) = both(Options::default());
    running.fail(fault(1));
    assert_eq!(tenant.invoices("5000").await.unwrap().len(), 5_000);
    assert_eq!(running.calls(Resource::Invoices), 52, "it goes on where it was");
    running.fail(fault(600));
    let error = tenant.invoices("5000").await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(600))));
}

#[tokio::test]
async fn the_rate_limit_of_a_connection_is_told() {
    let (running, [tenant, _]) = both(Options { requests_per_minute: Some(10), ..Options::default() });
    assert_eq!(tenant.invoices("5000").await.unwrap_err().kind(), ErrorKind::RateLimited);
    assert_eq!(running.all_calls(), 12, "one wait, and no more");
}

#[tokio::test]
async fn the_deadline_ends_a_long_list() {
    let (running, [tenant, _]) = both(Options { delay: Duration::from_millis(300), ..Options::default() });
    let cx = CallContext::new("test", Duration::from_secs(1));
    let query = livegate_core::AccountQuery { customer: code("5000"), caller: Default::default() };
    assert_eq!(tenant.0.account(&cx, &query).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(running.all_calls() < 12);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_is_malformed() {
    let settings = [("version", "2023-12")];
    let rows = |count: usize| (0..count).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect::<Vec<_>>().join(",");
    for (count, info, whole) in [
        (1, r#""pageInfo":{"hasNext":true}"#, false),
        (1, r#""pageInfo":{"hasNext":true,"nextCursor":null}"#, false),
        (1, r#""pageInfo":{"hasNext":true,"nextCursor":"again"}"#, false),
        (50, r#""syncInfo":{}"#, false),
        (100, r#""pageInfo":null"#, false),
        (49, r#""syncInfo":{}"#, true),
        (100, r#""pageInfo":{"hasNext":false,"nextCursor":"more"}"#, true),
        (100, r#""pageInfo":{"nextCursor":null}"#, true),
    ] {
        let body = format!(r#"{{"salesOrders":[{}],{info}}}"#, rows(count));
        let server = wiremock::MockServer::start().await;
        for (resource, body) in
            [("customers", r#"{"customers":[{"id":"a","remoteId":"A"}]}"#), ("sales-orders", body.as_str())]
        {
            wiremock::Mock::given(wiremock::matchers::path(format!("/2023-12/one/accounting/{resource}")))
                .respond_with(ok(body))
                .mount(&server)
                .await;
        }
        let orders = Tenant::connect(&server.uri(), &settings).orders("A").await;
        match orders {
            Ok(orders) => assert!(whole && orders.is_empty(), "{count} {info}"),
            Err(error) => assert_eq!((whole, error.kind()), (false, ErrorKind::Malformed), "{count} {info}"),
        }
    }
}

/// A system that cuts pages of two, whatever size is asked for.
#[tokio::test]
async fn short_pages_are_read_to_their_end() {
    let running = start_with(Options { page_size: Some(2), ..Options::default() }).unwrap();
    let usual = start_with(Options::default()).unwrap();
    let ids = async |running: &Running| {
        let invoices = Tenant::of(running, &[]).invoices("97").await.unwrap();
        invoices.iter().map(|invoice| invoice.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&running).await, ids(&usual).await);
}

#[tokio::test]
async fn a_customer_who_was_filtered_is_asked_for_once_and_a_list_until_it_ends() {
    let server = server([
        ("customers", ok(r#"{"customers":[{"id":"a","remoteId":"A"}]}"#)),
        ("invoices", ok(r#"{"invoices":[{"id":"1","invoiceNumber":"1","customerId":"a","balance":1}]}"#)),
    ])
    .await;
    let tenant = Tenant::connect(&server.uri(), &[]);
    assert_eq!(tenant.invoices("A").await.unwrap().len(), 1);
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
    assert!(tenant.invoice("A", "1").await.unwrap().is_some());
    assert_eq!(server.received_requests().await.unwrap().len(), 5, "so is a document that was filtered");
}

/// As many rows as a page usually has may be cut from more, whatever they hold.
#[tokio::test]
async fn a_page_of_usual_length_is_not_the_last_though_all_of_it_is_asked_for() {
    let page = |id: &str, count: usize| {
        let rows = vec![format!(r#"{{"id":"{id}","remoteId":"A"}}"#); count].join(",");
        ok(&format!(r#"{{"customers":[{rows}]}}"#))
    };
    for (count, kind) in [(50, Some(ErrorKind::Malformed)), (49, None)] {
        let server = wiremock::MockServer::start().await;
        let second = wiremock::Mock::given(wiremock::matchers::query_param("pageNumber", "2"));
        second.respond_with(page("b", 1)).mount(&server).await;
        let first = wiremock::Mock::given(wiremock::matchers::path("/2024-03/one/accounting/customers"));
        first.respond_with(page("a", count)).mount(&server).await;
        let others = wiremock::Mock::given(wiremock::matchers::path("/2024-03/one/accounting/sales-orders"));
        others.respond_with(ok(r#"{"salesOrders":[]}"#)).mount(&server).await;
        let orders = Tenant::connect(&server.uri(), &[]).orders("A").await;
        assert_eq!(orders.err().map(|error| error.kind()), kind, "{count}");
    }
}

/// A system may filter after it has cut its pages.
#[tokio::test]
async fn an_empty_page_with_a_cursor_is_not_the_last() {
    let server = wiremock::MockServer::start().await;
    let path = |resource: &str| wiremock::matchers::path(format!("/2023-12/one/accounting/{resource}"));
    let first = r#"{"data":[],"pageInfo":{"hasNext":true,"nextCursor":"second"}}"#;
    for (resource, row) in [
        ("customers", r#"{"id":"a","remoteId":"A"}"#),
        ("invoices", r#"{"id":"1","invoiceNumber":"1","customerId":"a","balance":1}"#),
    ] {
        let last = format!(r#"{{"data":[{row}],"pageInfo":{{"hasNext":false,"nextCursor":null}}}}"#);
        let second = wiremock::Mock::given(path(resource)).and(wiremock::matchers::query_param("cursor", "second"));
        second.respond_with(ok(&last)).mount(&server).await;
        wiremock::Mock::given(path(resource)).respond_with(ok(first)).mount(&server).await;
    }
    let tenant = Tenant::connect(&server.uri(), &[("version", "2023-12")]);
    assert_eq!(tenant.invoices("A").await.unwrap().len(), 1);
    assert!(tenant.invoice("A", "1").await.unwrap().is_some());
}
