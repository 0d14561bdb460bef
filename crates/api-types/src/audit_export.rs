//! Exports: files that are made of a tenant's audit log, and wait to be downloaded.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AuditExportId, UserId};

words! {
    /// The form of an export.
    AuditExportFormat {
        /// A JSON object a line: an event, or with `proofs` what `GET /api/v2/audit/events/{event_id}/proof` answers.
        Ndjson = "ndjson",
        /// A table (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe.
        Csv = "csv",
        /// One JSON object, with what was asked for and the `events`.
        Json = "json",
        /// Pages for people, of at most 10,000 events.
        Pdf = "pdf",
    }
}

words! {
    /// How far an export is.
    AuditExportState {
        /// It waits to be written.
        Queued = "queued",
        /// It is being written.
        Running = "running",
        /// It can be downloaded.
        Completed = "completed",
        /// It was given up; `error` says why.
        Failed = "failed",
    }
}

/// A file that is made of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditExport {
    /// Its id.
    pub id: AuditExportId,
    /// Its form.
    pub format: AuditExportFormat,
    /// Whether each line carries the proof that the event is in the log.
    pub proofs: bool,
    /// Which events it has; null for all.
    #[schema(required, example = "action eq \"portal_user.deleted\"")]
    pub filter: Option<String>,
    /// From when on events are in it; null from the beginning of the log.
    #[schema(required)]
    pub from: Option<DateTime<Utc>>,
    /// Events before this moment are in it.
    pub to: DateTime<Utc>,
    /// How far it is.
    pub state: AuditExportState,
    /// Why it was given up.
    #[schema(required)]
    pub error: Option<String>,
    /// How much of the time range is written, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: i32,
    /// How many events are written.
    #[schema(minimum = 0)]
    pub events: i64,
    /// How many bytes are written.
    #[schema(minimum = 0)]
    pub size: i64,
    /// The SHA-256 of the file in hexadecimal digits, once it is whole.
    #[schema(required)]
    pub sha256: Option<String>,
    /// The signed checkpoint under which all its events are: what was sealed later is not in it. Null until it is begun,
    /// and where nothing was sealed.
    #[schema(required)]
    pub checkpoint: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Who asked for it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it was whole, or given up.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it will be deleted.
    pub expires_at: DateTime<Utc>,
}

/// A file to be made of the audit log.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuditExport {
    /// Its form.
    #[garde(skip)]
    pub format: AuditExportFormat,
    /// Whether each line is to carry the proof that the event is in the log; for `ndjson` alone. Default: false.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proofs: bool,
    /// Which events it is to have, in the grammar of the list's `filter`. Default: all.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096, example = "action eq \"portal_user.deleted\"")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// From when on. Default: from the beginning of the log.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until when; this moment is not in it. Default: now.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
}
