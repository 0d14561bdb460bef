//! Refuses to serve with a database role that row-level security does not bind.

use std::fmt;

use tokio_postgres::Client;

use super::DbError;

/// How a role could get round row-level security.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bypass {
    /// It is a superuser.
    Superuser,
    /// It has the attribute BYPASSRLS.
    BypassRls,
    /// It owns a table that has a `tenant_id`.
    Owner,
    /// It is a member of a role of which one of these holds.
    MemberOfOne,
}

/// The role that a URL names could read other tenants' rows.
#[derive(Debug, thiserror::Error)]
#[error("the database role \"{role}\" {bypass}, so row-level security would not keep tenants apart. {mend}")]
pub struct RoleRefused {
    /// The role.
    pub role: String,
    /// How it could.
    pub bypass: Bypass,
    /// What to do.
    pub mend: String,
}

impl fmt::Display for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Superuser => "is a superuser",
            Self::BypassRls => "has the attribute BYPASSRLS",
            Self::Owner => "owns tables of tenants",
            Self::MemberOfOne => {
                "is a member of a role that is a superuser, has BYPASSRLS or owns tables of tenants"
            }
        })
    }
}

const ASK: &str = "
    with owners as (
        select distinct c.relowner as oid from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    )
    select r.rolname::text as role, r.rolsuper as superuser, r.rolbypassrls as bypass,
           exists (select from owners o where o.oid = r.oid) as owner,
           exists (
               select from pg_roles g
               where g.oid <> r.oid and pg_has_role(r.oid, g.oid, 'member')
                 and (g.rolsuper or g.rolbypassrls or exists (select from owners o where o.oid = g.oid))
           ) as member
    from pg_roles r where r.rolname = current_user";

/// Asks the database about the role of this connection.
pub(super) async fn check(client: &Client, setting: &str) -> Result<Option<RoleRefused>, DbError> {
    let row = client.query_one(ASK, &[]).await?;
    let holds = |column: &str| row.try_get::<_, bool>(column);
    // A superuser is a member of every role: the plainest reason comes first.
    let bypass = if holds("superuser")? {
        Bypass::Superuser
    } else if holds("bypass")? {
        Bypass::BypassRls
    } else if holds("owner")? {
        Bypass::Owner
    } else if holds("member")? {
        Bypass::MemberOfOne
    } else {
        return Ok(None);
    };
    let role: String = row.try_get("role")?;
    let mend = format!(
        "Let {setting} sign in as a plain role that owns nothing \
         (infrastructure/postgres/roles.sql makes elder_app and elder_platform), or take the right away: {}",
        match bypass {
            Bypass::Superuser => format!("ALTER ROLE \"{role}\" NOSUPERUSER;"),
            Bypass::BypassRls => format!("ALTER ROLE \"{role}\" NOBYPASSRLS;"),
            Bypass::Owner => format!("REASSIGN OWNED BY \"{role}\" TO elder_owner;"),
            Bypass::MemberOfOne => format!("REVOKE <that role> FROM \"{role}\";"),
        }
    );
    Ok(Some(RoleRefused { role, bypass, mend }))
}
