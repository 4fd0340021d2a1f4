use livegate_core::{Moment, Order};
use livegate_http::json;

use super::*;

const ORDERS: &[u8] = include_bytes!("../../fixtures/sales_orders.json");
const DETAIL: &str = include_str!("../../fixtures/sales_order_detail.json");

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_recorded_list_is_read() {
    let [order] = json::<Vec<SalesOrder>>(ORDERS).unwrap().try_into().unwrap();
    let summary = OrderSummary::try_from(Told(&order, "SO")).unwrap();
    let day = Some(Moment::Day("2020-02-05".parse().unwrap()));
    let expected = OrderSummary {
        owner: CustomerCode::from_answer("C1051"),
        order_type: text("SO"),
        status: text("Completed"),
        order_date: day,
        tax_total: Some("0.00".parse().unwrap()),
        total: Some("7000.00".parse().unwrap()),
        customer_po: text("077204"),
        comments: text("6460TM - Battery Replacement"),
        ..OrderSummary::new(DocumentId::new("S20-100001").unwrap())
    };
    assert_eq!(summary, expected, "{{}} is unknown, and so is what was not expanded");
    assert_eq!(OrderSummary::try_from(Told(&order, "QT")).unwrap().id.as_str(), "SO|S20-100001");
}

#[test]
fn the_recorded_line_is_read() {
    let order =
        format!(r#"{{"OrderType":{{"value":"SO"}},"OrderNbr":{{"value":"1"}},"Details":[{DETAIL}],"Shipments":[]}}"#);
    let order: SalesOrder = json(order.as_bytes()).unwrap();
    let lines = Order::try_from(Told(&order, "SO")).unwrap().lines.unwrap();
    let expected = OrderLine {
        line_no: Some(1),
        product_id: text("01-792584-"),
        description: text("Dollar sale!"),
        uom: text("EA"),
        quantity: Some("0.0".parse().unwrap()),
        quantity_shipped: Some("0.0".parse().unwrap()),
        unit_price: Some("1.0".parse().unwrap()),
        sub_total: Some("0.0".parse().unwrap()),
        ..OrderLine::default()
    };
    assert_eq!(lines, [expected]);
}

#[test]
fn a_field_is_wrapped_and_nothing_else() {
    let read = |field: &str| json::<Contact>(format!(r#"{{"BusinessName":{field}}}"#).as_bytes());
    for (field, value) in [
        (r#"{"value":"  Harbor  "}"#, text("Harbor")),
        (r#"{"value":17}"#, text("17")),
        (r#"{"value":""}"#, None),
        (r#"{"value":null}"#, None),
        (r#"{"error":"the field is not editable"}"#, None),
        ("{}", None),
        ("null", None),
    ] {
        assert_eq!(read(field).unwrap().business_name.text(), value, "{field}");
    }
    for field in [r#""Harbor""#, "17", "[]", r#"{"value":{}}"#, r#"{"value":true}"#] {
        assert!(read(field).is_err(), "{field}");
    }
}

#[test]
fn what_is_released_is_told_by_the_status_alone() {
    let standing = |status: &str| {
        let document = format!(r#"{{"Status":{{"value":"{status}"}}}}"#);
        json::<Document>(document.as_bytes()).unwrap().standing()
    };
    for status in ["Open", "Closed", "open", "Reserved"] {
        assert_eq!(standing(status), Standing::Issued, "{status}");
    }
    for status in ["Voided", "Canceled"] {
        assert_eq!(standing(status), Standing::Void, "{status}");
    }
    for status in ["On Hold", "Balanced", "Scheduled", "Pending Approval", "Rejected", "Postponed", ""] {
        assert_eq!(standing(status), Standing::Draft, "{status}");
    }
}

#[test]
fn the_figures_of_an_unknown_type_are_not_told() {
    let told = |kind: &str| {
        let figures = r#""Amount":{"value":7.5},"Balance":{"value":7.5},"TaxTotal":{"value":0.5},"DetailTotal":{"value":7.0},
            "DiscountTotal":{"value":1.0},"Details":[{"Qty":{"value":2.0},"UnitPrice":{"value":3.5},"Amount":{"value":7.0}}]"#;
        let document = format!(r#"{{"Type":{{"value":"{kind}"}},"ReferenceNbr":{{"value":"1"}},{figures}}}"#);
        let document: Document = json(document.as_bytes()).unwrap();
        let Invoice { summary, lines, .. } = Told(&document, "SO").try_into().unwrap();
        let line = lines.unwrap().remove(0);
        let InvoiceSummary { discount_total, sub_total, tax_total, total, balance, .. } = summary;
        let told = [total, balance, tax_total, sub_total, discount_total, line.quantity_shipped, line.sub_total];
        (summary.id.to_string(), told.map(|figure| figure.map(|figure| figure.shortest())))
    };
    let figures = ["7.5", "7.5", "0.5", "7", "1", "2", "7"];
    assert_eq!(told("Cash Sale"), ("Cash Sale|1".to_owned(), figures.map(text)));
    assert_eq!(told("Cash Return").1, figures.map(|figure| Some(format!("-{figure}"))));
    assert_eq!(told("Harbour Dues"), ("Harbour Dues|1".to_owned(), [const { None }; 7]), "who owes it nobody says");
}

#[test]
fn a_document_without_its_key_is_malformed() {
    let document: Document = json(br#"{"ReferenceNbr":{"value":"1"}}"#).unwrap();
    assert!(InvoiceSummary::try_from(Told(&document, "SO")).is_err());
    let order: SalesOrder = json(br#"{"OrderType":{"value":"SO"},"OrderNbr":{"value":"a\u0001b"}}"#).unwrap();
    assert!(OrderSummary::try_from(Told(&order, "SO")).is_err());
}
