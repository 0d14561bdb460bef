//! From where a request's tenant comes, and from where it does not.

use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::json;

const TENANT: &str = "/api/v2/tenant";

/// Denials are written beside their requests.
async fn denials(app: &TestApp, at_least: i64) -> i64 {
    for _ in 0..100 {
        if app.audit_count("access.denied").await >= at_least {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    app.audit_count("access.denied").await
}

#[tokio::test]
async fn t_36_the_tenant_comes_from_the_credential() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for own in ["acme".to_owned(), app.acme.id.to_string()] {
        assert_eq!(admin.with_header("elder-tenant", own).get(TENANT).await.expect(200)["slug"], "acme");
    }
    for (name, value) in [("x-tenant", "globex"), ("x-tenant-id", "globex"), ("host", "globex.elder.test")] {
        assert_eq!(admin.with_header(name, value).get(TENANT).await.expect(200)["slug"], "acme", "{name}");
    }
    admin.get("/api/v2/tenant?tenant=globex").await.expect(200);
    admin.patch(TENANT, json!({ "tenant_id": app.globex.id })).await.expect_problem(400, "unknown_field");
    let foreign = admin.with_header("elder-tenant", "globex");
    foreign.patch(TENANT, json!({ "name": "taken over" })).await.expect_problem(403, "tenant_forbidden");
    assert_eq!(app.other_tenant().await.get(TENANT).await.expect(200)["name"], "globex");
    assert_eq!(denials(&app, 1).await, 1);
    let event = "select tenant_id, reason from audit_logs where action = 'access.denied'";
    let row = app.superuser.query_one(event, &[]).await.unwrap();
    assert_eq!((row.get::<_, i32>(0), row.get::<_, &str>(1)), (app.acme.id.0, "tenant_forbidden"));
}

#[tokio::test]
async fn t_36_an_operator_names_another_tenant() {
    let app = TestApp::start().await;
    for operator in [app.operator().await, app.support().await] {
        assert_eq!(operator.get(TENANT).await.expect(200)["slug"], "system");
        for named in ["globex".to_owned(), app.globex.id.to_string()] {
            assert_eq!(
                operator.with_header("elder-tenant", named).get(TENANT).await.expect(200)["slug"],
                "globex"
            );
        }
    }
}

#[tokio::test]
async fn t_37_an_unknown_tenant_gets_the_answer_of_a_foreign_one() {
    let app = TestApp::start().await;
    let (member, operator) = (app.member(app.acme.id, Some(Role::Reader)).await, app.operator().await);
    let mut answers = Vec::new();
    for named in ["globex", "ghosttenant", "999999", "", "Acme", "acme,globex"] {
        let answer = member.with_header("elder-tenant", named).get(TENANT).await;
        let mut problem = answer.expect_problem(403, "tenant_forbidden");
        problem["request_id"] = json!(null);
        answers.push(problem);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    operator
        .with_header("elder-tenant", "ghosttenant")
        .get(TENANT)
        .await
        .expect_problem(403, "tenant_forbidden");
    operator.get("/api/v2/global/tenants/ghosttenant").await.expect_problem(404, "not_found");
    app.guest()
        .with_header("elder-tenant", "ghosttenant")
        .get(TENANT)
        .await
        .expect_problem(401, "unauthenticated");
}
