//! What a sign-in reads of providers.

use super::*;
use crate::plan::{crowded, is_indexed};

#[tokio::test]
async fn a_provider_and_its_tenant_are_found_by_its_id_among_many() {
    let app = crowded().await;
    let id = "$tenant, md5($tenant || ' 200')::uuid";
    for (name, sql) in
        [("FIND", FIND), ("LOCK", LOCK), ("LOCK_OUT", LOCK_OUT), ("KNOWS_ANYBODY", KNOWS_ANYBODY)]
    {
        is_indexed(&app, name, sql, id).await;
    }
    for (name, sql) in [("TENANT_OF", TENANT_OF), ("TENANT_OF_ANY", TENANT_OF_ANY)] {
        is_indexed(&app, name, sql, "md5($tenant || ' 200')::uuid").await;
    }
}
