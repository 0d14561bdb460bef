//! Development only: architecture check, generators, snapshots.
fn main() {}
