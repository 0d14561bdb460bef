//! The catalogue of roles and entitlements, as providers find it, and what a push of them does.

use elder_kernel::{Directory, Id};
use elder_testkit::{Actor, TestApp};
use futures_util::future::join;
use serde_json::{Value, json};

use crate::wire::{USER, ana, expect_error, named, patch, path, query, rows};

pub(crate) const USERS: &str = "/scim/v2/Users";
pub(crate) const CATALOGUE: &str = "/api/v2/entitlements";

/// A directory that is bound to the catalogue, and its provider.
async fn bound(app: &TestApp, provider: &str) -> (Id<Directory>, Actor) {
    let (id, actor) = app.directory_of(app.acme.id, provider).await;
    let admin = app.tenant_admin().await;
    admin.patch(&format!("/api/v2/directories/{id}"), json!({"entitlements": "catalogue"})).await.expect(200);
    (id, actor)
}

fn having(list: &str, values: &[&str]) -> Value {
    let values: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
    let mut user = ana();
    user[list] = json!(values);
    user
}

/// A PATCH that replaces `roles`.
fn roles(values: &[&str]) -> Value {
    let values: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
    patch(&json!([{"op": "replace", "path": "roles", "value": values}]))
}

/// What a user holds, by REST: values, and whether a directory says so.
pub(crate) async fn held(admin: &Actor, user: &Value) -> Vec<(String, bool)> {
    let list = admin.get(&format!("{}?sort=value", holdings(user))).await.expect(200);
    let assignments = list["data"].as_array().unwrap().iter();
    assignments
        .map(|held| (held["value"].as_str().unwrap().to_owned(), held["directory_id"].is_string()))
        .collect()
}

fn holdings(user: &Value) -> String {
    format!("/api/v2/users/{}/entitlements", user["id"].as_str().unwrap())
}

pub(crate) async fn entitlement(admin: &Actor, value: &str) -> Value {
    admin.post(CATALOGUE, json!({"kind": "entitlement", "value": value})).await.expect(201)["id"].clone()
}

#[tokio::test]
async fn rol_1_okta_discovers_types_schemas_roles_and_entitlements() {
    let app = TestApp::start().await;
    let (admin, (_, okta)) = (app.tenant_admin().await, bound(&app, "okta").await);
    let entry = json!({"kind": "entitlement", "value": "seat", "display": "A seat", "category": "license"});
    admin.post(CATALOGUE, entry).await.expect(201);
    let types = okta.get("/scim/v2/ResourceTypes").await.expect(200);
    let found: Vec<_> = types["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| (&kind["endpoint"], &kind["schema"]))
        .collect();
    let (role, entitlement) =
        ("urn:okta:scim:schemas:core:1.0:Role", "urn:okta:scim:schemas:core:1.0:Entitlement");
    assert_eq!(
        found[2..],
        [(&json!("/Roles"), &json!(role)), (&json!("/Entitlements"), &json!(entitlement))]
    );
    for urn in [role, entitlement] {
        let schema = okta.get(&format!("/scim/v2/Schemas/{urn}")).await.expect(200);
        assert_eq!(schema["attributes"][0]["name"], "displayName");
    }
    assert_eq!(okta.get("/scim/v2/Schemas").await.expect(200)["totalResults"], 5);
    let page = okta.get("/scim/v2/Roles?count=1&startIndex=1").await.expect(200);
    assert_eq!((&page["itemsPerPage"], &page["totalResults"]), (&json!(1), &json!(5)));
    let page = okta.get("/scim/v2/Entitlements?startIndex=1&count=100").await.expect(200);
    let seat = &page["Resources"][0];
    assert_eq!(
        (&seat["schemas"], &seat["id"], &seat["displayName"], &seat["type"], &seat["meta"]["location"]),
        (
            &json!([entitlement]),
            &json!("seat"),
            &json!("A seat"),
            &json!("license"),
            &json!("http://elder.test/scim/v2/Entitlements/seat")
        )
    );
    assert_eq!(seat.get("value"), None, "that is the draft's");
}

#[tokio::test]
async fn rol_2_everybody_else_gets_the_form_of_the_draft() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, bound(&app, "generic").await);
    admin.post(CATALOGUE, json!({"kind": "role", "value": "auditor", "max_holders": 2})).await.expect(201);
    let base = format!("/scim/v2/{id}");
    let config = provider.get(&format!("{base}/ServiceProviderConfig")).await.expect(200);
    assert_eq!(config["RolesAndEntitlements"]["roles"]["supported"], true);
    let urn = "urn:ietf:params:scim:schemas:core:2.0:Role";
    assert_eq!(provider.get(&format!("{base}/ResourceTypes/Role")).await.expect(200)["schema"], urn);
    let auditor = provider.get(&format!("{base}/Roles/auditor")).await;
    assert!(auditor.header("etag").starts_with("W/"));
    let auditor = auditor.expect(200);
    let expected = json!({
        "schemas": [urn], "id": "auditor", "value": "auditor", "display": "auditor", "supported": true,
        "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 2, "totalAssignmentsUsed": 0,
        "meta": auditor["meta"],
    });
    assert_eq!(auditor, expected);
    let person = provider.post(&format!("{base}/Users"), having("roles", &["auditor"])).await.expect(201);
    assert_eq!(person["roles"], json!([{"value": "auditor"}]));
    assert_eq!(provider.get(&format!("{base}/Roles/auditor")).await.expect(200)["totalAssignmentsUsed"], 1);
}

#[tokio::test]
async fn rol_2_the_catalogue_is_filtered_sorted_paged_and_not_changed() {
    let app = TestApp::start().await;
    let (_, provider) = bound(&app, "generic").await;
    let names = |list: &Value| {
        let all = list["Resources"].as_array().unwrap().iter();
        all.map(|role| role["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let list = provider.get("/scim/v2/Roles").await.expect(200);
    assert_eq!(names(&list), ["admin", "billing", "readonly", "support", "user"]);
    let asked = query("/scim/v2/Roles", &[("filter", "value eq \"ADMIN\" or display sw \"supp\"")]);
    assert_eq!(names(&provider.get(&asked).await.expect(200)), ["admin", "support"]);
    let asked = query("/scim/v2/Roles", &[("sortBy", "value"), ("sortOrder", "descending"), ("count", "2")]);
    assert_eq!(names(&provider.get(&asked).await.expect(200)), ["user", "support"]);
    let first = provider.get("/scim/v2/Roles?cursor=&count=3").await.expect(200);
    let next = query("/scim/v2/Roles", &[("cursor", first["nextCursor"].as_str().unwrap()), ("count", "3")]);
    let second = provider.get(&next).await.expect(200);
    assert_eq!(
        (names(&second), second.get("nextCursor")),
        (vec!["support".to_owned(), "user".to_owned()], None)
    );
    let thin = provider.get("/scim/v2/Roles/admin?attributes=display").await.expect(200);
    assert_eq!(thin.as_object().unwrap().len(), 3, "schemas, id and display: {thin}");
    expect_error(provider.get("/scim/v2/Roles/nobody").await, 404, None);
    expect_error(provider.get("/scim/v2/Roles?filter=nothing").await, 400, Some("invalidFilter"));
    for answer in [
        provider.post("/scim/v2/Roles", json!({})).await,
        provider.delete("/scim/v2/Roles/admin").await,
        provider.put("/scim/v2/Roles/admin", json!({})).await,
    ] {
        expect_error(answer, 405, None);
    }
}

#[tokio::test]
async fn rol_1_nothing_is_told_without_the_token_nor_to_an_open_directory() {
    let app = TestApp::start().await;
    let (_, open) = app.directory().await;
    let (id, _) = bound(&app, "generic").await;
    for who in [&open, &app.guest()] {
        for base in ["/scim/v2".to_owned(), format!("/scim/v2/{id}")] {
            let types = who.get(&format!("{base}/ResourceTypes")).await.expect(200);
            assert_eq!(types["totalResults"], 2);
            let config = who.get(&format!("{base}/ServiceProviderConfig")).await.expect(200);
            assert_eq!(config.get("RolesAndEntitlements"), None);
        }
    }
    expect_error(app.guest().get("/scim/v2/Roles").await, 401, None);
}

#[tokio::test]
async fn a_catalogue_begins_with_five_roles_where_it_is_empty() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let new = json!({"name": "Bound", "entitlements": "catalogue"});
    let directory = admin.post("/api/v2/directories", new.clone()).await.expect(201);
    assert_eq!(directory["entitlements"], "catalogue");
    let list = admin.get(&format!("{CATALOGUE}?sort=value")).await.expect(200);
    let values: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|role| role["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["admin", "billing", "readonly", "support", "user"]);
    let billing = list["data"][1]["id"].as_str().unwrap();
    admin.delete(&format!("{CATALOGUE}/{billing}")).await.expect(204);
    let second = json!({"name": "Another", "entitlements": "catalogue"});
    admin.post("/api/v2/directories", second).await.expect(201);
    assert_eq!(rows(&app, "entitlements").await, 4, "it is not empty any more");
    app.other_tenant().await.post("/api/v2/directories", new).await.expect(201);
}

#[tokio::test]
async fn rol_3_a_push_gives_and_takes_what_it_names() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, bound(&app, "generic").await);
    entitlement(&admin, "seat").await;
    let mut new = having("roles", &["Admin", "user"]);
    new["entitlements"] = json!([{"value": "seat"}]);
    let ana = provider.post(USERS, new).await.expect(201);
    let of = |values: &[&str]| values.iter().map(|value| ((*value).to_owned(), true)).collect::<Vec<_>>();
    assert_eq!(held(&admin, &ana).await, of(&["admin", "seat", "user"]));
    provider.patch(&path(&ana), roles(&["support"])).await.expect(200);
    assert_eq!(held(&admin, &ana).await, of(&["seat", "support"]));
    let add = patch(&json!([{"op": "add", "path": "roles", "value": [{"value": "billing"}]}]));
    provider.patch(&path(&ana), add).await.expect(200);
    let remove = patch(&json!([{"op": "remove", "path": "roles[value eq \"support\"]"}]));
    provider.patch(&path(&ana), remove).await.expect(200);
    assert_eq!(held(&admin, &ana).await, of(&["billing", "seat"]));
    provider.put(&path(&ana), self::ana()).await.expect(200);
    assert_eq!(held(&admin, &ana).await, of(&[]));
    assert_eq!(app.audit_count("scim.user.roles_changed").await, 4);
}

#[tokio::test]
async fn rol_3_bulk_gives_what_it_names_and_fails_alone() {
    let app = TestApp::start().await;
    let (_, provider) = bound(&app, "generic").await;
    let operation = |name: &str, role: &str| {
        let mut user = named(name);
        user["roles"] = json!([{"value": role}]);
        json!({"method": "POST", "path": "/Users", "bulkId": name, "data": user})
    };
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation("a@example.com", "user"), operation("b@example.com", "king")]});
    let done = provider.post("/scim/v2/Bulk", bulk).await.expect(200);
    assert_eq!(
        (&done["Operations"][0]["status"], &done["Operations"][1]["status"]),
        (&json!("201"), &json!("400"))
    );
    assert_eq!(rows(&app, "entitlement_assignments").await, 1);
}

#[tokio::test]
async fn rol_3_who_is_bound_to_the_catalogue_names_nothing_else() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, bound(&app, "generic").await);
    for (list, value) in [("roles", "king"), ("entitlements", "admin")] {
        let error =
            expect_error(provider.post(USERS, having(list, &[value])).await, 400, Some("invalidValue"));
        let told = format!("{list}: `{value}` is not in the catalogue, or is not supported");
        assert_eq!(error["detail"], told);
    }
    assert_eq!(rows(&app, "scim_users").await, 0);
    let ana = provider.post(USERS, having("roles", &["user"])).await.expect(201);
    let found = admin.get(&format!("{CATALOGUE}?filter=value%20eq%20%22user%22")).await.expect(200);
    let entry = format!("{CATALOGUE}/{}", found["data"][0]["id"].as_str().unwrap());
    admin.patch(&entry, json!({"is_supported": false})).await.expect(200);
    provider.patch(&path(&ana), roles(&["user", "support"])).await.expect(200);
    expect_error(
        provider
            .post(USERS, json!({"schemas": [USER], "userName": "bo@example.com", "roles": ["user"]}))
            .await,
        400,
        Some("invalidValue"),
    );
    provider.patch(&path(&ana), roles(&["support"])).await.expect(200);
    expect_error(provider.patch(&path(&ana), roles(&["user"])).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn usr_4_an_open_directory_names_what_it_likes_and_gives_what_the_catalogue_has() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, app.directory().await);
    let ana = provider.post(USERS, having("entitlements", &["seat", "anything at all"])).await.expect(201);
    assert_eq!(ana["entitlements"], json!([{"value": "seat"}, {"value": "anything at all"}]));
    assert!(held(&admin, &ana).await.is_empty());
    let seat = entitlement(&admin, "Seat").await;
    let of_seat = [("Seat".to_owned(), true)];
    assert_eq!(held(&admin, &ana).await, of_seat, "it was said before the entry was made");
    let entry = format!("{CATALOGUE}/{}", seat.as_str().unwrap());
    admin.delete(&entry).await.expect_problem(409, "conflict");
    provider.delete(&path(&ana)).await.expect(204);
    assert_eq!(rows(&app, "entitlement_assignments").await, 0);
    admin.delete(&entry).await.expect(204);
}

#[tokio::test]
async fn usr_4_entra_sends_a_role_as_json_in_a_text() {
    let app = TestApp::start().await;
    let (admin, (_, entra)) = (app.tenant_admin().await, bound(&app, "entra").await);
    let ana = entra.post(USERS, ana()).await.expect(201);
    let text = r#"{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"billing","displayName":"Billing"}"#;
    let body = patch(&json!([{"op": "Add", "path": "roles", "value": [{"value": text}]}]));
    let after = entra.patch(&path(&ana), body).await.expect(200);
    assert_eq!(after["roles"][0]["value"], text, "it comes back as it was sent");
    assert_eq!(held(&admin, &ana).await, [("billing".to_owned(), true)]);
    let body =
        patch(&json!([{"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "support"}]));
    entra.patch(&path(&ana), body).await.expect(200);
    assert_eq!(held(&admin, &ana).await, [("billing".to_owned(), true), ("support".to_owned(), true)]);
}

#[tokio::test]
async fn rol_4_neither_side_takes_what_the_other_gives() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, bound(&app, "generic").await);
    let seat = entitlement(&admin, "seat").await;
    let ana = provider.post(USERS, having("roles", &["user"])).await.expect(201);
    let given = admin.post(&holdings(&ana), json!({"entitlement_id": seat})).await.expect(201);
    let list = admin.get(&holdings(&ana)).await.expect(200);
    let pushed =
        list["data"].as_array().unwrap().iter().find(|held| held["directory_id"].is_string()).unwrap();
    let place = |assignment: &Value| format!("{}/{}", holdings(&ana), assignment["id"].as_str().unwrap());
    admin.delete(&place(pushed)).await.expect_problem(409, "managed_by_directory");
    assert_eq!(
        provider.get(&path(&ana)).await.expect(200).get("entitlements"),
        None,
        "it is not the directory's"
    );
    provider.patch(&path(&ana), roles(&[])).await.expect(200);
    assert_eq!(held(&admin, &ana).await, [("seat".to_owned(), false)]);
    admin.delete(&place(&given)).await.expect(204);
}

#[tokio::test]
async fn rol_4_an_entry_of_one_directory_is_given_by_that_one_alone() {
    let app = TestApp::start().await;
    let (admin, (id, own), (_, other)) =
        (app.tenant_admin().await, bound(&app, "generic").await, bound(&app, "okta").await);
    let entry = json!({"kind": "role", "value": "branch", "directory_id": id});
    let branch = admin.post(CATALOGUE, entry).await.expect(201);
    own.get("/scim/v2/Roles/branch").await.expect(200);
    expect_error(other.get("/scim/v2/Roles/branch").await, 404, None);
    let ana = own.post(USERS, having("roles", &["branch"])).await.expect(201);
    let mut bo = named("bo@example.com");
    bo["roles"] = json!([{"value": "branch"}]);
    expect_error(other.post(USERS, bo).await, 400, Some("invalidValue"));
    let by_hand = admin.post(&holdings(&ana), json!({"entitlement_id": branch["id"]})).await;
    by_hand.expect_problem(409, "managed_by_directory");
    admin.delete(&format!("/api/v2/directories/{id}")).await.expect(204);
    admin
        .get(&format!("{CATALOGUE}/{}", branch["id"].as_str().unwrap()))
        .await
        .expect_problem(404, "not_found");
    assert!(held(&admin, &ana).await.is_empty());
}

#[tokio::test]
async fn rol_4_a_push_breaks_no_rule_whoever_gave_the_rest() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, bound(&app, "generic").await);
    let list = admin.get(&format!("{CATALOGUE}?sort=value")).await.expect(200);
    let id = |index: usize| list["data"][index]["id"].clone();
    let (admin_role, billing) = (id(0), id(1));
    let rule = json!({"name": "Apart", "entitlement_ids": [admin_role, billing]});
    admin.post("/api/v2/entitlement-conflicts", rule).await.expect(201);
    let both = having("roles", &["admin", "billing"]);
    let error = expect_error(provider.post(USERS, both).await, 409, None);
    assert_eq!(error["detail"], "The rule `Apart` lets nobody hold more than 1 of these: admin, billing.");
    assert_eq!(rows(&app, "scim_users").await, 0);
    let ana = provider.post(USERS, having("roles", &["admin"])).await.expect(201);
    let by_hand = json!({"entitlement_id": billing});
    admin.post(&holdings(&ana), by_hand.clone()).await.expect_problem(409, "sod_conflict");
    provider.patch(&path(&ana), roles(&["billing"])).await.expect(200);
    provider.patch(&path(&ana), roles(&[])).await.expect(200);
    for _ in 0..5 {
        let (pushed, given) = join(
            provider.patch(&path(&ana), roles(&["admin"])),
            admin.post(&holdings(&ana), by_hand.clone()),
        )
        .await;
        assert!(
            [(200, 409), (409, 201)].contains(&(pushed.status, given.status)),
            "{} {}",
            pushed.status,
            given.status
        );
        if given.status == 201 {
            let made = given.expect(201);
            admin.delete(&format!("{}/{}", holdings(&ana), made["id"].as_str().unwrap())).await.expect(204);
        }
        provider.patch(&path(&ana), roles(&[])).await.expect(200);
    }
}
