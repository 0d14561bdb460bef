//! SQL on accounts, with all that people have and where it comes from.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, TenantId};
use uuid::Uuid;

use crate::report::rows::{Names, Person};

/// Accounts that are read at once.
pub(in crate::report::service) const PAGE: usize = 200;

/// Each look-up is by the person, so that a page costs the same however many people there are.
const PEOPLE: &str = "
    select u.id, u.email, u.full_name, u.is_active, u.last_login_at, u.created_at,
        array_remove(array[u.global_role || ' of the platform', u.tenant_role || ' of the tenant'], null) || array(
            select coalesce(h.role, r.name, 'a role') || coalesce(' in ' || o.name, ' of the tenant') || ' (by ' || h.source || ')'
            from (
                select null::uuid as organization_id, null::text as role, g.role_id, 'a person' as source
                from portal_user_roles g where g.tenant_id = $1 and g.user_id = u.id
                union all
                select a.organization_id, a.role, a.role_id, 'a person' from portal_user_org_assignments a
                where a.tenant_id = $1 and a.user_id = u.id
                union all
                select m.organization_id, m.role, m.role_id, 'a directory' from mapped_roles($1, u.id) m
                union all
                select s.organization_id, s.role, s.role_id, 'the provider ' || c.name from sso_grants s
                join idp_configurations c on c.tenant_id = s.tenant_id and c.id = s.idp_id and c.is_active
                where s.tenant_id = $1 and s.user_id = u.id
            ) h
            left join roles r on r.tenant_id = $1 and r.id = h.role_id
            left join organizations o on o.tenant_id = $1 and o.id = h.organization_id
            order by 1
        ) as roles,
        array(
            select e.display || coalesce(' (by the directory ' || d.name || ')', '') from entitlement_assignments x
            join entitlements e on e.tenant_id = $1 and e.id = x.entitlement_id
            left join scim_configurations d on d.tenant_id = $1 and d.id = x.configuration_id
            where x.tenant_id = $1 and x.user_id = u.id order by 1
        ) as entitlements,
        array_remove(array[
            case when u.password_hash is not null then 'a password' end,
            (select 'the directory ' || d.name from scim_configurations d where d.tenant_id = $1 and d.id = u.managed_by)
        ], null) || array(
            select 'the provider ' || c.name from sso_identities i
            join idp_configurations c on c.tenant_id = $1 and c.id = i.idp_id
            where i.tenant_id = $1 and i.user_id = u.id order by 1
        ) as sources,
        array(
            select distinct f.kind from mfa_factors f
            where f.tenant_id = $1 and f.user_id = u.id and f.confirmed_at is not null order by 1
        ) as factors,
        (select count(*) from api_keys k
         where k.tenant_id = $1 and k.user_id = u.id and k.revoked_at is null and k.expires_at > $6::timestamptz) as api_keys
    from portal_users u
    where u.tenant_id = $1 and u.id > $2 and ($3::boolean or u.id = any ($4::uuid[]))
    order by u.id limit $5";
const NAMES: &str = "select id, email from portal_users where tenant_id = $1 and id = any ($2::uuid[])";

/// The next accounts behind one of these ids; of all, or of `only` these.
pub(in crate::report::service) async fn page(
    conn: &TenantConn,
    tenant: TenantId,
    (after, only): (Uuid, Option<Vec<Uuid>>),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Person>, DbError> {
    let values = [
        tenant.into(),
        after.into(),
        only.is_none().into(),
        only.unwrap_or_default().into(),
        i64::try_from(PAGE).unwrap_or(i64::MAX).into(),
        now.into(),
    ];
    conn.raw_rows(PEOPLE, values).await?.iter().map(person).collect()
}

fn person(row: &Row) -> Result<Person, DbError> {
    Ok(Person {
        id: Id::from_uuid(row.get("id")?),
        email: row.get("email")?,
        name: row.get("full_name")?,
        is_active: row.get("is_active")?,
        roles: row.get("roles")?,
        entitlements: row.get("entitlements")?,
        sources: row.get("sources")?,
        factors: row.get("factors")?,
        api_keys: row.get("api_keys")?,
        last_sign_in: row.get("last_login_at")?,
        created: row.get("created_at")?,
    })
}

/// The addresses of those of them who have an account still.
pub(in crate::report::service) async fn names(
    conn: &TenantConn,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Names, DbError> {
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let rows = conn.raw_rows(NAMES, [tenant.into(), ids.into()]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("email")?))).collect()
}
