//! SQL over the mails of all tenants.

use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored};
use elder_kernel::{TenantId, collection::Selection};

use crate::{global::GlobalMail, mail};

const MAILS: Source = Source {
    table: "mails",
    joins: &[],
    columns: mail::columns!(),
    stored: &[("recipient", Stored::As("recipient_folded"))],
};

pub(super) async fn list(conn: &PlatformConn, selection: &Selection) -> Result<Found<GlobalMail>, DbError> {
    conn.list(&MAILS, &Scope::everything(), selection, read).await
}

fn read(row: &Row) -> Result<GlobalMail, DbError> {
    Ok(GlobalMail { tenant_id: TenantId(row.get("tenant_id")?), mail: mail::read(row)? })
}
