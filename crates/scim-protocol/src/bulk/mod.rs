//! Bulk (RFC 7644 §3.7): many operations in one request, which may refer to each other's resources.

mod reference;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    nesting,
    patch::member,
};

pub use reference::References;

/// The URN of the body of a request.
pub const BULK_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The URN of the body of an answer.
pub const BULK_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// The operations of a request.
#[derive(Debug)]
pub struct BulkRequest {
    /// After how many errors the rest isn't done; after none, if nothing is said.
    pub fail_on_errors: Option<u64>,
    /// What is asked for, in its order.
    pub entries: Vec<Entry>,
}

/// What stands in the list of operations.
#[derive(Debug)]
pub struct Entry {
    /// The method as it was sent, for the answer.
    pub method: String,
    /// The name by which others refer to what is created.
    pub bulk_id: Option<String>,
    /// The operation, or why it can't be done: it fails alone.
    pub operation: Result<Operation, ScimError>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

/// One operation.
pub struct Operation {
    /// What it does.
    pub method: Method,
    /// Where, from the base URL on.
    pub path: String,
    /// The version that is meant, as `If-Match` would say it.
    pub version: Option<String>,
    /// The body of the single request.
    pub data: Value,
    /// The names of the operations whose resources it refers to.
    refers_to: BTreeSet<String>,
}

impl std::fmt::Debug for Operation {
    /// Without the body: it is personal data, and may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.method)
    }
}

impl BulkRequest {
    /// Reads the body of a request of at most so many operations.
    ///
    /// # Errors
    /// `invalidSyntax` if it isn't a `BulkRequest` with a list of operations, 413 if there are too many.
    pub fn parse(body: &Value, max_operations: u32) -> Result<Self, ScimError> {
        nesting::check(body)?;
        let is_bulk = member(body, "schemas")
            .and_then(Value::as_array)
            .is_some_and(|schemas| schemas.iter().any(|urn| urn == BULK_URN));
        if !is_bulk {
            return Err(ScimError::invalid_syntax(format!("schemas must hold {BULK_URN}")));
        }
        let Some(Value::Array(list)) = member(body, "Operations") else {
            return Err(ScimError::invalid_syntax("Operations must be a list"));
        };
        if !u32::try_from(list.len()).is_ok_and(|length| length <= max_operations) {
            let detail = format!("more than maxOperations ({max_operations}) operations");
            return Err(ScimError::of_status(413, detail));
        }
        let fail_on_errors = match member(body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => Some(whole(number).ok_or_else(|| {
                ScimError::invalid_syntax("failOnErrors must be a whole number above 0, of 64 bits at most")
            })?),
        };
        let mut names = HashSet::new();
        let entries = list.iter().map(|entry| Entry::read(entry, &mut names)).collect();
        Ok(Self { fail_on_errors, entries })
    }
}

/// A positive number within the 64 bits that the documentation promises.
fn whole(number: &Value) -> Option<u64> {
    number.as_i64().and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0)
}

impl Entry {
    fn read(entry: &Value, names: &mut HashSet<String>) -> Self {
        let text = |name: &str| member(entry, name).and_then(Value::as_str).map(str::to_owned);
        let (method, bulk_id) = (text("method").unwrap_or_default(), text("bulkId"));
        let operation = Operation::read(entry, &method).and_then(|operation| match &bulk_id {
            None if operation.method == Method::Post => Err(ScimError::invalid_value("POST needs a bulkId")),
            Some(name) if operation.method == Method::Post && !names.insert(name.clone()) => {
                Err(ScimError::invalid_value("bulkId was used before"))
            }
            _ => Ok(operation),
        });
        Self { method, bulk_id, operation }
    }
}

impl Operation {
    /// The replacement of the resource at `path` by what this operation was to create.
    pub fn into_replacement(self, path: &str) -> Self {
        Self { method: Method::Put, path: path.to_owned(), version: None, ..self }
    }

    fn read(entry: &Value, method: &str) -> Result<Self, ScimError> {
        let method = match method.to_ascii_uppercase().as_str() {
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => return Err(ScimError::invalid_syntax("method must be POST, PUT, PATCH or DELETE")),
        };
        let text = |name: &str| match member(entry, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ScimError::invalid_syntax(format!("{name} must be a string"))),
        };
        let path = text("path")?.ok_or_else(|| ScimError::invalid_syntax("path is missing"))?;
        let data = member(entry, "data").cloned().unwrap_or_default();
        if data.is_null() && method != Method::Delete {
            return Err(ScimError::new(ScimType::InvalidValue, "data is missing"));
        }
        let refers_to = reference::named_in(&path, &data);
        Ok(Self { method, path, version: text("version")?, data, refers_to })
    }
}

/// What became of one operation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScimBulkResult)]
pub struct BulkResult {
    /// What it did.
    pub method: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bulk_id: Option<String>,
    /// The version of the resource afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<String>,
    /// Where the resource is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub location: Option<String>,
    /// The status of the single answer.
    #[schema(example = "201")]
    pub status: String,
    /// The error, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    pub response: Option<Value>,
}

/// What became of a request.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ScimBulkResponse)]
pub struct BulkResponse {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<BulkResult>,
}

impl BulkResponse {
    /// The answer with what became of each operation that was tried.
    pub const fn new(operations: Vec<BulkResult>) -> Self {
        Self { schemas: [BULK_RESPONSE_URN], operations }
    }
}
