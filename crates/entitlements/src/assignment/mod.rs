//! Assignments: who holds which entitlement, and who says so: a directory, or somebody here.

mod batch;
pub(crate) mod routes;
pub mod service;

use elder_kernel::{
    Directory, Entitlement, EntitlementAssignment as Kind, Id, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    EntitlementAssignmentId, UserId,
    entitlement::{EntitlementAssignment, NewEntitlementAssignment},
};

use crate::entitlement::EntitlementKind;

/// What a user holds, as it is listed.
#[derive(Debug)]
pub(crate) enum Assignments {}

impl Collection for Assignments {
    const NAME: &'static str = "entitlement_assignments";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::id::<User>("user_id").unfiltered(),
        Field::id::<Entitlement>("entitlement_id"),
        Field::word("kind", EntitlementKind::NAMES),
        Field::folded("value").sortable(),
        Field::folded("display").sortable(),
        Field::opaque("permissions"),
        Field::id::<Directory>("directory_id"),
        Field::time("assigned_at").sortable(),
        Field::id::<User>("assigned_by"),
    ];
}

/// What a directory says that somebody holds, by the values as they were sent.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Of whom.
    pub user: Id<User>,
    /// The directory.
    pub directory: Id<Directory>,
    /// The values of `roles`.
    pub roles: &'a [String],
    /// The values of `entitlements`.
    pub entitlements: &'a [String],
    /// Whether the directory may name nothing that the catalogue does not offer to it.
    pub is_bound: bool,
}

impl<'a> Said<'a> {
    /// Each value with its kind.
    fn values(self) -> impl Iterator<Item = (EntitlementKind, &'a str)> {
        let roles = self.roles.iter().map(|value| (EntitlementKind::Role, value.as_str()));
        roles.chain(self.entitlements.iter().map(|value| (EntitlementKind::Entitlement, value.as_str())))
    }
}

/// What became of what a directory said: the values that somebody holds now and did not hold before, and the reverse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed {
    /// Given.
    pub assigned: Vec<String>,
    /// Taken.
    pub revoked: Vec<String>,
}
