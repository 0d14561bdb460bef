//! Filters on resources (RFC 7644 §3.4.2.2), with the types and case rules of the schema.

mod compare;
mod scope;
#[cfg(test)]
mod tests;

use elder_kernel::filter::{AttributePath, Compare, Dialect, Filter, Literal};
use serde_json::{Map, Value};

use crate::{
    error::{ScimError, ScimType},
    resource::Resource,
    schema::{Attribute, Kind, ResourceType, Returned, Uniqueness},
    values::Object,
};
use scope::Scope;

pub(crate) use scope::comparable;

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

/// Whether one value of the list that is kept apart fulfils the filter between brackets.
pub fn matches_listed(filter: &Filter, kind: &ResourceType, value: &Map<String, Value>) -> bool {
    let list = kind.apart.and_then(|name| kind.core_attribute(name));
    list.is_some_and(|list| matches_element(filter, list, value))
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
    /// The name that is unique among resources of the type (`userName eq`, of a group `displayName eq`), compared
    /// folded ([`elder_kernel::fold`]).
    Name(String),
    /// `externalId eq`, compared as it stands.
    ExternalId(String),
    /// `id eq`, compared as it stands.
    Id(String),
    /// A value of the list that is kept apart: `members eq`, `members[value eq …]`, compared as it stands.
    Listed(String),
}

/// The comparison among whose hits all matches of a filter are: the filter itself, or one that everything else is
/// joined to with `and`. What it finds is still to be put to [`matches()`].
pub fn lookup(filter: &Filter, kind: &ResourceType) -> Option<Lookup> {
    match filter {
        Filter::Compare(path, Compare::Equal, literal) => {
            let (found, text) = (kind.resolve(path)?, text_of(literal)?);
            match found.attribute.name {
                name if kind.apart == Some(name) && is_key(found.sub) => Some(Lookup::Listed(text)),
                _ if found.extension.is_some() => None,
                "externalId" => Some(Lookup::ExternalId(text)),
                "id" => Some(Lookup::Id(text)),
                _ if found.attribute.uniqueness == Uniqueness::Server => Some(Lookup::Name(text)),
                _ => None,
            }
        }
        Filter::ValuePath(path, inner) if kind.apart == Some(kind.resolve(path)?.attribute.name) => {
            match keys_of(inner)?.as_slice() {
                [only] => Some(Lookup::Listed(only.clone())),
                _ => None,
            }
        }
        Filter::And(list) => list.iter().find_map(|filter| lookup(filter, kind)),
        _ => None,
    }
}

/// Which values of a list must be known to answer a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// None: the filter doesn't speak of the list.
    Nothing,
    /// Those with these keys: whether they are there is all that is asked.
    Keys(Vec<String>),
    /// All of them.
    Everything,
}

impl Asked {
    /// What a filter asks of the list of this name.
    pub fn of(filter: &Filter, kind: &ResourceType, list: &str) -> Self {
        let names = |path: &AttributePath| kind.resolve(path).filter(|found| found.attribute.name == list);
        match filter {
            Filter::And(all) | Filter::Or(all) => {
                all.iter().fold(Self::Nothing, |asked, filter| asked.and(Self::of(filter, kind, list)))
            }
            Filter::Not(inner) => Self::of(inner, kind, list),
            Filter::Present(path) => names(path).map_or(Self::Nothing, |_| Self::Everything),
            Filter::Compare(path, compare, literal) => match (names(path), compare, text_of(literal)) {
                (None, ..) => Self::Nothing,
                (Some(found), Compare::Equal, Some(key)) if is_key(found.sub) => Self::Keys(vec![key]),
                _ => Self::Everything,
            },
            Filter::ValuePath(path, inner) => match (names(path), keys_of(inner)) {
                (None, _) => Self::Nothing,
                (_, Some(keys)) => Self::Keys(keys),
                _ => Self::Everything,
            },
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, asked) | (asked, Self::Nothing) => asked,
            (Self::Keys(keys), Self::Keys(more)) => Self::Keys([keys, more].concat()),
            _ => Self::Everything,
        }
    }
}

/// Whether a comparison with a list, or with a sub-attribute of it, is one with the keys of its values.
fn is_key(sub: Option<&Attribute>) -> bool {
    sub.is_none_or(|sub| sub.name == "value")
}

/// The keys that a filter between brackets asks for, if it asks for nothing else.
pub(crate) fn keys_of(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(path, Compare::Equal, literal) if path.name.eq_ignore_ascii_case("value") => {
            Some(vec![text_of(literal)?])
        }
        Filter::Or(list) => list.iter().map(keys_of).collect::<Option<Vec<_>>>().map(|keys| keys.concat()),
        _ => None,
    }
}

fn text_of(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Text(text) | Literal::Number(text) => Some(text.clone()),
        Literal::Bool(_) | Literal::Null => None,
    }
}
