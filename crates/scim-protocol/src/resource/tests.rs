//! Bodies of POST and PUT, by the checklist of RFC 7643 and RFC 7644 §3.3, §3.5.1.

use chrono::{TimeZone as _, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    Options,
    error::ScimType,
    projection::Projection,
    schema::{GROUP_TYPE, USER_TYPE},
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn with_schemas(mut body: Value) -> Value {
    let object = body.as_object_mut().unwrap();
    object.entry("schemas").or_insert(json!([USER]));
    object.entry("userName").or_insert(json!("ana"));
    body
}

fn create(body: Value) -> Result<Resource, ScimError> {
    normalise_create(&USER_TYPE, &with_schemas(body), Options::default())
}

fn get(body: Value, name: &str) -> Option<Value> {
    create(body).unwrap().attributes().get(name).cloned()
}

fn refused(body: Value) -> Option<ScimType> {
    create(body).unwrap_err().scim_type
}

#[test]
fn cre_2_put_3_read_only_attributes_in_a_body_are_ignored() {
    let mut ana =
        create(json!({"id": "mine", "meta": {"version": "x"}, "groups": [{"value": "g"}]})).unwrap();
    assert_eq!(ana.attributes().keys().len(), 2, "{ana:?}");
    ana.assign("id", json!("usr_1"));
    let put = with_schemas(json!({"id": "usr_2"}));
    assert_eq!(normalise_replace(&ana, &put, Options::default()).unwrap().id(), Some("usr_1"));
}

#[test]
fn cre_5_usr_1_a_user_needs_a_name_that_is_not_blank() {
    for name in [json!(null), json!(""), json!(" "), json!(5), json!(["a", "b"]), json!({})] {
        assert_eq!(refused(json!({ "userName": name })), Some(ScimType::InvalidValue), "{name}");
    }
    let error =
        normalise_create(&GROUP_TYPE, &json!({"schemas": [GROUP_TYPE.schema.id]}), Options::default());
    assert_eq!(error.unwrap_err().detail, "displayName is required");
}

#[test]
fn cre_6_att_10_null_and_empty_lists_are_no_values() {
    let body = json!({"title": null, "emails": [], "roles": [null, {}], "name": {"givenName": null}, ENTERPRISE: null});
    assert_eq!(create(body).unwrap(), create(json!({})).unwrap());
}

#[test]
fn cre_8_schemas_are_required() {
    for schemas in [json!([]), json!(null), json!("x"), json!([1])] {
        assert_eq!(refused(json!({ "schemas": schemas })), Some(ScimType::InvalidValue), "{schemas}");
    }
}

#[test]
fn cre_9_onelogin_extension_data_counts_without_its_urn_in_schemas() {
    let ana = create(json!({ENTERPRISE.to_lowercase(): {"DEPARTMENT": "R&D", "schemas": ["x"]}})).unwrap();
    assert_eq!(ana.attributes()["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(ana.attributes()[ENTERPRISE], json!({"department": "R&D"}));
}

#[test]
fn cre_8_schemas_list_exactly_what_is_in_use() {
    let schemas = get(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"department": null}}), "schemas");
    assert_eq!(schemas, Some(json!([USER])));
}

#[test]
fn put_2_put_9_what_a_put_leaves_out_is_cleared() {
    let ana = create(json!({"title": "CEO", "nickName": "A"})).unwrap();
    let put = normalise_replace(&ana, &with_schemas(json!({"nickName": "B"})), Options::default()).unwrap();
    assert_eq!(put, create(json!({"nickName": "B"})).unwrap());
}

#[test]
fn put_10_okta_a_put_without_active_does_not_deactivate() {
    for active in [true, false] {
        let ana = create(json!({ "active": active })).unwrap();
        let put = |body| normalise_replace(&ana, &with_schemas(body), Options::default()).unwrap().active();
        assert_eq!(put(json!({})), Some(active));
        assert_eq!(put(json!({"active": null})), Some(active));
        assert_eq!(put(json!({ "active": !active })), Some(!active));
    }
}

#[test]
fn att_1_names_come_back_in_canonical_spelling() {
    let ana = create(json!({"NICKNAME": "A", "Name": {"GIVENNAME": "Ana"}, "eMails": [{"VALUE": "a@b.c"}]}));
    let ana = ana.unwrap();
    assert_eq!(ana.attributes()["nickName"], "A");
    assert_eq!(ana.attributes()["name"], json!({"givenName": "Ana"}));
    assert_eq!(ana.primary_email(), Some("a@b.c"));
}

#[test]
fn att_2_entra_booleans_as_strings_become_booleans() {
    assert_eq!(get(json!({"active": "False"}), "active"), Some(json!(false)));
    let roles = get(json!({"roles": [{"value": "a", "primary": "true"}]}), "roles");
    assert_eq!(roles, Some(json!([{"value": "a", "primary": true}])));
    assert_eq!(refused(json!({"active": "yes"})), Some(ScimType::InvalidValue));
}

#[test]
fn att_2_values_of_another_type_are_refused_and_the_attribute_named() {
    for (body, name) in [
        (json!({"title": true}), "title must be a string"),
        (json!({"title": {"a": 1}}), "title must be a string"),
        (json!({"name": "Ana"}), "name must be an object"),
        (json!({"emails": [5]}), "emails must be an object"),
        (json!({"emails": [{"value": {"a": "b"}}]}), "emails: value must be a string"),
        (json!({"x509Certificates": [{"value": "ä"}]}), "x509Certificates: value must be base64"),
        (json!({ENTERPRISE: {"department": 5}}), "department must be a string"),
        (json!({ENTERPRISE: "x"}), "must be an object"),
    ] {
        let error = create(body).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
        assert!(error.detail.ends_with(name), "{error}");
    }
}

#[test]
fn att_2_okta_numbers_for_texts_are_taken_where_the_profile_says_so() {
    let body = with_schemas(json!({ENTERPRISE: {"employeeNumber": 701_984}}));
    assert!(normalise_create(&USER_TYPE, &body, Options::default()).is_err());
    let options = Options { numbers_as_text: true, ..Options::default() };
    let ana = normalise_create(&USER_TYPE, &body, options).unwrap();
    assert_eq!(ana.attributes()[ENTERPRISE], json!({"employeeNumber": "701984"}));
}

#[test]
fn att_8_two_primary_values_are_refused() {
    let emails = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    assert_eq!(refused(json!({ "emails": emails })), Some(ScimType::InvalidValue));
}

#[test]
fn att_9_no_two_values_share_value_and_type() {
    let emails = json!([{"value": "a@b.c", "type": "work"}, {"value": "A@B.C", "type": "work", "display": "d"},
                        {"value": "a@b.c", "type": "home"}]);
    assert_eq!(
        get(json!({ "emails": emails }), "emails"),
        Some(json!([{"value": "a@b.c", "type": "work", "display": "d"}, {"value": "a@b.c", "type": "home"}]))
    );
}

#[test]
fn att_13_unknown_attributes_are_not_echoed() {
    assert_eq!(
        create(json!({"custom": 1, "department": null, "name": {"x": 1}})).unwrap(),
        create(json!({})).unwrap()
    );
}

#[test]
fn att_14_entra_unknown_urns_are_tolerated_and_another_type_is_not() {
    for schemas in [json!(["urn:scim:schemas:core:1.0"]), json!([USER.to_uppercase(), "urn:x:2.0User"])] {
        assert_eq!(get(json!({ "schemas": schemas }), "schemas"), Some(json!([USER])));
    }
    assert_eq!(refused(json!({"schemas": [GROUP_TYPE.schema.id]})), Some(ScimType::InvalidValue));
}

#[test]
fn ent_2_entra_a_manager_comes_in_many_forms() {
    let manager = |value| get(json!({ENTERPRISE: {"manager": value}}), ENTERPRISE);
    let expected = Some(json!({"manager": {"value": "m"}}));
    for form in
        [json!("m"), json!({"value": "m"}), json!([{"value": "m", "$ref": null}]), json!({"managerId": "m"})]
    {
        assert_eq!(manager(form.clone()), expected, "{form}");
    }
    assert_eq!(manager(json!("")), None);
    assert_eq!(manager(json!({"value": "m", "displayName": "read-only"})), expected);
}

#[test]
fn pwd_1_a_password_leaves_as_a_secret_and_is_not_shown() {
    let mut ana = create(json!({"password": "hunter2"})).unwrap();
    assert!(!format!("{ana:?}").contains("hunter2"));
    assert_eq!(Projection::default().project(&ana).get("password"), None);
    assert_eq!(ana.take_password().unwrap().expose(), "hunter2");
    assert_eq!(ana, create(json!({})).unwrap());
}

#[test]
fn a_user_is_shown_by_the_best_name_there_is() {
    let name = |body| create(body).unwrap().display_name();
    let parts = json!({"formatted": "Dr. Ana", "givenName": "Ana", "familyName": "Li"});
    assert_eq!(name(json!({"name": parts, "displayName": "A"})).as_deref(), Some("Dr. Ana"));
    assert_eq!(name(json!({"name": {"givenName": "Ana"}, "displayName": "A"})).as_deref(), Some("A"));
    assert_eq!(name(json!({"name": {"givenName": "Ana", "familyName": "Li"}})).as_deref(), Some("Ana Li"));
    assert_eq!(name(json!({})), None);
}

#[test]
fn the_primary_email_wins_over_the_first() {
    let email = |emails| create(json!({ "emails": emails })).unwrap().primary_email().map(str::to_owned);
    assert_eq!(email(json!([{"value": "a"}, {"value": "b", "primary": true}])).as_deref(), Some("b"));
    assert_eq!(email(json!([{"type": "work"}, {"value": "b"}])).as_deref(), Some("b"));
    assert_eq!(email(json!([])), None);
}

#[test]
fn cre_3_meta_says_type_times_version_and_place() {
    let mut ana = create(json!({})).unwrap();
    let time = Utc.with_ymd_and_hms(2024, 5, 13, 4, 42, 34).unwrap();
    let meta = Meta {
        created: time,
        last_modified: time,
        version: "W/\"1\"".into(),
        location: "https://x/1".into(),
    };
    ana.identify("1", &meta);
    assert_eq!(
        ana.attributes()["meta"],
        json!({"resourceType": "User", "created": "2024-05-13T04:42:34.000Z", "version": "W/\"1\"",
               "lastModified": "2024-05-13T04:42:34.000Z", "location": "https://x/1"})
    );
}

/// JSON of any shape, some of it under names that the schema knows.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "schemas", "userName", "name", "emails", "value", "type", "primary", "manager", "active",
            ENTERPRISE,
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("work")),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn sec_4_no_body_brings_the_engine_down(body in any_json()) {
        let _ = normalise_create(&USER_TYPE, &body, Options::default());
        if body.is_object() {
            let _ = create(body);
        }
    }

    #[test]
    fn what_comes_back_can_be_sent_again(body in any_json()) {
        if let Some(ana) = body.is_object().then(|| create(body).ok()).flatten() {
            let again = Value::Object(ana.attributes().clone());
            prop_assert_eq!(normalise_create(&USER_TYPE, &again, Options::default()), Ok(ana));
        }
    }
}
