//! SQL that erases a person.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, Row, TenantConn, packed};
use elder_api_types::UserId;
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use super::Standing;
use crate::request::{PrivacyRequest, PrivacyRequestId, service::repository::read};

const TAKE: &str = "
    select * from privacy_requests
    where tenant_id = $1 and id = $2 and kind = 'erasure' and state = 'approved' for update";
/// The same lock as where admins are taken away, and the same as where holds are put.
const LOCK_ADMINS: &str = "select pg_advisory_xact_lock(hashtext('elder.admins'), $1)::text";
const LOCK_HOLDS: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_removal'), $1)::text";
// Events by and about the person are looked through only where a hold is in force at all.
const STANDING: &str = "
    select exists (select from tenants t where t.id = $1 and t.legal_hold)
        or exists (select from legal_holds h where h.tenant_id = $1 and h.released_at is null) and (
            is_held($1, $2, $2, $3, null)
            or exists (
                select from audit_logs a where a.tenant_id = $1 and a.actor_user_id = $2
                and is_held(a.tenant_id, a.actor_user_id, a.impersonator_id, a.resource_id, a.organization_id))
            or exists (
                select from audit_logs a where a.tenant_id = $1 and a.resource_id = $3
                and is_held(a.tenant_id, a.actor_user_id, a.impersonator_id, a.resource_id, a.organization_id))
        ) as is_held,
        exists (
            select from portal_users u where u.tenant_id = $1 and u.id = $2 and u.is_active and (
                u.tenant_role = 'admin' and not exists (
                    select from portal_users o where o.tenant_id = $1 and o.id <> $2 and o.is_active
                      and o.tenant_role = 'admin')
                or u.global_role = 'admin' and not exists (
                    select from portal_users o where o.tenant_id = $1 and o.id <> $2 and o.is_active
                      and o.global_role = 'admin'))
        ) as is_last_admin";
const ADDRESSES: &str = "
    select email_folded from portal_users where tenant_id = $1 and id = $2
    union
    select email_folded from invitations where tenant_id = $1 and accepted_by = $2";
const OTHERS: &str = "
    select u.email_folded from jsonb_array_elements($3::jsonb) as packed (v)
    join portal_users u on u.tenant_id = $1 and u.email_folded = v->>0 and u.id <> $2";
const MAILS: &str = "delete from mails where tenant_id = $1 and recipient_folded = $2";
const LINKS: &str = "delete from one_time_tokens where tenant_id = $1 and email_folded = $2";
const INVITATIONS: &str = "
    delete from invitations i using jsonb_array_elements($3::jsonb) as packed (v)
    where i.tenant_id = $1 and (i.accepted_by = $2 or i.email_folded = v->>0)";
const ACCOUNT: &str = "delete from portal_users where tenant_id = $1 and id = $2";
// With proofs they have what was sealed; without, what could be read.
const EXPORTS: &str = "delete from audit_exports where tenant_id = $1 and not proofs";
const COPIES: &str = "
    delete from privacy_request_chunks c using privacy_requests r
    where r.tenant_id = $1 and r.user_id = $2 and c.tenant_id = r.tenant_id and c.request_id = r.id";
const ANSWERS: &str = "delete from idempotency_keys where tenant_id = $1";
const REASONS: &str = "
    update privacy_requests set reason = '[erased]',
        reject_reason = case when reject_reason is null then null else '[erased]' end
    where tenant_id = $1 and user_id = $2";
// A row without a key stays, also for an address of which nothing was told yet: no key is ever made for it again.
const DESTROY: &str = "
    insert into person_keys (tenant_id, person, sealed, erased_at)
    select $1, (v->>0)::uuid, null, now() from jsonb_array_elements($2::jsonb) as packed (v)
    on conflict (tenant_id, person) do update set sealed = null, erased_at = excluded.erased_at
    where person_keys.sealed is not null";
const DESTROY_ELSEWHERE: &str = "
    update person_keys set sealed = null, erased_at = now()
    where person = $2 and tenant_id <> $1 and sealed is not null";
const REFUSE: &str = "
    update privacy_requests set state = 'refused', error = $3 where tenant_id = $1 and id = $2";
const COMPLETE: &str = "
    update privacy_requests set state = 'completed', completed_at = $4, certificate = $3
    where tenant_id = $1 and id = $2";
const IS_LEFT: &str = "
    select exists (select from tenants where id = $1) and (
        exists (select from portal_users where tenant_id = $1 and id = $2)
        or not exists (select from person_keys where tenant_id = $1 and person = $2 and sealed is null)
        or exists (select from person_keys where person = $2 and sealed is not null)) as is_left";
const NOTE_AGAIN: &str = "
    insert into privacy_requests as r (tenant_id, id, kind, user_id, reason, state, created_at, decided_at, completed_at,
        is_registered)
    values ($1, $3, 'erasure', $2, '[erased]', 'completed', $4, $4, $4, true)
    on conflict (tenant_id, id) do update set state = 'completed', reason = '[erased]', error = null,
        decided_at = coalesce(r.decided_at, $4), completed_at = coalesce(r.completed_at, $4), is_registered = true";

pub(super) async fn take(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<PrivacyRequest>, DbError> {
    conn.raw_row(TAKE, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// What stands against erasing somebody, as far as can be told before.
pub(crate) async fn standing(conn: &TenantConn, tenant: TenantId, user: UserId) -> Result<Standing, DbError> {
    read_standing(conn.raw_row(STANDING, about(tenant, user)).await?)
}

/// The same behind the locks: no hold is put and no admin goes until the end of the transaction.
pub(super) async fn standing_now(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Standing, DbError> {
    conn.raw_row(LOCK_ADMINS, [tenant.into()]).await?;
    conn.raw_row(LOCK_HOLDS, [tenant.into()]).await?;
    read_standing(conn.raw_row(STANDING, about(tenant, user)).await?)
}

fn about(tenant: TenantId, user: UserId) -> [Value; 3] {
    [tenant.into(), user.into(), user.to_string().into()]
}

fn read_standing(row: Option<Row>) -> Result<Standing, DbError> {
    row.map_or(Ok(Standing { is_held: false, is_last_admin: false }), |row| {
        Ok(Standing { is_held: row.get("is_held")?, is_last_admin: row.get("is_last_admin")? })
    })
}

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

pub(super) async fn copies(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    conn.run(COPIES, [tenant.into(), user.into()]).await
}

/// Answers that are kept under keys of requests: whose they tell of cannot be known, for they are sealed.
pub(super) async fn answers(conn: &PlatformConn, tenant: TenantId) -> Result<u64, DbError> {
    conn.run(ANSWERS, [tenant.into()]).await
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
    persons: &[Uuid],
) -> Result<u64, DbError> {
    let rows = persons.iter().map(|person| [(*person).into()]);
    let here = conn.run(DESTROY, [tenant.into(), packed(rows)]).await?;
    Ok(here + conn.run(DESTROY_ELSEWHERE, [tenant.into(), user.into()]).await?)
}

pub(super) async fn refuse(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    why: &str,
) -> Result<u64, DbError> {
    conn.run(REFUSE, [tenant.into(), id.into(), why.into()]).await
}

pub(super) async fn complete(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    certificate: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(COMPLETE, [tenant.into(), id.into(), certificate.into(), now.into()]).await
}

/// Whether there is anything of somebody that an erasure takes.
pub(super) async fn is_left(conn: &PlatformConn, tenant: TenantId, user: UserId) -> Result<bool, DbError> {
    let row = conn.raw_row(IS_LEFT, [tenant.into(), user.into()]).await?;
    row.map_or(Ok(false), |row| row.get("is_left"))
}

/// Writes down that an erasure was repeated, in place of a request that a restored database may not have.
pub(super) async fn note_again(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
    request: PrivacyRequestId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(NOTE_AGAIN, [tenant.into(), user.into(), request.into(), now.into()]).await
}
