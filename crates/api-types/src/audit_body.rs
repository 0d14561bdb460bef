//! What was sent and answered in a call of the API, as it is kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::ids::AuditEventId;

/// What was sent and answered in a call of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditBody {
    /// The event of the call.
    pub event_id: AuditEventId,
    /// What was sent and answered.
    #[serde(flatten)]
    pub said: CallBodies,
}

/// What was sent and answered, as far as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallBodies {
    /// What was sent; null if nothing was, or none of it was read.
    #[schema(required)]
    pub request: Option<KeptBody>,
    /// What was answered; null if nothing was, or answers were not kept.
    #[schema(required)]
    pub answer: Option<KeptBody>,
}

impl CallBodies {
    /// Whether there is nothing to keep.
    pub const fn is_empty(&self) -> bool {
        self.request.is_none() && self.answer.is_none()
    }
}

/// A body as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptBody {
    /// How many bytes it had.
    #[schema(minimum = 0)]
    pub bytes: u64,
    /// What it said, as far as the API's document describes it: a secret reads `[redacted]`, what is described as anything at
    /// all reads `[left out]`, and what is not described is not here. Null if all of it is left out.
    #[schema(required, value_type = Option<Object>)]
    pub content: Option<Value>,
    /// Why there is no content.
    #[schema(required)]
    pub left_out: Option<LeftOut>,
    /// The SHA-256 of a content that is too long, in base64.
    #[schema(required)]
    pub sha256: Option<String>,
}

/// Why a body has no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// It is longer than what is kept.
    TooLong,
    /// The API's document does not say what stands in it.
    NotDescribed,
    /// It is no JSON.
    NotJson,
    /// Too many others waited to be written down.
    NoRoom,
}

impl KeptBody {
    /// A body of which nothing but its size is kept.
    pub const fn left_out(bytes: u64, why: LeftOut) -> Self {
        Self { bytes, content: None, left_out: Some(why), sha256: None }
    }
}
