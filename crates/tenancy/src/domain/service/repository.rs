//! The SQL of domains.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformTx, Row, Scope, Source, TenantConn, work::Housekeeping};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;

use crate::domain::{self, DnsProof, Domain, DomainId, VerifiedBy};

const DOMAINS: Source = Source {
    table: "tenant_domains",
    joins: &[],
    columns: "id, domain, verification_token, verified_at, verified_by, missing_since, created_at",
    stored: &[],
};
const FIND: &str = "
    select id, domain, verification_token, verified_at, verified_by, missing_since, created_at from tenant_domains
    where tenant_id = $1 and id = $2";
const INSERT: &str = "
    insert into tenant_domains (tenant_id, id, domain, verification_token, created_at)
    values ($1, $2, $3, $4, $5)";
const VERIFY: &str = "
    update tenant_domains set verified_at = $3, verified_by = $4, checked_at = $3, missing_since = null
    where tenant_id = $1 and id = $2 and verified_at is null
    returning id, domain, verification_token, verified_at, verified_by, missing_since, created_at";
const DELETE: &str = "
    delete from tenant_domains where tenant_id = $1 and id = $2
    returning id, domain, verification_token, verified_at, verified_by, missing_since, created_at";

/// Those that were proven by DNS and looked up longest ago.
const DUE: &str = "
    select tenant_id, id, domain, verification_token from tenant_domains
    where verified_by = 'dns' and coalesce(checked_at, verified_at) <= $1
    order by coalesce(checked_at, verified_at) limit 1000";
const CHECKED: &str = "
    update tenant_domains set checked_at = $3 where tenant_id = $1 and id = $2";
const FOUND: &str = "
    update tenant_domains set missing_since = null
    where tenant_id = $1 and id = $2 and missing_since is not null";
const MISSING: &str = "
    update tenant_domains set missing_since = $3
    where tenant_id = $1 and id = $2 and verified_at is not null and missing_since is null";
const LOST: &str = "
    update tenant_domains set verified_at = null, verified_by = null, missing_since = null
    where tenant_id = $1 and id = $2 and verified_by = 'dns' and missing_since <= $3";

/// A domain, and what proves it.
pub(super) type Due = (TenantId, DomainId, String, DnsProof);

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

/// Those whose proof was looked up at that time at the latest.
pub(super) async fn due(tx: PlatformTx<Housekeeping>, before: DateTime<Utc>) -> Result<Vec<Due>, DbError> {
    let read = |row: &Row| {
        let (tenant, id) = (TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?));
        let domain: String = row.get("domain")?;
        let proof = domain::proof(&domain, row.get("verification_token")?);
        Ok((tenant, id, domain, proof))
    };
    tx.raw_rows(DUE, [before.into()]).await?.iter().map(read).collect()
}

/// Notes that the proof was looked up, whatever came of it.
pub(super) async fn checked(
    tx: PlatformTx<Housekeeping>,
    (tenant, id): (TenantId, DomainId),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(CHECKED, [tenant.into(), id.into(), now.into()]).await
}

/// Whether the proof was missing before.
pub(super) async fn found(conn: &TenantConn, tenant: TenantId, id: DomainId) -> Result<bool, DbError> {
    Ok(conn.run(FOUND, [tenant.into(), id.into()]).await? > 0)
}

/// Whether the proof was not missing before.
pub(super) async fn missing(
    conn: &TenantConn,
    tenant: TenantId,
    id: DomainId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(MISSING, [tenant.into(), id.into(), now.into()]).await? > 0)
}

/// Whether the proof is missing for so long that the domain is the tenant's no more.
pub(super) async fn lost(
    conn: &TenantConn,
    tenant: TenantId,
    id: DomainId,
    before: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(LOST, [tenant.into(), id.into(), before.into()]).await? > 0)
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
        missing_since: row.get("missing_since")?,
        created_at: row.get("created_at")?,
    })
}
