//! The simulator's customers in every dialect: the answers are the same.

use livegate_adapter_live::simulator::{self, AWKWARD, Dialect, Nothing, Paging};
use livegate_core::{Answer, Operation};
use livegate_core::{CallerIds, Listing, Order, OrderSummary, Query, Reply, Standing};
use livegate_live::{Rules, plan, tidy};
use serde_json::{Value, json};

use crate::{Upstream, code, context, key, text};

fn dialects() -> Vec<Dialect> {
    let plain = Dialect::default();
    vec![
        plain,
        Dialect { numbers_as_texts: true, ..plain },
        Dialect { ids_as_numbers: true, ..plain },
        Dialect { nulls: true, ..plain },
        Dialect { sales_tax: true, ..plain },
        Dialect { date_from: true, ..plain },
        Dialect { paging: Paging::Capped(7), ..plain },
        Dialect { paging: Paging::Ignored, ..plain },
        Dialect::SLOPPY,
    ]
}

/// The Live answer to a request.
async fn live(upstream: &Upstream, operation: Operation, request: &Value) -> Value {
    let (rules, capabilities) = (Rules::default(), upstream.0.capabilities().clone());
    let plan = plan(operation, request.to_string().as_bytes(), &rules, &capabilities).unwrap();
    let query: &Query = plan.query();
    let reply: Reply = upstream.0.call(&context(), query).await.unwrap();
    let answer: Answer = tidy(&rules, &capabilities, query, (*reply.answer).clone());
    serde_json::from_slice(&plan.respond(&answer, jiff::Timestamp::now()).unwrap()).unwrap()
}

fn ids(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_dialect_says_the_same() {
    let requests = [
        (Operation::Account, json!({"customer_code": "acme001"})),
        (Operation::Account, json!({"customer_code": "EXACT07"})),
        (Operation::Account, json!({"customer_code": "SPARSE05"})),
        (Operation::Account, json!({"customer_code": "DATES06"})),
        (Operation::Orders, json!({"customer_code": "ACME001", "per_page": 100})),
        (Operation::Orders, json!({"customer_code": "DATES06"})),
        (Operation::Orders, json!({"customer_code": "SPARSE05"})),
        (Operation::Order, json!({"customer_code": "ACME001", "order_id": "S3085810"})),
        (Operation::Order, json!({"customer_code": "EXACT07", "order_id": "X1"})),
        (Operation::Invoices, json!({"customer_code": "ACME001", "per_page": 100})),
        (Operation::Invoices, json!({"customer_code": "FLEET08", "per_page": 1000})),
        (Operation::Invoice, json!({"customer_code": "EXACT07", "invoice_id": "X2"})),
        (Operation::Invoice, json!({"customer_code": AWKWARD, "invoice_id": r#"A/1?x=&"y""#})),
    ];
    let mut first: Vec<Value> = Vec::new();
    for dialect in dialects() {
        let running = simulator::start_with(dialect).unwrap();
        let upstream = Upstream::at(running.address());
        let mut answers = Vec::new();
        for (operation, request) in &requests {
            answers.push(live(&upstream, *operation, request).await);
        }
        if first.is_empty() {
            first = answers;
        } else {
            assert_eq!(first, answers, "{dialect:?}");
        }
    }
    assert!(first.iter().all(|answer| answer.as_object().is_some_and(|answer| !answer.is_empty())));
    for leaked in ["TAXID", "4242", "7777.77", "\"user\""] {
        assert!(!first.iter().any(|answer| answer.to_string().contains(leaked)), "{leaked}");
    }
}

#[tokio::test]
async fn a_list_is_distinct_in_order_and_only_the_customers() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let upstream = Upstream::at(running.address());
    let orders = live(&upstream, Operation::Orders, &json!({"customer_code": "ACME001", "per_page": 100})).await;
    let expected = [
        "S2016", "S2015", "S2014", "S2013", "S2012", "S2011", "S2010", "S2009", "S2008", "S2007", "S2006", "S2005",
        "S2004", "S100", "S10", "S9", "S3085810",
    ];
    assert_eq!(
        (ids(&orders["orders"], "order_id"), &orders["total_orders"]),
        (expected.map(str::to_owned).into(), &json!(17))
    );
    assert_eq!(orders["orders"][9]["order_status_description"], "Cancelled", "cancelled orders are shown");
    let invoices = live(&upstream, Operation::Invoices, &json!({"customer_code": "ACME001", "per_page": 100})).await;
    let numbers = ids(&invoices["invoices"], "invoice_id");
    assert_eq!((numbers.len(), &invoices["total_invoices"]), (17, &json!(17)));
    assert!(!numbers.iter().any(|id| ["T8001", "I7777"].contains(&id.as_str())));
    let namesake = live(&upstream, Operation::Orders, &json!({"customer_code": "ACME0010"})).await;
    assert_eq!(ids(&namesake["orders"], "order_id"), ["T7001"]);
}

#[tokio::test]
async fn filters_and_pages_need_nothing_of_the_upstream() {
    for dialect in [Dialect::default(), Dialect::SLOPPY] {
        let running = simulator::start_with(dialect).unwrap();
        let upstream = Upstream::at(running.address());
        for (filters, found) in [
            (json!({"order_id": " s9 "}), &["S9"][..]),
            (json!({"customer_po": "po-5"}), &["S2005"]),
            (json!({"third_party_order_number": "EVOX001"}), &["S3085810"]),
            (json!({"start_date": "2026-03-01", "end_date": "2026-03-01"}), &["S100", "S10", "S9"]),
            (
                json!({"date_from": "2026-03-01T00:00:00Z", "date_to": "2026-03-01T23:00:00Z", "customer_po": "PO-1"}),
                &["S9"],
            ),
            (json!({"order_id": "T7001"}), &[]),
        ] {
            let request = json!({"customer_code": "ACME001", "filters": filters});
            let answer = live(&upstream, Operation::Orders, &request).await;
            assert_eq!(ids(&answer["orders"], "order_id"), found, "{filters}");
            assert_eq!(answer["total_orders"], found.len());
        }
        let request = json!({"customer_code": "ACME001", "current_page": "4", "per_page": "5"});
        let answer = live(&upstream, Operation::Orders, &request).await;
        assert_eq!(
            (ids(&answer["orders"], "order_id"), &answer["total_orders"]),
            (vec!["S9".into(), "S3085810".into()], &json!(17))
        );
    }
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_said_to_be_theirs() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let upstream = Upstream::at(running.address());
    assert_eq!(upstream.account("GHOST13").await.unwrap().unwrap().owner, Some(code("ACME001")));
    assert_eq!(upstream.order("ACME001", "T7001").await.unwrap().unwrap().summary.owner, Some(code("ACME0010")));
    assert_eq!(upstream.invoice("ACME001", "T8001").await.unwrap().unwrap().summary.owner, Some(code("ACME0010")));
    for (operation, request) in [
        (Operation::Account, json!({"customer_code": "GHOST13"})),
        (Operation::Order, json!({"customer_code": "ACME001", "order_id": "T7001"})),
        (Operation::Invoice, json!({"customer_code": "ACME001", "invoice_id": "T8001"})),
    ] {
        assert_eq!(live(&upstream, operation, &request).await, json!({}), "{operation}");
    }
}

#[tokio::test]
async fn nothing_found_may_look_like_anything_empty() {
    for nothing in [Nothing::Shaped, Nothing::Object, Nothing::List, Nothing::Null, Nothing::Body] {
        let running = simulator::start_with(Dialect { nothing, ..Dialect::default() }).unwrap();
        let upstream = Upstream::at(running.address());
        assert_eq!(upstream.account("NOBODY").await.unwrap(), None);
        assert_eq!(upstream.orders("EMPTY04").await.unwrap(), []);
        assert_eq!(upstream.order("ACME001", "S1").await.unwrap(), None);
        assert_eq!(upstream.invoices("NOBODY").await.unwrap(), []);
        assert_eq!(upstream.invoice("ACME001", "S1").await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_upstream_restricts_the_list_to_the_user_it_is_told() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let upstream = Upstream::at(running.address());
    let count = async |user: Option<&str>| {
        let caller = CallerIds { user_seller_reference: user.map(Into::into), ..CallerIds::default() };
        upstream.orders_for("FLEET08", caller).await.unwrap().len()
    };
    assert_eq!((count(None).await, count(Some("U2")).await, count(Some("U9")).await), (250, 125, 0));
    // Which user an order is of is not in the answer, so nothing is filtered here; but no user gets another one's list.
    let query = |user: &str| {
        let request = json!({"customer_code": "FLEET08", "user_seller_reference": user}).to_string();
        plan(Operation::Orders, request.as_bytes(), &Rules::default(), upstream.0.capabilities())
            .unwrap()
            .query()
            .clone()
    };
    assert_ne!(query("U1"), query("U2"));
    let Answer::Orders(Listing::Complete(orders)) = &*upstream.0.call(&context(), &query("U1")).await.unwrap().answer
    else {
        panic!("a complete list")
    };
    assert_eq!(orders.iter().filter(|order: &&OrderSummary| order.placed_by.is_some()).count(), 0);
}

#[tokio::test]
async fn figures_and_dates_of_the_odd_customers() {
    let running = simulator::start_with(Dialect::SLOPPY).unwrap();
    let upstream = Upstream::at(running.address());
    let account = upstream.account("EXACT07").await.unwrap().unwrap();
    assert_eq!(account.balance.unwrap().amount.to_string(), "1234567890123456.78");
    assert_eq!(account.aging.unwrap().days_61_to_90.to_string(), "-0.005");
    assert_eq!(text(account.last_payment_amount), "12345678901234567890123456.78");
    let Order { summary, lines, .. } = upstream.order("EXACT07", "X1").await.unwrap().unwrap();
    assert_eq!([summary.sub_total, summary.tax_total, summary.discount_total].map(text), ["283.92", "0.10", "-0.005"]);
    assert_eq!([lines.unwrap()[0].quantity, summary.total].map(text), ["2.50", "1234567890123456.78"]);
    let order = upstream.order("ACME001", "S10").await.unwrap().unwrap();
    let invoice = upstream.invoice("ACME001", "I10").await.unwrap().unwrap().summary;
    for (bill_to, ship_to) in [(order.bill_to, order.ship_to), (invoice.bill_to, invoice.ship_to)] {
        assert_eq!(
            (bill_to.unwrap().name.as_deref(), ship_to.unwrap().name.as_deref()),
            (Some("Bill 2"), Some("Ship 2"))
        );
    }
    let sparse = upstream.account("SPARSE05").await.unwrap().unwrap();
    assert_eq!((sparse.aging, sparse.open_credits, sparse.credit_available), (None, None, None));
    let request = json!({"customer_code": "DATES06", "order_id": "D2"});
    let dates = live(&upstream, Operation::Order, &request).await;
    assert_eq!(
        (&dates["order_date"], &dates["ship_date"]),
        (&json!("2026-03-01T00:00:00"), &json!("2026-11-01T05:30:00"))
    );
    let balance = live(&upstream, Operation::Account, &json!({"customer_code": "DATES06"})).await;
    assert_eq!(balance["last_charge_date"], "2026-03-08T02:30:00.163");
    assert_eq!((&balance["last_sale_date"], balance.get("last_payment_date")), (&json!("2026-02-28T11:00:00"), None));
}

#[tokio::test]
async fn a_status_that_is_just_that_word_hides_a_document() {
    let running = simulator::start_with(Dialect::default()).unwrap();
    let upstream = Upstream::at(running.address());
    let order = async |id| upstream.0.order(&context(), &key("ACME001", id)).await.unwrap().unwrap().summary.standing;
    assert_eq!((order("S7777").await, order("S7778").await), (Standing::Deleted, Standing::Draft));
    assert_eq!(order("S2007").await, Standing::Issued, "a cancelled order is in force");
    let request = json!({"customer_code": "ACME001", "invoice_id": "I7777"});
    let void = live(&upstream, Operation::Invoice, &request).await;
    assert_eq!(void["invoice_status_description"], "Void", "by its number it can be read");
}
