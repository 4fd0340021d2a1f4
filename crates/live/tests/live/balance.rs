use livegate_core::{
    Account, Aging, Amount, Answer, Currency, ErrorKind, Instalment, Moment, OpenItem, Operation, Stated,
};
use livegate_live::Rules;

use crate::{CAPABLE, account, amount, assert_member, assert_no_member, day, instant, item, respond_with, zone};

const BODY: &str = r#"{"customer_code":"ACME001"}"#;

fn balance(rules: &Rules, account: Account) -> String {
    respond_with(rules, &CAPABLE, Operation::Account, BODY, Answer::Account(Some(account))).unwrap()
}

fn of_items(items: Vec<OpenItem>) -> String {
    balance(&Rules::default(), Account { open_items: Some(items), ..account() })
}

fn instalment(amount: &str, due: Option<Moment>) -> Instalment {
    Instalment { amount: Amount::parse(amount).unwrap(), balance: None, due_date: due }
}

fn failure(rules: &Rules, account: Account) -> livegate_core::ErpError {
    respond_with(rules, &CAPABLE, Operation::Account, BODY, Answer::Account(Some(account))).unwrap_err()
}

#[test]
fn the_erps_own_figures_win() {
    let stated = Account {
        balance: Some(Stated::plain(amount("925.51"))),
        aging: Some(Aging { days_1_to_30: amount("120"), days_31_to_60: amount("283.92"), ..Aging::default() }),
        open_credits: Some(amount("7.5")),
        credit_available: Some(amount("799.6")),
        credit_limit: Some(amount("5000")),
        last_payment_amount: Some(amount("3")),
        last_charge_date: instant("2023-02-07T16:46:15.163Z"),
        last_sale_date: instant("2023-02-08T16:37:07.657Z"),
        last_payment_date: instant("2023-02-23T15:46:44.083Z"),
        open_items: Some(vec![item("1", "1.00", day("2020-01-01"))]),
        ..account()
    };
    assert_eq!(
        balance(&Rules::default(), stated),
        r#"{"customer_code":"ACME001","balance":925.51,"total_due":403.92,"last_charge_date":"2023-02-07T16:46:15.163","last_sale_date":"2023-02-08T16:37:07.657","last_payment_date":"2023-02-23T15:46:44.083","last_payment_amount":3,"due_30_days":120,"due_60_days":283.92,"due_90_days":0,"due_120_days":0,"due_over_120_days":0,"open_credits":7.5,"credit_available":799.6}"#
    );
}

#[test]
fn days_past_due_decide_the_bucket_and_due_today_or_later_is_in_none() {
    // Today is 1 April 2026.
    for (due, bucket) in [
        ("2026-04-02", None),
        ("2026-04-01", None),
        ("2026-03-31", Some("due_30_days")),
        ("2026-03-02", Some("due_30_days")),
        ("2026-03-01", Some("due_60_days")),
        ("2026-01-31", Some("due_60_days")),
        ("2026-01-30", Some("due_90_days")),
        ("2026-01-01", Some("due_90_days")),
        ("2025-12-31", Some("due_120_days")),
        ("2025-12-02", Some("due_120_days")),
        ("2025-12-01", Some("due_over_120_days")),
        ("2019-01-01", Some("due_over_120_days")),
    ] {
        let response = of_items(vec![item("1", "10.50", day(due))]);
        assert_member(&response, r#""balance":10.50"#);
        for name in ["due_30_days", "due_60_days", "due_90_days", "due_120_days", "due_over_120_days"] {
            let value = if bucket == Some(name) { "10.50" } else { "0" };
            assert_member(&response, &format!(r#""{name}":{value},"#));
        }
        assert_member(&response, &format!(r#""total_due":{}"#, if bucket.is_some() { "10.50" } else { "0" }));
    }
}

#[test]
fn today_is_the_tenants_calendar_day() {
    // Noon in UTC on 1 April is already 2 April on Kiritimati, and 1 April everywhere else.
    let due = Account { open_items: Some(vec![item("1", "1", day("2026-04-01"))]), ..account() };
    assert_member(&balance(&zone("Pacific/Kiritimati"), due.clone()), r#""due_30_days":1,"#);
    assert_member(&balance(&Rules::default(), due), r#""due_30_days":0,"#);
}

#[test]
fn total_due_is_the_sum_of_the_buckets_and_credits_lie_in_none() {
    let response = of_items(vec![
        item("1", "100.10", day("2026-03-20")),
        item("2", "50.05", day("2026-02-20")),
        item("3", "30", day("2026-05-01")),
        item("4", "-20.15", day("2025-01-01")),
        item("5", "-0.85", day("2026-04-20")),
    ]);
    assert_member(&response, r#""balance":159.15,"total_due":150.15"#);
    assert_member(&response, r#""due_30_days":100.10,"due_60_days":50.05"#);
    assert_member(&response, r#""open_credits":21.00"#);
}

#[test]
fn all_bucket_fields_are_present_whenever_open_items_are_known_and_otherwise_all_absent() {
    assert_eq!(
        of_items(vec![]),
        r#"{"customer_code":"ACME001","balance":0,"total_due":0,"due_30_days":0,"due_60_days":0,"due_90_days":0,"due_120_days":0,"due_over_120_days":0,"open_credits":0}"#
    );
    let unknown = Account { balance: Some(Stated::plain(amount("5"))), ..account() };
    assert_eq!(balance(&Rules::default(), unknown), r#"{"customer_code":"ACME001","balance":5}"#);
}

#[test]
fn instalments_age_one_by_one_and_payments_settle_the_oldest_first() {
    let mut invoice = item("1", "250", day("2026-01-01"));
    // Given out of order; 50 of 300 are paid, which settles half of January's.
    invoice.instalments = vec![
        instalment("100", day("2026-05-01")),
        instalment("100", day("2026-01-15")),
        instalment("100", day("2026-03-15")),
    ];
    let response = of_items(vec![invoice]);
    assert_member(&response, r#""total_due":150,"#);
    assert_member(&response, r#""due_30_days":100,"due_60_days":0,"due_90_days":50,"due_120_days":0"#);
}

#[test]
fn what_the_instalments_do_not_cover_ages_by_the_invoices_due_date() {
    let mut invoice = item("1", "250", day("2025-06-01"));
    invoice.instalments = vec![instalment("100", day("2026-03-15"))];
    assert_member(
        &of_items(vec![invoice]),
        r#""due_30_days":100,"due_60_days":0,"due_90_days":0,"due_120_days":0,"due_over_120_days":150"#,
    );
}

#[test]
fn instalments_with_a_balance_of_their_own_count_by_it() {
    let mut invoice = item("1", "120", day("2026-01-01"));
    invoice.instalments = vec![
        Instalment { balance: Some(amount("100")), ..instalment("100", day("2026-03-15")) },
        Instalment { balance: Some(amount("20")), ..instalment("100", day("2026-02-15")) },
    ];
    assert_member(&of_items(vec![invoice]), r#""due_30_days":100,"due_60_days":20,"#);
}

#[test]
fn an_item_without_due_date_ages_from_its_document_date() {
    let mut undated = item("1", "10", None);
    undated.document_date = day("2026-03-15");
    assert_member(&of_items(vec![undated]), r#""due_30_days":10,"#);
}

#[test]
fn without_a_readable_date_total_due_and_all_buckets_are_absent() {
    let mut in_parts = item("2", "5", day("2026-03-15"));
    in_parts.instalments = vec![instalment("5", None)];
    for (undated, balance) in [(item("2", "5", None), "15"), (item("2", "-5", None), "5"), (in_parts, "15")] {
        let response = of_items(vec![item("1", "10", day("2026-03-15")), undated]);
        assert_member(&response, &format!(r#""balance":{balance}"#));
        assert_no_member(&response, "total_due");
        for name in ["due_30_days", "due_60_days", "due_90_days", "due_120_days", "due_over_120_days"] {
            assert_no_member(&response, name);
        }
        assert_member(&response, r#""open_credits":"#);
    }
    let settled = of_items(vec![item("1", "10", day("2026-03-15")), item("2", "0.00", None)]);
    assert_member(&settled, r#""total_due":10,"#);
}

#[test]
fn credit_available_is_the_limit_less_the_balance_when_a_limit_is_known() {
    let limited = |limit: Option<&str>| Account {
        balance: Some(Stated::plain(amount("200.40"))),
        credit_limit: limit.map(amount),
        ..account()
    };
    assert_member(&balance(&Rules::default(), limited(Some("1000"))), r#""credit_available":799.60"#);
    assert_member(&balance(&Rules::default(), limited(Some("100"))), r#""credit_available":-100.40"#);
    assert_no_member(&balance(&Rules::default(), limited(None)), "credit_available");
}

#[test]
fn an_account_whose_balance_is_neither_stated_nor_computable_is_malformed() {
    assert_eq!(failure(&Rules::default(), account()).kind(), ErrorKind::Malformed);
}

#[test]
fn a_sum_over_28_digits_is_malformed() {
    let most = "9999999999999999999999999999";
    let items = vec![item("1", most, day("2026-01-01")), item("2", "1", day("2026-01-01"))];
    let error = failure(&Rules::default(), Account { open_items: Some(items), ..account() });
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[test]
fn a_document_that_comes_twice_is_owed_once() {
    let twice = vec![item("1", "10", day("2026-03-15")), item("1", "10", day("2026-03-15"))];
    assert_member(&of_items(twice), r#""balance":10,"#);
    let differing = vec![item("1", "10", day("2026-03-15")), item("1", "7", day("2026-03-20"))];
    assert_member(&of_items(differing), r#""balance":7,"#);
}

fn in_currency(amount_text: &str, own: &str, elsewhere: &[(&str, &str)]) -> Stated {
    Stated {
        amount: amount(amount_text),
        currency: Currency::new(own),
        elsewhere: elsewhere.iter().map(|(code, text)| (Currency::new(code).unwrap(), amount(text))).collect(),
    }
}

fn with_balance(stated: Stated) -> OpenItem {
    OpenItem { balance: stated, ..item("x", "0", day("2026-03-15")) }
}

#[test]
fn amounts_of_different_currencies_are_never_added() {
    let mixed = |balance: Option<Stated>| Account {
        balance,
        currency: Currency::new("USD"),
        open_items: Some(vec![item("1", "10", day("2026-03-15")), with_balance(in_currency("5", "EUR", &[]))]),
        ..account()
    };
    let response = balance(&Rules::default(), mixed(Some(Stated::plain(amount("16")))));
    assert_eq!(response, r#"{"customer_code":"ACME001","balance":16}"#, "the computed fields are absent");
    let error = failure(&Rules::default(), mixed(None));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("EUR") && error.message().contains("USD"), "{}", error.message());
}

#[test]
fn without_any_stated_currency_of_ours_items_that_disagree_are_not_added() {
    let items = vec![
        OpenItem { id: None, ..with_balance(in_currency("5", "EUR", &[])) },
        OpenItem { id: None, ..with_balance(in_currency("5", "USD", &[])) },
    ];
    let error = failure(&Rules::default(), Account { open_items: Some(items.clone()), ..account() });
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let unnamed = vec![items[0].clone(), OpenItem { id: None, ..item("1", "5", day("2026-03-15")) }];
    let error = failure(&Rules::default(), Account { open_items: Some(unnamed), ..account() });
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let agreeing = vec![items[0].clone(), items[0].clone()];
    assert_member(&of_items(agreeing), r#""balance":10,"#);
}

#[test]
fn an_item_in_another_currency_counts_by_an_amount_that_the_erp_states_in_ours() {
    let items = vec![item("1", "10", day("2026-03-15")), with_balance(in_currency("5", "EUR", &[("USD", "5.50")]))];
    let own = Account { currency: Currency::new("USD"), open_items: Some(items), ..account() };
    assert_member(&balance(&Rules::default(), own), r#""balance":15.50,"total_due":15.50"#);
}

#[test]
fn a_tenant_may_set_the_currency() {
    let euro = Rules { currency: Currency::new("EUR"), ..Rules::default() };
    let own = Account {
        currency: Currency::new("USD"),
        balance: Some(in_currency("11", "USD", &[("EUR", "10")])),
        credit_limit: Some(amount("100")),
        last_payment_amount: Some(amount("7")),
        ..account()
    };
    let response = balance(&euro, own.clone());
    assert_eq!(response, r#"{"customer_code":"ACME001","balance":10}"#, "dollars say nothing about euros");
    let error = failure(&euro, Account { balance: Some(in_currency("11", "USD", &[])), ..own });
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
