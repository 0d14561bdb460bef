//! SQL that erases a person.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, packed};
use elder_api_types::UserId;
use elder_kernel::{ApiKey, Id, TenantId};
use uuid::Uuid;

const ADDRESSES: &str = "
    select email_folded from portal_users where tenant_id = $1 and id = $2
    union
    select email_folded from invitations where tenant_id = $1 and accepted_by = $2";
const OTHERS: &str = "
    select u.email_folded from jsonb_array_elements($3::jsonb) as packed (v)
    join portal_users u on u.tenant_id = $1 and u.email_folded = v->>0 and u.id <> $2";
/// What else somebody is called in what is sent and answered.
const NAMES: &str = "
    select full_name as name from portal_users where tenant_id = $1 and id = $2
    union all select external_id from portal_users where tenant_id = $1 and id = $2
    union all select user_name from scim_users where tenant_id = $1 and user_id = $2
    union all select external_id from scim_users where tenant_id = $1 and user_id = $2
    union all select subject from sso_identities where tenant_id = $1 and user_id = $2";
const KEYS: &str = "select id from api_keys where tenant_id = $1 and user_id = $2";
const MAILS: &str = "delete from mails where tenant_id = $1 and recipient_folded = $2";
const LINKS: &str = "delete from one_time_tokens where tenant_id = $1 and email_folded = $2";
const INVITATIONS: &str = "
    delete from invitations i using jsonb_array_elements($3::jsonb) as packed (v)
    where i.tenant_id = $1 and (i.accepted_by = $2 or i.email_folded = v->>0)";
const ACCOUNT: &str = "delete from portal_users where tenant_id = $1 and id = $2";
// With proofs they have what was sealed; without, what could be read.
const EXPORTS: &str = "delete from audit_exports where tenant_id = $1 and not proofs";
// They name people, and say what the log told of them when they were made.
const REPORTS: &str = "delete from compliance_reports where tenant_id = $1";
const COPIES: &str = "
    delete from privacy_request_chunks c using privacy_requests r
    where r.tenant_id = $1 and r.user_id = $2 and c.tenant_id = r.tenant_id and c.request_id = r.id";
const ANSWERS: &str = "delete from idempotency_keys where tenant_id = $1";
/// By what alerts know addresses again: whose they are cannot be known. They begin to count anew.
const MARKS: &str =
    "update audit_alert_firings set group_key = '#' where tenant_id = $1 and group_key like '#_%'";
const MARKED: &str = "delete from audit_alert_matches where tenant_id = $1 and group_key like '#_%'";
const REASONS: &str = "
    update privacy_requests set reason = '[erased]',
        reject_reason = case when reject_reason is null then null else '[erased]' end
    where tenant_id = $1 and user_id = $2";
// A row without a key stays, also for an address of which nothing was told yet: no key is ever made for it again.
const DESTROY: &str = "
    insert into person_keys (tenant_id, person, sealed, erased_at)
    select $1, (v->>0)::uuid, null, $3 from jsonb_array_elements($2::jsonb) as packed (v)
    on conflict (tenant_id, person) do update set sealed = null, erased_at = excluded.erased_at
    where person_keys.sealed is not null";
const DESTROY_ELSEWHERE: &str = "
    update person_keys set sealed = null, erased_at = $3
    where person = $2 and tenant_id <> $1 and sealed is not null";
const IS_LEFT: &str = "
    select exists (select from tenants where id = $1) and (
        exists (select from portal_users where tenant_id = $1 and id = $2)
        or not exists (select from person_keys where tenant_id = $1 and person = $2 and sealed is null)
        or exists (select from person_keys where person = $2 and sealed is not null)) as is_left";
/// The addresses by which the person is known, as they are compared.
pub(super) async fn addresses(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<String>, DbError> {
    let rows = conn.raw_rows(ADDRESSES, [tenant.into(), user.into()]).await?;
    rows.iter().map(|row| row.get("email_folded")).collect()
}

/// Takes out what is somebody else's address now.
pub(super) async fn leave_to_others(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
    addresses: &mut BTreeSet<String>,
) -> Result<(), DbError> {
    let rows = addresses.iter().map(|address| [address.as_str().into()]);
    for row in conn.raw_rows(OTHERS, [tenant.into(), user.into(), packed(rows)]).await? {
        addresses.remove(row.get::<&str>("email_folded")?);
    }
    Ok(())
}

/// Names, user names, ids at directories and providers, and of keys that the person has.
pub(super) async fn names(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<String>, DbError> {
    let mut names = Vec::new();
    for row in conn.raw_rows(NAMES, [tenant.into(), user.into()]).await? {
        names.extend(row.get::<Option<String>>("name")?);
    }
    for row in conn.raw_rows(KEYS, [tenant.into(), user.into()]).await? {
        names.push(Id::<ApiKey>::from_uuid(row.get("id")?).to_string());
    }
    Ok(names)
}

pub(super) async fn mails(conn: &PlatformConn, tenant: TenantId, address: &str) -> Result<u64, DbError> {
    conn.run(MAILS, [tenant.into(), address.into()]).await
}

pub(super) async fn links(conn: &PlatformConn, tenant: TenantId, address: &str) -> Result<u64, DbError> {
    conn.run(LINKS, [tenant.into(), address.into()]).await
}

pub(super) async fn invitations(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
    addresses: &BTreeSet<String>,
) -> Result<u64, DbError> {
    let rows = addresses.iter().map(|address| [address.as_str().into()]);
    conn.run(INVITATIONS, [tenant.into(), user.into(), packed(rows)]).await
}

/// The account, and with it all that refers to it: sessions, devices, factors, keys, identities, roles, what directories say.
pub(super) async fn account(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    conn.run(ACCOUNT, [tenant.into(), user.into()]).await
}

/// Files of the tenant's log in which the person can be read.
pub(super) async fn exports(conn: &PlatformConn, tenant: TenantId) -> Result<u64, DbError> {
    conn.run(EXPORTS, [tenant.into()]).await
}

/// Reports for auditors, which are made again from what is left.
pub(super) async fn reports(conn: &PlatformConn, tenant: TenantId) -> Result<u64, DbError> {
    conn.run(REPORTS, [tenant.into()]).await
}

pub(super) async fn copies(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    conn.run(COPIES, [tenant.into(), user.into()]).await
}

/// Answers that are kept under keys of requests: whose they tell of cannot be known, for they are sealed.
pub(super) async fn answers(conn: &PlatformConn, tenant: TenantId) -> Result<u64, DbError> {
    conn.run(ANSWERS, [tenant.into()]).await
}

/// What alerts know addresses again by.
pub(super) async fn marks(conn: &PlatformConn, tenant: TenantId) -> Result<u64, DbError> {
    Ok(conn.run(MARKS, [tenant.into()]).await? + conn.run(MARKED, [tenant.into()]).await?)
}

/// What people have said of why something was asked about the person.
pub(super) async fn reasons(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    conn.run(REASONS, [tenant.into(), user.into()]).await
}

/// Destroys the keys, and those of the person in other tenants' logs.
pub(super) async fn keys(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
    (persons, now): (&BTreeSet<Uuid>, DateTime<Utc>),
) -> Result<u64, DbError> {
    let rows = persons.iter().map(|person| [(*person).into()]);
    let here = conn.run(DESTROY, [tenant.into(), packed(rows), now.into()]).await?;
    Ok(here + conn.run(DESTROY_ELSEWHERE, [tenant.into(), user.into(), now.into()]).await?)
}

/// Whether there is anything of somebody that an erasure takes.
pub(super) async fn is_left(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<bool, DbError> {
    let row = conn.raw_row(IS_LEFT, [tenant.into(), user.into()]).await?;
    row.map_or(Ok(false), |row| row.get("is_left"))
}
