//! Mails of any tenant as they travel.

use elder_kernel::TenantId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::mail::Mail;

/// A mail and the tenant that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GlobalMail {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
}
