use livegate_core::{Operation, PageRequest, Query};
use livegate_live::{CustomerFrom, RequestError, Rules, plan};

use crate::{ALL_IDS, CAPABLE, PAGING, account, amount, ids, invoice, invoices, order, orders, planned, respond_with};

const CODE: &str = r#""customer_code":"ACME001""#;

fn rejected(operation: Operation, body: &str) -> (&'static str, Option<&'static str>) {
    let RequestError { code, field, detail } = planned(operation, body).expect_err(body);
    assert!(!detail.is_empty());
    (code, field)
}

fn page(members: &str) -> Result<PageRequest, RequestError> {
    let paging = livegate_core::Capabilities { orders: PAGING, ..CAPABLE };
    plan(Operation::Orders, format!("{{{CODE}{members}}}").as_bytes(), &Rules::default(), &paging).map(
        |plan| match plan.query() {
            Query::Orders(query) => query.page.unwrap(),
            other => panic!("{other:?}"),
        },
    )
}

#[test]
fn a_request_is_a_json_object() {
    for body in
        ["", "[]", "null", "\"x\"", "{", "{\"customer_code\":}", "\u{1}", "{\"customer_code\":\"A\"} x", "{\"a\":01}"]
    {
        assert_eq!(rejected(Operation::Account, body), ("bad_request", None), "{body}");
    }
    assert!(planned(Operation::Account, "\u{feff} {\"customer_code\":\"A\"}\n").is_ok());
}

#[test]
fn nesting_over_32_levels_is_rejected_and_32_are_not() {
    let nested = |levels: usize| format!("{{{CODE},\"x\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(planned(Operation::Account, &nested(32)).is_ok());
    assert_eq!(rejected(Operation::Account, &nested(33)), ("bad_request", None));
    let brackets_in_text = format!("{{{CODE},\"x\":\"{}\\\"{}\"}}", "[".repeat(50), "{".repeat(50));
    assert!(planned(Operation::Account, &brackets_in_text).is_ok());
}

#[test]
fn unknown_fields_are_ignored() {
    assert!(
        planned(Operation::Account, &format!("{{{CODE},\"colour\":{{\"a\":[1.5,true]}},\"per_page\":\"x\"}}")).is_ok()
    );
    let body = format!("{{{CODE},\"filters\":{{\"warehouse\":{{}}}}}}");
    assert!(planned(Operation::Orders, &body).is_ok());
}

#[test]
fn customer_code_is_required_and_must_not_be_blank() {
    for operation in Operation::ALL {
        for body in ["{}", r#"{"customer_code":null}"#, r#"{"customer_code":""}"#, r#"{"customer_code":" \t\n"}"#] {
            assert_eq!(rejected(operation, body), ("invalid_query", Some("customer_code")), "{operation} {body}");
        }
    }
}

#[test]
fn by_id_calls_require_their_id_in_the_same_way() {
    for (operation, field) in [(Operation::Order, "order_id"), (Operation::Invoice, "invoice_id")] {
        for id in ["", ",\"F\":null", ",\"F\":\"\"", ",\"F\":\"  \""] {
            let body = format!("{{{CODE}{}}}", id.replace('F', field));
            assert_eq!(rejected(operation, &body), ("invalid_query", Some(field)), "{body}");
        }
    }
}

#[test]
fn codes_and_ids_are_trimmed_and_may_be_json_integers() {
    for (written, read) in [
        (r#"" ACME 001 ""#, "ACME 001"),
        ("1001", "1001"),
        ("-7", "-7"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        (r#""\u00fc""#, "ü"),
    ] {
        let plan = planned(Operation::Account, &format!("{{\"customer_code\":{written}}}")).unwrap();
        assert_eq!(plan.query().customer().as_str(), read);
    }
    for written in ["1.5", "1e3", "true", "[]", "{}", r#""\ud800""#] {
        let body = format!("{{\"customer_code\":{written}}}");
        assert_eq!(rejected(Operation::Account, &body), ("invalid_query", Some("customer_code")), "{written}");
    }
}

#[test]
fn codes_and_ids_are_at_most_200_characters_without_control_characters() {
    let of = |length: usize| format!("{{\"customer_code\":\"{}\"}}", "é".repeat(length));
    assert!(planned(Operation::Account, &of(200)).is_ok());
    assert_eq!(rejected(Operation::Account, &of(201)), ("invalid_query", Some("customer_code")));
    for hostile in [r"A\r\nB", r"A\u0000", r"A\u007fB"] {
        let body = format!("{{{CODE},\"invoice_id\":\"{hostile}\"}}");
        assert_eq!(rejected(Operation::Invoice, &body), ("invalid_query", Some("invoice_id")), "{hostile}");
        let body = format!("{{{CODE},\"filters\":{{\"customer_po\":\"{hostile}\"}}}}");
        assert_eq!(rejected(Operation::Orders, &body), ("invalid_query", Some("customer_po")), "{hostile}");
        let body = format!("{{{CODE},\"seller_reference\":\"{hostile}\"}}");
        assert_eq!(rejected(Operation::Orders, &body), ("invalid_query", Some("seller_reference")), "{hostile}");
    }
}

#[test]
fn pages_are_strings_or_numbers_and_blank_means_page_1_with_15() {
    let first = PageRequest { number: 1, size: 15 };
    for members in ["", r#","current_page":null,"per_page":null"#, r#","current_page":"","per_page":" ""#] {
        assert_eq!(page(members), Ok(first), "{members}");
    }
    for members in [r#","current_page":"3","per_page":"10""#, r#","current_page":3,"per_page":10"#] {
        assert_eq!(page(members), Ok(PageRequest { number: 3, size: 10 }), "{members}");
    }
    assert_eq!(page(r#","per_page":1000"#).unwrap().size, 1000);
    assert_eq!(page(r#","current_page":"99999999999999999999999""#).unwrap().number, u64::MAX);
}

#[test]
fn zero_negative_fractional_non_numeric_and_over_1000_are_rejected() {
    for field in ["current_page", "per_page"] {
        for value in
            ["0", "-1", "1.5", "1.0", "1e1", "\"0\"", "\"-1\"", "\"1.5\"", "\"ten\"", "\"+1\"", "true", "[1]", "\"１\""]
        {
            let error = page(&format!(",\"{field}\":{value}")).unwrap_err();
            assert_eq!((error.code, error.field), ("invalid_query", Some(field)), "{field} {value}");
        }
    }
    assert_eq!(page(r#","per_page":1001"#).unwrap_err().field, Some("per_page"));
    assert_eq!(page(r#","per_page":"99999999999999999999999""#).unwrap_err().field, Some("per_page"));
}

#[test]
fn empty_string_null_and_absent_mean_no_filter() {
    let all = || vec![order("1"), order("2")];
    for filters in [
        "",
        r#","filters":null"#,
        r#","filters":[]"#,
        r#","filters":[ ]"#,
        r#","filters":{}"#,
        r#","filters":{"order_id":"","customer_po":null,"third_party_order_number":" ","start_date":"","end_date":null}"#,
    ] {
        assert_eq!(ids(&orders(&format!("{{{CODE}{filters}}}"), all())).1, 2, "{filters}");
    }
    for filters in ["[1]", "\"x\"", "5", "true"] {
        let body = format!("{{{CODE},\"filters\":{filters}}}");
        assert_eq!(rejected(Operation::Orders, &body), ("invalid_query", Some("filters")), "{filters}");
    }
}

#[test]
fn text_filters_match_the_whole_value_trimmed_without_ascii_case_and_combine_by_and() {
    let mut first = order("SO-1");
    first.customer_po = Some(" Po 7 ".to_owned());
    first.third_party_order_number = Some("EVOX001".to_owned());
    let mut second = order("SO-11");
    second.customer_po = Some("PO 7".to_owned());
    let found = |filters: &str| {
        ids(&orders(&format!("{{{CODE},\"filters\":{{{filters}}}}}"), vec![first.clone(), second.clone()])).0
    };
    assert_eq!(found(r#""order_id":" so-1 ""#), ["SO-1"]);
    assert_eq!(found(r#""customer_po":"po 7""#), ["SO-11", "SO-1"]);
    assert_eq!(found(r#""customer_po":"po""#), [""; 0]);
    assert_eq!(found(r#""customer_po":"po 7","order_id":"SO-11""#), ["SO-11"]);
    assert_eq!(found(r#""third_party_order_number":"evox001""#), ["SO-1"], "an unknown value matches no text filter");
    let mut paid = invoice("900");
    paid.customer_po = Some("X".to_owned());
    let body = format!("{{{CODE},\"filters\":{{\"customer_po\":\"x\"}}}}");
    assert_eq!(ids(&invoices(&body, vec![paid, invoice("901")])).0, ["900"]);
    let body = format!("{{{CODE},\"filters\":{{\"invoice_id\":901}}}}");
    assert_eq!(ids(&invoices(&body, vec![invoice("900"), invoice("901")])).0, ["901"]);
}

#[test]
fn what_the_connection_does_not_declare_is_neither_sent_nor_split_over_the_cache() {
    let body = |page: u32, ids: &str| {
        format!(
            r#"{{{CODE},"evo_customer_id":"{ids}1","evo_user_id":"{ids}2","seller_reference":"{ids}3","user_seller_reference":"{ids}4",
            "filters":{{"order_id":"7","customer_po":"8","end_date":"2026-01-01"}},"current_page":{page}}}"#
        )
    };
    let first = planned(Operation::Orders, &body(1, "a")).unwrap();
    assert_eq!(first.query(), planned(Operation::Orders, &body(2, "b")).unwrap().query());
    let capable = livegate_core::Capabilities { caller_ids: ALL_IDS, orders: PAGING, ..CAPABLE };
    let pushed = plan(Operation::Orders, body(2, "a").as_bytes(), &Rules::default(), &capable).unwrap();
    let Query::Orders(query) = pushed.query() else { panic!() };
    assert_eq!(query.caller.user_seller_reference.as_deref(), Some("a4"));
    assert_eq!((query.filters.order_id.as_deref(), query.page), (Some("7"), Some(PageRequest { number: 2, size: 15 })));
}

#[test]
fn an_inexact_filter_forbids_pushing_the_page_down() {
    for support in [livegate_core::FilterSupport::Partial, livegate_core::FilterSupport::None] {
        let list = livegate_core::ListCapabilities { customer_po: support, ..PAGING };
        let capabilities = livegate_core::Capabilities { invoices: list, ..CAPABLE };
        let body = format!("{{{CODE},\"filters\":{{\"customer_po\":\"8\"}}}}");
        let planned = plan(Operation::Invoices, body.as_bytes(), &Rules::default(), &capabilities).unwrap();
        let Query::Invoices(query) = planned.query() else { panic!() };
        assert_eq!(query.page, None);
        assert_eq!(query.filters.customer_po.is_some(), support == livegate_core::FilterSupport::Partial);
    }
}

#[test]
fn seller_reference_replaces_the_code_towards_the_erp_where_the_tenant_says_so() {
    let rules = Rules { customer_from: CustomerFrom::SellerReference, ..Rules::default() };
    let body = r#"{"customer_code":"ACME001","seller_reference":" 77 "}"#;
    let planned = plan(Operation::Account, body.as_bytes(), &rules, &CAPABLE).unwrap();
    assert_eq!(planned.query().customer().as_str(), "77");
    let mut owned = account();
    owned.owner = Some(crate::code("77"));
    owned.balance = Some(livegate_core::Stated::plain(amount("5")));
    let answer = livegate_core::Answer::Account(Some(owned));
    let response = respond_with(&rules, &CAPABLE, Operation::Account, body, answer).unwrap();
    assert_eq!(response, r#"{"customer_code":"ACME001","balance":5}"#);
    for missing in [
        r#"{"customer_code":"A"}"#,
        r#"{"customer_code":"A","seller_reference":null}"#,
        r#"{"customer_code":"A","seller_reference":" "}"#,
    ] {
        let error = plan(Operation::Account, missing.as_bytes(), &rules, &CAPABLE).unwrap_err();
        assert_eq!(error.field, Some("seller_reference"), "{missing}");
    }
    let error = plan(Operation::Account, br#"{"seller_reference":"77"}"#, &rules, &CAPABLE).unwrap_err();
    assert_eq!(error.field, Some("customer_code"));
}

#[test]
fn of_two_members_of_one_name_the_last_counts() {
    let plan = planned(Operation::Account, r#"{"customer_code":"ACME1","customer_code":"ACME2"}"#).unwrap();
    assert_eq!(plan.query().customer().as_str(), "ACME2");
}
