//! That no session is left open and none is opened in vain, when logins and logouts go wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::{
    Auth, CLOSING_TIME, Endpoint, Idle, Rate, Session, SessionLogin, bare_logout, classify, json_login, paced,
    transport_to,
};
use tokio::time::Instant;

use crate::server::{Server, Then};
use crate::token::Log;

/// What comes of a request: after so many seconds a status, or none, and perhaps a session.
#[derive(Clone, Copy, Default)]
struct Said {
    after: u64,
    status: u16,
    session: bool,
}

const OK: Said = Said { after: 0, status: 200, session: false };
const OPENED: Said = Said { session: true, ..OK };

/// An ERP that opens sessions by number and notes when what was asked in which: `7 call 1`.
struct Erp {
    begun: Instant,
    given: Mutex<usize>,
    asked: Mutex<Vec<String>>,
    says: Mutex<Box<Says>>,
}

/// Told what is asked (`login`, `logout`, or a path) and in which session.
type Says = dyn Fn(&str, usize) -> Said + Send;

impl Erp {
    fn new(says: impl Fn(&str, usize) -> Said + Send + 'static) -> Arc<Self> {
        let (given, asked, says) = (Mutex::default(), Mutex::default(), Mutex::new(Box::new(says) as Box<Says>));
        Arc::new(Self { begun: Instant::now(), given, asked, says })
    }

    fn says(&self, says: impl Fn(&str, usize) -> Said + Send + 'static) {
        *self.says.lock().unwrap() = Box::new(says);
    }

    /// What was asked since this was called last.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn logins(&self) -> usize {
        self.asked().iter().filter(|asked| asked.ends_with("login 0")).count()
    }
}

#[async_trait]
impl Transport for Erp {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let cookies = request.headers().get("cookie").map_or("", |cookies| cookies.to_str().unwrap());
        let session: usize = cookies.strip_prefix("SID=").map_or(0, |id| id.parse().unwrap());
        let what = request.uri().path().trim_start_matches("/s/").to_owned();
        self.asked.lock().unwrap().push(format!("{} {what} {session}", self.begun.elapsed().as_secs()));
        let said = (self.says.lock().unwrap())(&what, session);
        if tokio::time::timeout_at(cx.deadline, tokio::time::sleep(Duration::from_secs(said.after))).await.is_err() {
            return Err(ErpError::new(ErrorKind::Timeout, "too late"));
        }
        if said.status == 0 {
            return Err(ErpError::new(ErrorKind::Unavailable, "cut"));
        }
        let mut answer = Response::builder().status(said.status);
        if said.session {
            let mut given = self.given.lock().unwrap();
            *given += 1;
            answer = answer.header("set-cookie", format!("SID={}; path=/s", *given));
        }
        Ok(answer.body("{}".into()).unwrap())
    }
}

struct Door {
    root: String,
    idle: Idle,
}

impl SessionLogin for Door {
    fn login(&self) -> Result<Request<Bytes>> {
        json_login(&format!("{}/login", self.root).parse().unwrap(), &1)
    }

    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        classify(answer.status(), answer.headers()).map_or(Ok(self.idle), Err)
    }

    fn keep_alive(&self) -> Result<Request<Bytes>> {
        Ok(Request::get(format!("{}/alive", self.root)).body(Bytes::new()).unwrap())
    }

    fn logout(&self) -> Result<Request<Bytes>> {
        // As an adapter may write it, too.
        let logout = bare_logout(&format!("{}/logout", self.root).parse().unwrap());
        Ok(Request::builder().method(Method::POST).uri(logout.uri()).body(Bytes::new()).unwrap())
    }
}

fn endpoint(root: &str, transport: Arc<dyn Transport>, idle: Idle) -> Arc<Endpoint> {
    let session = Session::new(Arc::new(Door { root: root.into(), idle }), Arc::clone(&transport));
    Arc::new(Endpoint::new(root, Auth::Session(session), "application/json", transport).unwrap())
}

fn at(erp: &Arc<Erp>, idle: Idle) -> Arc<Endpoint> {
    endpoint("https://erp.example/s", erp.clone(), idle)
}

async fn call(endpoint: &Endpoint, path: &str) -> Result<Bytes> {
    endpoint.get(&[path]).send(&within(10)).await
}

async fn refused(endpoint: &Endpoint, path: &str) -> ErrorKind {
    call(endpoint, path).await.unwrap_err().kind()
}

fn within(seconds: u64) -> CallContext {
    CallContext::new("test", Duration::from_secs(seconds))
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_closed_while_the_old_session_is_left_logs_in_no_more() {
    let erp = Erp::new(|what, _| if what == "login" { OPENED } else { OK });
    let endpoint = at(&erp, Idle::Kept);
    call(&endpoint, "x").await.unwrap();
    erp.says(|what, _| match what {
        "logout" => Said { after: 100, ..OK },
        _ => Said { status: 401, ..OK },
    });
    let caller = tokio::spawn({
        let endpoint = Arc::clone(&endpoint);
        async move { refused(&endpoint, "x").await }
    });
    seconds(1).await;
    endpoint.close(&within(5)).await;
    assert_eq!(caller.await.unwrap(), ErrorKind::Unavailable);
    seconds(100).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 x 1", "0 x 1", "0 logout 1"]);
}

/// The old session's logout, the login and its logout take as long as they may.
#[tokio::test(start_paused = true)]
async fn whatever_is_under_way_a_session_is_closed_in_the_time_that_is_stated() {
    let erp = Erp::new(|what, session| match (what, session) {
        ("login", _) => Said { after: 29, ..OPENED },
        ("logout", _) => Said { after: 100, ..OK },
        (_, 1) => Said { status: 401, ..OK },
        _ => OK,
    });
    let endpoint = at(&erp, Idle::Kept);
    let other = Arc::clone(&endpoint);
    tokio::spawn(async move { other.get(&["x"]).send(&within(100)).await });
    // The login, the call, and the logout that nobody answers for five seconds: the second login begins.
    seconds(29 + 5 + 1).await;
    let closes = Instant::now();
    endpoint.close(&CallContext::new("close", CLOSING_TIME)).await;
    assert!(closes.elapsed() < CLOSING_TIME, "{:?}", closes.elapsed());
    let asked = erp.asked();
    assert_eq!(asked[..4], ["0 login 0", "29 x 1", "29 logout 1", "34 login 0"]);
    assert_eq!(asked[4..], ["63 logout 2"]);
    assert_eq!(CLOSING_TIME, Duration::from_secs(5 + 30 + 5));
}

#[tokio::test(start_paused = true)]
async fn our_own_pace_does_not_hold_up_a_logout() {
    let erp = Erp::new(|what, _| if what == "login" { OPENED } else { OK });
    let rate = Arc::new(Rate::new(4));
    let endpoint = endpoint("https://erp.example/s", paced(erp.clone(), Arc::clone(&rate)), Idle::Kept);
    for _ in 0..3 {
        call(&endpoint, "x").await.unwrap();
    }
    assert_eq!(refused(&endpoint, "x").await, ErrorKind::Overloaded);
    seconds(20).await;
    endpoint.close(&within(5)).await;
    assert_eq!(erp.asked()[4..], ["20 logout 1"]);
    // It counts: the fourth request after it waits for a minute from the logout on.
    let plain = Endpoint::new("https://erp.example/s", Auth::None, "a/b", paced(erp.clone(), rate)).unwrap();
    for _ in 0..4 {
        plain.get(&["x"]).send(&within(100)).await.unwrap();
    }
    assert_eq!(erp.asked(), ["60 x 0", "60 x 0", "60 x 0", "80 x 0"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_a_failed_login_opened_is_logged_out() {
    for (status, kind) in
        [(302, ErrorKind::Misconfigured), (500, ErrorKind::Unavailable), (401, ErrorKind::CredentialsRejected)]
    {
        let erp = Erp::new(move |what, _| if what == "login" { Said { status, ..OPENED } } else { OK });
        let endpoint = at(&erp, Idle::Kept);
        assert_eq!(refused(&endpoint, "x").await, kind);
        assert_eq!(erp.asked(), ["0 login 0", "0 logout 1"], "{status}");
    }
}

/// Over real sockets: the headers came, but never all that they announce.
#[tokio::test]
async fn a_session_whose_login_was_cut_off_is_logged_out() {
    let head = "HTTP/1.1 200 OK\r\nset-cookie: SID=7; path=/s\r\n";
    for (answer, kind) in [
        (format!("{head}content-length: 100\r\n\r\n{{}}"), ErrorKind::Unavailable),
        (format!("{head}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{{}}"), ErrorKind::Malformed),
    ] {
        let respond = move |request: &str| match request.starts_with("POST /s/login ") {
            true => answer.clone().into_bytes(),
            false => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        };
        let server = Server::responding(respond, Then::Close).await;
        let endpoint = endpoint(&server.url("/s"), transport_to(&["127.0.0.1"]).unwrap(), Idle::Kept);
        assert_eq!(refused(&endpoint, "x").await, kind);
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{requests:?}");
        assert!(requests[1].starts_with("POST /s/logout ") && requests[1].contains("cookie: SID=7"), "{requests:?}");
        assert_eq!(refused(&endpoint, "x").await, kind);
        assert_eq!(server.requests().len(), 2, "and no other is opened at once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_answer_got_lost_is_not_repeated_by_every_call() {
    let erp = Erp::new(|what, _| if what == "login" { Said { status: 0, ..OK } } else { OK });
    let endpoint = at(&erp, Idle::Kept);
    for pause in [5, 10, 20, 40, 60, 60] {
        let error = call(&endpoint, "x").await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Unavailable, Some(Duration::from_secs(pause))));
        seconds(pause - 1).await;
        let error = call(&endpoint, "x").await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Unavailable, Some(Duration::from_secs(1))));
        assert_eq!(erp.logins(), 1);
        seconds(1).await;
    }
    // One that is accepted ends that; one that was answered or never came there needs no pause.
    erp.says(|what, _| if what == "login" { OPENED } else { OK });
    call(&endpoint, "x").await.unwrap();
    let erp = Erp::new(|_, _| Said { status: 503, ..OK });
    let endpoint = at(&erp, Idle::Kept);
    for _ in 0..3 {
        assert_eq!(refused(&endpoint, "x").await, ErrorKind::Unavailable);
    }
    assert_eq!(erp.logins(), 3);
    let nobody = format!("http://{}/s", Server::nobody().await);
    let endpoint = self::endpoint(&nobody, transport_to(&["127.0.0.1"]).unwrap(), Idle::Kept);
    let error = call(&endpoint, "x").await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Unreachable, None));
}

/// Its user lacks a right, which the ERP tells as if the session were over.
#[tokio::test(start_paused = true)]
async fn one_thing_that_is_always_refused_costs_no_login_each_time() {
    let erp = Erp::new(|what, _| match what {
        "login" => OPENED,
        "forbidden" => Said { status: 401, ..OK },
        _ => OK,
    });
    let endpoint = at(&erp, Idle::Kept);
    for _ in 0..10 {
        call(&endpoint, "x").await.unwrap();
        let error = call(&endpoint, "forbidden").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialsRejected);
        assert!(error.message().contains("the ERP accepted the login"), "{error}");
        seconds(1).await;
    }
    assert_eq!(erp.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_session_that_is_over_at_once_in_the_erp_s_own_way_is_for_the_adapter_to_read() {
    struct Redirecting(Door);
    impl SessionLogin for Redirecting {
        fn login(&self) -> Result<Request<Bytes>> {
            self.0.login()
        }

        fn is_dead(&self, answer: &Response<Bytes>) -> bool {
            answer.status() == 302
        }

        fn logout(&self) -> Result<Request<Bytes>> {
            self.0.logout()
        }
    }
    let erp = Erp::new(|what, _| if what == "login" { OPENED } else { Said { status: 302, ..OK } });
    let door = Redirecting(Door { root: "https://erp.example/s".into(), idle: Idle::Kept });
    let session = Session::new(Arc::new(door), erp.clone());
    let endpoint = Endpoint::new("https://erp.example/s", Auth::Session(session), "a/b", erp.clone()).unwrap();
    assert_eq!(endpoint.get(&["x"]).exchange(&within(10)).await.unwrap().status(), 302);
    assert_eq!(erp.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_logout_that_is_refused_is_told_aloud() {
    for (status, is_told) in [(200, false), (204, false), (401, false), (500, true), (403, true), (404, true)] {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
            .with_writer(move || writer.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        tracing::callsite::rebuild_interest_cache();
        let erp = Erp::new(move |what, _| match what {
            "login" => OPENED,
            "logout" => Said { status, ..OK },
            _ => OK,
        });
        let endpoint = at(&erp, Idle::Kept);
        call(&endpoint, "x").await.unwrap();
        endpoint.close(&within(5)).await;
        drop(guard);
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(log.contains("did not end a session"), is_told, "{status}: {log}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_not_idle_while_it_is_used_and_from_the_last_answer_on() {
    let says = |what: &str, _| match what {
        "login" => OPENED,
        "slow" => Said { after: 6, ..OK },
        _ => OK,
    };
    let erp = Erp::new(says);
    let endpoint = at(&erp, Idle::LetGo(Duration::from_secs(5)));
    call(&endpoint, "slow").await.unwrap();
    seconds(4).await;
    call(&endpoint, "x").await.unwrap();
    seconds(6).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 slow 1", "10 x 1", "15 logout 1"]);

    let erp = Erp::new(says);
    let endpoint = at(&erp, Idle::KeptAlive(Duration::from_secs(5)));
    call(&endpoint, "slow").await.unwrap();
    seconds(6).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 slow 1", "11 alive 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_time_of_no_length_and_one_without_end_are_times_too() {
    let says = |what: &str, _| if what == "login" { OPENED } else { OK };
    let erp = Erp::new(says);
    let endpoint = at(&erp, Idle::LetGo(Duration::ZERO));
    for _ in 0..3 {
        call(&endpoint, "x").await.unwrap();
    }
    seconds(2).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 x 1", "0 x 1", "0 x 1", "1 logout 1"]);

    let erp = Erp::new(says);
    let endpoint = at(&erp, Idle::KeptAlive(Duration::ZERO));
    call(&endpoint, "x").await.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 x 1", "1 alive 1", "2 alive 1"]);

    for idle in [Idle::KeptAlive(Duration::MAX), Idle::LetGo(Duration::MAX)] {
        let erp = Erp::new(says);
        let endpoint = at(&erp, idle);
        call(&endpoint, "x").await.unwrap();
        seconds(10_000).await;
        call(&endpoint, "x").await.unwrap();
        assert_eq!(erp.asked(), ["0 login 0", "0 x 1", "10000 x 1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_that_got_lost_is_sent_again_soon() {
    let erp = Erp::new(|what, _| match what {
        "login" => OPENED,
        "alive" => Said { status: 0, ..OK },
        _ => OK,
    });
    let endpoint = at(&erp, Idle::KeptAlive(Duration::from_secs(100)));
    call(&endpoint, "x").await.unwrap();
    seconds(115).await;
    erp.says(|_, _| OK);
    seconds(110).await;
    assert_eq!(erp.asked(), ["0 login 0", "0 x 1", "100 alive 1", "110 alive 1", "120 alive 1", "220 alive 1"]);
}
