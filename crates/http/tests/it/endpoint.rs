//! What an adapter asks and how answers are classified.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use livegate_core::{CallContext, ErrorKind, Result, Transport};
use livegate_http::{Auth, Endpoint, classify, is_one_segment};
use proptest::prelude::*;

/// Keeps the last request and answers with a status.
#[derive(Default)]
pub struct Recorder {
    status: StatusCode,
    last: Mutex<Option<http::Request<Bytes>>>,
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, _cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        *self.last.lock().unwrap() = Some(request);
        Ok(http::Response::builder().status(self.status).body("body".into()).unwrap())
    }
}

impl Recorder {
    pub fn answering(status: u16) -> Arc<Self> {
        Arc::new(Self { status: StatusCode::from_u16(status).unwrap(), last: Mutex::default() })
    }

    pub fn last(&self) -> http::Request<Bytes> {
        self.last.lock().unwrap().take().expect("a request was sent")
    }
}

fn endpoint(base_url: &str, auth: Auth, recorder: &Arc<Recorder>) -> Result<Endpoint> {
    Endpoint::new(base_url, auth, "application/json", recorder.clone())
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(5))
}

async fn uri(base_url: &str, segments: &[&str]) -> String {
    let recorder = Recorder::answering(200);
    endpoint(base_url, Auth::None, &recorder).unwrap().get(segments).send(&context()).await.unwrap();
    recorder.last().uri().to_string()
}

#[tokio::test]
async fn a_base_url_keeps_its_path_with_or_without_a_trailing_slash() {
    for (base_url, expected) in [
        ("https://erp.example", "https://erp.example/AR/Inquiry"),
        ("https://erp.example/", "https://erp.example/AR/Inquiry"),
        (" https://erp.example/shop/v2 ", "https://erp.example/shop/v2/AR/Inquiry"),
        ("https://erp.example:8443/shop/v2/", "https://erp.example:8443/shop/v2/AR/Inquiry"),
        ("HTTP://ERP.example:80/a%20b/", "http://erp.example/a%20b/AR/Inquiry"),
    ] {
        assert_eq!(uri(base_url, &["AR", "Inquiry"]).await, expected);
    }
    for base_url in [
        "",
        "erp.example",
        "/api",
        "ftp://erp.example",
        "https://",
        "https://user:pa55@erp.example",
        "https://erp.example/?a=b",
        "https://erp.example/#a",
    ] {
        let error = endpoint(base_url, Auth::None, &Recorder::answering(200)).err().expect(base_url);
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().starts_with("base_url") && !error.message().contains("pa55"), "{error}");
    }
}

#[tokio::test]
async fn a_whole_address_is_asked_as_it_stands() {
    let recorder = Recorder::answering(200);
    let whole = |url| Endpoint::whole("orders_url", url, Auth::None, "application/json", recorder.clone());
    for (url, asked, with_more) in [
        ("https://erp.example", "https://erp.example/", "https://erp.example/?a=b%26c"),
        (" https://erp.example/orders/ ", "https://erp.example/orders/", "https://erp.example/orders/?a=b%26c"),
        (
            "https://erp.example/let.nl?script=12&deploy=1",
            "https://erp.example/let.nl?script=12&deploy=1",
            "https://erp.example/let.nl?script=12&deploy=1&a=b%26c",
        ),
    ] {
        let endpoint = whole(url).unwrap();
        endpoint.post(&[]).send(&context()).await.unwrap();
        assert_eq!(recorder.last().uri(), asked);
        endpoint.post(&[]).query("a", "b&c").send(&context()).await.unwrap();
        assert_eq!(recorder.last().uri(), with_more);
    }
    let error = whole("https://erp.example/?a=b").unwrap().post(&["x"]).send(&context()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    for url in
        ["", "erp.example/orders", "ftp://erp.example", "https://user:pa55@erp.example", "https://erp.example/#a"]
    {
        let error = whole(url).err().expect(url);
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().starts_with("orders_url") && !error.message().contains("pa55"), "{error}");
    }
}

#[tokio::test]
async fn a_segment_and_a_query_value_stay_what_they_are() {
    for (segment, encoded) in [
        ("C-1_x~.y", "C-1_x~.y"),
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("...", "..."),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("'x' OR \"y\"", "%27x%27%20OR%20%22y%22"),
        ("ü\r\nX: y", "%C3%BC%0D%0AX%3A%20y"),
        ("a\\b;c@d+e", "a%5Cb%3Bc%40d%2Be"),
    ] {
        assert_eq!(
            uri("https://erp.example/api", &["x", segment, "y"]).await,
            format!("https://erp.example/api/x/{encoded}/y")
        );
    }
    let recorder = Recorder::answering(200);
    let endpoint = endpoint("https://erp.example/api", Auth::None, &recorder).unwrap();
    endpoint.get(&["x"]).query("a b", "c&d=e f+#").query("empty", "").send(&context()).await.unwrap();
    assert_eq!(recorder.last().uri(), "https://erp.example/api/x?a%20b=c%26d%3De%20f%2B%23&empty=");
}

#[tokio::test]
async fn what_cannot_be_one_segment_is_never_sent() {
    let recorder = Recorder::answering(200);
    let endpoint = endpoint("https://erp.example", Auth::None, &recorder).unwrap();
    for segment in ["", ".", ".."] {
        assert!(!is_one_segment(segment));
        let error = endpoint.get(&["customers", segment]).send(&context()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        let error = endpoint.post(&[segment, "x"]).json(&1).send_for_record(&context()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
    assert!(recorder.last.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_request_carries_accept_authentication_headers_and_body() {
    for (auth, name, value) in [
        (Auth::Bearer("t0ken".into()), "authorization", "Bearer t0ken"),
        (
            Auth::Basic { username: "Aladdin".into(), password: "open sesame".into() },
            "authorization",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        (Auth::Header { name: HeaderName::from_static("x-key"), value: "k3y".into() }, "x-key", "k3y"),
    ] {
        assert!(!format!("{auth:?}").contains("t0ken") && !format!("{auth:?}").contains("sesame"), "{auth:?}");
        let recorder = Recorder::answering(200);
        let endpoint = endpoint("https://erp.example", auth, &recorder).unwrap();
        let request = endpoint.post(&["x"]).header(HeaderName::from_static("x-more"), HeaderValue::from_static("1"));
        assert_eq!(request.json(&["1001"]).send(&context()).await.unwrap(), "body");
        let sent = recorder.last();
        assert_eq!((sent.method().as_str(), sent.body().as_ref()), ("POST", b"[\"1001\"]".as_slice()));
        let headers = sent.headers();
        assert_eq!(headers[name], value);
        assert!(headers[name].is_sensitive());
        assert_eq!(
            (&headers["accept"], &headers["content-type"]),
            (&HeaderValue::from_static("application/json"), &HeaderValue::from_static("application/json"))
        );
        assert_eq!(headers["x-more"], "1");
        assert!(!format!("{sent:?}").contains(value));
    }
    let recorder = Recorder::answering(200);
    for auth in [
        Auth::Bearer("a\r\nX: y".into()),
        Auth::Header { name: HeaderName::from_static("x-key"), value: "a\nb".into() },
        Auth::Basic { username: "a:b".into(), password: "c".into() },
    ] {
        let error = endpoint("https://erp.example", auth, &recorder).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
    }
}

#[tokio::test]
async fn only_a_request_for_a_record_takes_404_as_an_answer() {
    let ask = async |status| {
        let recorder = Recorder::answering(status);
        let endpoint = endpoint("https://erp.example", Auth::None, &recorder).unwrap();
        let plain = endpoint.get(&["x"]).send(&context()).await.map_err(|error| error.kind());
        let record = endpoint.get(&["x"]).send_for_record(&context()).await.map_err(|error| error.kind());
        (plain, record)
    };
    assert_eq!(ask(200).await, (Ok("body".into()), Ok(Some("body".into()))));
    assert_eq!(ask(404).await, (Err(ErrorKind::Misconfigured), Ok(None)));
    assert_eq!(ask(410).await, (Err(ErrorKind::Misconfigured), Err(ErrorKind::Misconfigured)));
    assert_eq!(ask(500).await, (Err(ErrorKind::Unavailable), Err(ErrorKind::Unavailable)));
}

#[tokio::test]
async fn an_exchange_leaves_every_status_and_its_body_to_the_adapter() {
    for status in [200, 400, 401, 404, 503] {
        let recorder = Recorder::answering(status);
        let endpoint = endpoint("https://erp.example/", Auth::None, &recorder).unwrap();
        let answer = endpoint.get(&["x"]).exchange(&context()).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.into_body()), (status, Bytes::from("body")));
    }
}

#[test]
fn a_status_decides_the_kind() {
    let headers = HeaderMap::new();
    for status in 200..=299 {
        assert!(classify(StatusCode::from_u16(status).unwrap(), &headers).is_none());
    }
    for status in (300..=599).chain([600, 999]) {
        let expected = match status {
            401 => ErrorKind::CredentialsRejected,
            403 => ErrorKind::PermissionDenied,
            429 => ErrorKind::RateLimited,
            300..=499 => ErrorKind::Misconfigured,
            _ => ErrorKind::Unavailable,
        };
        let error = classify(StatusCode::from_u16(status).unwrap(), &headers).unwrap();
        assert_eq!((error.kind(), error.retry_after()), (expected, None), "{status}");
        assert!(error.message().contains(&status.to_string()), "{error}");
    }
}

#[test]
fn retry_after_is_read_in_both_forms_clamped_and_only_where_it_belongs() {
    let wait = |status: u16, value: &str| {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_bytes(value.as_bytes()).unwrap())]);
        classify(StatusCode::from_u16(status).unwrap(), &headers).unwrap().retry_after()
    };
    for status in [429, 503] {
        for (value, seconds) in [
            ("120", Some(120)),
            ("0", Some(0)),
            (" 5 ", Some(5)),
            ("86400", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Tue, 31 Dec 2999 23:59:59 GMT", Some(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("ü", None),
        ] {
            assert_eq!(wait(status, value), seconds.map(Duration::from_secs), "{value}");
        }
        let in_a_minute = (Timestamp::now() + Duration::from_secs(60)).strftime("%a, %d %b %Y %T GMT").to_string();
        let wait = wait(status, &in_a_minute).unwrap();
        assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
    }
    assert_eq!(wait(500, "120"), None);
    assert_eq!(wait(404, "120"), None);
}

proptest! {
    /// Whoever parses the address finds the same segment and the same query value, and nothing else.
    #[test]
    fn no_text_leaves_its_place(segment in "\\PC{1,20}|[./%\\\\?#\r\n]{1,6}", value in "\\PC{0,20}|[&=+%#\r\n ]{0,6}") {
        prop_assume!(is_one_segment(&segment));
        let recorder = Recorder::answering(200);
        let endpoint = endpoint("https://erp.example/api", Auth::None, &recorder).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(endpoint.get(&[&segment, "end"]).query("q", &value).send(&context())).unwrap();
        let url = url::Url::parse(&recorder.last().uri().to_string()).unwrap();
        let path: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(path.len(), 3);
        prop_assert_eq!((path[0], path[2]), ("api", "end"));
        let decoded = percent_encoding::percent_decode_str(path[1]).decode_utf8().unwrap();
        prop_assert_eq!(decoded, segment);
        prop_assert_eq!(url.query_pairs().map(|(_, value)| value.into_owned()).collect::<Vec<_>>(), vec![value]);
        prop_assert_eq!(url.fragment(), None);
    }
}
