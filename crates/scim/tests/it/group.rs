//! Groups as a SCIM client sees them.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::wire::{GROUP, ana, expect_error, group, ids, members, named, patch, path, query, rows};

const GROUPS: &str = "/scim/v2/Groups";
const USERS: &str = "/scim/v2/Users";

#[tokio::test]
async fn grp_2_a_group_is_created_with_its_members_and_shown_with_what_is_known_of_them() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    app.clock.advance(chrono::Duration::milliseconds(1));
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    let mut body = group("Engineering", &[&bo]);
    body["externalId"] = "g-1".into();
    body["members"]
        .as_array_mut()
        .unwrap()
        .push(json!({"value": ana["id"], "display": "Boss", "type": "User"}));
    let answer = provider.post(GROUPS, body).await;
    let (location, etag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
    let made = answer.expect(201);
    assert!(location.starts_with("http://elder.test/scim/v2/Groups/scg_"), "{location}");
    assert_eq!((made["meta"]["location"].as_str(), etag.as_str()), (Some(location.as_str()), "W/\"1\""));
    assert_eq!((&made["displayName"], &made["externalId"]), (&json!("Engineering"), &json!("g-1")));
    let of = |user: &Value, display: &str| json!({"value": user["id"], "$ref": user["meta"]["location"], "type": "User", "display": display});
    assert_eq!(made["members"], json!([of(&ana, "Boss"), of(&bo, "bo@example.com")]));
    assert_eq!(provider.get(&path(&made)).await.expect(200), made);
    assert_eq!(app.audit_count("scim.group.created").await, 1);
}

#[tokio::test]
async fn grp_1_unq_4_a_group_has_a_name_and_no_other_of_the_directory_has_it() {
    let app = TestApp::start().await;
    let ((_, provider), (_, other)) = (app.directory().await, app.directory().await);
    expect_error(provider.post(GROUPS, json!({"schemas": [GROUP]})).await, 400, Some("invalidValue"));
    let made = provider.post(GROUPS, group("Staff", &[])).await.expect(201);
    expect_error(provider.post(GROUPS, group("STAFF", &[])).await, 409, Some("uniqueness"));
    let guests = provider.post(GROUPS, group("Guests", &[])).await.expect(201);
    let rename = patch(&json!([{"op": "replace", "path": "displayName", "value": "staff"}]));
    expect_error(provider.patch(&path(&guests), rename).await, 409, Some("uniqueness"));
    assert_eq!(provider.get(&path(&guests)).await.expect(200), guests);
    other.post(GROUPS, group("Staff", &[])).await.expect(201);
    provider.delete(&path(&made)).await.expect(204);
    provider.post(GROUPS, group("STAFF", &[])).await.expect(201);
}

#[tokio::test]
async fn mtn_1_a_group_and_its_members_are_of_one_directory() {
    let app = TestApp::start().await;
    let ((_, provider), (_, other)) = (app.directory().await, app.directory().await);
    let stranger = other.post(USERS, ana()).await.expect(201);
    let made = provider.post(GROUPS, group("Staff", &[&stranger])).await.expect(201);
    assert_eq!(made.get("members"), None);
    for answer in [
        other.get(&path(&made)).await,
        other.put(&path(&made), group("Mine", &[])).await,
        other.patch(&path(&made), patch(&json!([{"op": "remove", "path": "members"}]))).await,
        other.delete(&path(&made)).await,
        provider.get(&format!("{GROUPS}/12345")).await,
        provider.get(&format!("{GROUPS}/{}", stranger["id"].as_str().unwrap())).await,
    ] {
        expect_error(answer, 404, None);
    }
    assert_eq!(other.get(GROUPS).await.expect(200)["totalResults"], 0);
    assert_eq!(provider.get(&path(&made)).await.expect(200), made);
}

#[tokio::test]
async fn put_1_put_2_a_put_makes_the_group_what_it_says() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [ana, bo, cy] = people(&provider).await;
    let made = provider.post(GROUPS, group("Staff", &[&ana, &bo])).await.expect(201);
    let mut body = group("Team", &[&bo, &cy]);
    (body["id"], body["externalId"]) = ("scg_other".into(), "x".into());
    let put = provider.put(&path(&made), body).await.expect(200);
    assert_eq!(
        (&put["id"], &put["displayName"], &put["externalId"]),
        (&made["id"], &json!("Team"), &json!("x"))
    );
    assert_eq!(members(&put), ids(&[&bo, &cy]));
    let put =
        provider.put(&path(&made), json!({"schemas": [GROUP], "displayName": "Team"})).await.expect(200);
    assert_eq!((put.get("members"), put.get("externalId")), (None, None));
    assert_eq!(app.audit_count("scim.group.updated").await, 2);
}

#[tokio::test]
async fn etg_1_to_5_versions_guard_groups_too() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [ana, ..] = people(&provider).await;
    let made = provider.post(GROUPS, group("Staff", &[])).await.expect(201);
    let own = path(&made);
    provider.with_header("if-none-match", "W/\"1\"").get(&own).await.expect(304);
    let add = || patch(&json!([{"op": "add", "path": "members", "value": [{"value": ana["id"]}]}]));
    let stale = provider.with_header("if-match", "W/\"7\"");
    expect_error(stale.patch(&own, add()).await, 412, None);
    expect_error(stale.put(&own, group("Staff", &[&ana])).await, 412, None);
    expect_error(stale.delete(&own).await, 412, None);
    assert_eq!(provider.get(&own).await.expect(200), made);
    let changed = provider.with_header("if-match", "W/\"1\"").patch(&own, add()).await;
    assert_eq!(changed.header("etag"), "W/\"2\"");
    assert_eq!(members(&changed.expect(200)), ids(&[&ana]));
    let again = provider.patch(&own, add()).await;
    assert_eq!(again.header("etag"), "W/\"2\"", "what changes nothing leaves the version alone");
    assert_eq!(app.audit_count("scim.membership.changed").await, 1);
    provider.with_header("if-match", "*").delete(&own).await.expect(204);
    expect_error(provider.get(&own).await, 404, None);
    assert_eq!(rows(&app, "scim_group_members").await, 0);
}

#[tokio::test]
async fn fil_21_groups_are_found_by_name_by_id_and_by_member() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [ana, bo, _] = people(&provider).await;
    let mut body = group("Engineering", &[&ana]);
    body["externalId"] = "g-1".into();
    let engineering = provider.post(GROUPS, body).await.expect(201);
    let sales = provider.post(GROUPS, group("Sales", &[&ana, &bo])).await.expect(201);
    let (ana, bo) = (ana["id"].as_str().unwrap(), bo["id"].as_str().unwrap());
    let own = engineering["id"].as_str().unwrap();
    let both = ids(&[&engineering, &sales]);
    for (filter, found) in [
        ("displayName eq \"ENGINEERING\"".to_owned(), ids(&[&engineering])),
        ("externalId eq \"g-1\"".to_owned(), ids(&[&engineering])),
        ("externalId eq \"G-1\"".to_owned(), vec![]),
        (format!("id eq \"{own}\""), ids(&[&engineering])),
        (format!("members eq \"{ana}\""), both.clone()),
        (format!("members[value eq \"{bo}\"]"), ids(&[&sales])),
        (format!("members.value eq {bo}"), ids(&[&sales])),
        (format!("id eq \"{own}\" and members eq \"{ana}\""), ids(&[&engineering])),
        (format!("id eq \"{own}\" and members eq \"{bo}\""), vec![]),
        (format!("not (members eq \"{bo}\")"), ids(&[&engineering])),
        ("members.display sw \"bo@\"".to_owned(), ids(&[&sales])),
        ("members[type eq \"Group\"]".to_owned(), vec![]),
        ("members eq \"nobody\"".to_owned(), vec![]),
        ("displayName co \"E\" and members pr".to_owned(), both),
    ] {
        let list = provider.get(&query(GROUPS, &[("filter", &filter)])).await.expect(200);
        let resources: Vec<_> = list["Resources"].as_array().unwrap().iter().collect();
        assert_eq!(
            (ids(&resources), &list["totalResults"]),
            (found.clone(), &json!(found.len())),
            "{filter}"
        );
        for resource in resources {
            let whole = provider.get(&path(resource)).await.expect(200);
            assert_eq!(*resource, whole, "{filter}: a list shows all members");
        }
    }
}

#[tokio::test]
async fn prj_2_grp_5_members_that_are_not_asked_for_do_not_come() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [ana, ..] = people(&provider).await;
    let made = provider.post(&format!("{GROUPS}?excludedAttributes=members"), group("Staff", &[&ana])).await;
    let made = made.expect(201);
    let own = path(&made);
    for place in [format!("{own}?excludedAttributes=members"), format!("{own}?attributes=displayName")] {
        assert_eq!(provider.get(&place).await.expect(200).get("members"), None);
    }
    let list = provider.get(&format!("{GROUPS}?excludedAttributes=members")).await.expect(200);
    assert_eq!(list["Resources"], json!([made]));
    let seen = provider.get(&format!("{own}?attributes=members.value")).await.expect(200);
    assert_eq!(seen["members"], json!([{"value": ana["id"]}]));
}

#[tokio::test]
async fn a_directory_that_takes_no_groups_says_so() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let [ana, ..] = people(&provider).await;
    let made = provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    assert_eq!(provider.get(&path(&ana)).await.expect(200)["groups"][0]["display"], "Staff");
    let place = format!("/api/v2/directories/{directory}");
    let changed = admin.patch(&place, json!({"sync_groups": false})).await.expect(200);
    assert_eq!(changed["sync_groups"], false);
    for answer in [
        provider.get(GROUPS).await,
        provider.post(GROUPS, group("Other", &[])).await,
        provider.get(&path(&made)).await,
        provider.delete(&path(&made)).await,
    ] {
        expect_error(answer, 501, None);
    }
    assert_eq!(provider.get(&path(&ana)).await.expect(200).get("groups"), None);
    admin.patch(&place, json!({"sync_groups": true})).await.expect(200);
    assert_eq!(provider.get(&path(&made)).await.expect(200), made);
}

/// Ana, Bo and Cy, who are users of the directory.
async fn people(provider: &elder_testkit::Actor) -> [Value; 3] {
    let ana = provider.post(USERS, ana()).await.expect(201);
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    let cy = provider.post(USERS, named("cy@example.com")).await.expect(201);
    [ana, bo, cy]
}
