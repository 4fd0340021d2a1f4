//! Which requests a list costs, how it is narrowed, and what becomes of an instance that gives less.

use livegate_adapter_acumatica::simulator::{Options, start_with};
use livegate_core::{Answer, ErrorKind, Operation, OrderFilters, Query};
use livegate_live::{Rules, plan, tidy};
use serde_json::{Value, json};

use crate::{OAUTH, SALES, SESSION, Tenant, context, days, harbor, order_ids, with};

#[tokio::test]
async fn a_list_of_45_orders_costs_two_requests_and_its_second_page_none_of_its_own() {
    let (running, tenant) = harbor(SESSION, Options::default());
    assert_eq!(tenant.orders("FLEET45").await.unwrap().len(), 45);
    // Acumatica neither counts nor links pages: only an empty page, or one shorter than the first, is the last.
    let asked = running.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains("$skip=0&") && asked[1].contains("$skip=45&"), "{asked:?}");
    // A page of Live is cut from the whole list, which livegate keeps.
    assert!(!tenant.0.capabilities().orders.pages);
}

#[tokio::test]
async fn a_list_of_1050_documents_costs_three_requests() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let orders = tenant.orders("FLEET").await.unwrap();
    assert_eq!((orders.len(), running.calls("SalesOrder")), (1_050, 3));
    let mut ids = order_ids(&orders);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1_050);
}

#[tokio::test]
async fn more_documents_than_the_cap_are_too_large_and_never_a_short_list() {
    let running = start_with(Options::default()).unwrap();
    let base = format!("http://{}", running.address());
    for (cap, fits) in [(1_050, true), (1_049, false)] {
        let tenant = Tenant::capped(&base, SESSION, cap).unwrap();
        match tenant.invoices("FLEET").await {
            Ok(invoices) => assert!(fits && invoices.len() == 1_050),
            Err(error) => assert!(!fits && error.kind() == ErrorKind::TooLarge, "{error}"),
        }
        tenant.close().await;
    }
}

#[tokio::test]
async fn parts_are_expanded_and_chosen_at_once_as_they_come_only_then() {
    let (running, tenant) = harbor(&with(SESSION, &[SALES]), Options::default());
    tenant.orders("HARBOR01").await.unwrap();
    tenant.invoices("HARBOR01").await.unwrap();
    for asked in running.asked() {
        let option = |name: &str| asked.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
        let select = option("$select=");
        for part in option("$expand=").split(',') {
            let chosen = |name: &str| name == part || name.starts_with(&format!("{part}/"));
            assert!(select.split(',').any(chosen), "{part} of {asked}");
        }
    }
}

#[tokio::test]
async fn a_number_and_days_narrow_a_list() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let by_id = |id: &str| OrderFilters { order_id: Some(id.into()), ..OrderFilters::default() };
    assert_eq!(order_ids(&tenant.orders_by("HARBOR01", by_id("s-100")).await.unwrap()), ["S-100"]);
    assert_eq!(order_ids(&tenant.orders_by("HARBOR01", by_id("QT|S-100")).await.unwrap()), ["QT|S-100"]);
    assert_eq!(order_ids(&tenant.orders_by("HARBOR01", by_id("C-1")).await.unwrap()), [""; 0]);
    let dates = days("2026-03-08", "2026-03-08");
    let orders = tenant.orders_by("HARBOR01", OrderFilters { dates, ..OrderFilters::default() }).await.unwrap();
    assert_eq!(order_ids(&orders), ["S-9", "S-10", "S-100", "S-101"]);
    let asked = running.asked();
    let filter = "Date ge datetimeoffset'2026-03-07' and Date le datetimeoffset'2026-03-09'";
    assert!(asked.last().unwrap().contains(filter), "a day wider at each end: {asked:?}");
}

/// The numbers that a Live list shows for a filter by this number, from the request's body to the answer's.
async fn shown(tenant: &Tenant, operation: Operation, id: &str) -> Vec<String> {
    let (rules, capabilities) = (Rules::default(), tenant.0.capabilities());
    let list = if operation == Operation::Orders { "order" } else { "invoice" };
    let body = json!({ "customer_code": "HARBOR01", "filters": { (format!("{list}_id")): id } }).to_string();
    let plan = plan(operation, body.as_bytes(), &rules, capabilities).unwrap();
    let answer = match plan.query() {
        Query::Orders(query) => Answer::Orders(tenant.0.orders(&context(), query).await.unwrap()),
        Query::Invoices(query) => Answer::Invoices(tenant.0.invoices(&context(), query).await.unwrap()),
        other => panic!("{other:?}"),
    };
    let answer = tidy(&rules, capabilities, plan.query(), answer);
    let told: Value = serde_json::from_slice(&plan.respond(&answer, jiff::Timestamp::now()).unwrap()).unwrap();
    let rows = told[format!("{list}s")].as_array().unwrap_or_else(|| panic!("{told}"));
    rows.iter().map(|row| row[format!("{list}_id")].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn either_form_of_a_number_finds_its_document_in_a_list() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    for (operation, id, expected) in [
        (Operation::Orders, "S-100", Some("S-100")),
        (Operation::Orders, "SO|S-100", Some("SO|S-100")),
        (Operation::Orders, "so|s-100", Some("so|s-100")),
        (Operation::Orders, "QT|S-100", Some("QT|S-100")),
        (Operation::Orders, "CM|S-100", None),
        (Operation::Orders, "|S-100", None),
        (Operation::Invoices, "9", Some("9")),
        (Operation::Invoices, "Invoice|9", Some("Invoice|9")),
        (Operation::Invoices, "credit memo|cm-1", Some("Credit Memo|CM-1")),
        (Operation::Invoices, "Debit Memo|9", None),
    ] {
        assert_eq!(shown(&tenant, operation, id).await, expected.as_slice(), "{id}");
    }
    // Whatever else Acumatica lists keeps its own number.
    let filters = OrderFilters { order_id: Some("SO|M-1".into()), ..OrderFilters::default() };
    let orders = tenant.orders_by("MERGED12", filters).await.unwrap();
    assert_eq!(orders.iter().filter(|order| order.id.as_str().contains("M-1")).count(), 1);
}

#[tokio::test]
async fn a_purchase_order_number_is_left_to_livegate() {
    // A number that was typed with a blank before it would not be found by Acumatica.
    let (running, tenant) = harbor(SESSION, Options::default());
    let filters = OrderFilters { customer_po: Some("PO-77".into()), ..OrderFilters::default() };
    assert!(tenant.orders_by("HARBOR01", filters).await.unwrap().len() > 10);
    assert!(!running.asked()[0].contains("CustomerOrder eq"));
}

#[tokio::test]
async fn parts_that_cannot_be_listed_are_done_without() {
    let not_in_lists = &["SalesOrder/Totals", "SalesInvoice/BillToAddress"];
    let (running, tenant) = harbor(&with(OAUTH, &[SALES]), Options { not_in_lists, ..Options::default() });
    for calls in [3, 5] {
        let orders = tenant.orders("HARBOR01").await.unwrap();
        let order = orders.iter().find(|order| order.id.as_str() == "S-100").unwrap();
        assert_eq!((order.sub_total, order.total.unwrap().to_string().as_str()), (None, "72.30"));
        // That Acumatica refuses is found out once.
        assert_eq!(running.calls("SalesOrder"), calls);
    }
    let invoices = tenant.invoices("HARBOR01").await.unwrap();
    let invoice = invoices.iter().find(|invoice| invoice.id.as_str() == "9").unwrap();
    assert_eq!((&invoice.bill_to, invoice.sub_total.unwrap().to_string().as_str()), (&None, "67.30"));
    // By their keys they have everything.
    assert!(tenant.invoice("HARBOR01", "9").await.unwrap().unwrap().summary.bill_to.is_some());
    assert!(tenant.order("HARBOR01", "S-100").await.unwrap().unwrap().summary.sub_total.is_some());
}

#[tokio::test]
async fn parts_that_an_older_endpoint_lacks_are_done_without() {
    let lacks = &["SalesOrder/Shipments", "SalesInvoice/ShipToContact"];
    let settings = with(SESSION, &[SALES, ("version", "20.200.001")]);
    let (running, tenant) = harbor(&settings, Options { lacks, ..Options::default() });
    for calls in [2, 3] {
        let order = tenant.order("HARBOR01", "S-100").await.unwrap().unwrap();
        assert_eq!((order.tracking, order.bill_to, order.lines.unwrap().len()), (None, None, 3));
        assert_eq!(running.calls("SalesOrder"), calls);
    }
    let invoice = tenant.invoice("HARBOR01", "9").await.unwrap().unwrap();
    assert_eq!((invoice.summary.bill_to, invoice.lines.unwrap().len()), (None, 3));
    assert!(tenant.invoices("HARBOR01").await.unwrap().iter().all(|invoice| invoice.bill_to.is_none()));
}

#[tokio::test]
async fn each_call_asks_just_what_it_needs() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let mut before = 0;
    let mut since = |what: &str| {
        let asked = running.asked();
        let new: Vec<String> =
            asked[before..].iter().map(|asked| asked.split('?').next().unwrap().to_owned()).collect();
        before = asked.len();
        assert!(!new.is_empty(), "{what}");
        new
    };
    tenant.ping().await.unwrap();
    assert_eq!(since("ping"), ["Customer"]);
    assert_eq!(running.asked()[0], "Customer?$select=CustomerID&$top=1");
    tenant.account("HARBOR01").await.unwrap();
    let mut account = since("account");
    account.sort();
    // Each list until its empty page.
    assert_eq!(account, ["Customer/HARBOR01", "Invoice", "Invoice", "Payment", "Payment"]);
    tenant.order("HARBOR01", "S-100").await.unwrap();
    assert_eq!(since("order"), ["SalesOrder/SO/S-100", "Shipment/000101", "Shipment/000102"]);
    tenant.invoice("HARBOR01", "9").await.unwrap();
    assert_eq!(since("invoice"), ["Invoice/Invoice/9"]);
    tenant.invoices("HARBOR01").await.unwrap();
    assert_eq!(since("invoices"), ["Invoice", "Invoice"]);
}
