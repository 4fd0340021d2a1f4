//! From a store's code to Alloy's customer, and whose a document is.

use livegate_adapter_alloy::simulator::{Options, Resource};
use livegate_core::ErrorKind;

use crate::{Tenant, VERSIONS, balances, both, code, ok, server, status};

#[tokio::test]
async fn a_code_is_one_of_three_members() {
    let (running, _) = both(Options::default());
    for version in VERSIONS {
        for (key, customer) in [("remoteId", "97"), ("companyId", "EJCO"), ("id", "00000001-0000-0000-0000-00000000")] {
            let settings: Vec<_> = version.iter().copied().chain([("customer_key", key)]).collect();
            let tenant = Tenant::of(&running, &settings);
            let account = tenant.account(customer).await.unwrap().unwrap();
            assert_eq!(account.owner, Some(code(customer)), "{key}");
            assert_eq!(account.open_items.unwrap().len(), 11);
            let invoices = tenant.invoices(customer).await.unwrap();
            assert!(invoices.iter().all(|invoice| invoice.owner == Some(code(customer))));
            assert!(tenant.order(customer, "SO-1010").await.unwrap().is_some());
        }
        let by_id: Vec<_> = version.iter().copied().chain([("customer_key", "id")]).collect();
        let tenant = Tenant::of(&running, &by_id);
        for nobody in ["97", ".", "..", "00000099-0000-0000-0000-00000000"] {
            assert_eq!(tenant.account(nobody).await.unwrap(), None);
            assert_eq!(tenant.invoices(nobody).await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn nobody_is_asked_about_further() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        for nobody in ["NOBODY", "9", "970", "EJCO", "111"] {
            assert_eq!(tenant.account(nobody).await.unwrap(), None, "{nobody}");
            assert_eq!(tenant.orders(nobody).await.unwrap(), []);
            assert_eq!(tenant.order(nobody, "SO-1010").await.unwrap(), None);
            assert_eq!(tenant.invoices(nobody).await.unwrap(), []);
            assert_eq!(tenant.invoice(nobody, "INV-1009").await.unwrap(), None);
        }
    }
    assert_eq!(running.all_calls(), running.calls(Resource::Customers));
}

#[tokio::test]
async fn a_key_of_two_customers_is_malformed_and_named() {
    let (running, _) = both(Options::default());
    for (key, customer) in [("remoteId", "109"), ("companyId", "DOUBLECO")] {
        for version in VERSIONS {
            let settings: Vec<_> = version.iter().copied().chain([("customer_key", key)]).collect();
            let error = Tenant::of(&running, &settings).account(customer).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(error.message().contains(key) && error.message().contains("customer_key"), "{error}");
            assert!(!error.message().contains("of Two") && !error.message().contains(customer), "{error}");
        }
    }
}

#[tokio::test]
async fn a_deleted_customer_is_nobody_and_stands_in_nobodys_way() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.account("111").await.unwrap(), None);
        assert_eq!(balances(&tenant.invoices("110").await.unwrap()), [("BK-1", "5.00".to_owned())]);
    }
}

/// The simulator tells the namesake `98` whatever it has; and it can forget all filters.
#[tokio::test]
async fn what_is_somebody_elses_is_dropped_wherever_it_comes() {
    for options in [Options::default(), Options { ignore_filters: true, ..Options::default() }] {
        let (_running, tenants) = both(options);
        for tenant in tenants {
            let account = tenant.account("98").await.unwrap().unwrap();
            let items = account.open_items.unwrap();
            assert_eq!((items.len(), items[0].balance.amount.to_string()), (1, "5.00".to_owned()));
            assert_eq!((account.owner, account.last_payment_date), (Some(code("98")), None));
            assert_eq!(balances(&tenant.invoices("98").await.unwrap()), [("INV-10090", "5.00".to_owned())]);
            assert_eq!(tenant.orders("98").await.unwrap().len(), 1);
            assert_eq!(tenant.invoice("98", "INV-1009").await.unwrap(), None);
            assert_eq!(tenant.order("98", "SO-1010").await.unwrap(), None);
            assert!(tenant.invoice("98", "INV-10090").await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn codes_are_compared_exactly_and_trimmed() {
    let customers = r#"{"customers":[{"id":"a","remoteId":" AB "},{"id":"b","remoteId":"ab"},{"id":"c"},
        {"id":"d","remoteId":"abc"},{"id":"e","remoteId":17}]}"#;
    let server = server([
        ("customers", ok(customers)),
        (
            "invoices",
            ok(r#"{"invoices":[
        {"id":"1","invoiceNumber":"1","customerId":"a","balance":1},
        {"id":"2","invoiceNumber":"2","customerId":"b","balance":2},
        {"id":"3","invoiceNumber":"3","balance":3},
        {"id":"4","invoiceNumber":"4","customerId":"A","balance":4},
        {"id":"5","invoiceNumber":"5","customerId":"e","balance":5}]}"#),
        ),
    ])
    .await;
    let tenant = Tenant::connect(&server.uri(), &[]);
    for (customer, expected) in [("AB", ("1", "1")), ("ab", ("2", "2")), ("17", ("5", "5"))] {
        let invoices = tenant.invoices(customer).await.unwrap();
        assert_eq!(balances(&invoices), [(expected.0, expected.1.to_owned())]);
        assert_eq!(invoices[0].owner, Some(code(customer)));
    }
    assert_eq!(tenant.invoices("Ab").await.unwrap(), []);
    assert_eq!(tenant.invoices("c").await.unwrap(), []);
}

#[tokio::test]
async fn a_customer_that_comes_twice_is_one() {
    let twice = r#"{"customers":[{"id":"a","remoteId":"A","currency":"USD"},{"id":"a","remoteId":"A"}]}"#;
    let server = server([("customers", ok(twice)), ("sales-orders", ok(r#"{"salesOrders":[]}"#))]).await;
    assert_eq!(Tenant::connect(&server.uri(), &[]).orders("A").await.unwrap(), []);
    let unnamed = crate::server([("customers", ok(r#"{"customers":[{"remoteId":"A"}]}"#))]).await;
    let error = Tenant::connect(&unnamed.uri(), &[]).orders("A").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn by_alloys_own_id_only_that_record_counts() {
    let settings = [("customer_key", "id")];
    for (body, found) in [
        (r#"{"customer":{"id":"a"}}"#, Ok(true)),
        (r#"{"customer":{"id":"b"}}"#, Ok(false)),
        (r#"{"customer":{"remoteId":"a"}}"#, Ok(false)),
        (r#"{"customer":{"id":"a","remoteDeleted":true}}"#, Ok(false)),
        (r#"{"customer":null}"#, Err(ErrorKind::Malformed)),
        (r#"{"message":"no"}"#, Err(ErrorKind::Malformed)),
        ("", Err(ErrorKind::Malformed)),
    ] {
        let server = server([
            ("customers/a", ok(body)),
            ("sales-orders", ok(r#"{"salesOrders":[{"id":"1"}]}"#)),
            ("invoices", ok(r#"{"invoices":[]}"#)),
            ("payments", ok(r#"{"payments":[]}"#)),
        ])
        .await;
        let account = Tenant::connect(&server.uri(), &settings).account("a").await;
        assert_eq!(account.map(|account| account.is_some()).map_err(|error| error.kind()), found, "{body}");
    }
    let server = server([("customers/a", status(404))]).await;
    let tenant = Tenant::connect(&server.uri(), &settings);
    assert_eq!(tenant.account("a").await.unwrap(), None);
}
