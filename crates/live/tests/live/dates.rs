use livegate_core::{Answer, InvoiceSummary, Listing, Moment, Operation, OrderSummary};
use livegate_live::Rules;

use crate::{CAPABLE, assert_member, day, ids, instant, invoice, local, order, orders, planned, respond_with, zone};

fn leaves(rules: &Rules, date: Option<Moment>) -> String {
    let answer = Answer::Orders(Listing::Complete(vec![OrderSummary { order_date: date, ..order("1") }]));
    let body = r#"{"customer_code":"ACME001"}"#;
    let response = respond_with(rules, &CAPABLE, Operation::Orders, body, answer).unwrap();
    let value: serde_json::Value = serde_json::from_str(&response).unwrap();
    value["orders"][0]["order_date"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn dates_leave_without_zone_and_with_milliseconds_only_where_the_erp_has_them() {
    let utc = Rules::default();
    assert_eq!(leaves(&utc, instant("2026-02-07T16:46:15.163Z")), "2026-02-07T16:46:15.163");
    assert_eq!(leaves(&utc, instant("2026-02-07T16:46:15.1639999Z")), "2026-02-07T16:46:15.163");
    assert_eq!(leaves(&utc, instant("2026-02-07T16:46:15.0Z")), "2026-02-07T16:46:15.000");
    assert_eq!(leaves(&utc, instant("2026-02-07T16:46:15Z")), "2026-02-07T16:46:15");
    assert_eq!(leaves(&utc, None), "", "an unknown date is omitted");
}

#[test]
fn a_calendar_day_leaves_as_its_midnight_in_every_zone() {
    for name in ["UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        assert_eq!(leaves(&zone(name), day("2026-03-08")), "2026-03-08T00:00:00", "{name}");
    }
}

#[test]
fn an_instant_leaves_as_utc() {
    assert_eq!(leaves(&zone("America/New_York"), instant("2026-03-04T23:30:00-05:00")), "2026-03-05T04:30:00");
}

#[test]
fn a_zone_less_time_is_the_tenants_local_time_and_leaves_as_utc() {
    let eastern = zone("America/New_York");
    assert_eq!(leaves(&eastern, local("2026-01-15T23:30:00")), "2026-01-16T04:30:00");
    assert_eq!(leaves(&eastern, local("2026-07-15T23:30:00")), "2026-07-16T03:30:00");
    // The clock jumps from 02:00 to 03:00 on this day, and 01:30 comes twice on the other.
    assert_eq!(leaves(&eastern, local("2026-03-08T02:30:00")), "2026-03-08T07:30:00");
    assert_eq!(leaves(&eastern, local("2026-11-01T01:30:00")), "2026-11-01T05:30:00");
}

fn found(rules: &Rules, filters: &str, dates: &[(&str, Option<Moment>)]) -> Vec<String> {
    let list = dates.iter().map(|(id, date)| OrderSummary { order_date: *date, ..order(id) }).collect();
    let body = format!(r#"{{"customer_code":"ACME001","filters":{{{filters}}}}}"#);
    let answer = Answer::Orders(Listing::Complete(list));
    ids(&respond_with(rules, &CAPABLE, Operation::Orders, &body, answer).unwrap()).0
}

#[test]
fn date_filters_take_rfc_3339_a_zone_less_time_in_utc_or_a_date_under_both_names() {
    let documents = [
        ("before", instant("2026-01-31T09:59:59Z")),
        ("at", instant("2026-01-31T10:00:00Z")),
        ("after", instant("2026-02-02T00:00:00Z")),
    ];
    let utc = Rules::default();
    for start in ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00", "2026-01-31T05:00:00-05:00", " 2026-01-31 10:00:00 "] {
        for name in ["start_date", "date_from"] {
            assert_eq!(found(&utc, &format!(r#""{name}":"{start}""#), &documents), ["after", "at"], "{name} {start}");
        }
    }
    for (end, expected) in [("2026-01-31T10:00:00Z", vec!["at", "before"]), ("2026-01-31T09:59:59.5Z", vec!["before"])]
    {
        for name in ["end_date", "date_to"] {
            assert_eq!(found(&utc, &format!(r#""{name}":"{end}""#), &documents), expected, "{name} {end}");
        }
    }
    assert_eq!(found(&utc, r#""start_date":"2026-01-31","end_date":"2026-01-31""#, &documents), ["at", "before"]);
}

#[test]
fn the_end_of_time_is_a_valid_end() {
    let documents = [("day", day("9999-12-31")), ("now", instant("2026-01-31T10:00:00Z"))];
    for end in ["9999-12-31", "9999-12-31T23:59:59", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.123456789012-05:00"] {
        assert_eq!(found(&Rules::default(), &format!(r#""end_date":"{end}""#), &documents), ["day", "now"], "{end}");
    }
    assert_eq!(leaves(&zone("America/New_York"), local("9999-12-31T00:00:00")), "9999-12-30T22:00:00");
}

#[test]
fn an_end_date_covers_its_whole_day() {
    let documents = [("last", instant("2026-01-31T23:59:59.999999999Z")), ("next", instant("2026-02-01T00:00:00Z"))];
    assert_eq!(found(&Rules::default(), r#""end_date":"2026-01-31""#, &documents), ["last"]);
}

#[test]
fn a_document_known_by_day_only_is_compared_by_day_with_the_instants_in_the_tenants_zone() {
    let documents = [("30", day("2026-01-30")), ("31", day("2026-01-31")), ("01", day("2026-02-01"))];
    let eastern = zone("America/New_York");
    // 02:00 UTC on the 1st is still the 31st in New York.
    assert_eq!(found(&eastern, r#""start_date":"2026-02-01T02:00:00Z""#, &documents), ["01", "31"]);
    assert_eq!(found(&Rules::default(), r#""start_date":"2026-02-01T02:00:00Z""#, &documents), ["01"]);
    assert_eq!(found(&eastern, r#""end_date":"2026-02-01T02:00:00Z""#, &documents), ["31", "30"]);
    assert_eq!(found(&eastern, r#""start_date":"2026-01-31","end_date":"2026-01-31""#, &documents), ["31"]);
}

#[test]
fn an_undated_document_passes_date_filters() {
    let documents = [("undated", None), ("old", day("2020-01-01"))];
    assert_eq!(found(&Rules::default(), r#""start_date":"2026-01-01""#, &documents), ["undated"]);
    let list = vec![InvoiceSummary { invoice_date: None, ..invoice("1") }];
    let body = r#"{"customer_code":"ACME001","filters":{"start_date":"2026-01-01","end_date":"2026-01-02"}}"#;
    assert_eq!(ids(&crate::invoices(body, list)).1, 1);
}

#[test]
fn start_after_end_and_unreadable_dates_are_rejected_with_their_field() {
    for (filters, field) in [
        (r#""start_date":"2026-02-01","end_date":"2026-01-31""#, "start_date"),
        (r#""date_from":"2026-01-31T10:00:01Z","date_to":"2026-01-31T10:00:00Z""#, "date_from"),
        (r#""start_date":"soon""#, "start_date"),
        (r#""end_date":"2026-02-30""#, "end_date"),
        (r#""date_to":"31/01/2026""#, "date_to"),
        (r#""start_date":20260131"#, "start_date"),
        (r#""start_date":true"#, "start_date"),
        (r#""start_date":"2026-01-31T25:00:00Z""#, "start_date"),
        (r#""start_date":"-002026-01-01T00:00:00Z""#, "start_date"),
        (r#""start_date":"2026-01-31T10:00:00[Europe/Berlin]""#, "start_date"),
        (r#""start_date":"2026-01-31T10:00:00+25:00""#, "start_date"),
        (r#""start_date":"2026-01-31T10:00:00+1é2""#, "start_date"),
        (r#""start_date":"2026-01-31T10""#, "start_date"),
        (r#""start_date":"2026-01-31T""#, "start_date"),
        (r#""start_date":"２０２６-01-31""#, "start_date"),
    ] {
        for operation in [Operation::Orders, Operation::Invoices] {
            let error = planned(operation, &format!(r#"{{"customer_code":"A","filters":{{{filters}}}}}"#)).unwrap_err();
            assert_eq!((error.code, error.field), ("invalid_query", Some(field)), "{filters}");
        }
    }
    assert!(
        planned(
            Operation::Orders,
            r#"{"customer_code":"A","filters":{"start_date":"2026-01-31","end_date":"2026-01-31"}}"#
        )
        .is_ok()
    );
}

#[test]
fn the_first_of_two_names_that_is_not_blank_counts() {
    let documents = [("1", day("2026-01-01")), ("2", day("2026-02-01"))];
    let filters = r#""start_date":"","date_from":"2026-01-15""#;
    assert_eq!(found(&Rules::default(), filters, &documents), ["2"]);
}

#[test]
fn lists_are_sorted_by_the_dates_that_leave() {
    let response = orders(
        r#"{"customer_code":"ACME001"}"#,
        vec![
            OrderSummary { order_date: day("2026-01-02"), ..order("day") },
            OrderSummary { order_date: instant("2026-01-02T00:00:01+05:00"), ..order("instant") },
        ],
    );
    assert_eq!(ids(&response).0, ["day", "instant"]);
    assert_member(&response, "2026-01-01T19:00:01");
}
