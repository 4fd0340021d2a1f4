use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use livegate_core::{CallContext, ErpError, ErrorKind, Result, Transport};
use tokio::sync::watch;

/// Stands between an adapter and the network: counts the requests, and holds them as long as the check wants.
pub(crate) struct WireTap {
    transport: Arc<dyn Transport>,
    sent: AtomicUsize,
    /// The number of the first request that is held, from 1.
    held_from: watch::Sender<usize>,
    held: watch::Sender<usize>,
}

impl WireTap {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        let (held_from, held) = (watch::Sender::new(usize::MAX), watch::Sender::new(0));
        Self { transport, sent: AtomicUsize::new(0), held_from, held }
    }

    /// How many requests the adapter has sent, those that are held included.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Lets `more` requests through from now on and holds those after them, each until its deadline or [`Self::release`].
    pub(crate) fn hold_after(&self, more: usize) {
        self.held_from.send_replace(self.sent() + more + 1);
    }

    /// Lets everything through.
    pub(crate) fn release(&self) {
        self.held_from.send_replace(usize::MAX);
    }

    /// Comes back once a request is held.
    pub(crate) async fn holds_one(&self) {
        let mut held = self.held.subscribe();
        // The sender lives as long as this.
        let _ = held.wait_for(|held| *held > 0).await;
    }
}

#[async_trait]
impl Transport for WireTap {
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let mut held_from = self.held_from.subscribe();
        if number >= *held_from.borrow() {
            let _held = Held::new(&self.held);
            let released = held_from.wait_for(|from| number < *from);
            if tokio::time::timeout_at(cx.deadline, released).await.is_err() {
                return Err(ErpError::new(ErrorKind::Timeout, "the ERP did not answer before the deadline"));
            }
        }
        self.transport.send(cx, request).await
    }
}

/// A held request; whoever gives it up drops this.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn new(held: &'a watch::Sender<usize>) -> Self {
        held.send_modify(|held| *held += 1);
        Self(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}
