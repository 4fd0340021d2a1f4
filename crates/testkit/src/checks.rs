//! The checks, by what they are about. Each name says what must be true.

mod operations;

use crate::check::Checklist;

/// Every check that the subject can be asked.
pub(crate) fn all(list: &mut Checklist) {
    operations::checks(list);
}
