//! Elder's own keys at a provider: what is published of them, and how one takes the place of another.

use elder_access::{Action, Event, Guest, TenantTx, flows, markers::IdpsWrite};
use serde_json::{Map, Value};

use super::{
    active, key_place,
    repository::{self, SealedKey, own_keys},
};
use crate::{
    Error, Providers,
    idp::{IdentityProvider, IdentityProviderId, RenewalStep},
    protocol::{OwnKey, public},
};

/// The public keys by which an active provider knows Elder, as a key set (RFC 7517 §5). All stages are in it: the provider
/// learns of the next one before it is used.
///
/// # Errors
/// [`Error::NotFound`].
pub(in crate::idp) async fn key_set(
    guest: &Guest<flows::SingleSignOn>,
    id: IdentityProviderId,
) -> Result<Vec<Map<String, Value>>, Error> {
    let (_, known) = active(guest, id).await?;
    let own = known.idp.own_certificates.iter();
    own.map(|own| Ok(public(&own.certificate)?.jwk())).collect()
}

/// Takes a step from one key to the next. `key` was made beforehand, for [`RenewalStep::Publish`].
///
/// # Errors
/// [`Error::NotFound`]; [`Error::OutOfStep`] if the step before was not taken.
pub(in crate::idp) async fn renew(
    tx: &TenantTx<IdpsWrite>,
    providers: &Providers,
    id: IdentityProviderId,
    (step, key): (RenewalStep, Option<OwnKey>),
) -> Result<(IdentityProvider, Event), Error> {
    let (tenant, now) = (tx.tenant(), tx.seam().now());
    repository::lock(tx, tenant, id).await?.ok_or(Error::NotFound)?;
    let is_done = match (step, key) {
        (RenewalStep::Publish, Some(OwnKey { private, certificate })) => {
            let private = tx.seal(&key_place(id), private.expose().as_bytes());
            own_keys::publish_key(tx, tenant, id, SealedKey { private, certificate }, now).await?
        }
        (RenewalStep::Publish, None) => false,
        (RenewalStep::Switch, _) => own_keys::switch_key(tx, tenant, id, now).await?,
        (RenewalStep::Drop, _) => own_keys::drop_key(tx, tenant, id, now).await?,
    };
    if !is_done {
        return Err(Error::OutOfStep);
    }
    let (idp, _) = repository::find(tx, tenant, id).await?.ok_or(Error::NotFound)?;
    Ok((providers.introduced(idp), Event::on(Action::IdpKeyRenewed, id).with("step", step.name())))
}
