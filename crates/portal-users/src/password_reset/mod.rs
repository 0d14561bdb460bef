//! Forgotten passwords: a link to each account that an address means, and another password for who opens it.

pub(crate) mod routes;
pub(crate) mod service;

use elder_api_types::{email::Email, regional::Locale};
use elder_kernel::{Id, TenantId, User};

pub(crate) use elder_api_types::password_reset::{ForgottenPassword, PasswordReset};

/// Most accounts of one address that get a link.
const MOST_MEANT: i64 = 8;

/// An account that an address means, or one that does not exist.
#[derive(Debug)]
struct Meant {
    tenant: TenantId,
    user: Id<User>,
    /// As its owner wrote it: another spelling may be another mailbox.
    email: Email,
    locale: Option<Locale>,
    is_there: bool,
}
