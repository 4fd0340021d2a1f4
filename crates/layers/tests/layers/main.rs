//! The layers as the gateway puts them together, around an ERP that follows a script.

mod bounds;
mod flights;
mod layers;
mod model;
mod script;
mod windows;
