use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What an adapter, a layer or a transport answers.
pub type Result<T, E = ErpError> = std::result::Result<T, E>;

/// Why a call has no answer. The kind alone decides the HTTP status, the metric label, retry and breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// This connection does not offer the operation.
    Unsupported,
    /// The arguments are rejected, by us or recognisably by the ERP.
    InvalidQuery,
    /// The ERP refused the tenant's credentials.
    CredentialsRejected,
    /// The ERP user lacks a right.
    PermissionDenied,
    /// Egress refused, untrusted certificate, redirect, unknown path or company, or any other 4xx.
    Misconfigured,
    /// The ERP says slow down.
    RateLimited,
    /// No connection: nothing was sent.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// A 5xx, or a transfer cut before its stated end.
    Unavailable,
    /// A completely transferred answer that is not what the ERP is documented to send.
    Malformed,
    /// Over the size cap or the document cap.
    TooLarge,
    /// Our own limit for this connection.
    Overloaded,
    /// Paused after failures.
    CircuitOpen,
    /// A bug of ours.
    Internal,
}

impl ErrorKind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Unsupported,
        Self::InvalidQuery,
        Self::CredentialsRejected,
        Self::PermissionDenied,
        Self::Misconfigured,
        Self::RateLimited,
        Self::Unreachable,
        Self::Timeout,
        Self::Unavailable,
        Self::Malformed,
        Self::TooLarge,
        Self::Overloaded,
        Self::CircuitOpen,
        Self::Internal,
    ];

    /// Its name in answers, logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::InvalidQuery => "invalid_query",
            Self::CredentialsRejected => "credentials_rejected",
            Self::PermissionDenied => "permission_denied",
            Self::Misconfigured => "misconfigured",
            Self::RateLimited => "rate_limited",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Overloaded => "overloaded",
            Self::CircuitOpen => "circuit_open",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status of an answer that fails this way.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unsupported => 501,
            Self::InvalidQuery => 400,
            Self::RateLimited | Self::Overloaded | Self::CircuitOpen => 503,
            Self::Timeout => 504,
            Self::Internal => 500,
            Self::CredentialsRejected
            | Self::PermissionDenied
            | Self::Misconfigured
            | Self::Unreachable
            | Self::Unavailable
            | Self::Malformed
            | Self::TooLarge => 502,
        }
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unreachable | Self::Timeout | Self::Unavailable)
    }

    /// Whether it counts as a failure of the ERP that pauses the connection.
    #[must_use]
    pub fn trips_breaker(self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::Unavailable)
    }

    /// Whether an older answer may be served in its place.
    #[must_use]
    pub fn may_be_answered_stale(self) -> bool {
        self.is_transient() || matches!(self, Self::CircuitOpen | Self::Overloaded)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A failed call. Its `Display` is safe for the caller; the source is only for the log. Cloning it is cheap enough to
/// answer everyone who joined one failed flight.
#[derive(Clone, Debug)]
pub struct ErpError {
    kind: ErrorKind,
    message: Box<str>,
    field: Option<&'static str>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ErpError {
    /// A failure told in words that a caller may read: no secret, no ERP's raw text.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into().into(), field: None, retry_after: None, source: None }
    }

    /// This connection does not offer `what`.
    #[must_use]
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Unsupported, format!("this connection does not offer {what}"))
    }

    /// The argument `field` is rejected.
    #[must_use]
    pub fn invalid_query(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(ErrorKind::InvalidQuery, message) }
    }

    /// The ERP's answer is not what it is documented to send.
    #[must_use]
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Malformed, message)
    }

    /// The connection's settings do not fit the ERP.
    #[must_use]
    pub fn misconfigured(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misconfigured, message)
    }

    /// A bug of ours.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Tells when to ask again.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// What decides everything else.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The member of the request that is to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// When to ask again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The chain of causes in one line, for the log only.
    #[must_use]
    pub fn causes(&self) -> String {
        let mut causes = String::new();
        let mut next: Option<&(dyn Error + 'static)> = self.source();
        while let Some(error) = next {
            if !causes.is_empty() {
                causes.push_str(": ");
            }
            causes.push_str(&error.to_string());
            next = error.source();
        }
        causes
    }
}

impl fmt::Display for ErpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl Error for ErpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_kinds_holds() {
        let table: [(&str, u16, bool, bool); 14] = [
            ("unsupported", 501, false, false),
            ("invalid_query", 400, false, false),
            ("credentials_rejected", 502, false, false),
            ("permission_denied", 502, false, false),
            ("misconfigured", 502, false, false),
            ("rate_limited", 503, true, false),
            ("unreachable", 502, true, true),
            ("timeout", 504, true, true),
            ("unavailable", 502, true, true),
            ("malformed", 502, false, false),
            ("too_large", 502, false, false),
            ("overloaded", 503, false, false),
            ("circuit_open", 503, false, false),
            ("internal", 500, false, false),
        ];
        for (kind, row) in ErrorKind::ALL.into_iter().zip(table) {
            assert_eq!((kind.code(), kind.status(), kind.is_transient(), kind.trips_breaker()), row);
        }
    }

    #[test]
    fn the_source_is_never_displayed() {
        let error = ErpError::malformed("the answer is not JSON").with_source("at byte 3: secret");
        assert_eq!(error.to_string(), "malformed: the answer is not JSON");
        assert_eq!(error.causes(), "at byte 3: secret");
    }
}
