//! Batches: many changes of one collection in one request.

use std::borrow::Cow;

use elder_kernel::FieldFault;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Discriminator, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type,
        schema::{AdditionalProperties, ArrayBuilder},
    },
};

/// Operations that a batch may have.
pub const MOST: usize = 1_000;

/// The body of a batch: changes of resources with ids `I` that `N` makes and `P` changes.
///
/// Its schemas are named after the resource, so that a generated client has a `UserBatch` of `CreateUser`, `UpdateUser`
/// and `DeleteUser`. Give it a name without parameters by an alias, or utoipa makes one out of the parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchRequest<I, N, P> {
    /// True: all of them or none. False: each on its own.
    pub atomic: bool,
    /// What is to be done, one after the other.
    pub operations: Vec<BatchOperation<I, N, P>>,
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum BatchOperation<I, N, P> {
    /// Makes a resource.
    Create {
        /// The body of the single call.
        data: N,
    },
    /// Changes a resource.
    Update {
        /// Which.
        id: I,
        /// The `ETag` that it must have.
        #[serde(skip_serializing_if = "Option::is_none")]
        if_match: Option<String>,
        /// A merge patch (RFC 7396).
        data: P,
    },
    /// Removes a resource.
    Delete {
        /// Which.
        id: I,
        /// The `ETag` that it must have.
        #[serde(skip_serializing_if = "Option::is_none")]
        if_match: Option<String>,
    },
}

impl<I: ToSchema, N: ToSchema, P: ToSchema> ToSchema for BatchRequest<I, N, P> {
    fn name() -> Cow<'static, str> {
        format!("{}Batch", resource::<N>()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let name = resource::<N>();
        let (id, if_match) = (("id", reference(&I::name())), ("if_match", if_match()));
        let (new, patch) = (("data", reference(&N::name())), ("data", reference(&P::name())));
        schemas.extend([
            (format!("{name}Operation"), operation(&name)),
            (
                format!("Create{name}"),
                change("create", "Makes a resource: `data` is the body of the single call.", [new]),
            ),
            (
                format!("Update{name}"),
                change(
                    "update",
                    "Changes a resource: `data` is a merge patch (RFC 7396).",
                    [id.clone(), if_match.clone(), patch],
                ),
            ),
            (format!("Delete{name}"), change("delete", "Removes a resource.", [id, if_match])),
            (I::name().into_owned(), I::schema()),
            (N::name().into_owned(), N::schema()),
            (P::name().into_owned(), P::schema()),
        ]);
        I::schemas(schemas);
        N::schemas(schemas);
        P::schemas(schemas);
    }
}

impl<I, N: ToSchema, P> PartialSchema for BatchRequest<I, N, P> {
    fn schema() -> RefOr<Schema> {
        let atomic = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("True: all of them or none. False: each on its own."));
        let operations = ArrayBuilder::new()
            .items(reference(&format!("{}Operation", resource::<N>())))
            .min_items(Some(1))
            .max_items(Some(MOST))
            .description(Some("What is to be done, one after the other."));
        ObjectBuilder::new()
            .description(Some("Many changes of one collection."))
            .property("atomic", atomic)
            .required("atomic")
            .property("operations", operations)
            .required("operations")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .into()
    }
}

/// What `NewUser` makes: `User`.
fn resource<N: ToSchema>() -> String {
    let name = N::name();
    name.strip_prefix("New").unwrap_or(&name).to_owned()
}

fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

fn if_match() -> RefOr<Schema> {
    let about = "The `ETag` that the resource must have.";
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).into()
}

/// One of the changes, which `op` tells apart.
fn operation(name: &str) -> RefOr<Schema> {
    let kinds = [
        ("create", format!("Create{name}")),
        ("update", format!("Update{name}")),
        ("delete", format!("Delete{name}")),
    ];
    let mut told = Discriminator::new("op");
    let mut any = OneOfBuilder::new().description(Some("One change."));
    for (op, schema) in kinds {
        told.mapping.insert(op.to_owned(), format!("#/components/schemas/{schema}"));
        any = any.item(reference(&schema));
    }
    any.discriminator(Some(told)).into()
}

fn change<const N: usize>(op: &str, about: &str, fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    let op = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([op]));
    let mut object = ObjectBuilder::new()
        .description(Some(about))
        .property("op", op)
        .required("op")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for (name, schema) in fields {
        object = object.property(name, schema);
        if name != "if_match" {
            object = object.required(name);
        }
    }
    object.into()
}

/// What became of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchAnswer {
    /// What became of each operation, in their order.
    pub results: Vec<BatchResult>,
}

/// What became of one operation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
    #[schema(nullable = false)]
    pub error: Option<BatchProblem>,
}

/// Why an operation failed: the problem document of the single call, without what the whole answer says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
