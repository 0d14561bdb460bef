//! Sessions at providers: what a sign-in has left there and here, and how both end together.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{Id, SsoSession, User};

pub use service::{
    Leaving, leave,
    saml::{LeftThere, LogoutMessage, logged_out, logout_answered},
};

use crate::provisioning::Meant;

/// A sign-in by a provider, on which sessions are about to rest.
pub(crate) struct NewSsoSession<'a> {
    pub(crate) id: Id<SsoSession>,
    pub(crate) user: Id<User>,
    pub(crate) meant: Meant<'a>,
    /// What the provider calls its own session.
    pub(crate) idp_session: Option<&'a str>,
}

/// What a provider says has ended.
pub(crate) struct Ended<'a> {
    /// The subject: all of theirs, or the one session.
    pub(crate) subject: Option<&'a str>,
    /// What the provider calls its sessions. Empty: all.
    pub(crate) idp_sessions: Vec<String>,
}
