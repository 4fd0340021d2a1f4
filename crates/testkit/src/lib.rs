//! What adapters and the gateway are tested with: the conformance suite, the fault table, the golden tests, and an ERP that
//! lies. An adapter's whole use of it is one short test file that names a [`Subject`] and calls [`prove`].

mod lying_erp;
mod subject;
mod suite;

pub use lying_erp::{Asked, Lie, LyingErp};
pub use subject::{Cast, Document, Fact, Outcome, Subject, Twin};
pub use suite::prove;
