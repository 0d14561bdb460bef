//! Groups: which ones somebody is in, and by whose word.

pub(crate) mod routes;
mod service;

use elder_kernel::collection::{Collection, Field};

pub(crate) use elder_api_types::{
    UserId,
    group::{GroupSource, UserGroup},
};

/// The groups of somebody, as they are listed.
#[derive(Debug)]
pub(crate) enum UserGroups {}

impl Collection for UserGroups {
    const NAME: &'static str = "user_groups";
    const FIELDS: &'static [Field] = &[Field::folded("name").sortable(), Field::opaque("sources")];
    const DEFAULT_SORT: &'static str = "name";
    const KEY: &'static str = "name";
}
