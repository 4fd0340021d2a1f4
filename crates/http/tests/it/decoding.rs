//! The same wire types read JSON and XML.

use std::collections::BTreeMap;

use livegate_core::{Amount, ErrorKind, Result};
use livegate_http::lenient::{self, List};
use livegate_http::{Format, json, xml};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Inquiry {
    #[serde(deserialize_with = "lenient::text")]
    customer_id: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    balance: Option<Amount>,
    #[serde(deserialize_with = "lenient::flag")]
    on_hold: Option<bool>,
    #[serde(deserialize_with = "lenient::list")]
    invoices: Option<Vec<Invoice>>,
    #[serde(deserialize_with = "lenient::structure")]
    last_payment: Option<Payment>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Invoice {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::amount")]
    amount: Option<Amount>,
    #[serde(deserialize_with = "lenient::list")]
    instalments: Option<Vec<Instalment>>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Instalment {
    #[serde(rename = "id", deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(rename = "Amount", deserialize_with = "lenient::amount")]
    amount: Option<Amount>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Payment {
    #[serde(deserialize_with = "lenient::amount")]
    payment_amount: Option<Amount>,
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn amount(text: &str) -> Option<Amount> {
    Some(text.parse().unwrap())
}

fn malformed<T: DeserializeOwned + std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    assert!(std::error::Error::source(&error).is_none(), "a source may quote values");
    error.message().to_owned()
}

const JSON: &str = r#"[ {
    "customerid": " C1 ", "Balance": 5.0, "ONHOLD": true, "NotOurs": {"Id": [1, {"x": null}], "Balance": "x"},
    "Invoices": [
        {"Id": "I\u002d1", "Amount": "7.50", "Instalments": [{"Id": 17, "AMOUNT": -0.005}, {}]},
        {"Id": 1000000000000000000000000000000002, "Amount": null, "Instalments": []}
    ],
    "LastPayment": {"PaymentAmount": "1E+3"}
}, {"CustomerId": null, "Balance": " ", "OnHold": "", "Invoices": null, "LastPayment": null}, {} ]"#;

const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!-- a comment --><?pi x?>
<a:ArrayOfInquiry xmlns:a="http://schemas.example/models" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
  <a:Inquiry z="1">
    <a:customerid> C1 </a:customerid><Balance>5<!-- . -->.0</Balance><ONHOLD>True</ONHOLD>
    <NotOurs><Id>1<x i:nil="true"/></Id><Balance>x</Balance></NotOurs>
    <Invoices>
      <Invoice><Id>I&#x2d;<![CDATA[1]]></Id><Amount>7.50</Amount>
        <Instalments><InvoiceInstalment><Id>17</Id><AMOUNT>-0.005</AMOUNT></InvoiceInstalment><Other/></Instalments></Invoice>
      <Invoice><Id>1000000000000000000000000000000002</Id><Amount i:nil="true"/><Instalments></Instalments></Invoice>
    </Invoices>
    <LastPayment><PaymentAmount>1E+3</PaymentAmount></LastPayment>
  </a:Inquiry>
  <Inquiry><CustomerId xmlns:odd="http://www.w3.org/2001/XMLSchema-instance" odd:nil="1">kept out</CustomerId>
    <Balance> </Balance><OnHold/><Invoices i:nil="true"></Invoices><LastPayment i:nil='true'/></Inquiry>
  <Inquiry/>
</a:ArrayOfInquiry>
<!-- the end -->
"#;

#[test]
fn json_and_xml_decode_to_equal_values() {
    let expected = vec![
        Inquiry {
            customer_id: some("C1"),
            balance: amount("5.0"),
            on_hold: Some(true),
            invoices: Some(vec![
                Invoice {
                    id: some("I-1"),
                    amount: amount("7.50"),
                    instalments: Some(vec![
                        Instalment { id: some("17"), amount: amount("-0.005") },
                        Instalment::default(),
                    ]),
                },
                Invoice { id: some("1000000000000000000000000000000002"), amount: None, instalments: Some(vec![]) },
            ]),
            last_payment: Some(Payment { payment_amount: amount("1000") }),
        },
        Inquiry::default(),
        Inquiry::default(),
    ];
    let List::<Inquiry>(from_json) = json(JSON.as_bytes()).unwrap();
    let List::<Inquiry>(from_xml) = xml(XML.as_bytes(), "ArrayOfInquiry").unwrap();
    assert_eq!(from_json, expected);
    assert_eq!(from_xml, expected);
    let with_mark = |text: &str| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    assert_eq!(Format::Json.decode::<List<Inquiry>>(&with_mark(JSON), "").unwrap().0, expected);
    assert_eq!(Format::Xml.decode::<List<Inquiry>>(&with_mark(XML), "arrayofinquiry").unwrap().0, expected);
}

#[test]
fn amounts_keep_every_digit() {
    for (sent, kept) in [
        ("0.10", "0.10"),
        ("283.92", "283.92"),
        ("1234567890123456.78", "1234567890123456.78"),
        ("-0.005", "-0.005"),
        ("5", "5"),
        ("1.2500", "1.25"),
        ("1e2", "100"),
        ("9999999999999999999999999999", "9999999999999999999999999999"),
    ] {
        let numbers = [
            json::<Payment>(format!("{{\"PaymentAmount\":{sent}}}").as_bytes()),
            json(format!("{{\"PaymentAmount\" : \" {sent} \"}}").as_bytes()),
            xml(format!("<P><PaymentAmount>\n{sent}\n</PaymentAmount></P>").as_bytes(), "P"),
        ];
        for number in numbers {
            assert_eq!(number.unwrap().payment_amount.unwrap().to_string(), kept);
        }
    }
    for sent in ["12345678901234567890123456789", "0.12345678901234567890123456789", "1e40"] {
        let problem = "PaymentAmount is not a number of at most 28 digits";
        assert!(malformed(json::<Payment>(format!("{{\"PaymentAmount\":{sent}}}").as_bytes())).ends_with(problem));
        let document = format!("<P><PaymentAmount>{sent}</PaymentAmount></P>");
        assert!(malformed(xml::<Payment>(document.as_bytes(), "P")).ends_with(problem));
    }
}

#[test]
fn a_wrong_type_is_told_by_its_place_and_never_by_its_value() {
    for (json_value, xml_value, place) in [
        (r#"[{"Balance": "secret"}]"#, "<Q><Balance>secret</Balance></Q>", "[0].Balance is not a number"),
        (r#"[{"Balance": "1 000"}]"#, "<Q><Balance>1 000</Balance></Q>", "[0].Balance is not a number"),
        (r#"[{"Balance": [1]}]"#, "<Q><Balance><x/></Balance></Q>", "[0].Balance is not a number"),
        (r#"[{"Balance": {}}]"#, "<Q><Balance>1<x/>2</Balance></Q>", "[0].Balance is not a number"),
        (r#"[{}, {"OnHold": 2}]"#, "<Q/><Q><OnHold>2</OnHold></Q>", "[1].OnHold is not true or false"),
        (r#"[{"OnHold": "yes"}]"#, "<Q><OnHold>yes</OnHold></Q>", "[0].OnHold is not true or false"),
        (
            r#"[{"Invoices": [{}, {"Amount": "secret"}]}]"#,
            "<Q><Invoices><I/><I><Amount>secret</Amount></I></Invoices></Q>",
            "[0].Invoices[1].Amount is not a number",
        ),
        (
            r#"[{"Invoices": [{"Instalments": [{}, {}, {"Amount": "x"}]}]}]"#,
            "<Q><Invoices><I><Instalments><a/><b/><c><amount>x</amount></c></Instalments></I></Invoices></Q>",
            "[0].Invoices[0].Instalments[2].Amount is not a number",
        ),
        (
            r#"[{"lastpayment": {"PAYMENTAMOUNT": "secret"}}]"#,
            "<Q><lastpayment><PAYMENTAMOUNT>secret</PAYMENTAMOUNT></lastpayment></Q>",
            "[0].LastPayment.PaymentAmount is not a number",
        ),
        (r#"[{"Invoices": "secret"}]"#, "<Q><Invoices>secret</Invoices></Q>", "[0].Invoices is not a list"),
        (
            r#"[{"LastPayment": "secret"}]"#,
            "<Q><LastPayment>secret</LastPayment></Q>",
            "[0].LastPayment is not an object",
        ),
        (r#"["secret"]"#, "<Q>secret</Q>", "[0] is not an object"),
        (r#"[null]"#, "<Q i:nil='true'/>", "[0] is not an object"),
        (
            r#"[{"CustomerId": {"a": "secret"}}]"#,
            "<Q><CustomerId><a>secret</a></CustomerId></Q>",
            "[0].CustomerId is not a text",
        ),
        (
            r#"[{"CustomerId": "secret", "CUSTOMERID": "secret"}]"#,
            "<Q><CustomerId>secret</CustomerId><CUSTOMERID>secret</CUSTOMERID></Q>",
            "[0] has CustomerId more than once",
        ),
        (r#""secret""#, "secret", "the whole is not a list"),
    ] {
        let document = format!("<List>{xml_value}</List>");
        for message in [
            malformed(json::<List<Inquiry>>(json_value.as_bytes())),
            malformed(xml::<List<Inquiry>>(document.as_bytes(), "List")),
        ] {
            assert!(message.contains(place), "{message} / {place}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
    for wrong in [r#"[{"CustomerId": true}]"#, r#"[{"CustomerId": ["a"]}]"#, r#"[{"CustomerId": "\ud800"}]"#] {
        assert!(malformed(json::<List<Inquiry>>(wrong.as_bytes())).contains("[0].CustomerId is not a text"), "{wrong}");
    }
}

#[test]
fn texts_and_flags_in_all_their_spellings() {
    #[derive(Debug, Deserialize)]
    struct Leaves {
        #[serde(default, deserialize_with = "lenient::text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "lenient::flag")]
        flag: Option<bool>,
    }
    for (sent, text) in [
        (r#""a\n\"b\" ü""#, some("a\n\"b\" ü")),
        ("1.50", some("1.50")),
        ("-7", some("-7")),
        (r#""\ud83d\ude00""#, some("😀")),
        (r#""  ""#, None),
        (r#""\t""#, None),
        ("null", None),
    ] {
        assert_eq!(json::<Leaves>(format!("{{\"text\": {sent} }}").as_bytes()).unwrap().text, text, "{sent}");
    }
    for (sent, text) in [
        ("a &amp; b &lt;&#65;&#x1F600;&gt; &quot;&apos;", some("a & b <A😀> \"'")),
        ("<![CDATA[<b>]]> &amp;<![CDATA[&amp;]]>", some("<b> &&amp;")),
        ("true", some("true")),
        ("  ", None),
        ("&#32;", None),
        ("<!-- nothing -->", None),
    ] {
        assert_eq!(xml::<Leaves>(format!("<L><text>{sent}</text></L>").as_bytes(), "L").unwrap().text, text, "{sent}");
    }
    for (sent, flag) in [
        ("true", Some(true)),
        ("\"TRUE\"", Some(true)),
        ("\"True\"", Some(true)),
        ("1", Some(true)),
        ("\"1\"", Some(true)),
        ("false", Some(false)),
        ("\"False\"", Some(false)),
        ("0", Some(false)),
        ("\"0\"", Some(false)),
        ("\" \"", None),
        ("null", None),
    ] {
        assert_eq!(json::<Leaves>(format!("{{\"flag\":{sent}}}").as_bytes()).unwrap().flag, flag, "{sent}");
        if sent != "null" {
            let document = format!("<L><FLAG> {} </FLAG></L>", sent.trim_matches('"'));
            assert_eq!(xml::<Leaves>(document.as_bytes(), "L").unwrap().flag, flag, "{sent}");
        }
    }
    assert_eq!(json::<Leaves>(b"{}").unwrap().flag, None);
}

#[test]
fn only_the_attribute_nil_with_a_prefix_makes_nil() {
    for (attributes, value) in [
        (r#"i:nil="true""#, None),
        (r#"xsi:nil="1""#, None),
        ("p9:nil = ' true '", None),
        (r#"a="1" b:c="2" i:nil="true""#, None),
        (r#"i:nil="false""#, amount("5")),
        (r#"i:nil="0""#, amount("5")),
        (r#"nil="true""#, amount("5")),
        (r#"xmlns:nil="true""#, amount("5")),
        (r#"i:null="true""#, amount("5")),
        (r#"i:nils="true""#, amount("5")),
        (r#"a="nil" i:b="1""#, amount("5")),
    ] {
        let document = format!("<P><PaymentAmount {attributes}>5</PaymentAmount></P>");
        assert_eq!(xml::<Payment>(document.as_bytes(), "P").unwrap().payment_amount, value, "{attributes}");
    }
}

#[test]
fn maps_and_plain_members_work_in_both() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Plain {
        name: String,
        count: u32,
        live: bool,
        note: Option<String>,
        by_code: BTreeMap<String, Payment>,
    }
    let expected = Plain {
        name: "a".into(),
        count: 3,
        live: true,
        note: None,
        by_code: [("X".to_owned(), Payment { payment_amount: amount("0.10") })].into(),
    };
    let document = r#"{"NAME":"a","Count":3,"live":true,"note":null,"by_code":{"X":{"paymentAMOUNT":0.10}}}"#;
    assert_eq!(json::<Plain>(document.as_bytes()).unwrap(), expected);
    let document = "<P><NAME>a</NAME><Count> 3 </Count><live>true</live><note i:nil='1'/>\
                    <by_code><X><paymentAMOUNT>0.10</paymentAMOUNT></X></by_code></P>";
    assert_eq!(xml::<Plain>(document.as_bytes(), "P").unwrap(), expected);

    for (json_value, xml_value, place) in [
        (r#"{"count": "secret"}"#, "<count>secret</count>", "count is not a whole number"),
        (r#"{"live": "secret"}"#, "<live>secret</live>", "live is not true or false"),
        (r#"{"name": {"a":1}}"#, "<name><a/></name>", "name is not a text"),
        (
            r#"{"by_code": {"secret": {"PaymentAmount": "x"}}}"#,
            "<by_code><secret><PaymentAmount>x</PaymentAmount></secret></by_code>",
            "by_code.*.PaymentAmount is not a number",
        ),
        (r#"{"count": 1}"#, "<count>1</count>", "the whole has no name"),
    ] {
        let document = format!("<P>{xml_value}</P>");
        for message in
            [malformed(json::<Plain>(json_value.as_bytes())), malformed(xml::<Plain>(document.as_bytes(), "P"))]
        {
            assert!(message.contains(place) && !message.contains("secret"), "{message} / {place}");
        }
    }
}

#[test]
fn what_is_no_whole_document_is_malformed() {
    for (body, problem) in [
        ("", "is empty"),
        (" \r\n\t", "is empty"),
        ("\u{feff}", "is empty"),
        ("<!DOCTYPE html><html></html>", "an HTML page instead of JSON"),
        ("\n <HTML lang='en'>", "an HTML page instead of JSON"),
        ("<?xml version='1.0'?><a/>", "XML instead of JSON"),
        ("[{}", "ends in the middle"),
        ("[{\"Balance\": 5", "ends in the middle"),
        ("[{\"Balance\": \"5", "ends in the middle"),
        ("[{\"Balance\"", "ends in the middle"),
        ("[{}] x", "not JSON at line 1, column 6"),
        ("[{}][{}]", "not JSON"),
        ("[{},]", "not JSON"),
        ("[{\"Balance\": 05}]", "not JSON"),
        ("[{\"Balance\": NaN}]", "not JSON"),
        ("{'a': 1}", "is not a list"),
        ("Server error", "not JSON"),
    ] {
        let message = malformed(json::<List<Inquiry>>(body.as_bytes()));
        assert!(message.contains(problem), "{body}: {message}");
    }
    for (body, problem) in [
        ("", "is empty"),
        ("<html><body/></html>", "an HTML page instead of XML"),
        ("<!doctype HTML>", "an HTML page instead of XML"),
        ("[{}]", "instead of XML"),
        ("Server error", "instead of XML"),
        ("<?xml version='1.0'?>", "ends in the middle"),
        ("<List>", "ends in the middle"),
        ("<List><Q>", "ends in the middle"),
        ("<List><Q><Balance>5", "ends in the middle"),
        ("<List><Q><Unknown>5", "ends in the middle"),
        ("<List><Q><Balance>5</Bal", "ends in the middle"),
        ("<List><Q a='", "ends in the middle"),
        ("<List><!-- ", "ends in the middle"),
        ("<List><Q></List>", "a malformed or unmatched tag"),
        ("<List/></List>", "a malformed or unmatched tag"),
        ("<List/><List/>", "a second root element"),
        ("<List/>x", "text outside the root element"),
        ("<?xml version='1.0'?>x<List/>", "text outside the root element"),
        ("<List/>&amp;", "text outside the root element"),
        ("<Error><Message>secret</Message></Error>", "another root element than List"),
        ("<!DOCTYPE List [<!ENTITY a 'b'>]><List/>", "a document type declaration"),
        ("<List><!DOCTYPE a></List>", "a document type declaration"),
        ("<List><Q><CustomerId>&a;</CustomerId></Q></List>", "an unknown entity"),
        ("<List><Q><CustomerId>&#xD800;</CustomerId></Q></List>", "an unknown entity"),
        ("<List><Q><CustomerId>a & b</CustomerId></Q></List>", "malformed"),
        (
            "<?xml version='1.0' encoding='iso-8859-1'?><List><Q><CustomerId>\u{c3}</CustomerId></Q></List>",
            "other than UTF-8",
        ),
    ] {
        let message = malformed(xml::<List<Inquiry>>(body.as_bytes(), "List"));
        assert!(message.contains(problem) && !message.contains("secret"), "{body}: {message}");
    }
    for format in [Format::Json, Format::Xml] {
        for body in [
            b"\xff\xfe[\0]\0".as_slice(),
            b"[{\"CustomerId\": \"\xe9\"}]",
            b"<List><Q><CustomerId>\xe9</CustomerId></Q></List>",
        ] {
            assert!(malformed(format.decode::<List<Inquiry>>(body, "List")).contains("not UTF-8"));
        }
    }
    let ascii = "<?xml version='1.0' encoding='iso-8859-1'?><List/>";
    assert_eq!(xml::<List<Inquiry>>(ascii.as_bytes(), "List").unwrap().0, vec![]);
    let written_as_string = "<?xml version='1.0' encoding='utf-16'?><List><Q><CustomerId>ü</CustomerId></Q></List>";
    assert_eq!(xml::<List<Inquiry>>(written_as_string.as_bytes(), "List").unwrap().0[0].customer_id, some("ü"));
}

#[test]
fn hostile_nesting_is_malformed() {
    #[derive(Debug, Deserialize)]
    struct Nested {
        #[serde(rename = "n")]
        #[expect(dead_code, reason = "only its depth matters")]
        inner: Option<Box<Nested>>,
    }
    let levels = 100_000;
    malformed(json::<Nested>(format!("{}null{}", "{\"n\":".repeat(levels), "}".repeat(levels)).as_bytes()));
    malformed(json::<List<Inquiry>>(format!("[{{\"Balance\":{}", "[".repeat(levels)).as_bytes()));
    malformed(json::<List<Inquiry>>("[".repeat(levels).as_bytes()));
    json::<List<Inquiry>>(format!("[{{\"x\":{}{}}}]", "[".repeat(levels), "]".repeat(levels)).as_bytes()).unwrap();

    let document = |levels: usize| format!("{}{}", "<n>".repeat(levels), "</n>".repeat(levels));
    xml::<Nested>(document(64).as_bytes(), "n").unwrap();
    assert!(malformed(xml::<Nested>(document(65).as_bytes(), "n")).contains("nested too deeply"));
    malformed(xml::<Nested>(document(levels).as_bytes(), "n"));
    let unknown = format!("<P><x>{}</x></P>", document(62));
    xml::<Payment>(unknown.as_bytes(), "P").unwrap();
    let unknown = format!("<P><x>{}</x></P>", document(63));
    malformed(xml::<Payment>(unknown.as_bytes(), "P"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = json::<List<Inquiry>>(&body);
        let _ = xml::<List<Inquiry>>(&body, "List");
    }

    #[test]
    fn arbitrary_markup_never_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "<List>", "</List>", "<Q>", "</Q>", "<Q/>", "<Balance>", "</Balance>", "<Invoices>", "</Invoices>", "5", " ", "&amp;",
        "&#", ";", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "i:nil='1'", "<", ">", "'", "ü", "\0",
        "{", "}", "[", "]", ":", ",", "\"Balance\"", "\"", "\\", "null", "true", "-", "1e9", "\\ud800",
    ]), 0..30)) {
        let body = pieces.concat();
        let _ = json::<List<Inquiry>>(body.as_bytes());
        let _ = xml::<List<Inquiry>>(body.as_bytes(), "List");
        let _ = xml::<List<Inquiry>>(format!("<List><Q>{body}</Q></List>").as_bytes(), "List");
    }

    #[test]
    fn json_is_accepted_exactly_where_serde_accepts_it(body in "[\\[\\]{}:,\"a0-9.eE+\\- ntrufls\\\\]{0,12}") {
        let ours = json::<BTreeMap<String, serde::de::IgnoredAny>>(body.as_bytes()).is_ok();
        let serdes = serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(&body).is_ok();
        prop_assert_eq!(ours, serdes);
    }

    #[test]
    fn any_text_passes_through_both(text in "\\PC{0,40}") {
        #[derive(Debug, Deserialize)]
        struct Leaf { #[serde(deserialize_with = "lenient::text")] text: Option<String> }
        let expected = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let body = serde_json::json!({"text": text}).to_string();
        prop_assert_eq!(&json::<Leaf>(body.as_bytes()).unwrap().text, &expected);
        let body = format!("<L><text>{}</text></L>", quick_xml::escape::escape(&text));
        prop_assert_eq!(&xml::<Leaf>(body.as_bytes(), "L").unwrap().text, &expected);
    }
}

#[test]
fn one_object_in_the_place_of_a_list_is_a_list_of_one() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Lines {
        #[serde(default, deserialize_with = "lenient::one_or_many")]
        lines: Option<Vec<Instalment>>,
    }
    let line = |digits: &str| Instalment { id: some("1"), amount: amount(digits) };
    for (sent, read) in [
        (r#"{"ID": 1, "amount": "2.50", "more": [{}]}"#, Some(vec![line("2.50")])),
        (r#"[ {"id":"1","Amount":3}, {"id":"1","Amount":0.10} ]"#, Some(vec![line("3"), line("0.10")])),
        ("[]", Some(vec![])),
        ("null", None),
    ] {
        assert_eq!(json::<Lines>(format!(r#"{{ "lines": {sent} }}"#).as_bytes()).unwrap().lines, read, "{sent}");
    }
    assert_eq!(json::<Lines>(b"{}").unwrap().lines, None);
    for sent in [r#""SECRET""#, "7", "true", r#"{"Amount":"SECRET"}"#, r#"[{"Amount":"SECRET"}]"#, r#"["SECRET"]"#] {
        let message = malformed(json::<Lines>(format!(r#"{{"lines":{sent}}}"#).as_bytes()));
        assert!(message.contains("lines") && !message.contains("SECRET"), "{message}");
    }
    let text = "<Root><lines><a><id>1</id><Amount>2.50</Amount></a></lines></Root>";
    assert_eq!(xml::<Lines>(text.as_bytes(), "Root").unwrap().lines, Some(vec![line("2.50")]));
}
