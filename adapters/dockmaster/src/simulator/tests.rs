mod logins;
mod newer;
mod payments;
mod work_orders;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use jiff::ToSpan as _;
use quick_xml::events::Event;
use serde_json::value::RawValue;

use super::*;

const INQUIRY: &str = "GET /api/v2/AR/CustomerARInquiry";
const INVOICES: &str = "POST /api/v2/AR/RetrieveInvoices";
const HISTORY: &str = "GET /api/v2/AR/CustomerPaymentHistory";
const WORK_ORDERS: &str = "GET /api/v2/Service/WorkOrders";
const WORK_ORDER_LIST: &str = "POST /api/v2/Service/WorkOrders/RetrieveList";
const JSON: &str = "content-type: application/json";
const SYSTEM: &str = "x-dm_system_id: 7301";
const NEW_INQUIRY: &str = "GET /api/v1/AR/CustomerARInquiry?CustomerId=MARINA01";
const RECORD: &str = "GET /api/v2/Customers/RetrieveCustomer";
const BEARER: &str = "authorization: Bearer dm-demo-token";
const XML: &str = "accept: application/xml";

struct Response {
    status: u16,
    head: String,
    body: String,
}

fn ask(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: erp\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Response { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn running() -> Running {
    start_with(Options { token: None, ..Options::default() }).unwrap()
}

/// The body of `RetrieveList`.
fn wanted(ids: &[&str], detail: bool) -> String {
    serde_json::json!({ "woIds": ids, "detail": detail }).to_string()
}

/// A path of members and positions, and what is written there; null is `None`.
type Leaves = Vec<(String, Option<String>)>;

fn json_leaves(text: &str) -> Leaves {
    fn walk(path: &str, value: &RawValue, leaves: &mut Leaves) {
        let text = value.get();
        let leaf = match text.as_bytes()[0] {
            b'{' => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap();
                return members.iter().for_each(|(name, member)| walk(&format!("{path}/{name}"), member, leaves));
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).unwrap();
                if !items.is_empty() {
                    return (0..).zip(items).for_each(|(index, item)| walk(&format!("{path}/{index}"), item, leaves));
                }
                Some(String::new())
            }
            b'"' => Some(serde_json::from_str(text).unwrap()),
            b'n' => None,
            b't' | b'f' => Some(text.to_owned()),
            _ => {
                assert!(text.contains('.'), "{path}: Json.NET gives every decimal a place, not {text}");
                Some(text.strip_suffix(".0").unwrap_or(text).to_owned())
            }
        };
        leaves.push((path.to_owned(), leaf));
    }
    let mut leaves = Vec::new();
    walk("", serde_json::from_str(text).unwrap(), &mut leaves);
    leaves
}

fn xml_leaves(text: &str) -> Leaves {
    const ITEMS: [&str; 12] = [
        "CustomerARInquiry",
        "Invoice",
        "InvoiceInstallment",
        "CustomerPayment",
        "PaymentDetail",
        "PaymentAction",
        "WorkOrder",
        "WorkOrderListItem",
        "WorkOrderOperation",
        "WorkOrderPart",
        "WorkOrderBilling",
        "string",
    ];
    /// Reads up to the end of the element at `path`.
    fn walk(path: &str, reader: &mut quick_xml::Reader<&[u8]>, leaves: &mut Leaves) {
        let (mut text, mut previous, mut children) = (String::new(), String::new(), 0);
        loop {
            let mut buffer = Vec::new();
            match reader.read_event_into(&mut buffer).unwrap() {
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(name) => {
                    let reference = format!("&{};", name.xml10_content());
                    text.push_str(&quick_xml::escape::unescape(&reference).unwrap());
                }
                event @ (Event::Start(_) | Event::Empty(_)) => {
                    let (Event::Start(tag) | Event::Empty(tag)) = &event else { unreachable!() };
                    let name = tag.local_name().as_ref().to_owned();
                    let item = ITEMS.contains(&name.as_str());
                    assert!(item || previous < name, "{path}: {name} must come before {previous}");
                    let child = if item { format!("{path}/{children}") } else { format!("{path}/{name}") };
                    (previous, children) = (name, children + 1);
                    if matches!(event, Event::Start(_)) {
                        walk(&child, reader, leaves);
                    } else {
                        let nil = tag.attributes().any(|attribute| attribute.unwrap().key.as_ref() == "i:nil");
                        leaves.push((child, (!nil).then(String::new)));
                    }
                }
                Event::End(_) => break,
                other => panic!("{path}: {other:?}"),
            }
        }
        if children == 0 {
            leaves.push((path.to_owned(), Some(text)));
        }
    }
    let mut reader = quick_xml::Reader::from_reader(text.as_bytes());
    let mut leaves = Vec::new();
    match reader.read_event_into(&mut Vec::new()).unwrap() {
        Event::Start(_) => walk("", &mut reader, &mut leaves),
        Event::Empty(_) => leaves.push((String::new(), Some(String::new()))),
        other => panic!("{other:?}"),
    }
    leaves
}

fn assert_same(json: &str, xml: &str) {
    let (mut left, mut right) = (json_leaves(json), xml_leaves(xml));
    left.sort();
    right.sort();
    assert_eq!(left, right);
}

/// The leaves at the end of whose path `name` stands.
fn all(body: &str, name: &str) -> Vec<Option<String>> {
    let end = format!("/{name}");
    json_leaves(body).into_iter().filter(|(path, _)| path.ends_with(&end)).map(|(_, leaf)| leaf).collect()
}

fn texts(body: &str, name: &str) -> Vec<String> {
    all(body, name).into_iter().map(Option::unwrap).collect()
}

#[test]
fn both_formats_say_the_same() {
    let running = running();
    let all = ask(running.address(), INQUIRY, &[], "").body;
    assert!(json_leaves(&all).len() > 500);
    let mut lines = vec![(INQUIRY.to_owned(), String::new())];
    for customer in data::customers(data::today()) {
        let id: String = customer.id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        lines.push((format!("{INQUIRY}?CustomerId={id}"), String::new()));
        lines.push((format!("{RECORD}/{id}"), String::new()));
        lines.push((format!("{HISTORY}?CustomerId={id}"), String::new()));
        lines.push((format!("{WORK_ORDERS}/ListForCustomer?CustId={id}&Status="), String::new()));
        let ids: Vec<_> = customer.invoices.iter().map(|invoice| invoice.id.as_str()).collect();
        let batches = ids.chunks(INVOICES_PER_CALL).map(|ids| serde_json::to_string(ids).unwrap());
        lines.extend(batches.map(|ids| (INVOICES.to_owned(), ids)));
        let ids: Vec<_> = customer.work_orders.iter().map(|order| order.id.as_str()).collect();
        let batches = ids.chunks(WORK_ORDERS_PER_CALL).map(|ids| wanted(ids, true));
        lines.extend(batches.map(|body| (WORK_ORDER_LIST.to_owned(), body)));
    }
    for (line, body) in lines {
        let content = "content-type: application/json";
        let json = ask(running.address(), &line, &[content], &body);
        let xml = ask(running.address(), &line, &[content, XML], &body);
        assert_eq!((json.status, xml.status), (200, 200), "{line}");
        assert!(json.head.contains("content-type: application/json; charset=utf-8"));
        assert!(xml.head.contains("content-type: application/xml; charset=utf-8"));
        assert!(xml.body.contains(r#" xmlns="http://schemas.datacontract.org/2004/07/com.dockmaster.lib.models""#));
        assert_same(&json.body, &xml.body);
    }
}

#[test]
fn the_fixtures_say_the_same_in_both_formats() {
    assert_same(include_str!("../../fixtures/marina.json"), include_str!("../../fixtures/marina.xml"));
    assert_same(include_str!("../../fixtures/customer.json"), include_str!("../../fixtures/customer.xml"));
    assert_same(include_str!("../../fixtures/invoices.json"), include_str!("../../fixtures/invoices.xml"));
}

#[test]
fn members_come_as_on_the_help_page() {
    let body = ask(running().address(), &format!("{INQUIRY}?CustomerId=MARINA01"), &[], "").body;
    let order = [
        r#"[{"CustomerId":"MARINA01","FirstName":"James","LastName":"#,
        r#""CompanyName":"#,
        r#""CurrentBalance":7051.47,"OpenARInvoices":[{"Id":"100231","CustomerId":"MARINA01","Amount":283.92,"InvoiceAmount":283.92,"InvoiceBalance":283.92,"DueDate":"#,
        r#""Description":"Slip rental","LocationCode":"1","UnAppliedPayment":false,"Installments":[]}"#,
        r#""InvoiceBalance":412.0,"#,
        r#""Installments":[{"id":"1","Amount":750.00,"DueDate":"#,
        r#""PendingPayments":[],"LastPayment":{"PaymentActions":[{"Action":"Payment","InvoiceId":"100250","AmountApplied":600.00}],"PaymentDate":"#,
        r#""PaymentAmount":600.00,"PaymentMethod":"VISA","CCLastFour":"4242"}}]"#,
    ];
    let mut rest = body.as_str();
    for part in order {
        rest = &rest[rest.find(part).unwrap_or_else(|| panic!("no {part} in {rest}")) + part.len()..];
    }
    assert!(!body.contains("099500"), "a paid invoice is not open");
}

#[test]
fn a_blank_customer_is_everybody() {
    let running = running();
    let count = data::customers(data::today()).len();
    for query in ["", "?CustomerId=", "?CustomerId=%20&InvoiceDate=", "?customerid="] {
        let answer = ask(running.address(), &format!("{INQUIRY}{query}"), &[], "");
        let entries: Vec<&RawValue> = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(entries.len(), count, "{query}");
    }
}

#[test]
fn an_unknown_customer_is_an_empty_array() {
    let running = running();
    let line = format!("{INQUIRY}?CustomerId=MARINA011");
    assert_eq!(ask(running.address(), &line, &[], "").body, "[]");
    let xml = ask(running.address(), &line, &["accept: text/xml"], "");
    assert!(xml.head.contains("content-type: text/xml"));
    assert!(xml.body.starts_with("<ArrayOfCustomerARInquiry ") && xml.body.ends_with("models\" />"), "{}", xml.body);
}

#[test]
fn names_in_path_and_query_know_no_case_and_ids_are_unescaped() {
    let running = running();
    for (query, owner) in [
        ("customerID=marina01", "MARINA01"),
        ("CUSTOMERID=DOCK+7%2fB", "DOCK 7/B"),
        ("CustomerId=R%26D%2B50%25", "R&D+50%"),
    ] {
        let answer = ask(running.address(), &format!("GET /API/V2/ar/customerarinquiry?{query}"), &[], "");
        assert!(answer.body.starts_with(&format!(r#"[{{"CustomerId":"{owner}""#)), "{query}: {}", answer.body);
    }
    let answer = ask(running.address(), &format!("{RECORD}/DOCK%207%2FB"), &[XML], "");
    assert!(answer.body.contains("<id>DOCK 7/B</id>"));
    assert!(answer.body.contains("<companyName>Brandt &amp; Söhne \"Yachten\" &lt;Kiel&gt;</companyName>"));
}

#[test]
fn the_invoice_date_hides_older_open_invoices_only() {
    let running = running();
    let open = |since: &str| {
        let answer = ask(running.address(), &format!("{INQUIRY}?CustomerId=FLEET08&InvoiceDate={since}"), &[], "");
        assert!(answer.body.contains(r#""CurrentBalance":4840.00"#));
        json_leaves(&answer.body).into_iter().filter(|(path, _)| path.ends_with("/DueDate")).collect::<Leaves>()
    };
    let all = open("");
    let open = |since: &str| open(since).len();
    // An invoice of the fleet is due 30 days after it was written, and each is 5 days older than the one before.
    let third = all[2].1.as_ref().unwrap()[..10].parse::<jiff::civil::Date>().unwrap() - 30.days();
    assert_eq!(all.len(), 40);
    assert_eq!(open(&third.to_string()), 3);
    assert_eq!(open(&third.strftime("%m/%d/%Y").to_string()), 3);
    assert_eq!(open(&(third + 1.day()).to_string()), 2);
    assert_eq!(ask(running.address(), &format!("{INQUIRY}?InvoiceDate=soon"), &[], "").status, 400);
}

#[test]
fn invoices_are_answered_whoever_owns_them() {
    let running = running();
    let xml = r#"<ArrayOfstring xmlns="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><string>100231</string><string>0100231</string><string>R&amp;D+1%2F</string><string>099500</string><string>nobody's</string></ArrayOfstring>"#;
    let json = r#"["100231","0100231","R&D+1%2F","099500","nobody's"]"#;
    for (media_type, body) in [("application/json", json), ("text/xml", xml)] {
        let answer = ask(running.address(), INVOICES, &[&format!("content-type: {media_type}; charset=utf-8")], body);
        let leaves = json_leaves(&answer.body);
        let owners: Vec<_> =
            leaves.iter().filter(|(path, _)| path.ends_with("/CustomerId")).map(|(_, id)| id.as_deref()).collect();
        assert_eq!(owners, [Some("MARINA01"), Some("MARINA01"), Some("MARINA10"), Some("R&D+50%")]);
        assert!(answer.body.contains(r#""Id":"099500","CustomerId":"MARINA01","Amount":0.00,"InvoiceAmount":199.99"#));
    }
    assert_eq!(ask(running.address(), INVOICES, &["content-type: text/json"], "[]").body, "[]");
}

#[test]
fn bad_requests_are_refused_as_asp_net_does() {
    let running = running();
    let json = "content-type: application/json";
    let bodies = [
        (json, ""),
        (json, "{}"),
        (json, "[1001]"),
        (json, "[\"1001\""),
        ("content-type: text/xml", "<ArrayOfstring><string>100231</string></ArrayOfstring>"),
        ("content-type: text/xml", "100231"),
        (
            "content-type: text/xml",
            r#"<Ids xmlns="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><string>100231</string></Ids>"#,
        ),
        (
            "content-type: text/xml",
            r#"<ArrayOfstring xmlns="http://schemas.microsoft.com/2003/10/Serialization/Arrays">"#,
        ),
    ];
    for (header, body) in bodies {
        let answer = ask(running.address(), INVOICES, &[header], body);
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"Message":"The request is invalid."}"#), "{body}");
    }
    assert_eq!(ask(running.address(), INVOICES, &["content-type: text/plain"], "100231").status, 415);
    let answer = ask(running.address(), "GET /api/v2/AR/RetrieveInvoices", &[], "");
    assert_eq!(answer.status, 405);
    assert!(answer.head.contains("allow: post"));
}

#[test]
fn a_wrong_token_is_refused_in_the_format_asked_for() {
    let message = "Authorization has been denied for this request.";
    let wrong: [&[&str]; 3] =
        [&["authorization: Bearer x"], &["authorization: dm-demo-token"], &["authorization: Basic dm-demo-token"]];
    let demo = start().unwrap();
    let guarded = start_with(Options::default()).unwrap();
    for address in [demo.address, guarded.address()] {
        for headers in wrong {
            let json = ask(address, INQUIRY, headers, "");
            assert_eq!((json.status, json.body), (401, format!(r#"{{"Message":"{message}"}}"#)));
            let xml = ask(address, INQUIRY, &[headers, &[XML]].concat(), "");
            assert_eq!((xml.status, xml.body), (401, format!("<Error><Message>{message}</Message></Error>")));
        }
        assert_eq!(ask(address, INQUIRY, &[BEARER], "").status, 200);
    }
    assert_eq!(ask(demo.address, INQUIRY, &[], "").status, 200);
    assert_eq!(ask(guarded.address(), INQUIRY, &[], "").status, 401);
    assert_eq!(ask(running().address(), INQUIRY, wrong[0], "").status, 200);
}

#[test]
fn what_is_not_there_is_not_found_in_its_own_words() {
    let bare = start_with(Options { token: None, no_customer_records: true, ..Options::default() }).unwrap();
    let running = running();
    let unknown = ask(running.address(), &format!("{RECORD}/nobody"), &[], "");
    assert_eq!((unknown.status, unknown.body.as_str()), (404, r#"{"Message":"Customer 'nobody' was not found."}"#));
    let missing = ask(bare.address(), &format!("{RECORD}/MARINA01"), &[], "");
    assert_eq!(missing.status, 404);
    assert_eq!(
        missing.body,
        concat!(
            r#"{"Message":"No HTTP resource was found that matches the request URI "#,
            r#"'http://erp/api/v2/Customers/RetrieveCustomer/MARINA01'.","#,
            r#""MessageDetail":"No action was found on the controller 'Customers' that matches the request."}"#
        )
    );
    for path in [
        "/",
        "/api/v2/AR",
        "/api/v3/AR/CustomerARInquiry",
        "/api/v2/Customers/RetrieveCustomer",
        "/api/v2/AR%2FCustomerARInquiry",
        "/auth/token/refresh/",
        "/api/v2/Customers/RetrieveCustomer/",
        "/x/api/v2/AR/CustomerARInquiry",
    ] {
        let answer = ask(running.address(), &format!("GET {path}"), &[XML], "");
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.starts_with("<Error><Message>No HTTP resource was found"), "{path}: {}", answer.body);
    }
}

#[test]
fn faults_are_played_and_calls_counted() {
    let everybody = start_with(Options { token: None, everybody: true, ..Options::default() }).unwrap();
    let one = format!("{INQUIRY}?CustomerId=MARINA01");
    let all = ask(everybody.address(), &one, &[], "").body;
    assert!(all.contains(r#""CustomerId":"MARINA10""#) && all.contains(r#""CustomerId":"EMPTY04""#));

    let foreign = start_with(Options { token: None, foreign: true, ..Options::default() }).unwrap();
    let other = ask(foreign.address(), &one, &[], "").body;
    assert!(other.contains(r#""CustomerId":"MARINA10""#) && !other.contains("MARINA01"));
    assert!(ask(foreign.address(), &format!("{RECORD}/MARINA01"), &[], "").body.starts_with(r#"{"id":"MARINA10""#));

    let delay = Duration::from_millis(50);
    let slow = start_with(Options { delay, ..Options::default() }).unwrap();
    let begun = Instant::now();
    assert_eq!(ask(slow.address(), INQUIRY, &[], "").status, 401);
    assert!(begun.elapsed() >= delay);
    assert_eq!(slow.calls(Endpoint::CustomerArInquiry), 1, "a refused request counts");

    let running = running();
    running.fail_next_of(Endpoint::RetrieveCustomer, 1, 503);
    let record = format!("{RECORD}/MARINA01");
    assert_eq!(ask(running.address(), &one, &[], "").status, 200);
    assert_eq!(ask(running.address(), &record, &[], "").status, 503);
    assert_eq!(ask(running.address(), &record, &[], "").status, 200);
    running.fail_next(2, 500);
    assert_eq!(ask(running.address(), &one, &[], "").body, r#"{"Message":"An error has occurred."}"#);
    assert_eq!(ask(running.address(), INVOICES, &["content-type: application/json"], "[]").status, 500);
    assert_eq!(ask(running.address(), &one, &[], "").status, 200);
    let calls = [Endpoint::CustomerArInquiry, Endpoint::RetrieveCustomer, Endpoint::RetrieveInvoices];
    assert_eq!(calls.map(|endpoint| running.calls(endpoint)), [3, 2, 1]);
}

#[test]
fn dropping_it_frees_the_port() {
    let running = running();
    let address = running.address();
    assert_eq!(ask(address, INQUIRY, &[], "").status, 200);
    drop(running);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn every_balance_is_the_sum_of_the_open_invoices() {
    let thousandths = |digits: &str| -> i128 {
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        format!("{whole}{places:0<3}").parse().unwrap()
    };
    let all = ask(running().address(), INQUIRY, &[], "").body;
    let mut sums = BTreeMap::<String, i128>::new();
    for (path, leaf) in json_leaves(&all) {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let amount = || thousandths(leaf.as_deref().unwrap());
        match parts[..] {
            [entry, "CurrentBalance"] => *sums.entry(entry.to_owned()).or_default() -= amount(),
            [entry, "OpenARInvoices", _, "InvoiceBalance"] => *sums.entry(entry.to_owned()).or_default() += amount(),
            _ => {}
        }
    }
    assert_eq!(sums.len(), data::customers(data::today()).len());
    // One open invoice of a cent comes twice, and is owed once.
    let unequal: Vec<i128> = sums.into_values().filter(|sum| *sum != 0).collect();
    assert_eq!(unequal, [10]);
}

#[test]
fn due_dates_keep_their_distance_from_today() {
    let days = [
        "2026-03-22T00:00:00",
        "2026-02-15T00:00:00",
        "2026-01-16T00:00:00",
        "12/22/2025",
        "2025-09-13T00:00:00",
        "2026-04-15T00:00:00",
    ];
    let customers = data::customers(jiff::civil::date(2026, 4, 1));
    let document = rendering::Document {
        root: "",
        namespace: None,
        value: customers[0].inquiry(None, Generation::V2, jiff::civil::date(2026, 4, 1)),
    };
    let body = rendering::render(&document, rendering::Format::Json);
    let due: Vec<_> = json_leaves(&body).into_iter().filter(|(path, _)| path.ends_with("/DueDate")).collect();
    for (index, day) in days.into_iter().enumerate() {
        assert!(due.contains(&(format!("/OpenARInvoices/{index}/DueDate"), Some(day.to_owned()))), "{day}: {due:?}");
    }
}
