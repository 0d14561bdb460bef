//! What may happen to passkeys and security keys.

mod repository;

use elder_access::{Change, OwnWrite, PlatformTx, TenantTx, flows::SignIn, session};
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Factor as Kind, Id, Session, TenantId, User};
use elder_tenancy::settings;
use serde_json::Value;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};

use self::repository::Stored;
use super::{
    NewPasskey, PasskeySignIn, RelyingParty, WebauthnOptions, answer,
    ceremony::{self, Bound, Ceremony},
    options,
};
use crate::{
    Error, Method, ProvesFactors, Verdict, amr,
    factor::{self, Factor},
};

/// Begins a registration. `holder` is the session or the flow in which it happens.
///
/// # Errors
/// [`Error::NoRelyingParty`], [`Error::NotTaken`], [`Error::TooMany`].
pub async fn registration<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
) -> Result<WebauthnOptions, Error> {
    let relying_party = relying_party.get()?;
    ensure_taken(tx).await?;
    factor::service::ensure_room(tx, user).await?;
    let label = repository::label(tx, tx.tenant(), user).await?.ok_or(Error::NotFound)?;
    let known = repository::passkeys(tx, tx.tenant(), user).await?;
    let known = known.iter().map(|stored| stored.passkey.cred_id().clone()).collect();
    let (made, state) =
        relying_party.start_passkey_registration(user.uuid(), &label.email, label.shown(), Some(known))?;
    let ceremony = ceremony::begin(tx, Bound::Registration(user, holder), state)?;
    Ok(WebauthnOptions { ceremony, options: options(made)? })
}

/// Makes a key that answers the challenge a factor.
///
/// # Errors
/// [`Error::InvalidProof`], [`Error::Registered`], and those of [`registration`].
pub async fn register<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    new: NewPasskey,
) -> Result<Change<Factor>, Error> {
    let relying_party = relying_party.get()?;
    ensure_taken(tx).await?;
    factor::service::ensure_room(tx, user).await?;
    let bound = Bound::Registration(user, holder);
    let ceremony: Ceremony<PasskeyRegistration> =
        ceremony::open(tx, bound, &new.ceremony).ok_or(Error::InvalidProof)?;
    let credential: RegisterPublicKeyCredential = answer(new.credential).ok_or(Error::InvalidProof)?;
    if !ceremony.spend(tx, tx.tenant()).await? {
        return Err(Error::InvalidProof);
    }
    let passkey = relying_party.finish_passkey_registration(&credential, &ceremony.state);
    let passkey = passkey.map_err(|_| Error::InvalidProof)?;
    let id = tx.seam().id::<Kind>();
    let name = new.name.unwrap_or_else(|| "Passkey".to_owned());
    let inserted = repository::insert(tx, tx.tenant(), (user, id), &name, &passkey, tx.seam().now()).await;
    inserted.map_err(|error| match error {
        Error::Database(error) if error.constraint() == Some("mfa_factors_credential_key") => {
            Error::Registered
        }
        other => other,
    })?;
    factor::service::added(tx, user, id).await
}

/// Makes a key a factor of who is signed in. It has verified its user, so the session counts as stepped up.
pub(crate) async fn register_own(
    tx: &TenantTx<OwnWrite>,
    relying_party: &RelyingParty,
    (user, session): (Id<User>, Id<Session>),
    new: NewPasskey,
) -> Result<Change<Factor>, Error> {
    let (factor, event) = register(tx, relying_party, (user, session.uuid()), new).await?;
    session::step_up(tx, user, session, amr(&[Method::Passkey { is_synced: false }])).await?;
    Ok((factor, event))
}

/// Begins the proof of a key that is registered.
///
/// # Errors
/// [`Error::NoRelyingParty`], [`Error::NotTaken`], [`Error::NoPasskey`].
pub async fn proof<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
) -> Result<WebauthnOptions, Error> {
    let relying_party = relying_party.get()?;
    ensure_taken(tx).await?;
    let known: Vec<_> = repository::passkeys(tx, tx.tenant(), user).await?;
    let known: Vec<Passkey> = known.into_iter().map(|stored| stored.passkey).collect();
    if known.is_empty() {
        return Err(Error::NoPasskey);
    }
    let (made, state) = relying_party.start_passkey_authentication(&known)?;
    let ceremony = ceremony::begin(tx, Bound::Proof(user, holder), state)?;
    Ok(WebauthnOptions { ceremony, options: options(made)? })
}

/// Looks whether a credential answers the challenge, and uses that up.
pub(crate) async fn verify<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    ceremony: &str,
    credential: Value,
) -> Result<Verdict, Error> {
    let relying_party = relying_party.get()?;
    let opened: Option<Ceremony<PasskeyAuthentication>> =
        ceremony::open(tx, Bound::Proof(user, holder), ceremony);
    let credential: Option<PublicKeyCredential> = answer(credential);
    let (Some(ceremony), Some(credential)) = (opened, credential) else {
        return Ok(Verdict::Wrong("wrong_challenge"));
    };
    if !ceremony.spend(tx, tx.tenant()).await? {
        return Ok(Verdict::Wrong("used_challenge"));
    }
    let answered = relying_party.finish_passkey_authentication(&credential, &ceremony.state);
    // Read now: a factor that was removed since the challenge was made proves nothing.
    let stored = repository::passkey(tx, tx.tenant(), user, credential.get_credential_id()).await?;
    judge(tx, stored, answered).await
}

/// Begins a sign-in by whoever holds a passkey. `system` is no tenant's: whose it is, the answer says.
///
/// # Errors
/// [`Error::NoRelyingParty`].
pub fn sign_in(system: &TenantTx<SignIn>, relying_party: &RelyingParty) -> Result<WebauthnOptions, Error> {
    let (made, state) = relying_party.get()?.start_discoverable_authentication()?;
    let ceremony = ceremony::begin(system, Bound::SignIn, state)?;
    Ok(WebauthnOptions { ceremony, options: options(made)? })
}

/// An answer to the challenge of a sign-in, and whom it names. Nothing of it is believed yet.
pub struct Claim {
    ceremony: Ceremony<DiscoverableAuthentication>,
    credential: PublicKeyCredential,
    /// The account that the passkey says it is of.
    pub user: Id<User>,
}

impl Claim {
    /// Reads what was sent.
    ///
    /// # Errors
    /// [`Error::InvalidProof`], [`Error::NoRelyingParty`].
    pub fn read(
        system: &TenantTx<SignIn>,
        relying_party: &RelyingParty,
        sent: PasskeySignIn,
    ) -> Result<Self, Error> {
        let ceremony = ceremony::open(system, Bound::SignIn, &sent.ceremony).ok_or(Error::InvalidProof)?;
        let credential: PublicKeyCredential = answer(sent.credential).ok_or(Error::InvalidProof)?;
        let named = relying_party.get()?.identify_discoverable_authentication(&credential);
        let user = named.map(|(user, _)| Id::from_uuid(user)).map_err(|_| Error::InvalidProof)?;
        Ok(Self { ceremony, credential, user })
    }

    /// The tenant in which this key is registered for this account.
    ///
    /// # Errors
    /// [`Error::InvalidProof`] if there is none.
    pub async fn tenant(&self, platform: &PlatformTx<SignIn>) -> Result<TenantId, Error> {
        let found = repository::tenant_of(platform, self.user, self.credential.get_credential_id()).await?;
        found.ok_or(Error::InvalidProof)
    }

    /// Looks whether the answer is right, and uses the challenge up.
    ///
    /// # Errors
    /// [`Error::NoRelyingParty`], [`Error::Database`].
    pub async fn verify(self, tx: &TenantTx<SignIn>, relying_party: &RelyingParty) -> Result<Verdict, Error> {
        if !self.ceremony.spend(tx, tx.tenant()).await? {
            return Ok(Verdict::Wrong("used_challenge"));
        }
        let id = self.credential.get_credential_id();
        let Some(stored) = repository::passkey(tx, tx.tenant(), self.user, id).await? else {
            return Ok(Verdict::Wrong("unknown_credential"));
        };
        let answered = relying_party.get()?.finish_discoverable_authentication_v2(
            &self.credential,
            self.ceremony.state,
            &stored.passkey,
        );
        judge(tx, Some(stored), answered).await
    }
}

/// Takes what the authenticator has said over into what is stored of it. A counter that does not go up is that of a
/// copy (§7.2, step 22); many keys have none, and stay at zero.
async fn judge<A: ProvesFactors>(
    tx: &TenantTx<A>,
    stored: Option<Stored>,
    answered: Result<AuthenticationResult, WebauthnError>,
) -> Result<Verdict, Error> {
    let Some(mut stored) = stored else { return Ok(Verdict::Wrong("unknown_credential")) };
    let result = match answered {
        Ok(result) => result,
        Err(WebauthnError::CredentialPossibleCompromise) => return Ok(Verdict::Wrong("copied_credential")),
        Err(error) => {
            tracing::debug!(%error, "a credential of WebAuthn was refused");
            return Ok(Verdict::Wrong("wrong_credential"));
        }
    };
    stored.passkey.update_credential(&result);
    if !repository::use_up(tx, tx.tenant(), &stored, result.counter(), tx.seam().now()).await? {
        return Ok(Verdict::Wrong("copied_credential"));
    }
    Ok(Verdict::Right(Method::Passkey { is_synced: result.backup_state() }))
}

async fn ensure_taken<A: ProvesFactors>(tx: &TenantTx<A>) -> Result<(), Error> {
    let takes = settings::of(tx).await?.mfa.takes(SecondFactor::Webauthn);
    if takes { Ok(()) } else { Err(Error::NotTaken(SecondFactor::Webauthn)) }
}
