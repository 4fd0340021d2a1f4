//! Servers that answer what they should not.

use livegate_core::{ErrorKind, Standing};

use crate::{Tenant, balances, code, day, ok, server, status};

const CUSTOMER: &str = r#"{"customers":[{"id":"a","remoteId":"A","currency":"USD"}]}"#;

/// Customer `A` with these invoices and payments, each a JSON list.
async fn with(invoices: &str, payments: &str) -> (wiremock::MockServer, Tenant) {
    let server = server([
        ("customers", ok(CUSTOMER)),
        ("invoices", ok(&format!(r#"{{"invoices":{invoices}}}"#))),
        ("payments", ok(&format!(r#"{{"payments":{payments}}}"#))),
    ])
    .await;
    let tenant = Tenant::connect(&server.uri(), &[]);
    (server, tenant)
}

#[tokio::test]
async fn an_answer_that_is_none_is_malformed() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html><body>Sign in</body></html>",
        r#"{"message":"no"}"#,
        r#"{"customers":null}"#,
        r#"{"customers":{}}"#,
        r#"{"invoices":[]}"#,
        r#"{"customers":[{"id":"a""#,
        r#"{"customers":[{"id":{"x":1}}]}"#,
        r#"{"customers":[{"id":"a","remoteId":"A","remoteDeleted":"perhaps"}]}"#,
    ] {
        let server = server([("customers", ok(body))]).await;
        let tenant = Tenant::connect(&server.uri(), &[]);
        assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(tenant.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(tenant.order("A", "1").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
    for invoices in [
        "null",
        "{}",
        r#"[{"id":"1","customerId":"a","balance":"a lot"}]"#,
        r#"[{"balance":12345678901234567890123456789}]"#,
    ] {
        let (_server, tenant) = with(invoices, "[]").await;
        assert_eq!(tenant.account("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{invoices}");
        assert_eq!(tenant.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{invoices}");
        assert_eq!(tenant.invoice("A", "1").await.unwrap_err().kind(), ErrorKind::Malformed, "{invoices}");
    }
}

#[tokio::test]
async fn a_balance_needs_every_balance_that_counts_and_a_list_does_not() {
    let (_server, tenant) = with(r#"[{"id":"1","invoiceNumber":"1","customerId":"a","totalAmount":5}]"#, "[]").await;
    assert_eq!(tenant.account("A").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(tenant.invoices("A").await.unwrap()[0].balance, None);
    // What does not count may be silent.
    let silent = r#"[{"customerId":"a","remoteDeleted":true},{"customerId":"a","invoiceStatus":"dRAFT"},
        {"customerId":"a","invoiceStatus":"Cancelled","invoiceNumber":"9"},{"customerId":"b"},{}]"#;
    let (_server, tenant) = with(silent, "[]").await;
    assert_eq!(tenant.account("A").await.unwrap().unwrap().open_items, Some(vec![]));
    let listed = tenant.invoices("A").await.unwrap();
    assert_eq!(listed.iter().map(|invoice| invoice.standing).collect::<Vec<_>>(), [Standing::Void]);
}

#[tokio::test]
async fn what_no_one_can_name_is_malformed() {
    for id in ["null", r#"" ""#, r#""a\u0007""#] {
        let invoice = format!(r#"[{{"id":{id},"invoiceNumber":{id},"customerId":"a","balance":1}}]"#);
        let (_server, tenant) = with(&invoice, "[]").await;
        assert_eq!(tenant.account("A").await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(tenant.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    let (_server, tenant) = with(r#"[{"id":"1","invoiceNumber":"1","customerId":"a"}]"#, "[]").await;
    let by_remote_id = Tenant::connect(&_server.uri(), &[("document_number", "remoteId")]);
    assert_eq!(by_remote_id.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(tenant.invoices("A").await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_payment_is_one_that_came_in() {
    for (payments, date, amount) in [
        ("[]", None, None),
        (r#"[{"customerId":"a","transactionDate":"2026-01-02"}]"#, None, None),
        (r#"[{"customerId":"a","totalAmount":5}]"#, None, None),
        (r#"[{"customerId":"a","totalAmount":5,"transactionDate":"soon"}]"#, None, None),
        (r#"[{"customerId":"b","totalAmount":5,"transactionDate":"2026-01-02"}]"#, None, None),
        (r#"[{"totalAmount":5,"transactionDate":"2026-01-02"}]"#, None, None),
        (r#"[{"customerId":"a","vendorId":"v","totalAmount":5,"transactionDate":"2026-01-02"}]"#, None, None),
        (
            r#"[{"customerId":"a","vendorId":"","totalAmount":"5.10","transactionDate":"2026-01-02"}]"#,
            day("2026-01-02"),
            Some("5.10"),
        ),
        (
            r#"[{"customerId":"a","totalAmount":5,"currency":"EUR","transactionDate":"2026-01-02"}]"#,
            day("2026-01-02"),
            None,
        ),
        (
            r#"[{"customerId":"a","totalAmount":5,"currency":"usd","transactionDate":"2026-01-02"},
             {"customerId":"a","totalAmount":6,"transactionDate":"2026-01-01T23:59:59.999Z"}]"#,
            day("2026-01-02"),
            Some("5"),
        ),
    ] {
        let (_server, tenant) = with("[]", payments).await;
        let account = tenant.account("A").await.unwrap().unwrap();
        assert_eq!(account.last_payment_date, date, "{payments}");
        assert_eq!(account.last_payment_amount.map(|amount| amount.to_string()).as_deref(), amount, "{payments}");
    }
}

#[tokio::test]
async fn by_id_the_one_in_force_is_shown() {
    let several = r#"[
        {"id":"1","invoiceNumber":"7","customerId":"a","invoiceStatus":"VOID","issueDate":"2026-05-01","balance":1},
        {"id":"2","invoiceNumber":"7","customerId":"a","issueDate":"2026-03-01","balance":2},
        {"id":"3","invoiceNumber":"7","customerId":"a","issueDate":"2026-04-01","balance":3},
        {"id":"4","invoiceNumber":"7","customerId":"a","issueDate":"2026-04-01","balance":4},
        {"id":"5","invoiceNumber":"7","customerId":"a","issueDate":"2026-06-01","balance":5,"remoteDeleted":1},
        {"id":"6","invoiceNumber":"7","customerId":"b","issueDate":"2026-06-01","balance":6},
        {"id":"7","invoiceNumber":"77","customerId":"a","issueDate":"2026-06-01","balance":7},
        {"id":"8","remoteId":"7","customerId":"a","issueDate":"2026-06-01","balance":8}]"#;
    let (_server, tenant) = with(several, "[]").await;
    // The server ignores every filter, so the one without a number shows under the same id, and it is the newest.
    let found = tenant.invoice("A", "7").await.unwrap().unwrap().summary;
    assert_eq!(found.balance.unwrap().to_string(), "8");
    let without_it = several
        .replace(r#","remoteId":"7""#, "")
        .replace(r#"{"id":"8","customerId":"a""#, r#"{"id":"8","customerId":"c""#);
    let (_server, tenant) = with(&without_it, "[]").await;
    let found = tenant.invoice("A", "7").await.unwrap().unwrap().summary;
    assert_eq!((found.balance.unwrap().to_string(), found.owner), ("3".to_owned(), Some(code("A"))));
    assert_eq!(tenant.account("A").await.unwrap().unwrap().open_items.unwrap().len(), 4, "2, 3, 4 and 77");
}

#[tokio::test]
async fn an_item_that_is_another_gives_no_code() {
    let lines = r#"[{"accountingItemId":"i","totalAmount":1},{"accountingItemId":"..","totalAmount":2}]"#;
    let invoice = format!(
        r#"{{"invoices":[{{"id":"1","invoiceNumber":"1","customerId":"a","balance":1,"lineItems":{lines}}}]}}"#
    );
    for item in [
        ok(r#"{"item":{"id":"j","remoteId":"12"}}"#),
        ok(r#"{"item":{"remoteId":"12"}}"#),
        ok("{}"),
        ok("<html>"),
        status(404),
        status(500),
    ] {
        let server = server([("customers", ok(CUSTOMER)), ("invoices", ok(&invoice)), ("items/i", item)]).await;
        let invoice = Tenant::connect(&server.uri(), &[]).invoice("A", "1").await.unwrap().unwrap();
        let lines = invoice.lines.unwrap();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.item_id.is_none() && line.sku.is_none()));
    }
}

#[tokio::test]
async fn lines_that_are_not_told_are_unknown() {
    for (told, lines) in [
        ("", None),
        (r#","lineItems":null"#, None),
        (r#","lineItems":[]"#, Some(0)),
        (r#","lineItems":[{"totalAmount":1}]"#, Some(0)),
        (r#","lineItems":{"description":"x"}"#, Some(1)),
        (
            r#","lineItems":[{"quantity":0},{"unitPrice":2},{"accountingItemId":".."},{"totalAmount":1,"accountId":"9"}]"#,
            Some(3),
        ),
    ] {
        let (_server, tenant) =
            with(&format!(r#"[{{"id":"1","invoiceNumber":"1","customerId":"a"{told}}}]"#), "[]").await;
        let invoice = tenant.invoice("A", "1").await.unwrap().unwrap();
        assert_eq!(invoice.lines.map(|lines| lines.len()), lines, "{told}");
    }
}

#[tokio::test]
async fn a_cancelled_order_is_shown_with_its_status() {
    let orders = ["Void", "CANCELLED", "BILLED", "draft", "Deleted"];
    let row =
        |status: &str| format!(r#"{{"salesOrderNumber":"{status}","customerId":"a","salesOrderStatus":"{status}"}}"#);
    let body = format!(r#"{{"salesOrders":[{}]}}"#, orders.map(row).join(","));
    let server = server([("customers", ok(CUSTOMER)), ("sales-orders", ok(&body))]).await;
    let shown = Tenant::connect(&server.uri(), &[]).orders("A").await.unwrap();
    let shown: Vec<_> = shown.iter().map(|order| (order.status.as_deref().unwrap(), order.standing)).collect();
    assert_eq!(shown, ["Void", "CANCELLED", "BILLED"].map(|status| (status, Standing::Issued)));
}

#[tokio::test]
async fn an_address_is_where_its_type_says() {
    let customer =
        |addresses: &str| format!(r#"{{"customers":[{{"id":"a","remoteId":"A","addresses":{addresses}}}]}}"#);
    for (addresses, bill_to, ship_to) in [
        ("null", None, None),
        ("[]", None, None),
        (r#"[{"addressType":"Billing"}]"#, None, None),
        (r#"{"addressType":"BILLING","street1":"1","countrySubdivision":"NY"}"#, Some("1"), None),
        (
            r#"[{"street1":"0"},{"addressType":"shipping","street1":"2"},{"addressType":"Shipping","street1":"3"}]"#,
            None,
            Some("2"),
        ),
        (r#"[{"addressType":"Billing"},{"addressType":"Billing","street1":"4"}]"#, Some("4"), None),
    ] {
        let body = customer(addresses);
        let server = server([
            ("customers", ok(&body)),
            ("invoices", ok(r#"{"invoices":[{"id":"1","invoiceNumber":"1","customerId":"a"}]}"#)),
        ])
        .await;
        let invoice = Tenant::connect(&server.uri(), &[]).invoices("A").await.unwrap().remove(0);
        let street = |address: &Option<std::sync::Arc<livegate_core::Address>>| {
            address.as_ref().and_then(|address| address.address1.clone())
        };
        assert_eq!((street(&invoice.bill_to).as_deref(), street(&invoice.ship_to).as_deref()), (bill_to, ship_to));
        if let Some(address) = invoice.bill_to.filter(|_| addresses.contains("NY")) {
            assert_eq!(address.state.as_deref(), Some("NY"));
        }
    }
}

#[tokio::test]
async fn nothing_private_is_in_an_answer() {
    let running = livegate_adapter_alloy::simulator::start_with(Default::default()).unwrap();
    let tenant = Tenant::of(&running, &[]);
    let told = format!(
        "{:?}{:?}{:?}{:?}{:?}",
        tenant.account("97").await.unwrap(),
        tenant.invoices("97").await.unwrap(),
        tenant.invoice("97", "INV-1009").await.unwrap(),
        tenant.orders("97").await.unwrap(),
        tenant.order("97", "SO-1010").await.unwrap()
    );
    for private in ["TAXID", "PRIVATE", "0.77", "accounts@", "555-1234"] {
        assert!(!told.contains(private), "{private}");
    }
    assert_eq!(balances(&tenant.invoices("98").await.unwrap()).len(), 1);
}
