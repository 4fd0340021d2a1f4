//! What OData services are asked, so that no text leaves its quotes, and how their pages are read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderName;
use jiff::Timestamp;
use jiff::civil::date;
use livegate_core::{Amount, CallContext, ErrorKind, Result};
use livegate_http::odata::{Days, Dialect, Filter, Literal, Query};
use livegate_http::{Auth, Endpoint, ODataList, ODataPage, ODataPaging, PageSize, Request, read_odata, transport_to};
use proptest::prelude::*;

use crate::endpoint::Recorder;
use crate::server::{Server, Then, ok};

const V3: Dialect = Dialect::V3;
const V4: Dialect = Dialect::V4;
/// A service of version 4 that wants days as texts.
const TEXT_DAYS: Dialect = Dialect { days: Days::Text, ..V4 };

fn context() -> CallContext {
    CallContext::new("odata", Duration::from_secs(10))
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The address that a request to `https://erp.example/s` below its root has.
fn address(make: impl FnOnce(&Endpoint) -> Request<'_>) -> Result<String> {
    let recorder = Recorder::answering(200);
    let endpoint = Endpoint::new("https://erp.example/s", Auth::None, "application/json", recorder.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(make(&endpoint).send(&context()))?;
    Ok(recorder.last().uri().to_string().strip_prefix("https://erp.example/s").unwrap().to_owned())
}

#[test]
fn each_type_of_value_is_written_as_the_dialect_wants_it() {
    for (value, v3, v4) in [
        (Literal::Null, "null", "null"),
        (Literal::from("C20000"), "'C20000'", "'C20000'"),
        (Literal::from(""), "''", "''"),
        (Literal::from("O'Brien"), "'O''Brien'", "'O''Brien'"),
        (Literal::from("x' or Nbr ne '"), "'x'' or Nbr ne '''", "'x'' or Nbr ne '''"),
        (Literal::from(16722), "16722", "16722"),
        (Literal::from(-7), "-7", "-7"),
        (Literal::from(3_000_000_000), "3000000000L", "3000000000"),
        (Literal::from(amount("-12.50")), "-12.50M", "-12.50"),
        (
            Literal::from(amount("1234567890123456789012345678")),
            "1234567890123456789012345678M",
            "1234567890123456789012345678",
        ),
        (Literal::from(true), "true", "true"),
        (Literal::from(date(2024, 12, 31)), "datetime'2024-12-31T00:00:00'", "2024-12-31"),
        (
            Literal::from(instant("2024-12-31T08:00:00+09:00")),
            "datetimeoffset'2024-12-30T23:00:00Z'",
            "2024-12-30T23:00:00Z",
        ),
        // The end of a day has more decimals than OData 3 reads.
        (
            Literal::from(instant("2024-12-31T23:59:59.999999999Z")),
            "datetimeoffset'2024-12-31T23:59:59.9999999Z'",
            "2024-12-31T23:59:59.9999999Z",
        ),
        (
            Literal::from(instant("1969-12-31T23:59:59.25Z")),
            "datetimeoffset'1969-12-31T23:59:59.25Z'",
            "1969-12-31T23:59:59.25Z",
        ),
    ] {
        assert_eq!((value.written(V3).as_str(), value.written(V4).as_str()), (v3, v4), "{value:?}");
    }
    let day = Literal::Day(date(2024, 12, 31));
    assert_eq!(day.written(TEXT_DAYS), "'2024-12-31'");
    assert_eq!(day.written(Dialect { days: Days::DateTimeOffset, ..V3 }), "datetimeoffset'2024-12-31'");
}

#[test]
fn conditions_are_combined_so_that_nobody_has_to_know_which_binds_closer() {
    let is = |property, value: i64| Filter::eq(property, value);
    let in_status = |status| Filter::eq("DocumentStatus", status);
    let since = Some(date(2024, 1, 31));
    let listed = Filter::eq("CardCode", "C1")
        .and(since.map(|day| Filter::ge("DocDate", day)))
        .and(None)
        .and(Filter::any(in_status("bost_Open"), [in_status("bost_Close")]));
    assert_eq!(
        listed.written(TEXT_DAYS),
        "CardCode eq 'C1' and DocDate ge '2024-01-31' and (DocumentStatus eq 'bost_Open' or DocumentStatus eq 'bost_Close')"
    );
    for (filter, written) in [
        (is("A", 1).and(is("B", 2)).and(is("C", 3)), "A eq 1 and B eq 2 and C eq 3"),
        (is("A", 1).or(is("B", 2)).or(is("C", 3)), "A eq 1 or B eq 2 or C eq 3"),
        (is("A", 1).and(is("B", 2)).or(is("C", 3)), "(A eq 1 and B eq 2) or C eq 3"),
        (is("A", 1).or(is("B", 2)).and(is("C", 3)), "(A eq 1 or B eq 2) and C eq 3"),
        (is("A", 1).and(is("B", 2).and(is("C", 3))), "A eq 1 and B eq 2 and C eq 3"),
        (Filter::ne("A", 1), "A ne 1"),
        (Filter::gt("A", 1).and(Filter::le("A", 5)), "A gt 1 and A le 5"),
        (Filter::lt("A/B", false), "A/B lt false"),
    ] {
        assert_eq!(filter.written(V4), written);
    }
    // One of one is that one: where there are no others, it is not met by all.
    assert_eq!(is("A", 1).and(Filter::any(is("B", 2), [])).written(V4), "A eq 1 and B eq 2");
}

#[test]
fn options_are_asked_for_under_the_names_of_their_version() {
    let query = |dialect| {
        Query::new(dialect)
            .filter(Filter::eq("Customer", "R&D 50%/+"))
            .select(&["Nbr", "Details/Item"])
            .expand(&["Details", "Main/Address"])
            .order_by(&["Date desc", "Nbr desc"])
            .top(50)
            .skip(100)
            .count()
    };
    let common = "/Orders?$filter=Customer%20eq%20%27R%26D%2050%25%2F%2B%27&$select=Nbr%2CDetails%2FItem\
                  &$expand=Details%2CMain%2FAddress&$orderby=Date%20desc%2CNbr%20desc&$top=50&$skip=100";
    for (dialect, count) in [(V3, "&$inlinecount=allpages"), (V4, "&$count=true")] {
        assert_eq!(
            address(|endpoint| endpoint.get(&["Orders"]).odata(&query(dialect))).unwrap(),
            format!("{common}{count}")
        );
    }
    assert_eq!(address(|endpoint| endpoint.get(&["Orders"]).odata(&Query::new(V4))).unwrap(), "/Orders");
    let asked = address(|endpoint| {
        // What is asked beside the options stays what it is.
        endpoint.get(&["x"]).query("a", "b").odata(&Query::new(V4).top(1)).query("c", "d")
    });
    assert_eq!(asked.unwrap(), "/x?a=b&$top=1&c=d");
}

#[test]
fn a_key_stays_within_its_parentheses() {
    let keyed = |value: Literal<'_>| address(|endpoint| endpoint.get(&["Partners"]).key(V4, value)).unwrap();
    assert_eq!(keyed(Literal::Integer(16722)), "/Partners(16722)");
    assert_eq!(keyed("C1".into()), "/Partners('C1')");
    assert_eq!(keyed("O'Brien/(x)&?#".into()), "/Partners('O%27%27Brien%2F%28x%29%26%3F%23')");
    assert_eq!(keyed("".into()), "/Partners('')");
    assert_eq!(keyed("..".into()), "/Partners('..')");
    let composite = |dialect| {
        let parts =
            [("Type", Literal::Text("SO")), ("Line", Literal::Integer(-2)), ("On", Literal::Day(date(2024, 1, 2)))];
        address(|endpoint| endpoint.get(&["Lines"]).composite_key(dialect, &parts).query("a", "b")).unwrap()
    };
    assert_eq!(composite(V4), "/Lines(Type='SO',Line=-2,On=2024-01-02)?a=b");
    assert_eq!(composite(V3), "/Lines(Type='SO',Line=-2,On=datetime'2024-01-02T00%3A00%3A00')?a=b");
    for misplaced in [
        address(|endpoint| endpoint.get(&["x"]).query("a", "b").key(V4, 1)),
        address(|endpoint| endpoint.get(&[]).key(V4, 1)),
    ] {
        assert_eq!(misplaced.unwrap_err().kind(), ErrorKind::Internal);
    }
}

/// A condition as whoever reads it understands it; nested ones of a kind are one.
#[derive(Clone, Debug, PartialEq)]
enum Read {
    Compares(String, String, String),
    All(Vec<Read>),
    Any(Vec<Read>),
}

const PROPERTIES: [&str; 3] = ["Customer", "Details/Item", "Nbr"];

fn conditions() -> impl Strategy<Value = Read> {
    let text = prop_oneof!["\\PC{0,12}", "['()%&=+#/?\\\\ \r\n\0]{0,8}", "x?' (or|and|eq) '?y", any::<String>()];
    let leaf = (0..3_usize, 0..6_usize, text).prop_map(|(property, comparison, text)| {
        Read::Compares(PROPERTIES[property].into(), ["eq", "ne", "ge", "gt", "le", "lt"][comparison].into(), text)
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Read::All),
            prop::collection::vec(inner, 1..4).prop_map(Read::Any),
        ]
    })
}

fn built(condition: &Read) -> Filter<'_> {
    match condition {
        Read::Compares(property, comparison, text) => {
            let property = PROPERTIES.into_iter().find(|known| known == property).unwrap();
            let text = text.as_str();
            match comparison.as_str() {
                "eq" => Filter::eq(property, text),
                "ne" => Filter::ne(property, text),
                "ge" => Filter::ge(property, text),
                "gt" => Filter::gt(property, text),
                "le" => Filter::le(property, text),
                _ => Filter::lt(property, text),
            }
        }
        Read::All(parts) => parts.iter().map(built).reduce(Filter::and).unwrap(),
        Read::Any(parts) => parts.iter().map(built).reduce(Filter::or).unwrap(),
    }
}

/// One of one is that one, and all of all are all.
fn plain(condition: Read) -> Read {
    let flat = |parts: Vec<Read>, is_all: bool| {
        let mut flat = Vec::new();
        for part in parts.into_iter().map(plain) {
            match part {
                Read::All(parts) if is_all => flat.extend(parts),
                Read::Any(parts) if !is_all => flat.extend(parts),
                part => flat.push(part),
            }
        }
        if flat.len() == 1 {
            flat.remove(0)
        } else if is_all {
            Read::All(flat)
        } else {
            Read::Any(flat)
        }
    };
    match condition {
        Read::All(parts) => flat(parts, true),
        Read::Any(parts) => flat(parts, false),
        leaf @ Read::Compares(..) => leaf,
    }
}

/// A reader of filters that knows nothing of how they were written.
struct Reader<'a>(&'a [char]);

impl Reader<'_> {
    fn any(&mut self) -> Option<Read> {
        let mut parts = vec![self.all()?];
        while self.eats(" or ") {
            parts.push(self.all()?);
        }
        Some(Read::Any(parts))
    }

    fn all(&mut self) -> Option<Read> {
        let mut parts = vec![self.one()?];
        while self.eats(" and ") {
            parts.push(self.one()?);
        }
        Some(Read::All(parts))
    }

    fn one(&mut self) -> Option<Read> {
        if self.eats("(") {
            let inner = self.any()?;
            return self.eats(")").then_some(inner);
        }
        let property = PROPERTIES.into_iter().find(|property| self.eats(property))?;
        let comparison = [" eq ", " ne ", " ge ", " gt ", " le ", " lt "].into_iter().find(|word| self.eats(word))?;
        Some(Read::Compares(property.into(), comparison.trim().into(), self.text()?))
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        if !self.eats("'") {
            return None;
        }
        loop {
            if self.eats("''") {
                text.push('\'');
            } else if self.eats("'") {
                return Some(text);
            } else {
                let (first, rest) = self.0.split_first()?;
                text.push(*first);
                self.0 = rest;
            }
        }
    }

    fn eats(&mut self, word: &str) -> bool {
        let word: Vec<char> = word.chars().collect();
        match self.0.strip_prefix(&word[..]) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }
}

/// Percent-coding undone byte by byte.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            assert!(byte.is_ascii_graphic(), "{text:?}");
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

proptest! {
    /// Whoever takes the address apart finds the condition that was meant, and nothing else.
    #[test]
    fn nothing_leaves_its_quotes(condition in conditions(), is_v3: bool) {
        let dialect = if is_v3 { V3 } else { V4 };
        let query = Query::new(dialect).filter(built(&condition)).top(7);
        let address = address(|endpoint| endpoint.get(&["Orders"]).odata(&query)).unwrap();
        prop_assert!(!address.contains('#'));
        let (path, asked) = address.split_once('?').unwrap();
        prop_assert_eq!(path, "/Orders");
        let parameters: Vec<_> = asked.split('&').map(|one| one.split_once('=').unwrap()).collect();
        prop_assert_eq!(parameters.len(), 2, "{}", address);
        prop_assert_eq!((parameters[0].0, parameters[1]), ("$filter", ("$top", "7")));
        let written: Vec<char> = decoded(parameters[0].1).chars().collect();
        let mut reader = Reader(&written);
        let read = reader.any();
        prop_assert!(reader.0.is_empty(), "{:?} is left of {:?}", reader.0, written);
        prop_assert_eq!(read.map(plain), Some(plain(condition)));
    }

    /// The same of a key: the path has two segments, and the second one is the list's name with the text in its quotes.
    #[test]
    fn no_key_leaves_its_segment(text in prop_oneof!["['()%&=+#/?\\\\. ]{0,8}", any::<String>()]) {
        let address = address(|endpoint| endpoint.get(&["Lists", "Partners"]).key(V4, text.as_str())).unwrap();
        prop_assert!(!address.contains(['?', '#']));
        let segments: Vec<_> = address.split('/').collect();
        prop_assert_eq!((segments.len(), segments[1]), (3, "Lists"));
        let key = segments[2].strip_prefix("Partners(").and_then(|key| key.strip_suffix(')')).unwrap();
        // Also for a server that looks for the quotes before it decodes.
        prop_assert!(!key[1..key.len() - 1].contains(['\'', '(', ')', ',']));
        let written: Vec<char> = decoded(key).chars().collect();
        let mut reader = Reader(&written);
        prop_assert_eq!((reader.text(), reader.0.len()), (Some(text), 0));
    }
}

fn page_of(rows: std::ops::Range<u32>, rest: &str) -> String {
    let rows: Vec<String> = rows.map(|row| row.to_string()).collect();
    format!("{{{rest}\"value\":[{}]}}", rows.join(","))
}

fn connected(server: &Server) -> Endpoint {
    let transport = transport_to(&["127.0.0.1"]).unwrap();
    Endpoint::new(&server.url("/b/v2/"), Auth::None, "application/json", transport).unwrap()
}

/// Reads `Orders` of customer `R&D #1` at a server that answers what `respond` makes of the request line.
async fn read(
    dialect: Dialect,
    paging: ODataPaging,
    respond: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (Result<Vec<u32>>, Vec<String>) {
    let answer = move |request: &str| ok("", respond(request.lines().next().unwrap()).as_bytes());
    let server = Server::responding(answer, Then::KeepAlive).await;
    let endpoint = connected(&server);
    let query = Query::new(dialect).filter(Filter::eq("C", "R&D #1")).order_by(&["N"]).count();
    let list = ODataList { endpoint: &endpoint, path: &["Orders"], query, paging };
    let cx = context();
    let rows = read_odata(&cx, "orders", 100, &list, |request| request.send(&cx)).await;
    (rows, server.requests())
}

const FIRST: &str = "/b/v2/Orders?$filter=C%20eq%20%27R%26D%20%231%27&$orderby=N&$count=true";

fn lines(requests: &[String]) -> Vec<&str> {
    requests.iter().map(|request| request.lines().next().unwrap().split(' ').nth(1).unwrap()).collect()
}

#[tokio::test]
async fn links_are_followed_as_they_are_written() {
    let encoded = "$filter=C%20eq%20%27R%26D%20%231%27&$skip=20";
    for (link, followed) in [
        (format!("Orders?{encoded}"), format!("/b/v2/Orders?{encoded}")),
        (format!("/b/v2/Orders?{encoded}"), format!("/b/v2/Orders?{encoded}")),
        (format!("?{encoded}"), format!("/b/v2/Orders?{encoded}")),
        // Without encoding, as much as can be understood.
        ("Orders?$filter=C eq 'A #1'&$skip=20".into(), "/b/v2/Orders?$filter=C%20eq%20%27A%20%231%27&$skip=20".into()),
    ] {
        let (rows, requests) = read(V4, ODataPaging::ByLink(None), move |line| {
            if line.contains("$skip=20") {
                page_of(20..25, "")
            } else {
                page_of(0..20, &format!("\"@odata.nextLink\":\"{link}\","))
            }
        })
        .await;
        assert_eq!(rows.unwrap(), (0..25).collect::<Vec<_>>());
        assert_eq!(lines(&requests), [FIRST, &followed]);
    }
    // A whole address, with the server's own name.
    let (rows, requests) = {
        let own = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&own);
        let answer = move |request: &str| {
            let page = match request.contains("$skiptoken") {
                true => page_of(20..21, ""),
                false => page_of(0..20, &format!("\"odata.nextLink\":\"{}\",", told.lock().unwrap())),
            };
            ok("", page.as_bytes())
        };
        let server = Server::responding(answer, Then::KeepAlive).await;
        *own.lock().unwrap() = server.url("/b/v2/Orders?$skiptoken=a%2Fb");
        let endpoint = connected(&server);
        let list = ODataList {
            endpoint: &endpoint,
            path: &["Orders"],
            query: Query::new(V3),
            paging: ODataPaging::ByLink(None),
        };
        let cx = context();
        (read_odata::<u32, _, _>(&cx, "orders", 100, &list, |request| request.send(&cx)).await, server.requests())
    };
    assert_eq!(rows.unwrap().len(), 21);
    assert_eq!(lines(&requests), ["/b/v2/Orders", "/b/v2/Orders?$skiptoken=a%2Fb"]);
}

#[tokio::test]
async fn a_link_that_leads_away_is_never_followed() {
    let elsewhere = Server::start(ok("", page_of(0..1, "").as_bytes()), Then::KeepAlive).await;
    for link in [
        "https://attacker.example/b/v2/Orders?$skip=20",
        &elsewhere.url("/b/v2/Orders?$skip=20"),
        "//attacker.example/b/v2/Orders",
        "\\\\\\\\attacker.example/b/v2/Orders",
        "ftp://127.0.0.1/b/v2/Orders",
        "/b/v1/Orders?$skip=20",
        "/b/v22/Orders",
        "/",
        "../v1/Orders",
        "%2e%2e/%2E%2e/admin",
        "..%2f..%2Fadmin",
        "x%2f..%2f..%2fadmin",
        "..%5c..%5Cadmin",
        "..;/..;/admin",
        "%2e.;x=1/admin",
        "%252e%252e/%252e%252E/admin",
        "x%255c..%255cadmin",
        "http://user:pa55@SELF/b/v2/Orders",
        "https://SELF/b/v2/Orders",
        "http://",
        "/b/v2",
    ] {
        let own = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&own);
        let answer = move |_: &str| {
            let link = link_of(&told);
            ok("", page_of(0..20, &format!("\"@odata.nextLink\":\"{link}\",")).as_bytes())
        };
        let server = Server::responding(answer, Then::KeepAlive).await;
        *own.lock().unwrap() = link.replace("SELF", &server.address.to_string());
        let endpoint = connected(&server);
        let list = ODataList {
            endpoint: &endpoint,
            path: &["Orders"],
            query: Query::new(V4),
            paging: ODataPaging::ByLink(None),
        };
        let cx = context();
        let error = read_odata::<u32, _, _>(&cx, "orders", 100, &list, |request| request.send(&cx)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{link}");
        assert!(error.message().contains("not followed"), "{link}: {error}");
        assert_eq!(server.requests().len(), 1, "{link}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

fn link_of(told: &Mutex<String>) -> String {
    told.lock().unwrap().clone()
}

#[tokio::test]
async fn the_length_of_a_page_is_asked_for_in_the_header_that_the_service_reads() {
    for (size, header) in [
        (PageSize::Prefer(500), "prefer: odata.maxpagesize=500"),
        (PageSize::Header(HeaderName::from_static("x-page-size"), 100), "x-page-size: 100"),
    ] {
        let (rows, requests) = read(V4, ODataPaging::ByLink(Some(size)), |line| {
            if line.contains("$skip") {
                page_of(1..2, "")
            } else {
                page_of(0..1, r#""@odata.nextLink":"Orders?$skip=1","#)
            }
        })
        .await;
        assert_eq!(rows.unwrap(), [0, 1]);
        assert!(requests.len() == 2 && requests.iter().all(|request| request.contains(header)), "{requests:?}");
    }
}

#[tokio::test]
async fn without_links_it_is_skipped_what_was_read() {
    let skipped = |line: &str| -> u32 {
        let after = line.split("$skip=").nth(1).unwrap();
        after.split([' ', '&']).next().unwrap().parse().unwrap()
    };
    let asked = |size: &str, skips: &[u32]| -> Vec<String> {
        let parts = FIRST.split("&$count=true").collect::<String>();
        skips.iter().map(|skip| format!("{parts}&$top={size}&$skip={skip}&$count=true")).collect()
    };
    // Pages as long as wished.
    let (rows, requests) = read(V4, ODataPaging::BySkip(10), move |line| {
        let start = skipped(line);
        page_of(start..(start + 10).min(25), "")
    })
    .await;
    assert_eq!(rows.unwrap(), (0..25).collect::<Vec<_>>());
    assert_eq!(lines(&requests), asked("10", &[0, 10, 20]));
    // A service that cuts them shorter: nothing is left out.
    let (rows, requests) = read(V4, ODataPaging::BySkip(10), move |line| {
        let start = skipped(line);
        page_of(start..(start + 7).min(25), "")
    })
    .await;
    assert_eq!(rows.unwrap(), (0..25).collect::<Vec<_>>());
    assert_eq!(lines(&requests), asked("10", &[0, 7, 14, 21]));
    // A stated total saves the empty page; in version 3 it is a text.
    for count in [r#""odata.count":"20","#, r#""@odata.count":20,"#] {
        let (rows, requests) = read(V4, ODataPaging::BySkip(10), move |line| {
            let start = skipped(line);
            page_of(start..(start + 10).min(20), count)
        })
        .await;
        assert_eq!((rows.unwrap().len(), requests.len()), (20, 2));
    }
    // A bare list.
    let (rows, requests) = read(V3, ODataPaging::BySkip(10), move |line| {
        let start = skipped(line);
        format!("{:?}", (start..(start + 10).min(12)).collect::<Vec<_>>())
    })
    .await;
    assert_eq!((rows.unwrap().len(), requests.len()), (12, 2));
}

/// What a request line asks for by `$top` and `$skip`.
fn bounds(line: &str) -> (u32, u32) {
    let number = |name: &str| {
        let value = line.split(name).nth(1)?.split([' ', '&']).next()?;
        Some(value.parse().unwrap())
    };
    (number("$top=").unwrap_or(u32::MAX), number("$skip=").unwrap_or(0))
}

/// A service of 90 rows that cuts pages at 20, and whose links count `$top` down.
fn cutting(line: &str, count: &str) -> String {
    let (top, skip) = bounds(line);
    let end = 90.min(skip.saturating_add(top.min(20)));
    let left = top.saturating_sub(end - skip);
    let link = format!("\"@odata.nextLink\":\"Orders?$top={left}&$skip={end}\",");
    page_of(skip..end, &format!("{count}{}", if left > 0 { &link } else { "" }))
}

#[tokio::test]
async fn by_skip_a_link_says_that_there_is_more_and_is_not_followed() {
    for (count, requests_needed) in [(r#""@odata.count":90,"#, 5), ("", 6)] {
        let (rows, requests) = read(V4, ODataPaging::BySkip(50), move |line| cutting(line, count)).await;
        assert_eq!(rows.unwrap(), (0..90).collect::<Vec<_>>());
        assert_eq!(requests.len(), requests_needed);
        assert!(requests.iter().all(|request| request.contains("$top=50")), "{requests:?}");
    }
    // Also a short page in the middle does not end it.
    let (rows, _) = read(V4, ODataPaging::BySkip(10), |line| match bounds(line).1 {
        0 => page_of(0..10, ""),
        10 => page_of(10..13, r#""@odata.nextLink":"elsewhere","#),
        skip => page_of(skip..skip.max(20), ""),
    })
    .await;
    assert_eq!(rows.unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn fewer_than_the_stated_total_are_never_the_list() {
    // Pages of 10, then of 7.
    let shrinking = |end: u32, line: &str| {
        let (_, skip) = bounds(line);
        page_of(skip.min(end)..(skip + if skip == 0 { 10 } else { 7 }).min(end), r#""@odata.count":25,"#)
    };
    let (rows, requests) = read(V4, ODataPaging::BySkip(10), move |line| shrinking(25, line)).await;
    assert_eq!((rows.unwrap(), requests.len()), ((0..25).collect::<Vec<_>>(), 4));
    let (error, _) = read(V4, ODataPaging::BySkip(10), move |line| shrinking(24, line)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
    let (error, _) = read(V4, ODataPaging::ByLink(None), |_| page_of(0..2, r#""@odata.count":25,"#)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_query_s_own_top_and_skip_bound_the_whole_list() {
    let answer = |request: &str| ok("", cutting(request.lines().next().unwrap(), r#""@odata.count":90,"#).as_bytes());
    for (paging, top, requests_needed) in [
        (ODataPaging::BySkip(10), 25, 3),
        (ODataPaging::BySkip(50), 25, 2),
        (ODataPaging::ByLink(None), 25, 2),
        (ODataPaging::BySkip(10), 3, 1),
        (ODataPaging::BySkip(10), 500, 10),
    ] {
        let server = Server::responding(answer, Then::KeepAlive).await;
        let (endpoint, cx) = (connected(&server), context());
        let query = Query::new(V4).top(top).skip(5).count();
        let list = ODataList { endpoint: &endpoint, path: &["Orders"], query, paging: paging.clone() };
        let rows = read_odata::<u32, _, _>(&cx, "orders", 100, &list, |request| request.send(&cx)).await.unwrap();
        let last = 90.min(5 + u32::try_from(top).unwrap());
        assert_eq!(rows, (5..last).collect::<Vec<_>>(), "{paging:?} {top}");
        assert_eq!(server.requests().len(), requests_needed, "{paging:?} {top}");
    }
}

#[tokio::test]
async fn what_read_pages_promises_holds_here_too() {
    // One page for ever.
    let (error, requests) =
        read(V4, ODataPaging::ByLink(None), |_| page_of(0..9, r#""@odata.nextLink":"Orders?$skip=9","#)).await;
    assert_eq!((error.unwrap_err().kind(), requests.len()), (ErrorKind::Malformed, 2));
    // More than the cap.
    let (error, _) = read(V4, ODataPaging::ByLink(None), |_| page_of(0..101, "")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn a_page_is_read_in_every_version() {
    let read = |body: &str| ODataPage::<u32>::read(body.as_bytes());
    for (body, total, next_link) in [
        (
            r#"{"odata.metadata":"$metadata","odata.count":"45","value":[1],"odata.nextLink":"A?$skip=1"}"#,
            Some(45),
            Some("A?$skip=1"),
        ),
        (
            r#"{"@odata.context":"$metadata","@odata.count":45,"value":[1],"@odata.nextLink":"A?$skip=1"}"#,
            Some(45),
            Some("A?$skip=1"),
        ),
        (r#"{"@context":"$metadata","@count":45,"value":[1],"@nextLink":"A?$skip=1"}"#, Some(45), Some("A?$skip=1")),
        (r#"{"value":[1],"error":null,"@odata.nextLink":null}"#, None, None),
        (r#"{"value":[1],"@odata.nextLink":" "}"#, None, None),
        ("\u{feff} [1]", None, None),
    ] {
        let page = read(body).unwrap();
        assert_eq!((page.rows, page.total, page.next_link.as_deref()), (vec![1], total, next_link), "{body}");
    }
    for body in [
        "{}",
        r#"{"value":null}"#,
        r#"{"value":{}}"#,
        r#"{"value":["x"]}"#,
        "[1,",
        "",
        "<html>",
        r#"{"d":{"results":[1]}}"#,
    ] {
        assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
    // What an error stands beside is not the whole list.
    for body in [r#"{"error":{"code":1}}"#, r#"{"value":[1],"error":{"code":"x","message":"broken off"}}"#] {
        assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Unavailable, "{body}");
    }
}
