//! What tenants are made from, as the gateway sees it: files in a directory, and every mistake in them.

#![expect(clippy::unwrap_used, reason = "clippy excuses tests but not the functions they share")]

mod configuration;
mod mistakes;
mod quay;
mod reload;
mod tenant;
