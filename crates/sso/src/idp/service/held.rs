//! What somebody must hold who says what a provider gives, or who it is.

use elder_access::{GlobalRole, PermissionSet, Role, TenantTx, Tier};
use elder_kernel::TenantId;
use elder_tenancy::{grant, offer};

use super::repository;
use crate::{
    Error,
    idp::{IdentityProvider, IdentityProviderId, IdpType, SetsUpIdps, offers, offers_by_path},
};

/// What a role or an organization means that a rule names and that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// The rule has outlived it.
    GivesNothing,
    /// Somebody names it now.
    IsUnknown,
}

/// Nobody gives by a provider what they do not hold over the whole tenant: whoever says what a provider may give, or which
/// provider it is, could give it to themselves (D-05).
pub(super) async fn ensure_held<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    idp: &IdentityProvider,
    gone: Gone,
) -> Result<(), Error> {
    let is_held = |gives: Result<PermissionSet, grant::Error>| match gives {
        Ok(given) if given.within(tx.holds()) => Ok(()),
        Ok(_) => Err(Error::ExceedsOwn),
        Err(grant::Error::NotFound) if gone == Gone::GivesNothing => Ok(()),
        Err(error) => Err(error.into()),
    };
    for offer in offers(idp) {
        is_held(offer::gives(tx, &offer).await)?;
    }
    for role in offers_by_path(idp) {
        is_held(offer::gives_there(tx, role).await)?;
    }
    Ok(())
}

/// Whoever says by which keys a provider speaks could sign in by keys of their own as any of those whom it knows: so they must
/// hold all that anybody can hold, unless it knows nobody (O-17).
pub(super) async fn ensure_may_be_anybody<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    id: IdentityProviderId,
) -> Result<(), Error> {
    let in_tenant = PermissionSet::built_in(Role::Admin.level(), &[Tier::Tenant, Tier::Organization]);
    let most = if tx.tenant() == TenantId::SYSTEM {
        in_tenant.union(PermissionSet::built_in(GlobalRole::Admin.level(), &[Tier::Global]))
    } else {
        in_tenant
    };
    if most.within(tx.holds()) || !repository::knows_anybody(tx, tx.tenant(), id).await? {
        return Ok(());
    }
    Err(Error::ExceedsOwn)
}

/// Keeps a provider as it is until the end, for somebody who lets it give to others what it gives; says what people know it by,
/// and by which issuer it means them.
///
/// # Errors
/// [`Error::NotFound`], [`Error::ExceedsOwn`].
pub(crate) async fn hold<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    id: IdentityProviderId,
) -> Result<(String, String), Error> {
    let idp = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    ensure_held(tx, &idp, Gone::GivesNothing).await?;
    let issuer = match idp.idp_type {
        IdpType::Oidc => idp.oidc_issuer_url,
        IdpType::Saml => idp.entity_id,
    };
    Ok((idp.name, issuer.unwrap_or_default()))
}
