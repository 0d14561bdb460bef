//! Paths of PATCH operations.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::path(bytes));
