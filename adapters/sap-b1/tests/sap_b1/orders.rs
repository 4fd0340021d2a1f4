//! Orders by id: lines, freight, addresses, deliveries.

use livegate_adapter_sap_b1::simulator::{Fault, Options, Resource};
use livegate_core::{Address, Amount, Order, Tracking};

use crate::{Tenant, both, start};

fn texts(order: &Order) -> Vec<String> {
    let amount = |amount: Option<Amount>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let lines = order.lines.as_deref().unwrap().iter().map(|line| {
        let texts = [text(&line.sku), text(&line.description), text(&line.uom), text(&line.note)];
        let amounts =
            [line.quantity, line.quantity_shipped, line.unit_price, line.sub_total, line.tax, line.total].map(amount);
        [texts.join("|"), amounts.join("|")].join("|")
    });
    lines.collect()
}

fn parcels(order: &Order) -> Vec<(String, bool)> {
    let told = |parcel: &Tracking| (parcel.tracking_number.clone().unwrap(), parcel.shipping_date.is_some());
    order.tracking.iter().flatten().map(told).collect()
}

fn place(address: &Address) -> [String; 6] {
    [&address.name, &address.address1, &address.address2, &address.address3, &address.city, &address.postal_code]
        .map(|text| text.clone().unwrap_or_default())
}

const LINES: [&str; 4] = [
    "CHAIN-10|Anchor chain, 10 mm|m|cut to length|5|3|25.00|125.00|10.00|135.00",
    "ROPE-M|Rope by the metre|metre|-|1.50|1.5|5|7.50|0.50|8.00",
    "SHACKLE|Shackle, galvanised|-|-|4|0|5.00|20.00|1.00|21.00",
    "-|Freight|-|-|-|-|-|5.00|0.50|5.50",
];

#[tokio::test]
async fn delivery_notes_tell_what_has_gone_and_freight_is_a_line() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let order = tenant.order("C20000", "1010").await.unwrap().unwrap();
        assert_eq!(running.questions() - before, 2, "the order and its deliveries");
        assert_eq!(texts(&order), LINES);
        let own = |number: &str| (number.to_owned(), false);
        let gone = |number: &str| (number.to_owned(), true);
        assert_eq!(parcels(&order), [own("OWN-55"), gone("TRACK-5001"), gone("TRACK-5004")]);
        let summary = &order.summary;
        let figures = [summary.discount_total, summary.sub_total, summary.tax_total, summary.total];
        assert_eq!(figures.map(|figure| figure.unwrap().to_string()), ["4.00", "153.50", "12.00", "165.50"]);
        let shipping = ["Blue Heron Charters", "Pier 86", "Gate 2", "Boathouse", "New York", "10036"];
        assert_eq!(place(order.ship_to.as_ref().unwrap()), shipping);
        let billing = ["Blue Heron Charters", "123 Broadway", "", "", "New York", "10001"];
        assert_eq!(place(order.bill_to.as_ref().unwrap()), billing);
    }
}

#[tokio::test]
async fn of_what_has_not_gone_nobody_is_asked() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        let order = tenant.order("C80000", "8002").await.unwrap().unwrap();
        assert_eq!(order.lines.unwrap()[0].quantity_shipped, Some(Amount::ZERO));
        assert_eq!((order.tracking, running.questions() - before), (None, 1));
    }
}

#[tokio::test]
async fn of_somebody_elses_order_no_delivery_notes_are_asked_for() {
    let (running, tenants) = both(Options::default());
    for tenant in tenants {
        tenant.ping().await.unwrap();
        let before = running.questions();
        // The simulator's filters do not hold for this one, who gets the order of another.
        assert_eq!(tenant.order("C70001", "1010").await.unwrap(), None);
        assert_eq!(running.questions() - before, 1);
    }
}

#[tokio::test]
async fn joins_that_are_not_known_give_way_to_the_customers_delivery_notes_for_good() {
    let (running, tenants) = both(Options { without_cross_joins: true, ..Options::default() });
    for tenant in tenants {
        let before = running.calls(Resource::CrossJoin);
        for _ in 0..2 {
            let order = tenant.order("C20000", "1010").await.unwrap().unwrap();
            assert_eq!(texts(&order), LINES);
            assert_eq!(parcels(&order).len(), 3);
        }
        assert_eq!(running.calls(Resource::CrossJoin) - before, 1, "asked for once");
    }
}

#[tokio::test]
async fn deliveries_that_cannot_be_read_cost_what_they_would_tell_and_no_more() {
    let running = start(Options::default());
    let tenant = Tenant::of(&running, "", &[]);
    let whole = tenant.order("C20000", "1010").await.unwrap().unwrap();
    // A node that is broken is left for another one first.
    let faults = [
        (503, None, 1),
        (403, Some(-1), 1),
        (400, Some(-3000), 1),
        (500, None, 1),
        (404, None, 1),
        (501, None, 1),
        (500, Some(407), 2),
    ];
    for (status, code, count) in faults {
        running.fail(Fault { resource: Some(Resource::CrossJoin), after: 0, count, status, code });
        let order = tenant.order("C20000", "1010").await.unwrap().unwrap();
        assert_eq!((order.summary, &order.tracking), (whole.summary.clone(), &None), "{status}");
        assert!(order.lines.unwrap().iter().all(|line| line.quantity_shipped.is_none()));
    }
    assert_eq!(running.calls(Resource::DeliveryNotes), 0, "none of this says that joins are not known");
}

#[tokio::test]
async fn what_went_without_a_delivery_note_is_unknown_not_zero() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let order = tenant.order("C20000", "1007").await.unwrap().unwrap();
        assert_eq!(texts(&order), ["PUMP|Bilge pump|pcs|-|40|-|100|4000|0|4000"]);
    }
}

#[tokio::test]
async fn a_cancelled_order_is_shown_with_its_status_and_a_draft_is_not() {
    let (_running, tenants) = both(Options::default());
    for tenant in tenants {
        let orders = tenant.orders("C20000", None).await.unwrap();
        let status = |id: &str| {
            let order = orders.items().iter().find(|order| order.id.as_str() == id);
            order.and_then(|order| order.status.clone())
        };
        assert_eq!(status("1008").as_deref(), Some("Canceled"));
        assert_eq!(status("1010").as_deref(), Some("Open"));
        assert_eq!(status("998").as_deref(), Some("Closed"));
        assert_eq!(status("1006").as_deref(), Some("Delivered"));
        assert_eq!(status("9001"), None);
        assert_eq!(tenant.order("C20000", "9001").await.unwrap(), None);
    }
}
