use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{CallContext, Capabilities, Erp, ErpError, Operation, Query, Reply, Result};

/// Refuses what the connection does not offer, so that nothing below is asked for it.
pub(crate) struct CheckSupport {
    inner: Arc<dyn Erp>,
    offered: &'static [Operation],
}

impl CheckSupport {
    pub(crate) fn new(inner: Arc<dyn Erp>, capabilities: &Capabilities) -> Self {
        Self { inner, offered: capabilities.operations }
    }
}

#[async_trait]
impl Erp for CheckSupport {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let operation = query.operation();
        if self.offered.contains(&operation) {
            self.inner.call(cx, query).await
        } else {
            Err(ErpError::unsupported(operation.title()))
        }
    }
}
