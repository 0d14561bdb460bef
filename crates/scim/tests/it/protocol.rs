//! Users as a SCIM client sees them.

use elder_testkit::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::wire::{USER, ana, expect_error, named, patch, path, rows};

const USERS: &str = "/scim/v2/Users";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn names(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn cre_1_cre_3_a_user_is_created_with_location_and_version() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let answer = provider.post(USERS, ana()).await;
    let (location, etag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
    let created = answer.expect(201);
    assert_eq!(
        (created["meta"]["location"].as_str(), created["meta"]["version"].as_str()),
        (Some(location.as_str()), Some(etag.as_str()))
    );
    assert_eq!(etag, "W/\"1\"");
    assert_eq!(created["meta"]["resourceType"], "User");
    for (name, value) in ana().as_object().unwrap() {
        assert_eq!(&created[name], value);
    }
    assert!(location.starts_with("http://elder.test/scim/v2/Users/usr_"));
    assert_eq!(provider.get(&path(&created)).await.expect(200), created);
}

#[tokio::test]
async fn a_base_url_with_the_directory_in_it_serves_the_same() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let created = provider.post(&format!("/scim/v2/{directory}/Users"), ana()).await.expect(201);
    let location = created["meta"]["location"].as_str().unwrap();
    let own = location.strip_prefix("http://elder.test").unwrap();
    assert!(own.starts_with(&format!("/scim/v2/{directory}/Users/")));
    assert_eq!(provider.get(own).await.expect(200), created);
    assert_eq!(provider.get(&path(&created)).await.expect(200)["id"], created["id"]);
}

#[tokio::test]
async fn unq_1_a_user_name_is_taken_in_any_letter_case_and_free_again_after_a_delete() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let first = provider.post(USERS, ana()).await.expect(201);
    let mut twin = named("ANA@example.com");
    twin["emails"] = json!([{"value": "other@example.com"}]);
    expect_error(provider.post(USERS, twin.clone()).await, 409, Some("uniqueness"));
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    let rename = patch(&json!([{"op": "replace", "path": "userName", "value": "Ana@Example.com"},
        {"op": "add", "path": "emails", "value": [{"value": "third@example.com"}]}]));
    expect_error(provider.patch(&path(&bo), rename).await, 409, Some("uniqueness"));
    assert_eq!(provider.get(&path(&bo)).await.expect(200), bo);
    provider.delete(&path(&first)).await.expect(204);
    expect_error(provider.get(&path(&first)).await, 404, None);
    expect_error(provider.delete(&path(&first)).await, 404, None);
    provider.post(USERS, twin).await.expect(201);
}

#[tokio::test]
async fn http_1_http_5_bodies_are_taken_in_both_media_types_and_no_other() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let send = async |kind: &str, body: &str| {
        provider.send_bytes(Method::POST, USERS, kind, Some(body.as_bytes().to_vec())).await
    };
    let body = |name| named(name).to_string();
    send("application/json; charset=utf-8", &body("a")).await.expect(201);
    send("application/scim+json; charset=utf-8", &body("b")).await.expect(201);
    expect_error(send("text/plain", &body("c")).await, 415, None);
    expect_error(send("application/scim+json", "{").await, 400, Some("invalidSyntax"));
    expect_error(send("application/scim+json", &"[".repeat(5_000)).await, 400, Some("invalidSyntax"));
    expect_error(send("application/scim+json", "[]").await, 400, Some("invalidSyntax"));
    expect_error(send("application/scim+json", r#"{"schemas":[]}"#).await, 400, Some("invalidValue"));
    expect_error(send("application/scim+json", &body("a\u{0}b")).await, 400, Some("invalidValue"));
    let large = format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"{}\"}}", "x".repeat(1 << 20));
    expect_error(send("application/scim+json", &large).await, 413, None);
    assert_eq!(rows(&app, "scim_users").await, 2);
    let plain = provider.with_header("accept", "application/json").get(USERS).await;
    assert_eq!(plain.header("content-type"), "application/json");
}

#[tokio::test]
async fn pwd_1_a_password_is_stored_hashed_and_never_comes_back() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let mut body = ana();
    body["password"] = "correct horse battery staple".into();
    let ana = provider.post(USERS, body).await.expect(201);
    assert_eq!(ana.get("password"), None);
    let stored = "select password_hash, (select resource::text from scim_users) from portal_users where managed_by is not null";
    let row = app.superuser.query_one(stored, &[]).await.unwrap();
    let first: String = row.get(0);
    assert!(first.starts_with("$argon2id$"));
    assert!(!row.get::<_, &str>(1).contains("horse"));
    let change =
        patch(&json!([{"op": "replace", "path": "password", "value": "another horse and no staple"}]));
    provider.patch(&path(&ana), change).await.expect(200);
    let second: String = app.superuser.query_one(stored, &[]).await.unwrap().get(0);
    assert_ne!(first, second);
    let empty = patch(&json!([{"op": "replace", "path": "password", "value": ""}]));
    expect_error(provider.patch(&path(&ana), empty).await, 400, Some("invalidValue"));
    expect_error(provider.get(&format!("{USERS}?filter=password%20pr")).await, 400, Some("invalidFilter"));
}

#[tokio::test]
async fn etg_1_to_5_versions_guard_reads_and_changes() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let own = path(&ana);
    let known = provider.with_header("if-none-match", "W/\"1\"").get(&own).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let title = |title: &str| patch(&json!([{"op": "replace", "path": "title", "value": title}]));
    let stale = provider.with_header("if-match", "W/\"7\"");
    expect_error(stale.patch(&own, title("x")).await, 412, None);
    expect_error(stale.put(&own, crate::wire::ana()).await, 412, None);
    expect_error(stale.delete(&own).await, 412, None);
    assert_eq!(provider.get(&own).await.expect(200), ana);
    let changed = provider.with_header("if-match", "\"1\"").patch(&own, title("x")).await;
    assert_eq!(changed.header("etag"), "W/\"2\"");
    changed.expect(200);
    provider.with_header("if-none-match", "W/\"1\"").get(&own).await.expect(200);
    provider.with_header("if-match", "*").delete(&own).await.expect(204);
}

#[tokio::test]
async fn pat_17_what_changes_nothing_writes_nothing() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    app.clock.advance(chrono::Duration::minutes(5));
    assert_eq!(provider.put(&path(&ana), crate::wire::ana()).await.expect(200), ana);
    let same = patch(&json!([{"op": "replace", "value": {"active": "True", "externalId": "00u1"}}]));
    assert_eq!(provider.patch(&path(&ana), same).await.expect(200), ana);
    assert_eq!(app.audit_count("scim.user.updated").await, 0);
}

#[tokio::test]
async fn pat_5_pat_14_operations_are_done_all_or_none() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    for (second, kind) in [
        (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
        (json!({"op": "replace", "path": "nickNam", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "emails[type eq", "value": "x"}), "invalidFilter"),
        (json!({"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x"}), "noTarget"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "replace", "path": "active", "value": "perhaps"}), "invalidValue"),
        (json!({"op": "replace", "path": "emails", "value": [{"value": "nobody"}]}), "invalidValue"),
    ] {
        let body = patch(&json!([{"op": "replace", "path": "title", "value": "x"}, second]));
        let answer = provider.patch(&path(&ana), body).await;
        let kind = if answer.text.contains("invalidPath") { "invalidPath" } else { kind };
        expect_error(answer, 400, Some(kind));
    }
    assert_eq!(provider.get(&path(&ana)).await.expect(200), ana);
}

#[tokio::test]
async fn put_2_put_10_a_put_clears_what_it_leaves_out_but_active() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let off = patch(&json!([{"op": "replace", "path": "active", "value": false}]));
    provider.patch(&path(&ana), off).await.expect(200);
    let mut body = named("ana@example.com");
    (body["id"], body["meta"]) = ("usr_other".into(), json!({"version": "x"}));
    let after = provider.put(&path(&ana), body).await.expect(200);
    assert_eq!((&after["id"], &after["active"], after.get("name")), (&ana["id"], &json!(false), None));
    expect_error(provider.put(&path(&ana), json!({"schemas": [USER]})).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn fil_a_filter_finds_what_it_names_by_index_or_by_reading() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let created = provider.post(USERS, ana()).await.expect(201);
    for name in ["bo@example.com", "cy@example.com"] {
        app.clock.advance(chrono::Duration::milliseconds(1));
        provider.post(USERS, named(name)).await.expect(201);
    }
    let find = async |filter: &str| {
        let query: String = reqwest::Url::parse_with_params("http://x/", [("filter", filter)])
            .unwrap()
            .query()
            .unwrap()
            .into();
        let list = provider.get(&format!("{USERS}?{query}")).await.expect(200);
        names(&list).join(" ")
    };
    let id = format!("id eq \"{}\"", created["id"].as_str().unwrap());
    for filter in [
        "userName eq \"ANA@EXAMPLE.COM\"",
        "externalId eq \"00u1\"",
        id.as_str(),
        "name.givenName co \"an\"",
        "emails[type eq \"work\" and value sw \"ana\"]",
        "userName eq \"ana@example.com\" and active eq true",
    ] {
        assert_eq!(find(filter).await, "ana@example.com", "{filter}");
    }
    for filter in [
        "userName eq \"nobody\"",
        "externalId eq \"00U1\"",
        "id eq \"1\"",
        "userName eq \"ana@example.com\" and active eq false",
        "unknown eq \"x\"",
    ] {
        assert_eq!(find(filter).await, "", "{filter}");
    }
    assert_eq!(find("userName sw \"b\" or userName sw \"c\"").await, "bo@example.com cy@example.com");
    expect_error(
        provider.get(&format!("{USERS}?filter=userName%20zz%20%22a%22")).await,
        400,
        Some("invalidFilter"),
    );
}

#[tokio::test]
async fn pag_a_list_is_paged_and_its_total_is_the_whole() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    for number in 0..5 {
        provider.post(USERS, named(&format!("u{number}"))).await.expect(201);
        app.clock.advance(chrono::Duration::milliseconds(1));
    }
    for filter in ["", "&filter=userName%20sw%20%22u%22"] {
        let page = provider.get(&format!("{USERS}?startIndex=2&count=2{filter}")).await.expect(200);
        assert_eq!(
            (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
            (&json!(5), &json!(2), &json!(2))
        );
        assert_eq!(names(&page), ["u1", "u2"]);
        let none = provider.get(&format!("{USERS}?count=0{filter}")).await.expect(200);
        assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(5), &json!([])));
        let past = provider.get(&format!("{USERS}?startIndex=9{filter}")).await.expect(200);
        assert_eq!((&past["totalResults"], &past["itemsPerPage"]), (&json!(5), &json!(0)));
    }
    expect_error(provider.get(&format!("{USERS}?count=many")).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn prj_5_attributes_are_chosen_in_every_answer() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let keys = |user: &Value| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let created = provider.post(&format!("{USERS}?attributes=userName"), ana()).await.expect(201);
    assert_eq!(keys(&created), "id schemas userName");
    let own = format!("{USERS}/{}", created["id"].as_str().unwrap());
    let seen = provider.get(&format!("{own}?attributes=name.givenName")).await.expect(200);
    assert_eq!(seen["name"], json!({"givenName": "Ana"}));
    let put = provider.put(&format!("{own}?attributes=active"), ana()).await.expect(200);
    assert_eq!(keys(&put), "active id schemas");
    let list = provider.get(&format!("{USERS}?excludedAttributes=emails,id")).await.expect(200);
    assert_eq!((list["Resources"][0].get("emails"), &list["Resources"][0]["id"]), (None, &created["id"]));
}

#[tokio::test]
async fn srch_1_srch_2_a_search_is_posted_to_users_or_to_the_root() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    provider.post(USERS, ana()).await.expect(201);
    let body = |filter: &str| json!({"schemas": [SEARCH], "filter": filter, "attributes": ["userName"], "count": 10});
    for place in ["/scim/v2/Users/.search", "/scim/v2/.search"] {
        let found = provider.post(place, body("userName eq \"ana@example.com\"")).await.expect(200);
        assert_eq!(names(&found), ["ana@example.com"]);
        assert_eq!(found["Resources"][0].get("emails"), None);
        expect_error(provider.post(place, body("(")).await, 400, Some("invalidFilter"));
        expect_error(provider.post(place, json!({})).await, 400, Some("invalidSyntax"));
    }
    let typed = provider.post("/scim/v2/.search", body("meta.resourceType eq \"Group\"")).await.expect(200);
    assert_eq!(typed["totalResults"], 0);
}

#[tokio::test]
async fn a_filter_without_an_index_sees_every_user_of_a_large_directory() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let many = "with people as (
            insert into portal_users (tenant_id, id, email, email_folded, managed_by)
            select $1, gen_random_uuid(), n || '@b.c', n || '@b.c', $2 from generate_series(1, 1234) n
            returning id, email
        )
        insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active,
            resource, created_at, updated_at)
        select $1, $2, id, email, email, true, jsonb_build_object('userName', email, 'title', 'x'), now(), now()
        from people";
    app.superuser.execute(many, &[&app.acme.id.0, &directory.uuid()]).await.unwrap();
    let mut seen = std::collections::HashSet::new();
    for start in [1, 201, 401, 601, 801, 1001, 1201] {
        let page = format!("{USERS}?filter=title%20eq%20%22X%22&startIndex={start}&count=500");
        let page = provider.get(&page).await.expect(200);
        assert_eq!(page["totalResults"], 1234);
        seen.extend(names(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), 1234);
}
