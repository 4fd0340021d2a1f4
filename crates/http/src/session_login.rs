use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use livegate_core::{ErpError, ErrorKind, Result};

use crate::classify;

/// What an adapter describes of its ERP's sessions: how one is opened and closed, and how an answer says that it is over.
/// It sends nothing; when it is asked is [`Session`]'s matter, which also keeps the cookies.
pub trait SessionLogin: Send + Sync {
    /// The request that opens a session; [`json_login`](crate::json_login) makes most.
    ///
    /// # Errors
    /// `misconfigured` where the settings do not make one.
    fn login(&self) -> Result<Request<Bytes>>;

    /// Reads the answer to a login, whatever its status: how long the session may be idle. What an answer with cookies opened
    /// is logged out again if this is an error.
    ///
    /// # Errors
    /// `credentials_rejected` where it refuses the credentials: then no login is tried for a while, because ERPs lock users
    /// out. `rate_limited` where all sessions that the licence allows are in use: then none is tried for the time that the
    /// error asks for, or some seconds. Anything else as [`classify`] or the
    /// adapter understands it, such as `misconfigured` for an unknown company. Without an override a 401 and a 403 refuse
    /// the credentials, and any 2xx opens a session.
    fn opened(&self, answer: &Response<Bytes>) -> Result<Idle> {
        match classify(answer.status(), answer.headers()) {
            None => Ok(Idle::Kept),
            Some(error) if answer.status() == StatusCode::FORBIDDEN => {
                Err(ErpError::new(ErrorKind::CredentialsRejected, "the ERP refused the login").with_source(error))
            }
            Some(error) => Err(error),
        }
    }

    /// Whether the answer to a call says that the session is over, so that the call is worth repeating on a new one. It
    /// must not say so of a refusal that another session would meet too: a right that is lacking, wrong credentials.
    fn is_dead(&self, answer: &Response<Bytes>) -> bool {
        answer.status() == StatusCode::UNAUTHORIZED
    }

    /// The request that shows the ERP that the session is still wanted, for [`Idle::KeptAlive`]: any cheap one that counts as
    /// use. What it brings is not looked at, but whether it says that the session is over.
    ///
    /// # Errors
    /// `internal` unless the adapter overrides it.
    fn keep_alive(&self) -> Result<Request<Bytes>> {
        Err(ErpError::internal("the adapter keeps sessions alive, but does not say how"))
    }

    /// The request that closes the session, to which its cookies are added; [`bare_logout`](crate::bare_logout) makes most.
    ///
    /// # Errors
    /// `misconfigured` where the settings do not make one.
    fn logout(&self) -> Result<Request<Bytes>>;
}

/// What becomes of a session that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It is used however long it was idle, until the ERP says that it is over.
    Kept,
    /// After so long, and a second at least, it is logged out, and its licence is free for others; the next call opens
    /// another. A little less than the ERP's own time-out spares that call a request in vain.
    LetGo(Duration),
    /// Whenever it was idle for so long, and a second at least, [`SessionLogin::keep_alive`] is sent, so that the next call
    /// need not wait for a login; one that got no answer is sent again after a tenth of that time. So leave room below the
    /// ERP's own time-out. The licence stays in use until the gateway closes the idle connection.
    KeptAlive(Duration),
}
