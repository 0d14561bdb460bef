//! What PATCH keeps true for whatever a client sends.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    PatchRequest,
    tests::{ENTERPRISE, ENTRA, ana, patch_with},
};
use crate::{
    resource::{Resource, normalise_create, tests::any_json},
    schema::USER_TYPE,
};

fn any_operation() -> impl Strategy<Value = Value> {
    let path = prop_oneof![
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
        proptest::sample::select(vec![
            "title",
            "name",
            "name.givenName",
            "emails",
            "emails.value",
            "emails.primary",
            "active",
            "manager",
            "emails[type eq \"work\"]",
            "emails[type eq \"x\"].value",
            "emails[not (primary pr)]",
            ENTERPRISE,
            "schemas",
            "id",
            "userName",
            "manager.value",
        ])
        .prop_map(Value::from),
    ];
    let verb = proptest::sample::select(vec!["add", "Remove", "replace"]);
    (verb, path, any_json()).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

fn primaries(resource: &Resource) -> usize {
    let emails = resource.attributes().get("emails").and_then(Value::as_array);
    emails.into_iter().flatten().filter(|email| email["primary"] == json!(true)).count()
}

proptest! {
    #[test]
    fn sec_4_no_body_brings_patch_down(body in any_json()) {
        let _ = PatchRequest::parse(&body);
        let _ = patch_with(&ana(), json!([body]), ENTRA);
    }

    #[test]
    fn what_patch_makes_is_canonical(operations in proptest::collection::vec(any_operation(), 1..4)) {
        if let Ok(Some(patched)) = patch_with(&ana(), operations.into(), ENTRA) {
            prop_assert!(primaries(&patched) <= 1);
            let mut again =
                normalise_create(&USER_TYPE, &Value::Object(patched.attributes().clone()), ENTRA).unwrap();
            again.assign("id", json!("usr_1"));
            prop_assert_eq!(again.attributes(), patched.attributes());
        }
    }

    #[test]
    fn the_same_add_changes_nothing_the_second_time(value in any_json(), path in proptest::sample::select(vec![
        "title", "name", "emails", "emails[type eq \"work\"].display", "emails[type eq \"other\"].value", "manager", "roles",
    ])) {
        let operations = json!([{"op": "add", "path": path, "value": value}]);
        if let Ok(Some(patched)) = patch_with(&ana(), operations.clone(), ENTRA) {
            prop_assert_eq!(patch_with(&patched, operations, ENTRA), Ok(None));
        }
    }
}
