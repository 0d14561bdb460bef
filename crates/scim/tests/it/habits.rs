//! Habits of providers with groups, each by the name of the one that has it.

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{GROUP, PATCH, USER, ana, group, ids, members, named, patch, path, query};

const GROUPS: &str = "/scim/v2/Groups";
const USERS: &str = "/scim/v2/Users";

async fn provider(app: &TestApp, name: &str) -> (Actor, Value, Value) {
    let (_, provider) = app.directory_of(app.acme.id, name).await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    (provider, ana, bo)
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

#[tokio::test]
async fn okta_links_a_group_by_name_renames_it_and_pushes_its_members() {
    let app = TestApp::start().await;
    let (okta, ana, bo) = provider(&app, "okta").await;
    let lookup =
        query(GROUPS, &[("filter", "displayName eq \"Staff\""), ("startIndex", "1"), ("count", "100")]);
    assert_eq!(okta.get(&lookup).await.expect(200)["totalResults"], 0);
    let made = okta.post(GROUPS, group("Staff", &[])).await.expect(201);
    assert_eq!(okta.get(&lookup).await.expect(200)["Resources"], json!([made]));
    let own = path(&made);
    let rename = patch(&json!([{"op": "replace", "value": {"id": made["id"], "displayName": "Team"}}]));
    assert_eq!(okta.patch(&own, rename).await.expect(200)["displayName"], "Team");
    let member = |user: &Value, name: &str| json!({"value": user["id"], "display": name});
    let whole =
        json!([{"op": "replace", "path": "members", "value": [member(&ana, "ana@x"), member(&bo, "bo@x")]}]);
    assert_eq!(members(&okta.patch(&own, patch(&whole)).await.expect(200)), ids(&[&ana, &bo]));
    let remove = format!("members[value eq \"{}\"]", id(&ana));
    let both = json!([{"op": "remove", "path": remove}, {"op": "add", "path": "members", "value": [member(&bo, "b")]}]);
    assert_eq!(members(&okta.patch(&own, patch(&both)).await.expect(200)), ids(&[&bo]));
    let empty = patch(&json!([{"op": "replace", "path": "members", "value": []}]));
    assert_eq!(okta.patch(&own, empty).await.expect(200).get("members"), None);
    okta.delete(&own).await.expect(204);
    okta.get(&path(&ana)).await.expect(200);
}

#[tokio::test]
async fn okta_keeps_pushing_when_a_member_is_unknown() {
    let app = TestApp::start().await;
    let (okta, ana, bo) = provider(&app, "okta").await;
    okta.delete(&path(&bo)).await.expect(204);
    let made = okta.post(GROUPS, group("Staff", &[])).await.expect(201);
    let push =
        json!([{"op": "replace", "path": "members", "value": [{"value": bo["id"]}, {"value": ana["id"]}]}]);
    assert_eq!(members(&okta.patch(&path(&made), patch(&push)).await.expect(200)), ids(&[&ana]));
}

#[tokio::test]
async fn entra_creates_a_group_with_a_foreign_urn_and_reads_it_without_members() {
    let app = TestApp::start().await;
    let (entra, ..) = provider(&app, "entra").await;
    let body = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": "displayName",
        "meta": {"resourceType": "Group"},
    });
    let made = entra.post(GROUPS, body).await.expect(201);
    assert_eq!(made["schemas"], json!([GROUP]));
    let filter = [("excludedAttributes", "members"), ("filter", "displayName eq \"displayName\"")];
    assert_eq!(entra.get(&query(GROUPS, &filter)).await.expect(200)["Resources"], json!([made]));
    entra.get(&format!("{}?excludedAttributes=members", path(&made))).await.expect(200);
}

#[tokio::test]
async fn entra_adds_and_removes_members_in_each_of_its_forms_and_wants_no_body() {
    let app = TestApp::start().await;
    let (entra, ana, bo) = provider(&app, "entra").await;
    let made = entra.post(GROUPS, group("Staff", &[])).await.expect(201);
    let by_path = |user: &Value| format!("members[value eq \"{}\"]", id(user));
    for (operation, left) in [
        (
            json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": ana["id"]}]}),
            ids(&[&ana]),
        ),
        (json!({"op": "Add", "path": by_path(&bo), "value": [{"value": bo["id"]}]}), ids(&[&ana, &bo])),
        (
            json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ana["id"]}]}),
            ids(&[&bo]),
        ),
        (json!({"op": "Add", "path": "members", "value": ana["id"]}), ids(&[&ana, &bo])),
        (json!({"op": "Remove", "path": by_path(&ana)}), ids(&[&bo])),
        (json!({"op": "Replace", "path": "displayName", "value": "Team"}), ids(&[&bo])),
        (json!({"op": "Remove", "path": "members", "value": []}), ids(&[&bo])),
    ] {
        let answer = entra.patch(&path(&made), patch(&json!([operation]))).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{operation}");
        let after = entra.get(&path(&made)).await.expect(200);
        assert_eq!(members(&after), left, "{operation}");
    }
}

#[tokio::test]
async fn entra_asks_whether_a_user_is_in_a_group() {
    let app = TestApp::start().await;
    let (entra, ana, bo) = provider(&app, "entra").await;
    let made = entra.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    for (user, found) in [(&ana, 1), (&bo, 0)] {
        let filter = format!("id eq \"{}\" and members eq \"{}\"", id(&made), id(user));
        let list = entra.get(&query(GROUPS, &[("filter", &filter), ("attributes", "id")])).await.expect(200);
        assert_eq!(list["totalResults"], found);
    }
}

#[tokio::test]
async fn authentik_sends_the_whole_group_without_path_and_compares_its_members() {
    let app = TestApp::start().await;
    let (authentik, ana, bo) = provider(&app, "authentik").await;
    let made = authentik.post(GROUPS, group("Staff", &[])).await.expect(201);
    let value = json!({"schemas": [GROUP], "id": made["id"], "displayName": "Team", "externalId": "42"});
    let after =
        authentik.patch(&path(&made), patch(&json!([{"op": "replace", "value": value}]))).await.expect(200);
    assert_eq!((&after["displayName"], &after["externalId"]), (&json!("Team"), &json!("42")));
    let one_each: Vec<_> = [&ana, &bo]
        .iter()
        .map(|user| json!({"op": "add", "path": "members", "value": [{"value": user["id"]}]}))
        .collect();
    authentik.patch(&path(&made), patch(&json!(one_each))).await.expect(200);
    assert_eq!(members(&authentik.get(&path(&made)).await.expect(200)), ids(&[&ana, &bo]));
    let gone = json!([{"op": "remove", "path": "members", "value": [{"value": ana["id"]}]}]);
    assert_eq!(members(&authentik.patch(&path(&made), patch(&gone)).await.expect(200)), ids(&[&bo]));
    let adopt = format!("{USERS}?filter=userName+eq+ana%40example.com");
    assert_eq!(authentik.get(&adopt).await.expect(200)["Resources"][0]["id"], ana["id"]);
}

#[tokio::test]
async fn keycloak_replaces_members_name_and_external_id_in_one_patch_with_relative_references() {
    let app = TestApp::start().await;
    let (keycloak, ana, bo) = provider(&app, "keycloak").await;
    let made = keycloak.post(GROUPS, group("Staff", &[&bo])).await.expect(201);
    let member = json!({"value": ana["id"], "$ref": format!("Users/{}", id(&ana))});
    let operations = json!([
        {"op": "replace", "path": "members", "value": [member]},
        {"op": "replace", "path": "displayName", "value": "Team"},
        {"op": "replace", "path": "externalId", "value": "kc-1"},
    ]);
    let after = keycloak.patch(&path(&made), patch(&operations)).await.expect(200);
    assert_eq!((members(&after), &after["displayName"]), (ids(&[&ana]), &json!("Team")));
    let by_reference =
        json!([{"op": "add", "path": "members", "value": [{"$ref": format!("Users/{}", id(&bo))}]}]);
    assert_eq!(
        members(&keycloak.patch(&path(&made), patch(&by_reference)).await.expect(200)),
        ids(&[&ana, &bo])
    );
    let clear = json!([{"op": "remove", "path": "members", "value": null}]);
    assert_eq!(keycloak.patch(&path(&made), patch(&clear)).await.expect(200).get("members"), None);
    let before = keycloak.get(&path(&made)).await.expect(200);
    let put = keycloak.put(&path(&made), before.clone()).await.expect(200);
    assert_eq!(put, before, "a full PUT that changes nothing keeps the version");
}

#[tokio::test]
async fn rauthy_finds_by_external_id_puts_users_and_reads_their_groups() {
    let app = TestApp::start().await;
    let (rauthy, ana, _) = provider(&app, "rauthy").await;
    let nobody = rauthy.get(&query(USERS, &[("filter", "externalId eq \"none\"")])).await.expect(200);
    assert_eq!((&nobody["Resources"], &nobody["itemsPerPage"]), (&json!([]), &json!(0)));
    let made = rauthy.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    let body = json!({
        "schemas": [USER], "userName": "ana@example.com", "externalId": null, "roles": [], "custom": {"x": 1},
        "emails": [{"value": "ana@example.com"}], "active": true,
    });
    let put = rauthy.put(&path(&ana), body).await.expect(200);
    assert_eq!((put.get("externalId"), put.get("custom")), (None, None));
    let (value, display) = (&put["groups"][0]["value"], &put["groups"][0]["display"]);
    assert_eq!((value, display), (&made["id"], &json!("Staff")));
    let gone = json!([{"op": "remove", "path": "members", "value": [{"value": ana["id"]}]}]);
    assert_eq!(rauthy.patch(&path(&made), patch(&gone)).await.expect(200).get("members"), None);
}

#[tokio::test]
async fn onelogin_sends_texts_for_booleans_and_null_for_an_id() {
    let app = TestApp::start().await;
    let (onelogin, ..) = provider(&app, "onelogin").await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = json!({
        "schemas": ["urn:scim:schemas:core:1.0"], "id": null, "userName": "one@example.com", "active": "true",
        enterprise: {"department": "R&D", "manager": {"managerId": "usr_1"}},
    });
    let user = onelogin.post(USERS, body).await.expect(201);
    assert_eq!((&user["active"], &user[enterprise]["manager"]["value"]), (&json!(true), &json!("usr_1")));
    assert_eq!(user["schemas"], json!([USER, enterprise]));
    let nobody = query(USERS, &[("filter", "userName eq \"nobody\"")]);
    assert_eq!(onelogin.with_header("user-agent", "").get(&nobody).await.expect(200)["totalResults"], 0);
}

#[tokio::test]
async fn jumpcloud_tries_a_user_and_a_group_when_it_is_switched_on() {
    let app = TestApp::start().await;
    let (_, jumpcloud) = app.directory_of(app.acme.id, "jumpcloud").await;
    let user = jumpcloud.post(USERS, named("test@example.com")).await.expect(201);
    let made = jumpcloud.post(GROUPS, group("Test", &[&user])).await.expect(201);
    let gone = json!([{"op": "remove", "path": "members", "value": [{"value": user["id"]}]}]);
    jumpcloud.patch(&path(&made), patch(&gone)).await.expect(200);
    let off = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": false}}]});
    assert_eq!(jumpcloud.patch(&path(&user), off).await.expect(200)["active"], false);
    jumpcloud.delete(&path(&made)).await.expect(204);
    jumpcloud.delete(&path(&user)).await.expect(204);
}

#[tokio::test]
async fn google_is_served_as_okta_is() {
    let app = TestApp::start().await;
    let (google, ..) = provider(&app, "google").await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut body = named("g@example.com");
    body[enterprise] = json!({"employeeNumber": 7});
    let user = google.post(USERS, body).await.expect(201);
    assert_eq!(user[enterprise]["employeeNumber"], "7");
    let off = patch(&json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(google.patch(&path(&user), off).await.expect(200)["active"], false);
}
