use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Generation, PASSWORD, USERNAME};

/// So many refused logins lock the user.
const PATIENCE: usize = 5;

/// Who may log in, and the tokens that were given out.
pub(super) struct Logins {
    lifetime: Duration,
    /// Part of every token, so that those of two simulators differ.
    mark: u16,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    refused: usize,
    issued: Vec<Issued>,
}

struct Issued {
    generation: Generation,
    token: String,
    /// Good for one refresh; the v2 login gives none.
    refresh_token: Option<String>,
    expires: Instant,
}

/// What a login or a refresh hands over.
pub(super) struct Pass {
    pub token: String,
    pub refresh_token: String,
    pub lifetime: Duration,
}

/// Why a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Credentials,
    Locked,
}

impl Refused {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Credentials => "The user name or password is incorrect.",
            Self::Locked => "The account is locked after too many failed logins.",
        }
    }
}

impl Logins {
    pub(super) fn new(address: SocketAddr, lifetime: Duration) -> Self {
        Self { lifetime, mark: address.port(), book: Mutex::default() }
    }

    /// Only refusals of the known user count: nobody is locked out under somebody else's name.
    pub(super) fn login(&self, generation: Generation, user: &str, password: &str) -> Result<Pass, Refused> {
        let mut book = self.book();
        if user != USERNAME {
            return Err(Refused::Credentials);
        }
        if book.refused >= PATIENCE {
            return Err(Refused::Locked);
        }
        if password != PASSWORD {
            book.refused += 1;
            return Err(Refused::Credentials);
        }
        book.refused = 0;
        Ok(self.issue(&mut book, generation))
    }

    /// Wants the two that were handed over together. The auth token may still be good, for a client renews in advance;
    /// it then stays good until its time, as a signed token does.
    pub(super) fn refresh(&self, token: &str, refresh_token: &str) -> Option<Pass> {
        let mut book = self.book();
        let known = book.issued.iter_mut().find(|issued| issued.token == token)?;
        known.refresh_token.take_if(|known| known == refresh_token)?;
        Some(self.issue(&mut book, Generation::Dme))
    }

    pub(super) fn admits(&self, generation: Generation, token: &str) -> bool {
        let now = Instant::now();
        let good = |issued: &Issued| issued.generation == generation && issued.token == token && now < issued.expires;
        self.book().issued.iter().any(good)
    }

    pub(super) fn expire(&self) {
        let now = Instant::now();
        self.book().issued.iter_mut().for_each(|issued| issued.expires = now);
    }

    pub(super) fn unlock(&self) {
        self.book().refused = 0;
    }

    fn issue(&self, book: &mut Book, generation: Generation) -> Pass {
        let (mark, number) = (self.mark, book.issued.len() + 1);
        let name = if generation == Generation::Dme { "dme" } else { "v2" };
        let token = format!("dm-issued-{name}-{mark}-{number}");
        let refresh_token = format!("dm-issued-refresh-{mark}-{number}");
        book.issued.push(Issued {
            generation,
            token: token.clone(),
            refresh_token: (generation == Generation::Dme).then(|| refresh_token.clone()),
            expires: Instant::now() + self.lifetime,
        });
        Pass { token, refresh_token, lifetime: self.lifetime }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The end of the lifetime as RFC 3339 has it, in milliseconds.
    pub(super) fn expiration(&self) -> String {
        let end = Timestamp::now().saturating_add(self.lifetime).unwrap_or(Timestamp::MAX);
        end.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}
