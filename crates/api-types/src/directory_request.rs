//! Requests to a directory, as its activity shows them: without anything of what was sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DirectoryRequestId, ScimTokenId};

/// A request that was sent with a token of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryRequest {
    /// Its id; that of a later one is greater.
    pub id: DirectoryRequestId,
    /// When it was answered.
    pub answered_at: DateTime<Utc>,
    /// The token.
    pub token_id: ScimTokenId,
    /// The method.
    #[schema(example = "PATCH")]
    pub method: String,
    /// Where, with names in place of ids and without the query.
    #[schema(example = "/scim/v2/Users/{id}")]
    pub path: String,
    /// The user or the group that it was about, if it names one.
    #[schema(required)]
    pub resource_id: Option<String>,
    /// The status of the answer.
    pub status: i32,
    /// Why it was refused; null if it was not.
    #[schema(required, example = "already_exists")]
    pub code: Option<String>,
    /// What the profile of the directory's provider has done for it that no RFC asks for, by name.
    #[schema(example = json!(["create_on_no_match"]))]
    pub rules: Vec<String>,
    /// How long it took.
    pub milliseconds: i32,
}
