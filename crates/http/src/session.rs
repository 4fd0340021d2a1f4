use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::header::COOKIE;
use http::{Request, Response, StatusCode};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use tokio::time::Instant;

use crate::classify;
use crate::cookies::Cookies;
use crate::flight::Flight;
use crate::pause::{FIRST_PAUSE, Pause};
use crate::token::{LOGIN_TIME, named};

/// How long logging out may take. A session that cannot be closed in this time ends by the ERP's own clock.
const LOGOUT_TIME: Duration = Duration::from_secs(5);

/// How long a request may take that keeps a session alive.
const KEEP_ALIVE_TIME: Duration = Duration::from_secs(10);

/// What an adapter describes of its ERP's sessions: how one is opened and closed, and how an answer says that it is over.
/// It sends nothing; when it is asked is [`Session`]'s matter, which also keeps the cookies.
pub trait SessionLogin: Send + Sync {
    /// The request that opens a session; [`json_login`](crate::json_login) makes most.
    ///
    /// # Errors
    /// `misconfigured` where the settings do not make one.
    fn login(&self) -> Result<Request<Bytes>>;

    /// Reads the answer to a login, whatever its status: how long the session may be idle.
    ///
    /// # Errors
    /// `credentials_rejected` where it refuses the credentials: then no login is tried for a while, because ERPs lock users
    /// out. `rate_limited` where all sessions that the licence allows are in use. Anything else as [`classify`] or the
    /// adapter understands it, such as `misconfigured` for an unknown company. Without an override a 401 and a 403 refuse
    /// the credentials, and any 2xx opens a session.
    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        match classify(answer.status(), answer.headers()) {
            None => Ok(Idle::Kept),
            Some(error) if answer.status() == StatusCode::FORBIDDEN => {
                Err(ErpError::new(ErrorKind::CredentialsRejected, "the ERP refused the login").with_source(error))
            }
            Some(error) => Err(error),
        }
    }

    /// Whether the answer to a call says that the session is over, so that the call is worth repeating on a new one. It
    /// must not say so of a refusal that another session would meet too: a right that is lacking, wrong credentials.
    fn is_dead(&self, answer: &Response<Bytes>) -> bool {
        answer.status() == StatusCode::UNAUTHORIZED
    }

    /// The request that shows the ERP that the session is still wanted, for [`Idle::KeptAlive`]: any cheap one that counts as
    /// use. What it brings is not looked at, but whether it says that the session is over.
    ///
    /// # Errors
    /// `internal` unless the adapter overrides it.
    fn keep_alive(&self) -> Result<Request<Bytes>> {
        Err(ErpError::internal("the adapter keeps sessions alive, but does not say how"))
    }

    /// The request that closes the session, to which its cookies are added; [`bare_logout`](crate::bare_logout) makes most.
    ///
    /// # Errors
    /// `misconfigured` where the settings do not make one.
    fn logout(&self) -> Result<Request<Bytes>>;
}

/// What becomes of a session that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It is used however long it was idle, until the ERP says that it is over.
    Kept,
    /// After so long it is logged out, and its licence is free for others; the next call opens another. A little less than
    /// the ERP's own time-out spares that call a request in vain.
    LetGo(Duration),
    /// Whenever it was idle for so long, [`SessionLogin::keep_alive`] is sent, so that the next call need not wait for a
    /// login. The licence stays in use until the gateway closes the idle connection.
    KeptAlive(Duration),
}

/// The session of one connection. It is opened when first needed, once for all who need it, and replaced once when the ERP
/// has ended it; the calls that found out are repeated. After a login whose credentials were refused none is tried for a
/// while.
///
/// A session counts against the ERP's licence. So one that is replaced is logged out first, whatever the ERP said of it, and
/// [`close`](Self::close) logs out also the one that is only just being opened.
pub struct Session {
    login: Arc<dyn SessionLogin>,
    transport: Arc<dyn Transport>,
    desk: Mutex<Desk>,
}

/// What callers and logins look at and change in one step.
#[derive(Default)]
struct Desk {
    held: Option<Arc<Open>>,
    login: Option<Flight<Result<Arc<Open>>>>,
    logout: Option<Flight<()>>,
    pause: Pause,
    closed: bool,
}

/// One session. Whoever uses it holds it, so that what they hear of it concerns no other.
struct Open {
    since: Instant,
    idle: Idle,
    state: Mutex<State>,
}

/// What came back, and whether it says nothing of the session's end.
struct Answer {
    response: Response<Bytes>,
    is_alive: bool,
}

struct State {
    cookies: Cookies,
    used: Instant,
    /// An answer said that it is over.
    dead: bool,
    /// So did one that was repeated because of it.
    dead_when_new: bool,
}

impl Session {
    /// A session that is opened as `login` describes, through `transport`, when it is first needed.
    #[must_use]
    pub fn new(login: Arc<dyn SessionLogin>, transport: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { login, transport, desk: Mutex::default() })
    }

    /// Logs out, also what is being opened at this moment; by the context's deadline it ends in any case, and the logout goes
    /// on without it. No call opens a session any more.
    pub async fn close(&self, cx: &CallContext) {
        let login = {
            let mut desk = self.desk();
            desk.closed = true;
            self.leave(&mut desk);
            desk.login.clone()
        };
        // When it ends it finds out that nobody wants the session.
        if let Some(login) = login {
            let _ = login.landed(cx).await;
        }
        let logout = self.desk().logout.clone();
        if let Some(logout) = logout {
            let _ = logout.landed(cx).await;
        }
    }

    /// Sends `request` in the session. If the answer says that it is over, it is replaced and the request repeated, both
    /// once.
    pub(crate) async fn send(
        self: &Arc<Self>,
        cx: &CallContext,
        transport: &dyn Transport,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        let open = self.open(cx).await?;
        let answer = self.exchange(cx, transport, &open, request.clone()).await?;
        if answer.is_alive || !open.may_be_replaced() {
            return Ok(answer.response);
        }
        let open = self.open(cx).await?;
        let answer = self.exchange(cx, transport, &open, request).await?;
        open.state().dead_when_new = !answer.is_alive;
        Ok(answer.response)
    }

    /// Sends a request in this session. The cookies of an answer that says it is over are not kept: they may delete what
    /// the logout needs, should the session be open after all.
    async fn exchange(
        &self,
        cx: &CallContext,
        transport: &dyn Transport,
        open: &Open,
        request: Request<Bytes>,
    ) -> Result<Answer> {
        let address = request.uri().clone();
        let response = open.send(cx, transport, request).await?;
        let is_alive = !self.login.is_dead(&response);
        if is_alive {
            let mut state = open.state();
            state.cookies.take(&address, response.headers());
            state.dead_when_new = false;
        }
        Ok(Answer { response, is_alive })
    }

    /// A session that is in force, as far as is known. Waits for a login only if there is none.
    async fn open(self: &Arc<Self>, cx: &CallContext) -> Result<Arc<Open>> {
        let login = {
            let mut desk = self.desk();
            if desk.closed {
                return Err(closed());
            }
            let now = Instant::now();
            if let Some(held) = desk.held.as_ref().filter(|held| held.is_usable(now)) {
                return Ok(Arc::clone(held));
            }
            if let Some(refusal) = desk.pause.refusal(now) {
                return Err(refusal);
            }
            self.begin_login(&mut desk, cx)
        };
        login.landed(cx).await?
    }

    /// Joins the login under way, or begins one, with a budget of its own.
    fn begin_login(self: &Arc<Self>, desk: &mut Desk, cx: &CallContext) -> Flight<Result<Arc<Open>>> {
        if let Some(login) = desk.login.as_ref().filter(|login| login.is_under_way()) {
            return login.clone();
        }
        let cx = CallContext::new(Arc::clone(&cx.request_id), LOGIN_TIME);
        self.leave(desk);
        let logout = desk.logout.clone();
        let session = Arc::clone(self);
        let login = Flight::begin(async move {
            // Not before the old one is gone: the licence may allow just one.
            if let Some(logout) = logout {
                let _ = logout.landed(&cx).await;
            }
            let opened = session.log_in(&cx).await;
            session.land(opened)
        });
        desk.login.insert(login).clone()
    }

    async fn log_in(&self, cx: &CallContext) -> Result<Open> {
        let request = self.login.login()?;
        let address = request.uri().clone();
        let begun = Instant::now();
        let answer = self.transport.send(cx, request).await?;
        let mut cookies = Cookies::of(&address);
        cookies.take(&address, answer.headers());
        let opened = self.login.opened(&answer);
        if cookies.is_empty() {
            opened?;
            return Err(ErpError::malformed("the ERP answered the login without a session: it set no cookie"));
        }
        let state = State { cookies, used: begun, dead: false, dead_when_new: false };
        let open = Open { since: begun, idle: *opened.as_ref().unwrap_or(&Idle::Kept), state: Mutex::new(state) };
        if let Err(error) = opened {
            if answer.status().is_success() {
                // It may well be open, whatever is wrong with the answer.
                log_out(&*self.login, &*self.transport, &open).await;
            }
            return Err(error);
        }
        Ok(open)
    }

    fn land(self: &Arc<Self>, opened: Result<Open>) -> Result<Arc<Open>> {
        let mut desk = self.desk();
        desk.login = None;
        match opened {
            Ok(open) => {
                desk.pause.end();
                let open = Arc::clone(desk.held.insert(Arc::new(open)));
                if desk.closed {
                    self.leave(&mut desk);
                    return Err(closed());
                }
                if let Idle::LetGo(after) | Idle::KeptAlive(after) = open.idle {
                    tokio::spawn(look_after(Arc::downgrade(self), Arc::downgrade(&open), after));
                }
                Ok(open)
            }
            Err(error) if error.kind() == ErrorKind::CredentialsRejected => Err(desk.pause.begin(Instant::now())),
            Err(error) => Err(named("login", &error)),
        }
    }

    async fn keep_alive(&self, open: &Open) {
        let cx = CallContext::new("keep-alive", KEEP_ALIVE_TIME);
        let outcome = match self.login.keep_alive() {
            Ok(request) => self.exchange(&cx, &*self.transport, open, request).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(answer) if answer.is_alive => {}
            // The next call opens another.
            Ok(_) => open.state().dead = true,
            Err(error) => {
                tracing::debug!(kind = %error.kind(), "an idle session could not be kept alive");
                open.state().used = Instant::now();
            }
        }
    }

    /// Logs out of the session that is held, if there is one. Whoever still uses it is told by the ERP.
    fn leave(&self, desk: &mut Desk) {
        let Some(open) = desk.held.take() else { return };
        let (login, transport) = (Arc::clone(&self.login), Arc::clone(&self.transport));
        desk.logout = Some(Flight::begin(async move { log_out(&*login, &*transport, &open).await }));
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that was let go of without having been closed still gives its licence back, where there is a runtime left
/// to do so.
impl Drop for Session {
    fn drop(&mut self) {
        if tokio::runtime::Handle::try_current().is_ok() {
            self.leave(&mut self.desk());
        }
    }
}

impl Open {
    /// Sends `request` with the cookies.
    async fn send(
        &self,
        cx: &CallContext,
        transport: &dyn Transport,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        {
            let mut state = self.state();
            if !state.cookies.belong_to(request.uri()) {
                return Err(ErpError::internal("a request in a session goes to another server than its login"));
            }
            state.used = Instant::now();
            let cookies = state.cookies.header(request.uri());
            request.headers_mut().extend(cookies.map(|cookies| (COOKIE, cookies)));
        }
        transport.send(cx, request).await
    }

    fn is_usable(&self, now: Instant) -> bool {
        let state = self.state();
        let is_idle = match self.idle {
            Idle::Kept | Idle::KeptAlive(_) => false,
            Idle::LetGo(after) => now.saturating_duration_since(state.used) >= after,
        };
        !state.dead && !is_idle
    }

    /// Takes note that the ERP says it is over. Not if it said so of it when it was new: then replacing it for every call
    /// would only make logins.
    fn may_be_replaced(&self) -> bool {
        let mut state = self.state();
        let futile = state.dead_when_new && self.since.elapsed() < FIRST_PAUSE;
        state.dead |= !futile;
        !futile
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps an idle session alive or lets it go, until it is replaced or its connection is gone.
async fn look_after(session: Weak<Session>, open: Weak<Open>, after: Duration) {
    while let Some(due) = open.upgrade().map(|open| open.state().used + after) {
        tokio::time::sleep_until(due).await;
        let (Some(session), Some(open)) = (session.upgrade(), open.upgrade()) else { return };
        let is_held = {
            let mut desk = session.desk();
            let is_held = desk.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, &open));
            if is_held && !open.is_usable(Instant::now()) {
                session.leave(&mut desk);
                return;
            }
            is_held
        };
        if !is_held {
            return;
        }
        if matches!(open.idle, Idle::KeptAlive(_)) && open.state().used + after <= Instant::now() {
            session.keep_alive(&open).await;
        }
    }
}

async fn log_out(login: &dyn SessionLogin, transport: &dyn Transport, open: &Open) {
    let cx = CallContext::new("logout", LOGOUT_TIME);
    let left = match login.logout() {
        Ok(request) => open.send(&cx, transport, request).await.map(|answer| answer.status()),
        Err(error) => Err(error),
    };
    match left {
        Ok(status) => tracing::debug!(status = status.as_u16(), "logged out of the ERP"),
        Err(error) => tracing::warn!(
            kind = %error.kind(), reason = error.message(),
            "the ERP could not be asked to end a session: it counts until the ERP's own time-out"
        ),
    }
}

fn closed() -> ErpError {
    ErpError::new(ErrorKind::Unavailable, "this connection to the ERP has been closed: ask again")
}
