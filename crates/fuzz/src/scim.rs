//! Whatever an identity provider sends: a resource, a PATCH of it, and a filter over both.

use elder_scim_protocol::{
    Options, filter,
    patch::{self, PatchRequest},
    resource::{Resource, normalise_create},
    schema::{GROUP_TYPE, ResourceType, USER_TYPE},
};
use serde_json::Value;

/// As tolerant as a directory's profile can be.
const TOLERANT: Options = Options { create_on_no_match: true, numbers_as_text: true, ..Options::STRICT };

/// The lines are a resource, a PATCH body and a filter. What is taken is canonical: read again it is the same, and so is
/// what a PATCH makes of it.
pub fn scim(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n');
    let lines = std::array::from_fn(|_| lines.next().unwrap_or_default());
    for kind in [&USER_TYPE, &GROUP_TYPE] {
        of_kind(kind, lines);
    }
}

fn of_kind(kind: &'static ResourceType, [resource, patch, filter]: [&str; 3]) {
    let Some(resource) = json(resource).and_then(|body| normalise_create(kind, &body, TOLERANT).ok()) else {
        return;
    };
    assert_canonical(&resource);
    let request = json(patch).and_then(|patch| PatchRequest::parse(&patch).ok());
    let patched = request.and_then(|request| patch::apply(&resource, &request, TOLERANT).ok()?.document);
    if let Some(patched) = &patched {
        assert_ne!(*patched, resource, "a PATCH that changes nothing says so");
        assert_canonical(patched);
    }
    if let Ok(filter) = filter::parse(filter, kind) {
        filter::matches(&filter, patched.as_ref().unwrap_or(&resource));
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn assert_canonical(resource: &Resource) {
    let again = normalise_create(resource.kind(), &Value::Object(resource.attributes().clone()), TOLERANT);
    assert_eq!(again.as_ref().map(Resource::attributes), Ok(resource.attributes()));
}
