//! Invitations: whom a tenant waits for, and the roles that they shall have.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::Role;
use elder_kernel::{
    Invitation as Kind, User,
    collection::{Collection, Field},
};
use elder_tenancy::offer::Offer;

pub(crate) use elder_api_types::{
    InvitationId,
    invitation::{Invitation, NewInvitation},
};

/// The invitations of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Invitations {}

impl Collection for Invitations {
    const NAME: &'static str = "invitations";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("email"),
        Field::word("tenant_role", Role::NAMES),
        Field::opaque("roles"),
        Field::opaque("organizations"),
        Field::integer("days"),
        Field::id::<User>("invited_by"),
        Field::time("expires_at"),
        Field::time("accepted_at"),
        Field::id::<User>("accepted_by"),
        Field::time("created_at").sortable(),
        Field::time("updated_at"),
    ];
}

/// What an invitation promises.
fn offer(invitation: &Invitation) -> Offer {
    Offer {
        tenant_role: invitation.tenant_role,
        roles: invitation.roles.clone(),
        organizations: invitation.organizations.clone(),
    }
}
