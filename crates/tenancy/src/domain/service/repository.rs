//! The SQL of domains.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;

use crate::domain::{self, Domain, DomainId, VerifiedBy};

const DOMAINS: Source = Source {
    table: "tenant_domains",
    joins: &[],
    columns: "id, domain, verification_token, verified_at, verified_by, created_at",
    stored: &[],
};
const FIND: &str = "
    select id, domain, verification_token, verified_at, verified_by, created_at from tenant_domains
    where tenant_id = $1 and id = $2";
const INSERT: &str = "
    insert into tenant_domains (tenant_id, id, domain, verification_token, created_at)
    values ($1, $2, $3, $4, $5)";
const VERIFY: &str = "
    update tenant_domains set verified_at = $3, verified_by = $4
    where tenant_id = $1 and id = $2 and verified_at is null
    returning id, domain, verification_token, verified_at, verified_by, created_at";
const DELETE: &str = "
    delete from tenant_domains where tenant_id = $1 and id = $2
    returning id, domain, verification_token, verified_at, verified_by, created_at";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Domain>, DbError> {
    let scope = Scope::of("tenant_id = $1", [tenant.into()]);
    conn.list(&DOMAINS, &scope, selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: DomainId,
) -> Result<Option<Domain>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    domain: &Domain,
    token: &str,
) -> Result<(), DbError> {
    let values: [Value; 5] = [
        tenant.into(),
        domain.id.into(),
        domain.domain.as_str().into(),
        token.into(),
        domain.created_at.into(),
    ];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn verify(
    conn: &TenantConn,
    tenant: TenantId,
    id: DomainId,
    by: VerifiedBy,
    now: DateTime<Utc>,
) -> Result<Option<Domain>, DbError> {
    let values: [Value; 4] = [tenant.into(), id.into(), now.into(), by.name().into()];
    conn.raw_row(VERIFY, values).await?.as_ref().map(read).transpose()
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: DomainId,
) -> Result<Option<Domain>, DbError> {
    conn.raw_row(DELETE, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Domain, DbError> {
    let domain: String = row.get("domain")?;
    Ok(Domain {
        id: Id::from_uuid(row.get("id")?),
        proof: domain::proof(&domain, row.get("verification_token")?),
        domain,
        verified_at: row.get("verified_at")?,
        verified_by: row.get::<Option<&str>>("verified_by")?.and_then(VerifiedBy::named),
        created_at: row.get("created_at")?,
    })
}
