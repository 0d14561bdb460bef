//! Pushes that meet a change of the catalogue.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    catalogue::{CATALOGUE, USERS, entitlement, held},
    wire::{ana, at_once, patch, path},
};

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
