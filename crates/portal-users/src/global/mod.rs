//! Users across tenants, for operators.

pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{GlobalRole, Role};
use elder_kernel::{
    Directory, Id, User,
    collection::{Collection, Field},
};
use serde::Deserialize;

pub(crate) use elder_api_types::global_user::{GlobalUser, GlobalUserSearch};

/// The users of all tenants, as they are listed.
#[derive(Debug)]
pub(crate) enum GlobalUsers {}

impl Collection for GlobalUsers {
    const NAME: &'static str = "global_users";
    const FIELDS: &'static [Field] = &[
        Field::integer("tenant_id").sortable(),
        Field::text("tenant_slug"),
        Field::id::<User>("id"),
        Field::folded("email"),
        Field::folded("full_name"),
        Field::word("global_role", GlobalRole::NAMES),
        Field::word("tenant_role", Role::NAMES),
        Field::bool("is_active"),
        Field::bool("email_verified"),
        Field::bool("has_password"),
        Field::time("last_login_at"),
        Field::text("locale"),
        Field::text("time_zone"),
        Field::text("external_id"),
        Field::id::<Directory>("managed_by"),
        Field::integer("version").unfiltered(),
        Field::time("created_at"),
        Field::time("updated_at"),
    ];
    const DEFAULT_SORT: &'static str = "tenant_id";
}

/// A user of a tenant, as a path names both.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UserOfTenant {
    /// The slug or the number.
    pub(crate) tenant: String,
    pub(crate) user_id: Id<User>,
}
