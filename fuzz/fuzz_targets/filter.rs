//! Filters of lists and directories.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::filter(bytes));
