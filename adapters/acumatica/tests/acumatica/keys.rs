//! Keys of two parts, and what is asked for by one.

use livegate_adapter_acumatica::simulator::{AWKWARD, Options};

use crate::{OAUTH, SALES, SESSION, Tenant, code, harbor, order_ids, with};

async fn order(tenant: &Tenant, id: &str) -> Option<String> {
    tenant.order("HARBOR01", id).await.unwrap().map(|order| order.summary.id.to_string())
}

#[tokio::test]
async fn a_number_alone_is_of_the_usual_type_and_both_forms_are_accepted() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    for (asked, shown) in [
        ("S-100", Some("S-100")),
        ("SO|S-100", Some("S-100")),
        (" so | s-100 ", Some("S-100")),
        ("QT|S-100", Some("QT|S-100")),
        ("CM|C-1", Some("CM|C-1")),
        ("C-1", None),
        ("SO|C-1", None),
        ("|S-100", None),
        ("SO|", None),
        ("SO|S-100|", None),
    ] {
        assert_eq!(order(&tenant, asked).await.as_deref(), shown, "{asked}");
    }
    for (asked, shown) in [("9", Some("9")), ("Invoice|9", Some("9")), ("Credit Memo|9", None), ("CM-1", None)] {
        let invoice = tenant.invoice("HARBOR01", asked).await.unwrap();
        assert_eq!(invoice.map(|invoice| invoice.summary.id.to_string()).as_deref(), shown, "{asked}");
    }
}

#[tokio::test]
async fn the_usual_order_type_is_a_setting() {
    let (_running, tenant) = harbor(&with(SESSION, &[("order_type", "QT"), SALES]), Options::default());
    assert_eq!(order(&tenant, "S-100").await.as_deref(), Some("S-100"));
    let quote = tenant.order("HARBOR01", "S-100").await.unwrap().unwrap();
    assert_eq!(quote.summary.order_type.as_deref(), Some("QT"));
    assert_eq!(order(&tenant, "SO|S-100").await.as_deref(), Some("SO|S-100"));
    // In whatever case it was typed.
    let (_typed, small) = harbor(&with(SESSION, &[("order_type", "so")]), Options::default());
    assert_eq!(order(&small, "S-100").await.as_deref(), Some("S-100"));
    assert_eq!(order(&small, "QT|S-100").await.as_deref(), Some("QT|S-100"));
    // An invoice names its order in the same way.
    let invoice = tenant.invoice("HARBOR01", "9").await.unwrap().unwrap();
    assert_eq!(invoice.summary.order_id.as_deref(), Some("SO|S-100"));
}

#[tokio::test]
async fn an_order_id_that_closes_its_quotes_finds_nothing() {
    let (running, tenant) = harbor(SESSION, Options::default());
    for hostile in
        ["x' or OrderNbr ne '", "S-100' or '1' eq '1", "SO' or OrderType ne '|S-100", "'", "x') or ('a' eq 'a"]
    {
        assert_eq!(order(&tenant, hostile).await, None, "{hostile}");
        assert!(tenant.invoice("HARBOR01", hostile).await.unwrap().is_none(), "{hostile}");
        let filters = livegate_core::OrderFilters { order_id: Some(hostile.into()), ..Default::default() };
        assert_eq!(tenant.orders_by("HARBOR01", filters).await.unwrap(), []);
        assert_eq!(tenant.account(hostile).await.unwrap(), None);
        assert_eq!(tenant.orders(hostile).await.unwrap(), []);
    }
    assert!(running.asked().iter().any(|asked| asked.contains("OrderNbr eq 'x'' or OrderNbr ne '''")));
}

#[tokio::test]
async fn what_the_web_server_refuses_in_a_path_is_asked_for_by_a_filter() {
    for settings in [with(SESSION, &[]), with(OAUTH, &[SALES])] {
        let (running, tenant) = harbor(&settings, Options::default());
        assert_eq!(tenant.account(AWKWARD).await.unwrap().unwrap().owner, Some(code(AWKWARD)));
        let order = tenant.order(AWKWARD, "Q/1'x&<y>").await.unwrap().unwrap();
        assert_eq!((order.summary.id.as_str(), order.lines), ("Q/1'x&<y>", Some(Vec::new())));
        assert!(tenant.invoice(AWKWARD, "Q/1'x&<y>").await.unwrap().is_some());
        assert_eq!(order_ids(&tenant.orders(AWKWARD).await.unwrap()), ["Q/1'x&<y>", "Q 2"]);
        assert!(running.asked().iter().any(|asked| asked.starts_with("SalesOrder?$expand=Details,")));
        // A number with nothing of the kind is asked for by its path.
        assert!(tenant.order(AWKWARD, "Q 2").await.unwrap().is_some());
        assert!(running.asked().iter().any(|asked| asked.starts_with("SalesOrder/SO/Q 2?")));
    }
}

#[tokio::test]
async fn a_code_or_number_too_long_for_an_address_finds_nothing_and_is_not_asked_for() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let long = "\u{1f6a2}".repeat(200);
    assert_eq!(tenant.account(&long).await.unwrap(), None);
    assert_eq!(tenant.orders(&long).await.unwrap(), []);
    assert_eq!(tenant.invoices(&long).await.unwrap(), []);
    assert_eq!(order(&tenant, &long).await, None);
    let filters = livegate_core::OrderFilters { order_id: Some(long.as_str().into()), ..Default::default() };
    assert_eq!(tenant.orders_by("HARBOR01", filters).await.unwrap(), []);
    assert_eq!(running.calls(""), 0);
}

#[tokio::test]
async fn a_number_with_unseen_characters_is_not_taken_for_its_neighbour() {
    // The database gives no weight to them, so Acumatica finds the neighbour.
    let (running, tenant) = harbor(SESSION, Options::default());
    assert_eq!(order(&tenant, "S-100\u{200b}").await, None);
    assert!(tenant.invoice("HARBOR01", "9\u{ad}").await.unwrap().is_none());
    assert_eq!(running.calls(""), 2);
    // Of a customer it is the owner in the answer that tells.
    let account = tenant.account("HARBOR01\u{200b}").await.unwrap().unwrap();
    assert_eq!(account.owner, Some(code("HARBOR01")));
}

#[tokio::test]
async fn an_id_of_acumaticas_own_in_place_of_a_code_names_another_owner() {
    // A path with one part may be a record's GUID as well as its key.
    let (running, tenant) = harbor(SESSION, Options::default());
    let guid = running.id_of("Customer", &["HARBOR01"]).unwrap();
    let account = tenant.account(&guid).await.unwrap().unwrap();
    assert_eq!(account.owner, Some(code("HARBOR01")), "which is not the code that was asked for");
}

#[tokio::test]
async fn no_record_is_told_with_status_500_or_404() {
    for not_found in [500, 404] {
        let (_running, tenant) = harbor(SESSION, Options { not_found, ..Options::default() });
        assert_eq!(tenant.account("NOBODY").await.unwrap(), None);
        assert_eq!(order(&tenant, "S-99").await, None);
        assert!(tenant.invoice("HARBOR01", "Debit Memo|9").await.unwrap().is_none());
    }
}
