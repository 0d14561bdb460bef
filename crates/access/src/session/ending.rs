//! How sessions end before their time: one, or all of a device, a user, a tenant, or everybody.

use elder_kernel::{Device, Id, Session, SsoSession, User};
use sea_orm::Value;

use crate::{
    PlatformTx, TenantTx,
    authority::{Authority, Write},
    database::DbError,
};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The user signed out.
    SignedOut,
    /// The user or an admin ended it.
    Revoked,
    /// The account or the tenant was deactivated, or the password changed.
    AccountChanged,
    /// A refresh token was used twice.
    RefreshReused,
    /// The code that it came of was used twice.
    CodeReused,
    /// There were more sessions than the tenant allows.
    TooMany,
    /// The identity provider that it rests on has ended its own.
    ProviderLogout,
    /// The identity provider that it rests on was switched off or deleted.
    ProviderGone,
}

impl EndReason {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::AccountChanged => "account_changed",
            Self::RefreshReused => "refresh_reused",
            Self::CodeReused => "code_reused",
            Self::TooMany => "too_many",
            Self::ProviderLogout => "provider_logout",
            Self::ProviderGone => "provider_gone",
        }
    }
}

const END_ONE: &str = "
    update sessions set ended_at = $3, end_reason = $4 where tenant_id = $1 and id = $2 and ended_at is null";
const END_OF_USER: &str = "
    update sessions set ended_at = $3, end_reason = $4
    where tenant_id = $1 and user_id = $2 and ended_at is null and id is distinct from $5";
const END_OF_DEVICE: &str = "
    update sessions set ended_at = $3, end_reason = $4
    where tenant_id = $1 and device_id = $2 and ended_at is null";
const END_OF_SIGN_INS: &str = "
    update sessions set ended_at = $3, end_reason = $4
    where tenant_id = $1 and sso_id = any($2) and ended_at is null";
const END_OF_TENANT: &str = "
    update sessions set ended_at = $2, end_reason = $3 where tenant_id = $1 and ended_at is null";
const END_OF_ALL: &str = "update sessions set ended_at = $1, end_reason = $2 where ended_at is null";

/// Ends one session; false if it had ended before or is none of this tenant's.
///
/// # Errors
/// [`DbError`].
pub async fn end<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    session: Id<Session>,
    reason: EndReason,
) -> Result<bool, DbError> {
    let values: [Value; 4] =
        [tx.tenant().into(), session.into(), tx.seam().now().into(), reason.name().into()];
    Ok(tx.run(END_ONE, values).await? > 0)
}

/// Ends every session of a user but `keep`, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_user<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
    keep: Option<Id<Session>>,
    reason: EndReason,
) -> Result<u64, DbError> {
    let keep = Value::Uuid(keep.map(Id::uuid));
    let values: [Value; 5] =
        [tx.tenant().into(), user.into(), tx.seam().now().into(), reason.name().into(), keep];
    tx.run(END_OF_USER, values).await
}

/// Ends every session that a device has started, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_device<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    device: Id<Device>,
    reason: EndReason,
) -> Result<u64, DbError> {
    let values: [Value; 4] =
        [tx.tenant().into(), device.into(), tx.seam().now().into(), reason.name().into()];
    tx.run(END_OF_DEVICE, values).await
}

/// Ends every session that rests on one of these sign-ins by an identity provider, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_sign_ins<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    sign_ins: &[Id<SsoSession>],
    reason: EndReason,
) -> Result<u64, DbError> {
    let sign_ins: Vec<_> = sign_ins.iter().map(|id| id.uuid()).collect();
    let values: [Value; 4] =
        [tx.tenant().into(), sign_ins.into(), tx.seam().now().into(), reason.name().into()];
    tx.run(END_OF_SIGN_INS, values).await
}

/// Ends every session of the tenant, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_tenant<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    reason: EndReason,
) -> Result<u64, DbError> {
    tx.run(END_OF_TENANT, [tx.tenant().into(), tx.seam().now().into(), reason.name().into()]).await
}

/// Ends every session of every tenant, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_all<A: Authority<Mode = Write>>(
    tx: &PlatformTx<A>,
    reason: EndReason,
) -> Result<u64, DbError> {
    tx.run(END_OF_ALL, [tx.seam().now().into(), reason.name().into()]).await
}
