//! SQL that finds whom an address means, before a tenant is known, and which sessions are too many.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, Row, TenantConn};
use elder_kernel::{Id, Secret, Session, TenantId, User};
use elder_tenancy::domain::DomainName;
use sea_orm::Value;
use serde_json::{Map, Value as Json};

use crate::{
    account::Email,
    attempt::MOST_BY_STRANGERS,
    device::DeviceToken,
    sign_in::{MOST_TRIED, TenantChoice},
};

const CANDIDATES: &str = "
    select u.tenant_id, t.slug, t.name, t.settings, u.id, u.password_hash, known.device as has_known_device,
           u.is_active and t.is_active
               and (u.failed_in_a_row < $6 and (u.locked_until is null or u.locked_until <= $4) or known.device)
               as is_usable,
           exists (select from tenant_domains d
                   where d.tenant_id = u.tenant_id and d.domain = $2 and d.verified_at is not null) as owns_domain
    from portal_users u
    join tenants t on t.id = u.tenant_id
    cross join lateral (select exists (
        select from devices v
        where v.tenant_id = u.tenant_id and v.user_id = u.id and v.id = $7 and v.secret_hash = $8)) known (device)
    where u.email_folded = $1 and ($3::text is null or t.slug = $3 or t.id::text = $3)
    order by owns_domain desc, is_usable desc, u.tenant_id
    limit $5";

/// All but the newest, of which one fewer stays than the tenant allows: the next one is about to start.
const SESSIONS_BEYOND: &str = "
    select id from sessions
    where tenant_id = $1 and user_id = $2 and ended_at is null and least(idle_expires_at, expires_at) > $3
      and actor_session_id is null
    order by id desc offset $4";

/// Whether people sign in by the tenant's providers alone.
const ENFORCES_PROVIDER: &str = "select exists (select from idp_configurations where tenant_id = $1 and enforced and is_active) as enforced";

/// An account that may be the one.
pub(super) struct Candidate {
    pub(super) tenant: TenantChoice,
    pub(super) user: Id<User>,
    pub(super) password_hash: Option<Secret<String>>,
    /// The settings of its tenant, as they are stored.
    pub(super) settings: Json,
    /// Whose budget a sign-in with an unknown device draws on; the common one, if nobody has such an account.
    pub(super) budget: Option<TenantId>,
    /// Whoever asks shows a device of the account.
    pub(super) has_known_device: bool,
    /// Active, in an active tenant, not locked for whoever asks.
    pub(super) is_usable: bool,
    /// Its tenant has proven the address's domain.
    pub(super) owns_domain: bool,
}

impl Candidate {
    /// One that does not exist.
    pub(super) fn nobody(user: Id<User>) -> Self {
        let tenant = TenantChoice { id: TenantId::SYSTEM, slug: String::new(), name: String::new() };
        Self {
            tenant,
            user,
            password_hash: None,
            settings: Json::Object(Map::new()),
            budget: None,
            has_known_device: false,
            is_usable: false,
            owns_domain: false,
        }
    }
}

pub(super) async fn candidates(
    conn: &PlatformConn,
    email: &Email,
    tenant: Option<&str>,
    device: Option<DeviceToken>,
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>, DbError> {
    // A domain that no tenant could own has no ASCII form to be found by.
    let domain = email.domain().parse::<DomainName>();
    let values: [Value; 8] = [
        email.folded().into(),
        domain.as_ref().map_or("", DomainName::as_str).into(),
        tenant.map(str::to_owned).into(),
        now.into(),
        MOST_TRIED.into(),
        MOST_BY_STRANGERS.into(),
        Value::Uuid(device.map(|token| token.id().uuid())),
        Value::Bytes(device.map(|token| token.hash())),
    ];
    conn.raw_rows(CANDIDATES, values).await?.iter().map(read).collect()
}

/// Whether people of the tenant sign in by its providers alone.
pub(super) async fn enforces_provider(conn: &TenantConn, tenant: TenantId) -> Result<bool, DbError> {
    let row = conn.raw_row(ENFORCES_PROVIDER, [tenant.into()]).await?;
    row.map_or(Ok(false), |row| row.get("enforced"))
}

/// The live sessions of a user that must end for one more to start, the oldest last.
pub(super) async fn sessions_beyond(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
    most: u32,
) -> Result<Vec<Id<Session>>, DbError> {
    let staying = i64::from(most.saturating_sub(1));
    let values: [Value; 4] = [tenant.into(), user.into(), now.into(), staying.into()];
    let rows = conn.raw_rows(SESSIONS_BEYOND, values).await?;
    rows.iter().map(|row| row.get("id").map(Id::from_uuid)).collect()
}

fn read(row: &Row) -> Result<Candidate, DbError> {
    let tenant = TenantId(row.get("tenant_id")?);
    Ok(Candidate {
        tenant: TenantChoice { id: tenant, slug: row.get("slug")?, name: row.get("name")? },
        user: Id::from_uuid(row.get("id")?),
        password_hash: row.get::<Option<String>>("password_hash")?.map(Secret::new),
        settings: row.get("settings")?,
        budget: Some(tenant),
        has_known_device: row.get("has_known_device")?,
        is_usable: row.get("is_usable")?,
        owns_domain: row.get("owns_domain")?,
    })
}

#[cfg(test)]
mod tests;
