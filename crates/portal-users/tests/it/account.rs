//! Users of a tenant.

use elder_access::Role;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::people::create;

const RANDOM: &str = "usr_01h455vb4pex5vsknk084sn02q";

#[tokio::test]
async fn a_user_is_created_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let new = json!({ "email": "Ana@Example.com", "full_name": "Ana Gruber", "locale": "de-AT" });
    let answer = admin.post("/api/v2/users", new).await;
    let path = answer.header("location").to_owned();
    let user = answer.expect(201);
    assert_eq!((&user["email"], &user["has_password"]), (&json!("Ana@Example.com"), &json!(false)));
    assert_eq!(admin.get(&path).await.expect(200), user);

    let patch = json!({ "full_name": "Ana Maria Gruber", "locale": null, "time_zone": "Europe/Vienna" });
    let changed = admin.patch(&path, patch).await.expect(200);
    assert_eq!(
        (&changed["locale"], &changed["time_zone"], &changed["version"]),
        (&Value::Null, &json!("Europe/Vienna"), &json!(2))
    );
    let events = app.audit_count("portal_user.updated").await;
    admin.patch(&path, json!({ "full_name": "Ana Maria Gruber" })).await.expect(200);
    assert_eq!(app.audit_count("portal_user.updated").await, events);

    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn lower_roles_and_other_tenants_reach_nothing() {
    let app = TestApp::start().await;
    let (admin, reader) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Reader)).await);
    let (stranger, nobody) = (app.other_tenant().await, app.member(app.acme.id, None).await);
    let path = format!("/api/v2/users/{}", create(&admin, "ana@acme.com").await);
    reader.get(&path).await.expect(200);
    nobody.get(&path).await.expect_problem(403, "permission_denied");
    app.guest().get(&path).await.expect_problem(401, "unauthenticated");
    reader.patch(&path, json!({ "full_name": "x" })).await.expect_problem(403, "permission_denied");
    reader.delete(&path).await.expect_problem(403, "permission_denied");
    let foreign = stranger.get(&path).await.expect_problem(404, "not_found");
    let random = stranger.get(&format!("/api/v2/users/{RANDOM}")).await.expect_problem(404, "not_found");
    assert_eq!(foreign["detail"], random["detail"]);
    stranger.delete(&path).await.expect_problem(404, "not_found");
    stranger.patch(&path, json!({ "full_name": "x" })).await.expect_problem(404, "not_found");
    stranger.post(&format!("{path}/deactivate"), json!({})).await.expect_problem(404, "not_found");
    stranger
        .put(&format!("{path}/password"), json!({ "password": PASSWORD }))
        .await
        .expect_problem(404, "not_found");
    admin.get("/api/v2/users/org_01h455vb4pex5vsknk084sn02q").await.expect_problem(400, "invalid_id");
    assert_eq!(admin.get(&path).await.expect(200)["is_active"], true);
}

#[tokio::test]
async fn faults_of_a_body_name_their_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let faults = async |body: Value| {
        let problem = admin.post("/api/v2/users", body).await.expect_problem(400, "validation_failed");
        problem["errors"][0]["pointer"].clone()
    };
    assert_eq!(faults(json!({ "email": "no address" })).await, "/email");
    assert_eq!(faults(json!({ "email": "a@acme.com", "locale": "?" })).await, "/locale");
    assert_eq!(faults(json!({ "email": "a@acme.com", "full_name": "x".repeat(201) })).await, "/full_name");
    assert_eq!(faults(json!({ "email": "a@acme.com", "password": "short" })).await, "/password");
}

#[tokio::test]
async fn all_faults_of_a_body_are_named_at_once() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let name = "x".repeat(201);
    let body = json!({ "email": 1, "full_name": name, "locale": "?", "time_zone": "", "is_admin": true });
    let problem = admin.post("/api/v2/users", body).await.expect_problem(400, "unknown_field");
    let places = problem["errors"].as_array().into_iter().flatten().map(|fault| fault["pointer"].as_str());
    let mut places: Vec<_> = places.flatten().collect();
    places.sort_unstable();
    assert_eq!(places, ["/email", "/full_name", "/is_admin", "/locale", "/time_zone"]);
}

#[tokio::test]
async fn w_05_no_field_can_be_set_that_is_not_meant_to_be() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = format!("/api/v2/users/{}", create(&admin, "ana@acme.com").await);
    for field in ["id", "tenant_id", "global_role", "email_verified", "created_at", "is_active", "managed_by"]
    {
        let new = json!({ "email": "b@acme.com", field: null });
        admin.post("/api/v2/users", new).await.expect_problem(400, "unknown_field");
        admin.patch(&path, json!({ field: null })).await.expect_problem(400, "unknown_field");
        admin.patch("/api/v2/me", json!({ field: null })).await.expect_problem(400, "unknown_field");
    }
    admin.patch(&path, json!({ "tenant_role": "admin" })).await.expect_problem(400, "unknown_field");
    admin.patch("/api/v2/me", json!({ "email": "b@acme.com" })).await.expect_problem(400, "unknown_field");
}

#[tokio::test]
async fn w_07_nobody_reaches_beyond_their_own_roles() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let clerk = app.member_with::<elder_access::markers::UsersWrite>().await;
    let new = json!({ "email": "boss@acme.com", "tenant_role": "reader" });
    clerk.post("/api/v2/users", new).await.expect_problem(403, "grant_exceeds_own");
    let path = format!("/api/v2/users/{}", admin.id());
    clerk.delete(&path).await.expect_problem(403, "grant_exceeds_own");
    clerk.post(&format!("{path}/deactivate"), json!({})).await.expect_problem(403, "grant_exceeds_own");
    admin.post(&format!("{path}/deactivate"), json!({})).await.expect_problem(409, "last_admin");
    clerk
        .put(&format!("{path}/password"), json!({ "password": PASSWORD }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    clerk.patch(&path, json!({ "email": "mine@acme.com" })).await.expect_problem(403, "grant_exceeds_own");
    let user = create(&clerk, "ana@acme.com").await;
    clerk.post(&format!("/api/v2/users/{user}/deactivate"), json!({})).await.expect(200);
}

#[tokio::test]
async fn the_last_admin_stays_however_many_leave_at_once() {
    let app = TestApp::start().await;
    let (first, second) = (app.tenant_admin().await, app.tenant_admin().await);
    let (one, two) =
        (format!("/api/v2/users/{}", first.id()), format!("/api/v2/users/{}/deactivate", second.id()));
    let (left, right) = tokio::join!(second.delete(&one), first.post(&two, json!({})));
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200 | 204, 401 | 409]), "{statuses:?}");
    let count =
        "select count(*) from portal_users where tenant_id = $1 and tenant_role = 'admin' and is_active";
    assert_eq!(app.superuser.query_one(count, &[&app.acme.id.0]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn twenty_parallel_creates_of_one_address_make_one_user() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let create = |number: usize| {
        let email = if number.is_multiple_of(2) { "ana@acme.com" } else { "ANA@acme.com" };
        let admin = admin.clone();
        async move { admin.post("/api/v2/users", json!({ "email": email })).await.status }
    };
    let statuses = futures_util::future::join_all((0..20).map(create)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 19, "{statuses:?}");
}

#[tokio::test]
async fn what_a_directory_manages_is_read_only() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let directory = app.seam.uuid();
    let add = "insert into scim_configurations (tenant_id, id, name, name_folded) values ($1, $2, 'd', 'd')";
    app.superuser.execute(add, &[&app.acme.id.0, &directory]).await.unwrap();
    let manage = "update portal_users set managed_by = $2 where tenant_id = $1 and email = 'ana@acme.com'";
    app.superuser.execute(manage, &[&app.acme.id.0, &directory]).await.unwrap();
    let path = format!("/api/v2/users/{user}");
    let renamed = admin.patch(&path, json!({ "full_name": "Else" })).await;
    renamed.expect_problem(409, "managed_by_directory");
    let off = admin.post(&format!("{path}/deactivate"), json!({})).await;
    off.expect_problem(409, "managed_by_directory");
    admin.patch(&path, json!({ "locale": "de" })).await.expect(200);
}

#[tokio::test]
async fn users_are_searched_and_paged() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for number in 0..5 {
        let new =
            json!({ "email": format!("p{number}@acme.com"), "full_name": format!("Grüber {number}_%") });
        admin.post("/api/v2/users", new).await.expect(201);
    }
    let found = async |query: &str| {
        let page = admin.get(&format!("/api/v2/users?{query}")).await.expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(found("search=GR%C3%9CB").await, 5);
    assert_eq!(found("search=p3@").await, 1);
    assert_eq!(found("search=3_%25").await, 1);
    assert_eq!(found("search=__").await, 0);
    assert_eq!(found("filter=tenant_role+eq+%22admin%22").await, 1);
    assert_eq!(found("search=acme&filter=is_active+eq+false").await, 0);
    admin.get("/api/v2/users?search=a").await.expect_problem(400, "invalid_parameter");
    let (mut seen, mut path) = (Vec::new(), "/api/v2/users?search=acme&limit=2".to_owned());
    loop {
        let page = admin.get(&path).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|user| user["id"].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v2/users?search=acme&limit=2&cursor={cursor}");
    }
    let total = seen.len();
    seen.dedup();
    assert_eq!((seen.len(), total), (5, 5));
}

#[tokio::test]
async fn a_search_among_twenty_thousand_reads_the_index() {
    let app = TestApp::start().await;
    let fill = "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, gen_random_uuid(), md5(n::text) || '@acme.com', md5(n::text) || '@acme.com'
        from generate_series(1, 20000) n";
    app.superuser.execute(fill, &[&app.acme.id.0]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze portal_users").await.unwrap();
    let platform = app.database.connect("elder_platform").await;
    let explain = format!(
        "explain select id from portal_users where tenant_id = {} and search_text like '%c4ca4238a0%'
           and id > '00000000-0000-0000-0000-000000000000' order by id limit 51",
        app.acme.id
    );
    let plan: Vec<String> =
        platform.query(explain.as_str(), &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(plan.join("\n").contains("portal_users_search_idx"), "{plan:#?}");
    let admin = app.tenant_admin().await;
    let page = admin.get("/api/v2/users?search=c4ca4238a0").await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}
