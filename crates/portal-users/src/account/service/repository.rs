//! SQL of accounts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, GlobalRole, Role, Scope, Source, Stored, TenantConn, packed};
use elder_kernel::{
    Id, Secret, TenantId, User,
    collection::{Operand, Selection},
    fold,
};
use sea_orm::Value;
use uuid::Uuid;

use super::held_roles::HeldRoles;
use crate::account::{self, Account, Email, NewAccount};

#[cfg(test)]
mod tests;

const GET: &str =
    concat!("select ", crate::account::columns!(), " from portal_users where tenant_id = $1 and id = $2");
const LOCK: &str = concat!(
    "select ",
    crate::account::columns!(),
    " from portal_users where tenant_id = $1 and id = $2 for no key update"
);
const LOCK_USABLE: &str = concat!(
    "select ",
    crate::account::columns!(),
    " from portal_users where tenant_id = $1 and id = $2 and is_active
        and exists (select from tenants where tenants.id = $1 and tenants.is_active) for no key update"
);
const BY_EMAIL: &str = concat!(
    "select ",
    crate::account::columns!(),
    " from portal_users where tenant_id = $1 and email_folded = $2"
);
const ADMINS: &str = concat!(
    "select ",
    crate::account::columns!(),
    " from portal_users where tenant_id = $1 and is_active and tenant_role = 'admin' order by id"
);

const USERS: Source = Source {
    table: "portal_users",
    joins: &[],
    columns: crate::account::columns!(),
    stored: &[
        ("email", Stored::As("email_folded")),
        ("full_name", Stored::As("full_name_folded")),
        ("has_password", Stored::As("(password_hash is not null)")),
        (
            "organization_id",
            Stored::Among {
                rows: "portal_user_org_assignments a
                    where a.tenant_id = portal_users.tenant_id and a.user_id = portal_users.id",
                column: "a.organization_id",
            },
        ),
    ],
};
/// By the trigram index, which row-level security keeps from other statements; it gives one page of ids.
const SEARCHED: &str = "tenant_id = $1 and id = any (array(select search_portal_users($2, $3, $4)))";
const CONTAINING: &str = "tenant_id = $1 and strpos(search_text, $2) > 0";

/// The columns of [`values`], of which the last two come twice.
macro_rules! into_portal_users {
    () => {
        "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, password_hash,
            password_changed_at, global_role, tenant_role, is_active, email_verified, locale, time_zone, external_id,
            managed_by, created_at, created_by, updated_at, updated_by) "
    };
}
const INSERT: &str = concat!(
    into_portal_users!(),
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17, $18) returning ",
    crate::account::columns!()
);
const INSERT_ALL: &str = concat!(
    into_portal_users!(),
    "select (v->>0)::int, (v->>1)::uuid, v->>2, v->>3, v->>4, v->>5, v->>6, (v->>7)::timestamptz, v->>8, v->>9,
        (v->>10)::boolean, (v->>11)::boolean, v->>12, v->>13, v->>14, (v->>15)::uuid, (v->>16)::timestamptz,
        (v->>17)::uuid, (v->>16)::timestamptz, (v->>17)::uuid
     from jsonb_array_elements($1::jsonb) as packed (v) returning ",
    crate::account::columns!()
);
const UPDATE: &str = concat!(
    "update portal_users set email = $3, email_folded = $4, full_name = $5, full_name_folded = $6, email_verified = $7,
        locale = $8, time_zone = $9, external_id = $10, managed_by = $11, is_active = $12,
        version = version + 1, updated_at = $13, updated_by = $14
     where tenant_id = $1 and id = $2
     returning ",
    crate::account::columns!()
);
const SET_PASSWORD: &str = "
    update portal_users set password_hash = $3, password_changed_at = $4, failed_login_attempts = 0,
        failed_since = null, failed_in_a_row = 0, locked_until = null, version = version + 1, updated_at = $4, updated_by = $5
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from portal_users where tenant_id = $1 and id = $2";

const ROLES: &str = "
    with held as materialized (
        select h.organization_id is null as over_tenant, h.role, r.permissions from held_roles($1, $2) h
        left join roles r on r.tenant_id = $1 and r.id = h.role_id
    )
    select u.global_role,
           (select coalesce(array_agg(role), '{}') from (
                select role from held where over_tenant and role is not null
                union select u.tenant_role where u.tenant_role is not null) own) as tenant_roles,
           (select coalesce(array_agg(p.name), '{}') from held cross join unnest(permissions) as p(name)
             where over_tenant) as tenant_permissions,
           (select coalesce(array_agg(distinct role), '{}') from held
             where not over_tenant and role is not null) as organization_roles,
           (select coalesce(array_agg(p.name), '{}') from held cross join unnest(permissions) as p(name)
             where not over_tenant) as organization_permissions
    from portal_users u where u.tenant_id = $1 and u.id = $2";

/// Who writes, and when.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    pub(super) at: DateTime<Utc>,
    pub(super) by: Option<Id<User>>,
}

impl Stamp {
    fn by(self) -> Value {
        Value::Uuid(self.by.map(Id::uuid))
    }
}

pub(super) async fn get(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
) -> Result<Option<Account>, DbError> {
    one(conn, GET, [tenant.into(), id.into()]).await
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
) -> Result<Option<Account>, DbError> {
    one(conn, LOCK, [tenant.into(), id.into()]).await
}

pub(super) async fn lock_usable(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
) -> Result<Option<Account>, DbError> {
    one(conn, LOCK_USABLE, [tenant.into(), id.into()]).await
}

pub(super) async fn by_email(
    conn: &TenantConn,
    tenant: TenantId,
    email: &Email,
) -> Result<Option<Account>, DbError> {
    one(conn, BY_EMAIL, [tenant.into(), email.folded().into()]).await
}

pub(super) async fn admins(conn: &TenantConn, tenant: TenantId) -> Result<Vec<Account>, DbError> {
    conn.raw_rows(ADMINS, [tenant.into()]).await?.iter().map(account::read).collect()
}

/// Which accounts a list is among.
fn among(tenant: TenantId, needle: Option<&str>, selection: &Selection) -> Scope {
    match needle {
        None => Scope::of("tenant_id = $1", [tenant.into()]),
        Some(needle) if selection.is_by_key() => {
            let after = match selection.after.as_deref() {
                Some([Operand::Id(after)]) => *after,
                _ => Uuid::nil(),
            };
            let rows = i32::try_from(selection.limit.get() + 1).unwrap_or(i32::MAX);
            Scope::of(SEARCHED, [tenant.into(), needle.into(), after.into(), rows.into()])
        }
        Some(needle) => Scope::of(CONTAINING, [tenant.into(), needle.into()]),
    }
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    needle: Option<&str>,
    selection: &Selection,
) -> Result<Found<Account>, DbError> {
    conn.list(&USERS, &among(tenant, needle, selection), selection, account::read).await
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
    new: &NewAccount,
    stamp: Stamp,
) -> Result<Option<Account>, DbError> {
    one(conn, INSERT, values(tenant, id, new, stamp)).await
}

/// Makes many accounts, or none; in no order.
pub(super) async fn insert_all(
    conn: &TenantConn,
    tenant: TenantId,
    new: &[(Id<User>, NewAccount)],
    stamp: Stamp,
) -> Result<Vec<Account>, DbError> {
    let rows = new.iter().map(|(id, new)| values(tenant, *id, new, stamp));
    conn.raw_rows(INSERT_ALL, [packed(rows)]).await?.iter().map(account::read).collect()
}

fn values(tenant: TenantId, id: Id<User>, new: &NewAccount, stamp: Stamp) -> [Value; 18] {
    let password = new.password_hash.as_ref();
    [
        tenant.into(),
        id.into(),
        new.email.typed().into(),
        new.email.folded().into(),
        new.full_name.as_str().into(),
        fold(&new.full_name).into(),
        password.map(|hash| hash.expose().clone()).into(),
        password.map(|_| stamp.at).into(),
        new.global_role.map(|role| role.name().to_owned()).into(),
        new.tenant_role.map(|role| role.name().to_owned()).into(),
        new.is_active.into(),
        new.email_verified.into(),
        new.locale.as_ref().map(|locale| locale.as_str().to_owned()).into(),
        new.time_zone.as_ref().map(|zone| zone.as_str().to_owned()).into(),
        new.external_id.clone().into(),
        Value::Uuid(new.managed_by.map(Id::uuid)),
        stamp.at.into(),
        stamp.by(),
    ]
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    account: &Account,
    stamp: Stamp,
) -> Result<Option<Account>, DbError> {
    let values: [Value; 14] = [
        tenant.into(),
        account.id.into(),
        account.email.typed().into(),
        account.email.folded().into(),
        account.full_name.as_str().into(),
        fold(&account.full_name).into(),
        account.email_verified.into(),
        account.locale.as_ref().map(|locale| locale.as_str().to_owned()).into(),
        account.time_zone.as_ref().map(|zone| zone.as_str().to_owned()).into(),
        account.external_id.clone().into(),
        Value::Uuid(account.managed_by.map(Id::uuid)),
        account.is_active.into(),
        stamp.at.into(),
        stamp.by(),
    ];
    one(conn, UPDATE, values).await
}

pub(super) async fn set_password(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
    hash: &Secret<String>,
    stamp: Stamp,
) -> Result<bool, DbError> {
    let values: [Value; 5] =
        [tenant.into(), id.into(), hash.expose().as_str().into(), stamp.at.into(), stamp.by()];
    Ok(conn.run(SET_PASSWORD, values).await? > 0)
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: Id<User>) -> Result<bool, DbError> {
    Ok(conn.run(DELETE, [tenant.into(), id.into()]).await? > 0)
}

pub(super) async fn roles(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<User>,
) -> Result<Option<HeldRoles>, DbError> {
    let Some(row) = conn.raw_row(ROLES, [tenant.into(), id.into()]).await? else { return Ok(None) };
    let built_in = |column: &str| -> Result<Vec<Role>, DbError> {
        Ok(row.get::<Vec<&str>>(column)?.into_iter().filter_map(Role::named).collect())
    };
    Ok(Some(HeldRoles {
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_roles: built_in("tenant_roles")?,
        tenant_permissions: row.get("tenant_permissions")?,
        organization_roles: built_in("organization_roles")?,
        organization_permissions: row.get("organization_permissions")?,
    }))
}

async fn one(
    conn: &TenantConn,
    sql: &'static str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Account>, DbError> {
    conn.raw_row(sql, values).await?.as_ref().map(account::read).transpose()
}
