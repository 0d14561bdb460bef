//! What may be done with identity providers.

mod repository;

use elder_access::{Action, Authority, Change, Event, Found, TenantTx, markers::IdpsWrite};
use elder_kernel::{Secret, TenantId, collection::Selection};
use elder_tenancy::{grant, offer};

use self::repository::SealedSecret;
use super::{
    ClientAuthMethod, IdentityProvider, IdentityProviderId, IdentityProviderPatch, NewIdentityProvider,
    UsesIdps, creation, differences, offers, patched,
};
use crate::{Error, Providers, protocol::WithSecret, provisioning};

type Tx = TenantTx<IdpsWrite>;

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    selection: &Selection,
) -> Result<Found<IdentityProvider>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(
    tx: &TenantTx<impl Authority>,
    id: IdentityProviderId,
) -> Result<IdentityProvider, Error> {
    Ok(repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.0)
}

/// A provider with the secret that it shares with Elder.
pub(crate) async fn with_secret<A: UsesIdps>(
    tx: &TenantTx<A>,
    id: IdentityProviderId,
) -> Result<WithSecret, Error> {
    let (idp, sealed) = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let open = |sealed: Vec<u8>| -> Result<_, Error> {
        let plain = tx.unseal(&place(id), &sealed)?;
        Ok(Secret::new(String::from_utf8_lossy(&plain).into_owned()))
    };
    let secret = sealed.map(open).transpose()?;
    Ok(WithSecret { idp, secret })
}

pub(super) async fn create(
    tx: &Tx,
    providers: &Providers,
    new: NewIdentityProvider,
) -> Result<Change<IdentityProvider>, Error> {
    let now = tx.seam().now();
    let idp = IdentityProvider {
        id: tx.seam().id(),
        is_global: tx.tenant() == TenantId::SYSTEM,
        idp_type: new.idp_type,
        provider: new.provider,
        name: new.name.into(),
        oidc_issuer_url: new.oidc_issuer_url,
        oidc_client_id: new.oidc_client_id,
        has_client_secret: new.oidc_client_secret.is_some(),
        oidc_scopes: new.oidc_scopes,
        oidc_token_endpoint_auth_method: new.oidc_token_endpoint_auth_method,
        oidc_allowed_tenants: new.oidc_allowed_tenants,
        trusts_mfa: new.trusts_mfa,
        jit_provisioning_enabled: new.jit_provisioning_enabled,
        conflicts: new.conflicts,
        sync: new.sync,
        attribute_mappings: new.attribute_mappings,
        default_role: new.default_role,
        role_rules: new.role_rules,
        role_rule_matching: new.role_rule_matching,
        is_active: new.is_active,
        last_login_at: None,
        last_error: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    ensure_sound(providers, &idp)?;
    ensure_held(tx, &idp, Gone::IsUnknown).await?;
    let sealed = new.oidc_client_secret.map(|secret| seal(tx, idp.id, &secret));
    repository::insert(tx, tx.tenant(), &idp, sealed).await.map_err(Error::of_idp)?;
    let event = Event::on(Action::IdpCreated, idp.id).changed(creation(&idp));
    Ok((idp, event))
}

/// The provider as it is afterwards; no event if nothing changed.
pub(super) async fn update(
    tx: &Tx,
    providers: &Providers,
    id: IdentityProviderId,
    mut patch: IdentityProviderPatch,
) -> Result<(IdentityProvider, Option<Event>), Error> {
    let old = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    let new_secret = patch.oidc_client_secret.take();
    let mut new = patched(old.clone(), patch);
    let is_public = new.oidc_token_endpoint_auth_method == ClientAuthMethod::None;
    // The secret of before is for the issuer of before alone (O-20).
    let keeps_secret = old.has_client_secret && !is_public && new.oidc_issuer_url == old.oidc_issuer_url;
    new.has_client_secret = new_secret.is_some() || keeps_secret;
    ensure_sound(providers, &new)?;
    ensure_held(tx, &old, Gone::GivesNothing).await?;
    let gone = if new.role_rules == old.role_rules { Gone::GivesNothing } else { Gone::IsUnknown };
    ensure_held(tx, &new, gone).await?;
    let mut changes = differences(&old, &new);
    let secret = match new_secret {
        Some(secret) => {
            changes = changes.new_field("oidc_client_secret", &"another one");
            SealedSecret::Another(seal(tx, id, &secret))
        }
        None if keeps_secret => SealedSecret::Same,
        None => SealedSecret::None,
    };
    if changes.is_empty() {
        return Ok((old, None));
    }
    new.version += 1;
    new.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &new, secret).await.map_err(Error::of_idp)?;
    Ok((new, Some(Event::on(Action::IdpUpdated, id).changed(changes))))
}

/// Takes from everybody what the provider gives; so, as where a role is taken from one, the caller must hold it.
pub(super) async fn delete(tx: &Tx, id: IdentityProviderId) -> Result<Event, Error> {
    let old = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    ensure_held(tx, &old, Gone::GivesNothing).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::IdpDeleted, id).with("name", old.name))
}

/// Refuses what could not work: a secret too many or too few, an issuer that may not be called, expressions that cannot be
/// read.
fn ensure_sound(providers: &Providers, idp: &IdentityProvider) -> Result<(), Error> {
    match (idp.oidc_token_endpoint_auth_method, idp.has_client_secret) {
        (ClientAuthMethod::None, true) => return Err(Error::SecretUnexpected),
        (ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost, false) => {
            return Err(Error::SecretNeeded);
        }
        _ => {}
    }
    providers.check(idp).map_err(Error::Unusable)?;
    let faults = provisioning::faults(idp);
    if faults.is_empty() { Ok(()) } else { Err(Error::Unreadable(faults)) }
}

/// What a role or an organization means that a rule names and that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gone {
    /// The rule has outlived it.
    GivesNothing,
    /// Somebody names it now.
    IsUnknown,
}

/// Nobody gives by a provider what they do not hold over the whole tenant: whoever says what a provider may give, or which
/// provider it is, could give it to themselves (D-05).
async fn ensure_held(tx: &Tx, idp: &IdentityProvider, gone: Gone) -> Result<(), Error> {
    for offer in offers(idp) {
        match offer::gives(tx, &offer).await {
            Ok(given) if given.within(tx.holds()) => {}
            Ok(_) => return Err(Error::ExceedsOwn),
            Err(grant::Error::NotFound) if gone == Gone::GivesNothing => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn seal(tx: &Tx, id: IdentityProviderId, secret: &Secret<String>) -> Vec<u8> {
    tx.seal(&place(id), secret.expose().as_bytes())
}

fn place(id: IdentityProviderId) -> String {
    format!("idp_configurations/oidc_client_secret/{id}")
}
