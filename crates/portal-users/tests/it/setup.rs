//! The first start.

use std::sync::Arc;

use chrono::Duration;
use elder_access::GlobalRole;
use elder_crypto::{PasswordHasher, PasswordParams};
use elder_kernel::Secret;
use elder_portal_users::{Error, bootstrap_owner, create_operator, setup_link};
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::people::{holder, login};

fn hasher(app: &TestApp) -> Arc<PasswordHasher> {
    Arc::new(PasswordHasher::start(&PasswordParams::default(), None, None, &app.seam.random).unwrap())
}

fn password() -> Secret<String> {
    Secret::new(PASSWORD.to_owned())
}

#[tokio::test]
async fn the_setup_link_makes_one_owner_however_many_use_it_at_once() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let set_up = |number: usize| {
        let (guest, token) = (app.guest(), link.expose().clone());
        async move {
            let email = format!("owner{number}@example.com");
            let body = json!({ "token": token, "email": email, "password": PASSWORD, "full_name": "O" });
            guest.post("/api/v2/auth/setup", body).await.status
        }
    };
    let statuses = futures_util::future::join_all((0..20).map(set_up)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(app.audit_count("platform.owner_created").await, 1);
    assert_eq!(app.audit_count("portal_user.created").await, 0);
    let owners = "select count(*) from portal_users where global_role = 'admin' and tenant_role = 'admin'";
    assert_eq!(app.superuser.query_one(owners, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert!(setup_link(&app.worker).await.unwrap().is_none());
}

#[tokio::test]
async fn an_owner_who_cannot_be_written_down_is_not_made_and_the_link_stays_good() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let body =
        json!({ "token": link.expose(), "email": "o@example.com", "password": PASSWORD, "full_name": "" });
    app.superuser.batch_execute("revoke insert on audit_logs from elder_platform").await.unwrap();
    assert!(app.guest().post("/api/v2/auth/setup", body.clone()).await.status >= 500);
    let owners = "select count(*) from portal_users where global_role = 'admin'";
    assert_eq!(app.superuser.query_one(owners, &[]).await.unwrap().get::<_, i64>(0), 0);
    app.superuser.batch_execute("grant insert on audit_logs to elder_platform").await.unwrap();
    app.guest().post("/api/v2/auth/setup", body).await.expect(201);
}

#[tokio::test]
async fn a_setup_link_that_is_old_or_was_replaced_is_refused() {
    let app = TestApp::start().await;
    let first = setup_link(&app.worker).await.unwrap().unwrap();
    let second = setup_link(&app.worker).await.unwrap().unwrap();
    let set_up = async |token: &str| {
        let body =
            json!({ "token": token, "email": "o@example.com", "password": PASSWORD, "full_name": "O" });
        app.guest().post("/api/v2/auth/setup", body).await
    };
    set_up(first.expose()).await.expect_problem(401, "invalid_credentials");
    set_up("elder_setup_nonsense").await.expect_problem(401, "invalid_credentials");
    app.clock.advance(Duration::hours(1));
    set_up(second.expose()).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn the_owner_of_the_configuration_is_made_once_and_rules_the_platform() {
    let app = TestApp::start().await;
    let hasher = hasher(&app);
    let owner = bootstrap_owner(&app.worker, &hasher, "owner@example.com", password()).await.unwrap();
    assert!(owner.is_some());
    let again = bootstrap_owner(&app.worker, &hasher, "owner@example.com", password()).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(app.audit_count("platform.owner_created").await, 1);
    let (owner, _) = holder(&app, &login(&app, "owner@example.com", PASSWORD, None).await.expect(200));
    owner.get("/api/v2/global/users").await.expect(200);
    let weak = create_operator(
        &app.worker,
        &hasher,
        "s@example.com",
        "Sue",
        Secret::new("short".into()),
        GlobalRole::Support,
    )
    .await;
    assert!(matches!(weak, Err(Error::WeakPassword(_))));
    create_operator(&app.worker, &hasher, "s@example.com", "Sue", password(), GlobalRole::Support)
        .await
        .unwrap();
    let (support, _) = holder(&app, &login(&app, "s@example.com", PASSWORD, None).await.expect(200));
    support.get("/api/v2/global/users").await.expect(200);
}
