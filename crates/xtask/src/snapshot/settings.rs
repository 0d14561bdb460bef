//! `docs/reference/tenant-settings.md`, from what the API's document says of a tenant's settings.

use serde_json::{Map, Value};

use super::{
    Made,
    markdown::{Page, code},
    openapi,
};
use crate::Failure;

/// Every setting with its default and its bounds.
pub(super) fn page() -> Result<Made, Failure> {
    match openapi::document()? {
        Made::Text(document) => Ok(Made::Text(text(&serde_json::from_str(&document)?))),
        Made::Skipped(why) => Ok(Made::Skipped(why)),
    }
}

fn text(document: &Value) -> String {
    let mut rows = Vec::new();
    if let Some(schemas) = document.pointer("/components/schemas") {
        collect(schemas, "TenantSettings", "", &mut rows);
    }
    Page::new("Tenant settings", "crates/tenancy/src/settings")
        .paragraph(
            "What an admin changes with `PATCH /api/v2/tenant` (`settings`, a merge patch; null takes a setting back), \
             and an operator for new tenants with `PUT /api/v2/global/settings/tenant-template`. What nothing obeys yet \
             is refused, unless it is the default.",
        )
        .table(["Setting", "Default", "Values", "What it says"], rows)
        .text()
}

/// Adds the settings of a group and of the groups in it.
fn collect(schemas: &Value, group: &str, prefix: &str, rows: &mut Vec<[String; 4]>) {
    for (name, field) in fields(schemas, group).into_iter().flatten() {
        let path = format!("{prefix}{name}");
        let words = field["description"].as_str().unwrap_or_default().replace('\n', " ");
        let named = field["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        match named {
            Some(inner) if fields(schemas, inner).is_some() => {
                rows.push([code(&path), String::new(), "a group".to_owned(), words]);
                collect(schemas, inner, &format!("{path}."), rows);
            }
            named => {
                let schema = named.map_or(field, |named| &schemas[named]);
                rows.push([code(&path), code(&field["default"].to_string()), values(schemas, schema), words]);
            }
        }
    }
}

fn fields<'a>(schemas: &'a Value, group: &str) -> Option<&'a Map<String, Value>> {
    schemas.get(group)?.get("properties")?.as_object()
}

/// What may stand there.
fn values(schemas: &Value, schema: &Value) -> String {
    if let Some(names) = schema["enum"].as_array() {
        return names.iter().map(|name| code(&name.to_string())).collect::<Vec<_>>().join(", ");
    }
    if let (Some(least), Some(most)) = (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        return format!("{least} to {most}");
    }
    match schema["type"].as_str() {
        Some("boolean") => format!("{}, {}", code("true"), code("false")),
        Some("array") => {
            let items = &schema["items"];
            let named = items["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
            format!("a list of: {}", values(schemas, named.map_or(items, |named| &schemas[named])))
        }
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_setting_has_a_row_with_its_group_default_and_bounds() {
        let document = json!({ "components": { "schemas": {
            "TenantSettings": { "properties": {
                "limits": { "$ref": "#/components/schemas/Limits", "description": "Bounds." },
                "names": { "type": "array", "items": { "type": "string" }, "default": [], "description": "Names." },
            } },
            "Limits": { "properties": {
                "most": { "type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "How\nmany." },
                "way": { "$ref": "#/components/schemas/Way", "default": "up", "description": "Whither." },
            } },
            "Way": { "type": "string", "enum": ["up", "down"] },
        } } });
        let page = text(&document);
        for row in [
            "| `limits` |  | a group | Bounds. |",
            "| `limits.most` | `3` | 1 to 9 | How many. |",
            "| `limits.way` | `\"up\"` | `\"up\"`, `\"down\"` | Whither. |",
            "| `names` | `[]` | a list of: text | Names. |",
        ] {
            assert!(page.contains(row), "{page}");
        }
    }
}
