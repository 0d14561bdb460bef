//! SQL on what connects a tenant with other systems.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{
    ApiKey, Application, AuditStream, Directory, Id, IdentityProvider, ScimToken, ServiceAccount, TenantId,
};
use uuid::Uuid;

use crate::report::rows::Integration;

/// Integrations that are shown.
pub(in crate::report::service) const MOST: i64 = 10_000;

/// Of the whole tenant, or what belongs to these people or is bounded to these organizations.
const FIND: &str = "
    select * from (
        select 'directory' as kind, d.id, d.name, d.provider as belongs_to,
            case when d.is_active then 'active' else 'paused' end as state, d.created_at, d.last_activity_at as last_used,
            null::timestamptz as ends
        from scim_configurations d where d.tenant_id = $1 and $2::boolean
        union all
        select 'directory token', t.id, t.name, d.name,
            case when t.revoked_at is not null then 'revoked' when t.expires_at <= $5::timestamptz then 'expired' else 'active' end,
            t.created_at, t.last_used_at, t.expires_at
        from scim_tokens t join scim_configurations d on d.tenant_id = $1 and d.id = t.configuration_id
        where t.tenant_id = $1 and $2
        union all
        select 'service account', s.id, s.name, null, case when s.is_active then 'active' else 'inactive' end, s.created_at,
            null, null
        from service_accounts s where s.tenant_id = $1 and ($2 or s.organization_ids && $4::uuid[])
        union all
        select 'api key', k.id, k.name, coalesce(u.email, s.name),
            case when k.revoked_at is not null then 'revoked' when k.expires_at <= $5::timestamptz then 'expired' else 'active' end,
            k.created_at, k.last_used_at, k.expires_at
        from api_keys k
        left join portal_users u on u.tenant_id = $1 and u.id = k.user_id
        left join service_accounts s on s.tenant_id = $1 and s.id = k.service_account_id
        where k.tenant_id = $1 and ($2 or k.user_id = any ($3::uuid[]) or k.organization_ids && $4)
        union all
        select 'identity provider', c.id, c.name, c.idp_type || ', ' || c.provider,
            case when not c.is_active then 'inactive' when c.enforced then 'enforced' else 'active' end, c.created_at,
            c.last_login_at, c.certificates_end_at
        from idp_configurations c where c.tenant_id = $1 and $2
        union all
        select 'application', a.id, a.name, null, 'active', a.created_at, null, null
        from applications a where a.tenant_id = $1 and $2
        union all
        select 'audit stream', s.id, s.name, s.target ->> 'kind',
            case when not s.is_active then 'paused' when s.failures > 0 then 'failing' else 'active' end, s.created_at,
            s.delivered_at, null
        from audit_streams s where s.tenant_id = $1 and $2
    ) found (kind, id, name, belongs_to, state, created_at, last_used, ends)
    order by kind, name, id limit $6";

pub(in crate::report::service) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    about: Option<(Vec<Uuid>, Vec<Uuid>)>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Integration>, DbError> {
    let is_all = about.is_none();
    let (people, organizations) = about.unwrap_or_default();
    let values = [tenant.into(), is_all.into(), people.into(), organizations.into(), now.into(), MOST.into()];
    conn.raw_rows(FIND, values).await?.iter().map(integration).collect()
}

fn integration(row: &Row) -> Result<Integration, DbError> {
    let (kind, id): (String, Uuid) = (row.get("kind")?, row.get("id")?);
    Ok(Integration {
        id: named(&kind, id),
        kind,
        name: row.get("name")?,
        belongs_to: row.get("belongs_to")?,
        state: row.get("state")?,
        created: row.get("created_at")?,
        last_used: row.get("last_used")?,
        ends: row.get("ends")?,
    })
}

/// The id as the API has it.
fn named(kind: &str, id: Uuid) -> String {
    match kind {
        "directory" => Id::<Directory>::from_uuid(id).to_string(),
        "directory token" => Id::<ScimToken>::from_uuid(id).to_string(),
        "service account" => Id::<ServiceAccount>::from_uuid(id).to_string(),
        "api key" => Id::<ApiKey>::from_uuid(id).to_string(),
        "identity provider" => Id::<IdentityProvider>::from_uuid(id).to_string(),
        "application" => Id::<Application>::from_uuid(id).to_string(),
        _ => Id::<AuditStream>::from_uuid(id).to_string(),
    }
}
