//! PATCH made to hurt or to be half done: read-only attributes, large groups, no path, a thousand operations.

use std::time::{Duration, Instant};

use elder_kernel::{Directory, Id, User};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{ana, expect_error, group, members, named, patch, path, rows};

const GROUPS: &str = "/scim/v2/Groups";
const USERS: &str = "/scim/v2/Users";
/// How many operations one PATCH may hold.
const MOST: usize = 1_000;
/// More than any of it takes in an unoptimised build beside other tests; a wait for each member would take longer.
const PATIENCE: Duration = Duration::from_mins(1);

fn title(text: &str) -> Value {
    json!({"op": "replace", "path": "title", "value": text})
}

fn add(member: &Value) -> Value {
    json!({"op": "add", "path": "members", "value": [{"value": member["id"]}]})
}

/// The path of one member.
fn of(member: &Value) -> String {
    format!("members[value eq \"{}\"]", member["id"].as_str().unwrap())
}

fn remove(member: &Value) -> Value {
    json!({"op": "remove", "path": of(member)})
}

/// Demands that a PATCH is refused and that the resource is as it was, its version too.
async fn refused(provider: &Actor, resource: &Value, operations: Value, status: u16, kind: Option<&str>) {
    let answer = provider.patch(&path(resource), patch(&operations)).await;
    expect_error(answer, status, kind);
    assert_eq!(&provider.get(&path(resource)).await.expect(200), resource, "{operations}");
}

/// Puts so many people into a group of a directory, as one statement.
async fn fill(app: &TestApp, directory: Id<Directory>, people: i32) {
    let many = "with people as (
            insert into portal_users (tenant_id, id, email, email_folded, managed_by)
            select $1, gen_random_uuid(), n || '@b.c', n || '@b.c', $2 from generate_series(1, $3) n
            returning id, email
        ), users as (
            insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active,
                resource, created_at, updated_at)
            select $1, $2, id, email, email, true, jsonb_build_object('userName', email), now(), now() from people
            returning user_id
        )
        insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        select $1, $2, g.id, users.user_id from users, scim_groups g";
    app.superuser.execute(many, &[&app.acme.id.0, &directory.uuid(), &people]).await.unwrap();
    app.superuser.batch_execute("analyze scim_group_members, scim_users, portal_users").await.unwrap();
}

/// Whether a member is in the group, by the index that a filter uses.
async fn is_in(app: &TestApp, member: &Value) -> bool {
    let id: Id<User> = member["id"].as_str().unwrap().parse().unwrap();
    let there = "select exists (select from scim_group_members where tenant_id = $1 and user_id = $2)";
    app.superuser.query_one(there, &[&app.acme.id.0, &id.uuid()]).await.unwrap().get(0)
}

#[tokio::test]
async fn d_04_what_is_read_only_is_refused_by_its_path_with_all_that_came_with_it() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    let staff = provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    let ana = provider.get(&path(&ana)).await.expect(200);
    for (op, read_only, value) in [
        ("replace", "id", json!("usr_01h455vb4pex5vsknk084sn02q")),
        ("add", "id", json!("x")),
        ("remove", "id", Value::Null),
        ("replace", "meta", json!({"version": "W/\"9\""})),
        ("replace", "meta.created", json!("1999-01-01T00:00:00Z")),
        ("replace", "meta.resourceType", json!("Group")),
        ("remove", "meta.location", Value::Null),
        ("add", "groups", json!([{"value": staff["id"]}])),
    ] {
        let broken = json!({"op": op, "path": read_only, "value": value});
        let first = json!([title("Dr."), broken]);
        refused(&provider, &ana, first, 400, Some("mutability")).await;
        refused(&provider, &ana, json!([broken, title("Dr.")]), 400, Some("mutability")).await;
        if read_only != "groups" {
            refused(&provider, &staff, json!([add(&bo), broken]), 400, Some("mutability")).await;
        }
    }
    // The same without what is read-only is done, and without a path what is read-only is left out.
    let whole = json!({"id": "x", "meta": {"version": "x"}, "groups": [], "title": "Dr."});
    let after =
        provider.patch(&path(&ana), patch(&json!([{"op": "replace", "value": whole}]))).await.expect(200);
    assert_eq!(
        (&after["title"], &after["id"], &after["meta"]["created"]),
        (&json!("Dr."), &ana["id"], &ana["meta"]["created"])
    );
    let after = provider.patch(&path(&staff), patch(&json!([add(&bo)]))).await.expect(200);
    assert_eq!(members(&after).len(), 2);
}

#[tokio::test]
async fn d_04_of_ten_thousand_members_one_goes_by_a_value_path_and_a_refusal_keeps_all() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let (ana, bo) = (ana(), named("bo@example.com"));
    let (ana, bo) = (provider.post(USERS, ana).await.expect(201), provider.post(USERS, bo).await.expect(201));
    let everybody = provider.post(GROUPS, group("Everybody", &[&ana])).await.expect(201);
    fill(&app, directory, 9_999).await;
    let place = path(&everybody);
    let began = Instant::now();
    for broken in [
        json!({"op": "replace", "path": "id", "value": "x"}),
        json!({"op": "replace", "path": format!("{}.display", of(&ana)), "value": "x"}),
        json!({"op": "remove", "path": "displayName"}),
    ] {
        let some = json!([add(&bo), remove(&ana), broken]);
        expect_error(provider.patch(&place, patch(&some)).await, 400, Some("mutability"));
        assert!(is_in(&app, &ana).await && !is_in(&app, &bo).await, "{broken}");
        assert_eq!(rows(&app, "scim_group_members").await, 10_000);
    }
    let gone = provider.patch(&place, patch(&json!([remove(&ana)]))).await;
    assert_eq!(gone.header("etag"), "W/\"2\"");
    gone.expect(204);
    assert!(!is_in(&app, &ana).await);
    assert_eq!(rows(&app, "scim_group_members").await, 9_999);
    // Who is not there any more is taken out again: nothing changes.
    let again = provider.patch(&place, patch(&json!([remove(&ana)]))).await;
    assert_eq!(again.header("etag"), "W/\"2\"");
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    let counts =
        "select metadata ->> 'removed_count' from audit_logs where action = 'scim.membership.changed'";
    let told = app.superuser.query(counts, &[]).await.unwrap();
    assert_eq!(told.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["1"]);
}

#[tokio::test]
async fn d_04_without_a_path_all_attributes_are_changed_or_none() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let staff = provider.post(GROUPS, group("Staff", &[])).await.expect(201);
    for (value, kind) in [
        (json!({"title": "Dr.", "active": "perhaps"}), "invalidValue"),
        (json!({"title": "Dr.", "name": "not an object"}), "invalidValue"),
        (json!({"title": "Dr.", "emails[type eq": "x"}), "invalidFilter"),
        (json!("not an object"), "invalidValue"),
    ] {
        for op in ["add", "replace"] {
            let only = json!([{"op": op, "value": value}]);
            refused(&provider, &ana, only, 400, Some(kind)).await;
        }
    }
    refused(&provider, &ana, json!([title("Dr."), {"op": "remove"}]), 400, Some("noTarget")).await;
    let half = json!({"displayName": "Team", "members": [{"value": ana["id"]}, {"display": "nobody"}]});
    refused(&provider, &staff, json!([{"op": "add", "value": half}]), 400, Some("invalidValue")).await;
    let good = json!({"title": "Dr.", "name": {"givenName": "Eva"}, "active": "False"});
    let after =
        provider.patch(&path(&ana), patch(&json!([{"op": "replace", "value": good}]))).await.expect(200);
    assert_eq!((&after["title"], &after["active"]), (&json!("Dr."), &json!(false)));
    assert_eq!(after["name"], json!({"givenName": "Eva", "familyName": "Gruber"}));
    let whole = json!({"displayName": "Team", "members": [{"value": ana["id"]}]});
    let after =
        provider.patch(&path(&staff), patch(&json!([{"op": "add", "value": whole}]))).await.expect(200);
    assert_eq!((&after["displayName"], members(&after).len()), (&json!("Team"), 1));
}

#[tokio::test]
async fn d_04_what_one_operation_adds_a_later_one_takes_away_and_the_other_way_round() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let staff = provider.post(GROUPS, group("Staff", &[])).await.expect(201);
    let place = path(&staff);
    let to_and_fro = json!([add(&ana), remove(&ana)]);
    assert_eq!(members(&provider.patch(&place, patch(&to_and_fro)).await.expect(200)), Vec::<&str>::new());
    let there_at_last = json!([add(&ana), remove(&ana), add(&ana)]);
    let after = provider.patch(&place, patch(&there_at_last)).await.expect(200);
    assert_eq!(members(&after), [ana["id"].as_str().unwrap()]);
    let fro_and_to = json!([{"op": "remove", "path": "members"}, add(&ana)]);
    assert_eq!(members(&provider.patch(&place, patch(&fro_and_to)).await.expect(200)).len(), 1);
    let own = path(&ana);
    let nick = json!([
        {"op": "add", "path": "nickName", "value": "A"}, {"op": "remove", "path": "nickName"}, title("Dr."),
    ]);
    let after = provider.patch(&own, patch(&nick)).await.expect(200);
    assert_eq!((after.get("nickName"), &after["title"]), (None, &json!("Dr.")));
    let home = json!([
        {"op": "add", "path": "emails", "value": [{"value": "a@home.example", "type": "home"}]},
        {"op": "remove", "path": "emails[type eq \"home\"]"},
    ]);
    assert_eq!(provider.patch(&own, patch(&home)).await.expect(200)["emails"], ana["emails"]);
}

#[tokio::test]
async fn d_04_a_thousand_operations_are_done_all_or_none_and_one_more_is_refused() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let titles = |count: usize| (0..count).map(|number| title(&format!("{number}"))).collect::<Vec<_>>();
    let mut last_is_broken = titles(MOST - 1);
    last_is_broken.push(json!({"op": "replace", "path": "id", "value": "x"}));
    refused(&provider, &ana, last_is_broken.into(), 400, Some("mutability")).await;
    refused(&provider, &ana, titles(MOST + 1).into(), 413, None).await;
    let after = provider.patch(&path(&ana), patch(&titles(MOST).into())).await.expect(200);
    assert_eq!((&after["title"], &after["meta"]["version"]), (&json!("999"), &json!("W/\"2\"")));
    assert_eq!(app.audit_count("scim.user.updated").await, 1);

    let staff = provider.post(GROUPS, group("Staff", &[])).await.expect(201);
    fill(&app, directory, i32::try_from(MOST).unwrap()).await;
    let people = of_group(&app).await;
    let each = |one: fn(&Value) -> Value| people.iter().map(one).collect::<Vec<_>>();
    let began = Instant::now();
    let mut last_is_broken = each(remove);
    last_is_broken[MOST - 1] = json!({"op": "remove", "path": "displayName"});
    expect_error(provider.patch(&path(&staff), patch(&last_is_broken.into())).await, 400, Some("mutability"));
    assert_eq!(of_group(&app).await, people);
    for (all, left) in [(each(remove), 0), (each(add), MOST), (each(remove), 0)] {
        provider.patch(&path(&staff), patch(&all.into())).await;
        assert_eq!(of_group(&app).await.len(), left);
    }
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!(app.audit_count("scim.membership.changed").await, 3);
}

/// Conditions cost as much as the group is large, so that no request has many of them.
#[tokio::test]
async fn d_04_members_are_removed_by_few_conditions_at_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let ana = provider.post(USERS, ana()).await.expect(201);
    let staff = provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    let nobody = json!({"op": "remove", "path": "members[display eq \"nobody\"]"});
    refused(&provider, &staff, vec![nobody.clone(); 11].into(), 400, Some("tooMany")).await;
    let mut some = vec![nobody; 9];
    some.push(json!({"op": "remove", "path": "members[not (display eq \"nobody\")]"}));
    let after = provider.patch(&path(&staff), patch(&some.into())).await.expect(200);
    assert_eq!(members(&after), Vec::<&str>::new());
}

/// The members of the only group, as a client names them.
async fn of_group(app: &TestApp) -> Vec<Value> {
    let ids = "select user_id from scim_group_members where tenant_id = $1 order by user_id";
    let rows = app.superuser.query(ids, &[&app.acme.id.0]).await.unwrap();
    rows.iter().map(|row| json!({"id": Id::<User>::from_uuid(row.get(0))})).collect()
}
