//! Pages: what they cost, and that they are whole.

use livegate_adapter_sap_b1::simulator::{Options, Resource};
use livegate_core::{DateBound, DateRange, ErrorKind, Listing, OrderFilters};

use crate::{GENERATIONS, Tenant, both, invoice_ids, order_ids, start};

/// The orders of the customer who has 45, newest first.
fn numbers(from: usize, to: usize) -> Vec<String> {
    (from..=to).map(|number| (20_000 + number).to_string()).collect()
}

#[tokio::test]
async fn a_second_page_of_45_orders_costs_what_the_readme_says() {
    for generation in GENERATIONS {
        for (numbering, cost) in [("DocNum", 2), ("DocEntry", 1)] {
            let running = start(Options::default());
            let tenant = Tenant::of(&running, generation, &[("document_number", numbering)]);
            tenant.ping().await.unwrap();
            let before = running.questions();
            let listing = tenant.orders("C45000", Some((2, 15))).await.unwrap();
            assert!(matches!(listing, Listing::Page { total: 45, .. }), "{listing:?}");
            let ids = order_ids(&listing);
            if numbering == "DocNum" {
                assert_eq!(ids, numbers(16, 30));
            } else {
                assert_eq!((ids.len(), ids[0].as_str()), (15, "35016"));
            }
            assert_eq!(running.questions() - before, cost, "{generation} by {numbering}");
        }
    }
}

#[tokio::test]
async fn a_page_that_holds_all_costs_one_request() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        assert_eq!(tenant.orders("C45000", Some((1, 100))).await.unwrap().items().len(), 45);
        assert_eq!(tenant.invoices("C45000", Some((1, 45))).await.unwrap().items().len(), 45);
        assert_eq!(running.questions() - before, 2);
        // Past the end nothing is left to be named.
        let past = tenant.orders("C45000", Some((9, 15))).await.unwrap();
        assert!(matches!(&past, Listing::Page { items, total: 45 } if items.is_empty()));
        assert_eq!(running.questions() - before, 3);
    }
}

#[tokio::test]
async fn many_numbers_are_asked_about_fifty_at_a_time() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let ids = order_ids(&tenant.orders("C46000", Some((1, 101))).await.unwrap());
        assert_eq!((ids.len(), ids[0].as_str(), ids[100].as_str()), (101, "30120", "30020"), "by number within a day");
        assert_eq!(running.questions() - before, 1 + 3);
        // Days cut off others that might have the same numbers, too.
        let instant = jiff::Timestamp::now();
        let day = instant.to_zoned(jiff::tz::TimeZone::UTC).date();
        let dates = DateRange { end: Some(DateBound { instant, day }), start: None };
        let before = running.questions();
        let listing = tenant.filtered("C46000", OrderFilters { dates, ..OrderFilters::default() }, None).await.unwrap();
        assert_eq!((listing.items().len(), running.questions() - before), (120, 1 + 3));
    }
}

#[tokio::test]
async fn a_number_costs_one_request_whatever_days_go_with_it() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let instant = jiff::Timestamp::now();
        let start = Some(DateBound { instant, day: instant.to_zoned(jiff::tz::TimeZone::UTC).date() });
        let dates = DateRange { start, end: None };
        let filters = OrderFilters { order_id: Some("1003".into()), dates, ..OrderFilters::default() };
        let listing = tenant.filtered("C20000", filters, Some((1, 10))).await.unwrap();
        assert_eq!(order_ids(&listing), ["1003", "1003#16003"], "livegate applies the days");
        assert_eq!(running.questions() - before, 1);
    }
}

#[tokio::test]
async fn the_default_page_of_20_rows_is_asked_to_be_longer() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        let before = running.calls(Resource::Orders);
        assert_eq!(order_ids(&tenant.orders("C45000", None).await.unwrap()), numbers(1, 45));
        assert_eq!(running.calls(Resource::Orders) - before, 1);
    }
}

/// Relative to the service's root in v2, a path of its own in v1.
#[tokio::test]
async fn a_relative_next_link_is_followed() {
    let (running, tenants) = both(Options { largest_page: Some(20), ..Options::default() });
    for tenant in tenants {
        let before = running.calls(Resource::Invoices);
        assert_eq!(invoice_ids(&tenant.invoices("C45000", None).await.unwrap()), numbers(1, 45));
        assert_eq!(running.calls(Resource::Invoices) - before, 3);
    }
}

#[tokio::test]
async fn a_page_that_the_server_cuts_shorter_is_no_page() {
    let (_running, tenants) = both(Options { largest_page: Some(20), ..Options::default() });
    for tenant in tenants {
        let listing = tenant.orders("C45000", Some((1, 30))).await.unwrap();
        assert!(matches!(listing, Listing::Complete(_)));
        assert_eq!(order_ids(&listing), numbers(1, 45));
    }
}

#[tokio::test]
async fn a_top_that_fits_has_no_next_link_and_is_a_page_all_the_same() {
    let (_running, tenants) = both(Options { largest_page: Some(20), ..Options::default() });
    for tenant in tenants {
        let listing = tenant.orders("C45000", Some((3, 20))).await.unwrap();
        assert!(matches!(listing, Listing::Page { total: 45, .. }));
        assert_eq!(order_ids(&listing), numbers(41, 45));
    }
}

#[tokio::test]
async fn rows_of_somebody_else_or_twice_are_no_page() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        for customer in ["C70001", "C60000"] {
            let listing = tenant.orders(customer, Some((1, 3))).await.unwrap();
            assert!(matches!(listing, Listing::Complete(_)), "{customer}");
        }
    }
}

#[tokio::test]
async fn a_purchase_order_number_is_looked_for_in_the_whole_list() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let filters = OrderFilters { customer_po: Some("po-7702".into()), ..OrderFilters::default() };
        let listing = tenant.filtered("C20000", filters, None).await.unwrap();
        assert!(matches!(&listing, Listing::Complete(all) if all.len() == 14));
        assert_eq!(running.questions() - before, 1);
    }
}

#[tokio::test]
async fn more_documents_than_the_cap_are_too_large() {
    use livegate_adapter_sap_b1::KIND;
    use livegate_core::{Connection, Settings};

    let running = start(Options { largest_page: Some(20), ..Options::default() });
    let base_url = format!("http://{}/", running.address());
    let texts = [
        ("base_url", base_url.as_str()),
        ("company_db", "HARBOR"),
        ("username", "livegate-reader"),
        ("password", "sap-b1-demo-password"),
    ];
    let settings = Settings::from_texts(KIND.fields, texts).unwrap();
    let connection = Connection { settings, transport: crate::loopback(), document_cap: 44 };
    let tenant = Tenant((KIND.connect)(connection).unwrap());
    assert_eq!(tenant.orders("C45000", None).await.unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(
        tenant.orders("C45000", Some((1, 15))).await.unwrap().items().len(),
        15,
        "a page is no matter of the cap"
    );
}
