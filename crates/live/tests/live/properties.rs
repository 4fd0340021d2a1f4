use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use livegate_core::{Account, Amount, Answer, Instalment, Listing, Moment, OpenItem, Operation, OrderSummary, Stated};
use livegate_live::{Rules, figures, plan, tidy};
use proptest::prelude::*;

use crate::{CAPABLE, account, code, ids, item, now, order, orders};

const TODAY: Date = Date::constant(2026, 4, 1);

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "[0-9]{1,30}(\\.[0-9]{1,9})?(e[0-9]{1,3})?",
        any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((name(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "customer_code",
        "order_id",
        "invoice_id",
        "filters",
        "start_date",
        "end_date",
        "date_from",
        "date_to",
        "customer_po",
        "current_page",
        "per_page",
        "seller_reference",
        "user_seller_reference",
        "evo_user_id",
        "x",
    ])
    .prop_map(str::to_owned)
}

/// An order with an id from a small range, so that duplicates happen, dated or not.
fn any_order() -> impl Strategy<Value = OrderSummary> {
    (0..60_u32, prop::option::of(0..40_i64), any::<bool>()).prop_map(|(id, days, mine)| OrderSummary {
        owner: Some(code(if mine { "ACME001" } else { "OTHER" })),
        order_date: days.map(|days| Moment::Day(TODAY - days.days())),
        ..order(&format!("SO-{id}"))
    })
}

/// Cents, days until due (negative: past due), and instalments as (cents, days).
type Drawn = (i64, i64, Vec<(i64, i64)>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let instalments = prop::collection::vec((0..50_000_i64, -200..60_i64), 0..5);
    prop::collection::vec((-100_000..100_000_i64, -200..60_i64, instalments), 0..20)
}

fn cents(cents: i64) -> Amount {
    let sign = if cents < 0 { "-" } else { "" };
    Amount::parse(&format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)).unwrap()
}

fn open_item(number: usize, (balance, due, instalments): &Drawn) -> OpenItem {
    let date = |days: i64| Some(Moment::Day(TODAY + days.days()));
    OpenItem {
        balance: Stated::plain(cents(*balance)),
        instalments: instalments
            .iter()
            .map(|(amount, due)| Instalment { amount: cents(*amount), balance: None, due_date: date(*due) })
            .collect(),
        ..item(&number.to_string(), "0", date(*due))
    }
}

/// The same rule by another road: every cent of an item gets its own due day, payments take cents from the front.
fn bucket_of(days_past_due: i64) -> Option<usize> {
    (days_past_due > 0).then(|| usize::try_from((days_past_due - 1) / 30).unwrap().min(4))
}

fn independent_buckets(items: &[Drawn]) -> [i64; 5] {
    let mut buckets = [0_i64; 5];
    for (balance, due, instalments) in items.iter().filter(|(balance, ..)| *balance > 0) {
        let mut plan: Vec<(i64, i64)> = instalments.iter().map(|(cents, due)| (*due, *cents)).collect();
        plan.sort_by_key(|(due, _)| *due);
        // What is open are the last cents of the plan; what the plan lacks is due with the invoice.
        let mut open = *balance;
        for (due, cents) in plan.into_iter().rev() {
            let part = cents.min(open);
            open -= part;
            if let Some(bucket) = bucket_of(-due) {
                buckets[bucket] += part;
            }
        }
        if let Some(bucket) = bucket_of(-due) {
            buckets[bucket] += open;
        }
    }
    buckets
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for operation in Operation::ALL {
            let _ = plan(operation, &body, &Rules::default(), &CAPABLE);
        }
    }

    #[test]
    fn arbitrary_requests_never_panic_and_name_a_field_or_the_body(body in json()) {
        for operation in Operation::ALL {
            match plan(operation, body.as_bytes(), &Rules::default(), &CAPABLE) {
                Ok(plan) => prop_assert!(!plan.query().customer().as_str().is_empty()),
                Err(error) => prop_assert_eq!(error.field.is_some(), error.code == "invalid_query"),
            }
        }
    }

    #[test]
    fn page_total_order_and_distinctness_hold(
        list in prop::collection::vec(any_order(), 0..80),
        page in 1..6_usize,
        size in 1..30_usize,
    ) {
        let body = format!(r#"{{"customer_code":"ACME001","current_page":{page},"per_page":{size}}}"#);
        let mine: Vec<_> = list.iter().filter(|order| order.owner == Some(code("acme001")) || order.owner == Some(code("ACME001"))).collect();
        let distinct: BTreeSet<&str> = mine.iter().map(|order| order.id.as_str()).collect();
        let (shown, total) = ids(&orders(&body, list.clone()));
        prop_assert_eq!(total as usize, distinct.len());
        prop_assert_eq!(shown.len(), distinct.len().saturating_sub((page - 1) * size).min(size));
        let number = |id: &str| id.trim_start_matches("SO-").parse::<u32>().unwrap();
        let newest = |id: &str| mine.iter().filter(|order| order.id.as_str() == id).map(|order| order.order_date).max().unwrap();
        let mut expected: Vec<&str> = distinct.into_iter().collect();
        expected.sort_by_key(|id| std::cmp::Reverse((newest(id), number(id))));
        let expected: Vec<String> = expected.into_iter().skip((page - 1) * size).take(size).map(str::to_owned).collect();
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn pages_together_are_the_list(list in prop::collection::vec(any_order(), 0..80), size in 1..20_usize) {
        let whole = ids(&orders(r#"{"customer_code":"ACME001","per_page":1000}"#, list.clone()));
        let mut together = Vec::new();
        for page in 1..=whole.0.len() / size + 1 {
            let body = format!(r#"{{"customer_code":"ACME001","current_page":"{page}","per_page":"{size}"}}"#);
            together.extend(ids(&orders(&body, list.clone())).0);
        }
        prop_assert_eq!(together, whole.0);
    }

    #[test]
    fn tidying_twice_changes_nothing(list in prop::collection::vec(any_order(), 0..80)) {
        let planned = plan(Operation::Orders, br#"{"customer_code":"ACME001"}"#, &Rules::default(), &CAPABLE).unwrap();
        let once = tidy(&Rules::default(), &CAPABLE, planned.query(), Answer::Orders(Listing::Complete(list)));
        prop_assert_eq!(tidy(&Rules::default(), &CAPABLE, planned.query(), once.clone()), once);
    }

    #[test]
    fn buckets_credits_and_balance_agree_with_an_independent_sum(items in drawn()) {
        let open_items = items.iter().enumerate().map(|(number, drawn)| open_item(number, drawn)).collect();
        let figures = figures(&Rules::default(), &Account { open_items: Some(open_items), ..account() }, now()).unwrap();
        let buckets = figures.buckets.unwrap();
        let expected = independent_buckets(&items).map(cents);
        prop_assert_eq!([buckets.due_30, buckets.due_60, buckets.due_90, buckets.due_120, buckets.due_over_120], expected);
        let credits: i64 = items.iter().map(|(balance, ..)| (-balance).max(0)).sum();
        prop_assert_eq!(figures.open_credits, Some(cents(credits)));
        let balance: i64 = items.iter().map(|(balance, ..)| balance).sum();
        prop_assert_eq!(figures.balance, cents(balance));
        // total_due + not yet due - open_credits
        let owed: i64 = items.iter().map(|(balance, ..)| (*balance).max(0)).sum();
        let overdue: i64 = independent_buckets(&items).iter().sum();
        prop_assert_eq!(figures.balance, buckets.total().unwrap().plus(cents(owed - overdue)).unwrap().minus(cents(credits)).unwrap());
    }
}
