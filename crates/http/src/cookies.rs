use http::Uri;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use jiff::Timestamp;
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

/// Whether the moment has passed at which a cookie expires; hyphens in it are of old (RFC 2109). What is still valid is kept
/// as long as the session, and so is what expires at an unreadable moment.
fn is_past(date: &str) -> bool {
    let date = date.split_once(',').map_or(date, |(_weekday, date)| date).trim().replace('-', " ");
    jiff::fmt::rfc2822::parse(&date).is_ok_and(|moment| moment.timestamp() <= Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &str = "https://erp.example/s/auth/login";

    /// What a request to `path` carries after a login whose answer sets these cookies.
    fn carried(set: &[&str], path: &str) -> Option<String> {
        carried_from(LOGIN, set, &format!("https://erp.example{path}"))
    }

    fn carried_from(login: &str, set: &[&str], to: &str) -> Option<String> {
        let login: Uri = login.parse().unwrap();
        let mut cookies = Cookies::of(&login);
        cookies.take(&login, &headers(set));
        cookies.header(&to.parse().unwrap()).map(|value| value.to_str().unwrap().to_owned())
    }

    fn headers(set: &[&str]) -> HeaderMap {
        set.iter().map(|set| (SET_COOKIE, HeaderValue::from_str(set).unwrap())).collect()
    }

    #[test]
    fn the_last_of_a_name_wins() {
        let twice =
            ["id=1; path=/; HttpOnly", "Locale=Culture=en-US&TimeZone=GMTM0800A; path=/", "id=2; path=/; HttpOnly"];
        assert_eq!(carried(&twice, "/s/x").unwrap(), "Locale=Culture=en-US&TimeZone=GMTM0800A; id=2");
        // Also where both of different paths would fit.
        assert_eq!(carried(&["id=1; path=/s", "id=2; path=/"], "/s/x").unwrap(), "id=2");
        assert_eq!(carried(&["id=1; path=/", "id=2; path=/s"], "/s/x").unwrap(), "id=2");
        assert_eq!(carried(&["id=1; path=/", "id=2; path=/other"], "/s/x").unwrap(), "id=1");
        // Names are told apart by their case.
        assert_eq!(carried(&["ID=1; path=/", "id=2; path=/"], "/s/x").unwrap(), "ID=1; id=2");
    }

    #[test]
    fn a_cookie_keeps_to_its_path() {
        for (attribute, path, fits) in [
            ("; path=/s", "/s", true),
            ("; path=/s", "/s/x", true),
            ("; path=/s", "/sx", false),
            ("; path=/s", "/", false),
            ("; Path=/s/", "/s/x", true),
            ("; path=/s/", "/s", false),
            ("; PATH = /", "/anything", true),
            // Without one it is the directory of the address that set it.
            ("", "/s/auth/logout", true),
            ("", "/s/auth", true),
            ("", "/s/x", false),
            ("; path=", "/s/auth/x", true),
            ("; path=x", "/s/x", false),
            ("; path=/a; path=/s", "/s/x", true),
        ] {
            assert_eq!(carried(&[&format!("id=1{attribute}")], path).is_some(), fits, "{attribute:?} {path}");
        }
        assert_eq!(directory("/Login"), "/");
        assert_eq!(directory("/"), "/");
    }

    #[test]
    fn a_cookie_goes_to_the_server_that_set_it_alone() {
        for (to, fits) in [
            ("https://erp.example/s/auth", true),
            ("HTTPS://ERP.example:443/s/auth", true),
            ("http://erp.example/s/auth", false),
            ("https://erp.example:8443/s/auth", false),
            ("https://www.erp.example/s/auth", false),
            ("https://example/s/auth", false),
            ("https://attacker.example/s/auth", false),
        ] {
            // Not even where it asks to be sent further.
            for set in ["id=1", "id=1; domain=erp.example", "id=1; Domain=.erp.example; Secure"] {
                assert_eq!(carried_from(LOGIN, &[set], to).is_some(), fits, "{set} {to}");
            }
        }
        assert_eq!(
            carried(&["id=1; domain=attacker.example", "a=2; domain=p.example", "b=3; domain=example"], "/s/auth")
                .unwrap(),
            "b=3"
        );
        // A test system without TLS.
        assert!(carried_from("http://127.0.0.1:81/Login", &["id=1; Secure"], "http://127.0.0.1:81/x").is_some());
    }

    #[test]
    fn a_later_answer_replaces_adds_and_deletes() {
        let login: Uri = LOGIN.parse().unwrap();
        let mut cookies = Cookies::of(&login);
        cookies
            .take(&login, &headers(&["id=1; path=/s", "node=.node1; path=/s", "request=1; path=/s", "a=1; path=/s"]));
        let call: Uri = "https://erp.example/s/orders".parse().unwrap();
        cookies.take(&call, &headers(&["request=2; path=/s", "new=1", "id=x; path=/s/other"]));
        for deleted in ["a=; path=/s; expires=Thu, 01-Jan-1970 00:00:00 GMT", "new=; Max-Age=0", "never=; Max-Age=-1"] {
            cookies.take(&call, &headers(&[deleted]));
        }
        let value = cookies.header(&call).unwrap();
        assert!(value.is_sensitive());
        assert_eq!(value, "id=1; node=.node1; request=2");
        cookies.take(
            &call,
            &headers(&["id=; path=/s; Max-Age=0", "node=; path=/s; Max-Age=0", "request=; path=/s; Max-Age=0"]),
        );
        assert_eq!(cookies.header(&call), None);
    }

    #[test]
    fn a_cookie_that_is_still_valid_is_kept() {
        for set in [
            "id=1; path=/; expires=Fri, 31 Dec 9999 23:59:59 GMT",
            "id=1; path=/; expires=Thu, 01-Jan-1970 00:00:00 GMT; max-age=60",
            "id=1; path=/; max-age=soon",
            "id=1; path=/; expires=soon",
            "id=1; path=/; expires=",
        ] {
            assert_eq!(carried(&[set], "/s").as_deref(), Some("id=1"), "{set}");
        }
        for set in [
            "id=1; path=/; expires=Fri, 31 Dec 9999 23:59:59 GMT; max-age=0",
            "id=1; path=/; expires=Sunday, 06-Nov-94 08:49:37 GMT",
            "id=1; path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(carried(&[set], "/s"), None, "{set}");
        }
    }

    #[test]
    fn a_cookie_that_expired_a_moment_ago_is_deleted() {
        let at = |seconds| {
            (Timestamp::now() + std::time::Duration::from_secs(seconds))
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string()
        };
        assert_eq!(carried(&[&format!("id=1; path=/; expires={}", at(0))], "/s"), None);
        assert!(carried(&[&format!("id=1; path=/; expires={}", at(600))], "/s").is_some());
    }

    #[test]
    fn what_is_no_cookie_and_what_is_too_much_is_left_out() {
        assert_eq!(carried(&["", ";", "id", "=1", " = 1", "; path=/"], "/s/auth"), None);
        assert_eq!(carried(&[" id = a=b c ; path=/"], "/s").unwrap(), "id=a=b c");
        assert_eq!(carried(&["id=; path=/"], "/s").unwrap(), "id=");
        assert_eq!(carried(&[&format!("id={}; path=/", "x".repeat(LONGEST))], "/s"), None);
        let many: Vec<String> = (0..2 * MOST).map(|number| format!("id{number}=1; path=/")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(carried(&many, "/s").unwrap().split("; ").count(), MOST);
    }
}
