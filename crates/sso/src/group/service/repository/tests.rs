//! What is read of the groups of somebody.

use super::*;
use crate::plan::{USER, crowded, is_indexed};

#[tokio::test]
async fn the_groups_of_a_person_are_found_by_keys_among_many() {
    let app = crowded().await;
    // The body of the function, with its names as parameters: a plan does not look into a call.
    let body = "select prosrc from pg_proc where proname = 'groups_of'";
    let body: String = app.superuser.query_one(body, &[]).await.unwrap().get(0);
    let sql = body.replace("of_tenant", "$1::int").replace("of_user", "$2::uuid");
    is_indexed(&app, "groups_of", &sql, &format!("$tenant, '{USER}'")).await;
    assert!(OF_USER.contains("groups_of($1, $2)"));
}
