//! SQL of what a sign-in must know of a person's factors.

use chrono::{DateTime, Utc};
use elder_access::{DbError, GlobalRole, Role, TenantConn};
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;

use crate::policy::{Held, MfaSettings, Person};

const HELD: &str = "
    select u.global_role, u.tenant_role, u.mfa_asked_at,
           coalesce(u.tenant_role = any ($3), false)
               or exists (select from held_roles($1, $2) h
                   left join roles r on r.tenant_id = $1 and r.id = h.role_id
                   where r.requires_mfa or h.role = any ($3)) as by_role,
           array(select distinct f.kind from mfa_factors f
                 where f.tenant_id = $1 and f.user_id = $2 and f.confirmed_at is not null order by 1) as factors,
           exists (select from backup_codes c
                   where c.tenant_id = $1 and c.user_id = $2 and c.used_at is null) as has_codes
    from portal_users u where u.tenant_id = $1 and u.id = $2";
const ASK: &str = "update portal_users set mfa_asked_at = $3 where tenant_id = $1 and id = $2";

pub(super) async fn held(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    policy: &MfaSettings,
) -> Result<Option<(Person, Held)>, DbError> {
    let roles: Vec<_> = policy.required_roles.iter().map(|role| role.name().to_owned()).collect();
    let values: [Value; 3] = [tenant.into(), user.into(), roles.into()];
    let Some(row) = conn.raw_row(HELD, values).await? else { return Ok(None) };
    let person = Person {
        user,
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        is_remembered: false,
    };
    let factors = row.get::<Vec<&str>>("factors")?;
    let held = Held {
        factors: factors.into_iter().filter_map(SecondFactor::named).collect(),
        has_codes: row.get("has_codes")?,
        by_role: row.get("by_role")?,
        asked_at: row.get("mfa_asked_at")?,
    };
    Ok(Some((person, held)))
}

pub(super) async fn ask(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(ASK, [tenant.into(), user.into(), now.into()]).await.map(drop)
}
