//! Batches: many changes of one collection in one request.

use std::{any::TypeId, borrow::Cow};

use elder_kernel::FieldFault;
use garde::Validate;
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

/// The data of an operation that a collection does not offer in batches. There is no such data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Unoffered {}

impl Validate for Unoffered {
    type Context = ();

    fn validate_into(&self, (): &(), _: &mut dyn FnMut() -> garde::Path, _: &mut garde::Report) {
        match *self {}
    }
}

impl ToSchema for Unoffered {}

impl PartialSchema for Unoffered {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().into()
    }
}

/// Whether operations with this data are offered.
pub fn is_offered<T: 'static>() -> bool {
    TypeId::of::<T>() != TypeId::of::<Unoffered>()
}

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

impl<I: ToSchema, N: ToSchema + 'static, P: ToSchema + 'static> BatchRequest<I, N, P> {
    /// What `NewUser` makes, or what `UserPatch` changes, or what `UserId` names: `User`.
    fn resource() -> String {
        let (name, suffix) = match (is_offered::<N>(), is_offered::<P>()) {
            (true, _) => (N::name(), ""),
            (false, true) => (P::name(), "Patch"),
            (false, false) => (I::name(), "Id"),
        };
        let name = name.strip_prefix("New").unwrap_or(&name);
        name.strip_suffix(suffix).unwrap_or(name).to_owned()
    }

    /// What the batch as a whole is named after. A resource may have another that makes and changes it.
    fn stem() -> String {
        let removes_alone = !is_offered::<N>() && !is_offered::<P>();
        format!("{}{}", Self::resource(), if removes_alone { "Removal" } else { "" })
    }

    /// The operations, each with the name of its schema.
    fn operations() -> Vec<(&'static str, String, RefOr<Schema>)> {
        let name = Self::resource();
        let (id, if_match) = (("id", reference(&I::name())), ("if_match", if_match()));
        let new = is_offered::<N>().then(|| {
            let data = ("data", reference(&N::name()));
            change("create", "Makes a resource: `data` is the body of the single call.", [data])
        });
        let patch = is_offered::<P>().then(|| {
            let data = ("data", reference(&P::name()));
            let what = "Changes a resource: `data` is the body of the single call.";
            change("update", what, [id.clone(), if_match.clone(), data])
        });
        let gone = change("delete", "Removes a resource.", [id, if_match]);
        let named = |op, verb: &str, schema| (op, format!("{verb}{name}"), schema);
        let new = new.map(|schema| named("create", "Create", schema));
        let patch = patch.map(|schema| named("update", "Update", schema));
        new.into_iter().chain(patch).chain([named("delete", "Delete", gone)]).collect()
    }
}

impl<I: ToSchema, N: ToSchema + 'static, P: ToSchema + 'static> ToSchema for BatchRequest<I, N, P> {
    fn name() -> Cow<'static, str> {
        format!("{}Batch", Self::stem()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let operations = Self::operations();
        schemas.push((format!("{}Operation", Self::stem()), any_of(&operations)));
        schemas.extend(operations.into_iter().map(|(_, name, schema)| (name, schema)));
        describe::<I>(schemas);
        if is_offered::<N>() {
            describe::<N>(schemas);
        }
        if is_offered::<P>() {
            describe::<P>(schemas);
        }
    }
}

/// Adds a schema with all that it refers to.
fn describe<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

impl<I: ToSchema, N: ToSchema + 'static, P: ToSchema + 'static> PartialSchema for BatchRequest<I, N, P> {
    fn schema() -> RefOr<Schema> {
        let atomic = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("True: all of them or none. False: each on its own."));
        let operations = ArrayBuilder::new()
            .items(reference(&format!("{}Operation", Self::stem())))
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

fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

fn if_match() -> RefOr<Schema> {
    let about = "The `ETag` that the resource must have.";
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).into()
}

/// One of the changes, which `op` tells apart.
fn any_of(operations: &[(&'static str, String, RefOr<Schema>)]) -> RefOr<Schema> {
    let mut told = Discriminator::new("op");
    let mut any = OneOfBuilder::new().description(Some("One change."));
    for (op, name, _) in operations {
        told.mapping.insert((*op).to_owned(), format!("#/components/schemas/{name}"));
        any = any.item(reference(name));
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
#[schema(example = json!({ "index": 0, "status": 201, "id": "usr_01h455vb4pex5vsknk084sn02q" }))]
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
    /// The text of a key or token that was made; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "password", example = "elder_live_01h455vb4pex5vsknk084sn02q7_…")]
    pub secret: Option<String>,
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
