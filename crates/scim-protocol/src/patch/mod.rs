//! PATCH (RFC 7644 §3.5.2): all operations or none, and whether anything changed.

mod apart;
mod change;
mod elements;
#[cfg(test)]
mod properties;
mod target;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::{
    Options,
    error::{ScimError, ScimType},
    nesting,
    resource::Resource,
    schema::{Attribute, ResourceType},
    values::Object,
};
use change::Change;
use target::{AttributeTarget, Target};

pub use apart::ListChange;

/// The URN of a PATCH body.
pub const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// How many operations one PATCH may hold; a group push of Entra or Okta sends far fewer.
pub const MAX_OPERATIONS: usize = 1000;

/// The body of a PATCH.
#[derive(Debug, Clone)]
pub struct PatchRequest {
    operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone)]
struct Operation {
    verb: Verb,
    path: Option<String>,
    value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Remove,
    Replace,
}

impl std::fmt::Debug for Operation {
    /// Without the value: it is personal data, and may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.verb)
    }
}

impl PatchRequest {
    /// Reads the body; names and verbs in any case, since Entra sends `Add`.
    ///
    /// # Errors
    /// `invalidSyntax` if it isn't a `PatchOp` with one operation at least; 413 for more than [`MAX_OPERATIONS`].
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        nesting::check(body)?;
        let is_patch = member(body, "schemas").and_then(Value::as_array).is_some_and(|schemas| {
            schemas.iter().filter_map(Value::as_str).any(|urn| urn.eq_ignore_ascii_case(PATCH_URN))
        });
        if !is_patch {
            return Err(ScimError::invalid_syntax(format!("schemas must hold {PATCH_URN}")));
        }
        let operations = match member(body, "Operations") {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => return Err(ScimError::invalid_syntax("Operations must be a list, not empty")),
        };
        if operations.len() > MAX_OPERATIONS {
            return Err(ScimError::of_status(413, format!("more than {MAX_OPERATIONS} operations")));
        }
        let parse = |(index, operation)| Operation::parse(operation).map_err(|error| error.at(&place(index)));
        Ok(Self { operations: operations.iter().enumerate().map(parse).collect::<Result<_, _>>()? })
    }
}

impl Operation {
    fn parse(operation: &Value) -> Result<Self, ScimError> {
        let verb =
            match member(operation, "op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("add") => Verb::Add,
                Some("remove") => Verb::Remove,
                Some("replace") => Verb::Replace,
                _ => return Err(ScimError::invalid_syntax("op must be add, remove or replace")),
            };
        let path = match member(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.trim().is_empty() => None,
            Some(Value::String(path)) => Some(path.trim().to_owned()),
            Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "path must be a string")),
        };
        let value = member(operation, "value").cloned();
        match (verb, &path, &value) {
            (Verb::Remove, None, _) => Err(ScimError::new(ScimType::NoTarget, "remove needs a path")),
            (Verb::Add | Verb::Replace, _, None) => Err(ScimError::invalid_value("value is missing")),
            _ => Ok(Self { verb, path, value }),
        }
    }
}

/// The member of an object that has this name in any case.
pub(crate) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn place(index: usize) -> String {
    format!("operation {}", index + 1)
}

/// What a PATCH comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// What the document becomes; `None` if that is what it is already.
    pub document: Option<Resource>,
    /// What becomes of the list that is kept apart, one change after the other, of which no two neighbours add or name
    /// who goes.
    pub lists: Vec<ListChange>,
}

/// What a resource becomes by the operations, one after the other.
///
/// # Errors
/// The error of the first operation that fails, its number in the detail. The resource itself is never touched,
/// so that a refused request leaves everything as it was.
pub fn apply(resource: &Resource, request: &PatchRequest, options: Options) -> Result<Patched, ScimError> {
    let kind = resource.kind();
    let mut work = Work { kind, attributes: resource.attributes().clone(), lists: Vec::new(), options };
    for (index, operation) in request.operations.iter().enumerate() {
        work.apply(operation).map_err(|error| error.at(&place(index)))?;
    }
    let patched = Resource::finish(kind, work.attributes)?;
    Ok(Patched { document: (patched != *resource).then_some(patched), lists: work.lists })
}

/// A resource on its way through the operations.
struct Work {
    kind: &'static ResourceType,
    attributes: Object,
    lists: Vec<ListChange>,
    options: Options,
}

impl Work {
    fn apply(&mut self, operation: &Operation) -> Result<(), ScimError> {
        let Operation { verb, path, value } = operation;
        let Some(path) = path else {
            let Some(Value::Object(members)) = value else {
                return Err(ScimError::invalid_value("without a path, value must be an object"));
            };
            return members.iter().try_for_each(|(name, value)| match Target::resolve(self.kind, name) {
                Ok(target) => self.change(*verb, Some(value), &target),
                // Okta and authentik send the whole resource, `id` and unknown attributes included.
                Err(error) if is_ignorable(&error) => Ok(()),
                Err(error) => Err(error),
            });
        };
        self.change(*verb, value.as_ref(), &Target::resolve(self.kind, path)?)
    }

    fn change(&mut self, verb: Verb, value: Option<&Value>, target: &Target) -> Result<(), ScimError> {
        let change = Change { verb, value, options: self.options };
        match target {
            Target::Attribute(target) if self.is_apart(target) => {
                apart::change(change, target)?.map_or(Ok(()), |next| apart::queue(&mut self.lists, next))
            }
            target => change.apply(target, &mut self.attributes),
        }
    }

    fn is_apart(&self, target: &AttributeTarget) -> bool {
        target.extension.is_none() && self.kind.apart == Some(target.attribute.name)
    }
}

fn is_ignorable(error: &ScimError) -> bool {
    matches!(error.scim_type, Some(ScimType::InvalidPath | ScimType::Mutability))
}

/// Works on an object within another one, which is made if it isn't there.
fn within<T>(
    holder: &mut Object,
    name: &str,
    work: impl FnOnce(&mut Object) -> Result<T, ScimError>,
) -> Result<T, ScimError> {
    let mut inner = match holder.remove(name) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    let done = work(&mut inner)?;
    if !inner.is_empty() {
        holder.insert(name.to_owned(), Value::Object(inner));
    }
    Ok(done)
}

/// Refuses to take the value of what must have one (RFC 7644 §3.5.2.2).
fn check_removable(attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.required {
        return Err(ScimError::mutability(format!("{} is required", attribute.name)));
    }
    Ok(())
}
