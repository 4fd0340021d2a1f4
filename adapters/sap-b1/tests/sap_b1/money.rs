//! Balances, ages and currencies.

use livegate_adapter_sap_b1::simulator::{Fault, Options, Resource};
use livegate_core::{Amount, ErrorKind};
use serde_json::json;

use crate::{Tenant, both, start};

#[tokio::test]
async fn the_balance_is_the_service_layers_own_whatever_the_documents_say() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let told = tenant.balance("C20000", None).await.unwrap();
        assert_eq!(told["balance"], json!(4361.72), "a payment on account is in it");
        let account = tenant.account("C20000").await.unwrap().unwrap();
        let items = account.open_items.unwrap();
        let sum = Amount::sum(items.iter().map(|item| item.balance.amount)).unwrap();
        assert_eq!(sum.to_string(), "4361.72");
        // Ten invoices, a credit note, a down payment and the payment on account; not the request for a down payment, nor
        // what is closed or cancelled.
        assert_eq!(items.len(), 13);
        // The newest invoice is a cancelled one.
        let newest = tenant.invoice("C20000", "1009").await.unwrap().unwrap().summary.invoice_date;
        assert!(newest.is_some() && account.last_charge_date == newest && account.last_sale_date == newest);
        // The simulator's filters do not hold for this one.
        let leak = tenant.account("C70001").await.unwrap().unwrap();
        assert_eq!((leak.last_charge_date, leak.last_sale_date), (None, None));
        // What comes twice is owed once.
        let twice = tenant.balance("C60000", None).await.unwrap();
        assert_eq!((&twice["total_due"], &twice["open_credits"]), (&json!(30.00), &json!(0)));
    }
}

#[tokio::test]
async fn the_companys_currencies_are_asked_for_once() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        tenant.account("C20000").await.unwrap();
        assert_eq!(running.questions() - before, 6);
        let before = (running.questions(), running.calls(Resource::AdminInfo));
        tenant.account("C20000").await.unwrap();
        assert_eq!((running.questions() - before.0, running.calls(Resource::AdminInfo)), (5, before.1));
    }
}

#[tokio::test]
async fn instalments_age_one_by_one_and_payments_settle_the_oldest() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let told = tenant.balance("C20000", None).await.unwrap();
        // 283.92 and 120, 617.00 of the second instalment, 150.00 of the down payment.
        assert_eq!(told["due_30_days"], json!(1170.92));
        assert_eq!(told["total_due"], json!(3562.97));
        // A credit note of 150.25 and a payment on account of 100.00.
        assert_eq!(told["open_credits"], json!(250.25));
        // With 310.00, 18.50, 62.00 and 658.50 that are not due yet: what is due, and that, without the credits.
        assert_eq!(told["balance"], json!(4361.72));
    }
}

#[tokio::test]
async fn what_is_owed_beside_documents_has_no_age_and_so_nothing_has() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let told = tenant.balance("C47000", None).await.unwrap();
        assert_eq!((&told["balance"], &told["credit_available"]), (&json!(800.00), &json!(4200.00)));
        assert_eq!((told.get("total_due"), told.get("due_30_days")), (None, None), "{told}");
        let error = tenant.balance("C47000", Some("EUR")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
}

#[tokio::test]
async fn a_balance_of_five_open_documents_in_two_currencies_follows_the_currency_rule() {
    let running = start(Options::default());
    let tenant = Tenant::of(&running, "", &[]);
    // In the company's own currency all of them are stated.
    let own = tenant.balance("C40000", None).await.unwrap();
    assert_eq!(
        (&own["balance"], &own["due_30_days"], &own["due_60_days"], &own["due_90_days"], &own["total_due"]),
        (&json!(515.00), &json!(210.00), &json!(200.00), &json!(55.00), &json!(465.00))
    );
    assert_eq!(own, tenant.balance("C40000", Some("USD")).await.unwrap());
    let items = tenant.account("C40000").await.unwrap().unwrap().open_items.unwrap();
    assert!(
        items.iter().all(|item| item.balance.elsewhere.len() == 1),
        "the document's own euros or the system's: {items:?}"
    );
    // In its system currency too: the documents' own euros, and for the others what they are in the system currency.
    let system = tenant.balance("C40000", Some("EUR")).await.unwrap();
    assert_eq!((&system["balance"], &system["due_90_days"]), (&json!(468.15), &json!(50.00)));
    assert_eq!(system.get("credit_available"), None, "the limit is in the company's own");
    // In a third one nothing is.
    let error = tenant.balance("C40000", Some("GBP")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(["GBP", "USD"].iter().all(|currency| error.message().contains(currency)), "{error}");
    // Of a company whose system currency is its own, euros tell of two documents only.
    let dollars = Tenant::in_dollars(&running, true);
    assert_eq!(dollars.balance("C40000", Some("USD")).await.unwrap(), own);
    let error = dollars.balance("C40000", Some("EUR")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[tokio::test]
async fn a_currency_code_that_is_a_sign_is_no_tenants_currency_until_it_has_a_name() {
    let running = start(Options::default());
    let (unnamed, named) = (Tenant::in_dollars(&running, false), Tenant::in_dollars(&running, true));
    for customer in ["C20000", "C40000", "C30000"] {
        for currency in [None, Some("USD"), Some("EUR")] {
            let error = unnamed.balance(customer, currency).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{customer} {currency:?}: {error}");
            assert!(error.message().contains("\"$\"") && error.message().contains("currency_map"), "{error}");
        }
    }
    for currency in [None, Some("USD")] {
        let told = named.balance("C20000", currency).await.unwrap();
        assert_eq!((&told["balance"], &told["total_due"]), (&json!(4361.72), &json!(3562.97)));
    }
    let error = named.balance("C20000", Some("EUR")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert_eq!(named.balance("C30000", None).await.unwrap()["balance"], json!(1000.00));
}

#[tokio::test]
async fn a_customer_of_a_foreign_currency_owes_that_as_long_as_documents_make_up_the_balance() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let account = tenant.account("C30000").await.unwrap().unwrap();
        assert_eq!(account.currency.unwrap().as_str(), "EUR");
        assert_eq!(account.credit_limit, None, "it is in the company's own currency");
        let told = tenant.balance("C30000", None).await.unwrap();
        assert_eq!((&told["balance"], &told["due_60_days"]), (&json!(1000.00), &json!(600.00)));
        // Instalments of 250.00 each, 100.00 of the first is paid.
        assert_eq!(told["due_30_days"], json!(150.00));
        // The balance that is kept is in dollars.
        assert_eq!(tenant.balance("C30000", Some("USD")).await.unwrap()["balance"], json!(1100.00));
    }
}

#[tokio::test]
async fn a_payment_on_account_in_a_foreign_currency_makes_no_wrong_balance() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let error = tenant.balance("C31000", None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.message().contains("EUR") && error.message().contains("USD"), "{error}");
        assert_eq!(tenant.balance("C31000", Some("USD")).await.unwrap()["balance"], json!(600.00));
        // Nor where all documents do tell what they are in the company's second currency.
        let error = tenant.balance("C20000", Some("EUR")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
}

#[tokio::test]
async fn a_reserve_invoice_that_was_delivered_is_owed_until_it_is_paid() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let items = tenant.account("C82000").await.unwrap().unwrap().open_items.unwrap();
        let delivered = items.iter().find(|item| item.id.as_ref().is_some_and(|id| id.as_str() == "Invoices 23200"));
        assert_eq!(delivered.unwrap().balance.amount.to_string(), "30.00");
        let told = tenant.balance("C82000", None).await.unwrap();
        assert_eq!((&told["balance"], &told["total_due"]), (&json!(730.03), &json!(730.03)));
    }
}

#[tokio::test]
async fn a_document_in_a_foreign_currency_is_shown_in_that() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let invoice = tenant.invoice("C30000", "7002").await.unwrap().unwrap().summary;
        let told = [invoice.total, invoice.balance, invoice.sub_total].map(|amount| amount.unwrap().to_string());
        assert_eq!(told, ["500.00", "400.00", "500.00"]);
        let listed = tenant.invoices("C30000", None).await.unwrap();
        assert!(listed.items().contains(&invoice));
        let line = &tenant.invoice("C30000", "7001").await.unwrap().unwrap().lines.unwrap()[0];
        let told = [line.unit_price, line.sub_total, line.tax, line.total].map(|amount| amount.unwrap().to_string());
        assert_eq!(told, ["500.00", "500.00", "100.00", "600.00"]);
    }
}

#[tokio::test]
async fn a_credit_limit_of_zero_is_unknown() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.account("C45000").await.unwrap().unwrap().credit_limit, None);
        assert_eq!(tenant.account("C20000").await.unwrap().unwrap().credit_limit.unwrap().to_string(), "10000");
    }
}

#[tokio::test]
async fn an_account_is_whole_or_an_error() {
    for resource in
        [Resource::Partners, Resource::AdminInfo, Resource::Invoices, Resource::CreditNotes, Resource::DownPayments]
    {
        // Requests that were given up may arrive late, so each resource has a simulator of its own.
        let (running, tenants) = both(Options::default());
        running.fail(Fault { resource: Some(resource), after: 0, count: 100, status: 503, code: None });
        for tenant in tenants {
            assert_eq!(tenant.account("C20000").await.unwrap_err().kind(), ErrorKind::Unavailable, "{resource:?}");
        }
    }
}
