use std::time::Duration;

use jiff::Timestamp;
use livegate_core::{ErpError, ErrorKind};
use tokio::time::Instant;

/// How long no login is tried after the first refusal, and at most after many.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// The pause after a login whose credentials were refused: ERPs lock users out. It doubles with each refusal in a row.
#[derive(Default)]
pub(crate) struct Pause(Option<Paused>);

struct Paused {
    length: Duration,
    until: Instant,
    error: ErpError,
}

impl Pause {
    /// What everyone is told while no login is tried.
    pub(crate) fn refusal(&self, now: Instant) -> Option<ErpError> {
        self.0.as_ref().filter(|pause| now < pause.until).map(|pause| pause.error.clone())
    }

    /// A login was refused.
    pub(crate) fn begin(&mut self, now: Instant) -> ErpError {
        let length = self.0.as_ref().map_or(FIRST_PAUSE, |pause| (2 * pause.length).min(LONGEST_PAUSE));
        let until = (Timestamp::now() + length).strftime("%H:%M:%S UTC");
        let error = ErpError::new(
            ErrorKind::CredentialsRejected,
            format!(
                "the ERP refused the login: check the connection's secrets; so that the ERP does not lock the user out, \
                 no login is tried until {until}, but corrected settings act at once"
            ),
        );
        tracing::warn!(pause = ?length, %until, "the ERP refused the login");
        self.0 = Some(Paused { length, until: now + length, error: error.clone() });
        error
    }

    /// A login was accepted.
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}
