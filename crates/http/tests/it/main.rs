//! livegate-http from the outside: real sockets, and every way in which an ERP may write its answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod decoding;
mod endpoint;
mod licence;
mod odata;
mod server;
mod session;
mod token;
mod transport;
