//! What adapters and the gateway are tested with: the conformance suite, the fault table, the golden tests, and an ERP that
//! lies. An adapter's whole use of it is one short test file that names a [`Subject`] and calls [`prove`].
//!
#![doc = include_str!("../README.md")]

mod check;
mod checks;
mod fault_proxy;
mod faults;
mod golden;
mod json;
mod json_text;
mod line;
mod listing;
mod lying_erp;
mod question;
mod record;
mod rule;
mod subject;
mod suite;
mod wire_tap;

pub use fault_proxy::{FaultProxy, Framing, Harm, Passed, ProxiedAnswer, When};
pub use faults::{fault_names, judge_fault};
pub use golden::judge_golden;
pub use line::Spoil;
pub use lying_erp::{Asked, Lie, LyingErp};
pub use record::record;
pub use subject::{Cast, Document, Fact, Outcome, Subject, Twin};
pub use suite::{Finding, Suite, prove};
