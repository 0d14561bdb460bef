//! What of a resource comes back: `attributes`, `excludedAttributes` and the `returned` rules
//! (RFC 7644 §3.9, RFC 7643 §7).

use elder_kernel::filter::{Dialect, Path};
use serde_json::{Map, Value};

use crate::{
    error::ScimError,
    resource::Resource,
    schema::{Attribute, Resolved, ResourceType, Returned, Schema},
    values::Object,
};

/// The attributes that a request asks for.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    wanted: Option<Vec<Name>>,
    excluded: Vec<Name>,
}

#[derive(Debug, Clone, Copy)]
enum Name {
    Extension(&'static Schema),
    Attribute(Resolved),
}

/// How much of an attribute a list of names covers.
enum Cover {
    Nothing,
    Whole,
    Subs(Vec<&'static str>),
}

impl Projection {
    /// Reads the names of `attributes` and `excludedAttributes`; those that the type doesn't have are ignored.
    ///
    /// # Errors
    /// `invalidValue` if both are given: they exclude each other.
    pub fn new<'a>(
        kind: &'static ResourceType,
        attributes: Option<impl IntoIterator<Item = &'a str>>,
        excluded: Option<impl IntoIterator<Item = &'a str>>,
    ) -> Result<Self, ScimError> {
        if attributes.is_some() && excluded.is_some() {
            return Err(ScimError::invalid_value("attributes and excludedAttributes exclude each other"));
        }
        let resolve = |name: &str| Name::resolve(kind, name.trim());
        Ok(Self {
            wanted: attributes.map(|names| names.into_iter().filter_map(resolve).collect()),
            excluded: excluded
                .map(|names| names.into_iter().filter_map(resolve).collect())
                .unwrap_or_default(),
        })
    }

    /// What of a resource comes back.
    pub fn project(&self, resource: &Resource) -> Value {
        let kind = resource.kind();
        let mut view = self.select(None, kind.core_attributes(), resource.attributes());
        for schema in kind.extensions {
            if let Some(Value::Object(extension)) = resource.attributes().get(schema.id) {
                let selected = self.select(Some(schema), schema.attributes.iter(), extension);
                if !selected.is_empty() {
                    view.insert(schema.id.to_owned(), Value::Object(selected));
                }
            }
        }
        Value::Object(view)
    }

    /// Whether a core attribute that comes by default comes back: what doesn't needn't be read.
    pub fn shows(&self, kind: &ResourceType, name: &str) -> bool {
        let Some(attribute) = kind.core_attribute(name) else { return false };
        match &self.wanted {
            Some(names) => !matches!(Cover::of(names, None, attribute), Cover::Nothing),
            None => !matches!(Cover::of(&self.excluded, None, attribute), Cover::Whole),
        }
    }

    /// Whether the request names the attributes that it wants.
    pub const fn names_attributes(&self) -> bool {
        self.wanted.is_some()
    }

    fn select(
        &self,
        extension: Option<&'static Schema>,
        attributes: impl Iterator<Item = &'static Attribute>,
        from: &Object,
    ) -> Object {
        let mut view = Map::new();
        for attribute in attributes {
            let value = from.get(attribute.name);
            if let Some(value) = value.and_then(|value| self.view_of(extension, attribute, value)) {
                view.insert(attribute.name.to_owned(), value);
            }
        }
        view
    }

    fn view_of(
        &self,
        extension: Option<&'static Schema>,
        attribute: &'static Attribute,
        value: &Value,
    ) -> Option<Value> {
        let cover = |names: &[Name]| Cover::of(names, extension, attribute);
        match (attribute.returned, self.wanted.as_deref().map(cover)) {
            (Returned::Never, _)
            | (Returned::Request, None)
            | (Returned::Request | Returned::Default, Some(Cover::Nothing)) => None,
            (Returned::Always, _) | (_, Some(Cover::Whole)) => prune(attribute, value, &|_| true),
            (_, Some(Cover::Subs(subs))) => {
                prune(attribute, value, &|sub| subs.contains(&sub.name) || sub.returned == Returned::Always)
            }
            (_, None) => match cover(&self.excluded) {
                Cover::Whole => None,
                Cover::Nothing => prune(attribute, value, &|_| true),
                Cover::Subs(subs) => prune(attribute, value, &|sub| {
                    !subs.contains(&sub.name) || sub.returned == Returned::Always
                }),
            },
        }
    }
}

/// Keeps the sub-attributes that are to be kept, in one value or in each of several.
fn prune(attribute: &Attribute, value: &Value, keep: &dyn Fn(&Attribute) -> bool) -> Option<Value> {
    let pruned = match value {
        Value::Array(items) => items.iter().filter_map(|item| prune(attribute, item, keep)).collect(),
        Value::Object(object) => {
            let is_kept = |name: &str| {
                attribute.sub(name).is_none_or(|sub| sub.returned != Returned::Never && keep(sub))
            };
            let kept = object.iter().filter(|(name, _)| is_kept(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        simple => simple.clone(),
    };
    let is_empty =
        pruned.as_object().is_some_and(Map::is_empty) || pruned.as_array().is_some_and(Vec::is_empty);
    (!is_empty).then_some(pruned)
}

impl Name {
    fn resolve(kind: &'static ResourceType, name: &str) -> Option<Self> {
        if let Some(schema) = kind.extension(name) {
            return Some(Self::Extension(schema));
        }
        // Microsoft's collection sends `emails[type eq "work"]`: the whole attribute is meant.
        let path = Path::parse(name, &Dialect::SCIM).ok()?;
        kind.resolve(&path.attribute).map(Self::Attribute)
    }
}

impl Cover {
    fn of(names: &[Name], extension: Option<&Schema>, attribute: &Attribute) -> Self {
        let mut subs = Vec::new();
        for name in names {
            match name {
                Name::Extension(schema) if extension.is_some_and(|own| own.id == schema.id) => {
                    return Self::Whole;
                }
                Name::Attribute(found)
                    if found.attribute.name == attribute.name
                        && found.extension.map(|schema| schema.id) == extension.map(|schema| schema.id) =>
                {
                    match found.sub {
                        Some(sub) => subs.push(sub.name),
                        None => return Self::Whole,
                    }
                }
                _ => {}
            }
        }
        if subs.is_empty() { Self::Nothing } else { Self::Subs(subs) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Options,
        resource::normalise_create,
        schema::{GROUP_TYPE, USER_TYPE},
    };

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn view(attributes: Option<&str>, excluded: Option<&str>) -> Object {
        let body = json!({
            "schemas": [USER_TYPE.schema.id],
            "userName": "ana",
            "name": {"givenName": "Ana", "familyName": "Li"},
            "emails": [{"value": "a@b.c", "type": "work"}, {"value": "d@e.f"}],
            "password": "hunter2",
            ENTERPRISE: {"department": "IT", "manager": {"value": "m", "$ref": "/Users/m"}},
        });
        let mut ana = normalise_create(&USER_TYPE, &body, Options::default()).unwrap();
        ana.assign("id", json!("usr_1"));
        let attributes = attributes.map(|names| names.split(','));
        let projection =
            Projection::new(&USER_TYPE, attributes, excluded.map(|names| names.split(','))).unwrap();
        projection.project(&ana).as_object().unwrap().clone()
    }

    fn keys(view: &Object) -> Vec<&str> {
        let mut keys: Vec<_> = view.keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn prj_1_what_is_named_comes_with_what_always_does() {
        assert_eq!(keys(&view(Some("USERNAME"), None)), ["id", "schemas", "userName"]);
        assert_eq!(keys(&view(Some("unknown"), None)), ["id", "schemas"]);
    }

    #[test]
    fn prj_2_what_is_excluded_goes_except_for_what_always_comes() {
        let view = view(None, Some("id,schemas,name,emails.type,manager.$ref"));
        assert_eq!(keys(&view), ["emails", "id", "schemas", ENTERPRISE, "userName"]);
        assert_eq!(view["emails"], json!([{"value": "a@b.c"}, {"value": "d@e.f"}]));
        assert_eq!(view[ENTERPRISE], json!({"department": "IT", "manager": {"value": "m"}}));
    }

    #[test]
    fn prj_3_sub_attributes_urns_and_whole_extensions_are_named() {
        let found = view(Some("name.givenName,urn:ietf:params:scim:schemas:core:2.0:User:emails.type"), None);
        assert_eq!(keys(&found), ["emails", "id", "name", "schemas"]);
        assert_eq!(
            (&found["name"], &found["emails"]),
            (&json!({"givenName": "Ana"}), &json!([{"type": "work"}]))
        );
        assert_eq!(view(Some(&ENTERPRISE.to_lowercase()), None)[ENTERPRISE]["department"], "IT");
        let manager = view(Some(&format!("{ENTERPRISE}:manager.value")), None);
        assert_eq!(manager[ENTERPRISE], json!({"manager": {"value": "m"}}));
        assert_eq!(view(None, Some(ENTERPRISE)).get(ENTERPRISE), None);
    }

    #[test]
    fn grp_5_what_is_not_shown_is_known_beforehand() {
        for (attributes, excluded, shown) in [
            (None, None, true),
            (Some("id,members.value"), None, true),
            (Some("id"), None, false),
            (None, Some("members.display"), true),
            (None, Some("MEMBERS"), false),
        ] {
            let projection = Projection::new(
                &GROUP_TYPE,
                attributes.map(|names: &str| names.split(',')),
                excluded.map(|names: &str| names.split(',')),
            );
            assert_eq!(
                projection.unwrap().shows(&GROUP_TYPE, "members"),
                shown,
                "{attributes:?} {excluded:?}"
            );
        }
    }

    #[test]
    fn prj_7_a_password_never_comes_back() {
        assert_eq!(view(Some("password"), None).get("password"), None);
        assert_eq!(view(None, Some("title")).get("password"), None);
    }

    #[test]
    fn prj_9_entra_a_name_with_a_filter_means_the_attribute() {
        assert_eq!(keys(&view(Some("emails[type eq \"work\"]"), None)), ["emails", "id", "schemas"]);
    }
}
