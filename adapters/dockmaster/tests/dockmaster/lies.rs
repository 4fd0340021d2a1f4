//! Servers that answer what they should not.

use std::collections::BTreeMap;

use livegate_core::{Account, ErrorKind, InvoiceSummary, Result};
use serde_json::Value;

use crate::{Dealer, FORMATS, INQUIRY, INVOICES, RECORD, code, ok, server, status};

/// The balance and the list that customer `A` gets from this inquiry.
async fn inquiry(body: &str) -> (Result<Option<Account>>, Result<Vec<InvoiceSummary>>) {
    let server = server([("GET", INQUIRY, ok(body)), ("GET", RECORD, status(404))]).await;
    let dealer = Dealer::connect(&server.uri(), &[]);
    (dealer.account("A").await, dealer.invoices("A").await)
}

/// One entry for `A` with these open invoices.
fn entry(invoices: &str) -> String {
    format!(r#"[{{"CustomerId":"A","CurrentBalance":1,"OpenARInvoices":{invoices}}}]"#)
}

#[tokio::test]
async fn an_answer_that_is_none_is_malformed() {
    let xml = "<ArrayOfCustomerARInquiry><CustomerARInquiry><CustomerId>A</CustomerId>";
    for (format, body) in [
        ("json", ""),
        ("json", "<html><body>Sign in</body></html>"),
        ("json", r#"{"Message":"An error has occurred."}"#),
        ("json", r#"[{"CustomerId":"A""#),
        ("json", r#"[{"CustomerId":{"Id":"A"}}]"#),
        ("json", r#"[{"CustomerId":"A","CurrentBalance":"a lot"}]"#),
        ("json", r#"[{"CustomerId":"A","CurrentBalance":12345678901234567890123456789}]"#),
        ("json", r#"[{"CustomerId":"A","OpenARInvoices":"none"}]"#),
        ("json", r#"[{"CustomerId":"A","OpenARInvoices":[{"Id":"1","UnAppliedPayment":"perhaps"}]}]"#),
        ("xml", ""),
        ("xml", xml),
        ("xml", "<Error><Message>An error has occurred.</Message></Error>"),
        ("xml", r#"[{"CustomerId":"A","CurrentBalance":1}]"#),
    ] {
        let server =
            server([("GET", INQUIRY, ok(body)), ("GET", RECORD, status(404)), ("POST", INVOICES, ok(body))]).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        assert_eq!(dealer.ping().await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(dealer.account("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(dealer.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        if !body.contains("CustomerId\":\"A") {
            assert_eq!(dealer.invoice("A", "1").await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        }
    }
}

#[tokio::test]
async fn one_customer_twice_is_malformed() {
    let (account, invoices) = inquiry(r#"[{"CustomerId":"A"},{"CustomerId":"B"},{"CustomerId":" a "}]"#).await;
    assert_eq!(account.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(invoices.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn an_entry_without_customer_is_nobodys() {
    let (account, invoices) = inquiry(r#"[{"CurrentBalance":1},{"CustomerId":" ","CurrentBalance":1}]"#).await;
    assert_eq!((account.unwrap(), invoices.unwrap()), (None, vec![]));
}

#[tokio::test]
async fn an_invoice_without_id_is_malformed() {
    for id in ["null", r#"" ""#, r#""a\u0007""#] {
        let (account, invoices) = inquiry(&entry(&format!(r#"[{{"Id":{id},"InvoiceBalance":1}}]"#))).await;
        assert_eq!(account.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(invoices.unwrap_err().kind(), ErrorKind::Malformed);
    }
}

#[tokio::test]
async fn a_balance_needs_every_open_amount_and_a_list_does_not() {
    let (account, invoices) = inquiry(&entry(r#"[{"Id":"1","InvoiceAmount":5}]"#)).await;
    assert_eq!(account.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(invoices.unwrap()[0].balance, None);
    let (account, _) = inquiry(&entry(r#"[{"Id":"1","Amount":5,"Installments":[{"id":"1"}]}]"#)).await;
    assert_eq!(account.unwrap_err().kind(), ErrorKind::Malformed);
    let (account, _) = inquiry(&entry(r#"[{"Id":"1","Amount":5}]"#)).await;
    assert_eq!(account.unwrap().unwrap().open_items.unwrap()[0].balance.amount.to_string(), "5");
}

#[tokio::test]
async fn what_is_missing_is_unknown() {
    for body in [r#"[{"CustomerId":"A"}]"#, r#"[{"CustomerId":"A","CurrentBalance":null,"OpenARInvoices":null}]"#] {
        let (account, invoices) = inquiry(body).await;
        let account = account.unwrap().unwrap();
        assert_eq!((account.balance, account.open_items), (None, None));
        assert_eq!(invoices.unwrap(), []);
    }
}

#[tokio::test]
async fn native_aging_is_ignored() {
    let body =
        r#"[{"CustomerId":"A","CurrentBalance":9,"aging30":1,"aging60":2,"agingCurrent":6,"OpenARInvoices":[]}]"#;
    let account = inquiry(body).await.0.unwrap().unwrap();
    assert_eq!((account.aging, account.open_items), (None, Some(vec![])));
}

#[tokio::test]
async fn an_invoice_belongs_to_whom_it_names_else_to_its_entry() {
    let invoices = r#"[{"Id":"1","InvoiceBalance":1,"CustomerId":"B"},{"Id":"2","InvoiceBalance":1},{"Id":"3","InvoiceBalance":1,"CustomerId":""}]"#;
    let (account, listed) = inquiry(&entry(invoices)).await;
    let owners = [Some(code("B")), Some(code("A")), Some(code("A"))];
    let items = account.unwrap().unwrap().open_items.unwrap();
    assert_eq!(items.into_iter().map(|item| item.owner).collect::<Vec<_>>(), owners);
    assert_eq!(listed.unwrap().into_iter().map(|invoice| invoice.owner).collect::<Vec<_>>(), owners);
}

#[tokio::test]
async fn more_open_invoices_than_the_cap_are_too_large() {
    let invoices: Vec<_> = (1..=3).map(|id| format!(r#"{{"Id":"{id}","InvoiceBalance":1}}"#)).collect();
    for (count, fits) in [(2, true), (3, false)] {
        let body = entry(&format!("[{}]", invoices[..count].join(",")));
        let server = server([("GET", INQUIRY, ok(&body)), ("GET", RECORD, status(404))]).await;
        let dealer = Dealer::capped(&server.uri(), 2);
        let (account, list) = (dealer.account("A").await, dealer.invoices("A").await);
        assert_eq!((account.is_ok(), list.is_ok()), (fits, fits));
        for error in account.err().into_iter().chain(list.err()) {
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert!(error.message().contains("2 open invoices"));
        }
    }
}

#[tokio::test]
async fn a_record_that_is_none_of_the_customers_is_malformed() {
    for record in [
        r#"{"id":"B","creditLimit":5}"#,
        r#"{"Message":"An error has occurred."}"#,
        r#"{"id":"A","creditLimit":"none"}"#,
        "[]",
        "null",
        "",
        "<html></html>",
    ] {
        let invoices = r#"[{"Id":"1","CustomerId":"A","InvoiceBalance":1}]"#;
        let server =
            server([("GET", INQUIRY, ok(&entry("[]"))), ("GET", RECORD, ok(record)), ("POST", INVOICES, ok(invoices))])
                .await;
        let dealer = Dealer::connect(&server.uri(), &[]);
        assert_eq!(dealer.account("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{record}");
        assert_eq!(dealer.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed, "{record}");
        assert_eq!(dealer.invoice("A", "1").await.unwrap_err().kind(), ErrorKind::Malformed, "{record}");
    }
    for (record, limit) in [
        (r#"{"creditLimit":5}"#, None),
        (r#"{"name":"Somebody Else","address1":"x","creditLimit":5}"#, None),
        (r#"{"CustomerID":"a","creditLimit":5}"#, Some("5")),
    ] {
        let server = server([("GET", INQUIRY, ok(&entry("[]"))), ("GET", RECORD, ok(record))]).await;
        let account = Dealer::connect(&server.uri(), &[]).account("A").await.unwrap().unwrap();
        let given = account.credit_limit.map(|limit| limit.to_string());
        assert_eq!(given.as_deref(), limit, "a record that does not say whose it is is nobody's: {record}");
    }
}

#[tokio::test]
async fn a_code_that_no_path_can_name_has_no_record() {
    let inquiry = r#"[{"CustomerId":"."},{"CustomerId":".."},{"CustomerId":"A"}]"#;
    let invoices = r#"[{"Id":"1","CustomerId":".."}]"#;
    let server = server([
        ("GET", INQUIRY, ok(inquiry)),
        ("GET", RECORD, ok(r#"{"id":"A","creditLimit":5}"#)),
        ("POST", INVOICES, ok(invoices)),
    ])
    .await;
    let dealer = Dealer::connect(&server.uri(), &[]);
    for customer in [".", ".."] {
        let account = dealer.account(customer).await.unwrap().unwrap();
        assert_eq!((account.owner, account.credit_limit), (Some(code(customer)), None));
        assert_eq!(dealer.invoices(customer).await.unwrap(), []);
        let invoice = dealer.invoice(customer, "1").await.unwrap().unwrap().summary;
        assert_eq!((invoice.owner, invoice.bill_to), (Some(code("..")), None));
    }
    let known = dealer.account("A").await.unwrap().unwrap();
    assert_eq!(known.credit_limit.unwrap().to_string(), "5", "records are still asked for");
}

#[tokio::test]
async fn by_id_only_the_invoice_asked_for_counts() {
    let answer = r#"[{"Id":"10","CustomerId":"A"},{"Id":" 1 ","CustomerId":"A","InvoiceBalance":4},{"Id":"01","CustomerId":"A"},
        {"Id":"x","CustomerId":"B"},{"Id":"y"},{"Id":"z","CustomerId":"A"},{"Id":"z","CustomerId":"A"}]"#;
    for format in FORMATS {
        let body = if format == "json" { answer.to_owned() } else { xml_of(answer) };
        let server =
            server([("GET", INQUIRY, status(500)), ("GET", RECORD, status(404)), ("POST", INVOICES, ok(&body))]).await;
        let dealer = Dealer::connect(&server.uri(), &[("format", format)]);
        let found = dealer.invoice("a", "1").await.unwrap().unwrap().summary;
        assert_eq!((found.id.as_str(), found.owner), ("1", Some(code("A"))));
        assert_eq!(found.balance.unwrap().to_string(), "4");
        assert_eq!(dealer.invoice("A", "X").await.unwrap(), None, "ids are compared exactly");
        assert_eq!(dealer.invoice("A", "2").await.unwrap(), None);
        assert_eq!(dealer.invoice("A", "z").await.unwrap_err().kind(), ErrorKind::Malformed);
    }
}

#[tokio::test]
async fn nobody_waits_or_fails_for_a_foreign_invoice() {
    let answer = r#"[{"Id":"x","CustomerId":"B"},{"Id":"y"}]"#;
    let server =
        server([("GET", INQUIRY, status(500)), ("GET", RECORD, status(500)), ("POST", INVOICES, ok(answer))]).await;
    for settings in [&[][..], &[("pending_payments", "deduct")]] {
        let dealer = Dealer::connect(&server.uri(), settings);
        for (id, owner) in [("x", Some(code("B"))), ("y", None)] {
            let foreign = dealer.invoice("A", id).await.unwrap().unwrap().summary;
            assert_eq!((foreign.owner, foreign.bill_to), (owner, None));
        }
    }
}

/// The invoices of a JSON text as XML, for texts without markup.
fn xml_of(json: &str) -> String {
    let invoices: Vec<BTreeMap<String, Value>> = serde_json::from_str(json).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = |invoice: &BTreeMap<String, Value>| -> String {
        invoice.iter().map(|(name, value)| format!("<{name}>{}</{name}>", text(value))).collect()
    };
    let invoices: String = invoices.iter().map(|invoice| format!("<Invoice>{}</Invoice>", members(invoice))).collect();
    format!("<ArrayOfInvoice>{invoices}</ArrayOfInvoice>")
}
