//! livegate in front of livegate: what one of them answers, the other one reads and answers again, to the byte.

use jiff::Timestamp;
use livegate_adapter_live::simulator::{self, AWKWARD, Dialect};
use livegate_core::{CallerIds, Operation};
use livegate_live::{Rules, plan, tidy};
use livegate_testkit::{Lie, LyingErp};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::{CALLS, Upstream, context};

/// What a gateway does with one request: it plans, asks its connection, tidies and responds.
async fn answer(upstream: &Upstream, operation: Operation, request: &[u8]) -> Vec<u8> {
    let (rules, capabilities) = (Rules::default(), upstream.0.capabilities().clone());
    let plan = plan(operation, request, &rules, &capabilities).unwrap();
    let reply = upstream.0.call(&context(), plan.query()).await.unwrap();
    let answer = tidy(&rules, &capabilities, plan.query(), (*reply.answer).clone());
    plan.respond(&answer, Timestamp::now()).unwrap()
}

/// A livegate on a socket, whose upstream is `behind`.
async fn livegate(behind: Upstream) -> LyingErp {
    LyingErp::start(move |asked| {
        let call = asked.line.rsplit('/').next().unwrap();
        let at = CALLS.iter().position(|(_, path)| *path == call).unwrap();
        let body = block_in_place(|| Handle::current().block_on(answer(&behind, Operation::ALL[at], &asked.body)));
        Lie::ok("application/json", body)
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_livegate_changes_nothing() {
    let running = simulator::start_with(Dialect::SLOPPY).unwrap();
    let first = livegate(Upstream::at(running.address())).await;
    let behind_one = Upstream::at(first.address());
    let second = livegate(Upstream::at(first.address())).await;
    let behind_two = Upstream::at(second.address());
    let direct = Upstream::at(running.address());
    let requests: [(Operation, Value); 17] = [
        (Operation::Account, json!({"customer_code": "ACME001"})),
        (Operation::Account, json!({"customer_code": "EXACT07"})),
        (Operation::Account, json!({"customer_code": "DATES06"})),
        (Operation::Account, json!({"customer_code": "GHOST13"})),
        (Operation::Account, json!({"customer_code": "NOBODY"})),
        (Operation::Orders, json!({"customer_code": "ACME001", "current_page": 2, "per_page": 5})),
        (Operation::Orders, json!({"customer_code": "DATES06"})),
        (Operation::Orders, json!({"customer_code": "FLEET08", "user_seller_reference": "U2", "per_page": 1000})),
        (Operation::Orders, json!({"customer_code": "NOBODY"})),
        (Operation::Order, json!({"customer_code": "ACME001", "order_id": "S3085810"})),
        (Operation::Order, json!({"customer_code": "EXACT07", "order_id": "X1"})),
        (Operation::Order, json!({"customer_code": "DATES06", "order_id": "D1"})),
        (Operation::Order, json!({"customer_code": "ACME001", "order_id": "T7001"})),
        (Operation::Invoices, json!({"customer_code": "ACME001", "filters": {"date_from": "2026-03-02"}})),
        (Operation::Invoices, json!({"customer_code": AWKWARD})),
        (Operation::Invoice, json!({"customer_code": "EXACT07", "invoice_id": "X2"})),
        (Operation::Invoice, json!({"customer_code": "ACME001", "invoice_id": "I7777"})),
    ];
    for (operation, request) in requests {
        let request = request.to_string().into_bytes();
        let expected = String::from_utf8(answer(&direct, operation, &request).await).unwrap();
        for upstream in [&behind_one, &behind_two] {
            let told = String::from_utf8(answer(upstream, operation, &request).await).unwrap();
            assert_eq!(told, expected);
        }
    }
    let of_the_user = CallerIds { user_seller_reference: Some("U1".into()), ..CallerIds::default() };
    assert_eq!(behind_two.orders_for("FLEET08", of_the_user).await.unwrap().len(), 125, "ids go all the way through");
    behind_two.ping().await.unwrap();
}
