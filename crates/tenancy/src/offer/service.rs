//! What an offer gives, and how it is made good.

mod repository;

use std::collections::BTreeSet;

use elder_access::{Authority, PermissionSet, Role, TenantTx};

use super::{KeepsOffers, Offer};
use crate::{
    grant::{Error, UserId},
    role::{self, RoleId, RoleTier},
};

/// Everything that an offer gives, wherever it holds: who makes the offer must hold it over the whole tenant.
///
/// # Errors
/// [`Error::NotFound`] if a role or an organization of it is not there.
pub async fn gives<A: Authority>(tx: &TenantTx<A>, offer: &Offer) -> Result<PermissionSet, Error> {
    let organizations: BTreeSet<_> = offer.organizations.iter().map(|role| role.organization_id).collect();
    if repository::organizations(tx, tx.tenant(), &organizations).await? != organizations.len() {
        return Err(Error::NotFound);
    }
    let there = offer.organizations.iter();
    let custom_there: BTreeSet<RoleId> = there.clone().filter_map(|role| role.role_id).collect();
    let over_tenant = custom(tx, offer.roles.iter().copied().collect(), RoleTier::Tenant).await?;
    let in_organizations = custom(tx, custom_there, RoleTier::Organization).await?;
    let built_in =
        there.filter_map(|role| role.role).map(|role| role::built_in(RoleTier::Organization, role));
    let built_in = built_in.chain(offer.tenant_role.map(|role| role::built_in(RoleTier::Tenant, role)));
    Ok(built_in.chain([over_tenant, in_organizations]).fold(PermissionSet::default(), PermissionSet::union))
}

/// What a role of the organization tier gives, in whichever organization.
///
/// # Errors
/// [`Error::NotFound`] if there is no such role.
pub async fn gives_there<A: Authority>(
    tx: &TenantTx<A>,
    (role, custom_role): (Option<Role>, Option<RoleId>),
) -> Result<PermissionSet, Error> {
    let built_in = role.map(|role| role::built_in(RoleTier::Organization, role)).unwrap_or_default();
    let custom = custom(tx, custom_role.into_iter().collect(), RoleTier::Organization).await?;
    Ok(built_in.union(custom))
}

async fn custom<A: Authority>(
    tx: &TenantTx<A>,
    ids: BTreeSet<RoleId>,
    tier: RoleTier,
) -> Result<PermissionSet, Error> {
    let ids: Vec<RoleId> = ids.into_iter().collect();
    let roles = role::service::among(tx, &ids, tier).await?;
    if roles.len() != ids.len() {
        return Err(Error::NotFound);
    }
    Ok(roles.iter().map(role::gives).fold(PermissionSet::default(), PermissionSet::union))
}

/// Gives a new user the roles of an offer but the built-in one over the tenant, which the account has of itself.
///
/// # Errors
/// [`Error::NotFound`] if a role or an organization of it is not there.
pub async fn give<A: KeepsOffers>(tx: &TenantTx<A>, user: UserId, offer: &Offer) -> Result<(), Error> {
    if !offer.roles.is_empty() {
        repository::give_roles(tx, tx.tenant(), user, &offer.roles).await.map_err(missing)?;
    }
    if !offer.organizations.is_empty() {
        let given = repository::assign(tx, tx.tenant(), user, &offer.organizations, tx.seam().now()).await;
        given.map_err(missing)?;
    }
    Ok(())
}

/// What was offered may be gone by now.
fn missing(error: elder_access::DbError) -> Error {
    match error.constraint() {
        Some(
            "portal_user_roles_role_fkey"
            | "portal_user_org_assignments_role_fkey"
            | "portal_user_org_assignments_organization_fkey",
        ) => Error::NotFound,
        _ => error.into(),
    }
}
