//! The SQL of offers.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn, packed};
use elder_api_types::OrganizationId;
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    grant::UserId,
    offer::{OrganizationRole, RoleId},
};

const ORGANIZATIONS: &str =
    "select count(*) as number from organizations where tenant_id = $1 and id = any($2)";
const GIVE_ROLES: &str = "
    insert into portal_user_roles (tenant_id, user_id, role_id) select $1, $2, unnest($3)
    on conflict (tenant_id, user_id, role_id) do nothing";
const ASSIGN: &str = "
    insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role, role_id, created_at)
    select $1, $2, (v->>0)::uuid, v->>1, (v->>2)::uuid, $3 from jsonb_array_elements($4::jsonb) as packed (v)";

/// How many of these organizations there are.
pub(super) async fn organizations(
    conn: &TenantConn,
    tenant: TenantId,
    ids: &BTreeSet<OrganizationId>,
) -> Result<usize, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let row = conn.raw_row(ORGANIZATIONS, [tenant.into(), ids.into()]).await?;
    let number = row.map_or(Ok(0), |row| row.get::<i64>("number"))?;
    Ok(usize::try_from(number).unwrap_or_default())
}

pub(super) async fn give_roles(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    roles: &[RoleId],
) -> Result<(), DbError> {
    let roles: Vec<Uuid> = roles.iter().map(|role| role.uuid()).collect();
    conn.run(GIVE_ROLES, [tenant.into(), user.into(), roles.into()]).await.map(drop)
}

pub(super) async fn assign(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    roles: &[OrganizationRole],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = |role: &OrganizationRole| -> [Value; 3] {
        [
            role.organization_id.into(),
            role.role.map(|role| role.name().to_owned()).into(),
            Value::Uuid(role.role_id.map(RoleId::uuid)),
        ]
    };
    let values: [Value; 4] = [tenant.into(), user.into(), now.into(), packed(roles.iter().map(row))];
    conn.run(ASSIGN, values).await.map(drop)
}
