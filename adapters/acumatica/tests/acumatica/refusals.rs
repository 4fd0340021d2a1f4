//! What is wrong at the other end, and how a person is told.

use livegate_adapter_acumatica::simulator::{Fault, Options};
use livegate_core::{Account, ErpError, ErrorKind, Result};
use serde_json::json;
use wiremock::matchers::{method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{OAUTH, SESSION, Tenant, harbor, ok, with};

async fn refused(settings: &[(&str, &str)], options: Options) -> ErpError {
    let (_running, tenant) = harbor(settings, options);
    tenant.account("HARBOR01").await.unwrap_err()
}

#[tokio::test]
async fn an_endpoint_version_that_the_instance_lacks_is_misconfigured_and_named() {
    for settings in [SESSION, OAUTH] {
        let error = refused(&with(settings, &[("version", "99.200.001")]), Options::default()).await;
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().contains("99.200.001") && error.message().contains("Default"), "{error}");
        let error = refused(&with(settings, &[("endpoint", "Quayside")]), Options::default()).await;
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().contains("Quayside") && error.message().contains("SM207060"), "{error}");
    }
}

#[tokio::test]
async fn a_company_that_does_not_exist_is_misconfigured_and_named() {
    let error = refused(&with(SESSION, &[("tenant", "Harbour Suply")]), Options::default()).await;
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("\"Harbour Suply\"") && error.message().contains("SM203520"), "{error}");
}

#[tokio::test]
async fn a_branch_without_rights_is_permission_denied_and_named() {
    for settings in [SESSION, OAUTH] {
        let error = refused(&with(settings, &[("branch", "NORTH")]), Options::default()).await;
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        assert!(error.message().contains("\"NORTH\"") && error.message().contains("CS102000"), "{error}");
        let (_running, tenant) = harbor(&with(settings, &[("branch", "WEST")]), Options::default());
        tenant.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_form_without_rights_is_permission_denied_and_named() {
    let error = refused(SESSION, Options { forbidden: &["Payment"], ..Options::default() }).await;
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.message().contains("Payment (AR302000)"), "{error}");
}

#[tokio::test]
async fn a_failure_that_mentions_a_branch_is_not_a_branch_without_rights() {
    let about_data = ("PX.Data.PXException", "Error: The branch of the document 000123 is inactive.");
    let about_rights = ("PX.Data.PXException", "Error: You have insufficient rights to access the branch.");
    for (settings, exception, kind) in [
        (SESSION, about_data, ErrorKind::Unavailable),
        (OAUTH, about_data, ErrorKind::Unavailable),
        // The login has let the user into the branch.
        (SESSION, about_rights, ErrorKind::Unavailable),
        (OAUTH, about_rights, ErrorKind::PermissionDenied),
    ] {
        let (running, tenant) = harbor(&with(settings, &[("branch", "MAIN")]), Options::default());
        running.fail(Fault { entity: "SalesOrder", after: 0, count: 1, status: 500, exception });
        let error = tenant.orders("HARBOR01").await.unwrap_err();
        assert_eq!((error.kind(), error.message().contains("\"MAIN\"")), (kind, kind == ErrorKind::PermissionDenied));
    }
}

#[tokio::test]
async fn a_right_that_is_missing_may_be_told_with_status_500() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let exception = ("PX.Data.PXNotEnoughRightsException", "You have insufficient rights to access the object.");
    running.fail(Fault { entity: "SalesOrder", after: 0, count: 1, status: 500, exception });
    let error = tenant.orders("HARBOR01").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.message().contains("SalesOrder (SO301000)") && error.message().contains("View Only"), "{error}");
}

#[tokio::test]
async fn an_entity_that_cannot_be_listed_is_misconfigured_and_named() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let exception = (
        "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
        "Optimization cannot be performed.The following fields cause the error:\r\nBalance: View X has BQL delegate",
    );
    running.fail(Fault { entity: "Invoice", after: 0, count: 9, status: 500, exception });
    for error in [tenant.account("HARBOR01").await.unwrap_err(), tenant.invoices("HARBOR01").await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().contains("Invoice (AR301000)") && !error.message().contains("BQL"), "{error}");
    }
}

#[tokio::test]
async fn a_field_that_the_endpoint_lacks_is_misconfigured_and_the_version_named() {
    let error = refused(SESSION, Options { lacks: &["Payment/CurrencyID"], ..Options::default() }).await;
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("Payment (AR302000)") && error.message().contains("24.200.001"), "{error}");
}

#[tokio::test]
async fn any_other_exception_is_unavailable_and_not_repeated_to_the_caller() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let exception = ("System.Data.SqlClient.SqlException", "Timeout expired on server SQL-4711.");
    running.fail(Fault { entity: "SalesOrder", after: 0, count: 1, status: 500, exception });
    let error = tenant.orders("HARBOR01").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!format!("{error:?} {}", error.causes()).contains("4711"), "{error}");
    running.fail(Fault { entity: "SalesOrder", after: 0, count: 1, status: 429, exception });
    assert_eq!(tenant.orders("HARBOR01").await.unwrap_err().kind(), ErrorKind::RateLimited);
    running.fail(Fault { entity: "SalesOrder", after: 0, count: 1, status: 400, exception });
    assert_eq!(tenant.orders("HARBOR01").await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

/// Status 500 with an exception of this type and message.
fn exception([kind, message]: [&str; 2]) -> ResponseTemplate {
    let body = json!({ "message": "An error has occurred.", "exceptionType": kind, "exceptionMessage": message });
    ResponseTemplate::new(500).set_body_json(body)
}

#[tokio::test]
async fn a_database_that_stumbles_at_the_login_refuses_nobody() {
    for told in [
        ["PX.Data.PXException", "Error: Transaction (Process ID 57) was deadlocked on lock resources."],
        ["PX.Data.PXException", "Error: Invalid column name 'CompanyID'."],
        ["System.Data.SqlClient.SqlException", "The tenant's password store is locked out."],
    ] {
        let server = MockServer::start().await;
        Mock::given(method("POST")).respond_with(exception(told)).mount(&server).await;
        let error = Tenant::connect(&server.uri(), SESSION).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{told:?}: {error}");
    }
}

#[tokio::test]
async fn an_address_without_acumatica_is_misconfigured_at_the_login() {
    let server = MockServer::start().await;
    let error = Tenant::connect(&server.uri(), SESSION).ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("base_url"), "{error}");
}

/// An instance that answers every login and, to everything else, this.
async fn instance(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let login = ResponseTemplate::new(204).append_header("set-cookie", ".ASPXAUTH=1; path=/");
    Mock::given(method("POST")).and(path("/entity/auth/login")).respond_with(login).mount(&server).await;
    Mock::given(path_regex("^/entity/Default/")).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn a_redirect_to_the_login_page_is_a_session_that_is_over() {
    let answer = ResponseTemplate::new(302).append_header("location", "/Frames/Login.aspx?ReturnUrl=x");
    let server = instance(answer).await;
    let tenant = Tenant::connect(&server.uri(), SESSION);
    // Another one is no better: then it is what it looks like.
    assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Misconfigured);
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.url.path().ends_with("/login")).count(), 2);
}

#[tokio::test]
async fn what_is_not_what_acumatica_documents_is_malformed() {
    for (body, part) in [
        (r#"{"OrderType":{"value":"SO"},"OrderNbr":{"value":"1"},"CustomerID":"A"}"#, "CustomerID"),
        (r#"{"OrderType":{"value":"SO"},"OrderNbr":{"value":"1"},"OrderTotal":{"value":"many"}}"#, "OrderTotal"),
        (r#"{"OrderNbr":{"value":{"x":1}}}"#, "OrderNbr"),
        ("[]", ""),
        ("", ""),
    ] {
        let server = instance(ok(body)).await;
        let error = Tenant::connect(&server.uri(), SESSION).order("A", "1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}: {error}");
        assert!(error.message().to_lowercase().contains(&part.to_lowercase()), "{body}: {error}");
    }
    // A customer who does not say who they are is not nobody.
    let server = instance(ok("[]")).await;
    let customer = path("/entity/Default/24.200.001/Customer/A");
    let answer = ok(r#"{"message":"An error has occurred."}"#);
    Mock::given(customer).respond_with(answer).with_priority(1).mount(&server).await;
    let error = Tenant::connect(&server.uri(), SESSION).account("A").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
}

/// What is open for `A`, as its two lists tell it, and what the customer then owes.
async fn account(documents: &str, payments: &str) -> Result<Option<Account>> {
    let server = MockServer::start().await;
    let login = ResponseTemplate::new(204).append_header("set-cookie", ".ASPXAUTH=1; path=/");
    Mock::given(method("POST")).respond_with(login).mount(&server).await;
    let place = |entity: &str| path(format!("/entity/Default/24.200.001/{entity}"));
    let customer = ok(r#"{"CustomerID":{"value":"A"}}"#);
    Mock::given(place("Customer/A")).respond_with(customer).mount(&server).await;
    for (entity, rows) in [("Invoice", documents), ("Payment", payments)] {
        let first = Mock::given(place(entity)).and(query_param("$skip", "0"));
        first.respond_with(ok(&format!("[{rows}]"))).mount(&server).await;
        Mock::given(place(entity)).respond_with(ok("[]")).mount(&server).await;
    }
    Tenant::connect(&server.uri(), SESSION).account("A").await
}

/// A field's value as it is written, or nothing where it is blank.
fn wrapped(value: &str) -> String {
    if value.is_empty() { "{}".to_owned() } else { format!(r#"{{"value":{value}}}"#) }
}

fn document([kind, customer, balance, currency]: [&str; 4]) -> String {
    let [kind, customer, balance, currency] = [kind, customer, balance, currency].map(wrapped);
    format!(
        r#"{{"Type":{kind},"ReferenceNbr":{{"value":"1"}},"Customer":{customer},"Status":{{"value":"Open"}},
            "Balance":{balance},"custom":{{"Document":{{"CuryID":{currency}}}}}}}"#
    )
}

fn payment([kind, customer, balance, currency]: [&str; 4]) -> String {
    let [kind, customer, balance, currency] = [kind, customer, balance, currency].map(wrapped);
    format!(
        r#"{{"Type":{kind},"ReferenceNbr":{{"value":"1"}},"CustomerID":{customer},"Status":{{"value":"Open"}},
            "CurrencyID":{currency},"custom":{{"Document":{{"CuryDocBal":{balance}}}}}}}"#
    )
}

#[tokio::test]
async fn what_is_open_and_not_wholly_known_makes_no_balance() {
    let (invoice, received) =
        ([r#""Invoice""#, r#""A""#, "1.0", r#""USD""#], [r#""Payment""#, r#""A""#, "1.0", r#""USD""#]);
    let whole = account(&document(invoice), &payment(received)).await.unwrap().unwrap();
    assert_eq!(whole.open_items.unwrap().len(), 2);
    for part in 0..4 {
        let mut unknown = [invoice, received];
        (unknown[0][part], unknown[1][part]) = ("", "");
        for told in [account(&document(unknown[0]), ""), account("", &payment(unknown[1]))] {
            assert_eq!(told.await.unwrap_err().kind(), ErrorKind::Malformed, "{part}");
        }
    }
    // Types of which nobody says whether they are owed.
    let new = [r#""Prepayment Invoice""#, invoice[1], invoice[2], invoice[3]];
    for told in [account(&document(new), "").await, account("", &payment(new)).await] {
        let error = told.unwrap_err();
        assert!(error.kind() == ErrorKind::Malformed && error.message().contains("type"), "{error}");
    }
}
