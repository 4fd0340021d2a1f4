use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response};
use livegate_core::{CallContext, Result as Outcome, Transport};

/// A transport that keeps what passes through it.
pub(super) struct Recorder {
    transport: Arc<dyn Transport>,
    /// In the order in which the requests were sent; an answer comes later, or never.
    kept: Mutex<Vec<Recorded>>,
    problem: Mutex<Option<String>>,
}

/// A request and its answer as they were.
pub(super) struct Recorded {
    pub(super) request: Request<Bytes>,
    /// `None` where it was given up before its answer came.
    pub(super) response: Option<Response<Bytes>>,
}

impl Recorder {
    pub(super) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, kept: Mutex::default(), problem: Mutex::default() }
    }

    /// The exchanges in the order of their requests.
    pub(super) fn recorded(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the first request that had no answer had none.
    pub(super) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, cx: &CallContext, request: Request<Bytes>) -> Outcome<Response<Bytes>> {
        let at = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(Recorded { request: request.clone(), response: None });
            kept.len() - 1
        };
        let response = self.transport.send(cx, request).await.inspect_err(|error| {
            self.problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
        })?;
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
            kept.response = Some(response.clone());
        }
        Ok(response)
    }
}

impl Recorded {
    /// The answer's text, if one came.
    ///
    /// # Errors
    /// For an answer that is no text.
    pub(super) fn answer(&self) -> Result<Option<&str>, String> {
        let Some(response) = &self.response else { return Ok(None) };
        std::str::from_utf8(response.body()).map(Some).map_err(|_| {
            let path = self.request.uri().path();
            format!(
                "the ERP's answer to {} {path} is not UTF-8, and a recording holds texts only",
                self.request.method()
            )
        })
    }

    pub(super) fn media_type(&self) -> &str {
        self.response.as_ref().map_or("", |response| media_type(response.headers()))
    }

    pub(super) fn asked_media_type(&self) -> &str {
        media_type(self.request.headers())
    }
}

pub(super) fn media_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
