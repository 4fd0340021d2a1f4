use std::hint::black_box;

use bytes::Bytes;
use livegate_core::Answer;
use livegate_http::Format;

use super::dealer::Dealer;
use super::{answers, peers};

/// Something to be done again and again.
pub type Work = Box<dyn FnMut()>;

/// One piece of work by its name. Making it ready is not part of it.
pub struct Part {
    /// What is done, and with how many invoices.
    pub name: &'static str,
    /// How often it is to be done so that what is done before and after does not show.
    pub times: u32,
    /// Makes it ready.
    pub ready: fn() -> Work,
}

/// As many invoices as a page shows by default, and as many as a page may show: nothing that is read is left out of the
/// response.
const PAGE: usize = 15;
const LARGEST_PAGE: usize = 1_000;

/// As many as a fetch brings at the most, and a page from the middle of them.
const LISTING: usize = 10_000;
const DEEP_PAGE: usize = 300;

/// All pieces of work; those of others, with which ours are compared, are the `peer` ones.
pub const PARTS: [Part; 14] = [
    Part { name: "xml-to-live-15", times: 200, ready: || to_live(Format::Xml, PAGE) },
    Part { name: "json-to-live-15", times: 200, ready: || to_live(Format::Json, PAGE) },
    Part { name: "xml-to-live-1000", times: 4, ready: || to_live(Format::Xml, LARGEST_PAGE) },
    Part { name: "json-to-live-1000", times: 4, ready: || to_live(Format::Json, LARGEST_PAGE) },
    Part { name: "xml-decode-1000", times: 4, ready: || decode(Format::Xml, LARGEST_PAGE) },
    Part { name: "json-decode-1000", times: 4, ready: || decode(Format::Json, LARGEST_PAGE) },
    Part { name: "tidy-1000", times: 4, ready: || tidy(LARGEST_PAGE) },
    Part { name: "render-15", times: 1000, ready: || render(PAGE) },
    Part { name: "render-1000", times: 4, ready: || render(LARGEST_PAGE) },
    Part { name: "page-of-10000", times: 200, ready: page },
    Part { name: "hit", times: 2000, ready: hit },
    Part { name: "peer-xml-scan-15", times: 1000, ready: || scan(PAGE) },
    Part { name: "peer-xml-scan-1000", times: 4, ready: || scan(LARGEST_PAGE) },
    Part { name: "peer-json-parse-1000", times: 4, ready: || parse(LARGEST_PAGE) },
];

/// A request for one page.
fn request(number: usize, size: usize) -> String {
    format!(r#"{{"customer_code":"{}","current_page":{number},"per_page":{size}}}"#, answers::CUSTOMER)
}

/// From the bytes of a request through those of the ERP's answer to those of a response that holds all of it.
fn to_live(format: Format, invoices: usize) -> Work {
    let (dealer, request) = (Dealer::with_invoices(format, invoices), request(1, invoices));
    let response = dealer.live(request.as_bytes());
    let shown = response.windows(12).filter(|window| window == b"\"invoice_id\"").count();
    assert_eq!(shown, invoices, "every invoice is in the response");
    Box::new(move || drop(black_box(dealer.live(request.as_bytes()))))
}

fn decode(format: Format, invoices: usize) -> Work {
    let dealer = Dealer::with_invoices(format, invoices);
    let plan = dealer.plan(request(1, invoices).as_bytes());
    Box::new(move || drop(black_box(dealer.ask(plan.query()))))
}

/// What is in order costs less to bring in order, so the answer is mixed up before, always in the same way.
fn tidy(invoices: usize) -> Work {
    let dealer = Dealer::with_invoices(Format::Json, invoices);
    let plan = dealer.plan(request(1, invoices).as_bytes());
    let mut answer = Some(dealer.ask(plan.query()));
    Box::new(move || {
        let mut mixed = answer.take().expect("it is put back below");
        if let Answer::Invoices(listing) = &mut mixed {
            let items = listing.items_mut();
            (1..items.len()).for_each(|place| items.swap(place, place * 7_919 % (place + 1)));
        }
        answer = Some(dealer.tidy(plan.query(), mixed));
    })
}

fn render(invoices: usize) -> Work {
    let dealer = Dealer::with_invoices(Format::Json, invoices);
    let plan = dealer.plan(request(1, invoices).as_bytes());
    let answer = dealer.tidy(plan.query(), dealer.ask(plan.query()));
    Box::new(move || drop(black_box(dealer.respond(&plan, &answer))))
}

/// Cuts a page out of a listing that is kept, from the bytes of the request to those of the response.
pub fn page() -> Work {
    let dealer = Dealer::with_invoices(Format::Json, LISTING);
    let request = request(DEEP_PAGE, PAGE);
    let plan = dealer.plan(request.as_bytes());
    let answer = dealer.tidy(plan.query(), dealer.ask(plan.query()));
    let Answer::Invoices(listing) = &answer else { panic!("invoices were asked for") };
    let first = format!("\"invoice_id\":\"{}\"", listing.items()[(DEEP_PAGE - 1) * PAGE].id);
    let response = dealer.respond(&plan, &answer);
    let shown = response.windows(first.len()).any(|window| window == first.as_bytes());
    assert!(shown, "the response is the page that was asked for");
    Box::new(move || drop(black_box(dealer.respond(&dealer.plan(request.as_bytes()), &answer))))
}

/// An answer that the layers have kept.
fn hit() -> Work {
    let dealer = Dealer::with_invoices(Format::Json, PAGE);
    let plan = dealer.plan(request(1, PAGE).as_bytes());
    let layered = dealer.in_layers();
    layered.call(plan.query());
    assert!(matches!(layered.call(plan.query()).cache, livegate_core::CacheOutcome::Hit { .. }), "it is kept");
    Box::new(move || drop(black_box(layered.call(plan.query()))))
}

fn scan(invoices: usize) -> Work {
    let body: Bytes = answers::xml(invoices);
    Box::new(move || {
        black_box(peers::scan(&body));
    })
}

fn parse(invoices: usize) -> Work {
    let body: Bytes = answers::json(invoices);
    assert_eq!(peers::parse(&body), invoices, "every invoice is read");
    Box::new(move || {
        black_box(peers::parse(&body));
    })
}

/// The way from XML to Live with so many invoices, and a scan of the same bytes.
pub fn xml_beside_scan() -> (Work, Work) {
    (to_live(Format::Xml, LARGEST_PAGE), scan(LARGEST_PAGE))
}

/// The way from JSON to Live, and a typed parse of the same bytes.
pub fn json_beside_parse() -> (Work, Work) {
    (to_live(Format::Json, LARGEST_PAGE), parse(LARGEST_PAGE))
}
