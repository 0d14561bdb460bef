//! The binary: composition root and command line.
