//! Users, PATCH bodies and filters of SCIM.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::scim(bytes));
