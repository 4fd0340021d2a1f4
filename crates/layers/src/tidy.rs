use std::sync::Arc;

use async_trait::async_trait;
use livegate_core::{Answer, CallContext, Erp, Query, Reply, Result};

/// Brings an ERP's answer into the shape that every caller gets: owned by the customer, distinct, sorted. The Live rules
/// hand it in, so that layers need not know them.
pub type Tidy = Arc<dyn Fn(&Query, Answer) -> Result<Answer> + Send + Sync>;

/// Tidies each answer once, when it is fetched.
pub(crate) struct TidyUp {
    inner: Arc<dyn Erp>,
    tidy: Tidy,
}

impl TidyUp {
    pub(crate) fn new(inner: Arc<dyn Erp>, tidy: Tidy) -> Self {
        Self { inner, tidy }
    }
}

#[async_trait]
impl Erp for TidyUp {
    async fn call(&self, cx: &CallContext, query: &Query) -> Result<Reply> {
        let reply = self.inner.call(cx, query).await?;
        let answer = (self.tidy)(query, Arc::unwrap_or_clone(reply.answer))?;
        Ok(Reply { answer: Arc::new(answer), ..reply })
    }
}
