//! The sessions that tokens open. A token's first request opens one, which neither the token's end nor its renewal closes:
//! so it is logged out when requests bear another token, and when the connection is closed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, Uri};
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use livegate_http::bare_logout;
use tokio::sync::Notify;

/// Sends the connection's requests and keeps account of the sessions in which they are.
pub(crate) struct Seats {
    transport: Arc<dyn Transport>,
    logout: Uri,
    desk: Mutex<Desk>,
    /// Somebody has got up.
    freed: Notify,
}

#[derive(Default)]
struct Desk {
    /// By what proves a session, how many of its requests are under way.
    taken: BTreeMap<HeaderValue, usize>,
    closed: bool,
}

impl Seats {
    pub(crate) fn new(transport: Arc<dyn Transport>, logout: Uri) -> Self {
        Self { transport, logout, desk: Mutex::default(), freed: Notify::new() }
    }

    /// Logs out of all of them, once the last request is done or the context's deadline has come: a request that reaches
    /// Acumatica after the logout would open the session again.
    pub(crate) async fn leave(&self, cx: &CallContext) {
        loop {
            let freed = self.freed.notified();
            {
                let mut desk = self.desk();
                desk.closed = true;
                if desk.taken.values().all(|busy| *busy == 0) {
                    break;
                }
            }
            if tokio::time::timeout_at(cx.deadline, freed).await.is_err() {
                break;
            }
        }
        let all = std::mem::take(&mut self.desk().taken);
        for bearer in all.into_keys() {
            self.log_out(cx, bearer).await;
        }
    }

    /// Takes note of a request. What it finds there that nobody uses any more is to be left.
    fn take(&self, bearer: &HeaderValue) -> Result<Vec<HeaderValue>> {
        let mut desk = self.desk();
        if desk.closed {
            return Err(ErpError::new(ErrorKind::Unavailable, "this connection to the ERP has been closed: ask again"));
        }
        *desk.taken.entry(bearer.clone()).or_default() += 1;
        let idle = desk.taken.iter().filter(|(_, busy)| **busy == 0).map(|(bearer, _)| bearer.clone()).collect();
        desk.taken.retain(|_, busy| *busy > 0);
        Ok(idle)
    }

    async fn log_out(&self, cx: &CallContext, bearer: HeaderValue) {
        let mut request = bare_logout(&self.logout);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        if let Err(error) = self.transport.send(cx, request).await {
            tracing::warn!(
                kind = %error.kind(), reason = error.message(),
                "Acumatica could not be asked to end a session: it counts until the instance's own time-out"
            );
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Seats {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let Some(bearer) = request.headers().get(AUTHORIZATION).cloned() else {
            return self.transport.send(cx, request).await;
        };
        let idle = self.take(&bearer)?;
        let _busy = Busy { seats: self, bearer };
        // Before the new one opens its own: the licence may have no room for both.
        for bearer in idle {
            self.log_out(cx, bearer).await;
        }
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
        if let Some(busy) = self.seats.desk().taken.get_mut(&self.bearer) {
            *busy -= 1;
        }
        self.seats.freed.notify_waiters();
    }
}
