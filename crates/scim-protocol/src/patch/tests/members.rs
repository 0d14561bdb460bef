//! Changes of a group's members, which the server keeps apart from the group.

use super::*;

#[test]
fn pat_9_grp_8_a_member_is_added_or_removed_and_does_not_change() {
    for path in ["members[value eq \"a\"].display", "members.display", "members[value eq \"a\"]"] {
        let operations = json!([{"op": "replace", "path": path, "value": "z"}]);
        let error = patch_team(operations, Options::default()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::Mutability), "{path}");
    }
}

#[test]
fn add_7_entra_a_member_may_be_named_by_a_value_path() {
    let operations = json!([{"op": "Add", "path": "members[value eq \"d\"]", "value": [{"value": "d"}]}]);
    let added = Map::from_iter([("value".to_owned(), json!("d"))]);
    assert_eq!(patch_team(operations, ENTRA).unwrap().lists, [ListChange::Add(vec![added])]);
}

#[test]
fn grp_5_a_change_of_members_leaves_the_document_alone() {
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": "d", "$ref": null}, {"$ref": "../Users/e"}]},
        {"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"},
        {"op": "remove", "path": "members[not (value eq \"d\")]"},
    ]);
    let patched = patch_team(operations.clone(), Options::default()).unwrap();
    assert_eq!(patched.document, None);
    assert_eq!(format!("{:?}", patched.lists), "[Add, Remove, RemoveMatching]");
    assert_eq!(members(operations), json!(["d"]));
    let nobody = json!([{"op": "add", "path": "members", "value": [{"display": "nobody"}]}]);
    let error = patch_team(nobody, Options::default()).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn rem_3_keycloak_members_with_a_null_value_are_all_removed() {
    assert_eq!(members(json!([{"op": "remove", "path": "members", "value": null}])), json!([]));
}

#[test]
fn okta_a_group_push_renames_and_exchanges_members_in_one_request() {
    let operations = json!([
        {"op": "replace", "value": {"id": "grp_1", "displayName": "New"}},
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "add", "path": "members", "value": [{"value": "d", "display": "d@x.y"}, {"value": "b"}]},
    ]);
    assert_eq!(members(operations), json!(["b", "c", "d"]));
    assert_eq!(members(json!([{"op": "replace", "path": "members", "value": []}])), json!([]));
}

#[test]
fn members_who_come_or_go_one_after_the_other_are_one_change() {
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": "d"}]},
        {"op": "add", "path": "members", "value": [{"value": "e"}, {"value": "d", "display": "later"}]},
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "replace", "path": "displayName", "value": "New"},
        {"op": "remove", "path": "members", "value": [{"value": "d"}]},
        {"op": "add", "path": "members", "value": [{"value": "a"}]},
        {"op": "replace", "path": "members", "value": [{"value": "f"}]},
        {"op": "add", "path": "members", "value": [{"value": "g"}]},
    ]);
    let changes = patch_team(operations.clone(), Options::default()).unwrap().lists;
    assert_eq!(format!("{changes:?}"), "[Add, Remove, Add, Replace, Add]");
    assert!(matches!(&changes[..], [ListChange::Add(add), ListChange::Remove(gone), ..]
        if add.len() == 3 && *gone == ["a", "d"]));
    assert_eq!(members(operations), json!(["f", "g"]));
}

#[test]
fn more_than_ten_conditions_are_refused() {
    let condition = json!({"op": "remove", "path": "members[display sw \"a\"]"});
    assert!(patch_team(vec![condition.clone(); 10].into(), Options::default()).is_ok());
    let error = patch_team(vec![condition; 11].into(), Options::default()).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::TooMany)));
    assert!(error.detail.starts_with("operation 11: "), "{}", error.detail);
}
