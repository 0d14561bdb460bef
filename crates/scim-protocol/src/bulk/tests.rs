//! Bulk requests and their references.

use serde_json::json;

use super::*;

fn parse(operations: Value) -> Result<BulkRequest, ScimError> {
    let mut body = json!({"schemas": [BULK_URN]});
    body["Operations"] = operations;
    BulkRequest::parse(&body, 5)
}

fn post(name: &str, data: &Value) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": data})
}

#[test]
fn blk_12_blk_16_a_request_is_a_list_of_operations_not_too_many() {
    for body in [
        json!([]),
        json!({"Operations": []}),
        json!({"schemas": [BULK_URN]}),
        json!({"schemas": [BULK_URN], "Operations": {}}),
        json!({"schemas": [BULK_URN], "Operations": [], "failOnErrors": 0}),
        json!({"schemas": [BULK_URN], "Operations": [], "failOnErrors": "1"}),
        json!({"schemas": [BULK_URN], "Operations": [], "failOnErrors": i64::MAX.unsigned_abs() + 1}),
    ] {
        let error = BulkRequest::parse(&body, 5).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
    let six: Vec<_> = (0..6).map(|number| post(&number.to_string(), &json!({}))).collect();
    assert_eq!(parse(json!(six)).unwrap_err().status, 413);
    assert_eq!(parse(json!(six[..5])).unwrap().entries.len(), 5);
}

#[test]
fn blk_3_blk_14_a_wrong_operation_fails_alone() {
    let request = parse(json!([
        {"method": "POST", "path": "/Users", "data": {}},
        post("a", &json!({})),
        post("a", &json!({})),
        {"method": "GET", "path": "/Users/1"},
        {"method": "PUT", "path": "/Users/1"},
    ]));
    let entries = request.unwrap().entries;
    let good: Vec<_> = entries.iter().map(|entry| entry.operation.is_ok()).collect();
    assert_eq!(good, [false, true, false, false, false]);
    assert_eq!(parse(json!([{"method": "delete", "path": "/Users/1"}])).unwrap().entries[0].method, "delete");
}

/// The first operation, and what is known of the others.
fn first(operations: Value) -> (Operation, References) {
    let mut entries = parse(operations).unwrap().entries;
    let references = References::of(&entries);
    (entries.remove(0).operation.unwrap(), references)
}

#[test]
fn blk_4_references_stand_in_values_and_in_paths() {
    let group = json!({
        "members": [{"value": "bulkId:ana", "$ref": "../Users/bulkId:ana"}, {"value": "usr_2"}],
        "manager": "bulkId:ana", "displayName": "of bulkId:ana",
        "path": "members[value eq \"bulkId:ana\" or value eq \"bulkId:ana\"]",
    });
    let patch = json!({"method": "PATCH", "path": "/Groups/bulkId:ana", "data": group});
    let (operation, mut references) = first(json!([patch, post("ana", &json!({}))]));
    assert!(!references.are_settled_for(&operation));
    references.settle("ana", Some("usr_1".to_owned()));
    assert!(references.are_settled_for(&operation));
    let resolved = references.resolve(&operation).unwrap();
    assert_eq!(resolved.path, "/Groups/usr_1");
    let expected = json!({
        "members": [{"value": "usr_1", "$ref": "../Users/usr_1"}, {"value": "usr_2"}],
        "manager": "usr_1", "displayName": "of bulkId:ana",
        "path": "members[value eq \"usr_1\" or value eq \"usr_1\"]",
    });
    assert_eq!(resolved.data, expected);
}

#[test]
fn blk_13_what_failed_or_is_nowhere_can_not_be_referred_to() {
    let operations = json!([post("a", &json!({"manager": "bulkId:b"})), post("b", &json!({}))]);
    let (operation, mut references) = first(operations);
    references.settle("b", None);
    assert!(references.are_settled_for(&operation));
    assert_eq!(references.resolve(&operation).unwrap_err().scim_type, Some(ScimType::InvalidValue));
    let (operation, references) = first(json!([post("a", &json!({"manager": "bulkId:z"}))]));
    assert!(references.are_settled_for(&operation));
    assert!(references.resolve(&operation).is_err());
}

#[test]
fn blk_5_what_waits_for_itself_is_created_without_its_references() {
    let data = json!({
        "displayName": "A", "members": [{"value": "bulkId:a", "type": "Group"}, {"value": "usr_1"}],
        "urn:x": {"manager": {"value": "bulkId:a"}, "department": "R&D"}, "boss": "bulkId:a",
    });
    let (operation, references) = first(json!([post("a", &data)]));
    let loose = references.loosen(&operation).data;
    assert_eq!(
        loose,
        json!({"displayName": "A", "members": [{"value": "usr_1"}], "urn:x": {"department": "R&D"}})
    );
}
