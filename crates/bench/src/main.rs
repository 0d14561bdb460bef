//! Development only: load generator, floor server and the limits beside which Elder is measured.
fn main() {}
