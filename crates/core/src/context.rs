use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// What goes along with one call through every layer.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// Ties the log lines, the answer and the caller's own log together.
    pub request_id: Arc<str>,
    /// Until when an answer is of use, all attempts included.
    pub deadline: Instant,
    /// How old an answer may be.
    pub freshness: Freshness,
}

impl CallContext {
    /// A call that may take `budget` from now on and accepts kept answers.
    #[must_use]
    pub fn new(request_id: impl Into<Arc<str>>, budget: Duration) -> Self {
        Self { request_id: request_id.into(), deadline: Instant::now() + budget, freshness: Freshness::Any }
    }

    /// What is left until the deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// How old an answer the caller accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// Whatever the cache's windows allow.
    #[default]
    Any,
    /// At most this old, stale answers included.
    MaxAge(Duration),
    /// Given after this call began.
    NoCache,
}
