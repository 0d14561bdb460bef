//! SQL of what a sign-in must know of a person's factors.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Id, TenantId, User};

use crate::policy::Held;

const HELD: &str = "
    select u.mfa_asked_at,
           array(select distinct f.kind from mfa_factors f
                 where f.tenant_id = $1 and f.user_id = $2 and f.confirmed_at is not null order by 1) as factors,
           exists (select from backup_codes c
                   where c.tenant_id = $1 and c.user_id = $2 and c.used_at is null) as has_codes
    from portal_users u where u.tenant_id = $1 and u.id = $2";
const ASK: &str = "update portal_users set mfa_asked_at = $3 where tenant_id = $1 and id = $2";

pub(super) async fn held(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<Held, DbError> {
    let Some(row) = conn.raw_row(HELD, [tenant.into(), user.into()]).await? else {
        return Ok(Held::default());
    };
    let factors = row.get::<Vec<&str>>("factors")?;
    Ok(Held {
        factors: factors.into_iter().filter_map(SecondFactor::named).collect(),
        has_codes: row.get("has_codes")?,
        asked_at: row.get("mfa_asked_at")?,
    })
}

pub(super) async fn ask(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(ASK, [tenant.into(), user.into(), now.into()]).await.map(drop)
}
