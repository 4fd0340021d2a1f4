//! The layers as the gateway puts them together, around an ERP that follows a script.

mod bounds;
mod breaker;
mod flights;
mod layers;
mod limit;
mod model;
mod purge;
mod retry;
mod script;
mod windows;
