//! Who is in a group: changes one by one and by many at once, and what a user sees of it.

use elder_testkit::{Actor, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::wire::{GROUP, expect_error, group, ids, members, named, patch, path, rows};

const GROUPS: &str = "/scim/v2/Groups";
const USERS: &str = "/scim/v2/Users";

async fn people<const N: usize>(provider: &Actor) -> [Value; N] {
    let users = join_all((0..N).map(|number| async move {
        provider.post(USERS, named(&format!("u{number}@example.com"))).await.expect(201)
    }));
    users.await.try_into().unwrap()
}

async fn change(provider: &Actor, group: &Value, operations: Value) -> Value {
    provider.patch(&path(group), patch(&operations)).await.expect(200)
}

#[tokio::test]
async fn add_2_rem_4_rep_3_members_are_added_removed_and_exchanged() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [a, b, c, d] = people(&provider).await;
    let made = provider.post(GROUPS, group("Staff", &[&a])).await.expect(201);
    let value = |users: &[&Value]| users.iter().map(|user| json!({"value": user["id"]})).collect::<Value>();
    let add = json!([{"op": "add", "path": "members", "value": value(&[&a, &b])}]);
    assert_eq!(members(&change(&provider, &made, add).await), ids(&[&a, &b]));
    let gone = format!("members[value eq \"{}\"]", a["id"].as_str().unwrap());
    let both = json!([
        {"op": "remove", "path": gone},
        {"op": "add", "path": "members", "value": value(&[&c])},
        {"op": "replace", "path": "displayName", "value": "Team"},
    ]);
    let after = change(&provider, &made, both).await;
    assert_eq!((members(&after), &after["displayName"]), (ids(&[&b, &c]), &json!("Team")));
    let all = json!([{"op": "replace", "path": "members", "value": value(&[&d, &c])}]);
    assert_eq!(members(&change(&provider, &made, all).await), ids(&[&c, &d]));
    let not_c = format!("members[not (value eq \"{}\")]", c["id"].as_str().unwrap());
    assert_eq!(
        members(&change(&provider, &made, json!([{"op": "remove", "path": not_c}])).await),
        ids(&[&c])
    );
    let after = change(&provider, &made, json!([{"op": "remove", "path": "members"}])).await;
    assert_eq!(after.get("members"), None);
    assert_eq!(app.audit_count("scim.membership.changed").await, 4);
    assert_eq!(app.audit_count("scim.group.updated").await, 1);
}

#[tokio::test]
async fn pat_5_a_patch_that_fails_leaves_the_members_as_they_were() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [a, b] = people(&provider).await;
    let made = provider.post(GROUPS, group("Staff", &[&a])).await.expect(201);
    provider.post(GROUPS, group("Team", &[])).await.expect(201);
    let add = json!({"op": "add", "path": "members", "value": [{"value": b["id"]}]});
    for (second, status, kind) in [
        (json!({"op": "replace", "path": "displayName", "value": ""}), 400, "invalidValue"),
        (json!({"op": "remove", "path": "displayName"}), 400, "mutability"),
        (json!({"op": "replace", "path": "members.display", "value": "x"}), 400, "mutability"),
        (json!({"op": "replace", "path": "displayName", "value": "team"}), 409, "uniqueness"),
    ] {
        let answer = provider.patch(&path(&made), patch(&json!([add, second]))).await;
        expect_error(answer, status, Some(kind));
        assert_eq!(provider.get(&path(&made)).await.expect(200), made);
    }
}

#[tokio::test]
async fn grp_4_a_member_whom_the_directory_does_not_have_sinks_no_push() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [a, b] = people(&provider).await;
    provider.delete(&path(&b)).await.expect(204);
    let mut body = group("Staff", &[&a, &b]);
    body["members"].as_array_mut().unwrap().push(json!({"value": "fake-member-id"}));
    let made = provider.post(GROUPS, body).await.expect(201);
    assert_eq!(members(&made), ids(&[&a]));
    let unknown = json!([{"op": "add", "path": "members", "value": [{"value": b["id"]}, {"value": "x"}]}]);
    assert_eq!(change(&provider, &made, unknown).await, made);
    let noted = "select metadata ->> 'unknown_count' from audit_logs where action = 'scim.group.created'";
    assert_eq!(app.superuser.query_one(noted, &[]).await.unwrap().get::<_, &str>(0), "2");
    assert_eq!(app.audit_count("scim.membership.changed").await, 0);
}

#[tokio::test]
async fn grp_7_of_parallel_changes_of_one_member_each_none_is_lost() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = people::<16>(&provider).await;
    let (coming, going) = users.split_at(8);
    let made = provider.post(GROUPS, group("Staff", &going.iter().collect::<Vec<_>>())).await.expect(201);
    let one_by_one = users.iter().enumerate().map(|(number, user)| {
        let operation = match number {
            0..8 => json!({"op": "add", "path": "members", "value": [{"value": user["id"]}]}),
            _ => json!({"op": "remove", "path": format!("members[value eq \"{}\"]", user["id"].as_str().unwrap())}),
        };
        change(&provider, &made, json!([operation]))
    });
    join_all(one_by_one).await;
    let after = provider.get(&path(&made)).await.expect(200);
    assert_eq!(members(&after), ids(&coming.iter().collect::<Vec<_>>()));
    assert_eq!(after["meta"]["version"], "W/\"17\"");
}

#[tokio::test]
async fn usr_3_grp_6_a_user_sees_the_groups_that_they_are_in_directly_and_through_others_at_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [a, b] = people(&provider).await;
    let team = provider.post(GROUPS, group("Team", &[&a])).await.expect(201);
    app.clock.advance(chrono::Duration::milliseconds(1));
    let company = provider.post(GROUPS, group("Company", &[&team, &b])).await.expect(201);
    let of = |group: &Value, kind: &str| {
        json!({
            "value": group["id"], "$ref": group["meta"]["location"], "display": group["displayName"], "type": kind,
        })
    };
    let seen = provider.get(&path(&a)).await.expect(200);
    assert_eq!(seen["groups"], json!([of(&team, "direct"), of(&company, "indirect")]));
    let filter = format!("{USERS}?filter=userName%20eq%20%22u1%40example.com%22");
    let found = provider.get(&filter).await.expect(200);
    assert_eq!(found["Resources"][0]["groups"], json!([of(&company, "direct")]));
    let by_group = format!("{USERS}?filter=groups%20eq%20%22{}%22", company["id"].as_str().unwrap());
    assert_eq!(provider.get(&by_group).await.expect(200)["totalResults"], 2);
    let title = patch(
        &json!([{"op": "add", "path": "title", "value": "Dr."}, {"op": "add", "value": {"groups": []}}]),
    );
    let after = provider.patch(&path(&a), title).await.expect(200);
    assert_eq!(after["groups"], seen["groups"]);
    let refused = patch(&json!([{"op": "add", "path": "groups", "value": [{"value": "x"}]}]));
    expect_error(provider.patch(&path(&a), refused).await, 400, Some("mutability"));
    provider.delete(&path(&team)).await.expect(204);
    assert_eq!(provider.get(&path(&a)).await.expect(200).get("groups"), None);
    assert_eq!(members(&provider.get(&path(&company)).await.expect(200)), ids(&[&b]));
}

#[tokio::test]
async fn grp_3_groups_that_hold_each_other_and_themselves_are_survived() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let [a] = people(&provider).await;
    let first = provider.post(GROUPS, group("First", &[&a])).await.expect(201);
    app.clock.advance(chrono::Duration::milliseconds(1));
    let second = provider.post(GROUPS, group("Second", &[&first])).await.expect(201);
    let third = provider.post(GROUPS, group("Third", &[&second])).await.expect(201);
    let circle =
        json!([{"op": "add", "path": "members", "value": [{"value": third["id"]}, {"value": first["id"]}]}]);
    let first = change(&provider, &first, circle).await;
    assert_eq!(members(&first), ids(&[&a, &first, &third]));
    let groups = provider.get(&path(&a)).await.expect(200)["groups"].clone();
    let kinds: Vec<_> =
        groups.as_array().unwrap().iter().map(|group| group["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["direct", "indirect", "indirect"]);
    let kind =
        first["members"].as_array().unwrap().iter().find(|member| member["value"] == third["id"]).unwrap();
    assert_eq!((&kind["type"], &kind["$ref"]), (&json!("Group"), &third["meta"]["location"]));
    provider.delete(&path(&second)).await.expect(204);
    assert_eq!(provider.get(&path(&third)).await.expect(200).get("members"), None);
}

#[tokio::test]
async fn del_5_a_user_who_is_deleted_leaves_every_group() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    for deprovisioning in ["deactivate", "delete"] {
        let place = format!("/api/v2/directories/{directory}");
        admin.patch(&place, json!({"deprovisioning": deprovisioning})).await.expect(200);
        let user = provider.post(USERS, named("gone@example.com")).await.expect(201);
        let made = provider.post(GROUPS, group(deprovisioning, &[&user])).await.expect(201);
        provider.delete(&path(&user)).await.expect(204);
        assert_eq!(provider.get(&path(&made)).await.expect(200).get("members"), None);
        let again = provider.post(USERS, named("gone@example.com")).await.expect(201);
        assert_eq!(again.get("groups"), None);
        provider.delete(&path(&again)).await.expect(204);
    }
    assert_eq!(rows(&app, "scim_group_members").await, 0);
}

#[tokio::test]
async fn grp_5_a_patch_of_a_large_group_is_answered_without_its_members() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let [a, b] = people(&provider).await;
    let made = provider.post(GROUPS, group("Everybody", &[&a])).await.expect(201);
    let many = "with people as (
            insert into portal_users (tenant_id, id, email, email_folded, managed_by)
            select $1, gen_random_uuid(), n || '@b.c', n || '@b.c', $2 from generate_series(1, 3000) n
            returning id, email
        ), users as (
            insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active,
                resource, created_at, updated_at)
            select $1, $2, id, email, email, true, jsonb_build_object('userName', email), now(), now() from people
            returning user_id
        )
        insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        select $1, $2, g.id, users.user_id from users, scim_groups g";
    app.superuser.execute(many, &[&app.acme.id.0, &directory.uuid()]).await.unwrap();
    let add = patch(&json!([{"op": "add", "path": "members", "value": [{"value": b["id"]}]}]));
    let answer = provider.patch(&path(&made), add.clone()).await;
    assert_eq!(answer.header("etag"), "W/\"2\"");
    answer.expect(204);
    let named = provider.patch(&format!("{}?attributes=displayName", path(&made)), add).await.expect(200);
    assert_eq!(named["meta"], Value::Null);
    let whole = provider.get(&path(&made)).await.expect(200);
    assert_eq!(whole["members"].as_array().unwrap().len(), 3002);
    let some = json!({"schemas": [GROUP], "displayName": "Everybody", "members": [{"value": a["id"]}]});
    let put = provider.put(&path(&made), some).await.expect(200);
    assert_eq!(members(&put), ids(&[&a]));
    let counts =
        "select metadata ->> 'removed_count', jsonb_array_length(metadata -> 'removed') from audit_logs
        where action = 'scim.membership.changed' and metadata ->> 'removed_count' <> '0'";
    let row = app.superuser.query_one(counts, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i32>(1)), ("3001", 100));
}
