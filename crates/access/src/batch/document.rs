//! What a batch looks like on the wire.

use elder_kernel::FieldFault;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Many changes of one collection.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest<I: ToSchema, N: ToSchema, P: ToSchema> {
    /// True: all of them or none. False: each on its own.
    pub atomic: bool,
    /// What is to be done, one after the other.
    #[schema(min_items = 1, max_items = 1000)]
    pub operations: Vec<BatchOperation<I, N, P>>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum BatchOperation<I: ToSchema, N: ToSchema, P: ToSchema> {
    /// Makes a resource.
    Create {
        /// As the body of the single call.
        data: N,
    },
    /// Changes a resource.
    Update {
        /// Which.
        id: I,
        /// The version that it must have. Not available yet: leave it out.
        #[schema(nullable = false)]
        if_match: Option<String>,
        /// As the body of the single call: a merge patch (RFC 7396).
        data: P,
    },
    /// Removes a resource.
    Delete {
        /// Which.
        id: I,
        /// The version that it must have. Not available yet: leave it out.
        #[schema(nullable = false)]
        if_match: Option<String>,
    },
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// What became of each operation, in their order.
    pub results: Vec<BatchResult>,
}

/// What became of one operation.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// Its place among the operations, from 0.
    pub index: usize,
    /// What the single call would have been answered with: 201, 200, 204, or that of the error.
    #[schema(example = 201)]
    pub status: u16,
    /// The resource, if it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "usr_01h455vb4pex5vsknk084sn02q")]
    pub id: Option<String>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<BatchProblem>)]
    pub error: Option<Map<String, Value>>,
}

/// Why an operation failed: the problem document of the single call, without what the whole answer says.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchProblem {
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
    /// The code, by which a program decides.
    #[schema(example = "not_found")]
    pub code: String,
    /// The faults of single fields; their pointers lead through the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<FieldFault>>,
}
