use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use tokio::time::Instant;

use crate::cookies::Cookies;
use crate::flight::Flight;
use crate::open_session::{LOGOUT_TIME, OpenSession, SHORTEST_IDLE};
use crate::pause::Pause;
use crate::token::{LOGIN_TIME, named};
use crate::transport::EarlyHeaders;
use crate::{Idle, SessionLogin};

/// The time in which a session is closed in any case: the logout of the one before it, the login that is under way, and
/// its own logout, each as long as it may take. Who gives [`Session::close`] less may leave a session open when the process
/// ends, and with it a licence in use.
pub const CLOSING_TIME: Duration = Duration::from_secs(LOGIN_TIME.as_secs() + 2 * LOGOUT_TIME.as_secs());

/// How long a request may take that keeps a session alive.
const KEEP_ALIVE_TIME: Duration = Duration::from_secs(10);

/// The session of one connection. It is opened when first needed, once for all who need it, and replaced once when the ERP
/// has ended it; the calls that found out are repeated. After a login whose credentials were refused none is tried for a
/// while, and for some seconds after one that found no free licence or whose answer got lost.
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
    held: Option<Arc<OpenSession>>,
    login: Option<Flight<Result<Arc<OpenSession>>>>,
    logout: Option<Flight<()>>,
    pause: Pause,
    closed: bool,
}

/// What came of a login.
enum Login {
    Opened(OpenSession),
    /// The adapter read the answer, or there was no question.
    Refused(ErpError),
    /// No whole answer came.
    Unheard(ErpError),
}

impl Session {
    /// A session that is opened as `login` describes, through `transport`, when it is first needed.
    #[must_use]
    pub fn new(login: Arc<dyn SessionLogin>, transport: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { login, transport, desk: Mutex::default() })
    }

    /// Logs out, also what is being opened at this moment, which takes [`CLOSING_TIME`] at most; by the context's deadline it
    /// ends in any case, and the logout goes on without it. No call opens a session any more.
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
        let answer = open.exchange(cx, &*self.login, transport, request.clone()).await?;
        if answer.is_alive {
            return Ok(answer.response);
        }
        if !open.may_be_replaced() {
            return over_when_new(answer.response);
        }
        let open = self.open(cx).await?;
        let answer = open.exchange(cx, &*self.login, transport, request).await?;
        if answer.is_alive {
            return Ok(answer.response);
        }
        open.note_dead_when_new();
        over_when_new(answer.response)
    }

    /// A session that is in force, as far as is known. Waits for a login only if there is none.
    async fn open(self: &Arc<Self>, cx: &CallContext) -> Result<Arc<OpenSession>> {
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
    fn begin_login(self: &Arc<Self>, desk: &mut Desk, cx: &CallContext) -> Flight<Result<Arc<OpenSession>>> {
        if let Some(login) = desk.login.as_ref().filter(|login| login.is_under_way()) {
            return login.clone();
        }
        let request_id = Arc::clone(&cx.request_id);
        self.leave(desk);
        let logout = desk.logout.clone();
        let session = Arc::clone(self);
        let login = Flight::begin(async move {
            // Not before the old one is gone: the licence may allow just one.
            if let Some(logout) = logout {
                let _ = logout.landed(&CallContext::new(Arc::clone(&request_id), LOGOUT_TIME)).await;
            }
            // Who closes may not wait until what would be opened now is closed again.
            if session.desk().closed {
                return Err(closed());
            }
            let login = session.log_in(&CallContext::new(request_id, LOGIN_TIME)).await;
            session.land(login)
        });
        desk.login.insert(login).clone()
    }

    async fn log_in(&self, cx: &CallContext) -> Login {
        let mut request = match self.login.login() {
            Ok(request) => request,
            Err(error) => return Login::Refused(error),
        };
        let (address, early) = (request.uri().clone(), EarlyHeaders::default());
        request.extensions_mut().insert(early.clone());
        let begun = Instant::now();
        let answer = self.transport.send(cx, request).await;
        let mut cookies = Cookies::of(&address);
        let opened = match &answer {
            Ok(answer) => {
                cookies.take(&address, answer.headers());
                self.login.opened(answer)
            }
            Err(error) => {
                cookies.take(&address, &early.heard());
                Err(error.clone())
            }
        };
        let error = match opened {
            Ok(_) if cookies.is_empty() => {
                ErpError::malformed("the ERP answered the login without a session: it set no cookie")
            }
            Ok(idle) => return Login::Opened(OpenSession::new(cookies, begun, idle)),
            Err(error) => error,
        };
        if !cookies.is_empty() {
            // It may well be open, whatever is wrong with the answer.
            OpenSession::new(cookies, begun, Idle::Kept).log_out(&*self.login, &*self.transport).await;
        }
        if answer.is_ok() { Login::Refused(error) } else { Login::Unheard(error) }
    }

    fn land(self: &Arc<Self>, login: Login) -> Result<Arc<OpenSession>> {
        let mut desk = self.desk();
        desk.login = None;
        let now = Instant::now();
        let error = match login {
            Login::Opened(open) => {
                desk.pause.end();
                let open = Arc::clone(desk.held.insert(Arc::new(open)));
                if desk.closed {
                    self.leave(&mut desk);
                    return Err(closed());
                }
                tokio::spawn(look_after(Arc::downgrade(self), Arc::downgrade(&open)));
                return Ok(open);
            }
            Login::Refused(error) => match error.kind() {
                ErrorKind::CredentialsRejected => desk.pause.begin(now),
                ErrorKind::RateLimited => desk.pause.begin_busy(now, named("login", &error)),
                _ => named("login", &error),
            },
            Login::Unheard(error) => match error.kind() {
                ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Malformed | ErrorKind::TooLarge => {
                    desk.pause.begin_unheard(now, named("login", &error))
                }
                // It did not come to the ERP.
                _ => named("login", &error),
            },
        };
        Err(error)
    }

    /// Shows the ERP that the session is still wanted. Whether an answer came.
    async fn keep_alive(&self, open: &OpenSession) -> bool {
        let cx = CallContext::new("keep-alive", KEEP_ALIVE_TIME);
        let outcome = match self.login.keep_alive() {
            Ok(request) => open.exchange(&cx, &*self.login, &*self.transport, request).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(answer) if answer.is_alive => true,
            // The next call opens another.
            Ok(_) => {
                open.note_dead();
                true
            }
            Err(error) => {
                tracing::debug!(kind = %error.kind(), "an idle session could not be kept alive");
                false
            }
        }
    }

    /// Logs out of the session that is held, if there is one. Whoever still uses it is told by the ERP.
    fn leave(&self, desk: &mut Desk) {
        let Some(open) = desk.held.take() else { return };
        let (login, transport) = (Arc::clone(&self.login), Arc::clone(&self.transport));
        desk.logout = Some(Flight::begin(async move { open.log_out(&*login, &*transport).await }));
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

/// Keeps an idle session alive or lets it go, until it is replaced or its connection is gone.
async fn look_after(session: Weak<Session>, open: Weak<OpenSession>) {
    let mut again = None;
    while let Some(due) = again.take().or_else(|| open.upgrade()?.due(Instant::now())) {
        tokio::time::sleep_until(due).await;
        let (Some(session), Some(open), now) = (session.upgrade(), open.upgrade(), Instant::now()) else { return };
        {
            let mut desk = session.desk();
            if !desk.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, &open)) {
                return;
            }
            if !open.is_usable(now) {
                session.leave(&mut desk);
                return;
            }
        }
        if open.has_idled(now) && !session.keep_alive(&open).await {
            // Not much later, or the ERP's own time-out comes first.
            again = open.idle_time().map(|after| Instant::now() + (after / 10).max(SHORTEST_IDLE));
        }
    }
}

/// An answer that says of a new session that it is over. A 401 does not blame the secrets here, which were accepted a moment
/// ago; any other is for the adapter to read.
fn over_when_new(answer: Response<Bytes>) -> Result<Response<Bytes>> {
    if answer.status() != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    Err(ErpError::new(
        ErrorKind::CredentialsRejected,
        "the ERP accepted the login, but answered in the new session with status 401: check that its user may use what was \
         asked for, and that a session's calls all come to the same node",
    ))
}

fn closed() -> ErpError {
    ErpError::new(ErrorKind::Unavailable, "this connection to the ERP has been closed: ask again")
}
