//! The reference ERP: a program by itself on a real socket, as helpful and as careless as ERPs are.
//!
//! - `POST /login` opens a session, `POST /logout` ends it; everything else needs one (`X-Session`).
//! - `GET /accounts?customer=` answers every account whose code begins so.
//! - `GET /orders?customer=` does the same, drafts included, and lists one order twice. `id`, `po` and `web` narrow it
//!   exactly; `from` and `to` by the day that stands in the date.
//! - `GET /invoices?customer=` cuts pages by itself, newest first. Without `match=exact` it takes codes that begin so, without
//!   `state=issued` void ones and drafts too, and without `view=headers` an invoice comes once for each of its lines.
//! - `GET /orders/{number}` and `GET /invoices/{number}` answer whoever knows the number.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use livegate_core::Simulator;
use livegate_testkit::{Asked, Lie, LyingErp};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::book::{ACCOUNTS, Document, INVOICES, ORDERS};

/// The open sessions of each running simulator.
static SESSIONS: Mutex<BTreeMap<SocketAddr, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

static LOGINS: AtomicUsize = AtomicUsize::new(1);

pub fn open_sessions(address: SocketAddr) -> usize {
    SESSIONS.lock().unwrap().get(&address).map_or(0, BTreeSet::len)
}

pub fn start() -> io::Result<Simulator> {
    let (report, started) = mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        runtime.block_on(async move {
            let own: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
            let known = Arc::clone(&own);
            let erp = LyingErp::start(move |asked| answer(known.lock().unwrap().expect("it listens"), asked)).await;
            *own.lock().unwrap() = erp.as_ref().ok().map(LyingErp::address);
            let _ = report.send(erp.as_ref().map(LyingErp::address).map_err(|error| error.to_string()));
            let _ = stopped.await;
        });
    });
    let address = started.recv().map_err(io::Error::other)?.map_err(io::Error::other)?;
    Ok(Simulator::new(address, move || {
        let _ = stop.send(());
        let _ = thread.join();
    }))
}

fn answer(address: SocketAddr, asked: &Asked) -> Lie {
    let (method, target) = asked.line.split_once(' ').unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let query: BTreeMap<String, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    let mut sessions = SESSIONS.lock().unwrap();
    let open = sessions.entry(address).or_default();
    if (method, &path[..]) == ("POST", &["login"]) {
        let session = format!("session-{}", LOGINS.fetch_add(1, Ordering::SeqCst));
        let text = format!(r#"{{"session":"{session}"}}"#);
        open.insert(session);
        return Lie::ok("application/json", text);
    }
    let session = asked.header("X-Session").unwrap_or_default();
    if !open.contains(session) {
        return Lie::status(401);
    }
    match (method, &path[..]) {
        ("POST", ["logout"]) => {
            open.remove(session);
            Lie::ok("application/json", "{}")
        }
        ("GET", ["ping"]) => Lie::ok("application/json", "{}"),
        ("GET", ["accounts"]) => Lie::ok("application/json", accounts(&query)),
        ("GET", ["orders"]) => Lie::ok("application/json", orders(&query)),
        ("GET", ["invoices"]) => Lie::ok("application/json", invoices(&query)),
        ("GET", ["orders", number]) => one(&ORDERS, number),
        ("GET", ["invoices", number]) => one(&INVOICES, number),
        _ => Lie::status(404),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn one(book: &[Document], number: &str) -> Lie {
    match book.iter().find(|document| document.number == number) {
        Some(document) => Lie::ok("application/json", json(document)),
        None => Lie::Answer { status: 404, headers: vec![], body: br#"{"error":"no such document"}"#.to_vec() },
    }
}

fn begins(code: &str, asked: &str) -> bool {
    code.to_lowercase().starts_with(&asked.to_lowercase())
}

fn accounts(query: &BTreeMap<String, String>) -> String {
    let asked = query.get("customer").map_or("", String::as_str);
    let entries: Vec<String> = ACCOUNTS
        .iter()
        .filter(|(code, _)| begins(code, asked))
        .map(|(code, rest)| format!(r#"{{"customer":{},{rest}}}"#, Value::from(*code)))
        .collect();
    format!(r#"{{"entries":[{}]}}"#, entries.join(","))
}

fn same(query: &BTreeMap<String, String>, name: &str, own: Option<&str>) -> bool {
    query.get(name).is_none_or(|wanted| own.is_some_and(|own| own.trim().eq_ignore_ascii_case(wanted.trim())))
}

fn orders(query: &BTreeMap<String, String>) -> String {
    let asked = query.get("customer").map_or("", String::as_str);
    let narrowed = ORDERS.iter().filter(|order| {
        let day = order.date.map(|date| &date[..10]);
        begins(order.owner, asked)
            && same(query, "id", Some(order.number))
            && same(query, "po", order.po)
            && same(query, "web", order.web)
            && query.get("from").is_none_or(|from| day.is_none_or(|day| from.as_str() <= day))
            && query.get("to").is_none_or(|to| day.is_none_or(|day| day <= to.as_str()))
    });
    let rows: Vec<String> =
        narrowed.flat_map(|order| std::iter::repeat_n(order, if order.twice { 2 } else { 1 })).map(json).collect();
    format!(r#"{{"rows":[{}]}}"#, rows.join(","))
}

fn invoices(query: &BTreeMap<String, String>) -> String {
    let asked = query.get("customer").map_or("", String::as_str);
    let exact = query.get("match").is_some_and(|how| how == "exact");
    let (issued, headers) = (query.contains_key("state"), query.contains_key("view"));
    let since = |date: &str, name: &str| {
        let bound = query.get(&format!("{name}_{}", if date.len() == 10 { "day" } else { "at" }));
        bound.map(|bound| instant(date).cmp(&instant(bound)))
    };
    let found: Vec<&Document> = INVOICES
        .iter()
        .filter(|invoice| {
            let theirs = if exact { invoice.owner.eq_ignore_ascii_case(asked) } else { begins(invoice.owner, asked) };
            theirs
                && (!issued || invoice.state == "issued")
                && same(query, "id", Some(invoice.number))
                && same(query, "po", invoice.po)
                && invoice.date.is_none_or(|date| {
                    since(date, "from").is_none_or(std::cmp::Ordering::is_ge)
                        && since(date, "to").is_none_or(std::cmp::Ordering::is_le)
                })
        })
        .flat_map(|invoice| std::iter::repeat_n(invoice, if invoice.twice && !headers { 2 } else { 1 }))
        .collect();
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let (page, size) = (number("page").unwrap_or(1), number("size").unwrap_or(5));
    let cut = found.iter().skip((page - 1).saturating_mul(size)).take(size);
    let rows: Vec<String> = cut.map(|invoice| json(invoice)).collect();
    format!(r#"{{"rows":[{}],"total":{}}}"#, rows.join(","), found.len())
}

/// A day as its midnight, so that days compare with days and instants with instants.
fn instant(text: &str) -> jiff::Timestamp {
    let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    text.parse().expect("the book and the adapter write such times")
}

/// A document as it goes out, with all that nobody should look at.
fn json(document: &Document) -> String {
    let text = |value: Option<&str>| value.map_or(Value::Null, Value::from);
    let Document { owner, number, state, date, due, net, tax, total, open, po, web, order, user, .. } = *document;
    let lines = document.lines.iter().map(|line| {
        let [item, name, ordered, shipped, price, tax, sum] = *line;
        format!(
            r#"{{"item":"{item}","text":"{name}","ordered":{ordered},"shipped":{shipped},"price":{price},"tax":{tax},"sum":{sum}}}"#
        )
    });
    let lines: Vec<String> = lines.collect();
    format!(
        r#"{{"number":{},"customer":{},"state":"{state}","date":{},"due":{},"net":{net},"tax":{tax},"total":{total},"open":{open},
        "po":{},"web":{},"order":{},"user":{},"remark":"","name":{},"lines":[{}],"cost":7770.77,"card":"4111111111111111"}}"#,
        text(Some(number)),
        text(Some(owner)),
        text(date),
        text(due),
        text(po),
        text(web),
        text(order),
        text(user),
        text(Some(owner)),
        lines.join(",")
    )
}
