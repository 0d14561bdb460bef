//! What may be done with identity providers.

mod ending;
pub(crate) mod held;
pub(super) mod keys;
pub(crate) mod metadata;
mod repository;

use elder_access::{
    Action, Authority, Change, Event, Feature, Found, Guest, PlatformTx, TenantTx, flows, markers,
};
use elder_kernel::{FieldFault, Secret, TenantId, collection::Selection};

use self::{
    held::{Gone, ensure_held, ensure_may_be_anybody},
    repository::{Beside, SealedKey, SealedSecret},
};
use super::{
    ClientAuthMethod, GlobalIdentityProvider, IdentityProvider, IdentityProviderId, IdentityProviderPatch,
    IdpType, KeyStage, NewIdentityProvider, OwnCertificate, ResponseType, SamlSettings, SetsUpIdps, UsesIdps,
    creation,
    description::{Kept, Prepared, describe},
    differences, patched,
};
use crate::{
    Error, Providers,
    protocol::{OwnKey, OwnKeys, WithSecret},
    provisioning,
};

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    providers: &Providers,
    selection: &Selection,
) -> Result<Found<IdentityProvider>, Error> {
    let found = repository::list(tx, tx.tenant(), selection).await?;
    Ok(found.map(|idp| providers.introduced(idp)))
}

/// The providers of all tenants.
pub(crate) async fn list_all(
    tx: &PlatformTx<markers::PlatformIdpsRead>,
    providers: &Providers,
    selection: &Selection,
) -> Result<Found<GlobalIdentityProvider>, Error> {
    let found = repository::list_all(tx, selection).await?;
    Ok(found.map(|one| GlobalIdentityProvider { idp: providers.introduced(one.idp), ..one }))
}

pub(crate) async fn get(
    tx: &TenantTx<impl Authority>,
    providers: &Providers,
    id: IdentityProviderId,
) -> Result<IdentityProvider, Error> {
    let (idp, _) = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    Ok(providers.introduced(idp))
}

/// Refuses what is no provider of the tenant.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn ensure_there(tx: &TenantTx<impl Authority>, id: IdentityProviderId) -> Result<(), Error> {
    repository::find(tx, tx.tenant(), id).await?.map(drop).ok_or(Error::NotFound)
}

/// What people know a provider by.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn name(tx: &TenantTx<impl Authority>, id: IdentityProviderId) -> Result<String, Error> {
    let found = repository::find(tx, tx.tenant(), id).await?;
    found.map(|(idp, _)| idp.name).ok_or(Error::NotFound)
}

/// A provider with what it shares with Elder alone.
pub(crate) async fn with_secret<A: UsesIdps>(
    tx: &TenantTx<A>,
    id: IdentityProviderId,
) -> Result<WithSecret, Error> {
    let (idp, Beside { secret, keys, metadata }) =
        repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let open = |place: String, sealed: Vec<u8>| -> Result<_, Error> {
        let plain = tx.unseal(&place, &sealed)?;
        Ok(Secret::new(String::from_utf8_lossy(&plain).into_owned()))
    };
    let secret = secret.map(|sealed| open(place(id), sealed)).transpose()?;
    let key = |stage: KeyStage, sealed: Option<Vec<u8>>| {
        let own = idp.own_certificates.iter().find(|own| own.stage == stage);
        let pair = sealed.zip(own.map(|own| own.certificate.clone()));
        let read = |(sealed, certificate)| -> Result<_, Error> {
            Ok(OwnKey { private: open(key_place(id), sealed)?, certificate })
        };
        pair.map(read).transpose()
    };
    let [current, next, former] = keys;
    let keys = OwnKeys {
        current: key(KeyStage::Current, current)?,
        next: key(KeyStage::Next, next)?,
        former: key(KeyStage::Former, former)?,
    };
    Ok(WithSecret { idp, secret, keys, metadata })
}

/// A provider by which somebody may sign in now, and its tenant.
pub(crate) async fn active(
    guest: &Guest<flows::SingleSignOn>,
    id: IdentityProviderId,
) -> Result<(TenantId, WithSecret), Error> {
    let tenant = repository::tenant_of(&*guest.lookup().await?, id).await?.ok_or(Error::NotFound)?;
    Ok((tenant, with_secret(&guest.begin(tenant).await?, id).await?))
}

/// The licence feature that a protocol belongs to.
pub(crate) const fn feature(idp_type: IdpType) -> Feature {
    match idp_type {
        IdpType::Saml => Feature::SsoSaml,
        IdpType::Oidc => Feature::SsoOidc,
    }
}

/// The tenant of a provider, whether or not anybody may sign in by it.
pub(crate) async fn tenant_of<A: Authority>(
    tx: &PlatformTx<A>,
    id: IdentityProviderId,
) -> Result<TenantId, Error> {
    repository::tenant_of_any(tx, id).await?.ok_or(Error::NotFound)
}

/// A provider that speaks SAML, active or not, and its tenant, which is.
pub(crate) async fn speaking_saml(
    guest: &Guest<flows::SingleSignOn>,
    id: IdentityProviderId,
) -> Result<(TenantId, WithSecret), Error> {
    let tenant = repository::tenant_of_any(&*guest.lookup().await?, id).await?.ok_or(Error::NotFound)?;
    let known = with_secret(&guest.begin(tenant).await?, id).await?;
    if known.idp.idp_type == IdpType::Saml { Ok((tenant, known)) } else { Err(Error::NotFound) }
}

pub(crate) async fn create<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    providers: &Providers,
    new: NewIdentityProvider,
    prepared: Prepared,
) -> Result<Change<IdentityProvider>, Error> {
    tx.demand(feature(new.idp_type))?;
    let (now, is_saml) = (tx.seam().now(), new.idp_type == IdpType::Saml);
    let secret = new.oidc_client_secret;
    let mut idp = IdentityProvider {
        id: tx.seam().id(),
        is_global: tx.tenant() == TenantId::SYSTEM,
        idp_type: new.idp_type,
        provider: new.provider,
        name: new.name.into(),
        oidc_issuer_url: new.oidc_issuer_url,
        oidc_client_id: new.oidc_client_id,
        has_client_secret: secret.is_some(),
        oidc_scopes: new.oidc_scopes,
        oidc_response_type: new.oidc_response_type.or_else(|| (!is_saml).then(ResponseType::default)),
        oidc_token_endpoint_auth_method: new
            .oidc_token_endpoint_auth_method
            .or_else(|| (!is_saml).then(ClientAuthMethod::default)),
        oidc_allowed_tenants: new.oidc_allowed_tenants,
        entity_id: new.entity_id,
        metadata_url: new.metadata_url,
        sso_url: new.sso_url,
        slo_url: new.slo_url,
        certificates: new.certificates,
        saml: new.saml.or_else(|| is_saml.then(SamlSettings::default)),
        service_provider: None,
        oidc_jwks_url: None,
        own_certificates: Vec::new(),
        trusts_mfa: new.trusts_mfa,
        single_logout: new.single_logout,
        enforced: false,
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
    ensure_of_type(&idp)?;
    let metadata = prepared.metadata;
    let certificates_end = if is_saml { describe(&mut idp, metadata.as_deref())? } else { None };
    ensure_sound(providers, &idp)?;
    ensure_held(tx, &idp, Gone::IsUnknown).await?;
    let secret = secret.map(|secret| seal(tx, idp.id, &secret));
    let beside = Beside { secret, metadata, ..Beside::default() };
    let key = prepared.key.map(|key| sealed_key(tx, &mut idp, key));
    let inserted = repository::insert(tx, tx.tenant(), &idp, (beside, key), certificates_end).await;
    inserted.map_err(Error::of_idp)?;
    let event = Event::on(Action::IdpCreated, idp.id).changed(creation(&idp));
    Ok((providers.introduced(idp), event))
}

/// The provider as it is afterwards; no event if nothing changed.
pub(crate) async fn update<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    providers: &Providers,
    id: IdentityProviderId,
    mut patch: IdentityProviderPatch,
    prepared: Prepared,
) -> Result<(IdentityProvider, Option<Event>), Error> {
    let old = repository::lock_out(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    let (new_secret, kept) = (patch.oidc_client_secret.take(), Kept::after(&patch, &prepared));
    let renamed = patch.entity_id.is_some();
    let mut new = patched(old.clone(), patch);
    ensure_of_type(&new)?;
    let mut certificates_end = None;
    if new.idp_type == IdpType::Saml && (kept != Kept::Same || renamed) {
        if kept == Kept::New && !renamed {
            new.entity_id = None;
        }
        if kept == Kept::Nothing {
            new.metadata_url = None;
        }
        certificates_end = describe(&mut new, prepared.metadata.as_deref())?;
    }
    let has_secret = !matches!(
        new.oidc_token_endpoint_auth_method,
        Some(ClientAuthMethod::None | ClientAuthMethod::PrivateKeyJwt)
    );
    // The secret of before is for the issuer of before alone (O-20).
    let keeps_secret = old.has_client_secret && has_secret && new.oidc_issuer_url == old.oidc_issuer_url;
    new.has_client_secret = new_secret.is_some() || keeps_secret;
    // Who signed in by another provider has shown nothing of this one.
    if new.oidc_issuer_url != old.oidc_issuer_url || new.entity_id != old.entity_id {
        new.last_login_at = None;
    }
    ensure_sound(providers, &new)?;
    ensure_held(tx, &old, Gone::GivesNothing).await?;
    let gone = if new.role_rules == old.role_rules { Gone::GivesNothing } else { Gone::IsUnknown };
    ensure_held(tx, &new, gone).await?;
    if kept != Kept::Same || renamed {
        ensure_may_be_anybody(tx, id).await?;
    }
    let mut changes = differences(&old, &new);
    let secret = match new_secret {
        Some(secret) => {
            changes = changes.new_field("oidc_client_secret", &"another one");
            SealedSecret::Another(seal(tx, id, &secret))
        }
        None if keeps_secret => SealedSecret::Same,
        None => SealedSecret::None,
    };
    if changes.is_empty() && kept == Kept::Same {
        return Ok((providers.introduced(old), None));
    }
    new.version += 1;
    new.updated_at = tx.seam().now();
    let key = prepared.key.filter(|_| old.own_certificates.is_empty());
    let key = key.map(|key| sealed_key(tx, &mut new, key));
    repository::update(tx, tx.tenant(), &new, secret, key).await.map_err(Error::of_idp)?;
    if kept != Kept::Same {
        let described = (prepared.metadata.as_deref(), certificates_end);
        repository::describe(tx, tx.tenant(), id, described, new.updated_at).await?;
    }
    let mut event = Event::on(Action::IdpUpdated, id).changed(changes);
    if old.is_active && !new.is_active {
        event = event.with("sessions_ended", ending::end_sessions(tx, id).await?);
    }
    Ok((providers.introduced(new), Some(event)))
}

/// Takes from everybody what the provider gives; so, as where a role is taken from one, the caller must hold it. Sessions that
/// rest on it end.
pub(crate) async fn delete<A: SetsUpIdps>(tx: &TenantTx<A>, id: IdentityProviderId) -> Result<Event, Error> {
    let old = repository::lock_out(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    ensure_held(tx, &old, Gone::GivesNothing).await?;
    let ended = ending::end_sessions(tx, id).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::IdpDeleted, id).with("name", old.name).with("sessions_ended", ended))
}

/// Refuses what belongs to the other protocol, and what is missing of its own.
fn ensure_of_type(idp: &IdentityProvider) -> Result<(), Error> {
    let (of_oidc, of_saml) = (
        [
            ("/oidc_issuer_url", idp.oidc_issuer_url.is_some()),
            ("/oidc_client_id", idp.oidc_client_id.is_some()),
            ("/oidc_client_secret", idp.has_client_secret),
            ("/oidc_response_type", idp.oidc_response_type.is_some()),
            ("/oidc_scopes", !idp.oidc_scopes.is_empty()),
            ("/oidc_token_endpoint_auth_method", idp.oidc_token_endpoint_auth_method.is_some()),
            ("/oidc_allowed_tenants", !idp.oidc_allowed_tenants.is_empty()),
        ],
        [
            ("/entity_id", idp.entity_id.is_some()),
            ("/metadata_url", idp.metadata_url.is_some()),
            ("/sso_url", idp.sso_url.is_some()),
            ("/slo_url", idp.slo_url.is_some()),
            ("/certificates", !idp.certificates.is_empty()),
            ("/saml", idp.saml.is_some()),
        ],
    );
    let (other, needed): (&[_], &[_]) = match idp.idp_type {
        IdpType::Oidc => (&of_saml, of_oidc.get(..2).unwrap_or_default()),
        IdpType::Saml => (&of_oidc, &[]),
    };
    let unexpected = other.iter().filter(|(_, is_there)| *is_there).map(|(pointer, _)| {
        FieldFault::new(*pointer, "unexpected", "it belongs to the other kind of provider")
    });
    let missing = needed.iter().filter(|(_, is_there)| !is_there);
    let missing =
        missing.map(|(pointer, _)| FieldFault::new(*pointer, "required", "OpenID Connect needs it"));
    let faults: Vec<_> = unexpected.chain(missing).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Unreadable(faults)) }
}

/// Refuses what could not work: a secret too many or too few, an issuer that may not be called, expressions that cannot be
/// read, and that a provider is enforced by which nobody has signed in.
fn ensure_sound(providers: &Providers, idp: &IdentityProvider) -> Result<(), Error> {
    match (idp.oidc_token_endpoint_auth_method, idp.has_client_secret) {
        (Some(ClientAuthMethod::None | ClientAuthMethod::PrivateKeyJwt), true) => {
            return Err(Error::SecretUnexpected);
        }
        (Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost), false) => {
            return Err(Error::SecretNeeded);
        }
        _ => {}
    }
    if idp.idp_type == IdpType::Oidc {
        providers.check(idp).map_err(Error::Unusable)?;
    }
    if idp.enforced && !(idp.is_active && idp.last_login_at.is_some()) {
        return Err(Error::NotProven);
    }
    let faults = provisioning::faults(idp);
    if faults.is_empty() { Ok(()) } else { Err(Error::Unreadable(faults)) }
}

fn seal<A: SetsUpIdps>(tx: &TenantTx<A>, id: IdentityProviderId, secret: &Secret<String>) -> Vec<u8> {
    tx.seal(&place(id), secret.expose().as_bytes())
}

/// A key of Elder's own for a provider that has none yet.
fn sealed_key<A: SetsUpIdps>(tx: &TenantTx<A>, idp: &mut IdentityProvider, key: OwnKey) -> SealedKey {
    let OwnKey { private, certificate } = key;
    idp.own_certificates.push(OwnCertificate { stage: KeyStage::Current, certificate: certificate.clone() });
    SealedKey { private: tx.seal(&key_place(idp.id), private.expose().as_bytes()), certificate }
}

fn key_place(id: IdentityProviderId) -> String {
    format!("idp_configurations/own_key/{id}")
}

fn place(id: IdentityProviderId) -> String {
    format!("idp_configurations/oidc_client_secret/{id}")
}
