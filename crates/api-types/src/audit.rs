//! The audit log: events, the proof that one is in the log, and checkpoints of the log.

use chrono::{DateTime, Utc};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::ids::{AuditEventId, OrganizationId, UserId};

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// When it happened, by the clock of the node that did it.
    pub timestamp: DateTime<Utc>,
    /// The `X-Request-Id` of the request.
    #[schema(example = "01jd2v9k3m")]
    pub correlation_id: String,
    /// Who acted: `user`, `api_key`, `service_account`, `directory`, `guest` or `system`.
    #[schema(example = "user")]
    pub actor_type: String,
    /// The person, also where a key of theirs acted.
    #[schema(required)]
    pub actor_user_id: Option<UserId>,
    /// The API key or SCIM token.
    #[schema(required)]
    pub actor_key_id: Option<Uuid>,
    /// Who acted in the person's name.
    #[schema(required)]
    pub impersonator_id: Option<UserId>,
    /// The address that the request came from.
    #[schema(required, example = "203.0.113.7")]
    pub actor_ip: Option<String>,
    /// What the caller's program calls itself.
    #[schema(required, example = "curl/8.5.0")]
    pub actor_user_agent: Option<String>,
    /// What was done.
    #[schema(example = "portal_user.created")]
    pub action: String,
    /// What kind of event it is.
    #[schema(example = "data_change")]
    pub category: String,
    /// The type of what it was done to.
    #[schema(example = "portal_user")]
    pub resource_type: String,
    /// What it was done to.
    #[schema(required, example = "usr_01h455vb4pex5vsknk084sn02q")]
    pub resource_id: Option<String>,
    /// The organization in which it was done.
    #[schema(required)]
    pub organization_id: Option<OrganizationId>,
    /// The fields that have changed, each with `before` and `after`.
    #[schema(value_type = Object)]
    pub changes: Value,
    /// How it ended: `success`, `failure` or `denied`.
    #[schema(example = "success")]
    pub outcome: String,
    /// Why it ended so.
    #[schema(required)]
    pub reason: Option<String>,
    /// Details that are no changes.
    #[schema(value_type = Object)]
    pub metadata: Value,
}

/// An event and the tenant that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlobalAuditEvent {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The event.
    #[serde(flatten)]
    pub event: AuditEvent,
}

/// An event with all that shows where it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditProof {
    /// The tenant, as the leaf has it.
    pub tenant_id: TenantId,
    /// The event.
    pub event: AuditEvent,
    /// Goes into the commitments to the event's personal fields.
    pub salt: Uuid,
    /// Its place in the log: the number of its leaf, from 0 on.
    #[schema(minimum = 0)]
    pub seq: u64,
    /// The hashes beside the way from the leaf to the root (RFC 9162 §2.1.3), in base64.
    pub path: Vec<String>,
    /// The signed checkpoint to whose root the way leads.
    pub checkpoint: String,
}

/// A state of the log that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCheckpoint {
    /// How many events the log had.
    #[schema(minimum = 0)]
    pub size: i64,
    /// The root of the tree over them, in base64.
    #[schema(example = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")]
    pub root: String,
    /// When it was signed.
    pub created_at: DateTime<Utc>,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// A proof that the log at one checkpoint begins the log at another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditConsistency {
    /// The earlier checkpoint.
    pub from: AuditCheckpoint,
    /// The later checkpoint.
    pub to: AuditCheckpoint,
    /// The hashes of the proof (RFC 9162 §2.1.4), in base64.
    pub path: Vec<String>,
}

/// A key by which checkpoints of the tenant's log are verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditKey {
    /// Name and public key as signed notes write it.
    #[schema(example = "id.example.com/audit/7+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    pub verifier: String,
    /// From when on it signs.
    pub created_at: DateTime<Utc>,
}

/// The keys by which checkpoints of the tenant's log are verified, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditKeys {
    /// Every key that has signed one.
    pub data: Vec<AuditKey>,
}

/// Between which checkpoints consistency is asked.
#[derive(Debug, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The size of the earlier checkpoint.
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    pub from: i64,
    /// The size of the later checkpoint.
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    pub to: i64,
}

/// What a list of events may be asked beside what every list may be.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Words that must all stand in the action, the type or id of the resource, the reason or the metadata, whole and in
    /// any case. Calls of the API (`api_access`) are not searched so. At most 10,000 events may have the words: give a
    /// range of time in `filter` where more do.
    #[garde(length(chars, min = 1, max = 200))]
    #[param(min_length = 1, max_length = 200, example = "portal user deleted")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// What is wanted of a live tail.
#[derive(Debug, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Which events are told, in the grammar of the list's `filter`.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[param(min_length = 1, max_length = 4096, example = "outcome eq \"denied\"")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}
