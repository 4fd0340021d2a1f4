//! Servers that answer what they should not.

use std::net::SocketAddr;

use livegate_adapter_live::simulator::{self, Dialect, HEADER};
use livegate_core::{ErrorKind, Moment, Result};
use livegate_testkit::{Lie, LyingErp};

use crate::{Upstream, code, day, saying, text};

/// Each call's outcome: whether something was found, or the kind of the failure.
async fn outcomes(address: SocketAddr, success: &str) -> [Result<bool, ErrorKind>; 5] {
    let settings = [("header_name", HEADER.0), ("header_value", HEADER.1), ("success", success)];
    let upstream = Upstream::with(address, &settings, 100);
    fn kind<T>(outcome: Result<T>, found: fn(&T) -> bool) -> Result<bool, ErrorKind> {
        outcome.as_ref().map(found).map_err(livegate_core::ErpError::kind)
    }
    [
        kind(upstream.account("A").await, Option::is_some),
        kind(upstream.orders("A").await, |list| !list.is_empty()),
        kind(upstream.order("A", "1").await, Option::is_some),
        kind(upstream.invoices("A").await, |list| !list.is_empty()),
        kind(upstream.invoice("A", "1").await, Option::is_some),
    ]
}

#[tokio::test]
async fn every_way_of_being_empty_means_nothing_found() {
    for empty in ["", " \r\n", "\u{feff}", "null", "{}", " [] ", "[null]", "[{}]", "{ }", "\u{feff}{}"] {
        for success in ["status", "body"] {
            let server = saying(empty).await;
            assert_eq!(outcomes(server.address(), success).await, [Ok(false); 5], "{empty:?}");
        }
    }
    // The expected member is there and empty.
    for empty in [
        r#"{"customer_code":null,"balance":null,"orders":null,"order_id":null,"invoices":null,"invoice_id":null}"#,
        r#"{"Customer_Code":"","orders":[],"order_id":"","invoices":[],"invoice_id":" ","total_orders":0,"total_invoices":"0"}"#,
        r#"{"balance":null,"orders":null,"total_orders":0,"order_id":null,"invoices":null,"total_invoices":"0","invoice_id":null,"error":null}"#,
    ] {
        for success in ["status", "body"] {
            let server = saying(empty).await;
            assert_eq!(outcomes(server.address(), success).await, [Ok(false); 5], "{empty}");
        }
    }
    let server = LyingErp::start(|_| Lie::status(204)).await.unwrap();
    assert_eq!(outcomes(server.address(), "status").await, [Ok(false); 5]);
}

#[tokio::test]
async fn an_object_without_what_was_asked_for_is_no_answer() {
    for body in [
        r#"{"error":"the ledger is closed"}"#,
        r#"{"message":"Order not found"}"#,
        r#"{"data":{"orders":[]}}"#,
        r#"{"total_orders":3,"total_invoices":3,"total":1}"#,
        r#"[{"status":"failed"}]"#,
    ] {
        for (success, kind) in [("status", ErrorKind::Malformed), ("body", ErrorKind::Unavailable)] {
            let server = saying(body).await;
            assert_eq!(outcomes(server.address(), success).await, [Err(kind); 5], "{body}");
        }
    }
}

#[tokio::test]
async fn a_document_that_tells_all_but_its_id_is_not_an_empty_answer() {
    let body = r#"{"order_id":null,"invoice_id":"","orders":null,"total_orders":3,"invoices":null,"total_invoices":"3","total":5}"#;
    for (success, kind) in [("status", ErrorKind::Malformed), ("body", ErrorKind::Unavailable)] {
        let server = saying(body).await;
        assert_eq!(outcomes(server.address(), success).await, [Err(kind); 5]);
    }
}

#[tokio::test]
async fn a_reported_failure_beats_an_empty_answer_where_bodies_tell() {
    for report in [r#""error":"x""#, r#""errors":[{"code":7}]"#, r#""Success":false"#, r#""error":true"#] {
        let body = format!(
            r#"{{"customer_code":"A","balance":1,"orders":[],"order_id":"1","invoices":[],"invoice_id":"1",{report}}}"#
        );
        let server = saying(&body).await;
        assert_eq!(outcomes(server.address(), "body").await, [Err(ErrorKind::Unavailable); 5], "{report}");
        let told = outcomes(server.address(), "status").await;
        assert_eq!(told, [Ok(true), Ok(false), Ok(true), Ok(false), Ok(true)], "{report}");
    }
    for no_report in [r#""error":null"#, r#""errors":[]"#, r#""error":false,"success":true"#, r#""error":"""#] {
        let server = saying(&format!(r#"{{"customer_code":"A","balance":1,{no_report}}}"#)).await;
        assert_eq!(outcomes(server.address(), "body").await[0], Ok(true), "{no_report}");
    }
}

#[tokio::test]
async fn what_is_no_such_answer_is_malformed() {
    let row = |members: &str| {
        format!(r#"{{"orders":[{{{members}}}],"invoices":[{{{members}}}],"order_id":"1","invoice_id":"1"}}"#)
    };
    for body in [
        "<html><body>Sign in</body></html>".to_owned(),
        "OK".into(),
        r#"{"customer_code":"A","balance":1"#.into(),
        r#"{"customer_code":{"id":"A"},"orders":{},"order_id":["1"],"invoices":{},"invoice_id":true}"#.into(),
        r#"[{"order_id":"1"},{"order_id":"2"}]"#.into(),
        r#""A""#.into(),
        "7".into(),
        r#"{"customer_code":"A","balance":"a lot","orders":"none","order_id":"1","total":"x","invoices":5,"invoice_id":"1"}"#.into(),
        r#"{"customer_code":"A","balance":12345678901234567890123456789,"orders":[1],"order_id":"1","total":1e30,"invoices":[1],
            "invoice_id":"1"}"#.into(),
    ] {
        for success in ["status", "body"] {
            let server = saying(&body).await;
            assert_eq!(outcomes(server.address(), success).await, [Err(ErrorKind::Malformed); 5], "{body}");
        }
    }
    for members in
        ["", r#""order_id":" ","invoice_id":"""#, r#""order_id":"a\tb","invoice_id":"a\tb""#, r#""OrderNo":"1""#]
    {
        let server = saying(&row(members)).await;
        let [_, orders, _, invoices, _] = outcomes(server.address(), "status").await;
        assert_eq!((orders, invoices), (Err(ErrorKind::Malformed), Err(ErrorKind::Malformed)), "{members}");
    }
}

#[tokio::test]
async fn a_balance_that_is_not_stated_is_malformed() {
    let server = saying(r#"{"customer_code":"A","total_due":5,"balance":null}"#).await;
    for success in ["status", "body"] {
        assert_eq!(outcomes(server.address(), success).await[0], Err(ErrorKind::Malformed));
    }
}

#[tokio::test]
async fn a_bucket_that_is_missing_leaves_all_of_them_out() {
    let buckets = ["due_30_days", "due_60_days", "due_90_days", "due_120_days", "due_over_120_days"];
    for missing in buckets.into_iter().map(Some).chain([None]) {
        let told: String =
            buckets.iter().filter(|name| Some(**name) != missing).map(|name| format!(r#","{name}":"1""#)).collect();
        let server = saying(&format!(r#"{{"customer_code":"A","balance":1,"open_credits":"-7.50"{told}}}"#)).await;
        let account = Upstream::at(server.address()).account("A").await.unwrap().unwrap();
        assert_eq!(account.aging.is_some(), missing.is_none(), "{missing:?}");
        assert_eq!(text(account.open_credits), "7.50", "credits are positive");
    }
}

#[tokio::test]
async fn a_point_in_time_at_somebodys_midnight_is_no_day() {
    let midnight = "2026-03-01T00:00:00+13:00";
    let body = format!(
        r#"{{"customer_code":"A","balance":1,"last_charge_date":"{midnight}","last_sale_date":"{midnight}","last_payment_date":"{midnight}",
            "order_id":"1","order_date":"{midnight}","tracking_information":[{{"status_time":"{midnight}","shipping_date":"{midnight}"}}]}}"#
    );
    let server = saying(&body).await;
    let upstream = Upstream::at(server.address());
    let account = upstream.account("A").await.unwrap().unwrap();
    let at = Some(Moment::Instant { at: "2026-02-28T11:00:00Z".parse().unwrap(), fraction: false });
    assert_eq!([account.last_charge_date, account.last_sale_date, account.last_payment_date], [at; 3]);
    let order = upstream.order("A", "1").await.unwrap().unwrap();
    let parcel = &order.tracking.unwrap()[0];
    assert_eq!(
        (parcel.status_time, parcel.shipping_date, order.summary.order_date),
        (at, day("2026-03-01"), day("2026-03-01"))
    );
}

#[tokio::test]
async fn an_owner_is_only_who_the_document_itself_names() {
    let body = r#"{"order_id":"1","invoice_id":"1","balance":1,"billing_details":{"customer_code":"A","customer_id":"A"},
        "orders":[{"order_id":"1","billing_details":{"customer_code":"A"}},{"order_id":2,"customer_code":7}],
        "invoices":[{"invoice_id":"1","shipping_details":{"customer_id":"A"}},{"invoice_id":2,"customer_code":7}]}"#;
    let server = saying(body).await;
    let upstream = Upstream::with(server.address(), &[("header_value", "x")], 100);
    assert_eq!(upstream.account("A").await.unwrap().unwrap().owner, None);
    assert_eq!(upstream.order("A", "1").await.unwrap().unwrap().summary.owner, None);
    assert_eq!(upstream.invoice("A", "1").await.unwrap().unwrap().summary.owner, None);
    assert!(!upstream.0.capabilities().orders.scoped && !upstream.0.capabilities().invoices.scoped);
    let server = saying(&body.replace("\"balance\":1", "\"total_orders\":2,\"total_invoices\":\"2\"")).await;
    let upstream = Upstream::at(server.address());
    let owners: Vec<_> = upstream.orders("A").await.unwrap().into_iter().map(|order| order.owner).collect();
    assert_eq!(owners, [None, Some(code("7"))]);
    let owners: Vec<_> = upstream.invoices("A").await.unwrap().into_iter().map(|invoice| invoice.owner).collect();
    assert_eq!(owners, [None, Some(code("7"))]);
}

#[tokio::test]
async fn another_document_than_the_one_asked_for_is_malformed() {
    let server = saying(r#"{"order_id":"S9","invoice_id":"S9","customer_code":"A"}"#).await;
    let upstream = Upstream::at(server.address());
    assert!(upstream.order("A", "s9").await.unwrap().is_some() && upstream.invoice("A", "s9").await.unwrap().is_some());
    assert_eq!(upstream.order("A", "S10").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(upstream.invoice("A", "S10").await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_document_alone_in_a_list_is_that_document() {
    let server = saying(r#"[{"order_id":"S9","invoice_id":"S9","customer_code":"A","balance":"1.50"}]"#).await;
    let upstream = Upstream::at(server.address());
    assert_eq!(upstream.order("A", "S9").await.unwrap().unwrap().summary.owner, Some(code("A")));
    assert_eq!(text(upstream.invoice("A", "S9").await.unwrap().unwrap().summary.balance), "1.50");
    assert_eq!(upstream.account("A").await.unwrap().unwrap().balance.unwrap().amount.to_string(), "1.50");
}

#[tokio::test]
async fn a_status_keeps_its_meaning_whatever_the_body_says() {
    for (status, kind) in [
        (400, ErrorKind::Misconfigured),
        (401, ErrorKind::CredentialsRejected),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::Misconfigured),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
    ] {
        let lie = move |_: &livegate_testkit::Asked| Lie::Answer {
            status,
            headers: vec![("Retry-After", "60".to_owned())],
            body: b"{}".to_vec(),
        };
        let server = LyingErp::start(lie).await.unwrap();
        for success in ["status", "body"] {
            assert_eq!(outcomes(server.address(), success).await, [Err(kind); 5], "{status}");
        }
    }
}

#[tokio::test]
async fn the_simulators_failures_are_told_as_configured() {
    for (failures_in_200, success, kind) in [
        (false, "status", ErrorKind::Unavailable),
        (true, "status", ErrorKind::Malformed),
        (true, "body", ErrorKind::Unavailable),
    ] {
        let running = simulator::start_with(Dialect { failures_in_200, ..Dialect::default() }).unwrap();
        running.fail_next(5);
        assert_eq!(outcomes(running.address(), success).await, [Err(kind); 5]);
    }
}

#[tokio::test]
async fn small_slips_inside_a_document_are_read_or_unknown() {
    let body = r#"{"ORDER_ID":1,"Customer_Code":"A","billing_details":{"name":null,"city":""},"shipping_details":null,
        "tax_total":null,"sales_tax":"1.50","discount":2,"order_lines":[{"line_no":"first","qty":3,"unit_price":"8.00"}],
        "tracking_information":[{"delivery_charge":"free"},{"delivery_charge":"12.50","weight":2.5}]}"#;
    let server = saying(body).await;
    let order = Upstream::at(server.address()).order("A", "1").await.unwrap().unwrap();
    assert_eq!((order.bill_to, order.ship_to), (None, None), "an address of nothing is none");
    assert_eq!([order.summary.tax_total, order.summary.discount_total].map(text), ["1.50", "2"]);
    let line = &order.lines.unwrap()[0];
    assert_eq!((line.line_no, text(line.quantity), text(line.unit_price)), (None, "3".into(), "8.00".into()));
    let parcels = order.tracking.unwrap();
    assert_eq!([parcels[0].delivery_charge, parcels[1].delivery_charge].map(text), ["unknown", "12.50"]);
    assert_eq!(parcels[1].weight.as_deref(), Some("2.5"));
}
