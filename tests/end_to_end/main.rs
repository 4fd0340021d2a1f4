//! livegate from outside: the real binary on real sockets, the simulators, an ERP that lies, and the rules of the house.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here and says where")]

mod answers;
mod architecture;
mod caching;
mod commands;
mod faults;
mod gateway;
mod guards;
mod isolation;
mod large_lists;
mod newcomer;
mod operator;
mod process;
mod protocol;
mod sessions;
