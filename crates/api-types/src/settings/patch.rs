//! How a merge patch of settings looks (RFC 7396): as the settings themselves, but null takes each to its default.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, ObjectBuilder, RefOr, Schema, Type, schema::AnyOfBuilder},
};

use super::TenantSettings;

/// A merge patch of [`TenantSettings`], for OpenAPI.
#[derive(Debug)]
pub enum SettingsPatch {}

impl PartialSchema for SettingsPatch {
    fn schema() -> RefOr<Schema> {
        let mut named = Vec::new();
        TenantSettings::schemas(&mut named);
        clearable(TenantSettings::schema(), &named)
    }
}

impl ToSchema for SettingsPatch {
    fn schemas(named: &mut Vec<(String, RefOr<Schema>)>) {
        TenantSettings::schemas(named);
    }
}

/// The schema with null for each field, at any depth, and without defaults: what is left out stays as it is.
fn clearable(schema: RefOr<Schema>, named: &[(String, RefOr<Schema>)]) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.default = None;
            let fields = std::mem::take(&mut object.properties);
            object.properties =
                fields.into_iter().map(|(name, field)| (name, or_null(clearable(field, named)))).collect();
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.default = None;
            RefOr::T(Schema::Array(array))
        }
        RefOr::Ref(mut reference) => {
            let Some(mut section) = section(&reference.ref_location, named) else {
                reference.default = None;
                return RefOr::Ref(reference);
            };
            section.description = Some(reference.description);
            clearable(RefOr::T(Schema::Object(section)), named)
        }
        RefOr::T(other) => RefOr::T(other),
    }
}

/// What a reference names, if it has settings of its own.
fn section(location: &str, named: &[(String, RefOr<Schema>)]) -> Option<Object> {
    let (_, name) = location.rsplit_once('/')?;
    match named.iter().find(|(known, _)| known == name)? {
        (_, RefOr::T(Schema::Object(object))) if !object.properties.is_empty() => Some(object.clone()),
        _ => None,
    }
}

fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    AnyOfBuilder::new().item(schema).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_setting_of_every_section_can_be_taken_back_and_has_no_default() {
        let patch = json!(SettingsPatch::schema());
        assert!(patch["additionalProperties"] == false && !patch.to_string().contains("default\":"));
        let null = json!({ "type": "null" });
        for (name, setting) in patch["properties"].as_object().unwrap() {
            assert_eq!(setting["anyOf"][1], null, "{name}");
        }
        let idle = &patch["properties"]["session"]["anyOf"][0]["properties"]["idle_seconds"]["anyOf"];
        assert_eq!((&idle[0]["minimum"], &idle[1]), (&json!(60), &null));
    }
}
