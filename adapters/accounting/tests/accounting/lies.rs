//! What the platform, or somebody on the way to it, should never answer.

use std::sync::atomic::{AtomicBool, Ordering};

use livegate_core::{ErrorKind, Result};
use livegate_testkit::{Asked, Lie, LyingErp};

use crate::{Organization, PLAIN, kind_of};

const REFUSAL: &str = r#"{"message":"No such thing","requestId":"53dbca94","providerMessage":"none"}"#;

fn json(body: &str) -> Lie {
    Lie::ok("application/json", body)
}

fn with_header(name: &'static str, value: &str, body: &str) -> Lie {
    let headers = vec![("Content-Type", "application/json".to_owned()), (name, value.to_owned())];
    Lie::Answer { status: 200, headers, body: body.into() }
}

fn refusal(status: u16, body: &str) -> Lie {
    Lie::Answer { status, headers: Vec::new(), body: body.into() }
}

/// A platform on which one customer owes what two invoices say; `lie` answers in its place where it wants to.
async fn books(lie: impl Fn(&str) -> Option<Lie> + Send + Sync + 'static) -> LyingErp {
    let answer = move |asked: &Asked| {
        let path = asked.line.trim_start_matches("GET /elements/api-v2/");
        lie(path).unwrap_or_else(|| match path.split(['?', '/']).next().unwrap_or_default() {
            "customers" if path.starts_with("customers/7") => json(r#"{"id":7,"currency":"USD"}"#),
            "customers" => json(r#"[{"id":7,"externalId":"SEVEN"}]"#),
            "product-invoices" if path.starts_with("product-invoices/") => refusal(404, REFUSAL),
            "product-invoices" => json(r#"[{"id":1,"customer":{"id":"7"},"totalAmountDue":"10.5"}]"#),
            "expense-invoices" if path.starts_with("expense-invoices/") => refusal(404, REFUSAL),
            "ar-payments" => json(r#"[{"id":9,"customer":{"id":7},"amount":1,"paymentDate":"2026-01-02"}]"#),
            _ => json("[]"),
        })
    };
    LyingErp::start(answer).await.unwrap()
}

fn at(platform: &LyingErp, more: &[(&str, &str)]) -> Organization {
    Organization::at(platform.address(), more)
}

#[tokio::test]
async fn without_a_lie_the_books_are_in_order() {
    let platform = books(|_| None).await;
    let account = at(&platform, &[]).account("7").await.unwrap().unwrap();
    assert_eq!(account.open_items.unwrap()[0].balance.amount.to_string(), "10.5");
    assert_eq!(account.last_payment_amount, Some(1.into()), "in no currency but the customer's");
}

#[tokio::test]
async fn not_found_is_said_in_the_platform_s_own_words() {
    let platform = books(|path| path.starts_with("customers/").then(|| refusal(404, REFUSAL))).await;
    assert_eq!(at(&platform, &[]).account("8").await.unwrap(), None);
    for body in ["", "<html>nginx</html>", "[]", "{}", r#"{"message":"Not Found"}"#, "null", "not found"] {
        let platform = books(move |path| path.contains('/').then(|| refusal(404, body))).await;
        let organization = at(&platform, &[]);
        assert_eq!(kind_of(organization.account("8").await), ErrorKind::Misconfigured, "{body}");
        assert_eq!(kind_of(organization.order("7", "1").await), ErrorKind::Misconfigured, "{body}");
    }
    // A list names no record.
    let platform = books(|path| path.contains('?').then(|| refusal(404, REFUSAL))).await;
    let organization = at(&platform, &[]);
    assert_eq!(kind_of(organization.invoices("7").await), ErrorKind::Misconfigured);
    assert_eq!(kind_of(organization.account("7").await), ErrorKind::Misconfigured);
    assert_eq!(kind_of(organization.ping().await), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_record_must_say_which_one_it_is() {
    for body in ["{}", REFUSAL, r#"{"externalId":"7"}"#, "[]", "null"] {
        let platform = books(move |path| path.contains('/').then(|| json(body))).await;
        let organization = at(&platform, &[]);
        assert_eq!(kind_of(organization.account("7").await), ErrorKind::Malformed, "{body}");
        assert_eq!(kind_of(organization.order("7", "1").await), ErrorKind::Malformed, "{body}");
    }
    let platform = books(|path| path.contains('/').then(|| json(r#"{"id":70,"customer":{"id":7}}"#))).await;
    let organization = at(&platform, &[]);
    assert_eq!(organization.account("7").await.unwrap(), None, "another's record");
    assert_eq!(organization.order("7", "1").await.unwrap(), None, "another order");
}

#[tokio::test]
async fn an_error_in_place_of_a_list_is_no_empty_list() {
    for body in [REFUSAL, "{}", "null", "\"\"", "[null]", ""] {
        let platform = books(move |path| path.contains('?').then(|| json(body))).await;
        let organization = at(&platform, &[]);
        assert_eq!(kind_of(organization.orders("7").await), ErrorKind::Malformed, "{body}");
        assert_eq!(kind_of(organization.invoices("7").await), ErrorKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn one_failing_list_fails_the_balance() {
    for failing in ["product-invoices", "expense-invoices", "ar-payments"] {
        let platform = books(move |path| path.starts_with(failing).then(|| refusal(500, REFUSAL))).await;
        assert_eq!(kind_of(at(&platform, &[]).account("7").await), ErrorKind::Unavailable, "{failing}");
    }
}

#[tokio::test]
async fn a_balance_is_never_guessed() {
    let unstated = r#"[{"id":1,"customer":{"id":7},"amount":10}]"#;
    let platform = books(move |path| path.starts_with("product-invoices").then(|| json(unstated))).await;
    let error = at(&platform, &[]).account("7").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.message().contains("totalAmountDue"), "{error}");
    let error = at(&platform, &[("balance_from", "customer")]).account("7").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.message().contains("totalOutstandingAmount"), "{error}");
    // What the customer's record says is enough; the ages then stay unknown.
    let platform = books(move |path| match path.split(['?', '/']).next() {
        Some("customers") => Some(json(r#"{"id":"7","totalOutstandingAmount":"10"}"#)),
        Some("product-invoices") => Some(json(unstated)),
        _ => None,
    })
    .await;
    let account = at(&platform, &[("balance_from", "customer")]).account("7").await.unwrap().unwrap();
    assert_eq!((account.balance.unwrap().amount.to_string().as_str(), account.open_items), ("10", None));
}

#[tokio::test]
async fn a_list_that_is_cut_although_no_pages_were_expected_is_told() {
    let more = |header: &'static str, value: &'static str| {
        books(move |path| {
            let is_list = path.starts_with("sales-orders") && !path.contains("page=2");
            is_list.then(|| with_header(header, value, r#"[{"id":1,"customer":{"id":7}}]"#))
        })
    };
    for (header, value, paging, remedy) in [
        ("elements-next-page-token", "abc", "none", "paging = \"elements\""),
        ("elements-total-count", "2", "none", "paging = \"page\""),
        ("elements-total-count", "2", "elements", "paging = \"page\""),
    ] {
        let platform = more(header, value).await;
        let error = at(&platform, &[("paging", paging)]).orders("7").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().contains(remedy), "{error}");
    }
    for (header, value, paging) in [
        ("elements-next-page-token", "", "none"),
        ("elements-total-count", "1", "elements"),
        ("elements-total-count", "many", "none"),
        ("elements-next-page-token", "abc", "page"),
    ] {
        let platform = more(header, value).await;
        assert_eq!(at(&platform, &[("paging", paging)]).orders("7").await.unwrap().len(), 1, "{header} {value}");
    }
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let row = r#"[{"id":1,"customer":{"id":7}}]"#;
    let platform = books(move |path| {
        path.starts_with("sales-orders").then(|| with_header("Elements-Next-Page-Token", "again", row))
    })
    .await;
    assert_eq!(kind_of(at(&platform, &[]).orders("7").await), ErrorKind::Malformed);
    assert!(platform.asked().len() <= 3);
    let platform = books(move |path| path.starts_with("sales-orders").then(|| json(row))).await;
    assert_eq!(kind_of(at(&platform, &[("paging", "page")]).orders("7").await), ErrorKind::Malformed);
}

#[tokio::test]
async fn only_the_number_that_was_chosen_makes_a_document() {
    let unnumbered = r#"[{"id":1,"customer":{"id":7}},{"id":2,"customer":{"id":8}}]"#;
    let platform = books(move |path| {
        let is_list = ["sales-orders", "product-invoices"].iter().any(|name| path.starts_with(name));
        is_list.then(|| json(unnumbered))
    })
    .await;
    let organization = at(&platform, &PLAIN);
    for error in [organization.orders("SEVEN").await.map(drop), organization.invoices("SEVEN").await.map(drop)] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.message().contains("document_number = \"id\""), "{error}");
    }
    assert_eq!(at(&platform, &[]).orders("7").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_customer_sent_twice_is_one_and_one_without_an_id_is_none() {
    let twice = r#"[{"id":7,"externalId":"SEVEN"},{"id":8,"externalId":"EIGHT"},{"id":"7","externalId":"SEVEN"}]"#;
    let platform = books(move |path| path.starts_with("customers").then(|| json(twice))).await;
    let keyed = [("customer_key", "externalId")];
    assert_eq!(at(&platform, &keyed).invoices("SEVEN").await.unwrap().len(), 1);
    assert_eq!(at(&platform, &keyed).invoices("seven").await.unwrap(), [], "ids may differ in case alone");
    for unidentified in [r#"[{"externalId":"SEVEN"}]"#, r#"[{"externalId":"SEVEN"},{"externalId":"SEVEN"}]"#] {
        let platform = books(move |path| path.starts_with("customers").then(|| json(unidentified))).await;
        assert_eq!(kind_of(at(&platform, &keyed).invoices("SEVEN").await), ErrorKind::Malformed);
    }
}

#[tokio::test]
async fn of_two_invoices_with_one_number_the_newest_is_shown() {
    let invoice = |day: &str, due: u32, kind: &str| {
        format!(
            r#"{{"id":1,"customer":{{"id":7}},"invoiceDate":"2026-01-{day}","totalAmountDue":{due},"description":"{kind}"}}"#
        )
    };
    for (product, expense, shown) in [("05", "06", "expense"), ("06", "05", "product"), ("05", "05", "product")] {
        let (product, expense) = (invoice(product, 1, "product"), invoice(expense, 2, "expense"));
        let platform = books(move |path| match path {
            "product-invoices/1" => Some(json(&product)),
            "expense-invoices/1" => Some(json(&expense)),
            _ => None,
        })
        .await;
        let invoice = at(&platform, &[]).invoice("7", "1").await.unwrap().unwrap();
        assert_eq!(invoice.note.as_deref(), Some(shown));
    }
}

#[tokio::test]
async fn statuses_keep_their_kinds_and_answers_their_secrets() {
    async fn outcomes(organization: &Organization) -> Vec<Result<()>> {
        vec![
            organization.account("7").await.map(drop),
            organization.invoices("7").await.map(drop),
            organization.invoice("7", "1").await.map(drop),
            organization.orders("7").await.map(drop),
            organization.order("7", "1").await.map(drop),
            organization.ping().await,
        ]
    }
    for (status, kind) in [
        (401, ErrorKind::CredentialsRejected),
        (403, ErrorKind::PermissionDenied),
        (400, ErrorKind::Misconfigured),
        (405, ErrorKind::Misconfigured),
        (409, ErrorKind::Misconfigured),
        (415, ErrorKind::Misconfigured),
        (302, ErrorKind::Misconfigured),
        (500, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
    ] {
        let body = r#"{"message":"TOPSECRET","providerMessage":"TOPSECRET"}"#;
        let platform = books(move |_| Some(refusal(status, body))).await;
        for outcome in outcomes(&at(&platform, &[])).await {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), kind, "{status}");
            assert!(!format!("{error:?} {}", error.causes()).contains("TOPSECRET"));
        }
    }
}

#[tokio::test]
async fn a_page_too_many_is_asked_for_again() {
    let refused = AtomicBool::new(false);
    let platform = books(move |path| {
        let first = r#"[{"id":1,"customer":{"id":7}}]"#;
        match path {
            path if path.contains("nextPage=2") && !refused.swap(true, Ordering::Relaxed) => {
                Some(Lie::Answer { status: 429, headers: vec![("Retry-After", "0".into())], body: Vec::new() })
            }
            path if path.contains("nextPage=2") => Some(json(r#"[{"id":2,"customer":{"id":7}}]"#)),
            path if path.starts_with("sales-orders") => Some(with_header("elements-next-page-token", "2", first)),
            _ => None,
        }
    })
    .await;
    assert_eq!(at(&platform, &[]).orders("7").await.unwrap().len(), 2);
    assert_eq!(platform.asked().len(), 3, "the first page is not asked for again");
}
