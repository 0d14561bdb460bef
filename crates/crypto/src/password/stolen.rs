//! Passwords that are known to be stolen.

use async_trait::async_trait;
use elder_kernel::Secret;

/// Tells which passwords are known to be stolen.
#[async_trait]
pub trait StolenPasswords: Send + Sync {
    /// Whether a password, in NFC, is among them. Who cannot tell says no.
    async fn include(&self, password: &Secret<String>) -> bool;
}
