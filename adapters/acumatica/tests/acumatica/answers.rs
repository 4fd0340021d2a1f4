//! Orders and invoices, field by field.

use std::sync::Arc;

use livegate_adapter_acumatica::simulator::{Fault, Options};
use livegate_core::{Address, Standing};

use crate::{OAUTH, SALES, SESSION, balances, code, day, harbor, with};

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn address(line2: Option<&str>) -> Option<Arc<Address>> {
    Some(Arc::new(Address {
        customer_id: None,
        name: text("Harbor Supply, INC."),
        address1: text("1 Quay Street"),
        address2: line2.map(str::to_owned),
        address3: None,
        city: text("GIBSONBURG"),
        state: text("OH"),
        postal_code: text("43431"),
    }))
}

#[tokio::test]
async fn an_order_has_lines_addresses_and_parcels() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let order = tenant.order("HARBOR01", "S-100").await.unwrap().unwrap();
    let summary = &order.summary;
    assert_eq!((summary.id.as_str(), &summary.owner), ("S-100", &Some(code("HARBOR01"))), "blanks fill the code up");
    assert_eq!((&summary.order_type, &summary.status), (&text("SO"), &text("Shipping")));
    assert_eq!((summary.order_date, summary.ship_date), (day("2026-03-08"), day("2026-03-17")));
    let figures = [summary.discount_total, summary.sub_total, summary.tax_total, summary.total];
    assert_eq!(figures.map(|figure| figure.unwrap().to_string()), ["2.50", "70.00", "4.80", "72.30"]);
    assert_eq!((&summary.customer_po, &summary.third_party_order_number), (&text("Duda 7/B"), &text("Evox001")));
    assert_eq!(summary.comments, text("Deliver to the dock"));
    assert_eq!((order.bill_to, order.ship_to), (address(None), address(Some("Dock 7"))));

    let lines = order.lines.unwrap();
    let [first, second, third] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((first.line_no, &first.product_id, &first.uom), (Some(1), &text("2W01102"), &text("EA")));
    assert_eq!(first.description, text("MLBK U1980-O-KK \"2\" <x>"));
    let quantities = [first.quantity, first.quantity_shipped, second.quantity];
    assert_eq!(quantities.map(|quantity| quantity.unwrap().shortest()), ["2", "1", "10.5"]);
    assert_eq!(second.unit_price.unwrap().to_string(), "1.190476");
    // The tax of one line is not told, so neither is its sum with tax.
    assert_eq!((first.tax, first.total, first.sub_total.unwrap().to_string().as_str()), (None, None, "50.00"));
    assert_eq!((&third.product_id, third.quantity, third.unit_price), (&None, None, None), "{{}} is unknown");

    let parcels = order.tracking.unwrap();
    let told: Vec<_> = parcels
        .iter()
        .map(|parcel| (parcel.tracking_number.as_deref().unwrap(), parcel.shipping_date, parcel.weight.as_deref()))
        .collect();
    // Neither the package without a number, nor what is still to be shipped, nor what a vendor sends itself.
    let expected =
        [("1Z999AA10123456784", day("2026-03-10"), Some("2.5 LB")), ("1Z999AA10123456793", day("2026-03-12"), None)];
    assert_eq!(told, expected);
    assert_eq!((&parcels[1].status, &parcels[1].note), (&text("Confirmed"), &text("UPSGROUND")));
}

#[tokio::test]
async fn parcels_are_all_there_or_none_and_never_cost_the_order() {
    let (running, tenant) = harbor(SESSION, Options::default());
    // Acumatica names a shipment that it does not show.
    let order = tenant.order("HARBOR01", "S-105").await.unwrap().unwrap();
    assert_eq!(order.tracking, None);
    // None has been made yet.
    assert_eq!(tenant.order("HARBOR01", "S-8").await.unwrap().unwrap().tracking, Some(Vec::new()));
    running.fail(Fault { entity: "Shipment", after: 1, count: 1, status: 500, exception: ("X", "y") });
    let order = tenant.order("HARBOR01", "S-100").await.unwrap().unwrap();
    assert_eq!((order.tracking, order.lines.unwrap().len()), (None, 3), "the second shipment failed");
}

#[tokio::test]
async fn nobodys_parcels_are_looked_up_for_somebody_else() {
    let (running, tenant) = harbor(SESSION, Options::default());
    let order = tenant.order("TWICE09", "S-100").await.unwrap().unwrap();
    assert_eq!(order.summary.owner, Some(code("HARBOR01")), "whose it is says Acumatica alone");
    assert_eq!((order.tracking, running.calls("Shipment")), (None, 0));
}

#[tokio::test]
async fn released_documents_are_shown_and_credit_memos_are_credits() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let invoices = tenant.invoices("HARBOR01").await.unwrap();
    let shown: Vec<_> = invoices.iter().filter(|invoice| invoice.standing == Standing::Issued).cloned().collect();
    let expected = [
        ("Credit Memo|CM-1", "-45.25"),
        ("Debit Memo|DM-1", "8.625"),
        ("9", "62.00"),
        ("10", "0.00"),
        ("100", "283.92"),
        ("101", "0.00"),
        ("102", "0.00"),
        ("103", "0.00"),
        ("104", "0.00"),
        ("105", "0.00"),
        ("106", "0.00"),
        ("107", "0.00"),
        ("108", "0.00"),
        ("Overdue Charge|OC-1", "5.00"),
    ];
    assert_eq!(balances(&shown), expected.map(|(id, balance)| (id, balance.to_owned())));
    let of = |standing| {
        let found = invoices.iter().filter(|invoice| invoice.standing == standing);
        found.map(|invoice| invoice.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(Standing::Draft), ["D-1", "D-2", "D-3", "D-4"]);
    assert_eq!(of(Standing::Void), ["V-1", "V-2"]);
    // This form has neither addresses nor subtotals, and nothing is made up.
    let invoice = shown.iter().find(|invoice| invoice.id.as_str() == "9").unwrap();
    assert_eq!((&invoice.bill_to, invoice.sub_total, invoice.discount_total), (&None, None, None));
    assert_eq!((&invoice.status, &invoice.customer_po), (&text("Open"), &text("Duda 7/B")));
    assert_eq!((invoice.invoice_date, invoice.due_date), (day("2026-03-08"), day("2026-04-07")));
}

#[tokio::test]
async fn sales_invoices_tell_more_of_fewer_documents() {
    let (_running, tenant) = harbor(&with(OAUTH, &[SALES]), Options::default());
    let invoices = tenant.invoices("HARBOR01").await.unwrap();
    assert!(!invoices.iter().any(|invoice| invoice.id.as_str() == "Debit Memo|DM-1"), "it was billed by hand");
    let summary = invoices.iter().find(|invoice| invoice.id.as_str() == "9").unwrap();
    assert_eq!((&summary.bill_to, &summary.ship_to), (&address(None), &address(Some("Dock 7"))));
    let figures = [summary.discount_total, summary.sub_total, summary.tax_total, summary.total];
    assert_eq!(figures.map(|figure| figure.unwrap().to_string()), ["2.50", "67.30", "4.80", "67.30"]);
    assert_eq!(summary.order_id, text("S-100"));
    let billing_two = invoices.iter().find(|invoice| invoice.id.as_str() == "100").unwrap();
    assert_eq!(billing_two.order_id, None, "it bills two orders");

    let invoice = tenant.invoice("HARBOR01", "9").await.unwrap().unwrap();
    assert_eq!((&invoice.summary, invoice.note), (summary, text("Thank you for your order")));
    let lines = invoice.lines.unwrap();
    assert_eq!((&lines[1].item_id, &lines[1].description), (&text("ROPE-12"), &text("Rope, 12 mm")));
    assert_eq!(lines[1].quantity_shipped.unwrap().shortest(), "10.5");
    assert_eq!((lines[1].tax, lines[1].total), (None, None));
}

#[tokio::test]
async fn a_credit_memos_lines_take_back() {
    let (_running, tenant) = harbor(SESSION, Options::default());
    let memo = tenant.invoice("HARBOR01", "Credit Memo|CM-1").await.unwrap().unwrap();
    let figures = [memo.summary.tax_total, memo.summary.total, memo.summary.balance];
    assert_eq!(figures.map(|figure| figure.unwrap().to_string()), ["-2.25", "-45.25", "-45.25"]);
    let line = &memo.lines.unwrap()[0];
    assert_eq!(line.quantity_shipped.unwrap().shortest(), "-1");
    assert_eq!(
        (line.sub_total.unwrap().to_string(), line.unit_price.unwrap().to_string()),
        ("-50.00".into(), "25.00".into())
    );
    // This form calls a line's text otherwise than that of sales invoices does.
    assert_eq!(line.description, text("MLBK U1980-O-KK \"2\" <x>"));
}
