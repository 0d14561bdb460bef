//! An account as its row in the database has it.

use elder_access::{DbError, GlobalRole, Role, Row};
use elder_kernel::Id;
use uuid::Uuid;

use super::{Account, Email, Locale, TimeZone};

/// The columns that [`read`] reads.
macro_rules! columns {
    () => {
        "id, email, email_folded, full_name, global_role, tenant_role, is_active, email_verified,
        password_hash is not null as has_password, last_login_at, locale, time_zone, external_id, managed_by,
        version, created_at, updated_at"
    };
}
pub(crate) use columns;

/// Reads a row that has [`columns`].
pub(crate) fn read(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        id: Id::from_uuid(row.get("id")?),
        email: Email::stored(row.get("email")?, row.get("email_folded")?),
        full_name: row.get("full_name")?,
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        is_active: row.get("is_active")?,
        email_verified: row.get("email_verified")?,
        has_password: row.get("has_password")?,
        last_login_at: row.get("last_login_at")?,
        locale: row.get::<Option<String>>("locale")?.map(Locale::stored),
        time_zone: row.get::<Option<String>>("time_zone")?.map(TimeZone::stored),
        external_id: row.get("external_id")?,
        managed_by: row.get::<Option<Uuid>>("managed_by")?.map(Id::from_uuid),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
