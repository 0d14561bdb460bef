//! Answers and logouts of SAML.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::saml_answer(bytes));
