//! The checks, by what they are about. Each name says what must be true.

mod balance;
mod capabilities;
mod facts;
mod filters;
mod hostile;
mod lifecycle;
mod lists;
mod operations;
mod ownership;
mod people;
mod shape;
mod users;

use crate::check::Checklist;

/// Every check that the subject can be asked.
pub(crate) fn all(list: &mut Checklist) {
    capabilities::checks(list);
    operations::checks(list);
    shape::checks(list);
    facts::checks(list);
    balance::checks(list);
    lists::checks(list);
    filters::checks(list);
    users::checks(list);
    ownership::checks(list);
    hostile::checks(list);
    lifecycle::checks(list);
}
