//! What stands between a caller and an ERP connection: decorators around [`Erp`](livegate_core::Erp), one file each, and
//! [`stack()`], the only place that knows their order. A layer sees queries, answers and errors, never bytes.

mod breaker;
mod cache;
mod flight;
mod limit;
mod observe;
mod retry;
mod stack;
mod store;
mod support;
mod tidy;
mod timeout;
mod weight;
mod windows;

pub use cache::KeptAnswers;
pub use observe::{BreakerState, Observer};
pub use stack::{StackSettings, Stacked, stack};
pub use store::AnswerStore;
pub use tidy::Tidy;
