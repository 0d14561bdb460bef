//! To an identity provider and back. No connection to the database is held while a provider is asked.

pub(super) mod link;
mod repository;
pub(super) mod saml;
pub(super) mod trial;

use elder_access::{
    Action, Authority, DbError, Event, Guest, Outcome, TenantTx, Worker, Write, flows, work::Housekeeping,
};
use elder_api_types::{IdentityProviderId, identity_provider::IdpType};
use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::{Secret, SsoSession, TenantId};
use elder_oidc::{Callback, OidcError};
use elder_portal_users::pages::Vouched;
use uuid::Uuid;

use self::repository::Waiting;
use super::{Arrived, Begun, Coming, Failed, Kept, LASTS, Onward, Stage, Tried, Unlinked};
use crate::{
    Error, Providers, Refusal,
    idp::service::{active, feature, with_secret},
    protocol::{Said, WithSecret, relay},
    provisioning::{self, Meant, service::Settled},
    session::{self, NewSsoSession},
};

type Door = Guest<flows::SingleSignOn>;

/// Sends somebody to a provider.
///
/// # Errors
/// [`Failed`]: [`Error::NotFound`] for a provider that is unknown, not active, or whose tenant is not;
/// [`Error::Protocol`] if it does not answer as it should.
pub async fn begin(
    guest: &Door,
    providers: &Providers,
    id: IdentityProviderId,
    coming: Coming,
) -> Result<Begun, Failed> {
    let nowhere = |why| Failed { tenant: None, provider: None, query: coming.query.clone(), why };
    let (tenant, known) = active(guest, id).await.map_err(nowhere)?;
    let there = |why| Failed {
        tenant: Some(tenant),
        provider: Some(known.idp.name.clone()),
        query: coming.query.clone(),
        why,
    };
    match send(guest, providers, (tenant, &known), &coming).await {
        Err(why) if why.reason().is_some() => {
            let noted = note_failure(guest, tenant, id, &why).await;
            Err(there(noted.err().map_or(why, Error::from)))
        }
        sent => sent.map_err(there),
    }
}

async fn send(
    guest: &Door,
    providers: &Providers,
    (tenant, known): (TenantId, &WithSecret),
    coming: &Coming,
) -> Result<Begun, Error> {
    if !guest.covers(feature(known.idp.idp_type)) {
        return Err(Refusal::NotLicensed.into());
    }
    let id = guest.seam().uuid();
    let (onward, stage) = ask((guest, providers), known, id, coming).await?;
    let tx = guest.begin(tenant).await?;
    let kept = Kept::meant(stage, coming.query.clone());
    let cookie = open(&tx, (id, known.idp.id), &kept).await?;
    tx.commit(Event::on(Action::SsoBegun, known.idp.id)).await?;
    Ok(Begun { onward, cookie })
}

/// How a browser goes to the provider, and what is waited for then.
async fn ask(
    (guest, providers): (&Door, &Providers),
    known: &WithSecret,
    id: Uuid,
    coming: &Coming,
) -> Result<(Onward, Stage), Error> {
    let seam = guest.seam();
    match known.idp.idp_type {
        IdpType::Oidc => {
            let hint = coming.login_hint.as_deref();
            let begun = providers.authorize(known, hint, coming.again, seam).await?;
            Ok((Onward::Go(begun.url), Stage::Answer(begun.pending)))
        }
        IdpType::Saml => {
            let sent = providers.ask(known, &relay(id)?, coming.again, seam)?;
            let since = coming.again.then(|| seam.now());
            Ok((sent.form.into(), Stage::Assertion { request: sent.id, since }))
        }
    }
}

/// Lets a browser wait, and gives what it keeps for that.
async fn open<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    (id, idp): (Uuid, IdentityProviderId),
    kept: &Kept,
) -> Result<Secret<String>, Error> {
    let (tenant, now) = (tx.tenant(), tx.seam().now());
    let (cookie, hash) = OpaqueToken::mint(TokenKind::SingleSignOn, tenant, id, &tx.seam().random);
    let sealed = seal(tx, id, kept);
    repository::open(tx, tenant, (id, idp), &hash, sealed, (now, now + LASTS)).await?;
    Ok(cookie)
}

fn seal<A: Authority<Mode = Write>>(tx: &TenantTx<A>, id: Uuid, kept: &Kept) -> Vec<u8> {
    tx.seal(&place(id), &serde_json::to_vec(kept).unwrap_or_default())
}

/// Takes in who is back with the query of the callback. `cookie` is what the browser has kept: without it nobody is waited for, whatever they bring
/// (O-01).
///
/// # Errors
/// [`Failed`], which is written down where it is known whose sign-in it was.
pub async fn finish(
    guest: &Door,
    providers: &Providers,
    query: &str,
    cookie: Option<&str>,
) -> Result<Arrived, Failed> {
    let nowhere = |why| Failed { tenant: None, provider: None, query: String::new(), why };
    let token = parsed(cookie).ok_or_else(|| nowhere(Refusal::NotAwaited.into()))?;
    let (waiting, kept) = await_answer(guest, &token).await.map_err(nowhere)?;
    let landed = arrive(guest, providers, (&token, &waiting, &kept), query).await;
    arrived(guest, (&token, &waiting, &kept), landed, false).await
}

/// Who has come down, or why nobody has: that is written down.
async fn arrived(
    guest: &Door,
    (token, waiting, kept): (&Parsed, &Waiting, &Kept),
    landed: Result<Landed, Error>,
    is_unsolicited: bool,
) -> Result<Arrived, Failed> {
    match landed {
        Ok(Landed::Vouched(vouched)) => {
            Ok(Arrived::Vouched { vouched, query: kept.query.clone(), is_unsolicited })
        }
        Ok(Landed::ToLink) => Ok(Arrived::ToLink),
        Ok(Landed::Tried(tried)) => Ok(Arrived::Tried(tried)),
        Err(why) if why.reason().is_some() => {
            let noted = note_failure(guest, token.tenant, waiting.idp, &why).await;
            Err(failed(token, waiting, kept, noted.err().map_or(why, Error::from)))
        }
        Err(why) => Err(failed(token, waiting, kept, why)),
    }
}

fn failed(token: &Parsed, waiting: &Waiting, kept: &Kept, why: Error) -> Failed {
    let (tenant, provider) = (Some(token.tenant), Some(waiting.provider.clone()));
    Failed { tenant, provider, query: kept.query.clone(), why }
}

/// What a browser has kept of its sign-in.
fn parsed(cookie: Option<&str>) -> Option<Parsed> {
    let token = OpaqueToken::parse(cookie?).ok()?;
    (token.kind == TokenKind::SingleSignOn).then_some(token)
}

async fn await_answer(guest: &Door, token: &Parsed) -> Result<(Waiting, Kept), Error> {
    awaited(&guest.begin(token.tenant).await?, token).await
}

/// The sign-in that a browser waits for.
async fn awaited<A: Authority>(tx: &TenantTx<A>, token: &Parsed) -> Result<(Waiting, Kept), Error> {
    let found = repository::waiting(tx, token.tenant, token, tx.seam().now()).await?;
    let waiting = found.ok_or(Refusal::NotAwaited)?;
    let kept = tx.unseal(&place(token.id), &waiting.sealed)?;
    let kept = serde_json::from_slice(&kept).map_err(|_| Refusal::NotAwaited)?;
    Ok((waiting, kept))
}

/// How somebody has come down.
enum Landed {
    Vouched(Vouched),
    ToLink,
    Tried(Box<Tried>),
}

async fn arrive(
    guest: &Door,
    providers: &Providers,
    (token, waiting, kept): (&Parsed, &Waiting, &Kept),
    query: &str,
) -> Result<Landed, Error> {
    let Stage::Answer(pending) = &kept.stage else { return Err(Refusal::NotAwaited.into()) };
    let callback = Callback::parse(query).map_err(OidcError::from)?;
    let known = with_secret(&guest.begin(token.tenant).await?, waiting.idp).await?;
    if !known.idp.is_active && !kept.is_trial {
        return Err(Refusal::Inactive.into());
    }
    let said = providers.receive(&known, &callback, pending, guest.seam()).await?;
    settle(guest, (token, waiting, kept), &known, &said).await
}

/// What becomes of what a provider says of who waits.
async fn settle(
    guest: &Door,
    (token, waiting, kept): (&Parsed, &Waiting, &Kept),
    known: &WithSecret,
    said: &Said,
) -> Result<Landed, Error> {
    if kept.is_trial {
        return trial::show(guest, (token, waiting), known, said).await;
    }
    match land(guest, (token, waiting, &kept.query), known, said).await {
        // Whoever came at the same time was there first, and now the account is.
        Err(error) if error.is_race() => land(guest, (token, waiting, &kept.query), known, said).await,
        landed => landed,
    }
}

/// Uses the sign-in up and settles who it is: once, however many bring the same answer at once.
async fn land(
    guest: &Door,
    (token, waiting, query): (&Parsed, &Waiting, &str),
    known: &WithSecret,
    said: &Said,
) -> Result<Landed, Error> {
    let tx = guest.begin(token.tenant).await?;
    let (idp, now) = (&known.idp, tx.seam().now());
    // The provider before the request, as where a provider is deleted with its requests.
    if !repository::note_sign_in(&tx, token.tenant, (idp.id, idp.version), now).await? {
        return Err(Refusal::Inactive.into());
    }
    if !repository::take(&tx, token.tenant, (token, waiting), now).await? {
        return Err(Refusal::NotAwaited.into());
    }
    match provisioning::service::settle(&tx, idp, said).await? {
        Settled::As(user, event) => {
            let id = tx.seam().id::<SsoSession>();
            let meant = Meant { idp: idp.id, issuer: &said.issuer, subject: &said.subject };
            let new = NewSsoSession { id, user, meant, idp_session: said.idp_session.as_deref() };
            session::service::keep(&tx, &new, &said.left).await?;
            let vouched = Vouched::by(&tx, user, id, idp.trusts_mfa && said.is_multi_factor);
            tx.commit(event).await?;
            Ok(Landed::Vouched(vouched))
        }
        Settled::ToLink(user, domain) => {
            let (issuer, subject) = (said.issuer.clone(), said.subject.clone());
            let stage = Stage::Owner(Unlinked { issuer, subject, user, domain });
            let sealed = seal(&tx, token.id, &Kept::meant(stage, query.to_owned()));
            repository::await_owner(&tx, token.tenant, token, sealed, now + LASTS).await?;
            tx.commit(Event::on(Action::SsoLinkAsked, idp.id).with("user", user)).await?;
            Ok(Landed::ToLink)
        }
    }
}

/// Writes down why nobody came in. What was waited for is waited for still: whoever sends the same answer twice at once would
/// else shut themselves out, and an answer that is not the right one has proven nothing.
async fn note_failure(
    guest: &Door,
    tenant: TenantId,
    idp: IdentityProviderId,
    why: &Error,
) -> Result<(), DbError> {
    let reason = why.reason().unwrap_or_default();
    let tx: TenantTx<flows::SingleSignOn> = guest.begin(tenant).await?;
    repository::note_error(&tx, tenant, idp, reason).await?;
    tx.commit(Event::on(Action::SsoFailed, idp).ended(Outcome::Failure, reason)).await
}

/// Deletes sign-ins that did not come back, or have.
///
/// # Errors
/// [`DbError`].
pub async fn forget_requests(worker: &Worker) -> Result<(), DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let now = tx.seam().now();
    repository::forget(tx, now).await
}

fn place(id: Uuid) -> String {
    format!("sso_requests/sealed/{id}")
}
