//! Habits of Okta.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::wire::{USER, expect_error, patch, path};

const USERS: &str = "/scim/v2/Users";

fn created_by_okta() -> Value {
    json!({
        "schemas": [USER], "userName": "test.user@okta.local", "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work", "display": "test.user@okta.local"}],
        "displayName": "Test User", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [],
        "password": "1mz050nq", "active": true,
    })
}

#[tokio::test]
async fn okta_tests_the_connector_with_an_empty_list() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let list = okta.get("/scim/v2/Users?startIndex=1&count=2").await.expect(200);
    assert_eq!(
        (&list["totalResults"], &list["startIndex"], &list["itemsPerPage"], &list["Resources"]),
        (&json!(0), &json!(1), &json!(0), &json!([]))
    );
    expect_error(okta.get("/scim/v2/Users/12345").await, 404, None);
}

#[tokio::test]
async fn okta_looks_a_user_up_before_and_after_it_creates_one() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let lookup = "/scim/v2/Users?filter=userName%20eq%20%22Test.User%40okta.local%22&startIndex=1&count=100";
    assert_eq!(okta.get(lookup).await.expect(200)["totalResults"], 0);
    let user = okta.post(USERS, created_by_okta()).await.expect(201);
    assert_eq!((user.get("password"), user.get("groups")), (None, None));
    let found = okta.get(lookup).await.expect(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]), (&json!(1), &user));
    expect_error(okta.post(USERS, created_by_okta()).await, 409, Some("uniqueness"));
}

#[tokio::test]
async fn okta_deactivates_by_a_patch_without_path_and_reactivates() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let user = okta.post(USERS, created_by_okta()).await.expect(201);
    for active in [false, true] {
        let body = patch(&json!([{"op": "replace", "value": {"active": active}}]));
        assert_eq!(okta.patch(&path(&user), body).await.expect(200)["active"], active);
        assert_eq!(okta.get(&path(&user)).await.expect(200)["active"], active);
    }
}

#[tokio::test]
async fn okta_puts_the_whole_user_back_with_id_and_meta() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let user = okta.post(USERS, created_by_okta()).await.expect(201);
    let mut body = okta.get(&path(&user)).await.expect(200);
    (body["title"], body["groups"]) = ("Engineer".into(), json!([]));
    body.as_object_mut().unwrap().remove("active");
    let after = okta.put(&path(&user), body).await.expect(200);
    assert_eq!(
        (&after["id"], &after["title"], &after["active"]),
        (&user["id"], &json!("Engineer"), &json!(true))
    );
}

#[tokio::test]
async fn okta_sends_numbers_for_texts() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut body = created_by_okta();
    body["schemas"] = json!([USER, enterprise]);
    body[enterprise] = json!({"employeeNumber": 701_984});
    assert_eq!(okta.post(USERS, body.clone()).await.expect(201)[enterprise]["employeeNumber"], "701984");
    let (_, strict) = app.directory_of(app.acme.id, "generic").await;
    expect_error(strict.post(USERS, body).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn okta_syncs_a_password_by_patch() {
    let app = TestApp::start().await;
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    let user = okta.post(USERS, created_by_okta()).await.expect(201);
    let body = patch(&json!([{"op": "replace", "value": {"password": "t1meMa$heen"}}]));
    assert_eq!(okta.patch(&path(&user), body).await.expect(200).get("password"), None);
}
