use async_trait::async_trait;
use bytes::Bytes;

use crate::{CallContext, Result};

/// Sends one HTTP request of an adapter and reads the whole answer.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` before the context's deadline. Any status is an answer; what it means is the adapter's matter.
    ///
    /// # Errors
    /// `misconfigured` (egress refused, untrusted certificate, redirect), `unreachable` (nothing was sent), `timeout`,
    /// `unavailable` (cut before its stated end), `too_large`.
    async fn send(&self, cx: &CallContext, request: http::Request<Bytes>) -> Result<http::Response<Bytes>>;
}
