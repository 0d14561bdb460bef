//! PATCH, by the checklist of RFC 7644 §3.5.2 and the habits of real clients.

mod members;

use serde_json::json;

use super::*;
use crate::{
    resource::normalise_create,
    schema::{GROUP_TYPE, USER_TYPE},
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(super) const ENTRA: Options = Options { create_on_no_match: true, ..Options::STRICT };

pub(super) fn ana() -> Resource {
    let body = json!({
        "schemas": [USER],
        "userName": "ana",
        "title": "CEO",
        "active": true,
        "name": {"givenName": "Ana", "familyName": "Li"},
        "emails": [
            {"value": "w@x.y", "type": "work", "primary": true},
            {"value": "h@x.y", "type": "home"},
        ],
        ENTERPRISE: {"department": "R&D", "manager": {"value": "m1", "$ref": "/Users/m1"}},
    });
    let mut ana = normalise_create(&USER_TYPE, &body, Options::default()).unwrap();
    ana.assign("id", json!("usr_1"));
    ana
}

fn team() -> Resource {
    let body = json!({"schemas": [GROUP_TYPE.schema.id], "displayName": "Team"});
    normalise_create(&GROUP_TYPE, &body, Options::default()).unwrap()
}

fn patch_team(operations: Value, options: Options) -> Result<Patched, ScimError> {
    apply(&team(), &request(operations)?, options)
}

fn request(operations: Value) -> Result<PatchRequest, ScimError> {
    let mut body = json!({ "schemas": [PATCH_URN] });
    body["Operations"] = operations;
    PatchRequest::parse(&body)
}

pub(super) fn patch_with(
    resource: &Resource,
    operations: Value,
    options: Options,
) -> Result<Option<Resource>, ScimError> {
    let patched = apply(resource, &request(operations)?, options)?;
    assert!(patched.lists.is_empty());
    Ok(patched.document)
}

/// What a user's attribute is after the operations.
fn after(operations: Value, name: &str) -> Value {
    let ana = ana();
    let patched = patch_with(&ana, operations, Options::default()).unwrap().unwrap_or(ana);
    patched.attributes().get(name).cloned().unwrap_or(Value::Null)
}

fn refused(operations: Value) -> ScimType {
    patch_with(&ana(), operations, Options::default()).unwrap_err().scim_type.unwrap()
}

/// Who is in a group of a, b and c after the operations, if the server does as it is told.
fn members(operations: Value) -> Value {
    let mut members: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    for change in patch_team(operations, Options::default()).unwrap().lists {
        let keys = |list: Vec<Object>| list.into_iter().map(|new| new["value"].as_str().unwrap().to_owned());
        match change {
            ListChange::Add(list) => {
                let new: Vec<_> = keys(list).filter(|key| !members.contains(key)).collect();
                members.extend(new);
            }
            ListChange::Remove(gone) => members.retain(|key| !gone.contains(key)),
            ListChange::RemoveMatching(filter) => members.retain(|key| {
                let element = Map::from_iter([("value".to_owned(), key.as_str().into())]);
                !crate::filter::matches_listed(&filter, &GROUP_TYPE, &element)
            }),
            ListChange::Replace(list) => members = keys(list).collect(),
        }
    }
    members.into()
}

#[test]
fn pat_1_a_patch_is_a_patch_op_with_operations() {
    for body in [
        json!({}),
        json!([]),
        json!({"Operations": [{"op": "add", "path": "title", "value": "x"}]}),
        json!({"schemas": [PATCH_URN]}),
        json!({"schemas": [PATCH_URN], "Operations": []}),
        json!({"schemas": [PATCH_URN], "Operations": [5]}),
        json!({"schemas": [PATCH_URN], "Operations": [{"op": "move", "path": "title"}]}),
    ] {
        let error = PatchRequest::parse(&body).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
    let many = vec![json!({"op": "add", "path": "title", "value": "x"}); MAX_OPERATIONS + 1];
    assert_eq!(request(many.into()).unwrap_err().status, 413);
}

#[test]
fn pat_2_entra_verbs_and_members_come_in_any_case() {
    let body =
        json!({"SCHEMAS": [PATCH_URN], "operations": [{"OP": "Replace", "Path": "Title", "VALUE": "CTO"}]});
    let patched = apply(&ana(), &PatchRequest::parse(&body).unwrap(), Options::default()).unwrap();
    let patched = patched.document.unwrap();
    assert_eq!(patched.attributes()["title"], "CTO");
    assert_eq!(after(json!([{"op": "Replace", "path": "active", "value": "False"}]), "active"), json!(false));
}

#[test]
fn pat_4_later_operations_see_what_earlier_ones_did() {
    let operations = json!([
        {"op": "add", "path": "emails", "value": {"value": "o@x.y", "type": "other"}},
        {"op": "replace", "path": "emails[type eq \"other\"].value", "value": "p@x.y"},
        {"op": "remove", "path": "emails[type ne \"other\"]"},
    ]);
    assert_eq!(after(operations, "emails"), json!([{"value": "p@x.y", "type": "other"}]));
}

#[test]
fn pat_5_pat_14_a_refused_operation_leaves_everything_as_it_was() {
    let ana = ana();
    let before = ana.clone();
    let operations =
        json!([{"op": "replace", "path": "title", "value": "CTO"}, {"op": "remove", "path": "userName"}]);
    let error = patch_with(&ana, operations, Options::default()).unwrap_err();
    assert_eq!(error.detail, "operation 2: userName is required");
    assert_eq!(ana, before);
}

#[test]
fn pat_7_a_new_primary_value_takes_the_place_of_the_old_one() {
    let primaries = |operations| {
        let emails = after(operations, "emails");
        emails.as_array().unwrap().iter().map(|email| email["primary"] == json!(true)).collect::<Vec<_>>()
    };
    let new = json!({"value": "n@x.y", "primary": true});
    assert_eq!(primaries(json!([{"op": "add", "path": "emails", "value": [new]}])), [false, false, true]);
    let home = "emails[type eq \"home\"].primary";
    assert_eq!(primaries(json!([{"op": "replace", "path": home, "value": "True"}])), [false, true]);
    let home = json!({"value": "h@x.y", "type": "home", "primary": true});
    assert_eq!(primaries(json!([{"op": "add", "value": {"emails": home}}])), [false, true]);
    let both = json!([{"op": "add", "path": "emails.primary", "value": true}]);
    assert_eq!(refused(both), ScimType::InvalidValue);
}

#[test]
fn pat_8_read_only_attributes_are_refused_by_path_and_ignored_without_one() {
    for path in ["id", "meta.version", "groups", "groups[value eq \"x\"]", "manager.displayName"] {
        assert_eq!(
            refused(json!([{"op": "add", "path": path, "value": "x"}])),
            ScimType::Mutability,
            "{path}"
        );
    }
    let whole =
        json!({"schemas": ["x"], "id": "other", "meta": {}, "groups": [], "unknown": 1, "title": "CTO"});
    let patched = patch_with(&ana(), json!([{"op": "replace", "value": whole}]), Options::default());
    let patched = patched.unwrap().unwrap();
    assert_eq!((patched.id(), &patched.attributes()["title"]), (Some("usr_1"), &json!("CTO")));
}

#[test]
fn pat_10_pat_18_the_urn_of_an_extension_comes_and_goes_with_its_data() {
    let department = format!("{}:department", ENTERPRISE.to_uppercase());
    assert_eq!(
        after(json!([{"op": "replace", "path": department, "value": "IT"}]), ENTERPRISE)["department"],
        "IT"
    );
    let gone = json!([{"op": "remove", "path": department}, {"op": "remove", "path": "manager"}]);
    assert_eq!(after(gone.clone(), "schemas"), json!([USER]));
    assert_eq!(after(gone, ENTERPRISE), Value::Null);
    assert_eq!(after(json!([{"op": "remove", "path": ENTERPRISE}]), ENTERPRISE), Value::Null);
    let whole = json!([{"op": "add", "path": ENTERPRISE, "value": {"costCenter": "7", "manager": {"displayName": "x"}}}]);
    let whole = after(whole, ENTERPRISE);
    assert_eq!((&whole["costCenter"], &whole["department"]), (&json!("7"), &json!("R&D")));
    assert_eq!(whole["manager"]["value"], "m1");
}

#[test]
fn pat_11_pat_12_pat_16_paths_that_name_nothing_are_refused() {
    for path in
        ["shoeSize", "name.x", "/title", "emails[0]x", "urn:x:y:title", "title[value eq 1]", "a b", "name["]
    {
        let error = refused(json!([{"op": "replace", "path": path, "value": "x"}]));
        assert!(matches!(error, ScimType::InvalidPath | ScimType::InvalidFilter), "{path}: {error:?}");
    }
    for path in ["emails[type eq]", "emails[0].value", "emails[primary gt true]"] {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        assert_eq!(refused(operations), ScimType::InvalidFilter, "{path}");
    }
    assert_eq!(refused(json!([{"op": "remove", "path": 5}])), ScimType::InvalidPath);
}

#[test]
fn pat_13_a_value_of_another_type_is_refused() {
    for (path, value) in
        [("title", json!({})), ("name", json!("x")), ("emails", json!([1])), ("active", json!("x"))]
    {
        for verb in ["add", "replace"] {
            let operations = json!([{"op": verb, "path": path, "value": value}]);
            assert_eq!(refused(operations), ScimType::InvalidValue, "{verb} {path}");
        }
    }
    assert_eq!(refused(json!([{"op": "add", "value": "x"}])), ScimType::InvalidValue);
}

#[test]
fn pat_17_add_5_what_changes_nothing_says_so() {
    for operation in [
        json!({"op": "replace", "path": "title", "value": "CEO"}),
        json!({"op": "add", "path": "emails", "value": [{"value": "W@x.y", "type": "work", "primary": true}]}),
        json!({"op": "add", "value": {"name": {"givenName": "Ana"}, "active": "true"}}),
        json!({"op": "remove", "path": "nickName"}),
        json!({"op": "remove", "path": "emails[type eq \"other\"]"}),
        json!({"op": "replace", "path": "manager", "value": "m1"}),
        json!({"op": "replace", "path": "schemas", "value": ["x"]}),
        json!({"op": "add", "path": "title", "value": null}),
    ] {
        assert_eq!(patch_with(&ana(), json!([operation]), Options::default()), Ok(None), "{operation}");
    }
}

#[test]
fn add_1_to_add_4_values_are_merged_appended_or_set() {
    let operations = json!([
        {"op": "add", "value": {"nickName": "A", "emails": [{"value": "o@x.y"}]}},
        {"op": "add", "path": "name", "value": {"middleName": "B"}},
        {"op": "add", "path": "emails[type eq \"home\"]", "value": {"display": "H"}},
        {"op": "add", "path": "name.honorificPrefix", "value": "Dr."},
    ]);
    assert_eq!(after(operations.clone(), "nickName"), "A");
    assert_eq!(
        after(operations.clone(), "name"),
        json!({"givenName": "Ana", "familyName": "Li", "middleName": "B", "honorificPrefix": "Dr."})
    );
    let emails = after(operations, "emails");
    assert_eq!(emails[1], json!({"value": "h@x.y", "type": "home", "display": "H"}));
    assert_eq!(emails[2], json!({"value": "o@x.y"}));
}

#[test]
fn add_6_a_value_is_needed() {
    for verb in ["add", "replace"] {
        assert_eq!(refused(json!([{"op": verb, "path": "title"}])), ScimType::InvalidValue);
    }
}

#[test]
fn add_7_rep_8_entra_creates_what_no_filter_matches() {
    for verb in ["add", "replace"] {
        let operations = json!([
            {"op": verb, "path": "addresses[type eq \"work\"].locality", "value": "Graz"},
            {"op": verb, "path": "addresses[type eq \"work\"].country", "value": "AT"},
            {"op": verb, "path": "roles[primary eq \"True\"].value", "value": "admin"},
        ]);
        let error = patch_with(&ana(), operations.clone(), Options::default()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::NoTarget));
        let patched = patch_with(&ana(), operations, ENTRA).unwrap().unwrap();
        let address = json!([{"type": "work", "locality": "Graz", "country": "AT"}]);
        assert_eq!(patched.attributes()["addresses"], address);
        assert_eq!(patched.attributes()["roles"], json!([{"primary": true, "value": "admin"}]));
    }
    for filter in ["type ne \"work\"", "type eq \"a\" or value eq \"b\"", "not (type eq \"work\")"] {
        let operations = json!([{"op": "replace", "path": format!("roles[{filter}].value"), "value": "x"}]);
        let error = patch_with(&ana(), operations, ENTRA).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::NoTarget), "{filter}");
    }
}

#[test]
fn rem_1_to_rem_8_remove_takes_what_the_path_says() {
    assert_eq!(refused(json!([{"op": "remove"}])), ScimType::NoTarget);
    assert_eq!(after(json!([{"op": "remove", "path": "title"}]), "title"), Value::Null);
    assert_eq!(after(json!([{"op": "remove", "path": "emails"}]), "emails"), Value::Null);
    let emails = after(json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]), "emails");
    assert_eq!(emails, json!([{"value": "h@x.y", "type": "home"}]));
    let emails = after(json!([{"op": "remove", "path": "emails[type eq \"home\"].type"}]), "emails");
    assert_eq!(emails[1], json!({"value": "h@x.y"}));
    assert_eq!(
        after(json!([{"op": "remove", "path": "name.givenName"}]), "name"),
        json!({"familyName": "Li"})
    );
    assert_eq!(refused(json!([{"op": "remove", "path": "userName"}])), ScimType::Mutability);
}

#[test]
fn rem_9_entra_authentik_a_value_list_removes_only_what_it_lists() {
    for (value, left) in [
        (json!([{"value": "a"}]), json!(["b", "c"])),
        (json!([{"value": "a", "display": "A"}, {"value": "x"}]), json!(["b", "c"])),
        (json!({"value": "b"}), json!(["a", "c"])),
        (json!(["a", "c"]), json!(["b"])),
        (json!([]), json!(["a", "b", "c"])),
        (json!([{}]), json!(["a", "b", "c"])),
    ] {
        let operations = json!([{"op": "Remove", "path": "members", "value": value}]);
        assert_eq!(members(operations), left, "{value}");
    }
}

#[test]
fn rep_1_entra_keys_may_be_dotted_urns_or_have_a_filter() {
    let value = json!({
        "name.givenName": "Eva",
        format!("{ENTERPRISE}:department"): "IT",
        "emails[type eq \"work\"].value": "new@x.y",
        "displayName": "Eva Li",
    });
    let operations = json!([{"op": "replace", "value": value}]);
    assert_eq!(after(operations.clone(), "name"), json!({"givenName": "Eva", "familyName": "Li"}));
    assert_eq!(after(operations.clone(), ENTERPRISE)["department"], "IT");
    assert_eq!(after(operations.clone(), "emails")[0]["value"], "new@x.y");
    assert_eq!(after(operations, "displayName"), "Eva Li");
    let object = json!([{"op": "replace", "value": {ENTERPRISE: {"department": null, "division": "X"}}}]);
    let extension = after(object, ENTERPRISE);
    assert_eq!((extension.get("department"), &extension["division"]), (None, &json!("X")));
}

#[test]
fn rep_3_to_rep_7_replace_sets_what_the_path_says() {
    let emails = after(json!([{"op": "replace", "path": "emails", "value": [{"value": "n@x.y"}]}]), "emails");
    assert_eq!(emails, json!([{"value": "n@x.y"}]));
    let name = after(
        json!([{"op": "replace", "path": "name", "value": {"givenName": null, "familyName": "Wu"}}]),
        "name",
    );
    assert_eq!(name, json!({"familyName": "Wu"}));
    assert_eq!(after(json!([{"op": "replace", "path": "nickName", "value": "A"}]), "nickName"), "A");
    let work = json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "n@x.y"}}]);
    assert_eq!(after(work, "emails")[0], json!({"value": "n@x.y"}));
    let every = json!([{"op": "replace", "path": "emails[value ew \"@x.y\"].display", "value": "d"}]);
    let every = after(every, "emails");
    assert_eq!((&every[0]["display"], &every[1]["display"]), (&json!("d"), &json!("d")));
}

#[test]
fn rep_9_null_an_empty_list_and_a_blank_manager_unassign() {
    for (path, value) in [("title", json!(null)), ("emails", json!([])), ("name", json!(null))] {
        assert_eq!(after(json!([{"op": "replace", "path": path, "value": value}]), path), Value::Null);
    }
    for value in [json!(""), json!(null), json!({"value": ""}), json!([])] {
        let operations = json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": value}]);
        assert_eq!(after(operations, ENTERPRISE), json!({"department": "R&D"}), "{value}");
    }
    assert_eq!(refused(json!([{"op": "replace", "path": "userName", "value": null}])), ScimType::Mutability);
    assert_eq!(refused(json!([{"op": "replace", "path": "userName", "value": " "}])), ScimType::InvalidValue);
}

#[test]
fn ent_2_entra_another_manager_takes_the_reference_of_the_old_one_away() {
    for value in [json!("m2"), json!({"value": "m2"}), json!([{"value": "m2", "$ref": null}])] {
        let manager = after(json!([{"op": "add", "path": "manager", "value": value}]), ENTERPRISE);
        assert_eq!(manager["manager"], json!({"value": "m2"}));
    }
    let both = json!({"value": "m2", "$ref": "/Users/m2"});
    let manager = after(json!([{"op": "replace", "path": "manager", "value": both}]), ENTERPRISE);
    assert_eq!(manager["manager"], both);
}

#[test]
fn pwd_4_okta_a_password_sync_is_always_a_change() {
    let operations = json!([{"op": "replace", "value": {"password": "hunter2"}}]);
    let mut patched = patch_with(&ana(), operations.clone(), Options::default()).unwrap().unwrap();
    assert_eq!(patched.take_password().unwrap().expose(), "hunter2");
    assert_eq!(patched, ana());
    assert!(!format!("{:?}", request(operations)).contains("hunter2"));
}
