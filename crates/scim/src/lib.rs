#![doc = include_str!("../README.md")]

mod activity;
mod bulk;
mod catalogue;
mod directory;
mod directory_group;
mod discovery;
mod error;
mod group;
mod mapping;
mod resource;
mod routes;
mod rules;
mod search;
mod token;
mod user;
mod valve;
mod wire;

pub use activity::{Activity, DirectoryRequest, DirectoryRequestId, forget_activity, keep_activity, record};
pub use directory::{
    Conflicts, Deprovisioning, Directory, DirectoryId, DirectoryPatch, DirectoryTest, NewDirectory, Provider,
    Vocabulary,
};
pub use error::Error;
pub use mapping::{MappingSource, NewRoleMapping, RoleMapping, RoleMappingId};
pub use routes::routes;
pub use token::{IssuedToken, NewScimToken, ScimToken, ScimTokenId};
pub use wire::{
    PROBLEMS,
    document::{GroupDocument, ScimBulk, ScimBulkOperation, ScimOperation, ScimPatch, ScimSearch, ScimUser},
};
