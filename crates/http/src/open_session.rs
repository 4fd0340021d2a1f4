use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::COOKIE;
use http::{Request, Response};
use livegate_core::{CallContext, ErpError, Result, Transport};
use tokio::time::Instant;

use crate::cookies::Cookies;
use crate::pause::FIRST_PAUSE;
use crate::rate::AtOnce;
use crate::{Idle, SessionLogin};

/// How long logging out may take. A session that cannot be closed in this time ends by the ERP's own clock.
pub(crate) const LOGOUT_TIME: Duration = Duration::from_secs(5);

/// Whatever an adapter says, a session is not idle before.
pub(crate) const SHORTEST_IDLE: Duration = Duration::from_secs(1);

/// One session. Whoever uses it holds it, so that what they hear of it concerns no other.
pub(crate) struct OpenSession {
    since: Instant,
    idle: Idle,
    state: Mutex<State>,
}

struct State {
    cookies: Cookies,
    /// When the ERP answered last that it goes on.
    used: Instant,
    /// How many requests are under way.
    busy: usize,
    /// An answer said that it is over.
    dead: bool,
    /// So did one that was repeated because of it.
    dead_when_new: bool,
}

/// What came back, and whether it says nothing of the session's end.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) is_alive: bool,
}

impl OpenSession {
    /// The session of these cookies, which was asked for at a moment.
    pub(crate) fn new(cookies: Cookies, since: Instant, idle: Idle) -> Self {
        let idle = match idle {
            Idle::Kept => Idle::Kept,
            Idle::LetGo(after) => Idle::LetGo(after.max(SHORTEST_IDLE)),
            Idle::KeptAlive(after) => Idle::KeptAlive(after.max(SHORTEST_IDLE)),
        };
        let state = State { cookies, used: since, busy: 0, dead: false, dead_when_new: false };
        Self { since, idle, state: Mutex::new(state) }
    }

    /// Sends a request in this session. The cookies of an answer that says it is over are not kept: they may delete what
    /// the logout needs, should the session be open after all.
    pub(crate) async fn exchange(
        &self,
        cx: &CallContext,
        login: &dyn SessionLogin,
        transport: &dyn Transport,
        request: Request<Bytes>,
    ) -> Result<Answer> {
        let address = request.uri().clone();
        let response = self.send(cx, transport, request).await?;
        let is_alive = !login.is_dead(&response);
        if is_alive {
            let mut state = self.state();
            state.cookies.take(&address, response.headers());
            state.used = Instant::now();
        }
        Ok(Answer { response, is_alive })
    }

    /// Sends `request` with the cookies.
    async fn send(
        &self,
        cx: &CallContext,
        transport: &dyn Transport,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        let _busy = {
            let mut state = self.state();
            if !state.cookies.belong_to(request.uri()) {
                return Err(ErpError::internal("a request in a session goes to another server than its login"));
            }
            let cookies = state.cookies.header(request.uri());
            request.headers_mut().extend(cookies.map(|cookies| (COOKIE, cookies)));
            state.busy += 1;
            Busy(self)
        };
        transport.send(cx, request).await
    }

    /// Asks the ERP to end it, and logs what came of that.
    pub(crate) async fn log_out(&self, login: &dyn SessionLogin, transport: &dyn Transport) {
        let cx = CallContext::new("logout", LOGOUT_TIME);
        let left = match login.logout() {
            Ok(mut request) => {
                request.extensions_mut().insert(AtOnce);
                self.send(&cx, transport, request).await
            }
            Err(error) => Err(error),
        };
        match left {
            Ok(answer) if answer.status().is_success() || login.is_dead(&answer) => {
                tracing::debug!(status = answer.status().as_u16(), "logged out of the ERP");
            }
            Ok(answer) => tracing::warn!(
                status = answer.status().as_u16(),
                "the ERP did not end a session when it was asked to: it may count until the ERP's own time-out"
            ),
            Err(error) => tracing::warn!(
                kind = %error.kind(), reason = error.message(),
                "the ERP could not be asked to end a session: it counts until the ERP's own time-out"
            ),
        }
    }

    /// Whether a call may be sent in it, as far as is known.
    pub(crate) fn is_usable(&self, now: Instant) -> bool {
        let is_over = self.state().dead || matches!(self.idle, Idle::LetGo(_)) && self.has_idled(now);
        !is_over
    }

    /// Whether it was idle for as long as the adapter said.
    pub(crate) fn has_idled(&self, now: Instant) -> bool {
        self.due(now).is_some_and(|due| due <= now)
    }

    /// When something is to become of it if nobody uses it any more; `None` for never.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let state = self.state();
        let after = self.idle_time()?;
        match (state.dead, state.busy) {
            (true, _) => Some(now),
            (false, 0) => state.used.checked_add(after),
            (false, _) => now.checked_add(after),
        }
    }

    /// How long it may be idle; `None` for ever.
    pub(crate) const fn idle_time(&self) -> Option<Duration> {
        match self.idle {
            Idle::Kept => None,
            Idle::LetGo(after) | Idle::KeptAlive(after) => Some(after),
        }
    }

    /// Takes note that the ERP says it is over.
    pub(crate) fn note_dead(&self) {
        self.state().dead = true;
    }

    /// Takes note that the ERP said so to a request that was repeated because of it.
    pub(crate) fn note_dead_when_new(&self) {
        self.state().dead_when_new = true;
    }

    /// Takes note that the ERP says it is over. Not if it said so when it was new: whatever else may be wrong then, with one
    /// thing that is asked or with all, another session for every call would not mend it.
    pub(crate) fn may_be_replaced(&self) -> bool {
        let mut state = self.state();
        let futile = state.dead_when_new && self.since.elapsed() < FIRST_PAUSE;
        state.dead |= !futile;
        !futile
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, also one that is given up.
struct Busy<'a>(&'a OpenSession);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
    }
}
