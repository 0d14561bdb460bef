//! What the path of an operation, or a name in a value without a path, refers to.

use elder_kernel::filter::{Dialect, Filter, Path};

use crate::{
    error::{ScimError, ScimType},
    filter::check_element,
    schema::{Attribute, ResourceType, Schema},
};

/// What an operation works on.
pub(super) enum Target {
    /// `schemas`, which follows from the data: an operation on it changes nothing.
    Schemas,
    /// All attributes of an extension.
    Extension(&'static Schema),
    /// An attribute.
    Attribute(AttributeTarget),
}

/// An attribute, or some of its values, or a sub-attribute of them.
pub(super) struct AttributeTarget {
    pub(super) extension: Option<&'static Schema>,
    pub(super) attribute: &'static Attribute,
    pub(super) filter: Option<Filter>,
    pub(super) sub: Option<&'static Attribute>,
}

impl Target {
    /// Finds what a path means.
    ///
    /// # Errors
    /// `invalidPath` if it is none or names nothing, `invalidFilter` if what stands between brackets is no filter,
    /// `mutability` if only the server sets it.
    pub(super) fn resolve(kind: &'static ResourceType, text: &str) -> Result<Self, ScimError> {
        if let Some(schema) = kind.extension(text) {
            return Ok(Self::Extension(schema));
        }
        let path = Path::parse(text, &Dialect::SCIM).map_err(|error| {
            let is_in_filter = text.find('[').is_some_and(|bracket| error.position > bracket);
            let scim_type = if is_in_filter { ScimType::InvalidFilter } else { ScimType::InvalidPath };
            ScimError::new(scim_type, format!("path: {error}"))
        })?;
        let Some(found) = kind.resolve(&path.attribute) else {
            return Err(ScimError::new(
                ScimType::InvalidPath,
                format!("{} has no attribute of that name", kind.name),
            ));
        };
        let attribute = found.attribute;
        if attribute.name == "schemas" {
            return Ok(Self::Schemas);
        }
        if attribute.is_read_only() || found.sub.is_some_and(Attribute::is_read_only) {
            return Err(ScimError::mutability(format!("{} is read-only", attribute.name)));
        }
        if let Some(filter) = &path.filter {
            if !attribute.multi_valued {
                let detail = format!("{} has one value only, so that no filter applies", attribute.name);
                return Err(ScimError::new(ScimType::InvalidPath, detail));
            }
            check_element(filter, attribute)?;
        }
        Ok(Self::Attribute(AttributeTarget {
            extension: found.extension,
            attribute,
            filter: path.filter,
            sub: found.sub,
        }))
    }
}
