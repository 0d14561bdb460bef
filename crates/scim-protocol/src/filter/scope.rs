//! What the names in a filter stand for: attributes of a resource, or sub-attributes of one value.

use std::slice;

use elder_kernel::filter::{AttributePath, Filter};
use serde_json::Value;

use super::compare;
use crate::{
    resource::Resource,
    schema::{Attribute, Kind},
    values::Object,
};

/// Where names are looked up.
pub(super) enum Scope<'a> {
    /// In a resource.
    Resource(&'a Resource),
    /// In one value of an attribute: what stands between brackets.
    Element(&'static Attribute, &'a Object),
}

/// The sub-attribute that a name between brackets means.
pub(super) fn sub_of(attribute: &Attribute, path: &AttributePath) -> Option<&'static Attribute> {
    if path.schema.is_some() || path.sub.is_some() { None } else { attribute.sub(&path.name) }
}

/// Whether a filter holds; its depth is that of its text, which the dialect bounds.
pub(super) fn holds(filter: &Filter, scope: &Scope<'_>) -> bool {
    match filter {
        Filter::And(list) => list.iter().all(|filter| holds(filter, scope)),
        Filter::Or(list) => list.iter().any(|filter| holds(filter, scope)),
        Filter::Not(inner) => !holds(inner, scope),
        Filter::Present(path) => scope.values(path).is_some_and(|(_, values)| is_present(&values)),
        Filter::Compare(path, operator, literal) => {
            let (attribute, values) = scope.values(path).unzip();
            compare::any(attribute, values.as_deref().unwrap_or_default(), *operator, literal)
        }
        Filter::ValuePath(path, inner) => {
            let Some((attribute, values)) = scope.values(path) else { return false };
            let mut elements = values.iter().filter_map(|value| value.as_object());
            elements.any(|element| holds(inner, &Scope::Element(attribute, element)))
        }
    }
}

pub(super) fn is_present(values: &[&Value]) -> bool {
    values.iter().any(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    })
}

impl<'a> Scope<'a> {
    /// The definition of what a path names, and its values: several where a list lies on the way.
    fn values(&self, path: &AttributePath) -> Option<(&'static Attribute, Vec<&'a Value>)> {
        match self {
            Self::Element(attribute, element) => {
                let sub = sub_of(attribute, path)?;
                Some((sub, element.get(sub.name).into_iter().collect()))
            }
            Self::Resource(resource) => {
                let found = resource.kind().resolve(path)?;
                let holder = match found.extension {
                    Some(schema) => resource.attributes().get(schema.id).and_then(Value::as_object),
                    None => Some(resource.attributes()),
                };
                let values =
                    holder.and_then(|holder| holder.get(found.attribute.name)).map(each).unwrap_or_default();
                Some(match found.sub {
                    Some(sub) => (sub, values.iter().filter_map(|value| value.get(sub.name)).collect()),
                    None => (found.attribute, values.iter().collect()),
                })
            }
        }
    }
}

/// A complex attribute that is compared as a whole means its `value` (RFC 7644 §3.4.2.2).
pub(crate) fn comparable(attribute: &'static Attribute) -> Option<&'static Attribute> {
    if attribute.kind == Kind::Complex { attribute.sub("value") } else { Some(attribute) }
}

fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        single => slice::from_ref(single),
    }
}
