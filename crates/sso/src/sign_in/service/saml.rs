//! What a browser brings from a provider that speaks SAML.
//!
//! A form of the provider's page brings it, and the browser keeps Elder's cookie out of such a request. So an answer is read
//! and kept first; then the browser comes again, by itself and with its cookie, and shows whose it is (S-21).

use elder_access::{Action, Event, Feature, TenantTx, flows};
use elder_api_types::IdentityProviderId;
use elder_crypto::Parsed;
use elder_kernel::{Secret, TenantId};
use elder_saml::Fault;
use uuid::Uuid;

use super::{
    Door, Landed, arrived, await_answer, failed, note_failure, open, parsed, place,
    repository::{self, Waiting},
    seal, settle,
};
use crate::{
    Error, Providers, Refusal,
    idp::service::{
        metadata::{read_for_key, renew},
        speaking_saml, with_secret,
    },
    protocol::{Arrival, Asked, WithSecret},
    session::service::show,
    sign_in::{Arrived, Brought, Failed, Kept, Stage},
};

/// An answer that was taken in.
#[derive(Debug)]
pub struct Taken {
    /// What the browser keeps from now on, if it was not sent from here.
    pub cookie: Option<Secret<String>>,
}

/// What a provider must know of Elder, as XML. Whoever knows the provider's id may read it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn metadata(guest: &Door, providers: &Providers, id: IdentityProviderId) -> Result<String, Error> {
    providers.metadata(&speaking_saml(guest, id).await?.1)
}

/// Takes in the answer of a provider, `form`, with what came beside it. Nobody is signed in by that yet.
///
/// # Errors
/// [`Failed`], which is written down where it is known whose sign-in it was.
pub async fn take_assertion(
    guest: &Door,
    providers: &Providers,
    id: IdentityProviderId,
    (form, relay): (&str, Option<&str>),
) -> Result<Taken, Failed> {
    let nowhere = |why| Failed { tenant: None, provider: None, query: String::new(), why };
    let (tenant, known) = speaking_saml(guest, id).await.map_err(nowhere)?;
    let taken = match take(guest, providers, (tenant, &known), (form, relay)).await {
        Err(Error::Saml(fault @ (Fault::Signature | Fault::CertificateExpired))) => {
            match known_anew(guest, providers, (tenant, &known)).await {
                Ok(Some(known)) => take(guest, providers, (tenant, &known), (form, relay)).await,
                Ok(None) => Err(fault.into()),
                Err(error) => {
                    tracing::info!(idp = %id, %error, "metadata was not read anew for an unknown key");
                    Err(fault.into())
                }
            }
        }
        taken => taken,
    };
    match taken {
        Ok(taken) => Ok(taken),
        Err(why) => {
            let noted = match why.reason() {
                Some(_) => note_failure(guest, tenant, id, &why).await,
                None => Ok(()),
            };
            let why = noted.err().map_or(why, Error::from);
            Err(Failed { tenant: Some(tenant), provider: Some(known.idp.name), query: String::new(), why })
        }
    }
}

/// The provider as it describes itself now, if it is due to be asked.
async fn known_anew(
    guest: &Door,
    providers: &Providers,
    (tenant, known): (TenantId, &WithSecret),
) -> Result<Option<WithSecret>, Error> {
    let tx = guest.begin(tenant).await?;
    let Some(xml) = read_for_key(tx, providers, known).await? else { return Ok(None) };
    renew(guest.begin(tenant).await?, known.idp.id, &xml).await?;
    Ok(Some(with_secret(&guest.begin(tenant).await?, known.idp.id).await?))
}

async fn take(
    guest: &Door,
    providers: &Providers,
    (tenant, known): (TenantId, &WithSecret),
    (form, relay): (&str, Option<&str>),
) -> Result<Taken, Error> {
    let tx = guest.begin(tenant).await?;
    if !tx.covers(Feature::SsoSaml) {
        return Err(Refusal::NotLicensed.into());
    }
    let idp = known.idp.id;
    let awaited = awaited(&tx, idp, relay).await?;
    let is_trial = awaited.as_ref().is_some_and(|(_, kept, _)| kept.is_trial);
    if !known.idp.is_active && !is_trial {
        return Err(Error::NotFound);
    }
    let asked = match &awaited {
        Some((_, Kept { stage: Stage::Assertion { request, since }, .. }, _)) => {
            Asked { request: Some(request.clone()), since: *since }
        }
        Some(_) => return Err(Refusal::NotAwaited.into()),
        None => Asked { request: None, since: None },
    };
    let is_unsolicited = asked.request.is_none();
    let Arrival { said, assertion, remembered_until } =
        providers.read_answer(known, form, asked, tx.seam())?;
    if !show(&tx, idp, &assertion, remembered_until).await? {
        return Err(Refusal::Replayed.into());
    }
    let stage = Stage::Browser(Box::new(Brought { said, version: known.idp.version, is_unsolicited }));
    let cookie = match awaited {
        Some((id, before, sealed)) => {
            let after = seal(&tx, id, &Kept { stage, ..before });
            let now = tx.seam().now();
            if !repository::come_in(&tx, tenant, (id, idp), (sealed, after), now).await? {
                return Err(Refusal::NotAwaited.into());
            }
            None
        }
        None => Some(open(&tx, (tx.seam().uuid(), idp), &Kept::meant(stage, String::new())).await?),
    };
    tx.commit(Event::on(Action::SsoAnswered, idp).with("is_unsolicited", is_unsolicited)).await?;
    Ok(Taken { cookie })
}

/// The sign-in that an answer belongs to by what came back beside it, with what is kept of it and how that is stored.
async fn awaited(
    tx: &TenantTx<flows::SingleSignOn>,
    idp: IdentityProviderId,
    relay: Option<&str>,
) -> Result<Option<(Uuid, Kept, Vec<u8>)>, Error> {
    let Some(id) = relay.and_then(|relay| Uuid::try_parse(relay).ok()) else { return Ok(None) };
    let found = repository::awaiting(tx, tx.tenant(), (id, idp), tx.seam().now()).await?;
    let sealed = found.ok_or(Refusal::NotAwaited)?;
    let kept = serde_json::from_slice(&tx.unseal(&place(id), &sealed)?).map_err(|_| Refusal::NotAwaited)?;
    Ok(Some((id, kept, sealed)))
}

/// Signs in by an answer that was taken in before, in the browser that has the cookie of it.
///
/// # Errors
/// [`Failed`], which is written down where it is known whose sign-in it was.
pub async fn finish_assertion(
    guest: &Door,
    id: IdentityProviderId,
    cookie: Option<&str>,
) -> Result<Arrived, Failed> {
    let nowhere = |why| Failed { tenant: None, provider: None, query: String::new(), why };
    let token = parsed(cookie).ok_or_else(|| nowhere(Refusal::NotAwaited.into()))?;
    let (waiting, kept) = await_answer(guest, &token).await.map_err(nowhere)?;
    let (true, Stage::Browser(brought)) = (waiting.idp == id, &kept.stage) else {
        return Err(failed(&token, &waiting, &kept, Refusal::NotAwaited.into()));
    };
    let landed = arrive(guest, (&token, &waiting, &kept), brought).await;
    arrived(guest, (&token, &waiting, &kept), landed, brought.is_unsolicited).await
}

async fn arrive(
    guest: &Door,
    (token, waiting, kept): (&Parsed, &Waiting, &Kept),
    brought: &Brought,
) -> Result<Landed, Error> {
    let known = with_secret(&guest.begin(token.tenant).await?, waiting.idp).await?;
    let is_good = known.idp.is_active || kept.is_trial;
    if !is_good || known.idp.version != brought.version {
        return Err(Refusal::Inactive.into());
    }
    settle(guest, (token, waiting, kept), &known, &brought.said).await
}
