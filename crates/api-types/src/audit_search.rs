//! Saved searches of a tenant's audit log.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{AuditSearchId, UserId},
    name::{Name, short},
};

/// A search of the audit log that somebody has saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSearch {
    /// Its id.
    pub id: AuditSearchId,
    /// Its name.
    #[schema(example = "Failed sign-ins")]
    pub name: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// Which events it finds.
    #[schema(example = "action eq \"session.refused\"")]
    pub filter: String,
    /// Whether everybody sees it who may read the log. One that is not shared is seen by its owner alone.
    pub is_shared: bool,
    /// Whose own it is; null for one that is shared.
    #[schema(required)]
    pub owner_id: Option<UserId>,
    /// Grows with every change.
    pub version: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// Who saved it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A search to save.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuditSearch {
    /// Its name, unique among the shared ones, or among one's own, whatever the letter case.
    #[garde(skip)]
    pub name: Name<120>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which events it finds, in the grammar of the list's `filter`.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096, example = "action eq \"session.refused\"")]
    pub filter: String,
    /// Whether everybody sees it who may read the log. Default: only its owner, who must be a person.
    #[garde(skip)]
    #[serde(default)]
    pub is_shared: bool,
}

/// A merge patch of a saved search (RFC 7396).
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditSearchPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<120>>,
    /// What it is for.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// Which events it finds.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether everybody sees it. One that is shared no more belongs to who says so.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_shared: Option<bool>,
}
