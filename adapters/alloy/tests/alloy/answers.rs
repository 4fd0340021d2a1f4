//! What the simulator's customers become, in either version.

use livegate_adapter_alloy::simulator::{AWKWARD, Fault, Options, Resource};
use livegate_core::{Amount, ErrorKind, Standing};

use crate::{balances, both, code, day, days_from_today};

fn sum(amounts: impl IntoIterator<Item = Amount>) -> String {
    Amount::sum(amounts).unwrap().to_string()
}

#[tokio::test]
async fn a_balance_is_the_sum_of_the_invoices_and_payments_are_never_subtracted() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let account = tenant.account("97").await.unwrap().unwrap();
        assert_eq!(account.owner, Some(code("97")));
        assert_eq!(account.currency.unwrap().as_str(), "USD");
        assert_eq!((&account.balance, account.aging, account.credit_limit), (&None, None, None));
        let items = account.open_items.unwrap();
        assert!(items.iter().all(|item| item.owner == Some(code("97")) && item.instalments.is_empty()));
        // Neither the paid ones nor the draft, the void ones and the deleted one.
        assert_eq!(items.len(), 11);
        assert_eq!(sum(items.iter().map(|item| item.balance.amount)), "5011.72");
        let credit = items.iter().find(|item| item.balance.amount.is_negative()).unwrap();
        assert_eq!((credit.document_date, credit.due_date), (days_from_today(-10), days_from_today(20)));
        // The newest of two on one day; not what went to a vendor, has no amount or is deleted.
        assert_eq!(account.last_payment_date, days_from_today(-12));
        assert_eq!(account.last_payment_amount.unwrap().to_string(), "1250.00");
        // Not the day of the draft.
        assert_eq!((account.last_charge_date, account.last_sale_date), (days_from_today(-5), days_from_today(-5)));
    }
}

#[tokio::test]
async fn a_list_holds_the_invoices_with_their_own_figures() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let invoices = tenant.invoices("97").await.unwrap();
        let expected = [
            ("INV-998", "412"),
            ("INV-999", "89.95"),
            ("INV-1000", "640.10"),
            ("INV-1001", "1250.00"),
            ("INV-1002", "283.92"),
            ("INV-1003", "120"),
            ("INV-1004", "310.00"),
            ("INV-1005", "1975.50"),
            ("INV-1006", "0"),
            ("INV-1007", "0.00"),
            ("INV-1008", "-150.25"),
            ("INV-1009", "62.00"),
            ("2050", "18.50"),
            ("INV-2002", "1000.00"),
            ("INV-2003", "1000.00"),
        ];
        assert_eq!(balances(&invoices), expected.map(|(id, balance)| (id, balance.to_owned())));
        let void = invoices.iter().filter(|invoice| invoice.standing == Standing::Void);
        assert_eq!(void.map(|invoice| invoice.id.as_str()).collect::<Vec<_>>(), ["INV-2002", "INV-2003"]);

        let invoice = invoices.iter().find(|invoice| invoice.id.as_str() == "INV-1009").unwrap();
        assert_eq!((&invoice.owner, invoice.standing), (&Some(code("97")), Standing::Issued));
        assert_eq!(invoice.status, None, "the balance decides, whatever invoiceStatus says");
        let figures = [invoice.discount_total, invoice.sub_total, invoice.tax_total, invoice.total];
        assert_eq!(figures.map(|figure| figure.unwrap().to_string()), ["2.50", "57.50", "4.50", "62.00"]);
        assert_eq!((invoice.invoice_date, invoice.due_date), (days_from_today(-5), days_from_today(25)));
        assert_eq!((&invoice.order_id, &invoice.customer_po, invoice.payment_pending), (&None, &None, false));
        let text = |address: &livegate_core::Address| {
            [
                &address.customer_id,
                &address.name,
                &address.address1,
                &address.address2,
                &address.address3,
                &address.city,
                &address.state,
                &address.postal_code,
            ]
            .map(|text| text.clone().unwrap_or_default())
        };
        let billing = ["97", "Emily Johnson", "123 Broadway", "", "", "New York", "NY", "10001"];
        assert_eq!(text(invoice.bill_to.as_ref().unwrap()), billing);
        let shipping = ["97", "Emily Johnson", "Pier 86", "Gate 2", "", "New York", "NY", "10036"];
        assert_eq!(text(invoice.ship_to.as_ref().unwrap()), shipping);
        let plain = &invoices[0];
        assert_eq!((plain.discount_total, plain.sub_total, plain.tax_total), (None, None, None), "not derived");
    }
}

#[tokio::test]
async fn an_invoice_by_id_has_its_lines_with_item_codes() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        let before = running.calls(Resource::Items);
        let invoice = tenant.invoice("97", "INV-1009").await.unwrap().unwrap();
        assert_eq!(running.calls(Resource::Items) - before, 3, "each item once");
        let listed = tenant.invoices("97").await.unwrap();
        assert!(listed.contains(&invoice.summary), "the list says the same");
        assert_eq!((invoice.note, invoice.order_date), (None, None), "a memo may be the bookkeeper's own");
        let lines = invoice.lines.unwrap();
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let amount = |amount: Option<Amount>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
        let told = lines.iter().map(|line| {
            let texts = [text(&line.item_id), text(&line.sku), text(&line.description)];
            let amounts = [amount(line.quantity), amount(line.unit_price), amount(line.total)];
            assert_eq!((line.tax, line.sub_total, line.quantity_shipped), (None, None, None));
            [texts.join("|"), amounts.join("|")].join("|")
        });
        // The subtotal, a line of nothing but a total, is none.
        let expected = [
            "12|CHAIN-10|Anchor chain, 10 mm|2|25.00|50.00",
            "13|Rope by the metre|Rope by the metre|1.50|-|7.50",
            "-|-|Freight|-|-|0.00",
            "-|-|No longer sold|1|-|-",
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn documents_go_by_number_else_by_remote_id() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.invoice("97", "2050").await.unwrap().unwrap().summary.id.as_str(), "2050");
        let numbered = tenant.invoices("97").await.unwrap().len();
        assert_eq!(numbered, 15);
        assert_eq!(tenant.invoice("97", "2100").await.unwrap(), None, "the remoteId of one that has a number");
        assert_eq!(tenant.invoice("97", "inv-1009").await.unwrap(), None, "numbers are compared exactly");
        assert_eq!(tenant.invoice("97", "INV-100").await.unwrap(), None);
        for hidden in ["INV-2001", "INV-2004"] {
            assert_eq!(tenant.invoice("97", hidden).await.unwrap(), None);
        }
        let void = tenant.invoice("97", "INV-2002").await.unwrap().unwrap().summary;
        assert_eq!(void.standing, Standing::Void);
    }
    for version in crate::VERSIONS {
        let settings: Vec<_> = version.iter().copied().chain([("document_number", "remoteId")]).collect();
        let tenant = crate::Tenant::of(&running, &settings);
        let invoices = tenant.invoices("97").await.unwrap();
        assert_eq!(invoices[0].id.as_str(), "2100");
        let found = tenant.invoice("97", "2100").await.unwrap().unwrap().summary;
        assert_eq!(found, invoices[0]);
        assert_eq!(tenant.invoice("97", "INV-998").await.unwrap(), None);
        let orders = tenant.orders("97").await.unwrap();
        assert_eq!(orders[0].id.as_str(), "3100");
        assert_eq!(tenant.order("97", "3100").await.unwrap().unwrap().summary, orders[0]);
    }
}

#[tokio::test]
async fn sales_orders_are_the_orders() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let orders = tenant.orders("97").await.unwrap();
        let ids: Vec<_> = orders.iter().map(|order| order.id.as_str()).collect();
        assert_eq!((ids.len(), ids[0], ids[12]), (13, "SO-998", "SO-1010"), "neither drafts nor deleted ones");
        let order = tenant.order("97", "SO-1010").await.unwrap().unwrap();
        assert_eq!(order.summary, orders[12]);
        let summary = order.summary;
        assert_eq!((&summary.owner, summary.standing), (&Some(code("97")), Standing::Issued));
        assert_eq!(summary.order_type.as_deref(), Some("Sales order"));
        assert_eq!(summary.status.as_deref(), Some("Open"));
        assert_eq!((summary.order_date, summary.ship_date), (days_from_today(-6), days_from_today(3)));
        assert_eq!(summary.total.unwrap().to_string(), "62.00");
        assert_eq!(summary.tax_total.unwrap().to_string(), "4.50");
        assert_eq!((summary.sub_total, summary.discount_total), (None, None), "not derived");
        assert_eq!((summary.customer_po, summary.comments, summary.third_party_order_number), (None, None, None));
        assert_eq!(order.bill_to.unwrap().address1.as_deref(), Some("123 Broadway"));
        assert_eq!(order.ship_to.unwrap().address1.as_deref(), Some("Pier 4"), "where this order goes");
        assert_eq!((order.ordered_by, order.tracking), (None, None));
        let lines = order.lines.unwrap();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0].product_id.as_deref(), Some("12"));
        assert_eq!(lines[0].sku.as_deref(), Some("CHAIN-10"));
        assert_eq!(lines[0].tax.unwrap().to_string(), "3.75");
        assert_eq!((lines[0].quantity_shipped, lines[0].sub_total), (None, None));
        let older = tenant.order("97", "SO-998").await.unwrap().unwrap();
        assert_eq!(older.ship_to.unwrap().address1.as_deref(), Some("Pier 86"), "an empty address says nothing");
        for hidden in ["SO-2001", "SO-2002", "SO-2003", "SO-9"] {
            assert_eq!(tenant.order("97", hidden).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn without_the_items_a_document_is_answered_without_their_codes() {
    for count in [1, 3] {
        for status in [401, 404, 429, 500] {
            let (running, [tenant, _]) = both(Options::default());
            let resource = Some(Resource::Items);
            running.fail(Fault { resource, after: 0, count, status, retry_after: None });
            let lines = tenant.invoice("97", "INV-1009").await.unwrap().unwrap().lines.unwrap();
            let without = lines.iter().filter(|line| line.item_id.is_none() && line.sku.is_none()).count();
            assert!(without > 2 && lines.len() == 4, "{status}");
            assert_eq!(lines[0].description.as_deref(), Some("Anchor chain, 10 mm"));
        }
    }
}

#[tokio::test]
async fn whoever_has_nothing_owes_nothing() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        for customer in ["96", "104"] {
            let account = tenant.account(customer).await.unwrap().unwrap();
            assert_eq!(account.open_items, Some(vec![]));
            assert_eq!((account.last_payment_date, account.last_sale_date), (None, None));
            assert_eq!(tenant.invoices(customer).await.unwrap(), []);
            assert_eq!(tenant.orders(customer).await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn amounts_arrive_digit_for_digit() {
    let (_running, tenants) = both(Options::default());
    let expected = [
        ("EX-1", "0.10"),
        ("EX-2", "283.92"),
        ("EX-3", "1234567890123456.78"),
        ("EX-4", "-0.005"),
        ("EX-5", "2373.45"),
    ];
    for tenant in tenants {
        let invoices = tenant.invoices("105").await.unwrap();
        assert_eq!(balances(&invoices), expected.map(|(id, digits)| (id, digits.to_owned())));
        let items = tenant.account("105").await.unwrap().unwrap().open_items.unwrap();
        assert_eq!(sum(items.iter().map(|item| item.balance.amount)), "1234567890126114.245");
        let invoice = tenant.invoice("105", "EX-5").await.unwrap().unwrap();
        assert_eq!(invoice.summary.total.unwrap().to_string(), "2373.45");
        assert_eq!(invoice.lines.unwrap()[0].total.unwrap().to_string(), "2373.45");
        let order = tenant.order("105", "EXS-1").await.unwrap().unwrap();
        assert_eq!(order.summary.total.unwrap().to_string(), "1234567890123456.78");
        let line = &order.lines.unwrap()[0];
        assert_eq!(
            (line.unit_price.unwrap().to_string(), line.total.unwrap().to_string()),
            ("0.3333333".into(), "100".into())
        );
    }
}

#[tokio::test]
async fn dates_are_calendar_days_whatever_they_carry() {
    let (_running, tenants) = both(Options::default());
    let expected = [day("2026-03-08"), day("2026-03-08"), day("2026-11-01"), day("2026-11-01"), None, None];
    for tenant in tenants {
        let invoices = tenant.invoices("106").await.unwrap();
        assert_eq!(invoices.iter().map(|invoice| invoice.invoice_date).collect::<Vec<_>>(), expected);
        assert_eq!(invoices.iter().map(|invoice| invoice.due_date).collect::<Vec<_>>(), expected);
        let orders = tenant.orders("106").await.unwrap();
        assert_eq!(orders.iter().map(|order| order.order_date).collect::<Vec<_>>(), expected);
        assert_eq!(orders.iter().map(|order| order.ship_date).collect::<Vec<_>>(), expected);
        let account = tenant.account("106").await.unwrap().unwrap();
        assert_eq!(account.last_payment_date, day("2022-09-01"));
        assert_eq!(account.last_sale_date, day("2026-11-01"));
    }
}

#[tokio::test]
async fn what_an_address_must_escape_stays_what_it_is() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.account(AWKWARD).await.unwrap().unwrap().owner, Some(code(AWKWARD)));
        let invoices = tenant.invoices(AWKWARD).await.unwrap();
        let ids = ["INV 7/B?1", "../INV-1009", "W%2F1+#&customerId=x"];
        assert_eq!(invoices.iter().map(|invoice| invoice.id.as_str()).collect::<Vec<_>>(), ids);
        for id in ids {
            let invoice = tenant.invoice(AWKWARD, id).await.unwrap().unwrap();
            assert_eq!(invoice.lines.unwrap()[0].description.as_deref(), Some("<b>Ropes & \"knots\" ü</b>"));
        }
        for id in ["SO 7/B?1", "5'0\"1&<x>"] {
            assert_eq!(tenant.order(AWKWARD, id).await.unwrap().unwrap().summary.id.as_str(), id);
        }
    }
}

#[tokio::test]
async fn of_one_number_the_newest_is_shown_and_all_are_owed() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        assert_eq!(tenant.invoice("107", "TW-2").await.unwrap().unwrap().summary.balance.unwrap().to_string(), "20.00");
        let items = tenant.account("107").await.unwrap().unwrap().open_items.unwrap();
        let ids: std::collections::BTreeSet<_> = items.iter().map(|item| item.id.clone().unwrap()).collect();
        assert_eq!((items.len(), ids.len()), (4, 3), "a row that comes again is known by its id");
    }
}

#[tokio::test]
async fn currencies_are_told_and_never_mixed() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let account = tenant.account("108").await.unwrap().unwrap();
        let currencies: Vec<_> =
            account.open_items.unwrap().into_iter().map(|item| item.balance.currency.unwrap().to_string()).collect();
        assert_eq!(currencies, ["USD", "EUR"]);
        assert_eq!((account.last_payment_date, account.last_payment_amount), (day("2026-02-01"), None));
    }
}

#[tokio::test]
async fn a_refusal_is_known_by_its_status() {
    for (status, kind) in [
        (400, ErrorKind::Misconfigured),
        (401, ErrorKind::CredentialsRejected),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::Misconfigured),
        (422, ErrorKind::Misconfigured),
        (500, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
    ] {
        for resource in [Resource::Customers, Resource::Invoices, Resource::Payments] {
            let (running, tenants) = both(Options::default());
            for tenant in tenants {
                running.fail(Fault { resource: Some(resource), after: 0, count: 1, status, retry_after: None });
                let error = tenant.account("97").await.unwrap_err();
                assert_eq!(error.kind(), kind, "{status}");
                assert!(!error.message().contains("went wrong"), "the ERP's own words stay out");
            }
        }
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let (running, [tenant, _]) = both(Options::default());
    tenant.ping().await.unwrap();
    let wrong = crate::Tenant::of(&running, &[("api_key", "another")]);
    assert_eq!(wrong.ping().await.unwrap_err().kind(), ErrorKind::CredentialsRejected);
    let wrong = crate::Tenant::of(&running, &[("credential_id", "another")]);
    assert_eq!(wrong.ping().await.unwrap_err().kind(), ErrorKind::Misconfigured);
    let wrong = crate::Tenant::connect(&format!("http://{}/2024-03/", running.address()), &[]);
    assert_eq!(wrong.ping().await.unwrap_err().kind(), ErrorKind::Misconfigured, "the version is added");
}
