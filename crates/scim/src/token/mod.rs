//! Tokens of a directory: what an identity provider shows when it pushes.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Directory as DirectoryKind, ScimToken as TokenKind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ScimTokenId,
    scim_token::{IssuedToken, NewScimToken, ScimToken},
};

/// The tokens of a directory, as they are listed.
#[derive(Debug)]
pub(crate) enum ScimTokens {}

impl Collection for ScimTokens {
    const NAME: &'static str = "scim_tokens";
    const FIELDS: &'static [Field] = &[
        Field::id::<TokenKind>("id").sortable(),
        Field::id::<DirectoryKind>("directory_id").unfiltered(),
        Field::text("name"),
        Field::bool("can_write"),
        Field::time("expires_at"),
        Field::time("revoked_at"),
        Field::time("last_used_at"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
    ];
}
