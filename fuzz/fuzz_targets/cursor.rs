//! Cursors of lists.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::cursor(bytes));
