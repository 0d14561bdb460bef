//! What users, changes and searches look like on the wire, as far as each of them must; `/Schemas` tells the rest.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A user as a provider sends it (RFC 7643 §4.1), with any of the attributes that `/Schemas` describes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimUser {
    /// Of which schemas the attributes are.
    #[schema(min_items = 1, example = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]))]
    pub schemas: Vec<String>,
    /// What the provider knows the person by; unique in the directory whatever the letter case.
    #[schema(min_length = 1, example = "ana@example.com")]
    pub user_name: String,
}

/// Changes of a resource (RFC 7644 §3.5.2): all of them or none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ScimPatch {
    /// That it is a change.
    #[serde(rename = "schemas")]
    #[schema(min_items = 1, example = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]))]
    pub schemas: Vec<String>,
    /// What to do, one after the other.
    #[schema(min_items = 1)]
    pub operations: Vec<ScimOperation>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimOperation {
    /// `add`, `replace` or `remove`, in any case.
    #[schema(example = "replace")]
    pub op: String,
    /// Which attribute; without it, `value` is an object of attributes.
    #[schema(nullable = false, example = "displayName")]
    pub path: Option<String>,
    /// What it shall be.
    #[schema(nullable = false, value_type = Option<Value>, example = "Ana Gruber")]
    pub value: Option<Value>,
}

/// A search without anything of it in the URL (RFC 7644 §3.4.3).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimSearch {
    /// That it is a search.
    #[schema(min_items = 1, example = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]))]
    pub schemas: Vec<String>,
    /// Which resources (RFC 7644 §3.4.2.2).
    #[schema(example = "userName eq \"ana@example.com\"")]
    pub filter: Option<String>,
    /// Which attributes to show.
    pub attributes: Option<Vec<String>>,
    /// Which attributes not to show.
    pub excluded_attributes: Option<Vec<String>>,
    /// By which attribute they are sorted.
    pub sort_by: Option<String>,
    /// `ascending` or `descending`.
    pub sort_order: Option<String>,
    /// What the page before has given, or an empty text (RFC 9865).
    pub cursor: Option<String>,
    /// The first result, counted from 1.
    pub start_index: Option<i64>,
    /// How many results at most.
    pub count: Option<i64>,
}

/// A group as a provider sends it (RFC 7643 §4.2).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScimGroup)]
pub struct GroupDocument {
    /// Of which schemas the attributes are.
    #[schema(min_items = 1, example = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]))]
    pub schemas: Vec<String>,
    /// What people know the group by; unique in the directory whatever the letter case.
    #[schema(min_length = 1, example = "Engineering")]
    pub display_name: String,
}

/// Many operations in one request (RFC 7644 §3.7), each of which is done or fails for itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimBulk {
    /// That it is a bulk request.
    #[schema(min_items = 1, example = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]))]
    pub schemas: Vec<String>,
    /// After how many errors the rest isn't done.
    #[schema(minimum = 1)]
    pub fail_on_errors: Option<u64>,
    /// What to do, one after the other.
    #[serde(rename = "Operations")]
    pub operations: Vec<ScimBulkOperation>,
}

/// One operation of a bulk request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimBulkOperation {
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    #[schema(example = "POST")]
    pub method: String,
    /// A name for what a POST creates: `bulkId:` and this name stand for its id.
    #[schema(nullable = false, example = "ana")]
    pub bulk_id: Option<String>,
    /// The version that is meant.
    #[schema(nullable = false)]
    pub version: Option<String>,
    /// Where, from the base URL on.
    #[schema(example = "/Users")]
    pub path: String,
    /// The body of the single request.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub data: Option<Value>,
}
