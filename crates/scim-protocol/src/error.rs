//! The error of SCIM (RFC 7644 §3.12): status, `scimType` and a detail for people. No HTTP types.

use serde::{Serialize, Serializer};

/// The URN of an error body.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The kinds of error that RFC 7644 §3.12 tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "camelCase")]
pub enum ScimType {
    /// A filter that can't be read, or compares what has no order.
    InvalidFilter,
    /// More results than the server gives.
    TooMany,
    /// A value that another resource has.
    Uniqueness,
    /// A change to what may not change.
    Mutability,
    /// A body of the wrong structure.
    InvalidSyntax,
    /// A PATCH path that names nothing.
    InvalidPath,
    /// A PATCH path that no value matches.
    NoTarget,
    /// A value that is missing or of the wrong type.
    InvalidValue,
    /// A cursor that is of no list, or of another one (RFC 9865 §2.1).
    InvalidCursor,
    /// A number of results that is none (RFC 9865 §2.1).
    InvalidCount,
    /// A version of the protocol that isn't spoken.
    InvalidVers,
    /// A filter over personal data, which must not stand in a URL.
    Sensitive,
}

impl ScimType {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidCursor => "invalidCursor",
            Self::InvalidCount => "invalidCount",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
        }
    }
}

impl Serialize for ScimType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a client is told; it serializes as the error body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The kind, where the table of RFC 7644 §3.12 has one.
    pub scim_type: Option<ScimType>,
    /// What is wrong, naming attribute and operation but never a value.
    pub detail: String,
}

/// The error body on the wire.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScimError)]
pub struct ErrorBody<'a> {
    schemas: [&'static str; 1],
    #[schema(example = "400")]
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<ScimType>,
    detail: &'a str,
}

impl ScimError {
    /// An error without a `scimType`: 401, 403, 404, 412, 413, 501.
    pub fn of_status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// An error of one of the table's kinds, with the status that the table gives it.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        let status = match scim_type {
            ScimType::Uniqueness => 409,
            ScimType::Sensitive => 403,
            _ => 400,
        };
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }

    pub(crate) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidValue, detail)
    }

    pub(crate) fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidSyntax, detail)
    }

    pub(crate) fn mutability(detail: impl Into<String>) -> Self {
        Self::new(ScimType::Mutability, detail)
    }

    /// Says first where it happened.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.detail = format!("{place}: {}", self.detail);
        self
    }

    /// The body that the client gets.
    pub fn body(&self) -> ErrorBody<'_> {
        ErrorBody {
            schemas: [ERROR_URN],
            status: self.status.to_string(),
            scim_type: self.scim_type,
            detail: &self.detail,
        }
    }
}

impl Serialize for ScimError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn err_1_the_body_has_its_schema_and_the_status_as_a_string() {
        let error = ScimError::new(ScimType::Uniqueness, "userName is taken").at("operation 1");
        assert_eq!(
            serde_json::to_value(&error).unwrap(),
            json!({"schemas": [ERROR_URN], "status": "409", "scimType": "uniqueness",
                   "detail": "operation 1: userName is taken"})
        );
        let error = serde_json::to_value(ScimError::of_status(404, "no such user")).unwrap();
        assert_eq!(error.get("scimType"), None);
    }

    #[test]
    fn err_2_kinds_are_spelled_as_in_the_table() {
        for (kind, name) in [
            (ScimType::InvalidFilter, "invalidFilter"),
            (ScimType::TooMany, "tooMany"),
            (ScimType::NoTarget, "noTarget"),
            (ScimType::InvalidVers, "invalidVers"),
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }
}
