//! What a sign-in reads of those that are at a provider.

use super::*;
use crate::plan::{crowded, is_indexed};

#[tokio::test]
async fn a_sign_in_is_found_by_its_id_among_many() {
    let app = crowded().await;
    let id = "md5('rs19999')::uuid, md5($tenant || ' 200')::uuid";
    let own = "$tenant, md5('rs19999')::uuid, '1', now()";
    for (name, sql, values) in [
        ("WAITING", WAITING, own.to_owned()),
        ("AWAITING", AWAITING, format!("$tenant, {id}, now()")),
        ("COME_IN", COME_IN, format!("$tenant, {id}, now(), '3', '2'")),
        ("TAKE", TAKE, format!("{own}, '2'")),
        ("AWAIT_OWNER", AWAIT_OWNER, "$tenant, md5('rs19999')::uuid, '1', '3', now()".to_owned()),
        ("NOTE_SIGN_IN", NOTE_SIGN_IN, "$tenant, md5($tenant || ' 200')::uuid, 1, now(), now()".to_owned()),
        ("NOTE_ERROR", NOTE_ERROR, "$tenant, md5($tenant || ' 200')::uuid, 'x'".to_owned()),
    ] {
        is_indexed(&app, name, sql, &values).await;
    }
}
