//! What each call answers, against the simulator, from both of the demo's tenants.

use jiff::Timestamp;
use livegate_adapter_accounting::{KIND, simulator};
use livegate_core::{Account, AccountQuery, Answer, CallerIds, ErrorKind, Query, Standing};
use livegate_http::transport_to;
use livegate_live::{Buckets, Figures, Rules, figures, tidy};
use livegate_testkit::{Cast, Subject};

use crate::{Organization, code, day, kind_of};

/// What must never leave, in whatever form it is told.
const PLANTED: [&str; 4] = ["PLANTED", "777.77", "4111111111111111", "9.99"];

fn start() -> simulator::Running {
    simulator::start_with(simulator::Options::default()).unwrap()
}

/// The figures of the account as the gateway tells them today.
fn told(customer: &str, account: Account) -> Figures {
    let query = Query::Account(AccountQuery { customer: code(customer), caller: CallerIds::default() });
    let Answer::Account(Some(account)) =
        tidy(&Rules::default(), &KIND.capabilities, &query, Answer::Account(Some(account)))
    else {
        panic!("the account is theirs")
    };
    figures(&Rules::default(), &account, Timestamp::now()).unwrap()
}

#[tokio::test]
async fn what_is_owed_is_the_same_from_invoices_and_from_the_customer() {
    let platform = start();
    let amount = |digits: &str| digits.parse().unwrap();
    for (organization, harbor) in
        [(Organization::at(platform.address(), &[]), "1001"), (Organization::plain(platform.address()), "HARBOR01")]
    {
        let account = organization.account(harbor).await.unwrap().unwrap();
        assert_eq!(account.owner, Some(code(harbor)));
        assert_eq!(account.last_payment_date, account.last_payment_date.filter(|_| account.last_sale_date.is_some()));
        assert_eq!(account.last_charge_date, account.last_sale_date);
        assert_eq!(
            told(harbor, account),
            Figures {
                balance: amount("5046.31"),
                buckets: Some(Buckets {
                    due_30: amount("444.01"),
                    due_60: amount("1250.00"),
                    due_90: amount("640.10"),
                    due_120: amount("89.95"),
                    due_over_120: amount("412.00"),
                }),
                open_credits: Some(amount("150.25")),
                credit_available: Some(amount("4953.69")),
                last_payment_amount: Some(amount("600.00")),
            }
        );
    }
}

#[tokio::test]
async fn the_demo_s_tenants_find_what_they_name() {
    let platform = start();
    for tenant in KIND.demo {
        let subject = Subject::new(&KIND, tenant.id, transport_to, Cast::NONE);
        let organization = Organization(subject.connect(platform.address(), 10_000));
        organization.ping().await.unwrap();
        assert!(organization.account(tenant.customer_code).await.unwrap().is_some(), "{}", tenant.id);
        let invoice = organization.invoice(tenant.customer_code, tenant.invoice_id.unwrap()).await.unwrap();
        let order = organization.order(tenant.customer_code, tenant.order_id.unwrap()).await.unwrap();
        assert!(invoice.is_some() && order.is_some(), "{}", tenant.id);
    }
}

#[tokio::test]
async fn last_dates_are_the_newest_that_count() {
    let platform = start();
    let account = Organization::at(platform.address(), &[]).account("1001").await.unwrap().unwrap();
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let before = |days: i32| day(&(today - jiff::Span::new().days(days)).to_string());
    assert_eq!(account.last_payment_date, before(12), "neither the refund nor the namesake's");
    assert_eq!(account.last_sale_date, before(0), "the invoice that is due in 30 days");
}

#[tokio::test]
async fn an_unknown_customer_has_nothing_and_an_empty_one_owes_nothing() {
    let platform = start();
    for (organization, nobody, empty) in [
        (Organization::at(platform.address(), &[]), "404", "1003"),
        (Organization::plain(platform.address()), "NOBODY99", "EMPTY03"),
    ] {
        for customer in [nobody, "1012", ".", "..", "'", "x' OR '1'='1", "1001/", "%31001"] {
            assert_eq!(organization.account(customer).await.unwrap(), None, "{customer}");
            assert_eq!(organization.invoices(customer).await.unwrap(), [], "{customer}");
            assert_eq!(organization.orders(customer).await.unwrap(), [], "{customer}");
            assert_eq!(organization.invoice(customer, "9991").await.unwrap(), None, "{customer}");
            assert_eq!(organization.order(customer, "991").await.unwrap(), None, "{customer}");
        }
        let account = organization.account(empty).await.unwrap().unwrap();
        assert_eq!(account.open_items.as_deref(), Some(&[][..]));
        assert_eq!(account.credit_limit, None, "0 may mean no limit");
        assert!(told(empty, account).balance.is_zero());
        assert_eq!(organization.invoices(empty).await.unwrap(), []);
    }
}

#[tokio::test]
async fn lists_hold_what_is_theirs_and_was_issued() {
    let platform = start();
    for (organization, harbor, invoice, order, last) in [
        (Organization::at(platform.address(), &[]), "1001", "9994", "994", "10003"),
        (Organization::plain(platform.address()), "HARBOR01", "INV-5", "SO-4", "INV-14"),
    ] {
        let invoices = organization.invoices(harbor).await.unwrap();
        assert!(invoices.iter().all(|invoice| invoice.owner == Some(code(harbor))));
        let void: Vec<_> = invoices.iter().filter(|invoice| invoice.standing == Standing::Void).collect();
        assert_eq!((void.len(), void[0].status.as_deref()), (1, Some("_voided")));
        let ids: Vec<&str> = invoices.iter().map(|invoice| invoice.id.as_str()).collect();
        assert_eq!(ids.len(), 12 + 2 + 1 + 1, "one comes twice, one is void: {ids:?}");
        assert_eq!(ids.iter().filter(|id| **id == invoice).count(), 2);
        assert!(ids.contains(&last), "expense invoices are among them");
        for hidden in ["9880", "9881", "9883", "9900", "9777", "INV-880", "INV-881", "INV-900", "INV-777"] {
            assert!(!ids.contains(&hidden), "{hidden}");
        }
        let orders = organization.orders(harbor).await.unwrap();
        let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        assert_eq!((ids.len(), ids.iter().filter(|id| **id == order).count()), (15, 2), "{ids:?}");
        assert!(orders.iter().all(|order| order.standing == Standing::Issued && order.owner == Some(code(harbor))));
        assert!(orders.iter().any(|order| order.status.as_deref() == Some("Cancelled")));
    }
}

#[tokio::test]
async fn a_document_is_found_by_its_number_by_whom_it_belongs_to() {
    let platform = start();
    let elements = Organization::at(platform.address(), &[]);
    let plain = Organization::plain(platform.address());
    for (organization, harbor, namesake, [own, expense, foreign, draft, void, nobodys], [order, foreign_order]) in [
        (&elements, "1001", "1002", ["9991", "10002", "9777", "9880", "9882", "9900"], ["992", "777"]),
        (
            &plain,
            "HARBOR01",
            "HARBOR02",
            ["INV-2", "INV-13", "INV-777", "INV-880", "INV-882", "INV-900"],
            ["SO-2", "SO-777"],
        ),
    ] {
        for id in [own, expense] {
            let invoice = organization.invoice(harbor, id).await.unwrap().unwrap();
            assert_eq!((invoice.summary.id.as_str(), invoice.summary.owner), (id, Some(code(harbor))));
            assert_eq!(organization.invoice(namesake, id).await.unwrap(), None);
        }
        let shown = organization.invoice(harbor, void).await.unwrap().unwrap();
        assert_eq!(shown.summary.standing, Standing::Void);
        for id in [foreign, draft, nobodys, "no such", "9999999", "..", "9991/", "9991' OR id='9991"] {
            assert_eq!(organization.invoice(harbor, id).await.unwrap(), None, "{id}");
        }
        assert!(organization.invoice(namesake, foreign).await.unwrap().is_some());
        assert!(organization.order(harbor, order).await.unwrap().is_some());
        assert!(organization.order(namesake, foreign_order).await.unwrap().is_some());
        for id in [foreign_order, "880", "SO-881", "no such", "."] {
            assert_eq!(organization.order(harbor, id).await.unwrap(), None, "{id}");
        }
    }
    // Each tenant knows a document by one number only.
    assert_eq!(elements.invoice("1001", "INV-2").await.unwrap(), None);
    assert_eq!(plain.invoice("HARBOR01", "9991").await.unwrap(), None);
}

#[tokio::test]
async fn each_member_comes_from_where_the_readme_says() {
    let platform = start();
    let elements = Organization::at(platform.address(), &[]);
    let plain = Organization::plain(platform.address());
    let amount = |digits: &str| Some(digits.parse().unwrap());

    let invoice = elements.invoice("1001", "9991").await.unwrap().unwrap();
    let summary = &invoice.summary;
    assert_eq!((summary.status.as_deref(), summary.customer_po.as_deref()), (Some("Open"), Some("SO-2")));
    assert_eq!((&summary.order_id, invoice.note.as_deref()), (&None, Some("Thank you for your order")));
    assert_eq!(summary.total, amount("283.92"));
    assert_eq!((summary.sub_total, summary.tax_total), (amount("265.34"), amount("18.58")));
    assert_eq!((summary.balance, summary.discount_total), (amount("283.92"), amount("1.50")));
    let bill_to = summary.bill_to.as_ref().unwrap();
    assert_eq!(bill_to.name.as_deref(), Some("James Whitfield"));
    assert_eq!((bill_to.customer_id.as_deref(), bill_to.state.as_deref()), (Some("1001"), Some("MD")));
    assert_eq!(summary.ship_to.as_ref().unwrap().city.as_deref(), Some("Baltimore"));
    let line = &invoice.lines.as_ref().unwrap()[0];
    assert_eq!((line.item_id.as_deref(), line.uom.as_deref()), (Some("70077"), Some("EA")));
    assert_eq!((line.quantity, line.quantity_shipped, line.unit_price), (amount("3"), amount("3"), None));
    assert_eq!((line.sub_total, line.tax, line.total), (amount("265.34"), amount("18.58"), amount("283.92")));

    let same = plain.invoice("HARBOR01", "INV-2").await.unwrap().unwrap();
    assert_eq!((same.summary.order_id.as_deref(), &same.summary.customer_po), (Some("SO-2"), &None));

    let order = elements.order("1001", "993").await.unwrap().unwrap();
    let summary = &order.summary;
    assert_eq!((summary.order_type.as_deref(), summary.status.as_deref()), (Some("Sales order"), Some("Open")));
    assert_eq!(summary.customer_po.as_deref(), Some("4500-3"));
    assert_eq!(summary.third_party_order_number.as_deref(), Some("SO-3"));
    assert_eq!(summary.comments.as_deref(), Some("Leave it at the harbour office"));
    assert_eq!((summary.total, summary.tax_total), (amount("2500.00"), amount("163.55")));
    assert!(summary.order_date < summary.ship_date);
    let line = &order.lines.as_ref().unwrap()[0];
    assert_eq!((line.product_id.as_deref(), line.uom.as_deref()), (Some("70077"), Some("EA")));
    assert_eq!(line.description.as_deref(), Some("Mooring line 14 mm"), "the product's name");
    assert_eq!((line.quantity, line.unit_price), (amount("4"), amount("12.50")));
    let same = plain.order("HARBOR01", "SO-3").await.unwrap().unwrap();
    assert_eq!(same.summary.third_party_order_number, None, "it is the order's number already");
}

#[tokio::test]
async fn awkward_numbers_reach_their_documents() {
    let platform = start();
    for (organization, customer, invoice, order) in [
        (Organization::at(platform.address(), &[]), "4' & Söhne/7%", "I 7/B?1", "../O'7 %2F+#"),
        (Organization::plain(platform.address()), "O'Brien \"& Söhne\"/7%", "I'7/B\"?1", "O'7\\ \"%2F+#"),
    ] {
        let account = organization.account(customer).await.unwrap().unwrap();
        assert_eq!(told(customer, account).balance, "12.00".parse().unwrap());
        let ids = organization.invoices(customer).await.unwrap();
        assert_eq!(ids.iter().map(|invoice| invoice.id.as_str()).collect::<Vec<_>>(), [invoice]);
        let ids = organization.orders(customer).await.unwrap();
        assert_eq!(ids.iter().map(|order| order.id.as_str()).collect::<Vec<_>>(), [order]);
        assert!(organization.invoice(customer, invoice).await.unwrap().is_some());
        assert!(organization.order(customer, order).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_key_that_two_customers_have_is_named_and_they_are_not() {
    let platform = start();
    let both = [("customer_key", "externalId")];
    for organization in [Organization::plain(platform.address()), Organization::at(platform.address(), &both)] {
        for error in [
            organization.account("DOUBLE10").await.unwrap_err(),
            organization.invoices("DOUBLE10").await.unwrap_err(),
            organization.order("DOUBLE10", "1").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(error.message().contains("externalId"), "{error}");
            assert!(!["1010", "1011", "Double"].iter().any(|customer| format!("{error:?}").contains(customer)));
        }
    }
}

#[tokio::test]
async fn money_keeps_every_digit_and_currencies_are_not_added() {
    let platform = start();
    for (organization, exact, euro) in [
        (Organization::at(platform.address(), &[]), "1005", "1009"),
        (Organization::plain(platform.address()), "EXACT05", "EURO09"),
    ] {
        let account = organization.account(exact).await.unwrap().unwrap();
        assert_eq!(told(exact, account).balance.to_string(), "1234567890123740.795");
        let balances: Vec<_> =
            organization.invoices(exact).await.unwrap().iter().map(|i| i.balance.unwrap().to_string()).collect();
        assert_eq!(balances, ["0.10", "283.92", "1234567890123456.78", "-0.005"]);
        let account = organization.account(euro).await.unwrap().unwrap();
        let told = figures(&Rules::default(), &account, Timestamp::now());
        match account.balance {
            Some(_) => assert_eq!(told.unwrap().buckets, None, "the customer's own figure, without ages"),
            None => assert_eq!(kind_of(told), ErrorKind::Unsupported),
        }
    }
}

#[tokio::test]
async fn dates_keep_their_day_and_unreadable_ones_are_unknown() {
    let platform = start();
    let organization = Organization::at(platform.address(), &[]);
    let expected = [day("2026-03-01"), day("2026-03-08"), day("2026-10-25"), None, None];
    let invoices = organization.invoices("1006").await.unwrap();
    assert_eq!(invoices.iter().map(|invoice| invoice.invoice_date).collect::<Vec<_>>(), expected);
    assert_eq!(invoices.iter().map(|invoice| invoice.due_date).collect::<Vec<_>>(), expected);
    let orders = organization.orders("1006").await.unwrap();
    assert_eq!(orders.iter().map(|order| order.order_date).collect::<Vec<_>>(), expected);
    assert_eq!(orders.iter().map(|order| order.ship_date).collect::<Vec<_>>(), expected);
    let account = organization.account("1006").await.unwrap().unwrap();
    assert_eq!(told("1006", account).buckets, None, "one of unknown age leaves all ages unknown");
}

#[tokio::test]
async fn what_is_not_told_stays_unknown() {
    let platform = start();
    let organization = Organization::at(platform.address(), &[]);
    let invoice = organization.invoice("1007", "9801").await.unwrap().unwrap();
    let summary = &invoice.summary;
    assert_eq!((summary.total, summary.sub_total, summary.tax_total), (None, None, None));
    assert_eq!((&summary.status, &summary.bill_to, &summary.customer_po), (&None, &None, &None));
    assert_eq!((&invoice.lines, &invoice.note, summary.invoice_date), (&None, &None, None));
    let order = organization.order("1007", "801").await.unwrap().unwrap();
    assert_eq!((&order.bill_to, &order.lines, order.summary.total), (&None, &None, None));
    let account = organization.account("1007").await.unwrap().unwrap();
    assert_eq!((account.currency, account.credit_limit, account.last_sale_date), (None, None, None));
    assert!(account.last_payment_date.is_some());
    assert_eq!(account.last_payment_amount, None, "dollars, and the customer's own currency is unknown");
}

#[tokio::test]
async fn long_lists_come_whole_up_to_the_cap() {
    let platform = start();
    for paging in ["elements", "page", "none"] {
        let paging = [("paging", paging)];
        let organization = Organization::at(platform.address(), &paging);
        assert_eq!(organization.invoices("1008").await.unwrap().len(), 120, "{paging:?}");
        assert_eq!(organization.orders("1008").await.unwrap().len(), 60, "{paging:?}");
        assert_eq!(Organization::capped(platform.address(), &paging, 120).invoices("1008").await.unwrap().len(), 120);
        let error = Organization::capped(platform.address(), &paging, 119).invoices("1008").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.message().contains("documents"), "{error}");
    }
    // What everybody has counts where everybody's is read.
    let whole = Organization::capped(platform.address(), &[("filter", "none")], 120);
    let error = whole.invoices("1001").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("filter = \"ceql\""), "{error}");
    let quoted = Organization::capped(platform.address(), &[], 120).invoices("4' & Söhne/7%").await.unwrap_err();
    assert_eq!(quoted.kind(), ErrorKind::TooLarge);
    assert!(quoted.message().contains("character"), "{quoted}");
    // Twelve, a double and a void one of products, two of expenses.
    let sum = Organization::capped(platform.address(), &[], 15);
    assert_eq!(kind_of(sum.invoices("1001").await), ErrorKind::TooLarge);
    assert_eq!(kind_of(sum.account("1001").await), ErrorKind::TooLarge);
}

#[tokio::test]
async fn what_must_not_leave_is_in_no_answer() {
    let platform = start();
    for (organization, customers, invoices, orders) in [
        (Organization::at(platform.address(), &[]), ["1001", "1005"], ["9991", "10002"], ["991", "992"]),
        (Organization::plain(platform.address()), ["HARBOR01", "EXACT05"], ["INV-2", "INV-13"], ["SO-1", "SO-2"]),
    ] {
        let mut told = String::new();
        for customer in customers {
            told += &format!("{:?}", organization.account(customer).await.unwrap().unwrap());
            told += &format!("{:?}", organization.invoices(customer).await.unwrap());
            told += &format!("{:?}", organization.orders(customer).await.unwrap());
        }
        for id in invoices {
            told += &format!("{:?}", organization.invoice(customers[0], id).await.unwrap().unwrap());
        }
        for id in orders {
            told += &format!("{:?}", organization.order(customers[0], id).await.unwrap().unwrap());
        }
        let told = told.replace("99.99", "");
        for planted in PLANTED {
            assert!(!told.contains(planted), "{planted}");
        }
    }
}
