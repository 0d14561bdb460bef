//! The SQL of access checks.

use std::sync::Arc;

use elder_access::{DbError, GlobalRole, Role as BuiltIn, Row, TenantConn};
use elder_kernel::TenantId;
use serde::de::DeserializeOwned;

use crate::{access_check::Subject, grant::UserId};

const SUBJECT: &str = "
    select u.is_active and t.is_active as is_live, u.global_role,
           (select coalesce(array_agg(role), '{}') from (
                select h.role from held_roles($1, $2) h where h.organization_id is null and h.role is not null
                union select u.tenant_role where u.tenant_role is not null) own) as tenant_roles,
           (select coalesce(jsonb_agg(jsonb_build_object(
                   'role_id', r.id, 'name', r.name, 'permissions', r.permissions) order by r.id), '[]')
              from held_roles($1, $2) h
              join roles r on r.tenant_id = $1 and r.id = h.role_id
             where h.organization_id is null) as custom,
           (select coalesce(jsonb_agg(jsonb_build_object(
                   'organization_id', h.organization_id, 'role', h.role,
                   'custom', case when r.id is not null then jsonb_build_object(
                       'role_id', r.id, 'name', r.name, 'permissions', r.permissions) end)
                   order by h.organization_id), '[]')
              from held_roles($1, $2) h
              left join roles r on r.tenant_id = $1 and r.id = h.role_id
             where h.organization_id is not null) as organizations
    from portal_users u
    join tenants t on t.id = u.tenant_id
    where u.tenant_id = $1 and u.id = $2";

pub(super) async fn subject(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Subject>, DbError> {
    let row = conn.raw_row(SUBJECT, [tenant.into(), user.into()]).await?;
    let subject = |row: &Row| {
        Ok(Subject {
            is_live: row.get("is_live")?,
            global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
            tenant_roles: row
                .get::<Vec<&str>>("tenant_roles")?
                .into_iter()
                .filter_map(BuiltIn::named)
                .collect(),
            custom: json(row, "custom")?,
            organizations: json(row, "organizations")?,
        })
    };
    row.as_ref().map(subject).transpose()
}

fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    serde_json::from_value(row.get(column)?).map_err(|error| DbError::Driver(Arc::new(error)))
}
