//! Attempts to prove a password: one counter an account, whichever door they come through.

pub(crate) mod service;

use elder_access::{Authority, OwnWrite, Write, flows};
use elder_kernel::Secret;

/// Rights under which a password is proven.
pub(crate) trait ProvesPassword: Authority<Mode = Write> {}
impl ProvesPassword for flows::SignIn {}
impl ProvesPassword for OwnWrite {}

/// What was found out about a password, before anything of it is believed.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    /// The hash that it was compared with.
    pub(crate) stored: Option<Secret<String>>,
    /// Whether it matched.
    pub(crate) matches: bool,
    /// The same password hashed with today's parameters, if that is due.
    pub(crate) rehash: Option<Secret<String>>,
}

/// Why an attempt counts for nothing. The audit log alone learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No account has the address.
    UnknownAccount,
    /// The password is another one.
    WrongPassword,
    /// The account may not sign in.
    Inactive,
    /// The tenant may not be used.
    TenantInactive,
    /// Too many attempts failed before.
    Locked,
}

impl Refusal {
    /// The reason in the audit log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::WrongPassword => "wrong_password",
            Self::Inactive => "inactive",
            Self::TenantInactive => "tenant_inactive",
            Self::Locked => "locked",
        }
    }
}
