//! Signing in, in one step or several, staying signed in, signing out.

mod onward;
pub(crate) mod passkey;
pub(crate) mod provider;
pub(crate) mod routes;
pub(crate) mod second;
pub(crate) mod service;

use elder_access::session::IssuedTokens;

pub use onward::go_on;

pub(crate) use elder_api_types::sign_in::{
    Challenge, ChallengeStatus, Login, Refresh, SignInAnswer, SignedIn, SignedInStatus, TenantChoice, Tokens,
};

/// Most accounts of one address that a password is tried on.
const MOST_TRIED: i64 = 8;

/// The tokens of a session as they are given to who signed in.
fn shown(issued: &IssuedTokens) -> Tokens {
    Tokens {
        access_token: issued.access.expose().clone(),
        token_type: "Bearer".to_owned(),
        expires_in: issued.expires_in,
        refresh_token: issued.refresh.expose().clone(),
        session_id: issued.session,
    }
}
