//! Payments that DockMaster has received and not posted.

use livegate_adapter_dockmaster::simulator::{Endpoint, Options, start_with};
use livegate_core::{Amount, ErrorKind, InvoiceSummary};

use crate::{Dealer, FORMATS, INQUIRY, INVOICES, RECORD, balances, ok, server, status};

const DEDUCT: (&str, &str) = ("pending_payments", "deduct");

fn pending(invoices: &[InvoiceSummary]) -> Vec<bool> {
    invoices.iter().map(|invoice| invoice.payment_pending).collect()
}

#[tokio::test]
async fn list_by_id_and_balance_agree_to_the_cent() {
    let running = start_with(Options { token: None, ..Options::default() }).unwrap();
    for format in FORMATS {
        for (handling, expected, balance) in [
            ("show", ["500.00", "120.00", "1200.00", "75.25"], "1895.25"),
            // The second is paid more than it owes; the fourth does not say that a payment is unapplied.
            ("deduct", ["300.00", "0.00", "700.00", "75.25"], "1075.25"),
        ] {
            let dealer = Dealer::of(running.address(), &[("format", format), ("pending_payments", handling)]);
            let invoices = dealer.invoices("PENDING02").await.unwrap();
            let ids = ["200310", "200322", "200329", "200335"];
            let expected: Vec<_> = ids.into_iter().zip(expected.map(str::to_owned)).collect();
            assert_eq!(balances(&invoices), expected, "{format} {handling}");
            assert_eq!(pending(&invoices), [true, true, true, false]);
            for invoice in &invoices {
                let by_id = dealer.invoice("PENDING02", invoice.id.as_str()).await.unwrap().unwrap();
                assert_eq!(by_id.summary, *invoice, "{format} {handling}");
            }
            let account = dealer.account("PENDING02").await.unwrap().unwrap();
            assert_eq!(account.balance.unwrap().amount.to_string(), balance, "{format} {handling}");
            let items = account.open_items.unwrap();
            assert_eq!(Amount::sum(items.iter().map(|item| item.balance.amount)).unwrap().to_string(), balance);
            let listed: Vec<_> = items.iter().map(|item| item.balance.amount).collect();
            assert_eq!(listed, invoices.iter().map(|invoice| invoice.balance.unwrap()).collect::<Vec<_>>());
        }
    }
}

#[tokio::test]
async fn only_deduct_asks_the_inquiry_for_an_invoice_by_id() {
    let running = start_with(Options { token: None, ..Options::default() }).unwrap();
    let calls = || running.calls(Endpoint::CustomerArInquiry);
    Dealer::of(running.address(), &[]).invoice("PENDING02", "200310").await.unwrap();
    assert_eq!(calls(), 0);
    let dealer = Dealer::of(running.address(), &[DEDUCT]);
    dealer.invoice("PENDING02", "200310").await.unwrap();
    assert_eq!(calls(), 1);
    running.fail_next_of(Endpoint::CustomerArInquiry, 1, 500);
    assert_eq!(dealer.invoice("PENDING02", "200310").await.unwrap_err().kind(), ErrorKind::Unavailable);
}

/// A connection that deducts, to a dealer whose one customer has these invoices and payments.
async fn dealer(invoices: &str, payments: &str) -> (wiremock::MockServer, Dealer) {
    let inquiry = format!(
        r#"[{{"CustomerId":"A","CurrentBalance":1000.00,"OpenARInvoices":{invoices},"PendingPayments":{payments}}}]"#
    );
    let server =
        server([("GET", INQUIRY, ok(&inquiry)), ("GET", RECORD, status(404)), ("POST", INVOICES, ok(invoices))]).await;
    let dealer = Dealer::connect(&server.uri(), &[DEDUCT]);
    (server, dealer)
}

async fn figures(invoices: &str, payments: &str) -> (String, Vec<String>) {
    let (_server, dealer) = dealer(invoices, payments).await;
    let account = dealer.account("A").await.unwrap().unwrap();
    let items = account.open_items.unwrap();
    (account.balance.unwrap().amount.to_string(), items.iter().map(|item| item.balance.amount.to_string()).collect())
}

#[tokio::test]
async fn several_payments_add_up_and_nothing_falls_below_zero() {
    let invoice = r#"[{"Id":" 7 ","CustomerId":"A","InvoiceBalance":100.00,"UnAppliedPayment":true}]"#;
    let details = |amounts: &[&str]| {
        let details: Vec<_> =
            amounts.iter().map(|amount| format!(r#"{{"InvoiceId":"7 ","PaymentAmount":{amount}}}"#)).collect();
        format!(r#"[{{"PaymentDetails":[{}]}},{{"PaymentDetails":null}}]"#, details.join(","))
    };
    let of = |balance: &str, invoice: &str| (balance.to_owned(), vec![invoice.to_owned()]);
    assert_eq!(figures(invoice, &details(&["10.5", "0.005"])).await, of("989.495", "89.495"));
    assert_eq!(figures(invoice, &details(&["60", "60"])).await, of("900.00", "0.00"));
    assert_eq!(figures(invoice, &details(&["60", "-70"])).await, of("1000.00", "100.00"), "a reversal owes nothing");
    assert_eq!(figures(invoice, "null").await, of("1000.00", "100.00"));
    assert_eq!(figures(invoice, "[]").await, of("1000.00", "100.00"));
}

#[tokio::test]
async fn invoices_that_owe_nothing_or_belong_to_others_leave_the_balance_alone() {
    let payments = r#"[{"PaymentDetails":[{"InvoiceId":"7","PaymentAmount":30}]}]"#;
    let invoice = |customer: &str, balance: &str| {
        format!(r#"{{"Id":"7","CustomerId":"{customer}","InvoiceBalance":{balance},"UnAppliedPayment":true}}"#)
    };
    for balance in ["0.000", "-50.00"] {
        let expected = if balance == "0.000" { "0.00" } else { balance };
        let (total, items) = figures(&format!("[{}]", invoice("A", balance)), payments).await;
        assert_eq!((total.as_str(), items[0].as_str()), ("1000.00", expected));
    }
    let (total, _) = figures(&format!("[{}]", invoice("B", "100.00")), payments).await;
    assert_eq!(total, "1000.00");
    let repeated = format!("[{0},{0}]", invoice("a", "100.00"));
    let (total, items) = figures(&repeated, payments).await;
    assert_eq!((total.as_str(), items[0].as_str(), items[1].as_str()), ("970.00", "70.00", "70.00"));
}

#[tokio::test]
async fn a_pending_payment_without_an_amount_is_malformed_where_it_matters() {
    let invoice =
        |flag: &str| format!(r#"[{{"Id":"7","CustomerId":"A","InvoiceBalance":1,"UnAppliedPayment":{flag}}}]"#);
    let payments = r#"[{"PaymentDetails":[{"InvoiceId":"7"},{"InvoiceId":null}]}]"#;
    let (_server, flagged) = dealer(&invoice("true"), payments).await;
    assert_eq!(flagged.account("A").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(flagged.invoices("A").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(flagged.invoice("A", "7").await.unwrap_err().kind(), ErrorKind::Malformed);
    let (_server, unflagged) = dealer(&invoice("false"), payments).await;
    assert!(unflagged.account("A").await.is_ok());
}

#[tokio::test]
async fn a_sum_that_has_too_many_digits_is_malformed() {
    let invoice =
        r#"[{"Id":"7","CustomerId":"A","InvoiceBalance":9999999999999999999999999999,"UnAppliedPayment":true}]"#;
    let payments = r#"[{"PaymentDetails":[{"InvoiceId":"7","PaymentAmount":0.01}]}]"#;
    let (_server, dealer) = dealer(invoice, payments).await;
    assert_eq!(dealer.account("A").await.unwrap_err().kind(), ErrorKind::Malformed);
}
