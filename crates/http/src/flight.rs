use std::future::Future;

use livegate_core::{CallContext, ErpError, ErrorKind, Result};
use tokio::sync::watch;
use tracing::Instrument;

/// One login (or its like) under way, as those see it who wait for it. It runs in a task of its own, so that no caller's
/// going or haste costs the others its outcome.
#[derive(Clone)]
pub(crate) struct Flight<T>(watch::Receiver<Option<T>>);

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Begins it.
    pub(crate) fn begin(work: impl Future<Output = T> + Send + 'static) -> Self {
        let (land, flight) = watch::channel(None);
        let task = async move {
            let outcome = work.await;
            land.send_replace(Some(outcome));
        };
        tokio::spawn(task.in_current_span());
        Self(flight)
    }

    /// Whether it goes on. One that panicked has closed its channel.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.has_changed().is_ok()
    }

    /// Waits for its outcome until the caller's deadline.
    pub(crate) async fn landed(mut self, cx: &CallContext) -> Result<T> {
        let landed = tokio::time::timeout_at(cx.deadline, self.0.wait_for(Option::is_some)).await;
        match landed.map(|outcome| outcome.map(|outcome| outcome.clone())) {
            Ok(Ok(Some(outcome))) => Ok(outcome),
            Ok(_) => Err(ErpError::internal("a login ended without a result")),
            Err(_) => Err(ErpError::new(ErrorKind::Timeout, "the ERP did not answer the login before the deadline")),
        }
    }
}
