//! What the commands of this repository write, print and refuse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here and says where")]

mod adapters;
mod coverage;
mod new_adapter;
mod record;
mod tutorial;
mod workspace;
