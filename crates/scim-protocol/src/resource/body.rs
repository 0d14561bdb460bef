//! The body of a POST or PUT (RFC 7644 §3.3, §3.5.1) becomes a resource.

use serde_json::{Map, Value};

use super::Resource;
use crate::{
    Options,
    error::ScimError,
    nesting,
    schema::{Attribute, Mutability, ResourceType, is_other_type},
    value::normalise,
    values::Object,
};

/// The resource that a POST creates, without `id` and `meta`.
///
/// Names are taken in any case, unknown and read-only attributes are ignored, and data of an extension counts
/// even if `schemas` doesn't name it.
///
/// # Errors
/// `invalidSyntax` if the body is no object or nests too deep; `invalidValue` if `schemas` or a required attribute
/// is missing, a value has the wrong type, or two values are primary.
pub fn normalise_create(
    kind: &'static ResourceType,
    body: &Value,
    options: Options,
) -> Result<Resource, ScimError> {
    Resource::finish(kind, read(kind, body, options)?)
}

/// The resource that a PUT makes of the current one.
///
/// What the body leaves out is cleared, except for what only the server sets, and `active`: a client that
/// doesn't speak of it doesn't mean to deactivate.
///
/// # Errors
/// As [`normalise_create`]; besides `mutability` if an immutable attribute would change.
pub fn normalise_replace(current: &Resource, body: &Value, options: Options) -> Result<Resource, ScimError> {
    let kind = current.kind;
    let mut attributes = read(kind, body, options)?;
    for attribute in kind.core_attributes() {
        let (name, is_kept) = (attribute.name, attribute.is_read_only() || attribute.name == "active");
        match current.attributes.get(name) {
            Some(old) if is_kept && !attributes.contains_key(name) => {
                attributes.insert(name.to_owned(), old.clone());
            }
            Some(old) => keep_immutable(attribute, old, attributes.get(name))?,
            None => {}
        }
    }
    Resource::finish(kind, attributes)
}

fn keep_immutable(attribute: &Attribute, old: &Value, new: Option<&Value>) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::Immutable && new != Some(old) {
        return Err(ScimError::mutability(format!("{} may not change", attribute.name)));
    }
    Ok(())
}

fn read(kind: &'static ResourceType, body: &Value, options: Options) -> Result<Object, ScimError> {
    nesting::check(body)?;
    let Value::Object(body) = body else {
        return Err(ScimError::invalid_syntax("the body must be a JSON object"));
    };
    check_schemas(kind, body)?;
    let mut attributes = Map::new();
    for (name, value) in body {
        if let Some(schema) = kind.extension(name) {
            let Value::Object(extension) = value else {
                if value.is_null() {
                    continue;
                }
                return Err(ScimError::invalid_value(format!("{} must be an object", schema.id)));
            };
            let mut object = Map::new();
            for (name, value) in extension {
                read_attribute(schema.attribute(name), value, options, &mut object)
                    .map_err(|error| error.at(schema.id))?;
            }
            attributes.insert(schema.id.to_owned(), Value::Object(object));
        } else {
            let attribute = kind.core_attribute(name).filter(|attribute| attribute.name != "schemas");
            read_attribute(attribute, value, options, &mut attributes)?;
        }
    }
    Ok(attributes)
}

fn read_attribute(
    attribute: Option<&'static Attribute>,
    value: &Value,
    options: Options,
    into: &mut Object,
) -> Result<(), ScimError> {
    let Some(attribute) = attribute.filter(|attribute| !attribute.is_read_only()) else { return Ok(()) };
    if let Some(value) = normalise(attribute, value, options)? {
        into.insert(attribute.name.to_owned(), value);
    }
    Ok(())
}

/// `schemas` is required (RFC 7643 §3). URNs that mean nothing here are tolerated, since providers send mistyped
/// and SCIM 1 ones; only a body that says to be of another type is refused.
fn check_schemas(kind: &ResourceType, body: &Object) -> Result<(), ScimError> {
    let schemas = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
    let urns: Option<Vec<&str>> = match schemas {
        Some(Value::Array(items)) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let Some(urns) = urns else {
        return Err(ScimError::invalid_value("schemas must be a list of URNs, not empty"));
    };
    let is_own = urns.iter().any(|urn| kind.schema.id.eq_ignore_ascii_case(urn));
    if !is_own && urns.iter().any(|urn| is_other_type(urn, kind)) {
        return Err(ScimError::invalid_value(format!("schemas must hold {}", kind.schema.id)));
    }
    Ok(())
}
