//! A resource in canonical form: names as the schema spells them, absent where there is no value.

mod body;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use elder_kernel::Secret;
use serde_json::{Map, Value, json};

use crate::{
    error::ScimError,
    listed::keyed,
    schema::ResourceType,
    values::{Object, is_primary},
};

pub use body::{normalise_create, normalise_replace};

/// A resource. Core attributes stand at the top, those of an extension in an object under its URN.
#[derive(Clone)]
pub struct Resource {
    kind: &'static ResourceType,
    attributes: Object,
}

/// What the server knows about a resource (RFC 7643 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub last_modified: DateTime<Utc>,
    /// Its entity tag, quotes and `W/` included.
    pub version: String,
    /// Its absolute URI.
    pub location: String,
}

impl Resource {
    /// A resource as the server keeps it, that is, as [`Resource::attributes`] gave it.
    pub const fn stored(kind: &'static ResourceType, attributes: Map<String, Value>) -> Self {
        Self { kind, attributes }
    }

    /// Its type.
    pub const fn kind(&self) -> &'static ResourceType {
        self.kind
    }

    /// All attributes, in canonical form.
    pub const fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// All attributes, in canonical form.
    pub fn into_attributes(self) -> Map<String, Value> {
        self.attributes
    }

    /// Sets what only the server sets: `id` and `meta`.
    pub fn identify(&mut self, id: &str, meta: &Meta) {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        self.attributes.insert("id".to_owned(), Value::from(id));
        self.attributes.insert(
            "meta".to_owned(),
            json!({
                "resourceType": self.kind.name,
                "created": time(meta.created),
                "lastModified": time(meta.last_modified),
                "version": meta.version,
                "location": meta.location,
            }),
        );
    }

    /// Sets a core attribute whatever its mutability; `name` in canonical spelling. For values that the server
    /// computes, such as `groups`, and defaults that it assigns, such as `active`.
    pub fn assign(&mut self, name: &str, value: Value) {
        self.attributes.insert(name.to_owned(), value);
    }

    /// Takes out the list that the server keeps apart: a value has its key as `value`.
    ///
    /// # Errors
    /// `invalidValue` if a value has no key.
    pub fn take_apart(&mut self) -> Result<Vec<Map<String, Value>>, ScimError> {
        let list = self.kind.apart.and_then(|name| self.attributes.remove(name));
        let object = |value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        };
        match list {
            Some(Value::Array(values)) => keyed(values.into_iter().filter_map(object).collect()),
            _ => Ok(Vec::new()),
        }
    }

    /// Takes the password out: it is stored hashed, elsewhere.
    pub fn take_password(&mut self) -> Option<Secret<String>> {
        match self.attributes.remove("password") {
            Some(Value::String(password)) => Some(Secret::new(password)),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// The server's id.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// The name that the user signs in with.
    pub fn user_name(&self) -> Option<&str> {
        self.text("userName")
    }

    /// The name of a group.
    pub fn group_name(&self) -> Option<&str> {
        self.text("displayName")
    }

    /// The client's id.
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// Whether the user may sign in; `None` if the client never said.
    pub fn active(&self) -> Option<bool> {
        self.attributes.get("active")?.as_bool()
    }

    /// The name to show: the formatted name, else `displayName`, else given and family name.
    pub fn display_name(&self) -> Option<String> {
        let part = |name: &str| {
            self.attributes.get("name")?.get(name)?.as_str().map(str::trim).filter(|part| !part.is_empty())
        };
        part("formatted").or_else(|| self.text("displayName")).map(str::to_owned).or_else(|| {
            let parts: Vec<_> = ["givenName", "familyName"].into_iter().filter_map(part).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    }

    /// The primary e-mail address, else the first.
    pub fn primary_email(&self) -> Option<&str> {
        let address = |email: &'_ Value| email.get("value").and_then(Value::as_str).is_some();
        let emails: Vec<_> =
            self.attributes.get("emails")?.as_array()?.iter().filter(|email| address(email)).collect();
        let primary = emails.iter().find(|email| email.as_object().is_some_and(is_primary));
        primary.or(emails.first())?.get("value")?.as_str()
    }

    /// Brings attributes to canonical form: what is empty goes, `schemas` says what is in use.
    ///
    /// # Errors
    /// `invalidValue` if a required attribute is missing or blank.
    pub(crate) fn finish(kind: &'static ResourceType, mut attributes: Object) -> Result<Self, ScimError> {
        attributes.retain(|_, value| !is_nothing(value));
        let mut schemas = vec![Value::from(kind.schema.id)];
        for schema in kind.extensions {
            if let Some(Value::Object(mut extension)) = attributes.remove(schema.id) {
                extension.retain(|_, value| !is_nothing(value));
                if !extension.is_empty() {
                    attributes.insert(schema.id.to_owned(), Value::Object(extension));
                    schemas.push(Value::from(schema.id));
                }
            }
        }
        attributes.insert("schemas".to_owned(), Value::Array(schemas));
        for attribute in kind.schema.attributes.iter().filter(|attribute| attribute.required) {
            let value = attributes.get(attribute.name);
            if value.is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty())) {
                return Err(ScimError::invalid_value(format!("{} is required", attribute.name)));
            }
        }
        Ok(Self { kind, attributes })
    }
}

/// Whether a value stands for none. An object whose `value` is blank does: Entra clears a manager so.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty() || object.get("value").is_some_and(|value| value == ""),
        _ => false,
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.attributes == other.attributes
    }
}

impl fmt::Debug for Resource {
    /// Names only: values are personal data, and one may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.name)?;
        f.debug_set().entries(self.attributes.keys()).finish()
    }
}
