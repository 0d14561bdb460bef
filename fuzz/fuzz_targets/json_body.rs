//! JSON bodies.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::json_body(bytes));
