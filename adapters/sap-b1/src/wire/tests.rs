use livegate_http::{ODataPage, json};

use super::*;

fn document(text: &str) -> Document {
    json(text.as_bytes()).unwrap()
}

fn amount(digits: &str) -> Option<Amount> {
    Some(digits.parse().unwrap())
}

/// The orders of 2025 as they came, and as the later generation would have written them.
fn recorded() -> [Vec<Document>; 2] {
    let earlier = include_str!("../../fixtures/orders.json");
    let later = earlier.replace("\"odata.", "\"@odata.").replace("-08-20\"", "-08-20T00:00:00Z\"");
    assert_ne!(earlier, later);
    [earlier, &later].map(|text| ODataPage::read(text.as_bytes()).unwrap().rows)
}

#[test]
fn recorded_orders_are_read_property_by_property() {
    for orders in recorded() {
        let [jacket, surcharged] = orders.try_into().unwrap();
        assert_eq!(jacket.numbers().unwrap(), Numbers { number: 2103, entry: 16722 });
        assert_eq!(jacket.card_code.as_deref(), Some("1"));
        assert_eq!(jacket.date(), Some(Moment::Day(jiff::civil::date(2025, 8, 20))));
        assert_eq!(jacket.day(), Some(jiff::civil::date(2025, 8, 20)));
        assert_eq!(jacket.due_date(), Some(Moment::Day(jiff::civil::date(2014, 4, 4))));
        assert_eq!((jacket.doc_total, jacket.vat_sum), (amount("3549"), amount("549")));
        assert_eq!(jacket.sub_total().unwrap(), amount("3000"));
        assert_eq!((jacket.is_foreign(), jacket.standing()), (false, Standing::Issued));
        assert_eq!(
            (jacket.comments.as_deref(), jacket.num_at_card.as_deref()),
            (None, None),
            "an empty text says nothing"
        );
        // The property is not in what was recorded.
        assert_eq!(jacket.paid_to_date, None);
        let [line] = jacket.document_lines.as_deref().unwrap() else { panic!("one line") };
        assert_eq!((line.item_code.as_deref(), line.item_description.as_deref()), (Some("33"), Some("Biker Jacket")));
        assert_eq!((line.quantity, line.remaining_open_quantity), (amount("100"), amount("100")));
        assert_eq!((line.price, line.line_total), (amount("30"), amount("3000")));
        assert_eq!((line.tax_total, line.gross_total), (amount("549"), amount("3549")));
        assert_eq!(
            (line.base_type.as_deref(), line.unit()),
            (Some("-1"), None),
            "the unit is a text that is not there"
        );
        assert_eq!(surcharged.total_discount, amount("-147.27"));
        assert_eq!(surcharged.doc_total, amount("4147.27"));
    }
}

/// The fixture has cost and profit of its line.
#[test]
fn what_must_not_leave_is_not_even_read() {
    assert!(include_str!("../../fixtures/orders.json").contains("-7200"));
    for orders in recorded() {
        let read = format!("{orders:?}");
        assert!(!read.contains("7200") && !read.contains("102"), "{read}");
    }
}

#[test]
fn a_cancelled_document_and_the_one_that_cancels_it_are_told_apart() {
    let cases = [
        (r#"{"CancelStatus": "csNo", "Cancelled": "tNO"}"#, Standing::Issued),
        (r#"{"CancelStatus": "csYes", "Cancelled": "tYES"}"#, Standing::Void),
        (r#"{"CancelStatus": "csCancellation", "Cancelled": "tNO"}"#, Standing::Deleted),
        (r#"{"CancelStatus": "csCancellation", "Cancelled": "tYES"}"#, Standing::Deleted),
        (r#"{"Cancelled": "tYES"}"#, Standing::Void),
        ("{}", Standing::Issued),
    ];
    for (text, standing) in cases {
        assert_eq!(document(text).standing(), standing, "{text}");
    }
}

#[test]
fn any_amount_in_a_foreign_currency_makes_a_document_foreign() {
    for name in ["DocTotalFc", "VatSumFc", "TotalDiscountFC", "PaidToDateFC"] {
        let read = |value: &str| document(&format!(r#"{{"{name}": {value}, "DocTotal": 10}}"#));
        assert!(read("5").is_foreign(), "{name}");
        assert!(!read("0.00").is_foreign() && !read("null").is_foreign(), "{name}");
    }
}

#[test]
fn numbers_are_whole_and_written_in_one_way() {
    let numbers =
        |number: &str, entry: &str| document(&format!(r#"{{"DocNum": {number}, "DocEntry": {entry}}}"#)).numbers();
    assert_eq!(numbers("7", "9").unwrap(), Numbers { number: 7, entry: 9 });
    assert_eq!(numbers("\"7\"", "9").unwrap(), Numbers { number: 7, entry: 9 });
    for odd in ["-1", "1.5", "\"+7\"", "\"07\"", "\"\"", "null", "\"x\"", "2147483648"] {
        for numbers in [numbers(odd, "9"), numbers("7", odd)] {
            assert_eq!(numbers.unwrap_err().kind(), livegate_core::ErrorKind::Malformed, "{odd}");
        }
    }
}

#[test]
fn a_unit_is_its_code_or_where_that_says_manual_the_text() {
    let unit = |text: &str| json::<Line>(text.as_bytes()).unwrap().unit();
    assert_eq!(unit(r#"{"UoMCode": "BOX", "MeasureUnit": "a box of 12"}"#).as_deref(), Some("BOX"));
    assert_eq!(unit(r#"{"UoMCode": "Manual", "MeasureUnit": "metre"}"#).as_deref(), Some("metre"));
    assert_eq!(unit(r#"{"MeasureUnit": "metre"}"#).as_deref(), Some("metre"));
    assert_eq!(unit(r#"{"UoMCode": "Manual"}"#), None);
}

#[test]
fn lines_of_a_delivery_note_count_only_for_what_they_are_based_on() {
    let line = |base_type: i64, entry: i64, line: i64| {
        format!(r#"{{"BaseType": {base_type}, "BaseEntry": {entry}, "BaseLine": {line}, "Quantity": 1}}"#)
    };
    let lines =
        [line(17, 5, 0), line(17, 6, 1), line(13, 5, 2), r#"{"Quantity": 1}"#.to_owned(), line(17, 5, 3)].join(",");
    let note = document(&format!(r#"{{"DocEntry": 9, "CancelStatus": "csYes", "DocumentLines": [{lines}]}}"#));
    let delivered = Delivered::of(note, 17, 5);
    let told: Vec<_> = delivered
        .iter()
        .map(|Delivered { note, line }| (note.doc_entry.as_deref(), note.standing(), line.base_line.as_deref()))
        .collect();
    assert_eq!(told, [(Some("9"), Standing::Void, Some("0")), (Some("9"), Standing::Void, Some("3"))]);
}
