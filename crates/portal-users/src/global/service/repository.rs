//! SQL over the users of all tenants.

use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored};
use elder_kernel::{TenantId, collection::Selection};

use crate::{account, global::GlobalUser};

const USERS: Source = Source {
    table: "portal_users",
    joins: &[],
    columns: concat!(
        "tenant_id, (select slug from tenants t where t.id = tenant_id) as tenant_slug, ",
        account::columns!()
    ),
    stored: &[
        (
            "tenant_slug",
            Stored::Among { rows: "tenants t where t.id = portal_users.tenant_id", column: "t.slug" },
        ),
        ("email", Stored::As("email_folded")),
        ("full_name", Stored::As("full_name_folded")),
        ("has_password", Stored::As("(password_hash is not null)")),
    ],
};
/// The platform's role sees every row, so that the trigram index serves here.
const CONTAINING: &str =
    r"search_text like '%' || replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_') || '%'";
const TENANT: &str = "select id from tenants where slug = $1 or id::text = $1";

pub(super) async fn list(
    conn: &PlatformConn,
    needle: Option<&str>,
    selection: &Selection,
) -> Result<Found<GlobalUser>, DbError> {
    let scope = match needle {
        Some(needle) => Scope::of(CONTAINING, [needle.into()]),
        None => Scope::everything(),
    };
    conn.list(&USERS, &scope, selection, read).await
}

pub(super) async fn tenant_named(conn: &PlatformConn, named: &str) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(TENANT, [named.into()]).await?;
    row.map(|row| row.get("id").map(TenantId)).transpose()
}

fn read(row: &Row) -> Result<GlobalUser, DbError> {
    Ok(GlobalUser {
        tenant_id: TenantId(row.get("tenant_id")?),
        tenant_slug: row.get("tenant_slug")?,
        user: account::read(row)?,
    })
}
