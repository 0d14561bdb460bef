//! A mail as its row in the database has it.

use elder_access::{DbError, Row};
use elder_kernel::Id;

use super::{Mail, MailStatus};
use crate::MailKind;

/// The columns that [`read`] reads, and the tenant: not the bodies.
macro_rules! columns {
    () => {
        "tenant_id, id, kind, locale, recipient, subject, status, attempts, last_error, message_id, created_at,
        updated_at, sent_at"
    };
}
pub(crate) use columns;

/// Reads a row that has [`columns`].
pub(crate) fn read(row: &Row) -> Result<Mail, DbError> {
    Ok(Mail {
        id: Id::from_uuid(row.get("id")?),
        kind: MailKind::named(row.get("kind")?),
        locale: row.get("locale")?,
        recipient: row.get("recipient")?,
        subject: row.get("subject")?,
        // The schema allows no other.
        status: MailStatus::named(row.get("status")?).unwrap_or(MailStatus::Queued),
        attempts: row.get("attempts")?,
        last_error: row.get("last_error")?,
        message_id: row.get("message_id")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        sent_at: row.get("sent_at")?,
    })
}
