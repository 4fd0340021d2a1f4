//! What adapters and the gateway are tested with: so far an ERP that lies.

mod lying_erp;

pub use lying_erp::{Asked, Lie, LyingErp};
