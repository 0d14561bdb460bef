//! The tree of organizations: its shape holds whatever is moved, however large it is.

use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const ALL: &str = "/api/v2/organizations";

async fn create(actor: &Actor, parent: &Value, name: &str) -> Value {
    actor.post(ALL, json!({ "parent_id": parent, "name": name })).await.expect(201)["id"].clone()
}

async fn relocate(actor: &Actor, id: &Value, parent: &Value) -> elder_testkit::Answer {
    let path = format!("{ALL}/{}/move", id.as_str().unwrap());
    actor.post(&path, json!({ "parent_id": parent })).await
}

async fn subtree(actor: &Actor, id: &Value) -> Vec<Value> {
    let path = format!("{ALL}/{}/subtree", id.as_str().unwrap());
    actor.get(&path).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_subtree_moves_as_a_whole_and_never_below_itself() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (root, child) = (json!(app.acme.root), json!(app.acme.child));
    let below = create(&admin, &child, "below").await;
    let aside = create(&admin, &root, "aside").await;
    for target in [&child, &below] {
        relocate(&admin, &child, target).await.expect_problem(409, "organization_cycle");
    }
    assert_eq!(relocate(&admin, &child, &aside).await.expect(200)["parent_id"], aside);
    let tree = subtree(&admin, &aside).await;
    let depths: Vec<_> = tree.iter().map(|node| (&node["id"], node["depth"].as_i64().unwrap())).collect();
    assert_eq!(depths, [(&aside, 0), (&child, 1), (&below, 2)]);
    assert_eq!(tree[2]["path"], json!([aside, child, below]));
    relocate(&admin, &child, &aside).await.expect(200);
    assert_eq!(app.audit_count("organization.moved").await, 1, "the second move changed nothing");
    create(&admin, &Value::Null, "child").await;
    relocate(&admin, &child, &Value::Null).await.expect_problem(409, "already_exists");
}

#[tokio::test]
async fn w_07_nobody_moves_an_organization_to_where_they_hold_more_over_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (root, child) = (json!(app.acme.root), json!(app.acme.child));
    let aside = create(&admin, &Value::Null, "aside").await;
    let seat = |organization: &Value, user: &Actor| {
        format!("{ALL}/{}/members/{}", organization.as_str().unwrap(), user.id())
    };
    for mover in [
        app.organization_member(app.acme.root, Role::Maintainer).await,
        app.member(app.acme.id, Some(Role::Maintainer)).await,
    ] {
        admin.put(&seat(&aside, &mover), json!({ "role": "admin" })).await.expect(200);
        relocate(&mover, &child, &aside).await.expect_problem(403, "grant_exceeds_own");
        let own = create(&mover, &aside, &format!("of {}", mover.id())).await;
        assert_eq!(relocate(&mover, &own, &root).await.expect(200)["parent_id"], root);
        relocate(&mover, &own, &aside).await.expect_problem(403, "grant_exceeds_own");
        admin.put(&seat(&root, &mover), json!({ "role": "admin" })).await.expect(200);
        assert_eq!(relocate(&mover, &own, &aside).await.expect(200)["parent_id"], aside);
    }
    let kept = admin.get(&format!("{ALL}/{}", app.acme.child)).await.expect(200);
    assert_eq!(kept["parent_id"], root);
}

#[tokio::test]
async fn the_tree_has_at_most_32_levels() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut line = vec![create(&admin, &Value::Null, "level 1").await];
    for level in 2..=32 {
        line.push(create(&admin, line.last().unwrap(), &format!("level {level}")).await);
    }
    let too_deep = admin.post(ALL, json!({ "parent_id": line[31], "name": "level 33" })).await;
    too_deep.expect_problem(409, "organization_depth");
    assert_eq!(subtree(&admin, &line[0]).await.len(), 32);
    // `root` has two levels: it fits below the 30th level alone.
    let two_levels = json!(app.acme.root);
    relocate(&admin, &two_levels, &line[30]).await.expect_problem(409, "organization_depth");
    relocate(&admin, &two_levels, &line[29]).await.expect(200);
}

#[tokio::test]
async fn two_moves_at_once_never_make_a_cycle() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (a, b) = (create(&admin, &Value::Null, "a").await, create(&admin, &Value::Null, "b").await);
    for round in 0..10 {
        let (first, second) = tokio::join!(relocate(&admin, &a, &b), relocate(&admin, &b, &a));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}: {} {}", first.text, second.text);
        let refused = if first.status == 409 { first } else { second };
        refused.expect_problem(409, "organization_cycle");
        for id in [&a, &b] {
            relocate(&admin, id, &Value::Null).await.expect(200);
        }
    }
}

#[tokio::test]
async fn organizations_that_are_added_while_others_move_stay_within_the_depth() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut line = vec![create(&admin, &Value::Null, "level 1").await];
    for level in 2..=31 {
        line.push(create(&admin, line.last().unwrap(), &format!("level {level}")).await);
    }
    let loose = create(&admin, &Value::Null, "loose").await;
    let below = admin.post(ALL, json!({ "parent_id": loose, "name": "below" }));
    let (moved, added) = tokio::join!(relocate(&admin, &loose, &line[30]), below);
    assert!(moved.status == 409 || added.status == 409, "{} {}", moved.text, added.text);
    assert!(subtree(&admin, &line[0]).await.len() <= 32);
}

#[tokio::test]
async fn a_subtree_of_10_000_is_one_answer() {
    let app = TestApp::start().await;
    let fill = "insert into organizations (tenant_id, id, parent_id, name, name_folded)
        select $1, lpad(to_hex(n), 32, '0')::uuid,
            case when n < 10 then $2 else lpad(to_hex(n / 10), 32, '0')::uuid end, 'n' || n, 'n' || n
        from generate_series(1, 10000) n";
    app.superuser.execute(fill, &[&app.acme.id.0, &app.acme.child.uuid()]).await.unwrap();
    let tree = subtree(&app.tenant_admin().await, &json!(app.acme.child)).await;
    assert_eq!(tree.len(), 10_001);
    let mut seen = std::collections::HashSet::new();
    for node in &tree {
        let path = node["path"].as_array().unwrap();
        assert_eq!(json!(path.len() - 1), node["depth"]);
        assert_eq!(path.last(), Some(&node["id"]));
        assert!(node["depth"] == 0 || seen.contains(node["parent_id"].as_str().unwrap()), "{node}");
        seen.insert(node["id"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_list_goes_down_the_tree_from_where_it_begins_and_no_further_than_the_reach() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (root, child) = (json!(app.acme.root), json!(app.acme.child));
    let below = create(&admin, &child, "below").await;
    create(&admin, &below, "deep").await;
    create(&admin, &root, "aside").await;
    create(&admin, &Value::Null, "another").await;
    let names = async |actor: &Actor, query: String| {
        let page = actor.get(&format!("{ALL}?{query}")).await.expect(200);
        let rows = page["data"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let tree = || "scope=tree".to_owned();
    assert_eq!(names(&admin, tree()).await, ["another", "aside", "below", "child", "deep", "root"]);
    assert_eq!(names(&admin, String::new()).await, ["another", "root"]);
    assert_eq!(names(&admin, "scope=level".to_owned()).await, ["another", "root"]);
    let found = |filter: &str| format!("scope=tree&filter=name%20{filter}");
    assert_eq!(names(&admin, found("eq%20%22DEEP%22")).await, ["deep"]);
    assert_eq!(
        names(&admin, format!("scope=tree&parent_id={}", app.acme.root)).await,
        ["aside", "below", "child", "deep"]
    );
    assert_eq!(
        names(&admin, format!("{}&parent_id={}", found("sw%20%22d%22"), app.acme.child)).await,
        ["deep"]
    );

    let member = app.organization_member(app.acme.child, Role::Reader).await;
    assert_eq!(names(&member, tree()).await, ["below", "child", "deep"]);
    assert_eq!(names(&member, format!("scope=tree&parent_id={}", app.acme.child)).await, ["below", "deep"]);
    assert_eq!(names(&member, found("eq%20%22aside%22")).await, [] as [&str; 0]);
    let seat = format!("{ALL}/{}/members/{}", below.as_str().unwrap(), member.id());
    admin.put(&seat, json!({ "role": "reader" })).await.expect(200);
    assert_eq!(names(&member, tree()).await, ["below", "child", "deep"], "two roots of a reach may nest");
    for hidden in [app.acme.root, app.globex.root] {
        member.get(&format!("{ALL}?scope=tree&parent_id={hidden}")).await.expect_problem(404, "not_found");
    }
    admin.get(&format!("{ALL}?scope=forest")).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_tree_is_listed_in_pages_and_counted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut parent = json!(app.acme.child);
    for name in ["e", "B", "c", "A", "d"] {
        parent = create(&admin, &parent, name).await;
    }
    let list = format!("{ALL}?scope=tree&parent_id={}&limit=2&include_total=true", app.acme.child);
    let (mut found, mut next) = (Vec::new(), Some(list.clone()));
    while let Some(path) = next {
        let page = admin.get(&path).await.expect(200);
        assert_eq!(page["total"], 5);
        found.extend(
            page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()),
        );
        next = page["next_cursor"].as_str().map(|cursor| format!("{list}&cursor={cursor}"));
    }
    assert_eq!(found, ["A", "B", "c", "d", "e"]);
}
