//! What is read when a directory speaks of somebody.

use super::*;
use crate::plan::{DIRECTORY, ENTITLEMENT, USER, crowded};

#[tokio::test]
async fn what_a_directory_says_of_somebody_is_compared_by_indexes() {
    let app = crowded().await;
    let given = format!("array[{ENTITLEMENT}]");
    let person = format!("$tenant, {USER}");
    let pushed = format!("{person}, {DIRECTORY}");
    for (name, sql, values) in [
        ("ENTRIES", ENTRIES, format!("{pushed}, '{{e70,e2}}', '{{e71}}'")),
        ("TAKE", TAKE, format!("{pushed}, {given}")),
        ("HOLD_LIMITED", HOLD_LIMITED, format!("$tenant, {given}")),
        ("EXHAUSTED", EXHAUSTED, format!("$tenant, {given}")),
        ("FIND", FIND, format!("{person}, gen_random_uuid()")),
        ("HOLD", HOLD, person.clone()),
    ] {
        app.expect_indexed(name, sql, &values, &[]).await;
    }
}
