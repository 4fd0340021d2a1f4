//! What is known to go wrong with the Service Layer, one by one.

use livegate_adapter_sap_b1::simulator::{Fault, Options, Resource};
use livegate_core::{ErrorKind, OrderFilters, Standing};

use crate::{GENERATIONS, Tenant, both, invoice_ids, loopback, order_ids, start};

#[tokio::test]
async fn the_address_tells_the_generation_and_a_bare_host_gets_the_later_one() {
    let running = start(Options { without_v2: true, ..Options::default() });
    let at = |path: &str| Tenant::of(&running, path, &[]);
    for path in ["b1s/v1", "b1s/v1/"] {
        at(path).ping().await.unwrap();
    }
    for path in ["", "b1s/v2", "b1s/v2/"] {
        let error = at(path).ping().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{path:?}: {error}");
        assert!(error.message().contains("version"), "{error}");
    }
    for path in ["b1s/", "b1s/v3/", "b1s/v1/Orders", "sap", "xb1s/v2x", "xb1s/v2", "api/v1/"] {
        let base_url = format!("http://{}/{path}", running.address());
        let error = Tenant::through(loopback(), &base_url, &[]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{path}");
        assert!(error.message().contains("b1s/v2/"), "{error}");
    }
}

#[tokio::test]
async fn a_service_layer_below_another_path_is_found() {
    // The simulator knows no such path, so it is its web server that answers.
    let running = start(Options::default());
    let tenant = Tenant::of(&running, "ServiceLayer/b1s/v2/", &[]);
    assert_eq!(tenant.ping().await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_proxy_error_502_in_html_is_unavailable_and_repeated_to_nobody() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        running.fail(Fault { resource: Some(Resource::Orders), after: 0, count: 1, status: 502, code: None });
        let error = tenant.orders("C20000", None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(!error.message().contains("Proxy Error"), "{error}");
    }
}

#[tokio::test]
async fn errors_are_read_in_both_shapes_and_their_texts_stay_inside() {
    for generation in GENERATIONS {
        let running = start(Options::default());
        let tenant = Tenant::of(&running, generation, &[]);
        tenant.ping().await.unwrap();
        let cases = [
            (400, 201, ErrorKind::Misconfigured),
            (403, -1, ErrorKind::PermissionDenied),
            (404, -2028, ErrorKind::Misconfigured),
            (500, -1000, ErrorKind::Unavailable),
        ];
        for (status, code, kind) in cases {
            let fault = Fault { resource: Some(Resource::Invoices), after: 0, count: 1, status, code: Some(code) };
            running.fail(fault);
            let error = tenant.invoices("C20000", None).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(!error.message().contains("went wrong"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_missing_right_is_named_whatever_the_status() {
    for generation in GENERATIONS {
        let rights = [
            (Resource::Partners, "Business Partner Master Data"),
            (Resource::AdminInfo, "Company Details"),
            (Resource::Invoices, "A/R Invoice"),
            (Resource::CreditNotes, "A/R Credit Memo"),
            (Resource::DownPayments, "A/R Down Payment Invoice"),
        ];
        for (resource, right) in rights {
            for (status, code) in [(400, Some(-3000)), (500, Some(-3001)), (403, Some(-1)), (403, None)] {
                // Requests that were given up may arrive late, so each has a simulator of its own.
                let running = start(Options::default());
                running.fail(Fault { resource: Some(resource), after: 0, count: 100, status, code });
                let error = Tenant::of(&running, generation, &[]).account("C20000").await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{status} {code:?}: {error}");
                assert!(error.message().contains(right) && error.message().contains(resource.path()), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn days_are_texts_in_filters_of_either_generation() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let day = |text: &str| {
            let day: jiff::civil::Date = text.parse().unwrap();
            Some(livegate_core::DateBound { instant: jiff::Timestamp::UNIX_EPOCH, day })
        };
        let dates = livegate_core::DateRange { start: day("2026-01-31"), end: day("2026-03-08") };
        let filters = OrderFilters { dates, ..OrderFilters::default() };
        assert_eq!(order_ids(&tenant.filtered("C81000", filters.clone(), None).await.unwrap()), ["8101", "8104"]);
        assert_eq!(order_ids(&tenant.filtered("C81000", filters, Some((1, 1))).await.unwrap()), ["8101"]);
    }
}

#[tokio::test]
async fn cancelled_invoices_and_their_cancellation_documents_are_out() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let listed = invoice_ids(&tenant.invoices("C20000", None).await.unwrap());
        assert!(!listed.contains(&"1010".to_owned()) && !listed.contains(&"1011".to_owned()), "{listed:?}");
        assert_eq!(listed.len(), 12);
        assert_eq!(tenant.invoice("C20000", "1010").await.unwrap().unwrap().summary.standing, Standing::Void);
        // Of what cancels another one the customer never heard.
        assert_eq!(tenant.invoice("C20000", "1011").await.unwrap().unwrap().summary.standing, Standing::Deleted);
    }
}

#[tokio::test]
async fn a_negative_discount_is_a_surcharge_and_stays_negative() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let order = tenant.order("C20000", "1007").await.unwrap().unwrap().summary;
        assert_eq!(order.discount_total.unwrap().to_string(), "-147.27");
        assert_eq!(order.sub_total.unwrap().to_string(), "4147.27");
    }
}

#[tokio::test]
async fn a_total_that_is_rounded_or_reduced_has_no_known_sum_before_tax() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let listing = tenant.invoices("C82000", None).await.unwrap();
        for id in ["8202", "8203", "8204"] {
            let invoice = listing.items().iter().find(|invoice| invoice.id.as_str() == id).unwrap();
            assert_eq!((invoice.sub_total, invoice.tax_total.unwrap().to_string()), (None, "10.00".to_owned()), "{id}");
        }
    }
}

#[tokio::test]
async fn addresses_that_are_texts_come_in_lines() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let invoice = tenant.invoice("C82000", "8201").await.unwrap().unwrap();
        let (bill_to, ship_to) = (invoice.summary.bill_to.unwrap(), invoice.summary.ship_to.unwrap());
        assert_eq!(bill_to.address1.as_deref(), Some("1 Harbour Road"));
        assert_eq!(bill_to.address2.as_deref(), Some("Annapolis MD 21401"));
        assert_eq!((bill_to.address3.as_deref(), bill_to.city.as_deref()), (Some("USA"), None));
        assert_eq!(ship_to.address2.as_deref(), Some("Harbour Road 2"));
        assert_eq!(ship_to.address3.as_deref(), Some("Annapolis, MD 21401"));
        // A price in another currency than the document's is not its price.
        let line = &invoice.lines.unwrap()[0];
        assert_eq!((line.unit_price, line.sub_total.unwrap().to_string()), (None, "200.00".to_owned()));
    }
}

#[tokio::test]
async fn a_manual_unit_is_the_text_beside_it() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let units = tenant.invoice("C20000", "1009").await.unwrap().unwrap().lines.unwrap();
        assert_eq!(units.iter().map(|line| line.uom.as_deref()).collect::<Vec<_>>(), [Some("m"), Some("metre"), None]);
    }
}

#[tokio::test]
async fn a_reserve_invoice_ships_nothing_yet() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let line = &tenant.invoice("C82000", "8205").await.unwrap().unwrap().lines.unwrap()[0];
        assert_eq!((line.quantity.unwrap().to_string(), line.quantity_shipped), ("3".to_owned(), None));
    }
}

#[tokio::test]
async fn suppliers_and_leads_are_no_customers() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        for code in ["V10000", "L10000", "nobody"] {
            assert_eq!(tenant.account(code).await.unwrap(), None, "{code}");
        }
        assert_eq!(running.questions() - before, 3, "of them nothing else is asked");
    }
}

#[tokio::test]
async fn codes_that_differ_in_case_are_different_customers() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.account("c20000").await.unwrap(), None);
        assert_eq!(tenant.order("c20000", "1010").await.unwrap(), None);
    }
}
