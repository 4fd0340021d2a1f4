//! What the simulator's customers become, in either format.

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use livegate_adapter_dockmaster::KIND;
use livegate_adapter_dockmaster::simulator::{Endpoint, Options, Running, TOKEN, start_with};
use livegate_core::{ErrorKind, Moment};

use crate::{Dealer, FORMATS, balances, code};

pub(crate) fn start(options: Options) -> Running {
    start_with(Options { token: None, ..options }).unwrap()
}

fn dealers(running: &Running) -> [Dealer; 2] {
    FORMATS.map(|format| Dealer::of(running.address(), &[("format", format)]))
}

fn days_from_today(days: i32) -> Option<Moment> {
    Some(Moment::Day(Timestamp::now().to_zoned(TimeZone::UTC).date() + days.days()))
}

#[tokio::test]
async fn a_balance_with_its_open_invoices_last_payment_and_credit_limit() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let account = dealer.account("MARINA01").await.unwrap().unwrap();
        assert_eq!(account.owner, Some(code("MARINA01")));
        assert_eq!(account.balance.unwrap().amount.to_string(), "7051.47");
        assert_eq!(account.last_payment_amount.unwrap().to_string(), "600.00");
        assert_eq!(account.last_payment_date, days_from_today(-12));
        assert_eq!(account.credit_limit.unwrap().to_string(), "10000.00");
        assert_eq!((account.aging, account.open_credits, account.credit_available), (None, None, None));
        assert_eq!((account.last_charge_date, account.last_sale_date, account.currency), (None, None, None));

        let items = account.open_items.unwrap();
        let of = |id: &str| items.iter().find(|item| item.id.as_ref().unwrap().as_str() == id).unwrap();
        assert_eq!(items.len(), 7);
        assert!(items.iter().all(|item| item.owner == Some(code("MARINA01"))));
        assert_eq!(of("100231").due_date, days_from_today(-10));
        assert_eq!(of("100098").due_date, days_from_today(-100), "a date with slashes");
        assert_eq!(of("100187").balance.amount.to_string(), "1250.00");
        let storage = of("100250");
        assert_eq!((storage.balance.amount.to_string().as_str(), storage.due_date), ("2400.00", days_from_today(25)));
        let parts: Vec<_> = storage.instalments.iter().map(|part| (part.amount.to_string(), part.due_date)).collect();
        assert_eq!(parts, [-65, -35, -5, 25].map(|days| ("750.00".to_owned(), days_from_today(days))));
        assert!(storage.instalments.iter().all(|part| part.balance.is_none()));
    }
}

#[tokio::test]
async fn a_list_holds_the_open_invoices_and_only_what_dockmaster_states() {
    let running = start(Options::default());
    // Json.NET gives every decimal a place, XML does not; either way the digits are those that came.
    for (dealer, whole) in dealers(&running).into_iter().zip(["412.0", "412"]) {
        let invoices = dealer.invoices("MARINA01").await.unwrap();
        assert_eq!(
            balances(&invoices),
            [
                ("100231", "283.92"),
                ("100187", "1250.00"),
                ("100142", "640.10"),
                ("100098", "89.95"),
                ("099871", whole),
                ("100260", "1975.50"),
                ("100250", "2400.00"),
            ]
            .map(|(id, balance)| (id, balance.to_owned()))
        );
        let invoice = &invoices[1];
        assert_eq!(invoice.owner, Some(code("MARINA01")));
        assert_eq!(invoice.total.unwrap().to_string(), "2500.00");
        assert_eq!(invoice.due_date, days_from_today(-45));
        assert!(!invoice.payment_pending);
        let address = invoice.bill_to.as_ref().unwrap();
        assert_eq!(
            [
                &address.customer_id,
                &address.name,
                &address.address1,
                &address.address2,
                &address.address3,
                &address.city,
                &address.state,
                &address.postal_code
            ]
            .map(|text| text.as_deref()),
            [
                Some("MARINA01"),
                Some("Blue Heron Charters"),
                Some("12 Harbor Road"),
                Some("Slip 7"),
                None,
                Some("Annapolis"),
                Some("MD"),
                Some("21401")
            ]
        );
        assert_eq!(invoice.ship_to, invoice.bill_to);
        assert_eq!(
            (invoice.invoice_date, &invoice.order_id, &invoice.customer_po, &invoice.status),
            (None, &None, &None, &None)
        );
        assert_eq!((invoice.sub_total, invoice.tax_total, invoice.discount_total), (None, None, None));
    }
}

#[tokio::test]
async fn an_invoice_by_id_be_it_open_or_paid() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let open = dealer.invoice("MARINA01", "100250").await.unwrap().unwrap();
        assert_eq!(open.note.as_deref(), Some("Winter storage, four instalments"));
        assert_eq!((open.lines, open.order_date), (None, None));
        let listed = dealer.invoices("MARINA01").await.unwrap();
        assert_eq!(open.summary, *listed.iter().find(|invoice| invoice.id.as_str() == "100250").unwrap());
        let paid = dealer.invoice("MARINA01", "099500").await.unwrap().unwrap().summary;
        assert!(paid.balance.unwrap().is_zero());
        assert_eq!(paid.total.unwrap().to_string(), "199.99");
        assert_eq!(dealer.invoice("MARINA01", "nobody's").await.unwrap(), None);
        assert_eq!(dealer.invoice("MARINA10", "0100231").await.unwrap().unwrap().summary.id.as_str(), "0100231");
    }
}

#[tokio::test]
async fn another_customers_invoice_says_whose_it_is_and_learns_no_address() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let foreign = dealer.invoice("MARINA10", "100231").await.unwrap().unwrap().summary;
        assert_eq!(foreign.owner, Some(code("MARINA01")));
        assert_eq!((foreign.bill_to, foreign.ship_to), (None, None));
    }
}

#[tokio::test]
async fn a_credit_stays_in_the_ledger_and_in_the_list() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let account = dealer.account("CREDIT03").await.unwrap().unwrap();
        assert_eq!(account.open_items.unwrap()[1].balance.amount.to_string(), "-350.00");
        assert_eq!(account.credit_limit, None, "whether 0 means none is not documented");
        assert_eq!(balances(&dealer.invoices("CREDIT03").await.unwrap())[1], ("300117", "-350.00".to_owned()));
    }
}

#[tokio::test]
async fn nothing_owed_is_known_and_what_nobody_can_read_is_unknown() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let empty = dealer.account("EMPTY04").await.unwrap().unwrap();
        assert!(empty.balance.unwrap().amount.is_zero());
        assert_eq!(empty.open_items, Some(vec![]));
        assert_eq!((empty.credit_limit, empty.last_payment_date, empty.last_payment_amount), (None, None, None));
        assert_eq!(dealer.invoices("EMPTY04").await.unwrap(), []);
        let dates = dealer.account("DATES06").await.unwrap().unwrap().open_items.unwrap();
        let due: Vec<_> = dates.iter().map(|item| item.due_date).collect();
        assert_eq!(due, [None, None, None, days_from_today(-15)]);
    }
}

#[tokio::test]
async fn amounts_arrive_digit_for_digit() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let expected =
            [("700001", "0.10"), ("700002", "283.92"), ("700003", "1234567890123456.78"), ("700004", "-0.005")];
        let invoices = dealer.invoices("EXACT07").await.unwrap();
        assert_eq!(balances(&invoices), expected.map(|(id, digits)| (id, digits.to_owned())));
        let account = dealer.account("EXACT07").await.unwrap().unwrap();
        assert_eq!(account.balance.unwrap().amount.to_string(), "1234567890123740.795");
        for (item, (id, digits)) in account.open_items.unwrap().iter().zip(expected) {
            assert_eq!(item.balance.amount.to_string(), digits);
            let invoice = dealer.invoice("EXACT07", id).await.unwrap().unwrap().summary;
            assert_eq!(invoice.total.unwrap().to_string(), digits);
        }
    }
}

#[tokio::test]
async fn ids_and_texts_survive_path_query_and_markup() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        for (customer, id) in [("DOCK 7/B", "9/A 1"), ("R&D+50%", "R&D+1%2F")] {
            assert_eq!(dealer.account(customer).await.unwrap().unwrap().owner, Some(code(customer)));
            let invoice = dealer.invoice(customer, id).await.unwrap().unwrap();
            assert_eq!(invoice.summary.bill_to.unwrap().customer_id.as_deref(), Some(customer));
        }
        let invoice = dealer.invoice("DOCK 7/B", "9/A 1").await.unwrap().unwrap();
        assert_eq!(invoice.note.as_deref(), Some("Rigging & \"Süßwasser\" <full> \\ 'spring'"));
        assert_eq!(invoice.summary.bill_to.unwrap().name.as_deref(), Some("Brandt & Söhne \"Yachten\" <Kiel>"));
    }
}

#[tokio::test]
async fn codes_compare_without_case_and_answers_name_the_erps_own() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let account = dealer.account("marina01").await.unwrap().unwrap();
        assert_eq!(account.owner, Some(code("MARINA01")));
        assert!(account.credit_limit.is_some());
        assert!(dealer.invoice("marina01", "100231").await.unwrap().unwrap().summary.bill_to.is_some());
    }
}

#[tokio::test]
async fn a_start_date_narrows_the_list_and_never_the_balance() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let since = Timestamp::now().to_zoned(TimeZone::UTC).date() - 25.days();
        assert_eq!(dealer.invoices_since("FLEET08", Some(since)).await.unwrap().len(), 3);
        assert_eq!(dealer.invoices("FLEET08").await.unwrap().len(), 40);
        assert_eq!(dealer.account("FLEET08").await.unwrap().unwrap().open_items.unwrap().len(), 40);
    }
}

#[tokio::test]
async fn a_system_without_customer_records_is_asked_for_them_once() {
    for format in FORMATS {
        let running = start(Options { no_customer_records: true, ..Options::default() });
        let dealer = Dealer::of(running.address(), &[("format", format)]);
        // Of a code with a slash, 404 may also come from a web server that takes the path apart.
        assert_eq!(dealer.account("DOCK 7/B").await.unwrap().unwrap().credit_limit, None);
        assert_eq!(running.calls(Endpoint::RetrieveCustomer), 1);
        for _ in 0..2 {
            let account = dealer.account("MARINA01").await.unwrap().unwrap();
            assert_eq!((account.credit_limit, account.credit_available), (None, None));
            let invoices = dealer.invoices("MARINA10").await.unwrap();
            assert!(invoices.iter().all(|invoice| invoice.bill_to.is_none() && invoice.ship_to.is_none()));
            assert_eq!(dealer.invoice("MARINA01", "100231").await.unwrap().unwrap().summary.bill_to, None);
        }
        assert_eq!(running.calls(Endpoint::RetrieveCustomer), 2);
        // Another connection learns it by itself.
        Dealer::of(running.address(), &[]).account("MARINA01").await.unwrap();
        assert_eq!(running.calls(Endpoint::RetrieveCustomer), 3);
    }
}

#[tokio::test]
async fn any_other_failure_of_the_record_fails_the_call_and_is_not_remembered() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        for (status, kind) in [
            (401, ErrorKind::CredentialsRejected),
            (403, ErrorKind::PermissionDenied),
            (429, ErrorKind::RateLimited),
            (400, ErrorKind::Misconfigured),
            (500, ErrorKind::Unavailable),
        ] {
            let fail = || running.fail_next_of(Endpoint::RetrieveCustomer, 1, status);
            fail();
            assert_eq!(dealer.account("MARINA01").await.unwrap_err().kind(), kind);
            fail();
            assert_eq!(dealer.invoices("MARINA01").await.unwrap_err().kind(), kind);
            fail();
            assert_eq!(dealer.invoice("MARINA01", "100231").await.unwrap_err().kind(), kind);
            assert!(dealer.account("MARINA01").await.unwrap().unwrap().credit_limit.is_some());
        }
    }
}

#[tokio::test]
async fn the_inquirys_failure_fails_the_call() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        // Here 404 cannot mean an unknown customer: the inquiry names a path, not a record.
        for (status, kind) in [(404, ErrorKind::Misconfigured), (500, ErrorKind::Unavailable)] {
            running.fail_next_of(Endpoint::CustomerArInquiry, 1, status);
            assert_eq!(dealer.account("MARINA01").await.unwrap_err().kind(), kind);
            running.fail_next_of(Endpoint::RetrieveInvoices, 1, status);
            assert_eq!(dealer.invoice("MARINA01", "100231").await.unwrap_err().kind(), kind);
        }
    }
}

#[tokio::test]
async fn a_system_that_answers_everybody_or_somebody_else_leaks_nothing() {
    let everybody = start(Options { everybody: true, ..Options::default() });
    for dealer in dealers(&everybody) {
        let account = dealer.account("MARINA10").await.unwrap().unwrap();
        assert_eq!(account.owner, Some(code("MARINA10")));
        assert_eq!(account.open_items.unwrap().len(), 3);
        assert_eq!(dealer.invoices("MARINA10").await.unwrap().len(), 3);
        assert_eq!(dealer.account("MARINA011").await.unwrap(), None);
    }
    let foreign = start(Options { foreign: true, ..Options::default() });
    for dealer in dealers(&foreign) {
        assert_eq!(dealer.account("MARINA01").await.unwrap(), None);
        assert_eq!(dealer.invoices("MARINA01").await.unwrap(), []);
        // The invoice is theirs, the record somebody else's.
        let refused = dealer.invoice("MARINA01", "100231").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Malformed);
        assert!(!refused.message().contains("MARINA10"));
    }
}

#[tokio::test]
async fn a_code_that_is_no_path_segment_is_asked_by_query_only() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        for customer in [".", ".."] {
            assert_eq!(dealer.account(customer).await.unwrap(), None);
            assert_eq!(dealer.invoices(customer).await.unwrap(), []);
        }
        let foreign = dealer.invoice("..", "100231").await.unwrap().unwrap();
        assert_eq!(foreign.summary.owner, Some(code("MARINA01")));
    }
    assert_eq!(running.calls(Endpoint::RetrieveCustomer), 0);
    assert_eq!(running.calls(Endpoint::CustomerArInquiry), 8);
    let known = dealers(&running)[0].account("MARINA01").await.unwrap().unwrap();
    assert!(known.credit_limit.is_some());
}

#[tokio::test]
async fn the_token_opens_and_a_wrong_one_is_refused() {
    let running = start_with(Options::default()).unwrap();
    for format in FORMATS {
        let with = |token| Dealer::of(running.address(), &[("format", format), ("auth", "bearer"), ("token", token)]);
        with(TOKEN).ping().await.unwrap();
        assert!(with(TOKEN).account("MARINA01").await.unwrap().is_some());
        for dealer in [with("wrong"), Dealer::of(running.address(), &[("format", format)])] {
            assert_eq!(dealer.ping().await.unwrap_err().kind(), ErrorKind::CredentialsRejected);
            let refused = dealer.account("MARINA01").await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::CredentialsRejected);
            assert!(!format!("{refused:?}").contains("wrong"));
        }
    }
}

#[tokio::test]
async fn card_digits_and_tax_ids_stay_behind() {
    let running = start(Options::default());
    for dealer in dealers(&running) {
        let mut told = String::new();
        for customer in ["MARINA01", "PENDING02", "CREDIT03", "EMPTY04", "DATES06", "EXACT07", "FLEET08"] {
            told += &format!("{:?}", dealer.account(customer).await.unwrap().unwrap());
            for invoice in dealer.invoices(customer).await.unwrap() {
                told += &format!("{invoice:?}{:?}", dealer.invoice(customer, invoice.id.as_str()).await.unwrap());
            }
        }
        assert!(told.contains("600.00") && told.contains("12 Harbor Road"));
        for secret in ["4242", "TAXID", "VISA", "CHK 1187"] {
            assert!(!told.contains(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn the_demos_tenants_have_what_they_name() {
    let running = KIND.simulator.unwrap()().unwrap();
    let address = running.address.to_string();
    assert!(KIND.demo.len() <= 4);
    for tenant in KIND.demo {
        let filled: Vec<(&str, String)> =
            tenant.settings.iter().map(|(name, value)| (*name, value.replace("{address}", &address))).collect();
        let settings: Vec<(&str, &str)> = filled
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(name, _)| *name != "base_url")
            .chain(tenant.secrets.iter().copied())
            .collect();
        let (_, base_url) = tenant.settings.iter().find(|(name, _)| *name == "base_url").unwrap();
        let dealer = Dealer::connect(&base_url.replace("{address}", &address), &settings);
        dealer.ping().await.unwrap();
        let account = dealer.account(tenant.customer_code).await.unwrap().unwrap();
        assert!(!account.balance.unwrap().amount.is_zero());
        let id = tenant.invoice_id.unwrap();
        let listed = dealer.invoices(tenant.customer_code).await.unwrap();
        assert!(listed.iter().any(|invoice| invoice.id.as_str() == id));
        assert!(dealer.invoice(tenant.customer_code, id).await.unwrap().is_some());
        if let Some(id) = tenant.order_id {
            assert!(dealer.order(tenant.customer_code, id).await.unwrap().is_some());
        }
    }
}
