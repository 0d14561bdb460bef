//! SQL that finds whose password is forgotten, before a tenant is known.

use elder_access::{DbError, PlatformConn, Row};
use elder_api_types::{email::Email, regional::Locale};
use elder_kernel::{Id, TenantId};

use crate::password_reset::{MOST_MEANT, Meant};

const MEANT: &str = "
    select u.tenant_id, u.id, u.email, u.email_folded, u.locale
    from portal_users u
    join tenants t on t.id = u.tenant_id
    where u.email_folded = $1 and u.is_active and t.is_active and ($2::text is null or t.slug = $2 or t.id::text = $2)
    order by u.tenant_id
    limit $3";

/// The active accounts of an address, in one tenant or in all.
pub(super) async fn meant(
    conn: &PlatformConn,
    email: &Email,
    tenant: Option<&str>,
) -> Result<Vec<Meant>, DbError> {
    let values = [email.folded().into(), tenant.map(str::to_owned).into(), MOST_MEANT.into()];
    conn.raw_rows(MEANT, values).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Meant, DbError> {
    Ok(Meant {
        tenant: TenantId(row.get("tenant_id")?),
        user: Id::from_uuid(row.get("id")?),
        email: Email::stored(row.get("email")?, row.get("email_folded")?),
        locale: row.get::<Option<String>>("locale")?.map(Locale::stored),
        is_there: true,
    })
}
