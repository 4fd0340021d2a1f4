//! Who may call and with which ERP: the configuration of the process, the tenant files, their tokens and secrets, every
//! mistake in them, and the roster of tenants that a reload carries on from.
//!
//! One table of data ([`livegate_core::Field`]) describes every key: the fixed ones here, an adapter's in its crate.
//! Validation, defaults, the JSON schema and the tables of `docs/configuration.md` all come from it.

mod address;
mod config;
mod document;
mod doubt;
mod files;
mod form;
mod guard;
mod keys;
mod mistake;
mod roster;
mod schema;
mod secret;
#[cfg(test)]
mod snapshot;
mod tenant;
mod token;

pub use config::{Config, LogFormat};
pub use files::{Fingerprint, Reading, TenantFiles};
pub use mistake::Mistake;
pub use roster::{Broken, Effect, Roster};
pub use schema::config_schema;
pub use tenant::{CustomerFrom, LoadContext, Tenant, TenantId};
pub use token::{Credential, TokenDigest, new_token};
