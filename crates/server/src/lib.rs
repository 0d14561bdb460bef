//! The binary `elder` as a library: composition root and command line.

pub mod embedded;
