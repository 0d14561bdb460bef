//! The catalogue of what a directory may name in `roles` and `entitlements`, in the form that its provider looks for
//! (draft-ietf-scim-roles-entitlements-01 §3, and Okta's). It is read whole: there are at most a few thousand entries.

pub(crate) mod routes;

use elder_entitlements::entitlement::Entitlement;
use elder_scim_protocol::{
    filter::matches,
    query::Query as Question,
    resource::{Meta, Resource},
    schema::ResourceType,
};
use serde_json::{Map, Value, json};

use crate::resource::location;

/// An entry as clients see it. Its id is the value that users get: Okta hands on what it has read there.
fn shown(entry: &Entitlement, kind: &'static ResourceType, base_url: &str) -> Resource {
    let known = json!({
        "value": entry.value,
        "display": entry.display,
        "displayName": entry.display,
        "type": entry.category,
        "description": entry.description,
        "supported": entry.is_supported,
        "limitedAssignmentsPermitted": entry.max_holders.is_some(),
        "totalAssignmentsPermitted": entry.max_holders,
        "totalAssignmentsUsed": entry.holders,
    });
    let value = |name: &str| known.get(name).filter(|value| !value.is_null()).cloned();
    let attributes = kind.schema.attributes.iter().map(|attribute| attribute.name);
    let mut shown: Map<String, Value> =
        attributes.filter_map(|name| Some((name.to_owned(), value(name)?))).collect();
    shown.insert("schemas".to_owned(), json!([kind.schema.id]));
    let mut resource = Resource::stored(kind, shown);
    let meta = Meta {
        created: entry.created_at,
        last_modified: entry.updated_at,
        version: etag(entry),
        location: location(kind, base_url, &entry.value),
    };
    resource.identify(&entry.value, &meta);
    resource
}

/// How many hold it changes without anyone's change of the entry.
fn etag(entry: &Entitlement) -> String {
    let holders = entry.holders.map(|holders| format!(".{holders}")).unwrap_or_default();
    format!("W/\"{}{holders}\"", entry.version)
}

/// Those of the resources that are asked for, in the order that is asked for.
fn matching(question: &Question, mut all: Vec<Resource>) -> Vec<Resource> {
    if let Some(filter) = &question.filter {
        all.retain(|resource| matches(filter, resource));
    }
    if let Some(order) = &question.order {
        all.sort_by_cached_key(|resource| order.key(resource));
        if order.is_descending {
            all.reverse();
        }
    }
    all
}
