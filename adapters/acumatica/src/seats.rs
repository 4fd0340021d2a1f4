//! The sessions that tokens open. A token's first request opens one, which neither the token's end nor its renewal closes:
//! so it is logged out when requests bear another token, and when the connection is closed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, Uri};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::{bare_logout, classify};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// How long logging out may take, and how long a call waits for it at most.
const LOGOUT_TIME: Duration = Duration::from_secs(5);

/// Sends the connection's requests and keeps account of the sessions in which they are.
pub(crate) struct Seats {
    transport: Arc<dyn Transport>,
    logout: Uri,
    desk: watch::Sender<Desk>,
}

#[derive(Default)]
struct Desk {
    /// By what proves a session, how many of its requests are under way.
    taken: BTreeMap<HeaderValue, usize>,
    /// How many sessions are being logged out.
    leaving: usize,
    closed: bool,
}

impl Seats {
    pub(crate) fn new(transport: Arc<dyn Transport>, logout: Uri) -> Self {
        Self { transport, logout, desk: watch::Sender::default() }
    }

    /// Logs out of all of them, once the last request is done or the context's deadline has come: a request that reaches
    /// Acumatica after the logout would open the session again.
    pub(crate) async fn leave(&self, cx: &CallContext) {
        let mut changes = self.desk.subscribe();
        self.desk.send_modify(|desk| desk.closed = true);
        let _ = timeout_at(cx.deadline, changes.wait_for(|desk| desk.taken.values().all(|busy| *busy == 0))).await;
        self.desk.send_modify(|desk| {
            for bearer in std::mem::take(&mut desk.taken).into_keys() {
                self.begin_logout(desk, bearer);
            }
        });
        let _ = timeout_at(cx.deadline, changes.wait_for(|desk| desk.leaving == 0)).await;
    }

    /// Lets a request begin, after the sessions of other tokens have been left: the licence may have no room for both. It
    /// waits for that, but not for the whole of its time.
    async fn take(&self, cx: &CallContext, bearer: &HeaderValue) -> Result<()> {
        let until = Instant::now() + LOGOUT_TIME.min(cx.remaining() / 2);
        let mut changes = self.desk.subscribe();
        loop {
            let is_late = Instant::now() >= until;
            let mut answer = Ok(false);
            self.desk.send_if_modified(|desk| {
                answer = self.try_take(desk, bearer, is_late);
                // Nothing that anybody waits for.
                false
            });
            if answer? {
                return Ok(());
            }
            let _ = timeout_at(until, changes.changed()).await;
        }
    }

    fn try_take(&self, desk: &mut Desk, bearer: &HeaderValue, is_late: bool) -> Result<bool> {
        if desk.closed {
            return Err(ErpError::new(ErrorKind::Unavailable, "this connection to the ERP has been closed: ask again"));
        }
        let is_left = |own: &HeaderValue, busy: &usize| own != bearer && *busy == 0;
        let left = desk.taken.iter().filter(|(own, busy)| is_left(own, busy)).map(|(own, _)| own.clone());
        for own in left.collect::<Vec<_>>() {
            self.begin_logout(desk, own);
        }
        desk.taken.retain(|own, busy| !is_left(own, busy));
        let is_alone = desk.leaving == 0 && desk.taken.keys().all(|own| own == bearer);
        if is_alone || is_late {
            *desk.taken.entry(bearer.clone()).or_default() += 1;
        }
        Ok(is_alone || is_late)
    }

    /// Logs out with a budget of its own, whatever becomes of the call that has led to it.
    fn begin_logout(&self, desk: &mut Desk, bearer: HeaderValue) {
        desk.leaving += 1;
        let mut request = bare_logout(&self.logout);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let (transport, desk) = (Arc::clone(&self.transport), self.desk.clone());
        tokio::spawn(async move {
            let answer = transport.send(&CallContext::new("logout", LOGOUT_TIME), request).await;
            let left = answer.and_then(|answer| classify(answer.status(), answer.headers()).map_or(Ok(()), Err));
            if let Err(error) = left {
                tracing::warn!(
                    kind = %error.kind(), reason = error.message(),
                    "Acumatica did not end a session: it counts until the instance's own time-out"
                );
            }
            desk.send_modify(|desk| desk.leaving -= 1);
        });
    }
}

#[async_trait]
impl Transport for Seats {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let Some(bearer) = request.headers().get(AUTHORIZATION).cloned() else {
            return self.transport.send(cx, request).await;
        };
        self.take(cx, &bearer).await?;
        let _busy = Busy { seats: self, bearer };
        self.transport.send(cx, request).await
    }
}

/// A request under way, also one that is given up.
struct Busy<'a> {
    seats: &'a Seats,
    bearer: HeaderValue,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.seats.desk.send_modify(|desk| {
            if let Some(busy) = desk.taken.get_mut(&self.bearer) {
                *busy -= 1;
            }
        });
    }
}
