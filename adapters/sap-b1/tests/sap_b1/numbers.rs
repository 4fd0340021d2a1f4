//! Under what number a document is known.

use livegate_adapter_sap_b1::simulator::{AWKWARD, Options, Resource};
use livegate_core::{OrderFilters, Standing};

use crate::{GENERATIONS, Tenant, both, invoice_ids, order_ids, start};

#[tokio::test]
async fn a_doc_num_that_repeats_over_series_is_shown_with_its_doc_entry_and_both_are_accepted() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let listed = order_ids(&tenant.orders("C20000", None).await.unwrap());
        assert!(listed.contains(&"1003#26003".to_owned()) && listed.contains(&"1003#16003".to_owned()), "{listed:?}");
        assert!(!listed.contains(&"1003".to_owned()));
        // On whatever page only one of them is.
        let mut by_page = Vec::new();
        for number in 1..=7 {
            by_page.extend(order_ids(&tenant.orders("C20000", Some((number, 2))).await.unwrap()));
        }
        assert_eq!(by_page, listed);
        for (asked, shown, total) in
            [("1003", "1003#26003", "130"), ("1003#26003", "1003#26003", "130"), ("1003#16003", "1003#16003", "120")]
        {
            let order = tenant.order("C20000", asked).await.unwrap().unwrap().summary;
            assert_eq!((order.id.as_str(), order.total.unwrap().to_string()), (shown, total.to_owned()), "{asked}");
        }
        // Also of a number that is borne once.
        assert_eq!(tenant.order("C20000", "1004#16004").await.unwrap().unwrap().summary.id.as_str(), "1004");
        assert_eq!(tenant.order("C20000", "1004#16005").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_list_by_number_tells_what_was_asked_for_in_the_form_in_which_it_was() {
    use livegate_core::Operation::{Invoices, Orders};
    let (_running, tenants) = both(Options::default());
    let cases = [
        (Orders, "C20000", "1003", "130"),
        (Orders, "C20000", "1003#26003", "130"),
        (Orders, "C20000", "1003#16003", "120"),
        (Orders, "C20000", "1004", "310.0"),
        (Orders, "C20000", "1004#16004", "310.0"),
        (Invoices, "C82000", "8206", "60.0"),
        (Invoices, "C82000", "8206#41206", "60.0"),
        (Invoices, "C82000", "8207", "23.0"),
    ];
    for tenant in tenants {
        for (operation, customer, id, total) in cases {
            let told = tenant.numbered(operation, customer, id).await;
            assert_eq!(told, (vec![(id.to_owned(), total.to_owned())], 1), "{id}");
        }
        for (operation, customer, id) in
            [(Orders, "C20000", "1004#16005"), (Orders, "C45000", "1003"), (Invoices, "C82000", "8206#42206")]
        {
            assert_eq!(tenant.numbered(operation, customer, id).await, (Vec::new(), 0), "{id}");
        }
    }
}

#[tokio::test]
async fn a_cancelled_invoice_takes_no_number_from_the_one_in_force() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let listed = invoice_ids(&tenant.invoices("C82000", None).await.unwrap());
        let paged = invoice_ids(&tenant.invoices("C82000", Some((1, 3))).await.unwrap());
        assert_eq!(listed[..3], ["8207#42207", "8207#41207", "8206"]);
        assert_eq!(paged, listed[..3]);
        let in_force = tenant.invoice("C82000", "8206").await.unwrap().unwrap().summary;
        assert_eq!((in_force.standing, in_force.total.unwrap().to_string()), (Standing::Issued, "60.00".to_owned()));
        let cancelled = tenant.invoice("C82000", "8206#42206").await.unwrap().unwrap().summary;
        assert_eq!((cancelled.standing, cancelled.id.as_str()), (Standing::Void, "8206#42206"));
    }
}

#[tokio::test]
async fn the_key_is_another_number_than_the_printed_one() {
    let running = start(Options::default());
    for generation in GENERATIONS {
        let tenant = Tenant::of(&running, generation, &[("document_number", "DocEntry")]);
        assert_eq!(tenant.order("C20000", "16010").await.unwrap().unwrap().summary.id.as_str(), "16010");
        assert_eq!(tenant.order("C20000", "1010").await.unwrap(), None);
        assert_eq!(tenant.order("C20000", "1010#16010").await.unwrap(), None);
        let by_number = Tenant::of(&running, generation, &[]);
        assert_eq!(by_number.order("C20000", "16010").await.unwrap(), None);
    }
}

#[tokio::test]
async fn hostile_ids_ask_for_nothing_and_find_nothing() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let hostile = [
            "x' or OrderNbr ne '",
            "1010' or DocNum ne '0",
            "1010 or DocNum gt 0",
            "1010)",
            "01010",
            "+1010",
            "-1",
            " 1010#",
            "#16010",
            "1010#16010#1",
            "1010#x",
            "１０１０",
            "1e3",
            "1010.0",
            "99999999999999999999",
            "2147483648",
            "null",
        ];
        for id in hostile {
            assert_eq!(tenant.order("C20000", id).await.unwrap(), None, "{id}");
            assert_eq!(tenant.invoice("C20000", id).await.unwrap(), None, "{id}");
            let filters = OrderFilters { order_id: Some(id.trim().into()), ..OrderFilters::default() };
            assert!(tenant.filtered("C20000", filters, None).await.unwrap().items().is_empty(), "{id}");
        }
        assert_eq!(running.questions(), before);
    }
}

#[tokio::test]
async fn hostile_customers_stay_in_their_quotes() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        for hostile in ["C20000' or CardCode ne '", "' or 'a' eq 'a", "C20000'--", "''", "x') or (CardCode ne 'x"] {
            let before = running.calls(Resource::Orders);
            assert!(tenant.orders(hostile, None).await.unwrap().items().is_empty(), "{hostile}");
            assert_eq!(running.calls(Resource::Orders) - before, 1, "it was asked, and answered with nothing");
            assert_eq!(tenant.account(hostile).await.unwrap(), None, "{hostile}");
            assert_eq!(tenant.order(hostile, "1010").await.unwrap(), None, "{hostile}");
        }
        let theirs = order_ids(&tenant.orders(AWKWARD, None).await.unwrap());
        assert_eq!(theirs, ["12", "9"]);
        assert!(tenant.account(AWKWARD).await.unwrap().is_some());
    }
}
