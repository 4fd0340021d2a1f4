use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{COMPANIES, Company, PASSWORD, USERNAME};

/// The sessions that are open, and how many licences there are for them.
pub(super) struct Sessions {
    licences: Option<usize>,
    office: Mutex<Office>,
}

#[derive(Default)]
struct Office {
    open: Vec<Session>,
    most: usize,
    logins: usize,
    refused: usize,
    logouts: usize,
    /// Nodes that fail whatever they are asked.
    broken: Vec<usize>,
}

#[derive(Clone)]
pub(super) struct Session {
    pub id: String,
    pub node: usize,
    pub company: &'static Company,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// -304
    WrongPassword,
    /// -306
    UnknownCompany,
    /// No licence is left.
    NoLicence,
}

impl Sessions {
    pub(super) fn new(licences: Option<usize>) -> Self {
        Self { licences, office: Mutex::default() }
    }

    fn office(&self) -> MutexGuard<'_, Office> {
        self.office.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn log_in(&self, company: &str, user: &str, password: &str) -> Result<Session, Refusal> {
        let mut office = self.office();
        office.logins += 1;
        let company = COMPANIES.iter().find(|known| known.database == company);
        let refusal = match company {
            None => Refusal::UnknownCompany,
            Some(_) if (user, password) != (USERNAME, PASSWORD) => Refusal::WrongPassword,
            Some(_) if self.licences.is_some_and(|most| office.open.len() >= most) => Refusal::NoLicence,
            Some(company) => {
                let node = (1..=10).find(|node| !office.broken.contains(node)).unwrap_or(10);
                let id = format!("{:08x}-0000-11ef-8000-{:012x}", office.logins, office.logins * 7919);
                let session = Session { id, node, company };
                office.open.push(session.clone());
                office.most = office.most.max(office.open.len());
                return Ok(session);
            }
        };
        office.refused += 1;
        Err(refusal)
    }

    pub(super) fn log_out(&self, session: &Session) {
        let mut office = self.office();
        office.open.retain(|open| open.id != session.id);
        office.logouts += 1;
    }

    /// The session that these cookies name. A session lives on its own node: whoever comes without the route to it is at a
    /// node that has never heard of it.
    pub(super) fn find(&self, session: &str, route: &str) -> Option<Session> {
        let open = &self.office().open;
        open.iter().find(|open| open.id == session && route == format!(".node{}", open.node)).cloned()
    }

    pub(super) fn is_broken(&self, node: usize) -> bool {
        self.office().broken.contains(&node)
    }

    /// Ends every session, as their time-out does.
    pub(super) fn end_all(&self) {
        self.office().open.clear();
    }

    /// Breaks the nodes on which there are sessions.
    pub(super) fn break_nodes(&self) {
        let mut office = self.office();
        let nodes: Vec<usize> = office.open.iter().map(|open| open.node).collect();
        office.broken.extend(nodes);
    }

    pub(super) fn open(&self) -> usize {
        self.office().open.len()
    }

    pub(super) fn most(&self) -> usize {
        self.office().most
    }

    pub(super) fn logins(&self) -> usize {
        self.office().logins
    }

    pub(super) fn refused(&self) -> usize {
        self.office().refused
    }

    pub(super) fn logouts(&self) -> usize {
        self.office().logouts
    }
}
