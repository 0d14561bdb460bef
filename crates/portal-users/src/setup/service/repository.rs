//! SQL of the platform's ownership and its setup links.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn};
use elder_crypto::{Parsed, TokenHash};
use elder_kernel::{Id, User, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::account::{self, Account, NewAccount};

const LOCK: &str = "select pg_advisory_xact_lock(hashtext('elder.ownership'))::text";
const HAS_OWNER: &str = "select from portal_users where tenant_id = 1 and global_role = 'admin' limit 1";
const TOKEN: &str =
    "select secret_hash from setup_tokens where id = $1 and used_at is null and expires_at > $2";
const VOID: &str = "update setup_tokens set used_at = $1 where used_at is null";
const ADD: &str =
    "insert into setup_tokens (id, secret_hash, created_at, expires_at) values ($1, $2, $3, $4)";
const ADD_OWNER: &str = concat!(
    "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, password_hash,
        password_changed_at, global_role, tenant_role, created_at, updated_at)
     values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $7, $7)
     returning ",
    crate::account::columns!()
);

/// Lets one at a time decide who owns the platform.
pub(super) async fn lock_ownership(conn: &PlatformConn) -> Result<(), DbError> {
    conn.raw_row(LOCK, []).await.map(drop)
}

pub(super) async fn has_owner(conn: &PlatformConn) -> Result<bool, DbError> {
    Ok(conn.raw_row(HAS_OWNER, []).await?.is_some())
}

pub(super) async fn is_token_good(
    conn: &PlatformConn,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let Some(row) = conn.raw_row(TOKEN, [token.id.into(), now.into()]).await? else { return Ok(false) };
    Ok(TokenHash::try_from(row.get::<&[u8]>("secret_hash")?) == Ok(token.secret_hash))
}

/// Adds the owner to System.
pub(super) async fn add_owner(
    conn: &PlatformConn,
    id: Id<User>,
    owner: &NewAccount,
    now: DateTime<Utc>,
) -> Result<Option<Account>, DbError> {
    let values: [Value; 9] = [
        id.into(),
        owner.email.typed().into(),
        owner.email.folded().into(),
        owner.full_name.as_str().into(),
        fold(&owner.full_name).into(),
        owner.password_hash.as_ref().map(|hash| hash.expose().clone()).into(),
        now.into(),
        owner.global_role.map(|role| role.name().to_owned()).into(),
        owner.tenant_role.map(|role| role.name().to_owned()).into(),
    ];
    conn.raw_row(ADD_OWNER, values).await?.as_ref().map(account::read).transpose()
}

pub(super) async fn void_tokens(conn: &PlatformConn, now: DateTime<Utc>) -> Result<(), DbError> {
    conn.run(VOID, [now.into()]).await.map(drop)
}

pub(super) async fn add_token(
    conn: &PlatformConn,
    id: Uuid,
    hash: &TokenHash,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 4] = [id.into(), hash.as_bytes().to_vec().into(), now.into(), expires.into()];
    conn.run(ADD, values).await.map(drop)
}
