//! The SQL of access checks.

use std::sync::Arc;

use elder_access::{DbError, GlobalRole, Role as BuiltIn, Row, TenantConn};
use elder_kernel::TenantId;
use serde::de::DeserializeOwned;

use crate::{access_check::Subject, grant::UserId};

const SUBJECT: &str = "
    select u.is_active and t.is_active as is_live, u.global_role, u.tenant_role,
           (select coalesce(jsonb_agg(jsonb_build_object(
                   'role_id', r.id, 'name', r.name, 'permissions', r.permissions) order by r.id), '[]')
              from portal_user_roles ur
              join roles r on r.tenant_id = $1 and r.id = ur.role_id
             where ur.tenant_id = $1 and ur.user_id = $2) as custom,
           (select coalesce(jsonb_agg(jsonb_build_object(
                   'organization_id', a.organization_id, 'role', a.role,
                   'custom', case when r.id is not null then jsonb_build_object(
                       'role_id', r.id, 'name', r.name, 'permissions', r.permissions) end)
                   order by a.organization_id), '[]')
              from portal_user_org_assignments a
              left join roles r on r.tenant_id = $1 and r.id = a.role_id
             where a.tenant_id = $1 and a.user_id = $2) as organizations
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
            tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(BuiltIn::named),
            custom: json(row, "custom")?,
            organizations: json(row, "organizations")?,
        })
    };
    row.as_ref().map(subject).transpose()
}

fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    serde_json::from_value(row.get(column)?).map_err(|error| DbError::Driver(Arc::new(error)))
}
