//! Erasures: what goes, and the certificate of it.

pub(crate) mod service;

use serde::Serialize;

/// How much of what was erased.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Erased {
    pub(crate) accounts: u64,
    pub(crate) keys: u64,
    pub(crate) mails: u64,
    pub(crate) invitations: u64,
    pub(crate) links: u64,
    pub(crate) audit_exports: u64,
    pub(crate) compliance_reports: u64,
    pub(crate) copies: u64,
    /// Calls of which what was said is gone.
    pub(crate) bodies: u64,
}
