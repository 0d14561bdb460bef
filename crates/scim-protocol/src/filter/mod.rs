//! Filters on resources (RFC 7644 §3.4.2.2), with the types and case rules of the schema.

mod compare;
mod scope;
#[cfg(test)]
mod tests;

use elder_kernel::filter::{AttributePath, Compare, Dialect, Filter, Literal};

use crate::{
    error::{ScimError, ScimType},
    resource::Resource,
    schema::{Attribute, Kind, ResourceType, Returned, USER_TYPE},
    values::Object,
};
use scope::Scope;

/// Reads a filter over a resource type.
///
/// # Errors
/// `invalidFilter` if it can't be read, asks for an order among booleans or bytes, or looks into what never comes
/// back (a password).
pub fn parse(text: &str, kind: &ResourceType) -> Result<Filter, ScimError> {
    let filter = Filter::parse(text, &Dialect::SCIM).map_err(|error| invalid(error.to_string()))?;
    check(&filter, &|path| kind.resolve(path).map(|found| found.sub.unwrap_or(found.attribute)))?;
    Ok(filter)
}

/// Whether a resource fulfils a filter. An attribute that the type doesn't have is as one without a value.
pub fn matches(filter: &Filter, resource: &Resource) -> bool {
    scope::holds(filter, &Scope::Resource(resource))
}

/// Whether one value of a multi-valued attribute fulfils the filter between its brackets.
pub(crate) fn matches_element(filter: &Filter, attribute: &'static Attribute, element: &Object) -> bool {
    scope::holds(filter, &Scope::Element(attribute, element))
}

/// As [`parse`] for the filter between the brackets of a PATCH path.
pub(crate) fn check_element(filter: &Filter, attribute: &'static Attribute) -> Result<(), ScimError> {
    check(filter, &|path| scope::sub_of(attribute, path))
}

fn check(
    filter: &Filter,
    resolve: &dyn Fn(&AttributePath) -> Option<&'static Attribute>,
) -> Result<(), ScimError> {
    let visible = |path: &AttributePath| match resolve(path) {
        Some(attribute) if attribute.returned == Returned::Never => {
            Err(invalid(format!("{} can't be filtered by", attribute.name)))
        }
        found => Ok(found),
    };
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().try_for_each(|filter| check(filter, resolve)),
        Filter::Not(inner) => check(inner, resolve),
        Filter::Present(path) => visible(path).map(|_| ()),
        Filter::Compare(path, compare, _) => match visible(path)? {
            Some(attribute)
                if compare.is_order() && matches!(attribute.kind, Kind::Boolean | Kind::Binary) =>
            {
                Err(invalid(format!("{} has no order", attribute.name)))
            }
            _ => Ok(()),
        },
        Filter::ValuePath(path, inner) => match visible(path)? {
            Some(attribute) => check(inner, &|path| scope::sub_of(attribute, path)),
            None => Ok(()),
        },
    }
}

fn invalid(detail: String) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail)
}

/// A comparison that an index answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// `userName eq`, compared folded ([`elder_kernel::fold`]).
    UserName(String),
    /// `externalId eq`, compared as it stands.
    ExternalId(String),
    /// `id eq`, compared as it stands.
    Id(String),
}

/// The comparison among whose hits all matches of a filter over users are: the filter itself, or one that
/// everything else is joined to with `and`. What it finds is still to be put to [`matches()`].
pub fn lookup(filter: &Filter) -> Option<Lookup> {
    match filter {
        Filter::Compare(path, Compare::Equal, literal) => {
            let found = USER_TYPE.resolve(path)?;
            let text = match literal {
                Literal::Text(text) | Literal::Number(text) => text.clone(),
                Literal::Bool(_) | Literal::Null => return None,
            };
            match found.attribute.name {
                "userName" => Some(Lookup::UserName(text)),
                "externalId" => Some(Lookup::ExternalId(text)),
                "id" => Some(Lookup::Id(text)),
                _ => None,
            }
        }
        Filter::And(list) => list.iter().find_map(lookup),
        _ => None,
    }
}
