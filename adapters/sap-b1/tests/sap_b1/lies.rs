//! Servers that answer what they should not.

use std::sync::Arc;
use std::time::Duration;

use livegate_core::{ErrorKind, Listing};
use tokio::sync::Notify;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Tenant, context, key};

/// A server that lets everybody in and gives these answers, by path.
async fn server(answers: &[(&str, &str)]) -> (MockServer, Tenant) {
    let server = MockServer::start().await;
    let login = ResponseTemplate::new(200)
        .insert_header("Set-Cookie", "B1SESSION=one")
        .set_body_raw(r#"{"SessionId":"one","SessionTimeout":30}"#, "application/json");
    Mock::given(method("POST")).and(path("/b1s/v2/Login")).respond_with(login).mount(&server).await;
    for (resource, body) in answers {
        let answer = ResponseTemplate::new(200).set_body_raw(*body, "application/json");
        Mock::given(method("GET")).and(path(format!("/b1s/v2/{resource}"))).respond_with(answer).mount(&server).await;
    }
    let tenant = Tenant::connect(&server.uri(), &[]);
    (server, tenant)
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_malformed() {
    for body in [
        "",
        "null",
        "{}",
        r#"{"value":null}"#,
        r#"{"value":{}}"#,
        r#"{"value":["x"]}"#,
        r#"{"value":[{"DocNum":1}]}"#,
        r#"{"value":[{"DocEntry":1}]}"#,
        r#"{"value":[{"DocEntry":"one","DocNum":1}]}"#,
        r#"{"value":[{"DocEntry":-1,"DocNum":1}]}"#,
        r#"{"value":[{"DocEntry":99999999999,"DocNum":1}]}"#,
        r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A","DocTotal":"a lot"}]}"#,
        r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A","DocTotal":{}}]}"#,
        "<html><body>Sign in</body></html>",
    ] {
        let (_server, tenant) = server(&[("Orders", body)]).await;
        let error = tenant.orders("A", None).await.err();
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Malformed), "{body}");
        assert_eq!(tenant.order("A", "1").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn a_next_link_to_somewhere_else_is_not_followed() {
    for link in ["https://elsewhere.example/b1s/v2/Orders?$skip=1", "//elsewhere.example/x", "/b1s/v2x/Orders", "/"] {
        let body = format!(r#"{{"value":[{{"DocEntry":1,"DocNum":1,"CardCode":"A"}}],"@odata.nextLink":"{link}"}}"#);
        let (_server, tenant) = server(&[("Orders", &body)]).await;
        assert_eq!(tenant.orders("A", None).await.unwrap_err().kind(), ErrorKind::Malformed, "{link}");
    }
}

#[tokio::test]
async fn a_page_without_a_count_is_no_page() {
    let body = r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A"}]}"#;
    let (_server, tenant) = server(&[("Orders", body)]).await;
    assert!(matches!(tenant.orders("A", Some((1, 1))).await.unwrap(), Listing::Complete(all) if all.len() == 1));
}

const PARTNER: &str =
    r#"{"value":[{"CardCode":"A","CardType":"cCustomer","Currency":"USD","CurrentAccountBalance":5,"CreditLimit":0}]}"#;
const COMPANY: &str = r#"{"LocalCurrency":"USD","SystemCurrency":"USD"}"#;
const NONE: &str = r#"{"value":[]}"#;

#[tokio::test]
async fn a_balance_needs_itself_and_what_of_each_document_is_open() {
    let with = |partner: &'static str, invoices: &'static str| async move {
        let answers = [
            ("BusinessPartners", partner),
            ("CompanyService_GetAdminInfo", COMPANY),
            ("Invoices", invoices),
            ("CreditNotes", NONE),
            ("DownPayments", NONE),
        ];
        let (_server, tenant) = server(&answers).await;
        tenant.account("A").await.map_err(|error| error.kind())
    };
    assert!(with(PARTNER, NONE).await.unwrap().is_some());
    let malformed = [
        (r#"{"value":[{"CardCode":"A","CardType":"cCustomer"}]}"#, NONE),
        (PARTNER, r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A","DocTotal":5}]}"#),
        (PARTNER, r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A","PaidToDate":5}]}"#),
        (PARTNER, r#"{"value":[{"DocNum":1,"CardCode":"A","DocTotal":5,"PaidToDate":1}]}"#),
        (
            PARTNER,
            r#"{"value":[{"DocEntry":1,"DocNum":1,"CardCode":"A","DocTotal":5,"PaidToDate":1,"DocumentInstallments":[{},{}]}]}"#,
        ),
    ];
    for (partner, invoices) in malformed {
        assert_eq!(with(partner, invoices).await, Err(ErrorKind::Malformed), "{partner} {invoices}");
    }
    // What is cancelled, or has nothing open, is not counted even if it is said to be open; the only instalment says nothing.
    let odd = r#"{"value":[
        {"DocEntry":1,"DocNum":1,"CardCode":"A","DocTotal":5,"PaidToDate":1,"CancelStatus":"csYes"},
        {"DocEntry":2,"DocNum":2,"CardCode":"A","DocTotal":5,"PaidToDate":1,"CancelStatus":"csCancellation"},
        {"DocEntry":3,"DocNum":3,"CardCode":"A","DocTotal":5,"PaidToDate":5},
        {"DocEntry":4,"DocNum":4,"CardCode":"A","DocTotal":5,"PaidToDate":1,"DocumentInstallments":[{}]}]}"#;
    let items = with(PARTNER, odd).await.unwrap().unwrap().open_items.unwrap();
    // What the balance holds beside documents comes last.
    assert_eq!(items.iter().map(|item| item.balance.amount.to_string()).collect::<Vec<_>>(), ["4", "1"]);
}

/// The clock stands still from when the server has the question, so that nothing but the adapter's own limit can end it.
#[tokio::test]
async fn delivery_notes_that_do_not_come_leave_half_of_the_time() {
    let (server, tenant) = server(&[("Orders", ORDER)]).await;
    let asked = Arc::new(Notify::new());
    let notice = Arc::clone(&asked);
    let never = move |_: &wiremock::Request| {
        notice.notify_one();
        ResponseTemplate::new(200).set_body_raw(NONE, "application/json").set_delay(Duration::from_secs(3600))
    };
    Mock::given(method("POST")).and(path("/b1s/v2/QueryService_PostQuery")).respond_with(never).mount(&server).await;
    let cx = context();
    let key = key("A", "7");
    let stop_the_clock = async {
        asked.notified().await;
        tokio::time::pause();
    };
    let (order, ()) = tokio::join!(tenant.0.order(&cx, &key), stop_the_clock);
    assert_eq!(order.unwrap().unwrap().lines.unwrap()[0].quantity_shipped, None);
    assert!(cx.remaining() > Duration::from_secs(50), "of 120 seconds {:?} are left", cx.remaining());
}

const ORDER: &str = r#"{"value":[{"DocEntry":7,"DocNum":7,"CardCode":"A","DocDate":"2026-02-01T00:00:00Z",
    "DocumentLines":[{"LineNum":0,"Quantity":200,"RemainingOpenQuantity":0}]}]}"#;

/// Without joins, delivery notes are looked through from the day of the order on, and not without an end.
#[tokio::test]
async fn of_very_many_delivery_notes_none_is_told() {
    for (count, shipped) in [(200, Some("200")), (201, None)] {
        let note = |entry: u32| {
            format!(
                r#"{{"DocEntry":{entry},"DocumentLines":[{{"BaseType":17,"BaseEntry":7,"BaseLine":0,"Quantity":1}}]}}"#
            )
        };
        let notes = format!(r#"{{"value":[{}]}}"#, (0..count).map(note).collect::<Vec<_>>().join(","));
        let (server, tenant) = server(&[("Orders", ORDER), ("DeliveryNotes", &notes)]).await;
        let unknown = ResponseTemplate::new(400).set_body_raw(r#"{"error":{"code":"-1000"}}"#, "application/json");
        let join = Mock::given(method("POST")).and(path("/b1s/v2/QueryService_PostQuery"));
        join.respond_with(unknown).mount(&server).await;
        let lines = tenant.order("A", "7").await.unwrap().unwrap().lines.unwrap();
        assert_eq!(lines[0].quantity_shipped.map(|amount| amount.to_string()).as_deref(), shipped);
        let asked = server.received_requests().await.unwrap();
        let asked = asked.iter().find(|request| request.url.path().ends_with("DeliveryNotes")).unwrap();
        let filter = asked.url.query_pairs().find(|(name, _)| name == "$filter").unwrap().1;
        assert_eq!(filter, "CardCode eq 'A' and DocDate ge '2026-02-01'");
    }
}

#[tokio::test]
async fn a_login_that_is_a_page_or_names_no_session_is_malformed() {
    for body in ["<html><body>Sign in</body></html>", "{}", r#"{"SessionId":""}"#] {
        let server = MockServer::start().await;
        let login =
            ResponseTemplate::new(200).insert_header("Set-Cookie", "B1SESSION=one").set_body_raw(body, "text/html");
        Mock::given(path("/b1s/v2/Login")).respond_with(login).mount(&server).await;
        let error = Tenant::connect(&server.uri(), &[]).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}: {error}");
    }
}
