//! SQL of passkeys and security keys.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, Row, TenantConn};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;
use webauthn_rs::prelude::Passkey;

use crate::{Error, factor::FactorId};

const LABEL: &str = "select email, full_name from portal_users where tenant_id = $1 and id = $2";
const PASSKEYS: &str = "
    select id, credential from mfa_factors
    where tenant_id = $1 and user_id = $2 and kind = 'webauthn' and confirmed_at is not null order by id";
const PASSKEY: &str = "
    select id, credential from mfa_factors
    where tenant_id = $1 and user_id = $2 and credential_id = $3 and confirmed_at is not null for update";
const INSERT: &str = "
    insert into mfa_factors (tenant_id, id, user_id, kind, name, credential_id, credential, confirmed_at, created_at)
    values ($1, $2, $3, 'webauthn', $4, $5, $6, $7, $7)";
const USE_UP: &str = "
    update mfa_factors set credential = $3, sign_count = $4, last_used_at = $5
    where tenant_id = $1 and id = $2 and (sign_count < $4 or sign_count = 0 and $4 = 0)";
const TENANT_OF: &str = "
    select tenant_id from mfa_factors where credential_id = $1 and user_id = $2 and confirmed_at is not null";

/// What an authenticator shows of an account.
pub(super) struct Label {
    pub(super) email: String,
    full_name: String,
}

impl Label {
    /// The name, if there is one.
    pub(super) fn shown(&self) -> &str {
        if self.full_name.is_empty() { &self.email } else { &self.full_name }
    }
}

/// A key as it is stored.
pub(super) struct Stored {
    id: FactorId,
    pub(super) passkey: Passkey,
}

pub(super) async fn label(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<Label>, DbError> {
    let row = conn.raw_row(LABEL, [tenant.into(), user.into()]).await?;
    row.map(|row| Ok(Label { email: row.get("email")?, full_name: row.get("full_name")? })).transpose()
}

pub(super) async fn passkeys(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Vec<Stored>, Error> {
    conn.raw_rows(PASSKEYS, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

pub(super) async fn passkey(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    credential: &[u8],
) -> Result<Option<Stored>, Error> {
    let row = conn.raw_row(PASSKEY, [tenant.into(), user.into(), credential.to_vec().into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    (user, id): (Id<User>, FactorId),
    name: &str,
    passkey: &Passkey,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let credential_id: &[u8] = passkey.cred_id().as_ref();
    let values: [Value; 7] = [
        tenant.into(),
        id.into(),
        user.into(),
        name.into(),
        credential_id.to_vec().into(),
        serde_json::to_value(passkey)?.into(),
        now.into(),
    ];
    conn.run(INSERT, values).await?;
    Ok(())
}

/// Whether the counter went up, or stays at zero; then the key is stored as it is now.
pub(super) async fn use_up(
    conn: &TenantConn,
    tenant: TenantId,
    stored: &Stored,
    counter: u32,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let values: [Value; 5] = [
        tenant.into(),
        stored.id.into(),
        serde_json::to_value(&stored.passkey)?.into(),
        i64::from(counter).into(),
        now.into(),
    ];
    Ok(conn.run(USE_UP, values).await? > 0)
}

pub(super) async fn tenant_of(
    conn: &PlatformConn,
    user: Id<User>,
    credential: &[u8],
) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(TENANT_OF, [credential.to_vec().into(), user.into()]).await?;
    row.map(|row| row.get("tenant_id").map(TenantId)).transpose()
}

fn read(row: &Row) -> Result<Stored, Error> {
    let passkey = serde_json::from_value(row.get("credential")?)?;
    Ok(Stored { id: Id::from_uuid(row.get("id")?), passkey })
}
