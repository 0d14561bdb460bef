//! SQL that finds identity providers for who is not signed in.

use elder_access::{DbError, PlatformConn, Row, TenantConn};
use elder_api_types::identity_provider::{IdpProvider, IdpType};
use elder_kernel::{Id, TenantId};

use crate::discovery::KnownIdp;

/// A domain is verified for one tenant alone.
const BY_DOMAIN: &str = "
    select c.id, c.name, c.provider, c.idp_type from tenant_domains d
    join tenants t on t.id = d.tenant_id and t.is_active
    join idp_configurations c on c.tenant_id = d.tenant_id and c.is_active
    where d.domain = $1 and d.verified_at is not null
    order by c.enforced desc, c.id limit 1";
const OF_TENANT: &str = "
    select id, name, provider, idp_type from idp_configurations
    where tenant_id = $1 and is_active order by name_folded limit 20";

pub(super) async fn by_domain(conn: &PlatformConn, domain: &str) -> Result<Option<KnownIdp>, DbError> {
    conn.raw_row(BY_DOMAIN, [domain.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn of_tenant(conn: &TenantConn, tenant: TenantId) -> Result<Vec<KnownIdp>, DbError> {
    conn.raw_rows(OF_TENANT, [tenant.into()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<KnownIdp, DbError> {
    Ok(KnownIdp {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        provider: IdpProvider::named(row.get("provider")?).unwrap_or_default(),
        idp_type: IdpType::named(row.get("idp_type")?).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
