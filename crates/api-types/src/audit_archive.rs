//! Archives of the audit log: months that were moved out of the database.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{audit::AuditEvent, ids::AuditArchiveId};

/// A month of the log, or some categories of it, outside of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditArchive {
    /// Its id.
    pub id: AuditArchiveId,
    /// The month in UTC.
    #[schema(example = "2026-01")]
    pub month: String,
    /// The categories of its events, which all are kept for as long.
    pub categories: Vec<String>,
    /// How far it is: `planned`, `written`, `verified`, `archived` (the events are gone from the log), `expired` (it is deleted
    /// itself), or `void` (it did not fit the log; another one takes its place).
    #[schema(example = "archived")]
    pub status: String,
    /// How many events it has.
    pub events: i64,
    /// How large it is; null while it is not written.
    #[schema(required)]
    pub bytes: Option<i64>,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it had been read back and compared with the tree.
    #[schema(required)]
    pub verified_at: Option<DateTime<Utc>>,
    /// When the last of its events had left the log.
    #[schema(required)]
    pub archived_at: Option<DateTime<Utc>>,
    /// When it was deleted, because the time of its events had ended.
    #[schema(required)]
    pub expired_at: Option<DateTime<Utc>>,
    /// Until when its events can be searched again; null where they cannot.
    #[schema(required)]
    pub restored_until: Option<DateTime<Utc>>,
}

/// An event that was read back from an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoredAuditEvent {
    /// The archive.
    pub archive_id: AuditArchiveId,
    /// The event.
    #[serde(flatten)]
    pub event: AuditEvent,
}
