//! Tokens and callbacks of OpenID Connect.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| elder_fuzz::oidc_token(bytes));
