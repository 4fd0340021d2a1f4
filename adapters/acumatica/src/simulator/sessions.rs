use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{BRANCHES, CLIENT_ID, CLIENT_SECRET, PASSWORD, TENANT, USERNAME};

/// After so many refused logins in a row the user is locked out.
const PATIENCE: usize = 5;

/// Who is signed in, and how many may be.
#[derive(Default)]
pub(super) struct Sessions {
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    issued: usize,
    /// Open sessions by the key that proves them: a pair of cookies, or a token.
    open: BTreeMap<String, Session>,
    tokens: Vec<String>,
    most: usize,
    refused_in_a_row: usize,
    counts: Counts,
}

struct Session {
    /// In requests that are being answered.
    busy: usize,
    is_english: bool,
}

/// What was done at the door since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Logins by cookie, refused ones included.
    pub logins: usize,
    /// Requests for a token, refused ones included.
    pub tokens: usize,
    /// Logouts that ended a session.
    pub logouts: usize,
    /// Sessions that were refused because the licence had no room.
    pub over_limit: usize,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Credentials,
    Locked,
    Tenant,
    Branch,
    Limit,
    Client,
    Grant,
}

/// The two cookies that prove a session.
pub(super) struct Cookies {
    pub auth: String,
    pub session: String,
}

impl Sessions {
    /// Opens a session by cookie.
    pub(super) fn login(
        &self,
        name: &str,
        password: &str,
        tenant: &str,
        branch: &str,
        locale: &str,
        licences: usize,
    ) -> Result<Cookies, Refused> {
        let mut desk = self.desk();
        desk.counts.logins += 1;
        if !tenant.is_empty() && !tenant.eq_ignore_ascii_case(TENANT) {
            return Err(Refused::Tenant);
        }
        desk.check(name, password)?;
        if !branch.is_empty() && !BRANCHES.contains(&branch) {
            return Err(Refused::Branch);
        }
        let number = desk.next();
        let cookies = Cookies { auth: format!("AUTH{number}=&x"), session: format!("session{number}") };
        desk.open(key(&cookies.auth, &cookies.session), locale, licences)?;
        Ok(cookies)
    }

    /// Gives out a token. It opens no session until it is used.
    pub(super) fn token(&self, form: &BTreeMap<String, String>, scopes: &str) -> Result<String, Refused> {
        let mut desk = self.desk();
        desk.counts.tokens += 1;
        let text = |name: &str| form.get(name).map_or("", String::as_str);
        if text("grant_type") != "password" || !scopes.split(' ').any(|scope| scope == "api") {
            return Err(Refused::Grant);
        }
        if text("client_id") != CLIENT_ID || text("client_secret") != CLIENT_SECRET {
            return Err(Refused::Client);
        }
        desk.check(text("username"), text("password"))?;
        let token = format!("acu-issued-{}", desk.next());
        desk.tokens.push(token.clone());
        Ok(token)
    }

    /// Takes a request of a session that is open; `None` where there is none.
    pub(super) fn enter(&self, auth: &str, session: &str) -> Option<String> {
        let key = key(auth, session);
        let mut desk = self.desk();
        desk.open.get_mut(&key)?.busy += 1;
        Some(key)
    }

    /// Takes a request that bears a token: the first one opens a session for it.
    pub(super) fn enter_bearing(&self, token: &str, locale: &str, licences: usize) -> Result<Option<String>, Refused> {
        let mut desk = self.desk();
        if !desk.tokens.iter().any(|known| known == token) {
            return Ok(None);
        }
        if !desk.open.contains_key(token) {
            desk.open(token.to_owned(), locale, licences)?;
        }
        if let Some(session) = desk.open.get_mut(token) {
            session.busy += 1;
        }
        Ok(Some(token.to_owned()))
    }

    /// Whether the session has the names of statuses in English.
    pub(super) fn is_english(&self, key: &str) -> bool {
        self.desk().open.get(key).is_none_or(|session| session.is_english)
    }

    pub(super) fn leave(&self, key: &str) {
        if let Some(session) = self.desk().open.get_mut(key) {
            session.busy -= 1;
        }
    }

    /// Ends a session; a token outlives it.
    pub(super) fn logout(&self, auth: &str, session: &str, token: &str) {
        let mut desk = self.desk();
        let ended = desk.open.remove(&key(auth, session)).or_else(|| desk.open.remove(token));
        desk.counts.logouts += usize::from(ended.is_some());
    }

    /// What happens when nobody has asked for long enough.
    pub(super) fn time_out(&self) {
        self.desk().open.clear();
    }

    pub(super) fn revoke_tokens(&self) {
        self.desk().tokens.clear();
    }

    pub(super) fn open(&self) -> usize {
        self.desk().open.len()
    }

    /// The most that were open at once.
    pub(super) fn most(&self) -> usize {
        self.desk().most
    }

    pub(super) fn counts(&self) -> Counts {
        self.desk().counts
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn check(&mut self, name: &str, password: &str) -> Result<(), Refused> {
        if self.refused_in_a_row >= PATIENCE {
            return Err(Refused::Locked);
        }
        if name != USERNAME || password != PASSWORD {
            self.refused_in_a_row += 1;
            return Err(Refused::Credentials);
        }
        self.refused_in_a_row = 0;
        Ok(())
    }

    fn open(&mut self, key: String, locale: &str, licences: usize) -> Result<(), Refused> {
        if self.open.len() >= licences {
            self.counts.over_limit += 1;
            return Err(Refused::Limit);
        }
        self.open.insert(key, Session { busy: 0, is_english: locale.starts_with("en") });
        self.most = self.most.max(self.open.len());
        Ok(())
    }

    fn next(&mut self) -> usize {
        self.issued += 1;
        self.issued
    }
}

fn key(auth: &str, session: &str) -> String {
    format!("{auth} {session}")
}
