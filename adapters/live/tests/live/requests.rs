//! What an upstream is asked.

use livegate_core::Operation;
use livegate_core::{
    AccountQuery, CallerIds, DocumentId, DocumentKey, InvoiceFilters, InvoicesQuery, OrderFilters, OrdersQuery,
};
use livegate_live::{Rules, plan};
use livegate_testkit::Asked;
use serde_json::json;

use crate::{Upstream, body, code, context, saying};

fn somebody() -> CallerIds {
    CallerIds {
        evo_customer_id: Some("277504".into()),
        evo_user_id: Some("27504".into()),
        seller_reference: Some("01".into()),
        user_seller_reference: Some("U7".into()),
    }
}

/// All five calls of one caller, as the upstream hears them.
async fn heard(caller: CallerIds) -> Vec<Asked> {
    let server = saying("").await;
    let upstream = Upstream::at(server.address());
    let (cx, customer) = (context(), code("ACME001"));
    let account = AccountQuery { customer: customer.clone(), caller: caller.clone() };
    assert_eq!(upstream.0.account(&cx, &account).await.unwrap(), None);
    let orders = OrdersQuery {
        customer: customer.clone(),
        caller: caller.clone(),
        filters: OrderFilters::default(),
        page: None,
    };
    assert!(upstream.0.orders(&cx, &orders).await.unwrap().is_empty());
    let key = DocumentKey { customer: customer.clone(), caller: caller.clone(), id: DocumentId::new("S1").unwrap() };
    assert_eq!(upstream.0.order(&cx, &key).await.unwrap(), None);
    let invoices = InvoicesQuery { customer, caller, filters: InvoiceFilters::default(), page: None };
    assert!(upstream.0.invoices(&cx, &invoices).await.unwrap().is_empty());
    assert_eq!(upstream.0.invoice(&cx, &key).await.unwrap(), None);
    server.asked()
}

#[tokio::test]
async fn every_call_is_the_contracts_request_with_all_of_the_callers_ids() {
    let asked = heard(somebody()).await;
    let ids = json!({
        "evo_customer_id": "277504", "evo_user_id": "27504", "customer_code": "ACME001", "seller_reference": "01",
        "user_seller_reference": "U7",
    });
    let with = |more: serde_json::Value| {
        let mut whole = ids.clone();
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let order_filters =
        json!({"order_id": "", "customer_po": "", "third_party_order_number": "", "start_date": "", "end_date": ""});
    let invoice_filters = json!({"invoice_id": "", "customer_po": "", "start_date": "", "end_date": ""});
    let expected = [
        with(json!({})),
        with(json!({"filters": order_filters, "current_page": "1", "per_page": "100"})),
        with(json!({"order_id": "S1"})),
        with(json!({"filters": invoice_filters, "current_page": "1", "per_page": "100"})),
        with(json!({"invoice_id": "S1"})),
    ];
    assert_eq!(asked.iter().map(body).collect::<Vec<_>>(), expected);
    for (asked, (_, call)) in asked.iter().zip(crate::CALLS) {
        assert_eq!(asked.line, format!("POST /erp/{call}"));
        assert_eq!(asked.header("content-type"), Some("application/json"));
        assert_eq!(asked.header("accept"), Some("application/json"));
        assert_eq!(asked.header("x-api-key"), Some("live-demo-key"));
    }
}

#[tokio::test]
async fn what_is_not_known_of_the_caller_is_left_out_but_for_the_user() {
    let asked: Vec<_> = heard(CallerIds::default()).await.iter().map(body).collect();
    assert_eq!(asked[0], json!({"customer_code": "ACME001"}));
    assert_eq!(asked[2], json!({"customer_code": "ACME001", "user_seller_reference": null, "order_id": "S1"}));
    assert_eq!(asked[4], json!({"customer_code": "ACME001", "user_seller_reference": null, "invoice_id": "S1"}));
    for list in [&asked[1], &asked[3]] {
        assert_eq!((&list["user_seller_reference"], list.get("seller_reference")), (&json!(null), None));
    }
}

#[tokio::test]
async fn a_reference_that_names_the_customer_is_the_code_towards_the_upstream() {
    let server = saying("").await;
    let upstream = Upstream::at(server.address());
    let rules = Rules { customer_from: livegate_live::CustomerFrom::SellerReference, ..Rules::default() };
    let request = br#"{"customer_code":"ACME001","seller_reference":"GUID-7"}"#;
    let plan = plan(Operation::Account, request, &rules, upstream.0.capabilities()).unwrap();
    upstream.0.call(&context(), plan.query()).await.unwrap();
    let expected = json!({"customer_code": "GUID-7", "seller_reference": "GUID-7"});
    assert_eq!(body(&server.asked()[0]), expected);
}

#[tokio::test]
async fn codes_and_ids_arrive_as_they_are() {
    for hostile in [r#"a"b\c"#, "../x?y=1&z#", "' OR 1=1 --", "é Ω 💥", &"x".repeat(200)] {
        let server = saying("").await;
        let upstream = Upstream::at(server.address());
        assert_eq!(upstream.order(hostile, hostile).await.unwrap(), None);
        let asked = body(&server.asked()[0]);
        assert_eq!((asked["customer_code"].as_str(), asked["order_id"].as_str()), (Some(hostile), Some(hostile)));
    }
}
