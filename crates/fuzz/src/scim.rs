//! Whatever an identity provider sends: a resource, a PATCH of it, and a filter over both.

use elder_scim_protocol::{
    Options, filter,
    patch::{self, PatchRequest},
    resource::{Resource, normalise_create},
    schema::USER_TYPE,
};
use serde_json::Value;

/// As tolerant as a directory's profile can be.
const TOLERANT: Options = Options { create_on_no_match: true, numbers_as_text: true };

/// The lines are a user, a PATCH body and a filter. What is taken is canonical: read again it is the same, and so is what
/// a PATCH makes of it.
pub fn scim(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n');
    let [user, patch, filter] = std::array::from_fn(|_| lines.next().unwrap_or_default());
    let Some(user) = json(user).and_then(|user| normalise_create(&USER_TYPE, &user, TOLERANT).ok()) else {
        return;
    };
    assert_canonical(&user);
    let request = json(patch).and_then(|patch| PatchRequest::parse(&patch).ok());
    let patched = request.and_then(|request| patch::apply(&user, &request, TOLERANT).ok()?.document);
    if let Some(patched) = &patched {
        assert_ne!(*patched, user, "a PATCH that changes nothing says so");
        assert_canonical(patched);
    }
    if let Ok(filter) = filter::parse(filter, &USER_TYPE) {
        filter::matches(&filter, patched.as_ref().unwrap_or(&user));
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn assert_canonical(user: &Resource) {
    let again = normalise_create(&USER_TYPE, &Value::Object(user.attributes().clone()), TOLERANT);
    assert_eq!(again.as_ref().map(Resource::attributes), Ok(user.attributes()));
}
