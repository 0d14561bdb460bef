//! What the end of a provider's session reads.

use super::*;
use crate::plan::{USER, crowded, is_indexed};

#[tokio::test]
async fn what_a_provider_means_is_found_by_its_keys_among_many() {
    let app = crowded().await;
    let idp = "md5($tenant || ' 200')::uuid";
    for (name, sql, values) in [
        ("OF_SESSION", OF_SESSION, "$tenant, md5('x')::uuid, null".to_owned()),
        ("ENDED", ENDED, format!("$tenant, {idp}, 'https://i.example', 's19999', '{{xs19999}}'")),
        ("OF_IDENTITY", OF_IDENTITY, format!("$tenant, {idp}, '{USER}'")),
        ("RENEW", RENEW, "$tenant, md5('xs19999')::uuid, '', '1'".to_owned()),
        ("REMOVE", REMOVE, "$tenant, array[md5('xs19999')::uuid]".to_owned()),
        ("ANSWERED", ANSWERED, format!("$tenant, md5('rs19999')::uuid, {idp}, now()")),
    ] {
        is_indexed(&app, name, sql, &values).await;
    }
}
