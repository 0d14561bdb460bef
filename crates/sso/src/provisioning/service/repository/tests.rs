//! What is read of somebody who comes from a provider.

use super::*;
use crate::plan::{USER, crowded, is_indexed};

#[tokio::test]
async fn a_person_their_roles_and_organizations_are_found_by_keys_among_many() {
    let app = crowded().await;
    let own = format!("$tenant, md5($tenant || ' 200')::uuid, '{USER}'");
    let packed = r#"'[[null, "reader", null]]'"#;
    for (name, sql, values) in [
        (
            "KNOWN",
            KNOWN,
            "$tenant, md5($tenant || ' 200')::uuid, 'https://i.example', 's19999', now()".to_owned(),
        ),
        ("GIVEN", GIVEN, own.clone()),
        ("GROUPS", GROUPS, own.clone()),
        ("PUT_INTO_GROUPS", PUT_INTO_GROUPS, format!("{own}, '{{a}}'")),
        ("TAKE_AWAY", TAKE_AWAY, format!("{own}, {packed}")),
        ("GIVE", GIVE, format!("{own}, {packed}")),
        ("ORGANIZATIONS", ORGANIZATIONS, r#"$tenant, '[["n1", "n12", "n123"]]'"#.to_owned()),
    ] {
        is_indexed(&app, name, sql, &values).await;
    }
}
