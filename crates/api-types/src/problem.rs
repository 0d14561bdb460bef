//! Problems: what every error is answered with, and what there is to know of each code.

use elder_kernel::{ErrorCode, FieldFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The document of an error, for OpenAPI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[error("{code}: {detail}")]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Where the code is explained.
    #[schema(example = "/problems/not_found")]
    pub r#type: String,
    /// A short summary, the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What was wrong and what would be right.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// The code, by which a program decides.
    #[schema(example = "not_found")]
    pub code: String,
    /// The id under which the log knows the request.
    pub request_id: String,
    /// The faults of single fields, all at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldFault>>,
}

impl ProblemDocument {
    /// The code, if this version knows it: a newer server may have more of them.
    pub fn known_code(&self) -> Option<ErrorCode> {
        ErrorCode::named(&self.code)
    }
}

/// What there is to know of an error code.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ProblemType {
    /// Where its page is.
    #[schema(example = "/problems/not_found")]
    pub r#type: String,
    /// The `code` of a problem document.
    #[schema(example = "not_found")]
    pub code: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// A short summary.
    #[schema(example = "There is no such resource")]
    pub title: String,
    /// When it is given.
    #[schema(example = "No such resource, or none that the caller may know of.")]
    pub meaning: String,
    /// Who can mend it.
    #[schema(example = "the caller")]
    pub mender: String,
    /// What to do about it.
    #[schema(example = "Look whether the id is right, and whether the credential belongs to its tenant.")]
    pub remedy: String,
}

impl From<ErrorCode> for ProblemType {
    fn from(code: ErrorCode) -> Self {
        Self {
            r#type: code.page(),
            code: code.slug().to_owned(),
            status: code.status(),
            title: code.title().to_owned(),
            meaning: code.meaning().to_owned(),
            mender: code.mender().name().to_owned(),
            remedy: code.remedy().to_owned(),
        }
    }
}
