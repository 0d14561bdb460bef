//! SQL on `scim_activity`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformTx, Row, Scope, Source, TenantConn, packed, work::Housekeeping};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;

use crate::{
    activity::{DirectoryRequest, Seen},
    directory::DirectoryId,
};

const REQUESTS: Source = Source {
    table: "scim_activity",
    joins: &[],
    columns: "id, answered_at, token_id, method, path, resource_id, status, code, rules, milliseconds",
    stored: &[],
};

/// A directory may be gone by now.
const KEEP: &str = "
    insert into scim_activity (tenant_id, configuration_id, id, token_id, answered_at, method, path, resource_id, status,
        code, rules, milliseconds)
    select c.tenant_id, c.id, (v->>2)::uuid, (v->>3)::uuid, (v->>4)::timestamptz, v->>5, v->>6, v->>7, (v->>8)::int,
        v->>9, string_to_array(v->>10, ','), (v->>11)::int
    from jsonb_array_elements($1::jsonb) as packed (v)
    join scim_configurations c on c.tenant_id = (v->>0)::int and c.id = (v->>1)::uuid";

const FORGET: &str = "delete from scim_activity where answered_at <= $1";

pub(super) async fn list(
    conn: &TenantConn,
    (tenant, directory): (TenantId, DirectoryId),
    selection: &Selection,
) -> Result<Found<DirectoryRequest>, DbError> {
    let scope = Scope::of("tenant_id = $1 and configuration_id = $2", [tenant.into(), directory.into()]);
    conn.list(&REQUESTS, &scope, selection, read).await
}

pub(super) async fn keep(tx: PlatformTx<Housekeeping>, seen: &[Seen]) -> Result<(), DbError> {
    tx.settle(KEEP, [packed(seen.iter().map(values))]).await
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, since: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [since.into()]).await
}

fn values(seen: &Seen) -> [Value; 12] {
    [
        seen.tenant.into(),
        seen.directory.into(),
        seen.id.into(),
        seen.token.into(),
        seen.answered_at.into(),
        seen.method.as_str().into(),
        seen.path.as_str().into(),
        seen.resource.clone().into(),
        i32::from(seen.status).into(),
        seen.code.map(str::to_owned).into(),
        seen.rules.iter().copied().collect::<Vec<_>>().join(",").into(),
        i32::try_from(seen.milliseconds).unwrap_or(i32::MAX).into(),
    ]
}

fn read(row: &Row) -> Result<DirectoryRequest, DbError> {
    Ok(DirectoryRequest {
        id: Id::from_uuid(row.get("id")?),
        answered_at: row.get("answered_at")?,
        token_id: Id::from_uuid(row.get("token_id")?),
        method: row.get("method")?,
        path: row.get("path")?,
        resource_id: row.get("resource_id")?,
        status: row.get("status")?,
        code: row.get("code")?,
        rules: row.get("rules")?,
        milliseconds: row.get("milliseconds")?,
    })
}
