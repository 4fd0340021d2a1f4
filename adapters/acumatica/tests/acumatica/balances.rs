//! What a customer owes, from what is open.

use std::collections::BTreeMap;

use jiff::Timestamp;
use livegate_adapter_acumatica::simulator::{AWKWARD, Options};
use livegate_core::{Account, Answer, Currency, ErrorKind, Operation, Standing};
use livegate_live::{CustomerFrom, Rules, plan};
use serde_json::value::RawValue;

use crate::{DOLLARS, OAUTH, SALES, SESSION, Tenant, code, day, harbor, with};

fn rules(currency: Option<&str>) -> Rules {
    let currency = currency.map(|code| Currency::new(code).unwrap());
    Rules { time_zone: jiff::tz::TimeZone::UTC, currency, customer_from: CustomerFrom::CustomerCode }
}

/// The Live answer to a balance call of a tenant with this currency.
fn live(tenant: &Tenant, account: Account, currency: Option<&str>) -> livegate_core::Result<BTreeMap<String, String>> {
    let body = format!(r#"{{"customer_code":"{}"}}"#, account.owner.as_ref().unwrap());
    let plan = plan(Operation::Account, body.as_bytes(), &rules(currency), tenant.0.capabilities()).unwrap();
    let bytes = plan.respond(&Answer::Account(Some(account)), Timestamp::now())?;
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&bytes).unwrap();
    Ok(members.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect())
}

fn amounts(account: &Account) -> Vec<(&str, String)> {
    let items = account.open_items.as_deref().unwrap();
    let told =
        |item: &livegate_core::OpenItem| format!("{} {}", item.balance.amount, item.balance.currency.as_ref().unwrap());
    items.iter().map(|item| (item.id.as_ref().unwrap().as_str(), told(item))).collect()
}

#[tokio::test]
async fn a_balance_counts_every_released_document_and_payment_once() {
    // The form of payments shows credit memos too, unreleased documents have a balance already, and what was settled has
    // none. What the form of sales invoices does not have is owed all the same.
    for settings in [with(SESSION, &[]), with(OAUTH, &[SALES])] {
        let (_running, tenant) = harbor(&settings, Options::default());
        let account = tenant.account("HARBOR01").await.unwrap().unwrap();
        let expected = [
            ("Credit Memo|CM-1", "-45.25 USD"),
            ("Debit Memo|DM-1", "8.625 USD"),
            ("9", "62.00 USD"),
            ("100", "283.92 USD"),
            ("Overdue Charge|OC-1", "5.00 USD"),
            ("Payment|P-1", "-50.00 USD"),
            ("Prepayment|PP-1", "-20.00 USD"),
            ("Customer Refund|R-1", "5.00 USD"),
        ];
        assert_eq!(amounts(&account), expected.map(|(id, told)| (id, told.to_owned())));
        assert_eq!((account.owner, account.balance, account.aging), (Some(code("HARBOR01")), None, None));
        let items = account.open_items.unwrap();
        assert!(items.iter().all(|item| item.owner == Some(code("HARBOR01"))));
        assert_eq!((items[2].document_date, items[2].due_date), (day("2026-03-08"), day("2026-04-07")));
        assert_eq!((items[0].document_date, items[0].due_date), (day("2026-03-02"), None));
    }
}

#[tokio::test]
async fn the_balance_of_a_payment_is_asked_for_beyond_the_contract_as_lists_do_not_compute_it() {
    let (running, tenant) = harbor(SESSION, Options::default());
    tenant.account("HARBOR01").await.unwrap();
    let asked = running.asked();
    let payments = asked.iter().find(|asked| asked.starts_with("Payment?")).unwrap();
    assert!(payments.contains("$custom=Document.CuryDocBal") && !payments.contains("AvailableBalance"), "{payments}");
    assert!(!payments.contains("ApplicationDate"), "for its sake Acumatica would refuse the list: {payments}");
    let documents = asked.iter().find(|asked| asked.starts_with("Invoice?")).unwrap();
    assert!(documents.contains("$custom=Document.CuryID"), "the contract of Invoice has no currency: {documents}");
}

#[tokio::test]
async fn what_was_put_on_hold_after_its_release_is_still_open() {
    for auth in [SESSION, OAUTH] {
        let (_running, tenant) = harbor(auth, Options::default());
        let account = tenant.account("DAYS03").await.unwrap().unwrap();
        let expected = [("K-1", "80.00 USD"), ("K-2", "7.00 USD"), ("Payment|K-3", "-30.00 USD")];
        assert_eq!(amounts(&account), expected.map(|(id, told)| (id, told.to_owned())));
        assert_eq!(account.open_items.unwrap()[2].document_date, day("2026-02-01"));
        assert_eq!(live(&tenant, tenant.account("DAYS03").await.unwrap().unwrap(), None).unwrap()["balance"], "57.00");
        let shown = tenant.invoice("DAYS03", "K-2").await.unwrap().unwrap();
        assert_eq!((shown.summary.standing, shown.summary.status.as_deref()), (Standing::Issued, Some("Reserved")));
    }
}

#[tokio::test]
async fn a_prepayment_invoice_is_a_credit_once_it_is_paid_and_no_invoice_ever() {
    for auth in [SESSION, OAUTH] {
        let (_running, tenant) = harbor(auth, Options::default());
        // Its payment is settled by it, so the money is in its balance alone.
        let account = tenant.account("AHEAD10").await.unwrap().unwrap();
        let expected =
            [("H-1", "500.00 USD"), ("Prepmt. Invoice|H-2", "-300.00 USD"), ("Prepmt. Invoice|H-3", "-40.00 USD")];
        assert_eq!(amounts(&account), expected.map(|(id, told)| (id, told.to_owned())));
        for invoice in tenant.invoices("AHEAD10").await.unwrap() {
            let is_shown = invoice.standing != Standing::Draft;
            assert_eq!(is_shown, invoice.id.as_str() == "H-1", "{}", invoice.id);
        }
    }
}

#[tokio::test]
async fn what_is_open_is_so_in_whatever_language_the_user_has() {
    // Where statuses have other names, no document is "Open" and the customer would owe nothing.
    let (_running, tenant) = harbor(SESSION, Options { locale: "de-DE", ..Options::default() });
    assert_eq!(tenant.account("HARBOR01").await.unwrap().unwrap().open_items.unwrap().len(), 8);
}

#[tokio::test]
async fn open_items_age_by_their_due_dates() {
    let (_running, tenant) = harbor(&with(SESSION, &[DOLLARS]), Options::default());
    let account = tenant.account("AGING02").await.unwrap().unwrap();
    let told = live(&tenant, account, None).unwrap();
    let figure = |name: &str| told[name].clone();
    assert_eq!(figure("balance"), "945.61");
    assert_eq!(figure("due_30_days"), "120.00");
    // With the memo that has no due date and is 40 days old.
    assert_eq!(figure("due_60_days"), "284.92");
    assert_eq!((figure("due_90_days"), figure("due_120_days")), ("0.10".to_owned(), "30.00".to_owned()));
    assert_eq!((figure("due_over_120_days"), figure("total_due")), ("4.00".to_owned(), "439.02".to_owned()));
    assert_eq!((figure("open_credits"), figure("credit_available")), ("25.00".to_owned(), "4054.39".to_owned()));
}

#[tokio::test]
async fn five_open_documents_in_two_currencies_are_never_added() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let account = tenant.account("MIXED05").await.unwrap().unwrap();
    let expected = [
        ("X-1", "10.00 USD"),
        ("X-2", "20.00 USD"),
        ("Credit Memo|X-3", "-5.00 USD"),
        ("X-4", "40.00 EUR"),
        ("Credit Memo|X-5", "-3.00 EUR"),
    ];
    assert_eq!(amounts(&account), expected.map(|(id, told)| (id, told.to_owned())));
    for currency in [None, Some("USD"), Some("EUR"), Some("CAD")] {
        let error = live(&tenant, account.clone(), currency).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{currency:?}");
        assert!(error.message().contains("EUR") && error.message().contains("USD"), "{error}");
    }
}

#[tokio::test]
async fn one_foreign_currency_is_the_customers_own() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let account = tenant.account("EURO08").await.unwrap().unwrap();
    assert_eq!(account.currency, Currency::new("EUR"));
    assert_eq!(live(&tenant, account.clone(), None).unwrap()["balance"], "50.00");
    assert_eq!(live(&tenant, account, Some("USD")).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_credit_limit_is_told_only_in_the_currency_in_which_it_is() {
    for (base_currency, dollars, euros) in [
        // Nobody says in which it is.
        (None, None, None),
        (Some("USD"), Some("4750.705"), None),
        (Some("eur"), None, Some("4950.00")),
    ] {
        let settings = base_currency.map(|code| ("base_currency", code));
        let (_running, tenant) = harbor(&with(SESSION, settings.as_slice()), Options::default());
        // Without a currency of its own a customer may be billed in any.
        for (customer, left) in [("HARBOR01", dollars), ("EURO08", euros), (AWKWARD, None)] {
            let told = live(&tenant, tenant.account(customer).await.unwrap().unwrap(), None).unwrap();
            assert!(told.contains_key("balance"), "{customer}");
            assert_eq!(told.get("credit_available").map(String::as_str), left, "{customer} {base_currency:?}");
        }
    }
}

#[tokio::test]
async fn a_credit_limit_counts_only_where_it_is_verified_and_was_typed() {
    let (_running, tenant) = harbor(&with(SESSION, &[DOLLARS]), Options::default());
    let expected = [("HARBOR01", Some("5000.00")), ("DAYS03", None), ("EXACT07", None), ("EMPTY04", None)];
    for (customer, limit) in expected {
        let account = tenant.account(customer).await.unwrap().unwrap();
        assert_eq!(account.credit_limit.map(|limit| limit.to_string()).as_deref(), limit, "{customer}");
    }
}

#[tokio::test]
async fn nothing_is_owed_by_a_customer_without_documents_and_nothing_known_of_nobody() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let account = tenant.account("EMPTY04").await.unwrap().unwrap();
    assert_eq!(account.open_items, Some(Vec::new()));
    assert_eq!(tenant.account("NOBODY").await.unwrap(), None);
}
