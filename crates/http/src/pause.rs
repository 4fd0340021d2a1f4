use std::time::Duration;

use jiff::Timestamp;
use livegate_core::{ErpError, ErrorKind};
use tokio::time::Instant;

/// How long no login is tried after the first refusal, and at most after many.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// The same after a login that found the ERP busy and was not told for how long, and after the first one whose answer got
/// lost; at most after many of those.
const SHORT_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_UNHEARD: Duration = FIRST_PAUSE;

/// The pause after a login whose credentials were refused: ERPs lock users out. It doubles with each refusal in a row. There
/// are shorter ones after logins that a few seconds may mend, and that every call would repeat until then.
#[derive(Default)]
pub(crate) struct Pause {
    now: Option<(Instant, ErpError)>,
    /// How long the last ones were.
    refused: Option<Duration>,
    unheard: Option<Duration>,
}

impl Pause {
    /// What everyone is told while no login is tried.
    pub(crate) fn refusal(&self, now: Instant) -> Option<ErpError> {
        let (until, error) = self.now.as_ref().filter(|(until, _)| now < *until)?;
        let error = error.clone();
        Some(if error.retry_after().is_some() { error.with_retry_after(*until - now) } else { error })
    }

    /// A login was refused.
    pub(crate) fn begin(&mut self, now: Instant) -> ErpError {
        let length = self.refused.map_or(FIRST_PAUSE, |last| (2 * last).min(LONGEST_PAUSE));
        self.refused = Some(length);
        let until = (Timestamp::now() + length).strftime("%H:%M:%S UTC");
        let error = ErpError::new(
            ErrorKind::CredentialsRejected,
            format!(
                "the ERP refused the login: check the connection's secrets; so that the ERP does not lock the user out, \
                 no login is tried until {until}, but corrected settings act at once"
            ),
        );
        tracing::warn!(pause = ?length, %until, "the ERP refused the login");
        self.now = Some((now + length, error.clone()));
        error
    }

    /// A login found the ERP too busy for it, such as without a free licence.
    pub(crate) fn begin_busy(&mut self, now: Instant, error: ErpError) -> ErpError {
        let length = error.retry_after().map_or(SHORT_PAUSE, |asked| asked.min(LONGEST_PAUSE));
        self.begin_told(now, length, error)
    }

    /// The answer to a login got lost, so that it may have opened a session which nobody can close. Another one might do the
    /// same; so they become rare.
    pub(crate) fn begin_unheard(&mut self, now: Instant, error: ErpError) -> ErpError {
        let length = self.unheard.map_or(SHORT_PAUSE, |last| (2 * last).min(LONGEST_UNHEARD));
        self.unheard = Some(length);
        self.begin_told(now, length, error)
    }

    fn begin_told(&mut self, now: Instant, length: Duration, error: ErpError) -> ErpError {
        let error = error.with_retry_after(length);
        self.now = Some((now + length, error.clone()));
        error
    }

    /// A login was accepted.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }
}
