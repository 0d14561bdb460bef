//! A secret does not get into the audit log.
use elder_access::{Changes, session::IssuedTokens};

pub fn record(tokens: &IssuedTokens) -> Changes {
    Changes::default().new_field("access", &tokens.access)
}
