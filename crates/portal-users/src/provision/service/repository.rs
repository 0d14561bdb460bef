//! SQL of what is known of an address.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, TenantId};
use elder_tenancy::domain::DomainName;
use sea_orm::Value;
use uuid::Uuid;

use crate::{account::Email, provision::InvitationId};

const KNOWN: &str = "
    select t.is_active,
        exists (select from tenant_domains d
            where d.tenant_id = $1 and d.domain = $3 and d.verified_at is not null) as owns_domain,
        (select i.id from invitations i
            where i.tenant_id = $1 and i.email_folded = $2 and i.accepted_at is null and i.expires_at > $4) as invitation
    from tenants t where t.id = $1";

/// What the tenant's rows say of an address.
#[derive(Default)]
pub(super) struct Known {
    pub(super) tenant_is_active: bool,
    pub(super) owns_domain: bool,
    pub(super) invitation: Option<InvitationId>,
}

pub(super) async fn known(
    conn: &TenantConn,
    tenant: TenantId,
    email: &Email,
    domain: Option<&DomainName>,
    now: DateTime<Utc>,
) -> Result<Known, DbError> {
    let domain = domain.map_or("", DomainName::as_str);
    let values: [Value; 4] = [tenant.into(), email.folded().into(), domain.into(), now.into()];
    let Some(row) = conn.raw_row(KNOWN, values).await? else { return Ok(Known::default()) };
    Ok(Known {
        tenant_is_active: row.get("is_active")?,
        owns_domain: row.get("owns_domain")?,
        invitation: row.get::<Option<Uuid>>("invitation")?.map(Id::from_uuid),
    })
}
