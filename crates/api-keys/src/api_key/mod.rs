//! API keys: what a program sends as bearer token.

mod batch;
pub(crate) mod own;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{PermissionSet, Tier};
use elder_kernel::{
    ApiKey as Kind, ServiceAccount, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ApiKeyId,
    api_key::{ApiKey, IssuedKey, NewApiKey, Rotation},
};

/// What a key of a person can name; global permissions only those hold who belong to System.
const TIERS: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];

fn is_live(key: &ApiKey, now: DateTime<Utc>) -> bool {
    key.revoked_at.is_none() && now < key.expires_at
}

/// Whether the secret before the present one is good.
fn overlaps(key: &ApiKey, now: DateTime<Utc>) -> bool {
    key.previous_expires_at.is_some_and(|end| now < end)
}

/// What a key names of what its owner holds; none for all.
fn scope(key: &ApiKey) -> Option<PermissionSet> {
    let names = key.permissions.as_ref()?;
    Some(PermissionSet::named(names.iter().map(String::as_str), TIERS))
}

/// API keys, as they are listed.
#[derive(Debug)]
pub(crate) enum ApiKeys {}

impl Collection for ApiKeys {
    const NAME: &'static str = "api_keys";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::text("name"),
        Field::id::<User>("user_id"),
        Field::id::<ServiceAccount>("service_account_id"),
        Field::opaque("permissions"),
        Field::opaque("organizations"),
        Field::opaque("ip_allowlist"),
        Field::time("expires_at").sortable(),
        Field::time("revoked_at"),
        Field::time("rotated_at"),
        Field::time("previous_expires_at"),
        Field::time("last_used_at"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
    ];
}

/// How long the present secret stays good after a rotation, if it does.
fn overlap(rotation: Rotation) -> Option<TimeDelta> {
    (rotation.overlap_seconds > 0).then(|| TimeDelta::seconds(rotation.overlap_seconds))
}
