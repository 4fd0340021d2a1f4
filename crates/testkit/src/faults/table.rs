use std::io::Write;
use std::time::Duration;

use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress};
use livegate_core::ErrorKind::{
    self, CredentialsRejected, Malformed, Misconfigured, PermissionDenied, RateLimited, Timeout, TooLarge, Unavailable,
    Unreachable,
};

use crate::Outcome;
use crate::fault_proxy::{Framing, Harm, ProxiedAnswer};

/// One way in which an ERP fails, and what DESIGN section 2 says that it leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Its name in the names of trials and in a subject's exceptions.
    pub(crate) name: &'static str,
    /// What happens.
    pub(crate) put: Put,
    /// What must come of it.
    pub(crate) outcome: Outcome,
    /// When the error must say to ask again.
    pub(crate) wait: Wait,
}

/// How a fault is put between adapter and simulator.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Put {
    /// Nobody listens at the address.
    Nobody,
    /// Every request but the logins is harmed.
    Every(Harm),
    /// The first request is harmed, as by a login that has just expired.
    Expired(Harm),
    /// Between two calls the connections that the first one left are closed.
    BetweenCalls,
}

/// When the error must say to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// It does not matter.
    Any,
    /// It must not.
    Unsaid,
    /// After this.
    After(Duration),
    /// Not, or within an hour.
    Bounded,
}

impl Put {
    /// Whether only the call's deadline ends it.
    pub(crate) fn lasts(self) -> bool {
        matches!(
            self,
            Self::Every(Harm::HangBeforeHead | Harm::HangInHead | Harm::HangInBody | Harm::Drip)
                | Self::Expired(Harm::HangBeforeHead | Harm::HangInHead | Harm::HangInBody | Harm::Drip)
        )
    }
}

/// Stands in every text that a fault makes up; no message may hold it.
pub(crate) const CANARY: &str = "canary-4111111111111111";

/// The path of the places that redirects name.
pub(crate) const ELSEWHERE: &str = "/elsewhere";

/// The faults that every adapter meets.
pub(crate) static FAULTS: &[Fault] = &[
    // The connection.
    fault("connection refused", Put::Nobody, Unreachable),
    fault("reset before the request is read", Put::Every(Harm::ResetAtOnce), Unavailable),
    fault("reset after the request", Put::Every(Harm::ResetAfterRequest), Unavailable),
    fault("closed without an answer", Put::Every(Harm::Close), Unavailable),
    fault("hang before the head", Put::Every(Harm::HangBeforeHead), Timeout),
    fault("hang within the head", Put::Every(Harm::HangInHead), Timeout),
    fault("hang within the body", Put::Every(Harm::HangInBody), Timeout),
    fault("slow drip", Put::Every(Harm::Drip), Timeout),
    fault("garbage instead of HTTP", Put::Every(Harm::Bytes(b"220 canary-4111111111111111 ESMTP\r\n")), Unavailable),
    answered("connection closed between two calls", Put::BetweenCalls),
    // The transfer.
    spoiled("body cut before its stated length", cut, Unavailable),
    spoiled("body cut before the last chunk", cut_chunked, Unavailable),
    spoiled("whole transfer that ends in mid-document", half, Malformed),
    spoiled("mid-document where the connection ends", half_until_close, Malformed),
    spoiled("16 MiB and a byte with its length", past_the_cap, TooLarge),
    spoiled("16 MiB and a byte in chunks", past_the_cap_chunked, TooLarge),
    spoiled("gzip bomb", gzip_bomb, TooLarge),
    spoiled("gzip that is none", no_gzip, Malformed),
    spoiled("gzip that breaks off", gzip_cut, Malformed),
    spoiled("unknown compression", unknown_compression, Malformed),
    answered("gzip", Put::Every(Harm::Spoil(gzip))),
    answered("chunks", Put::Every(Harm::Spoil(chunked))),
    answered("body until the connection ends", Put::Every(Harm::Spoil(until_close))),
    answered("an interim answer first", Put::Every(Harm::Spoil(interim))),
    // The document.
    changed("empty answer", empty, Malformed),
    changed("blank answer", blank, Malformed),
    changed("status 204", status::<204>, Malformed),
    changed("HTML page", html, Malformed),
    changed("plain text", plain_text, Malformed),
    changed("document of another type", another_type, Malformed),
    changed("document in another format", another_format, Malformed),
    changed("document nested without end", nested, Malformed),
    spoiled("not UTF-8", not_utf8, Malformed),
    spoiled("UTF-16", utf16, Malformed),
    answered("byte order mark", Put::Every(Harm::Spoil(byte_order_mark))),
    // The status.
    changed("redirect 301", redirect::<301>, Misconfigured),
    changed("redirect 302", redirect::<302>, Misconfigured),
    changed("redirect 307", redirect::<307>, Misconfigured),
    changed("redirect 308", redirect::<308>, Misconfigured),
    changed("status 400", status::<400>, Misconfigured),
    changed("status 401", status::<401>, CredentialsRejected),
    changed("status 402", status::<402>, Misconfigured),
    changed("status 403", status::<403>, PermissionDenied),
    changed("status 404", status::<404>, Misconfigured),
    changed("status 405", status::<405>, Misconfigured),
    changed("status 409", status::<409>, Misconfigured),
    changed("status 410", status::<410>, Misconfigured),
    changed("status 418", status::<418>, Misconfigured),
    changed("status 422", status::<422>, Misconfigured),
    waits("status 429", status::<429>, RateLimited, Wait::Unsaid),
    waits("status 429 for 30 seconds", half_a_minute::<429>, RateLimited, HALF_A_MINUTE),
    waits("status 429 for a day", a_day, RateLimited, Wait::Bounded),
    waits("status 429 for -1 seconds", minus_one, RateLimited, Wait::Unsaid),
    waits("status 429 until tomorrow", tomorrow, RateLimited, Wait::Unsaid),
    changed("status 500", status::<500>, Unavailable),
    changed("status 501", status::<501>, Unavailable),
    changed("status 502", status::<502>, Unavailable),
    changed("status 502 as a page", bad_gateway_page, Unavailable),
    waits("status 503", status::<503>, Unavailable, Wait::Unsaid),
    waits("status 503 for 30 seconds", half_a_minute::<503>, Unavailable, HALF_A_MINUTE),
    changed("status 504", status::<504>, Unavailable),
    answered("login that has expired", Put::Expired(Harm::Change(status::<401>))),
];

/// The name of the fault whose answer the subject gives: [`Subject::error_in_success`](crate::Subject::error_in_success).
pub(crate) const ERROR_IN_SUCCESS: &str = "error inside a 200";

/// The faults that are put into one of several requests only. None of them may pass for a page without documents.
pub(crate) const IN_ONE_REQUEST: [&str; 4] =
    ["status 503", "body cut before its stated length", "empty answer", "HTML page"];

const HALF_A_MINUTE: Wait = Wait::After(Duration::from_secs(30));

/// One byte more than an answer may have.
const PAST_THE_CAP: usize = 16 * 1024 * 1024 + 1;

const fn fault(name: &'static str, put: Put, kind: ErrorKind) -> Fault {
    Fault { name, put, outcome: Outcome::Fails(kind), wait: Wait::Any }
}

const fn answered(name: &'static str, put: Put) -> Fault {
    Fault { name, put, outcome: Outcome::Answered, wait: Wait::Any }
}

const fn changed(name: &'static str, change: fn(&mut ProxiedAnswer), kind: ErrorKind) -> Fault {
    fault(name, Put::Every(Harm::Change(change)), kind)
}

const fn spoiled(name: &'static str, spoil: fn(&mut ProxiedAnswer), kind: ErrorKind) -> Fault {
    fault(name, Put::Every(Harm::Spoil(spoil)), kind)
}

const fn waits(name: &'static str, change: fn(&mut ProxiedAnswer), kind: ErrorKind, wait: Wait) -> Fault {
    Fault { wait, ..changed(name, change, kind) }
}

/// A status with an explanation that nobody may repeat to a caller.
fn status<const STATUS: u16>(answer: &mut ProxiedAnswer) {
    answer.status = STATUS;
    answer.body = match answer.is_xml() {
        true => format!("<Error><Message>{CANARY}</Message></Error>").into(),
        false => format!(r#"{{"message":"{CANARY}"}}"#).into(),
    };
}

fn redirect<const STATUS: u16>(answer: &mut ProxiedAnswer) {
    status::<STATUS>(answer);
    answer.set_header("Location", &format!("{ELSEWHERE}/{CANARY}"));
}

fn half_a_minute<const STATUS: u16>(answer: &mut ProxiedAnswer) {
    status::<STATUS>(answer);
    answer.set_header("Retry-After", "30");
}

fn a_day(answer: &mut ProxiedAnswer) {
    status::<429>(answer);
    answer.set_header("Retry-After", "86400");
}

fn minus_one(answer: &mut ProxiedAnswer) {
    status::<429>(answer);
    answer.set_header("Retry-After", "-1");
}

fn tomorrow(answer: &mut ProxiedAnswer) {
    status::<429>(answer);
    answer.set_header("Retry-After", "tomorrow");
}

fn bad_gateway_page(answer: &mut ProxiedAnswer) {
    html(answer);
    answer.status = 502;
}

fn cut(answer: &mut ProxiedAnswer) {
    let whole = answer.body.len();
    half(answer);
    // Even an empty body is cut short of something.
    answer.framing = Framing::LengthWithout((whole - answer.body.len()).max(10));
}

fn cut_chunked(answer: &mut ProxiedAnswer) {
    half(answer);
    answer.framing = Framing::ChunkedWithoutEnd;
}

fn half(answer: &mut ProxiedAnswer) {
    let mut at = answer.body.trim_ascii().len() / 2;
    // The cut is to be the only thing that is wrong.
    while at > 0 && answer.body.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
        at -= 1;
    }
    answer.body.truncate(at);
}

fn half_until_close(answer: &mut ProxiedAnswer) {
    half(answer);
    answer.framing = Framing::Close;
}

fn past_the_cap(answer: &mut ProxiedAnswer) {
    // White space after a document changes nothing but its length.
    answer.body.resize(PAST_THE_CAP, b' ');
}

fn past_the_cap_chunked(answer: &mut ProxiedAnswer) {
    past_the_cap(answer);
    answer.framing = Framing::Chunked;
}

fn gzip(answer: &mut ProxiedAnswer) {
    answer.body = gzipped(&answer.body);
    answer.set_header("Content-Encoding", "gzip");
}

/// White space past the cap in a few kilobytes (RFC 1952, around RFC 1951): one compressed piece again and again. Its
/// checksum is wrong, but whoever comes to that has read too much already.
fn gzip_bomb(answer: &mut ProxiedAnswer) {
    let spaces = vec![b' '; 1 << 16];
    let (mut compress, mut piece) = (Compress::new(Compression::best(), false), Vec::with_capacity(4096));
    let compressed = compress.compress_vec(&spaces, &mut piece, FlushCompress::Full);
    compressed.expect("a run of spaces can be compressed");
    answer.body =
        [&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF][..], &piece.repeat(PAST_THE_CAP / spaces.len() + 1)].concat();
    answer.body.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    answer.set_header("Content-Encoding", "gzip");
}

fn no_gzip(answer: &mut ProxiedAnswer) {
    answer.set_header("Content-Encoding", "gzip");
}

fn gzip_cut(answer: &mut ProxiedAnswer) {
    gzip(answer);
    answer.body.truncate(answer.body.len() / 2);
}

fn unknown_compression(answer: &mut ProxiedAnswer) {
    answer.set_header("Content-Encoding", "zpaq");
    answer.body = (0..=255).rev().cycle().take(answer.body.len() + 256).collect();
}

fn chunked(answer: &mut ProxiedAnswer) {
    answer.framing = Framing::Chunked;
}

fn until_close(answer: &mut ProxiedAnswer) {
    answer.framing = Framing::Close;
}

fn interim(answer: &mut ProxiedAnswer) {
    answer.interim = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
}

fn empty(answer: &mut ProxiedAnswer) {
    (answer.status, answer.body) = (200, Vec::new());
}

fn blank(answer: &mut ProxiedAnswer) {
    (answer.status, answer.body) = (200, b" \r\n".into());
}

fn html(answer: &mut ProxiedAnswer) {
    answer.status = 200;
    answer.set_header("Content-Type", "text/html; charset=utf-8");
    answer.body = format!("<!DOCTYPE html><html><head><title>{CANARY}</title></head><body></body></html>").into();
}

fn plain_text(answer: &mut ProxiedAnswer) {
    answer.status = 200;
    answer.set_header("Content-Type", "text/plain");
    answer.body = format!("Sorry: {CANARY}").into();
}

fn another_type(answer: &mut ProxiedAnswer) {
    answer.body = match answer.is_xml() {
        true => format!(r#"<?xml version="1.0"?><Surprise>{CANARY}</Surprise>"#).into(),
        false => format!(r#""{CANARY}""#).into(),
    };
    answer.status = 200;
}

fn another_format(answer: &mut ProxiedAnswer) {
    answer.body = match answer.is_xml() {
        true => format!(r#"{{"message":"{CANARY}"}}"#).into(),
        false => format!(r#"<?xml version="1.0"?><Message>{CANARY}</Message>"#).into(),
    };
    answer.status = 200;
}

fn nested(answer: &mut ProxiedAnswer) {
    const LEVELS: usize = 100_000;
    answer.body = match answer.is_xml() {
        // Under the root that is expected, as another one is refused at once.
        true => {
            let root = root(&answer.body);
            format!("{}{}", format!("<{root}>").repeat(LEVELS), format!("</{root}>").repeat(LEVELS)).into()
        }
        false => format!("{}{}", "[".repeat(LEVELS), "]".repeat(LEVELS)).into(),
    };
    answer.status = 200;
}

fn not_utf8(answer: &mut ProxiedAnswer) {
    answer.body.push(0xFF);
}

fn utf16(answer: &mut ProxiedAnswer) {
    let text = format!("\u{FEFF}{}", String::from_utf8_lossy(&answer.body));
    answer.body = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
}

fn byte_order_mark(answer: &mut ProxiedAnswer) {
    answer.body.splice(..0, "\u{FEFF}".bytes());
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes what is written to it")
}

/// The name of an XML document's root element.
fn root(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let starts = text.split('<').skip(1).find(|tag| tag.starts_with(|first: char| first.is_alphabetic()));
    let name = starts.and_then(|tag| tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next());
    name.unwrap_or("root").to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_bomb_is_small_and_goes_off() {
        let (status, headers, framing) = (200, Vec::new(), Framing::Length);
        let mut answer = ProxiedAnswer { status, headers, body: Vec::new(), framing, interim: b"" };
        gzip_bomb(&mut answer);
        assert!(answer.body.len() < 64 * 1024, "{}", answer.body.len());
        let mut spaces = Vec::new();
        GzDecoder::new(answer.body.as_slice()).take(PAST_THE_CAP as u64).read_to_end(&mut spaces).unwrap();
        assert_eq!(spaces.len(), PAST_THE_CAP);
        assert!(spaces.iter().all(|byte| *byte == b' '));
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAULTS.len());
        assert!(IN_ONE_REQUEST.iter().all(|name| names.contains(name)));
    }

    #[test]
    fn the_root_of_a_document_is_found() {
        assert_eq!(root(br#"<?xml version="1.0"?><!-- x --><ArrayOfA xmlns="b"/>"#), "ArrayOfA");
        assert_eq!(root(b"<A>"), "A");
        assert_eq!(root(b""), "root");
    }
}
