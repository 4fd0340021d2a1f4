//! livegate beside nginx and bare actix-web, on one machine and in one run.

fn main() {}
