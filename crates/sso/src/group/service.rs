//! Puts together what directories and providers say.

mod repository;

use std::collections::BTreeMap;

use elder_access::{Found, TenantTx, markers::UsersRead};
use elder_kernel::{collection::Selection, fold};
use elder_portal_users::account;
use serde_json::{Map, Value, json};

use super::{UserGroup, UserId};
use crate::Error;

/// The groups of somebody. They are few, and in two tables: so they are picked in memory.
pub(super) async fn list(
    tx: &TenantTx<UsersRead>,
    user: UserId,
    selection: &Selection,
) -> Result<Found<UserGroup>, Error> {
    let memberships = repository::of_user(tx, tx.tenant(), user).await?;
    if memberships.is_empty() {
        account::service::get(tx, user).await?;
    }
    let mut groups = BTreeMap::<String, UserGroup>::new();
    for (name, source) in memberships {
        let group = groups.entry(fold(&name)).or_insert_with(|| UserGroup { name, sources: Vec::new() });
        group.sources.push(source);
    }
    Ok(Found::in_memory(selection, groups.into_values().collect(), shown))
}

fn shown(group: &UserGroup) -> Map<String, Value> {
    match json!(group) {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}
