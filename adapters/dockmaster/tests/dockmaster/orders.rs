//! Work orders as orders.

use livegate_adapter_dockmaster::simulator::{Endpoint, Options, TOKEN};
use livegate_core::{Amount, ErrorKind};

use crate::answers::start;
use crate::{Dealer, FORMATS, code, ok, server, status};

const LISTED: &str = "/api/v2/Service/WorkOrders/ListForCustomer";
const WHOLE: &str = "/api/v2/Service/WorkOrders/RetrieveList";
const ONE: &str = "/api/v2/Service/WorkOrders/Retrieve";

fn text(amount: Option<Amount>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

#[tokio::test]
async fn a_list_holds_open_and_closed_work_orders_and_estimates() {
    let running = start(Options::default());
    for settings in [vec![("format", "json")], vec![("format", "xml")], dme()] {
        let orders = Dealer::of(running.address(), &settings).orders("MARINA01").await.unwrap();
        let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        assert_eq!(ids, ["501001", "501002", "501003", "501004", "501005", "501006", "501007"], "{settings:?}");
        assert!(orders.iter().all(|order| order.owner == Some(code("MARINA01"))));
        let [open, billed, estimate, twice, unbilled, untaxed, _] = orders.try_into().unwrap();
        assert_eq!((open.status.as_deref(), open.order_type.as_deref()), (Some("O"), Some("Service")));
        assert_eq!((text(open.sub_total), open.tax_total, open.total), (Some("1062.50".to_owned()), None, None));
        assert!(open.order_date.is_some() && open.ship_date.is_none());
        assert_eq!(
            (text(billed.tax_total), text(billed.total)),
            (Some("64.80".to_owned()), Some("1127.30".to_owned()))
        );
        assert!(billed.ship_date.is_some());
        assert_eq!(estimate.order_type.as_deref(), Some("Estimate"));
        assert_eq!(text(twice.tax_total).as_deref(), Some("65.85"));
        for unknown in [unbilled, untaxed] {
            assert_eq!((unknown.tax_total, unknown.total), (None, None), "a tax that nobody states is unknown");
        }
    }
}

fn dme() -> Vec<(&'static str, &'static str)> {
    use livegate_adapter_dockmaster::simulator::SYSTEM_ID;
    vec![("generation", "dme"), ("auth", "bearer"), ("token", TOKEN), ("system_id", SYSTEM_ID)]
}

#[tokio::test]
async fn an_order_by_id_has_its_operations_as_lines_and_the_customers_address() {
    let running = start(Options::default());
    for settings in [vec![("format", "json")], vec![("format", "xml")], dme()] {
        let dealer = Dealer::of(running.address(), &settings);
        let order = dealer.order("MARINA01", "501002").await.unwrap().unwrap();
        let lines = order.lines.unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.product_id.as_deref(), line.description.as_deref(), text(line.total)))
            .collect();
        assert_eq!(told[0], (Some("ENG100"), Some("Annual engine service"), Some("862.50".to_owned())));
        assert_eq!(told[1], (Some("HUL020"), Some("Pressure wash, bottom"), Some("200.00".to_owned())));
        assert_eq!(order.bill_to, order.ship_to);
        assert!(order.bill_to.is_some());
        assert_eq!(dealer.order("MARINA01", "501007").await.unwrap().unwrap().lines, Some(vec![]));
        assert_eq!(dealer.order("MARINA01", "nothing").await.unwrap(), None);
        // Whose it is stands in the answer; the gateway gives it to nobody else.
        let foreign = dealer.order("MARINA10", "501002").await.unwrap().unwrap();
        assert_eq!((foreign.summary.owner, foreign.bill_to), (Some(code("MARINA01")), None));
    }
}

#[tokio::test]
async fn no_cost_and_no_technicians_note_leaves_the_adapter() {
    let running = start(Options::default());
    for settings in [vec![("format", "json")], vec![("format", "xml")], dme()] {
        let dealer = Dealer::of(running.address(), &settings);
        let mut told = format!("{:?}", dealer.orders("MARINA01").await.unwrap());
        for id in ["501001", "501002", "501004"] {
            told.push_str(&format!("{:?}", dealer.order("MARINA01", id).await.unwrap()));
        }
        assert!(!told.contains("777") && !told.contains("TECH-ONLY"), "{told}");
    }
}

#[tokio::test]
async fn odd_ids_reach_dockmaster_as_one_value() {
    let running = start(Options::default());
    for settings in [vec![("format", "json")], dme()] {
        let dealer = Dealer::of(running.address(), &settings);
        for id in ["WO 7/B?1", "../501001", "5'0\"1&<x>", "W%2F1+#"] {
            assert_eq!(dealer.order("DOCK 7/B", id).await.unwrap().unwrap().summary.id.as_str(), id);
        }
    }
}

#[tokio::test]
async fn many_work_orders_cost_few_calls() {
    let running = start(Options::default());
    let orders = Dealer::of(running.address(), &[]).orders("HISTORY09").await.unwrap();
    assert_eq!(orders.len(), 120);
    assert_eq!((running.calls(Endpoint::WorkOrderList), running.calls(Endpoint::WorkOrderRetrieveList)), (2, 3));
}

#[tokio::test]
async fn a_system_that_refuses_closed_work_orders_shows_the_open_ones_and_says_so() {
    let running = start(Options { refuse_closed_work_orders: true, ..Options::default() });
    let dealer = Dealer::of(running.address(), &[]);
    assert_eq!(dealer.covers_orders(), None);
    for calls in [2, 4] {
        let orders = dealer.orders("MARINA01").await.unwrap();
        let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        assert_eq!(ids, ["501001", "501003", "501007"]);
        assert_eq!(running.calls(Endpoint::WorkOrderList), calls);
    }
    assert_eq!(dealer.covers_orders(), Some("open work orders"));
}

#[tokio::test]
async fn unknown_customers_have_no_orders_and_failures_are_told() {
    let running = start(Options::default());
    for format in FORMATS {
        assert_eq!(Dealer::of(running.address(), &[("format", format)]).orders("NOBODY").await.unwrap(), []);
    }
    for (listed, whole, kind) in [
        (ok("[]"), ok("[]"), None),
        (ok(r#"[{"id":"1"}]"#), ok("[]"), Some(ErrorKind::Malformed)),
        (ok(r#"[{"customer":"A"}]"#), ok("[]"), Some(ErrorKind::Malformed)),
        (ok(r#"[{"id":"1"}]"#), ok(r#"[{"Id":"1","TotalWOCharges":true}]"#), Some(ErrorKind::Malformed)),
        (ok("<html></html>"), ok("[]"), Some(ErrorKind::Malformed)),
        (status(500), ok("[]"), Some(ErrorKind::Unavailable)),
        (ok(r#"[{"id":"1"}]"#), status(401), Some(ErrorKind::CredentialsRejected)),
    ] {
        let server = server([("GET", LISTED, listed), ("POST", WHOLE, whole)]).await;
        let outcome = Dealer::connect(&server.uri(), &[]).orders("A").await;
        assert_eq!(outcome.err().map(|error| error.kind()), kind);
    }
    let error = server([("GET", ONE, ok(r#"{"Message":"An error has occurred."}"#))]).await;
    let error = Dealer::connect(&error.uri(), &[]).order("A", "1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "an error inside a 200 is no missing order");
    // Where both lists fail, nothing is known about closed ones.
    let both = server([("GET", LISTED, status(404))]).await;
    let dealer = Dealer::connect(&both.uri(), &[]);
    assert_eq!(dealer.orders("A").await.unwrap_err().kind(), ErrorKind::Misconfigured);
    assert_eq!(dealer.covers_orders(), None);
    // The day of the list stands in where the order tells none.
    let dated = server([
        ("GET", LISTED, ok(r#"[{"id":"1","openDate":"2026-03-04"}]"#)),
        ("POST", WHOLE, ok(r#"[{"Id":"1","CustomerID":"A"},{"Id":"2","CustomerID":"A"}]"#)),
    ])
    .await;
    let orders = Dealer::connect(&dated.uri(), &[]).orders("A").await.unwrap();
    assert_eq!((orders.len(), orders[0].order_date), (1, crate::day("2026-03-04")));
    // Another work order than the one asked for is none.
    let server = server([("GET", ONE, ok(r#"{"Id":"2","CustomerID":"A"}"#))]).await;
    assert_eq!(Dealer::connect(&server.uri(), &[]).order("A", "1").await.unwrap(), None);
}
