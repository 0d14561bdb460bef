//! Linked identities: which account is whose whom a provider means, as admins see it, and how they say so themselves.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Identity as Kind, IdentityProvider, User,
    collection::{Collection, Field},
};

pub(crate) use elder_api_types::{
    IdentityId, IdentityProviderId, UserId,
    identity::{Identity, NewIdentity},
};

/// Linked identities, as they are listed.
#[derive(Debug)]
pub(crate) enum Identities {}

impl Collection for Identities {
    const NAME: &'static str = "identities";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::id::<User>("user_id"),
        Field::id::<IdentityProvider>("identity_provider_id"),
        Field::text("issuer"),
        Field::text("subject"),
        Field::text("domain"),
        Field::opaque("groups"),
        Field::text("group").hidden(),
        Field::time("linked_at"),
        Field::id::<User>("linked_by"),
        Field::time("last_login_at"),
    ];
}
