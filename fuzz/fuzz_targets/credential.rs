//! API keys and opaque tokens.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::credential(bytes));
