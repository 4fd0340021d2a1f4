use proptest::prelude::*;

use super::filter::{Equality, read};
use super::rendering::{Json, number, object};

fn equal(field: &'static str, value: &str) -> Equality {
    Equality { field, value: value.to_owned() }
}

#[test]
fn equalities_are_understood_and_nothing_else() {
    assert_eq!(read("customer.id='1001'"), Some(vec![equal("customer.id", "1001")]));
    let both = vec![equal("id", "a AND b"), equal("externalId", "x=y")];
    assert_eq!(read("id = 'a AND b' AND externalId = 'x=y' "), Some(both));
    let none = [
        "",
        "id",
        "id=1001",
        "name='x'",
        "id='x",
        "id='x' OR id='y'",
        "id='it''s'",
        "id='it\\'s'",
        "id!='x'",
        "id LIKE 'x%'",
        "id='x' AND",
    ];
    for text in none {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn numbers_are_written_as_they_are_and_found_by_path() {
    let json = object([("a", number("1234567890123456.780")), ("b", object([("c", "x\"\\\n".into())]))]);
    let mut text = String::new();
    json.write(&mut text);
    assert_eq!(text, r#"{"a":1234567890123456.780,"b":{"c":"x\"\\\u000a"}}"#);
    assert_eq!((json.at("a"), json.at("b.c"), json.at("b")), (Some("1234567890123456.780"), Some("x\"\\\n"), None));
    assert_eq!(json.with("a", Json::Null).at("a"), None);
}

proptest! {
    #[test]
    fn what_the_adapter_asks_is_one_equality_with_the_value_it_meant(
        value in "\\PC{0,20}|[a-c'\"`\\\\ =AND\u{2bc}-]{0,12}"
    ) {
        if let Some(condition) = crate::ceql::is("customer.id", &value) {
            prop_assert_eq!(read(&condition), Some(vec![equal("customer.id", &value)]));
        }
    }
}
