//! Habits of Microsoft Entra ID.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::wire::{USER, expect_error, patch, path};

const USERS: &str = "/scim/v2/Users";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn created_by_entra() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "externalId": "jyoung", "userName": "jyoung@testuser.com", "active": true,
        "addresses": null, "displayName": "Joy Young", "department": null, "manager": null, "title": null,
        "emails": [{"value": "jyoung@testuser.com", "type": "work", "primary": true}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Joy Young", "familyName": "Young", "givenName": "Joy"},
        ENTERPRISE: {"employeeNumber": null, "department": "bob", "manager": null},
    })
}

#[tokio::test]
async fn entra_probes_the_credential_with_a_user_that_does_not_exist() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let probe = "/scim/v2/Users?filter=userName+eq+%22f3a5c2d9-9a1b-4b43-8d5e-0c9a1f4b8e11%22";
    assert_eq!(entra.get(probe).await.expect(200)["totalResults"], 0);
}

#[tokio::test]
async fn entra_matches_by_external_id_quoted_or_not() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    assert_eq!((&user[ENTERPRISE], user.get("department")), (&json!({"department": "bob"}), None));
    for filter in [
        "externalId+eq+%22jyoung%22",
        "externalId+eq+jyoung",
        "emails%5Btype+eq+%22work%22%5D.value+eq+%22jyoung%40testuser.com%22",
    ] {
        let found = entra.get(&format!("{USERS}?filter={filter}")).await.expect(200);
        assert_eq!(found["Resources"], json!([user]), "{filter}");
    }
}

#[tokio::test]
async fn entra_disables_with_a_capital_verb_and_a_text_for_a_boolean() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    let body = patch(&json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!(entra.patch(&path(&user), body).await.expect(200)["active"], false);
    let found =
        entra.get(&format!("{USERS}?filter=userName+eq+%22jyoung%40testuser.com%22")).await.expect(200);
    assert_eq!(found["Resources"][0]["active"], false);
}

#[tokio::test]
async fn entra_replaces_on_a_value_path_that_does_not_exist_yet() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    let body = || {
        patch(&json!([
            {"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+43 1"},
            {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Vienna"},
            {"op": "Add", "path": "addresses[type eq \"work\"].country", "value": "AT"},
        ]))
    };
    let after = entra.patch(&path(&user), body()).await.expect(200);
    assert_eq!(after["phoneNumbers"], json!([{"type": "mobile", "value": "+43 1"}]));
    assert_eq!(after["addresses"], json!([{"type": "work", "locality": "Vienna", "country": "AT"}]));
    let (_, strict) = app.directory_of(app.acme.id, "generic").await;
    let other = strict.post(USERS, crate::wire::ana()).await.expect(201);
    expect_error(strict.patch(&path(&other), body()).await, 400, Some("noTarget"));
}

#[tokio::test]
async fn entra_patches_without_path_by_dotted_and_qualified_names() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    let department = format!("{ENTERPRISE}:department");
    let body = patch(&json!([{"op": "replace", "value": {"name.givenName": "Jo", department: "sales"}}]));
    let after = entra.patch(&path(&user), body).await.expect(200);
    assert_eq!(
        (&after["name"]["givenName"], &after[ENTERPRISE]["department"]),
        (&json!("Jo"), &json!("sales"))
    );
}

#[tokio::test]
async fn entra_sets_and_clears_the_manager() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    let manager = format!("{ENTERPRISE}:manager");
    let set = patch(&json!([{"op": "Add", "path": manager, "value": "usr_1"}]));
    assert_eq!(entra.patch(&path(&user), set).await.expect(200)[ENTERPRISE]["manager"]["value"], "usr_1");
    let found = entra.get(&format!("{USERS}?filter=manager+eq+%22usr_1%22&attributes=id")).await.expect(200);
    assert_eq!(found["Resources"][0]["id"], user["id"]);
    let clear = patch(&json!([{"op": "Replace", "path": manager, "value": ""}]));
    assert_eq!(entra.patch(&path(&user), clear).await.expect(200)[ENTERPRISE].get("manager"), None);
}

#[tokio::test]
async fn entra_deletes_for_good_and_may_provision_anew() {
    let app = TestApp::start().await;
    let (_, entra) = app.directory_of(app.acme.id, "entra").await;
    let user = entra.post(USERS, created_by_entra()).await.expect(201);
    entra.delete(&path(&user)).await.expect(204);
    expect_error(entra.get(&path(&user)).await, 404, None);
    entra.post(USERS, created_by_entra()).await.expect(201);
}
