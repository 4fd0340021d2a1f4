use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{CallContext, Erp, ErpError, ErrorKind, Query, Reply, Result};

/// Cuts a call that is not answered by the context's deadline.
pub(crate) struct Timeout {
    inner: Arc<dyn Erp>,
}

impl Timeout {
    pub(crate) fn new(inner: Arc<dyn Erp>) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl Erp for Timeout {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        tokio::time::timeout_at(cx.deadline, self.inner.call(cx, query)).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// What a caller gets whose time is up.
pub(crate) fn timed_out() -> ErpError {
    ErpError::new(ErrorKind::Timeout, "the ERP did not answer in time; try again, or allow the call more time")
}
