//! SQL over the users of all tenants.

use elder_access::{DbError, PlatformConn, Row};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    account,
    global::{GlobalUser, Place},
};

/// One statement for each way to look, because each has an index of its own.
macro_rules! users {
    ($condition:literal) => {
        concat!(
            "select t.slug, u.tenant_id, ",
            crate::account::columns!(),
            " from portal_users u join (select id as t_id, slug from tenants) t on t.t_id = u.tenant_id
              where (u.tenant_id, u.id) > ($1, $2) and u.tenant_id <= $3",
            $condition,
            " order by u.tenant_id, u.id limit $4"
        )
    };
}

const ALL: &str = users!("");
const SEARCH: &str = users!(
    r" and u.search_text like
        '%' || replace(replace(replace($5, '\', '\\'), '%', '\%'), '_', '\_') || '%'"
);
const OF_EMAIL: &str =
    users!(" and u.email_folded = $5 and ($6::text is null or strpos(u.search_text, $6) > 0)");
const TENANT: &str = "select id from tenants where slug = $1 or id::text = $1";

/// Which rows of the order by tenant and id.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    after: Place,
    last: TenantId,
    most: i64,
}

impl Bounds {
    /// Of `only` this tenant, `after` the last page.
    pub(super) fn new(only: Option<TenantId>, after: Option<Place>, rows: u64) -> Self {
        let first = (only.unwrap_or(TenantId(0)), Id::from_uuid(Uuid::nil()));
        Self {
            after: after.unwrap_or(first),
            last: only.unwrap_or(TenantId(i32::MAX)),
            most: i64::try_from(rows).unwrap_or(i64::MAX),
        }
    }

    fn values(self) -> [Value; 4] {
        let (tenant, user): (TenantId, Id<User>) = self.after;
        [tenant.into(), user.into(), self.last.into(), self.most.into()]
    }
}

pub(super) async fn all(conn: &PlatformConn, bounds: Bounds) -> Result<Vec<GlobalUser>, DbError> {
    read(&conn.raw_rows(ALL, bounds.values()).await?)
}

pub(super) async fn search(
    conn: &PlatformConn,
    needle: &str,
    bounds: Bounds,
) -> Result<Vec<GlobalUser>, DbError> {
    let values = bounds.values().into_iter().chain([needle.into()]);
    read(&conn.raw_rows(SEARCH, values).await?)
}

pub(super) async fn of_email(
    conn: &PlatformConn,
    folded: &str,
    needle: Option<&str>,
    bounds: Bounds,
) -> Result<Vec<GlobalUser>, DbError> {
    let needle = needle.map(str::to_owned);
    let values = bounds.values().into_iter().chain([folded.into(), needle.into()]);
    read(&conn.raw_rows(OF_EMAIL, values).await?)
}

pub(super) async fn tenant_named(conn: &PlatformConn, named: &str) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(TENANT, [named.into()]).await?;
    row.map(|row| row.get("id").map(TenantId)).transpose()
}

fn read(rows: &[Row]) -> Result<Vec<GlobalUser>, DbError> {
    let user = |row: &Row| {
        Ok(GlobalUser {
            tenant_id: TenantId(row.get("tenant_id")?),
            tenant_slug: row.get("slug")?,
            user: account::Account::read(row)?,
        })
    };
    rows.iter().map(user).collect()
}
