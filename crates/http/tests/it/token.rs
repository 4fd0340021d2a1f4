//! Whose tokens they are, who fetches them and when, and what a refusal leads to.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Request, Response, Uri};
use jiff::Timestamp;
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::{
    Auth, ClientCredentials, Clients, EgressPolicy, Endpoint, Login, PasswordGrant, TokenSource, Tokens,
    TransportSettings, form_login, json_login, lifetime_until, login_address,
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::server::{Server, Then};

const PASSWORD: &str = "pa55-w0rd&=+";
const HOUR: Duration = Duration::from_secs(60 * 60);

/// An ERP with a login. Its only valid tokens are those that it gave last.
#[derive(Default)]
struct Erp {
    state: Mutex<State>,
    /// How long a login or a refresh takes; only for the scripted transport.
    takes: Duration,
}

#[derive(Default, Clone, Debug)]
struct State {
    logins: usize,
    refreshes: usize,
    calls: usize,
    given: usize,
    expired: bool,
    refuses_calls: bool,
    /// In seconds; the member is missing without.
    lifetime: Option<&'static str>,
    gives_refresh: bool,
    keeps_refresh: bool,
    refresh: String,
    /// What the next logins and refreshes are answered, before they are answered as usual.
    logins_answered: VecDeque<(u16, &'static str)>,
    refreshes_answered: VecDeque<(u16, &'static str)>,
    /// Bodies of logins and refreshes.
    posted: Vec<String>,
    /// Headers of calls.
    carried: Vec<String>,
}

impl Erp {
    fn new(state: State) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), takes: Duration::from_secs(1) })
    }

    fn state(&self) -> State {
        self.state.lock().unwrap().clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// How many logins, refreshes and calls there were since this was asked last.
    fn counts(&self) -> (usize, usize, usize) {
        let mut state = self.state.lock().unwrap();
        (std::mem::take(&mut state.logins), std::mem::take(&mut state.refreshes), std::mem::take(&mut state.calls))
    }

    /// Counts on arrival, also what is never answered.
    fn count(&self, is_post: bool, body: &str) {
        self.change(|state| match (is_post, body.contains("refresh")) {
            (false, _) => state.calls += 1,
            (true, false) => state.logins += 1,
            (true, true) => state.refreshes += 1,
        });
    }

    fn answer(&self, is_post: bool, head: &str, body: &str) -> (u16, String) {
        let state = &mut *self.state.lock().unwrap();
        if !is_post {
            state.carried.push(head.to_owned());
            let valid = !state.expired
                && head.lines().any(|line| line == format!("authorization: Bearer access-{}", state.given));
            return if valid && !state.refuses_calls { (200, "answer".into()) } else { (401, "no".into()) };
        }
        state.posted.push(body.to_owned());
        let is_refresh = body.contains("refresh");
        let answers = if is_refresh { &mut state.refreshes_answered } else { &mut state.logins_answered };
        if let Some((status, body)) = answers.pop_front() {
            return (status, body.into());
        }
        if is_refresh && !body.contains(&state.refresh) {
            return (400, r#"{"error":"invalid_grant"}"#.into());
        }
        state.given += 1;
        state.expired = false;
        let mut answer = format!(r#"{{"access_token":"access-{}","token_type":"bearer""#, state.given);
        if let Some(lifetime) = state.lifetime {
            answer += &format!(r#","expires_in":{lifetime}"#);
        }
        if state.gives_refresh && !(is_refresh && state.keeps_refresh) {
            state.refresh = format!("refresh-{}", state.given);
            answer += &format!(r#","refresh_token":"{}""#, state.refresh);
        }
        (200, answer + "}")
    }

    /// The same over a real socket.
    async fn listen(self: &Arc<Self>) -> Server {
        let erp = Arc::clone(self);
        let respond = move |request: &str| {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            erp.count(head.starts_with("POST"), body);
            let (status, answer) = erp.answer(head.starts_with("POST"), head, body);
            format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).into_bytes()
        };
        Server::responding(respond, Then::KeepAlive).await
    }
}

#[async_trait]
impl Transport for Erp {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let is_post = request.method() == http::Method::POST;
        let body = std::str::from_utf8(request.body()).unwrap();
        self.count(is_post, body);
        if is_post {
            let taken = tokio::time::timeout_at(cx.deadline, tokio::time::sleep(self.takes)).await;
            taken.map_err(|_| ErpError::new(ErrorKind::Timeout, "too late"))?;
        }
        let lines = request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
        let (status, body) = self.answer(is_post, &lines.collect::<String>(), body);
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    }
}

/// A login of an ERP's own: JSON, a refresh that wants the expired token too, and a header beside the token.
struct OwnLogin {
    url: Uri,
}

impl Login for OwnLogin {
    fn login(&self) -> Result<Request<Bytes>> {
        json_login(&self.url, &serde_json::json!({ "UserName": "mia", "Password": PASSWORD }))
    }

    fn refresh(&self, held: &Tokens) -> Option<Result<Request<Bytes>>> {
        let refresh = held.refresh.as_ref()?.expose_secret();
        let body = serde_json::json!({ "expired": held.access.expose_secret(), "refresh": refresh });
        Some(json_login(&self.url, &body))
    }

    fn read(&self, answer: &Response<Bytes>, renewed: Option<&Tokens>) -> Result<Tokens> {
        let body = std::str::from_utf8(answer.body()).unwrap();
        assert!(!body.contains("panic"), "as asked for");
        if body.contains("user unknown") {
            return Err(ErpError::new(ErrorKind::CredentialsRejected, "no such user"));
        }
        let mut tokens =
            PasswordGrant { url: self.url.clone(), username: "".into(), password: "".into() }.read(answer, renewed)?;
        if renewed.is_none() {
            tokens.extra.insert("system", "7".into());
        }
        Ok(tokens)
    }

    fn sign(&self, tokens: &Tokens, headers: &mut HeaderMap) -> Result<()> {
        Auth::Bearer(tokens.access.clone()).apply(headers)?;
        headers.insert("x-system", HeaderValue::from_str(&tokens.extra["system"]).unwrap());
        Ok(())
    }
}

fn password_grant(url: &str) -> Arc<dyn Login> {
    let url = login_address("auth_url", url).unwrap();
    Arc::new(PasswordGrant { url, username: "mia".into(), password: PASSWORD.into() })
}

fn client_credentials(url: &str) -> Arc<dyn Login> {
    let url = login_address("auth_url", url).unwrap();
    let scope = Some("read all".into());
    Arc::new(ClientCredentials { url, client_id: "shop".into(), client_secret: PASSWORD.into(), scope })
}

fn own_login(url: &str) -> Arc<dyn Login> {
    Arc::new(OwnLogin { url: login_address("auth_url", url).unwrap() })
}

type MakeLogin = fn(&str) -> Arc<dyn Login>;

/// Whether the ERP gives refresh tokens, and how one logs in there.
const MODES: [(bool, MakeLogin); 4] =
    [(false, password_grant), (true, password_grant), (false, client_credentials), (true, own_login)];

fn endpoint(base_url: &str, login: Arc<dyn Login>, transport: Arc<dyn Transport>) -> Endpoint {
    let auth = Auth::Tokens(TokenSource::new(login, Arc::clone(&transport)));
    Endpoint::new(base_url, auth, "application/json", transport).unwrap()
}

/// A connection to the ERP without sockets.
fn scripted(erp: &Arc<Erp>, login: MakeLogin) -> Arc<Endpoint> {
    Arc::new(endpoint("https://erp.example", login("https://auth.erp.example/token"), erp.clone()))
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

/// Has the clock of a paused or running runtime go on.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

async fn all_at_once(endpoint: &Arc<Endpoint>) -> Vec<Result<Bytes>> {
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let endpoint = Arc::clone(endpoint);
        calls.spawn(async move { call(&endpoint).await });
    }
    calls.join_all().await
}

/// Missing, expired by their stated lifetime, and refused in mid-life; over real sockets.
#[tokio::test]
async fn two_hundred_calls_without_a_valid_token_cause_one_fetch_and_are_all_answered() {
    for (refreshes, login) in MODES {
        let erp = Erp::new(State { lifetime: Some("3600"), gives_refresh: refreshes, ..State::default() });
        let server = erp.listen().await;
        let clients = Clients::new(EgressPolicy::new(vec!["127.0.0.1".parse().unwrap()]));
        let transport = clients.transport(&TransportSettings::default()).unwrap();
        let endpoint = Arc::new(endpoint(&server.url("/api"), login(&server.url("/token")), transport));
        let renewed = if refreshes { (0, 1) } else { (1, 0) };
        let answered = async || {
            let answers = all_at_once(&endpoint).await;
            assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|body| body == "answer")), "{answers:?}");
        };

        answered().await;
        assert_eq!(erp.counts(), (1, 0, 200), "missing");

        pass(HOUR).await;
        answered().await;
        assert_eq!(erp.counts(), (renewed.0, renewed.1, 200), "expired");

        erp.change(|state| state.expired = true);
        answered().await;
        let (logins, refreshes, calls) = erp.counts();
        assert_eq!((logins, refreshes), renewed, "refused in mid-life");
        assert!((201..=400).contains(&calls), "{calls}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_flow_asks_as_documented() {
    let erp = Erp::new(State { gives_refresh: true, ..State::default() });
    for login in [password_grant, client_credentials, own_login] {
        let endpoint = scripted(&erp, login);
        call(&endpoint).await.unwrap();
        erp.change(|state| state.expired = true);
        call(&endpoint).await.unwrap();
    }
    let state = erp.state();
    let client = "grant_type=client_credentials&client_id=shop&client_secret=pa55-w0rd%26%3D%2B&scope=read+all";
    assert_eq!(
        state.posted,
        [
            "grant_type=password&username=mia&password=pa55-w0rd%26%3D%2B",
            "grant_type=refresh_token&refresh_token=refresh-1",
            client,
            client,
            r#"{"Password":"pa55-w0rd&=+","UserName":"mia"}"#,
            r#"{"expired":"access-5","refresh":"refresh-5"}"#,
        ]
    );
    // The refresh did not state the system.
    assert!(state.carried.last().unwrap().contains("x-system: 7"), "{:?}", state.carried);

    let url = login_address("auth_url", " https://auth.erp.example/token?tenant=1 ").unwrap();
    assert_eq!(url, "https://auth.erp.example/token?tenant=1");
    let request = form_login(&url, &[("a b", "ü")]);
    assert_eq!((request.method().as_str(), request.uri(), request.body().as_ref()), ("POST", &url, &b"a+b=%C3%BC"[..]));
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(json_login(&url, &1).unwrap().headers()["content-type"], "application/json");
    for text in ["", "erp.example", "ftp://erp.example", "https://mia:pa55@erp.example", "https://erp.example/#a"] {
        let error = login_address("auth_url", text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.message().starts_with("auth_url") && !error.message().contains("pa55"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_are_renewed_before_they_expire_and_nobody_waits_for_it() {
    for (lifetime, margin) in [("3600", 60), ("\"100\"", 10)] {
        let erp = Erp::new(State { lifetime: Some(lifetime), ..State::default() });
        let endpoint = scripted(&erp, password_grant);
        call(&endpoint).await.unwrap();
        let seconds: u64 = lifetime.trim_matches('"').parse().unwrap();
        // The login took a second, and that counts.
        tokio::time::advance(Duration::from_secs(seconds - margin - 2)).await;
        call(&endpoint).await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(erp.counts(), (1, 0, 2));

        // The ERP is down for a while: what is still good is used, and not every call tries to renew it.
        erp.change(|state| state.logins_answered.extend([(503, "")]));
        tokio::time::advance(Duration::from_secs(1)).await;
        call(&endpoint).await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(erp.counts(), (1, 0, 1));
        for _ in 0..3 {
            let begun = tokio::time::Instant::now();
            call(&endpoint).await.unwrap();
            assert_eq!(begun.elapsed(), Duration::ZERO);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(erp.counts(), (0, 0, 3));
        tokio::time::sleep(Duration::from_secs(5)).await;
        call(&endpoint).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        call(&endpoint).await.unwrap();
        assert_eq!(erp.counts(), (1, 0, 2));
        assert!(erp.state().carried.last().unwrap().contains("access-2"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_usable_lifetime_tokens_are_used_until_they_are_refused() {
    for lifetime in [None, Some("0"), Some("-1"), Some("\"soon\""), Some("null"), Some("18446744073709551615")] {
        let erp = Erp::new(State { lifetime, ..State::default() });
        let endpoint = scripted(&erp, password_grant);
        call(&endpoint).await.unwrap();
        tokio::time::advance(1000 * HOUR).await;
        call(&endpoint).await.unwrap();
        assert_eq!(erp.counts(), (1, 0, 2), "{lifetime:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_final_and_does_not_make_every_call_log_in() {
    let erp = Erp::new(State::default());
    let endpoint = scripted(&erp, password_grant);
    call(&endpoint).await.unwrap();
    erp.counts();
    erp.change(|state| state.refuses_calls = true);
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.counts(), (1, 0, 2));
    for _ in 0..5 {
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    }
    assert_eq!(erp.counts(), (0, 0, 5));
    erp.change(|state| state.refuses_calls = false);
    call(&endpoint).await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    erp.counts();
    erp.change(|state| state.expired = true);
    call(&endpoint).await.unwrap();
    assert_eq!(erp.counts(), (1, 0, 2));
}

/// Two calls carry the old token; the second is refused when the first has already brought a newer one.
#[tokio::test(start_paused = true)]
async fn a_401_for_an_old_token_takes_the_newer_one_that_is_there() {
    struct Late(Arc<Erp>);
    #[async_trait]
    impl Transport for Late {
        async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
            let late = request.uri().path() == "/late";
            let answer = self.0.send(cx, request).await;
            if late {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            answer
        }
    }
    let erp = Erp::new(State::default());
    let late = Arc::new(Late(Arc::clone(&erp)));
    let endpoint = endpoint("https://erp.example", password_grant("https://auth.erp.example/token"), late);
    call(&endpoint).await.unwrap();
    erp.change(|state| state.expired = true);
    erp.counts();
    let (cx, soon) = (context(), call(&endpoint));
    let (late, soon) = tokio::join!(endpoint.get(&["late"]).send(&cx), soon);
    assert_eq!((late.unwrap(), soon.unwrap()), ("answer".into(), "answer".into()));
    assert_eq!(erp.counts(), (1, 0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_or_is_in_haste_spoils_it_for_nobody() {
    let erp = Erp::new(State::default());
    let endpoint = scripted(&erp, password_grant);
    let leader = tokio::spawn({
        let endpoint = Arc::clone(&endpoint);
        async move { call(&endpoint).await }
    });
    tokio::task::yield_now().await;
    let hasty = CallContext::new("hasty", Duration::from_millis(500));
    let (hasty, other) = tokio::join!(endpoint.get(&["x"]).send(&hasty), async {
        leader.abort();
        call(&endpoint).await
    });
    assert_eq!(kind(hasty), ErrorKind::Timeout);
    other.unwrap();
    assert!(leader.await.unwrap_err().is_cancelled());
    assert_eq!(erp.counts(), (1, 0, 1));

    // Nor does the only caller's going waste the login.
    erp.change(|state| state.expired = true);
    let hasty = CallContext::new("hasty", Duration::from_millis(500));
    assert_eq!(kind(endpoint.get(&["x"]).send(&hasty).await), ErrorKind::Timeout);
    tokio::time::sleep(Duration::from_secs(1)).await;
    call(&endpoint).await.unwrap();
    assert_eq!(erp.counts(), (1, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_never_ends_is_given_up() {
    let erp = Arc::new(Erp { takes: HOUR, ..Erp::default() });
    let endpoint = scripted(&erp, password_grant);
    let begun = tokio::time::Instant::now();
    assert_eq!(kind(call(&endpoint).await), ErrorKind::Timeout);
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
    let patient = CallContext::new("patient", HOUR);
    let error = endpoint.get(&["x"]).send(&patient).await.unwrap_err();
    assert_eq!((error.message(), begun.elapsed()), ("at the login: too late", Duration::from_secs(30)));
}

#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_replaces_the_old_one_and_one_that_is_not_stays() {
    for keeps_refresh in [false, true] {
        let erp = Erp::new(State { gives_refresh: true, keeps_refresh, ..State::default() });
        let endpoint = scripted(&erp, own_login);
        call(&endpoint).await.unwrap();
        for _ in 0..3 {
            erp.change(|state| state.expired = true);
            call(&endpoint).await.unwrap();
        }
        assert_eq!(erp.counts(), (1, 3, 7));
        let last = if keeps_refresh { "refresh-1" } else { "refresh-3" };
        assert!(erp.state().posted.last().unwrap().contains(last), "{:?}", erp.state().posted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_for_good_gives_way_to_one_login() {
    for answer in [(400, r#"{"error":"invalid_grant"}"#), (401, ""), (403, ""), (404, ""), (200, "<html>")] {
        let erp = Erp::new(State { gives_refresh: true, ..State::default() });
        let endpoint = scripted(&erp, own_login);
        call(&endpoint).await.unwrap();
        erp.counts();
        erp.change(|state| {
            state.expired = true;
            state.refreshes_answered.extend([answer]);
        });
        assert!(all_at_once(&endpoint).await.iter().all(Result::is_ok));
        let (logins, refreshes, _) = erp.counts();
        assert_eq!((logins, refreshes), (1, 1), "{answer:?}");
        // It is not the end of refreshing.
        erp.change(|state| state.expired = true);
        call(&endpoint).await.unwrap();
        assert_eq!(erp.counts(), (0, 1, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_is_not_repeated_and_one_that_failed_is() {
    let erp = Erp::new(State { gives_refresh: true, ..State::default() });
    let endpoint = scripted(&erp, own_login);
    call(&endpoint).await.unwrap();
    erp.counts();
    erp.change(|state| {
        state.expired = true;
        state.refreshes_answered.extend([(503, ""), (401, "")]);
        state.logins_answered.extend([(500, "")]);
    });
    let error = call(&endpoint).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().starts_with("at the refresh: the ERP answered with status 503"), "{error}");
    assert_eq!(erp.counts(), (0, 1, 1));
    let error = call(&endpoint).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().starts_with("at the login: the ERP answered with status 500"), "{error}");
    assert_eq!(erp.counts(), (1, 1, 0));
    call(&endpoint).await.unwrap();
    assert_eq!(erp.counts(), (1, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_not_repeated_for_a_minute_doubling_to_fifteen() {
    let erp = Erp::new(State { lifetime: Some("3600"), ..State::default() });
    let endpoint = scripted(&erp, password_grant);
    let refuse = |count| erp.change(|state| state.logins_answered.extend(vec![(401, "no"); count]));
    refuse(6);
    for pause in [60, 120, 240, 480, 900, 900].map(Duration::from_secs) {
        let errors = all_at_once(&endpoint).await;
        assert_eq!(erp.counts(), (1, 0, 0));
        let until = (Timestamp::now() + pause).strftime("%H:%M:").to_string();
        let a_second_ago = (Timestamp::now() + pause - Duration::from_secs(1)).strftime("%H:%M:").to_string();
        let paused = tokio::time::Instant::now();
        for error in errors.into_iter().map(Result::unwrap_err) {
            assert_eq!(error.kind(), ErrorKind::CredentialsRejected);
            let told = error.message();
            assert!(told.contains(&until) || told.contains(&a_second_ago), "{told} {until}");
            assert!(told.contains("UTC") && told.contains("corrected settings act at once"), "{told}");
        }
        tokio::time::sleep(pause - Duration::from_millis(1)).await;
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
        assert_eq!((erp.counts(), paused.elapsed()), ((0, 0, 0), pause - Duration::from_millis(1)));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    call(&endpoint).await.unwrap();
    refuse(1);
    tokio::time::advance(HOUR).await;
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    tokio::time::sleep(Duration::from_secs(60)).await;
    call(&endpoint).await.unwrap();
    assert_eq!(erp.counts(), (3, 0, 2), "a successful login resets the pause");

    // Other settings make another connection.
    refuse(1);
    tokio::time::advance(HOUR).await;
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    call(&scripted(&erp, password_grant)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pause_does_not_take_away_tokens_that_are_still_good() {
    let erp = Erp::new(State { lifetime: Some("1000"), ..State::default() });
    let endpoint = scripted(&erp, password_grant);
    call(&endpoint).await.unwrap();
    erp.change(|state| state.logins_answered.extend([(401, "no")]));
    tokio::time::advance(Duration::from_secs(945)).await;
    for _ in 0..5 {
        call(&endpoint).await.unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert_eq!(erp.counts(), (2, 0, 6));
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    assert_eq!(erp.counts(), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_refuses_a_login_and_what_does_not() {
    let tells = async |login: MakeLogin, answer: (u16, &'static str)| {
        let erp = Erp::new(State { logins_answered: [answer].into(), ..State::default() });
        let endpoint = scripted(&erp, login);
        let kind = kind(call(&endpoint).await);
        let paused = call(&endpoint).await.is_err();
        assert_eq!(erp.counts(), if paused { (1, 0, 0) } else { (2, 0, 1) }, "{answer:?}");
        (kind, paused)
    };
    for answer in [
        (401, ""),
        (403, "<html>"),
        (400, r#"{"error":"invalid_grant","error_description":"x"}"#),
        (400, r#"{"error":"invalid_client"}"#),
        (400, r#"{"error":"unauthorized_client"}"#),
    ] {
        assert_eq!(tells(password_grant, answer).await, (ErrorKind::CredentialsRejected, true), "{answer:?}");
    }
    assert_eq!(tells(own_login, (200, "user unknown")).await, (ErrorKind::CredentialsRejected, true));
    for (answer, kind) in [
        ((400, r#"{"error":"invalid_scope"}"#), ErrorKind::Misconfigured),
        ((400, ""), ErrorKind::Misconfigured),
        ((302, ""), ErrorKind::Misconfigured),
        ((404, ""), ErrorKind::Misconfigured),
        ((429, ""), ErrorKind::RateLimited),
        ((500, ""), ErrorKind::Unavailable),
        ((503, r#"{"error":"invalid_grant"}"#), ErrorKind::Unavailable),
        ((200, "<!doctype html><title>Sign in</title>"), ErrorKind::Malformed),
        ((200, ""), ErrorKind::Malformed),
        ((200, r#"{"access_token":" "}"#), ErrorKind::Malformed),
        ((200, r#"{"access_token":"a\nb"}"#), ErrorKind::Malformed),
    ] {
        assert_eq!(tells(password_grant, answer).await, (kind, false), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_login_answers_all_who_wait_and_a_panic_blocks_nobody() {
    let erp = Erp::new(State { logins_answered: [(500, ""), (200, "panic")].into(), ..State::default() });
    let endpoint = scripted(&erp, own_login);
    assert!(all_at_once(&endpoint).await.into_iter().all(|answer| kind(answer) == ErrorKind::Unavailable));
    assert_eq!(erp.counts(), (1, 0, 0));
    assert_eq!(kind(call(&endpoint).await), ErrorKind::Internal);
    call(&endpoint).await.unwrap();
}

#[tokio::test]
async fn the_login_obeys_the_egress_policy() {
    let erp = Erp::new(State::default());
    let (api, auth) = (erp.listen().await, erp.listen().await);
    let policy = EgressPolicy::new(vec![api.address.to_string().parse().unwrap()]);
    let transport = Clients::new(policy).transport(&TransportSettings::default()).unwrap();
    let error = call(&endpoint(&api.url(""), password_grant(&auth.url("/token")), transport)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("[egress]"), "{error}");
    assert_eq!((auth.connections(), erp.counts()), (0, (0, 0, 0)));
}

#[tokio::test(start_paused = true)]
async fn a_static_token_is_neither_renewed_nor_paused() {
    let erp = Erp::new(State { refuses_calls: true, ..State::default() });
    let endpoint =
        Endpoint::new("https://erp.example", Auth::Bearer("fixed".into()), "application/json", erp.clone()).unwrap();
    for _ in 0..3 {
        assert_eq!(kind(call(&endpoint).await), ErrorKind::CredentialsRejected);
    }
    assert_eq!(erp.counts(), (0, 0, 3));
}

#[test]
fn a_moment_of_expiry_is_measured_by_the_clock_of_the_erp() {
    let answer = |date: Option<&str>| {
        let mut answer = Response::new(Bytes::new());
        answer.headers_mut().extend(date.map(|date| (http::header::DATE, HeaderValue::from_str(date).unwrap())));
        answer
    };
    let expiry = "2001-09-09T02:46:40Z".parse().unwrap();
    let slow = answer(Some("Sun, 09 Sep 2001 01:46:40 GMT"));
    assert_eq!(lifetime_until(expiry, &slow), Some(HOUR));
    assert_eq!(lifetime_until(expiry, &answer(Some("Sun, 09 Sep 2001 02:46:40 GMT"))), None);
    for clockless in [answer(None), answer(Some("soon"))] {
        assert_eq!(lifetime_until(expiry, &clockless), None);
        let left = lifetime_until(Timestamp::now() + HOUR, &clockless).unwrap();
        assert!(left <= HOUR && left > HOUR - Duration::from_secs(30), "{left:?}");
    }
}

#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
    let erp = Erp::new(State { gives_refresh: true, ..State::default() });
    let source = TokenSource::new(own_login("https://auth.erp.example/token"), erp.clone());
    let auth = Auth::Tokens(source);
    let mut seen =
        format!("{auth:?} {:?}", Tokens { refresh: Some("refresh-1".into()), ..Tokens::new("access-1".into()) });
    let endpoint = Endpoint::new("https://erp.example", auth, "application/json", erp.clone()).unwrap();
    call(&endpoint).await.unwrap();
    for answer in [(401, PASSWORD), (503, PASSWORD), (200, "access-9")] {
        // A line that another test's thread wrote for the first time while this log began is else never heard here.
        tracing::callsite::rebuild_interest_cache();
        erp.change(|state| {
            state.expired = true;
            state.refreshes_answered.extend([(400, "refresh-1")]);
            state.logins_answered.extend([answer]);
        });
        let error = call(&endpoint).await.unwrap_err();
        seen += &format!("{error} {error:?} {}", error.causes());
        tokio::time::advance(HOUR).await;
    }
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the ERP refused the login") && log.contains("tokens cannot be refreshed"), "{log}");
    for secret in [PASSWORD, "pa55", "access-", "refresh-"] {
        assert!(!log.contains(secret) && !seen.contains(secret), "{secret}: {log} {seen}");
    }
}
