//! Who opens a session and when, who shares it, and that none is left open.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::{
    Auth, Endpoint, Idle, Session, SessionLogin, bare_logout, classify, json_login, login_address, transport_to,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::server::{Server, Then};
use crate::token::Log;

const PASSWORD: &str = "pa55-w0rd";
const HOUR: Duration = Duration::from_secs(60 * 60);
const TAKES: Duration = Duration::from_secs(1);

/// An ERP with sessions, of which its licence allows so many.
struct Erp(Mutex<State>);

#[derive(Clone, Debug)]
struct State {
    licences: usize,
    open: BTreeSet<usize>,
    given: usize,
    /// Also a login that was refused for want of a licence.
    logins: usize,
    refused: usize,
    /// Says of every session that it is over.
    denies: bool,
    /// Never answers a logout.
    hangs: bool,
    /// What the next logins are answered, before they are answered as usual.
    logins_answered: VecDeque<(u16, &'static str)>,
    /// What was asked, in its order: `login`, `call 1`, `logout 1`.
    asked: Vec<String>,
}

impl Erp {
    fn new(licences: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            licences,
            open: BTreeSet::new(),
            given: 0,
            logins: 0,
            refused: 0,
            denies: false,
            hangs: false,
            logins_answered: VecDeque::new(),
            asked: Vec::new(),
        })))
    }

    fn state(&self) -> State {
        self.0.lock().unwrap().clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    /// What was asked since this was called last.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// Ends all sessions by itself, as at a restart.
    fn restart(&self) {
        self.change(|state| state.open.clear());
    }

    /// Status, cookies to set, body.
    fn answer(&self, is_post: bool, path: &str, cookies: &str) -> (u16, Vec<String>, String) {
        let state = &mut *self.0.lock().unwrap();
        let cookie = |name: &str| cookies.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let id = cookie("SID").and_then(|id| id.parse::<usize>().ok());
        let told = id.map_or("none".to_owned(), |id| id.to_string());
        match (is_post, path) {
            (true, "/s/Login") => {
                state.asked.push("login".into());
                state.logins += 1;
                let cookies = |id: usize| {
                    let set =
                        ["SID=stale; path=/s", &format!("SID={id}; path=/s; HttpOnly"), "ROUTEID=.node1; path=/s"];
                    [&set[..], &["elsewhere=1; path=/t", "SID=stale; path=/s/sub/sub"]]
                        .concat()
                        .into_iter()
                        .map(str::to_owned)
                        .collect()
                };
                if let Some((status, body)) = state.logins_answered.pop_front() {
                    return (status, if body == "garbage" { cookies(0) } else { Vec::new() }, body.into());
                }
                if state.open.len() >= state.licences {
                    state.refused += 1;
                    return (500, Vec::new(), "no licence left".into());
                }
                state.given += 1;
                state.open.insert(state.given);
                (200, cookies(state.given), "{}".into())
            }
            (true, _) => {
                state.asked.push(format!("logout {told}"));
                id.map(|id| state.open.remove(&id));
                (204, Vec::new(), String::new())
            }
            (false, _) => {
                state.asked.push(format!("call {told}"));
                let is_routed = cookie("ROUTEID") == Some(".node1") && cookie("elsewhere").is_none();
                match id.is_some_and(|id| state.open.contains(&id)) && is_routed && !state.denies {
                    true => (200, vec!["seen=1; path=/s".into()], "answer".into()),
                    false => (401, vec!["SID=; path=/s; max-age=0".into()], "over".into()),
                }
            }
        }
    }

    /// The same over a real socket.
    async fn listen(self: &Arc<Self>) -> Server {
        let erp = Arc::clone(self);
        let respond = move |request: &str| {
            let (head, _) = request.split_once("\r\n\r\n").unwrap();
            let path = head.split(' ').nth(1).unwrap();
            let cookies = head.lines().find_map(|line| line.strip_prefix("cookie: ")).unwrap_or_default();
            let (status, set, body) = erp.answer(head.starts_with("POST"), path, cookies);
            let set: String = set.iter().map(|cookie| format!("Set-Cookie: {cookie}\r\n")).collect();
            let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            format!("HTTP/1.1 {status} Said\r\n{set}{length}\r\n{body}").into_bytes()
        };
        Server::responding(respond, Then::KeepAlive).await
    }
}

#[async_trait]
impl Transport for Erp {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let is_post = request.method() == Method::POST;
        if self.state().hangs && request.uri().path() == "/s/Logout" {
            tokio::time::sleep_until(cx.deadline).await;
            return Err(ErpError::new(ErrorKind::Timeout, "too late"));
        }
        if request.uri().path() == "/s/Login" {
            let taken = tokio::time::timeout_at(cx.deadline, tokio::time::sleep(TAKES)).await;
            taken.map_err(|_| ErpError::new(ErrorKind::Timeout, "too late"))?;
        }
        let cookies = request.headers().get("cookie").map_or("", |cookies| cookies.to_str().unwrap());
        let (status, set, body) = self.answer(is_post, request.uri().path(), cookies);
        let answer = set.iter().fold(Response::builder(), |answer, cookie| answer.header("set-cookie", cookie));
        let answer = answer.status(status).body(body.into()).unwrap();
        // The answer to a late call comes when much has happened.
        if request.uri().path() == "/s/late" {
            tokio::time::sleep(TAKES * 3).await;
        }
        Ok(answer)
    }
}

struct Door {
    root: String,
    idle: Idle,
}

impl Door {
    fn address(&self, path: &str) -> Uri {
        login_address("base_url", &format!("{}{path}", self.root)).unwrap()
    }
}

impl SessionLogin for Door {
    fn login(&self) -> Result<Request<Bytes>> {
        json_login(&self.address("/Login"), &serde_json::json!({ "user": "mia", "password": PASSWORD }))
    }

    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        match answer.body().as_ref() {
            b"no licence left" => Err(ErpError::new(ErrorKind::RateLimited, "all sessions of the licence are in use")),
            b"for a minute" => {
                let error = ErpError::new(ErrorKind::RateLimited, "slow down");
                Err(error.with_retry_after(Duration::from_secs(60)))
            }
            b"wrong password" => Err(ErpError::new(ErrorKind::CredentialsRejected, "no")),
            b"garbage" => Err(ErpError::malformed("what is this")),
            b"panic" => panic!("as asked for"),
            _ => classify(answer.status(), answer.headers()).map_or(Ok(self.idle), Err),
        }
    }

    fn is_dead(&self, answer: &Response<Bytes>) -> bool {
        answer.status() == 401 && answer.body() == "over"
    }

    fn keep_alive(&self) -> Result<Request<Bytes>> {
        Ok(Request::get(self.address("/alive")).body(Bytes::new()).unwrap())
    }

    fn logout(&self) -> Result<Request<Bytes>> {
        Ok(bare_logout(&self.address("/Logout")))
    }
}

fn endpoint(root: &str, idle: Idle, transport: Arc<dyn Transport>) -> Arc<Endpoint> {
    let session = Session::new(Arc::new(Door { root: root.into(), idle }), Arc::clone(&transport));
    Arc::new(Endpoint::new(root, Auth::Session(session), "application/json", transport).unwrap())
}

/// A connection to the ERP without sockets.
fn scripted(erp: &Arc<Erp>, idle: Idle) -> Arc<Endpoint> {
    endpoint("https://erp.example/s", idle, erp.clone())
}

async fn connected(erp: &Arc<Erp>) -> (Server, Arc<Endpoint>) {
    let server = erp.listen().await;
    let endpoint = endpoint(&server.url("/s"), Idle::Kept, transport_to(&["127.0.0.1"]).unwrap());
    (server, endpoint)
}

fn context() -> CallContext {
    CallContext::new("test", Duration::from_secs(10))
}

async fn call(endpoint: &Endpoint) -> Result<Bytes> {
    endpoint.get(&["x"]).send(&context()).await
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

async fn fifty(endpoint: &Arc<Endpoint>) -> Vec<Result<Bytes>> {
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let endpoint = Arc::clone(endpoint);
        calls.spawn(async move { call(&endpoint).await });
    }
    calls.join_all().await
}

/// Over real sockets and on several threads, at an ERP that allows one session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_cold_calls_log_in_once_and_fifty_on_a_dropped_session_once_more() {
    let erp = Erp::new(1);
    let (server, endpoint) = connected(&erp).await;
    let answered = async || {
        let answers = fifty(&endpoint).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|body| body == "answer")), "{answers:?}");
    };
    answered().await;
    assert_eq!((erp.state().logins, erp.asked().len()), (1, 51));
    for logins in 2..6 {
        erp.restart();
        answered().await;
        let (state, asked) = (erp.state(), erp.asked());
        assert_eq!((state.logins, state.refused, state.open.len()), (logins, 0, 1));
        assert!(asked.len() <= 102, "each call twice at most, a logout, a login: {asked:?}");
    }
    endpoint.close(&context()).await;
    assert!(erp.state().open.is_empty());
    // There are servers that refuse a request of unknown length.
    let logout = server.requests().into_iter().rfind(|request| request.starts_with("POST")).unwrap();
    assert!(logout.starts_with("POST /s/Logout ") && logout.to_lowercase().contains("content-length: 0"), "{logout}");
}

#[tokio::test]
async fn what_the_server_set_is_sent_back_to_it_and_to_no_other() {
    let erp = Erp::new(1);
    let (server, own) = connected(&erp).await;
    call(&own).await.unwrap();
    call(&own).await.unwrap();
    own.get(&["sub", "sub"]).send(&context()).await.unwrap_err();
    let sent = |request: &str| request.lines().find_map(|line| line.strip_prefix("cookie: ").map(str::to_owned));
    let carried: Vec<_> = server.requests().iter().map(|request| sent(request)).collect();
    assert_eq!(
        carried[..3],
        [None, Some("SID=1; ROUTEID=.node1".into()), Some("SID=1; ROUTEID=.node1; seen=1".into())]
    );
    assert_eq!(carried[3].as_deref(), Some("ROUTEID=.node1; SID=stale; seen=1"), "the path's own");

    let other = Server::start("", Then::Close).await;
    let transport = transport_to(&["127.0.0.1"]).unwrap();
    let door = Door { root: server.url("/s"), idle: Idle::Kept };
    let session = Session::new(Arc::new(door), Arc::clone(&transport));
    let astray = Endpoint::new(&other.url("/s"), Auth::Session(session), "application/json", transport).unwrap();
    erp.restart();
    assert_eq!(kind(call(&astray).await), ErrorKind::Internal);
    assert_eq!(other.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_logged_out_before_the_next_and_the_call_repeated_once() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    // The ERP may be wrong about it, and then the licence allows no second one.
    erp.change(|state| state.denies = true);
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.asked(), ["login", "call 1", "call 1", "logout 1", "login", "call 2"]);
    assert_eq!(erp.state().refused, 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_when_it_is_new_does_not_make_every_call_log_in() {
    let erp = Erp::new(10);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    erp.change(|state| state.denies = true);
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.state().logins, 2);
    for _ in 0..5 {
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    }
    assert_eq!(erp.state().logins, 2);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.state().logins, 3, "after a while it is tried again");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_served_is_replaced_at_once_however_new_it_is() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    for _ in 0..3 {
        erp.restart();
        call(&endpoint).await.unwrap();
    }
    assert_eq!(erp.state().logins, 4);
    // One that was said to be over when it was new has had its turn, whatever else it served.
    erp.change(|state| state.denies = true);
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    erp.change(|state| state.denies = false);
    call(&endpoint).await.unwrap();
    erp.restart();
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.state().logins, 5);
    tokio::time::advance(Duration::from_secs(60)).await;
    call(&endpoint).await.unwrap();
    assert_eq!(erp.state().logins, 6);
}

/// Two calls are made in the old session; the one hears that it is over when the other has long brought a newer one.
#[tokio::test(start_paused = true)]
async fn what_is_said_of_an_old_session_does_not_end_the_newer_one() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    erp.restart();
    erp.asked();
    let (cx, soon) = (context(), call(&endpoint));
    let (late, soon) = tokio::join!(endpoint.get(&["late"]).send(&cx), soon);
    assert_eq!((late.unwrap(), soon.unwrap()), ("answer".into(), "answer".into()));
    assert_eq!(erp.asked(), ["call 1", "call 1", "logout 1", "login", "call 2", "call 2"]);
    call(&endpoint).await.unwrap();
    assert_eq!(erp.asked(), ["call 2"], "nor do the cookies of the old answer");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_or_is_in_haste_spoils_it_for_nobody() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    let leader = tokio::spawn({
        let endpoint = Arc::clone(&endpoint);
        async move { call(&endpoint).await }
    });
    tokio::task::yield_now().await;
    let hasty = CallContext::new("hasty", TAKES / 2);
    let (hasty, other) = tokio::join!(endpoint.get(&["x"]).send(&hasty), async {
        leader.abort();
        call(&endpoint).await
    });
    assert_eq!(kind(hasty), ErrorKind::Timeout);
    other.unwrap();
    assert!(leader.await.unwrap_err().is_cancelled());
    assert_eq!(erp.asked(), ["login", "call 1"]);

    // Nor does the only caller's going lose the session.
    erp.restart();
    let hasty = CallContext::new("hasty", TAKES / 2);
    assert_eq!(kind(endpoint.get(&["x"]).send(&hasty).await), ErrorKind::Timeout);
    tokio::time::sleep(TAKES).await;
    call(&endpoint).await.unwrap();
    assert_eq!(erp.asked(), ["call 1", "logout 1", "login", "call 2"]);
    endpoint.close(&context()).await;
    assert!(erp.state().open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_closed_connection_has_logged_out_and_logs_in_no_more() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    endpoint.close(&context()).await;
    assert_eq!(erp.asked(), ["login", "call 1", "logout 1"]);
    endpoint.close(&context()).await;
    assert_eq!(kind(call(&endpoint).await), ErrorKind::Unavailable);
    // One that was never used, or closed before it was.
    let unused = scripted(&erp, Idle::Kept);
    unused.close(&context()).await;
    assert_eq!(kind(call(&unused).await), ErrorKind::Unavailable);
    assert!(erp.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_login_under_way_at_close_is_logged_out_too() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    let caller = tokio::spawn({
        let endpoint = Arc::clone(&endpoint);
        async move { call(&endpoint).await }
    });
    tokio::task::yield_now().await;
    endpoint.close(&context()).await;
    assert_eq!((erp.asked(), erp.state().open.len()), (vec!["login".to_owned(), "logout 1".to_owned()], 0));
    assert_eq!(kind(caller.await.unwrap()), ErrorKind::Unavailable);

    // Also where close has no time to wait for it.
    let endpoint = scripted(&erp, Idle::Kept);
    let hasty = CallContext::new("hasty", TAKES / 2);
    let (begun, cx) = (Instant::now(), context());
    tokio::join!(async { drop(endpoint.get(&["x"]).send(&cx).await) }, async {
        tokio::task::yield_now().await;
        endpoint.close(&hasty).await;
        assert_eq!(begun.elapsed(), TAKES / 2);
    });
    tokio::time::sleep(TAKES).await;
    assert_eq!((erp.state().given, erp.state().open.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn closing_ends_by_its_deadline_and_a_logout_by_its_own() {
    let erp = Erp::new(2);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    erp.change(|state| state.hangs = true);
    let begun = Instant::now();
    endpoint.close(&CallContext::new("hasty", Duration::from_secs(2))).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(2));

    // Who waits for the old session's end before a login waits no longer than that either.
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    erp.restart();
    let begun = Instant::now();
    call(&endpoint).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(5) + TAKES);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_dropped_gives_its_licence_back_too() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    call(&endpoint).await.unwrap();
    drop(endpoint);
    tokio::task::yield_now().await;
    assert!(erp.state().open.is_empty());
    // While it is being opened.
    let endpoint = scripted(&erp, Idle::Kept);
    let hasty = CallContext::new("hasty", TAKES / 2);
    assert_eq!(kind(endpoint.get(&["x"]).send(&hasty).await), ErrorKind::Timeout);
    drop(endpoint);
    tokio::time::sleep(TAKES).await;
    assert_eq!((erp.state().given, erp.state().open.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_not_tried_again_for_a_minute_doubling_to_fifteen() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    for pause in [60, 120, 240, 480, 900, 900].map(Duration::from_secs) {
        erp.change(|state| state.logins_answered.extend([(500, "wrong password")]));
        for error in fifty(&endpoint).await.into_iter().map(Result::unwrap_err) {
            assert_eq!(error.kind(), ErrorKind::CredentialsRejected);
            assert!(error.message().contains("no login is tried until"), "{error}");
        }
        assert_eq!(erp.asked(), ["login"]);
        tokio::time::sleep(pause - Duration::from_millis(1)).await;
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
        assert!(erp.asked().is_empty());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    call(&endpoint).await.unwrap();
    assert_eq!(erp.asked(), ["login", "call 1"]);
    // A login that is accepted ends the pauses.
    erp.restart();
    erp.change(|state| state.logins_answered.extend([(500, "wrong password")]));
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    tokio::time::sleep(Duration::from_secs(60)).await;
    call(&endpoint).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_login_without_a_licence_is_rate_limited_and_tried_again_after_some_seconds() {
    let erp = Erp::new(1);
    let (first, second) = (scripted(&erp, Idle::Kept), scripted(&erp, Idle::Kept));
    call(&first).await.unwrap();
    for error in fifty(&second).await.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.message(), "at the login: all sessions of the licence are in use");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
    }
    assert_eq!((erp.state().logins, erp.state().refused), (2, 1));
    first.close(&context()).await;
    // Until then nobody is asked again, and who comes later is told how much is left of it.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let error = call(&second).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(1))));
    assert_eq!(erp.state().logins, 2);
    tokio::time::sleep(Duration::from_secs(1)).await;
    call(&second).await.unwrap();
    // A wait that the ERP asks for counts.
    erp.restart();
    erp.change(|state| state.logins_answered.extend([(429, "for a minute")]));
    for left in [60, 59] {
        assert_eq!(call(&second).await.unwrap_err().retry_after(), Some(Duration::from_secs(left)));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_login_answers_all_who_wait_and_the_next_call_tries_again() {
    let erp = Erp::new(1);
    let endpoint = scripted(&erp, Idle::Kept);
    for (answer, told) in [
        ((503, ""), ErrorKind::Unavailable),
        ((404, ""), ErrorKind::Misconfigured),
        ((403, ""), ErrorKind::PermissionDenied),
        ((200, "<html>a page and no cookie</html>"), ErrorKind::Malformed),
        ((200, "panic"), ErrorKind::Internal),
    ] {
        erp.change(|state| state.logins_answered.extend([answer]));
        assert!(fifty(&endpoint).await.into_iter().all(|answer| kind(answer) == told), "{answer:?}");
        assert_eq!(erp.asked(), ["login"], "{answer:?}");
    }
    // What may have opened one is logged out.
    erp.change(|state| state.logins_answered.extend([(200, "garbage")]));
    assert_eq!(kind(call(&endpoint).await), ErrorKind::Malformed);
    assert_eq!(erp.asked(), ["login", "logout 0"]);
    call(&endpoint).await.unwrap();
}

/// A login of which nothing is said but how it is asked for.
struct Plain(Door);

impl SessionLogin for Plain {
    fn login(&self) -> Result<Request<Bytes>> {
        self.0.login()
    }

    fn logout(&self) -> Result<Request<Bytes>> {
        self.0.logout()
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_adapter_leaves_unsaid_goes_by_the_status() {
    let erp = Erp::new(1);
    let door = Door { root: "https://erp.example/s".into(), idle: Idle::LetGo(TAKES) };
    let session = Session::new(Arc::new(Plain(door)), erp.clone());
    let endpoint = Endpoint::new("https://erp.example/s", Auth::Session(session), "text/xml", erp.clone()).unwrap();
    for status in [401, 403] {
        erp.change(|state| state.logins_answered.extend([(status, "")]));
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
        tokio::time::sleep(HOUR).await;
    }
    call(&endpoint).await.unwrap();
    tokio::time::sleep(HOUR).await;
    call(&endpoint).await.unwrap();
    erp.restart();
    call(&endpoint).await.unwrap();
    assert_eq!(erp.state().logins, 4);
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_kept_or_let_go_as_the_adapter_says() {
    let erp = Erp::new(1);
    let kept = scripted(&erp, Idle::Kept);
    call(&kept).await.unwrap();
    tokio::time::sleep(10 * HOUR).await;
    call(&kept).await.unwrap();
    kept.close(&context()).await;
    assert_eq!(erp.asked(), ["login", "call 1", "call 1", "logout 1"]);

    let limit = Duration::from_secs(20 * 60);
    let let_go = scripted(&erp, Idle::LetGo(limit));
    call(&let_go).await.unwrap();
    for _ in 0..3 {
        // Each call counts anew.
        tokio::time::sleep(limit - Duration::from_secs(1)).await;
        call(&let_go).await.unwrap();
    }
    assert_eq!(erp.asked(), ["login", "call 2", "call 2", "call 2", "call 2"]);
    tokio::time::sleep(limit + TAKES).await;
    assert!(erp.state().open.is_empty(), "its licence is free for others");
    assert!(fifty(&let_go).await.iter().all(Result::is_ok));
    assert_eq!(erp.asked()[..3], ["logout 2", "login", "call 3"], "no request in vain");
    assert_eq!((erp.state().logins, erp.state().refused), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_kept_alive_is_asked_for_only_while_it_is_idle_and_one_that_died_is_replaced() {
    let (erp, limit) = (Erp::new(1), Duration::from_secs(20 * 60));
    let kept = scripted(&erp, Idle::KeptAlive(limit));
    call(&kept).await.unwrap();
    tokio::time::sleep(limit - TAKES).await;
    call(&kept).await.unwrap();
    tokio::time::sleep(limit - TAKES).await;
    assert_eq!(erp.asked(), ["login", "call 1", "call 1"]);
    tokio::time::sleep(limit * 3).await;
    assert_eq!(erp.asked(), ["call 1", "call 1", "call 1"], "by nobody but the session");
    erp.restart();
    tokio::time::sleep(limit * 3).await;
    assert_eq!(erp.asked(), ["call 1", "logout 1"], "one that is over is not asked for, nor is another opened");
    assert!(fifty(&kept).await.iter().all(Result::is_ok));
    assert_eq!(erp.asked()[..2], ["login", "call 2"]);
    kept.close(&context()).await;
    tokio::time::sleep(limit * 3).await;
    assert_eq!(erp.asked().last().map(String::as_str), Some("logout 2"));
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_in_a_log_a_message_or_a_debug_output() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    let erp = Erp::new(1);
    let door = Door { root: "https://erp.example/s".into(), idle: Idle::Kept };
    let auth = Auth::Session(Session::new(Arc::new(door), erp.clone()));
    let mut seen = format!("{auth:?}");
    let endpoint = Endpoint::new("https://erp.example/s", auth, "application/json", erp.clone()).unwrap();
    call(&endpoint).await.unwrap();
    for answer in [(500, "wrong password"), (503, PASSWORD)] {
        erp.restart();
        erp.change(|state| state.logins_answered.extend([answer]));
        let error = call(&endpoint).await.unwrap_err();
        seen += &format!("{error} {error:?} {}", error.causes());
        tokio::time::sleep(HOUR).await;
    }
    call(&endpoint).await.unwrap();
    erp.change(|state| state.hangs = true);
    endpoint.close(&context()).await;
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the ERP refused the login") && log.contains("could not be asked to end a session"), "{log}");
    for secret in [PASSWORD, "pa55", "SID", "node1"] {
        assert!(!log.contains(secret) && !seen.contains(secret), "{secret}: {log} {seen}");
    }
}
