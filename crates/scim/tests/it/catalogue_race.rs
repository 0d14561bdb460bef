//! Pushes that meet a change of the catalogue.

use std::time::Duration;

use elder_testkit::{Answer, TestApp};
use futures_util::future::join3;
use serde_json::{Value, json};

use crate::{
    catalogue::{CATALOGUE, USERS, entitlement, held},
    wire::{ana, patch, path},
};

/// Both at once: neither ends before each waits, for the other or to write its event.
async fn at_once(
    app: &TestApp,
    first: impl Future<Output = Answer>,
    second: impl Future<Output = Answer>,
) -> (Answer, Answer) {
    let mut session = app.database.superuser().await;
    let kept_out = session.transaction().await.unwrap();
    kept_out.batch_execute("lock table audit_logs in share row exclusive mode").await.unwrap();
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'elder_app' and wait_event_type = 'Lock'";
    let let_in = async {
        while app.superuser.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        kept_out.commit().await.unwrap();
    };
    let (first, second, ()) = join3(first, second, let_in).await;
    (first, second)
}

/// A PATCH that replaces `entitlements` by a seat.
fn seat() -> Value {
    patch(&json!([{"op": "replace", "path": "entitlements", "value": [{"value": "seat"}]}]))
}

#[tokio::test]
async fn what_is_pushed_while_it_is_added_to_the_catalogue_is_held() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, app.directory().await);
    let user = provider.post(USERS, ana()).await.expect(201);
    let entry = json!({"kind": "entitlement", "value": "seat"});
    let place = path(&user);
    let (added, pushed) = at_once(&app, admin.post(CATALOGUE, entry), provider.patch(&place, seat())).await;
    assert_eq!((added.status, pushed.status), (201, 200));
    assert_eq!(held(&admin, &user).await, [("seat".to_owned(), true)]);
}

#[tokio::test]
async fn what_is_pushed_while_it_is_deleted_from_the_catalogue_keeps_it_there_or_is_not_held() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, app.directory().await);
    let user = provider.post(USERS, ana()).await.expect(201);
    let entry = format!("{CATALOGUE}/{}", entitlement(&admin, "seat").await.as_str().unwrap());
    let place = path(&user);
    let (deleted, pushed) = at_once(&app, admin.delete(&entry), provider.patch(&place, seat())).await;
    assert_eq!(pushed.status, 200);
    let held = held(&admin, &user).await.len();
    assert!([(204, 0), (409, 1)].contains(&(deleted.status, held)), "{} {held}", deleted.status);
}
