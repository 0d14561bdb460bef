//! Organizations: what can be done to one, and by whom.

use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const ALL: &str = "/api/v2/organizations";
const UNKNOWN: &str = "org_01h455vb4pex5vsknk084sn02q";

async fn create(actor: &Actor, parent: &Value, name: &str) -> Value {
    actor.post(ALL, json!({ "parent_id": parent, "name": name })).await.expect(201)
}

fn path(organization: &Value) -> String {
    format!("{ALL}/{}", organization["id"].as_str().unwrap())
}

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_organization_is_created_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "parent_id": app.acme.root, "name": "Sales", "description": "Sells",
        "settings": { "colour": "red", "limits": { "seats": 5 } } });
    let answer = admin.post(ALL, body).await;
    let location = answer.header("location").to_owned();
    let sales = answer.expect(201);
    assert_eq!(location, path(&sales));
    assert_eq!(admin.get(&location).await.expect(200), sales);
    let patch = json!({ "name": "Vertrieb", "description": null, "is_active": false,
        "settings": { "colour": null, "limits": { "rooms": 2 } } });
    let changed = admin.patch(&location, patch.clone()).await.expect(200);
    assert_eq!(changed["settings"], json!({ "limits": { "seats": 5, "rooms": 2 } }));
    assert_eq!(
        (&changed["name"], &changed["description"], &changed["is_active"]),
        (&json!("Vertrieb"), &Value::Null, &json!(false))
    );
    admin.patch(&location, patch).await.expect(200);
    assert_eq!(app.audit_count("organization.updated").await, 1, "nothing changed the second time");
    admin.delete(&location).await.expect(204);
    admin.get(&location).await.expect_problem(404, "not_found");
    assert_eq!(app.audit_count("organization.created").await, 1);
    assert_eq!(app.audit_count("organization.deleted").await, 1);
}

#[tokio::test]
async fn names_are_unique_among_siblings_whatever_their_case_and_width() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (root, child) = (json!(app.acme.root), json!(app.acme.child));
    create(&admin, &root, "Sales").await;
    create(&admin, &child, "Sales").await;
    create(&admin, &Value::Null, "Sales").await;
    for twin in ["Sales", "sALES", "Ｓales"] {
        for parent in [&root, &Value::Null] {
            let refused = admin.post(ALL, json!({ "parent_id": parent, "name": twin })).await;
            refused.expect_problem(409, "already_exists");
        }
    }
    let other = create(&admin, &root, "Other").await;
    admin.patch(&path(&other), json!({ "name": "SALES" })).await.expect_problem(409, "already_exists");
    assert_eq!(admin.get(&path(&other)).await.expect(200)["name"], "Other");
}

#[tokio::test]
async fn an_organization_with_others_below_it_stays() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let root = format!("{ALL}/{}", app.acme.root);
    admin.delete(&root).await.expect_problem(409, "conflict");
    admin.get(&root).await.expect(200);
    admin.delete(&format!("{ALL}/{}", app.acme.child)).await.expect(204);
    admin.delete(&root).await.expect(204);
}

#[tokio::test]
async fn with_an_organization_go_the_roles_in_it() {
    let app = TestApp::start().await;
    let (admin, member) =
        (app.tenant_admin().await, app.organization_member(app.acme.child, Role::Reader).await);
    let child = format!("{ALL}/{}", app.acme.child);
    member.get(&child).await.expect(200);
    admin.delete(&child).await.expect(204);
    member.get(ALL).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn lists_are_paged_by_name_and_a_cursor_belongs_to_its_list() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["e", "B", "c", "A", "d"] {
        create(&admin, &json!(app.acme.child), name).await;
    }
    let list = format!("{ALL}?parent_id={}&limit=2", app.acme.child);
    let (mut found, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let suffix = if cursor.is_empty() { cursor } else { format!("&cursor={cursor}") };
        let page = admin.get(&format!("{list}{suffix}")).await.expect(200);
        found.extend(names(&page).into_iter().map(str::to_owned));
        next = page["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(found, ["A", "B", "c", "d", "e"]);
    let cursor = admin.get(&list).await.expect(200)["next_cursor"].as_str().unwrap().to_owned();
    admin.get(&format!("{ALL}?cursor={cursor}")).await.expect_problem(400, "invalid_cursor");
    assert_eq!(names(&admin.get(ALL).await.expect(200)), ["root"]);
}

#[tokio::test]
async fn another_tenants_organization_answers_like_one_that_is_not_there() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let foreign = app.globex.child.to_string();
    for suffix in ["", "/subtree", "/ancestors", "/members"] {
        let ask = async |id: &str| {
            let mut problem =
                admin.get(&format!("{ALL}/{id}{suffix}")).await.expect_problem(404, "not_found");
            problem["instance"].take();
            problem["request_id"].take();
            problem
        };
        assert_eq!(ask(&foreign).await, ask(UNKNOWN).await);
    }
    for id in [foreign.as_str(), UNKNOWN] {
        let one = format!("{ALL}/{id}");
        admin.patch(&one, json!({ "name": "taken" })).await.expect_problem(404, "not_found");
        admin.delete(&one).await.expect_problem(404, "not_found");
        admin
            .post(&format!("{one}/move"), json!({ "parent_id": null }))
            .await
            .expect_problem(404, "not_found");
        admin.post(ALL, json!({ "parent_id": id, "name": "x" })).await.expect_problem(404, "not_found");
        let into = json!({ "parent_id": id });
        let child = format!("{ALL}/{}/move", app.acme.child);
        admin.post(&child, into).await.expect_problem(404, "not_found");
        admin.get(&format!("{ALL}?parent_id={id}")).await.expect_problem(404, "not_found");
    }
    let name: String = app
        .superuser
        .query_one("select name from organizations where id = $1", &[&app.globex.child.uuid()])
        .await
        .unwrap()
        .get(0);
    assert_eq!(name, "child");
}

#[tokio::test]
async fn a_reader_sees_and_changes_nothing() {
    let app = TestApp::start().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let child = format!("{ALL}/{}", app.acme.child);
    reader.get(&child).await.expect(200);
    for refused in [
        reader.post(ALL, json!({ "name": "x" })).await,
        reader.patch(&child, json!({ "name": "x" })).await,
        reader.delete(&child).await,
        reader.post(&format!("{child}/move"), json!({ "parent_id": null })).await,
    ] {
        refused.expect_problem(403, "permission_denied");
    }
    app.guest().get(&child).await.expect_problem(401, "unauthenticated");
    assert_eq!(reader.get(&child).await.expect(200)["parent_id"], json!(app.acme.root));
}

#[tokio::test]
async fn bad_input_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (body, code, pointer) in [
        (json!({ "name": "" }), "validation_failed", "/name"),
        (json!({ "name": " x" }), "validation_failed", "/name"),
        (json!({ "name": "x".repeat(201) }), "validation_failed", "/name"),
        (json!({ "name": "x", "description": "x".repeat(2001) }), "validation_failed", "/description"),
        (json!({ "name": "x", "settings": [] }), "validation_failed", "/settings"),
        (json!({ "name": "x", "settings": { "a": "x".repeat(65_536) } }), "validation_failed", "/settings"),
        (json!({ "name": "x", "parent_id": app.acme.root.uuid() }), "validation_failed", "/parent_id"),
        (json!({ "name": "x", "tenant_id": 1 }), "unknown_field", "/tenant_id"),
    ] {
        let problem = admin.post(ALL, body).await.expect_problem(400, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    admin.get(&format!("{ALL}/usr_01h455vb4pex5vsknk084sn02q")).await.expect_problem(400, "invalid_id");
    admin.get(&format!("{ALL}?limit=0")).await.expect_problem(400, "invalid_parameter");
    let child = format!("{ALL}/{}/move", app.acme.child);
    admin.post(&child, json!({})).await.expect_problem(400, "validation_failed");
}

#[tokio::test]
async fn a_role_in_an_organization_reaches_it_and_what_lies_below() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let member = app.organization_member(app.acme.child, Role::Maintainer).await;
    let (root, child) = (json!(app.acme.root), json!(app.acme.child));
    let aside = create(&admin, &root, "aside").await;
    assert_eq!(names(&member.get(ALL).await.expect(200)), ["child"]);
    for hidden in [format!("{ALL}/{}", app.acme.root), path(&aside)] {
        member.get(&hidden).await.expect_problem(404, "not_found");
        member.patch(&hidden, json!({ "name": "mine" })).await.expect_problem(404, "not_found");
        member.delete(&hidden).await.expect_problem(404, "not_found");
    }
    member.post(ALL, json!({ "name": "x" })).await.expect_problem(403, "permission_denied");
    member.post(ALL, json!({ "parent_id": root, "name": "x" })).await.expect_problem(404, "not_found");
    let below = create(&member, &child, "below").await;
    let deep = create(&member, &below["id"], "deep").await;
    let above = member.get(&format!("{}/ancestors", path(&deep))).await.expect(200);
    assert_eq!(names(&above), ["below", "child"], "what lies above the reach stays hidden");
    let relocate = async |what: &Value, to: &Value| {
        member.post(&format!("{}/move", path(what)), json!({ "parent_id": to })).await
    };
    relocate(&json!({ "id": child }), &below["id"]).await.expect_problem(403, "permission_denied");
    relocate(&deep, &Value::Null).await.expect_problem(403, "permission_denied");
    relocate(&deep, &root).await.expect_problem(404, "not_found");
    relocate(&aside, &child).await.expect_problem(404, "not_found");
    assert_eq!(relocate(&deep, &child).await.expect(200)["parent_id"], child);
}
