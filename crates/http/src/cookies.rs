use http::Uri;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use zeroize::Zeroizing;

/// No ERP needs more of them, nor longer ones; what is over is not kept.
const MOST: usize = 64;
const LONGEST: usize = 8 * 1024;

/// The cookies of one session (RFC 6265), kept for the one server that set them: scheme, host and port. A cookie's wish to
/// be sent to other hosts is not granted, and for `Secure` there is nothing left to do.
pub(crate) struct Cookies {
    server: Server,
    /// In the order in which they were set.
    kept: Vec<Cookie>,
}

#[derive(PartialEq, Eq)]
struct Server {
    scheme: String,
    host: String,
    port: Option<u16>,
}

struct Cookie {
    name: Vec<u8>,
    value: Zeroizing<Vec<u8>>,
    path: String,
}

impl Cookies {
    /// None yet, of the server at this address.
    pub(crate) fn of(address: &Uri) -> Self {
        Self { server: Server::at(address), kept: Vec::new() }
    }

    /// Whether a request to this address may carry them.
    pub(crate) fn belong_to(&self, address: &Uri) -> bool {
        self.server == Server::at(address)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes over what the answer to a request to this address sets and deletes. One of the same name and path replaces
    /// the one before it, also within an answer: there are ERPs that send each twice.
    pub(crate) fn take(&mut self, address: &Uri, headers: &HeaderMap) {
        for set in headers.get_all(SET_COOKIE) {
            let Some((cookie, is_deleted)) = self.read(address, set.as_bytes()) else { continue };
            self.kept.retain(|kept| (&kept.name, &kept.path) != (&cookie.name, &cookie.path));
            if !is_deleted && self.kept.len() < MOST {
                self.kept.push(cookie);
            }
        }
    }

    /// What a request to this address carries; `None` for nothing. Of several with one name, whose paths all fit, it is the
    /// one that was set last.
    pub(crate) fn header(&self, address: &Uri) -> Option<HeaderValue> {
        if !self.belong_to(address) {
            return None;
        }
        let fitting: Vec<&Cookie> = self.kept.iter().filter(|cookie| is_within(&cookie.path, address.path())).collect();
        let mut header = Zeroizing::new(Vec::new());
        for (at, cookie) in fitting.iter().enumerate() {
            if fitting[at + 1..].iter().any(|later| later.name == cookie.name) {
                continue;
            }
            if !header.is_empty() {
                header.extend_from_slice(b"; ");
            }
            header.extend_from_slice(&cookie.name);
            header.push(b'=');
            header.extend_from_slice(&cookie.value);
        }
        if header.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_bytes(&header).expect("what came in a header fits into one");
        value.set_sensitive(true);
        Some(value)
    }

    /// A `Set-Cookie` (RFC 6265, 5.2) and whether it deletes; `None` for what is none, and for one of another host.
    fn read(&self, address: &Uri, set: &[u8]) -> Option<(Cookie, bool)> {
        let mut parts = set.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let (name, value) = pair(parts.next()?);
        let value = value?;
        if name.is_empty() || name.len() + value.len() > LONGEST {
            return None;
        }
        let (mut path, mut max_age, mut expired) = (directory(address.path()), None, false);
        for (attribute, value) in parts.map(pair) {
            let value = String::from_utf8_lossy(value.unwrap_or_default());
            if attribute.eq_ignore_ascii_case(b"path") {
                path = if value.starts_with('/') { value.into_owned() } else { directory(address.path()) };
            } else if attribute.eq_ignore_ascii_case(b"domain") {
                let domain = value.strip_prefix('.').unwrap_or(&value).to_ascii_lowercase();
                let parents = self.server.host.strip_suffix(&domain);
                let is_ours = domain.is_empty() || parents.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                if !is_ours {
                    return None;
                }
            } else if attribute.eq_ignore_ascii_case(b"max-age") {
                max_age = value.parse::<i64>().ok().or(max_age);
            } else if attribute.eq_ignore_ascii_case(b"expires") {
                expired = is_past(&value);
            }
        }
        let is_deleted = max_age.map_or(expired, |seconds| seconds <= 0);
        Some((Cookie { name: name.to_vec(), value: Zeroizing::new(value.to_vec()), path }, is_deleted))
    }
}

impl Server {
    fn at(address: &Uri) -> Self {
        let scheme = address.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let usual = if scheme == "http" { 80 } else { 443 };
        Self {
            host: address.host().unwrap_or_default().to_ascii_lowercase(),
            port: Some(address.port_u16().unwrap_or(usual)),
            scheme,
        }
    }
}

/// `name=value`, both trimmed; the value may contain `=`.
fn pair(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'=') {
        Some(at) => (text[..at].trim_ascii(), Some(text[at + 1..].trim_ascii())),
        None => (text, None),
    }
}

/// The path of a cookie that names none (RFC 6265, 5.1.4).
fn directory(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

/// Whether a request for `path` carries a cookie of `cookie_path` (RFC 6265, 5.1.4).
fn is_within(cookie_path: &str, path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// Whether the moment has passed at which a cookie expires. Dates are written in many ways; those that delete a cookie lie
/// years back, so the year is enough. What is still valid is kept as long as the session.
fn is_past(date: &str) -> bool {
    let words = date.split(|character: char| !character.is_ascii_alphanumeric());
    let years = words.filter(|word| word.len() == 4).filter_map(|word| word.parse::<i16>().ok());
    years.max().is_some_and(|year| year < jiff::Timestamp::now().strftime("%Y").to_string().parse().unwrap_or(i16::MIN))
}
