//! What may happen to sessions that rest on a provider's.

mod repository;
pub(super) mod saml;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{
    Action, Authority, DbError, Event, Guest, Myself, Outcome, Own, OwnRead, TenantTx, Worker, Write, flows,
    session::{self as gate, EndReason},
    work::Housekeeping,
};
use elder_api_types::{IdentityProviderId, sso_session::RenewedTokens};
use elder_kernel::{Id, Seam, SsoSession, TenantId, User};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use self::repository::Rest;
use super::{Ended, NewSsoSession};
use crate::{
    Error, Providers,
    idp::{
        UsesIdps,
        service::{active, with_secret},
    },
    protocol::{Left, OidcLeft, Onward, WithSecret},
};

/// How long what no session rests on is kept: longer than a sign-in of several steps may take.
const KEPT_UNUSED: TimeDelta = TimeDelta::hours(1);

type Door = Guest<flows::SingleSignOn>;

/// Keeps what a sign-in has left; sessions rest on it from now on.
pub(crate) async fn keep(
    tx: &TenantTx<flows::SingleSignOn>,
    new: &NewSsoSession<'_>,
    left: &Left,
) -> Result<(), Error> {
    let sealed = seal(tx, new.id, left);
    repository::keep(tx, tx.tenant(), new, sealed, tx.seam().now()).await?;
    Ok(())
}

/// Whether something that a provider says once is said for the first time (S-20).
pub(crate) async fn show(
    tx: &TenantTx<flows::SingleSignOn>,
    idp: IdentityProviderId,
    id: &str,
    until: DateTime<Utc>,
) -> Result<bool, Error> {
    let hash = Sha256::digest(id).to_vec();
    Ok(repository::show(tx, tx.tenant(), (idp, hash), until).await?)
}

/// Where somebody goes who has left.
#[derive(Debug)]
pub struct Leaving {
    /// What people know the provider by.
    pub provider: String,
    /// How the provider's own session is ended; none if that is not wished, or cannot be done.
    pub onward: Option<Onward>,
}

/// Ends the own session, and all that rest on the same sign-in by `idp`; says where the provider's own session is ended.
///
/// # Errors
/// [`Error::NotFound`] if the session does not rest on this provider.
pub(super) async fn sign_out(
    myself: &Myself,
    providers: &Providers,
    idp: IdentityProviderId,
) -> Result<Option<String>, Error> {
    let leaving = end(myself, providers, Some(idp)).await?.ok_or(Error::NotFound)?;
    Ok(match leaving.onward {
        Some(Onward::Go(url)) => Some(url),
        _ => None,
    })
}

/// The same for whatever provider it rests on; none if it rests on none, and then nothing has ended. A provider whose
/// people stay signed in there is not asked.
///
/// # Errors
/// [`Error::Database`].
pub async fn leave(myself: &Myself, providers: &Providers) -> Result<Option<Leaving>, Error> {
    end(myself, providers, None).await
}

async fn end(
    myself: &Myself,
    providers: &Providers,
    idp: Option<IdentityProviderId>,
) -> Result<Option<Leaving>, Error> {
    let own = myself.principal().session;
    let tx = myself.write().await?;
    let Some(rest) = repository::of_session(&tx, tx.tenant(), own, idp).await? else { return Ok(None) };
    let known = with_secret(&tx, rest.idp).await?;
    let left = opened(&tx, &rest)?;
    let all = [rest.id];
    gate::end_of_sign_ins(&tx, &all, EndReason::SignedOut).await?;
    repository::remove(&tx, tx.tenant(), &all).await?;
    let asked = idp.is_some() || known.idp.single_logout;
    let by_saml = match &left {
        Left::Saml(left) if asked => saml::leave(&tx, providers, &known, left).await?,
        _ => None,
    };
    tx.commit(Event::on(Action::SignedOut, own).with("identity_provider", rest.idp)).await?;
    let onward = match &left {
        Left::Oidc(left) if asked => leave_by_oidc(providers, &known, left, myself.seam()).await,
        _ => by_saml,
    };
    Ok(Some(Leaving { provider: known.idp.name, onward }))
}

/// How the provider's own session is ended. Whoever has left has left, whether or not their provider can be reached.
async fn leave_by_oidc(
    providers: &Providers,
    at: &WithSecret,
    left: &OidcLeft,
    seam: &Seam,
) -> Option<Onward> {
    match providers.end_session(at, left, seam).await {
        Ok(url) => url.map(Onward::Go),
        Err(error) => {
            tracing::info!(idp = %at.idp.id, %error, "the identity provider was not asked to end a session");
            None
        }
    }
}

/// What the provider says of whose session it is.
pub(super) async fn user_info(
    myself: &Myself<OwnRead>,
    providers: &Providers,
    idp: IdentityProviderId,
) -> Result<Map<String, Value>, Error> {
    let (known, left, _) = rest(&myself.read().await?, myself, idp).await?;
    providers.user_info(&known, &left, myself.seam()).await.map_err(Error::Provider)
}

/// Gets the tokens of the own session anew. Of two that ask at once one may be told that the other was first.
pub(super) async fn refresh(
    myself: &Myself,
    providers: &Providers,
    idp: IdentityProviderId,
) -> Result<RenewedTokens, Error> {
    let (known, left, before) = rest(&myself.read().await?, myself, idp).await?;
    let refreshed = providers.refresh(&known, &left, myself.seam()).await.map_err(Error::Provider)?;
    let tx = myself.write().await?;
    let left = left.renewed(&refreshed.tokens, tx.seam().now());
    let shown = RenewedTokens { good_until: left.good_until, can_be_renewed: left.refresh_token.is_some() };
    let sealed = seal(&tx, before.id, &Left::Oidc(left));
    if !repository::renew(&tx, tx.tenant(), &before, sealed).await? {
        return Err(Error::Overtaken);
    }
    tx.commit(Event::on(Action::SsoTokensRenewed, idp)).await?;
    Ok(shown)
}

/// Ends what a logout token of a provider says has ended (Back-Channel Logout §2.7). One that was seen before ends nothing,
/// and is no fault.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Protocol`].
pub(super) async fn back_channel(
    guest: &Door,
    providers: &Providers,
    id: IdentityProviderId,
    token: &str,
) -> Result<(), Error> {
    let (tenant, known) = active(guest, id).await?;
    let told = providers.told_of_logout(&known, token, guest.seam()).await.map_err(Error::from);
    let logout = match told {
        Ok(logout) => logout,
        Err(why) => return Err(refused(guest, (tenant, id), why).await),
    };
    let ended =
        Ended { subject: logout.subject.as_deref(), idp_sessions: logout.session.into_iter().collect() };
    let tx = guest.begin(tenant).await?;
    if !show(&tx, id, &logout.id, logout.remembered_until).await? {
        return Ok(());
    }
    end_told(tx, (id, &logout.issuer), &ended).await
}

/// Writes down why a provider's word that something has ended was not believed.
async fn refused(guest: &Door, (tenant, idp): (TenantId, IdentityProviderId), why: Error) -> Error {
    let Some(reason) = why.reason() else { return why };
    let noted = async {
        let tx = guest.begin(tenant).await?;
        tx.commit(Event::on(Action::SsoLogoutRefused, idp).ended(Outcome::Failure, reason)).await
    };
    noted.await.map_or_else(Error::from, |()| why)
}

/// Ends the sessions that rest on what a provider says has ended.
async fn end_told(
    tx: TenantTx<flows::SingleSignOn>,
    (idp, issuer): (IdentityProviderId, &str),
    ended: &Ended<'_>,
) -> Result<(), Error> {
    let tenant = tx.tenant();
    let sign_ins = repository::ended(&tx, tenant, (idp, issuer), ended).await?;
    let sessions = gate::end_of_sign_ins(&tx, &sign_ins, EndReason::ProviderLogout).await?;
    repository::remove(&tx, tenant, &sign_ins).await?;
    Ok(tx.commit(Event::on(Action::SsoLoggedOut, idp).with("sessions_ended", sessions)).await?)
}

/// Ends all sessions that rest on sign-ins of somebody by a provider, and says how many.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn end_of_identity<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    (idp, user): (IdentityProviderId, Id<User>),
) -> Result<u64, Error> {
    let sign_ins = repository::of_identity(tx, tx.tenant(), (idp, user)).await?;
    Ok(gate::end_of_sign_ins(tx, &sign_ins, EndReason::AccountChanged).await?)
}

/// Deletes what no session rests on any more, and what cannot be shown again.
///
/// # Errors
/// [`DbError`].
pub async fn forget(worker: &Worker) -> Result<(), DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let now = tx.seam().now();
    repository::forget(tx, now, now - KEPT_UNUSED).await
}

/// What the own session rests on, with the provider, which speaks OpenID Connect.
async fn rest<A: UsesIdps, O: Own>(
    tx: &TenantTx<A>,
    myself: &Myself<O>,
    idp: IdentityProviderId,
) -> Result<(WithSecret, OidcLeft, Rest), Error> {
    let own = myself.principal().session;
    let rest = repository::of_session(tx, tx.tenant(), own, Some(idp)).await?.ok_or(Error::NotFound)?;
    match opened(tx, &rest)? {
        Left::Oidc(left) => Ok((with_secret(tx, idp).await?, left, rest)),
        Left::Saml(_) => Err(Error::NotFound),
    }
}

fn opened(tx: &TenantTx<impl Authority>, rest: &Rest) -> Result<Left, Error> {
    let left = tx.unseal(&place(rest.id), &rest.sealed)?;
    serde_json::from_slice(&left).map_err(|_| Error::NotFound)
}

fn seal(tx: &TenantTx<impl Authority<Mode = Write>>, id: Id<SsoSession>, left: &Left) -> Vec<u8> {
    tx.seal(&place(id), &serde_json::to_vec(left).unwrap_or_default())
}

fn place(id: Id<SsoSession>) -> String {
    format!("sso_sessions/sealed/{}", id.uuid())
}
