//! From a name that a client sends to the attribute that it means.

use elder_kernel::filter::AttributePath;

use super::{Attribute, base::BASE};

/// A schema (RFC 7643 §7).
#[derive(Debug)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
}

/// A resource type (RFC 7643 §6); its id is its name.
#[derive(Debug)]
pub struct ResourceType {
    /// Its name.
    pub name: &'static str,
    /// Where it lives, from the base URL on.
    pub endpoint: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its core schema.
    pub schema: &'static Schema,
    /// Its extensions, none of them required.
    pub extensions: &'static [&'static Schema],
    /// The list, if there is one, that the server keeps apart from the document, since it may be very long. A PATCH of
    /// it is told as [changes of a list](crate::patch::ListChange).
    pub apart: Option<&'static str>,
}

/// What an attribute path means in a resource type.
#[derive(Debug, Clone, Copy)]
pub struct Resolved {
    /// The extension that holds the attribute; `None` for the core schema.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The sub-attribute.
    pub sub: Option<&'static Attribute>,
}

impl Schema {
    /// The attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.is_named(name))
    }
}

impl ResourceType {
    /// The attributes of the core schema and those that every resource has.
    pub(crate) fn core_attributes(&self) -> impl Iterator<Item = &'static Attribute> {
        BASE.iter().chain(self.schema.attributes)
    }

    /// The attribute of the core schema, or of every resource, that has this name.
    pub(crate) fn core_attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.core_attributes().find(|attribute| attribute.is_named(name))
    }

    /// The extension of this URN.
    pub(crate) fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// What a path means, or `None` if the type has nothing of that name. A name without URN is looked for in
    /// the core schema, then in the extensions: some clients send `manager` alone.
    pub(crate) fn resolve(&self, path: &AttributePath) -> Option<Resolved> {
        let (extension, attribute) = match path.schema.as_deref() {
            Some(urn) if self.schema.id.eq_ignore_ascii_case(urn) => (None, self.core_attribute(&path.name)?),
            Some(urn) => {
                let extension = self.extension(urn)?;
                (Some(extension), extension.attribute(&path.name)?)
            }
            None => self.core_attribute(&path.name).map(|attribute| (None, attribute)).or_else(|| {
                self.extensions.iter().find_map(|schema| Some((Some(*schema), schema.attribute(&path.name)?)))
            })?,
        };
        let sub = match path.sub.as_deref() {
            Some(name) => Some(attribute.sub(name)?),
            None => None,
        };
        Some(Resolved { extension, attribute, sub })
    }
}
