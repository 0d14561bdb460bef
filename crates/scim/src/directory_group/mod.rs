//! The groups that a directory has pushed, as admins see them: they are changed where they come from.

pub(crate) mod routes;
mod service;

use elder_kernel::{
    Directory, ScimGroup, User,
    collection::{Collection, Field},
};

pub(crate) use elder_api_types::{
    ScimGroupId,
    directory_group::{DirectoryGroup, DirectoryGroupMember},
};

/// The groups of a directory, as they are listed.
#[derive(Debug)]
pub(crate) enum DirectoryGroups {}

impl Collection for DirectoryGroups {
    const NAME: &'static str = "directory_groups";
    const FIELDS: &'static [Field] = &[
        Field::id::<ScimGroup>("id").sortable(),
        Field::id::<Directory>("directory_id").unfiltered(),
        Field::folded("name").sortable(),
        Field::text("external_id"),
        Field::time("created_at"),
        Field::time("updated_at"),
        Field::id::<ScimGroup>("member_of").hidden(),
    ];
}

/// The people in a group, as they are listed.
#[derive(Debug)]
pub(crate) enum DirectoryGroupMembers {}

impl Collection for DirectoryGroupMembers {
    const NAME: &'static str = "directory_group_members";
    const FIELDS: &'static [Field] = &[
        Field::id::<User>("user_id").sortable(),
        Field::folded("email"),
        Field::folded("name"),
        Field::bool("is_active"),
    ];
    const DEFAULT_SORT: &'static str = "user_id";
    const KEY: &'static str = "user_id";
}
