//! The kit itself, proven against adapters that are right and adapters that are broken.

#![expect(clippy::unwrap_used, reason = "what every test calls is a test as well")]

mod adapter;
mod book;
mod broken;
mod checks;
mod erp;
mod fault_proxy;
mod faults;
mod golden;
mod record;
mod spoils;
mod table;
