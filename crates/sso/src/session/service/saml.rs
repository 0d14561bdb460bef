//! Single logout by SAML (SAML Core §3.7): wishes of the provider's, and its answers to those of Elder's.

use elder_access::{Action, Authority, Event, Outcome, TenantTx, Write};
use elder_api_types::IdentityProviderId;
use elder_saml::{Arrived, RequestId};
use uuid::Uuid;

use super::{Door, end_told, refused, repository, show};
use crate::{
    Error, Providers, Refusal,
    idp::service::speaking_saml,
    protocol::{Onward, SamlLeft, WithSecret, relay},
    session::Ended,
};

/// A message of single logout, as the browser brings it.
#[derive(Debug, Clone, Copy)]
pub enum LogoutMessage<'a> {
    /// By redirect: the whole query.
    Query(&'a str),
    /// By a form: its `SAMLRequest` or `SAMLResponse`, and its `RelayState`.
    Form(&'a str, Option<&'a str>),
}

impl<'a> LogoutMessage<'a> {
    fn arrived(self) -> Arrived<'a> {
        match self {
            Self::Query(query) => Arrived::Redirect(query),
            Self::Form(message, relay_state) => Arrived::Post { message, relay_state },
        }
    }
}

/// What a provider has made of the wish that somebody's sessions end there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftThere {
    /// They have ended, as far as it says.
    Everywhere,
    /// It says that it could not end all of them.
    NotEverywhere,
    /// Nobody has asked it, or too long ago.
    NotAsked,
}

/// How the provider is asked to end its own session, and what waits for its answer. Whoever has left has left, whether or
/// not their provider can be asked.
pub(super) async fn leave<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    providers: &Providers,
    at: &WithSecret,
    left: &SamlLeft,
) -> Result<Option<Onward>, Error> {
    let id = tx.seam().uuid();
    let sent = match relay(id).and_then(|relay| providers.ask_logout(at, left, &relay, tx.seam())) {
        Ok(sent) => sent,
        Err(error) => {
            tracing::info!(idp = %at.idp.id, %error, "the identity provider was not asked to end a session");
            return Ok(None);
        }
    };
    let sealed = tx.seal(&place(id), sent.id.as_str().as_bytes());
    repository::await_answer(tx, tx.tenant(), (id, at.idp.id), sealed, tx.seam().now()).await?;
    Ok(Some(sent.form.into()))
}

/// Ends the sessions that a provider wishes to end, and says how it is told so. A wish that is refused is written down.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Saml`]; [`Refusal::Replayed`] for a wish that was shown before.
pub async fn logged_out(
    guest: &Door,
    providers: &Providers,
    id: IdentityProviderId,
    message: LogoutMessage<'_>,
) -> Result<Onward, Error> {
    let (tenant, known) = speaking_saml(guest, id).await?;
    match fulfil(guest.begin(tenant).await?, providers, &known, message).await {
        Ok(back) => Ok(back),
        Err(why) => Err(refused(guest, (tenant, id), why).await),
    }
}

async fn fulfil(
    tx: TenantTx<elder_access::flows::SingleSignOn>,
    providers: &Providers,
    known: &WithSecret,
    message: LogoutMessage<'_>,
) -> Result<Onward, Error> {
    let (id, seam) = (known.idp.id, tx.seam().clone());
    let wish = providers.read_logout(known, message.arrived(), &seam)?;
    if !show(&tx, id, &wish.id, wish.not_on_or_after).await? {
        return Err(Refusal::Replayed.into());
    }
    let issuer = known.idp.entity_id.as_deref().unwrap_or_default();
    let ended = Ended { subject: Some(&wish.name_id.value), idp_sessions: wish.session_indexes.clone() };
    end_told(tx, (id, issuer), &ended).await?;
    Ok(providers.answer_logout(known, &wish, &seam)?.form.into())
}

/// Reads what a provider answers to the wish that somebody's sessions end there, once. Who has signed out is signed out,
/// whatever it says.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Saml`] for an answer that is not good, which is written down.
pub async fn logout_answered(
    guest: &Door,
    providers: &Providers,
    id: IdentityProviderId,
    (message, relay): (LogoutMessage<'_>, Option<&str>),
) -> Result<LeftThere, Error> {
    let (tenant, known) = speaking_saml(guest, id).await?;
    let Some(waiting) = relay.and_then(|relay| Uuid::try_parse(relay).ok()) else {
        return Ok(LeftThere::NotAsked);
    };
    let tx = guest.begin(tenant).await?;
    let now = tx.seam().now();
    let Some(sealed) = repository::answered(&tx, tenant, (waiting, id), now).await? else {
        return Ok(LeftThere::NotAsked);
    };
    let request = tx.unseal(&place(waiting), &sealed)?;
    let request = RequestId::kept(String::from_utf8_lossy(&request));
    match providers.read_logout_answer(&known, message.arrived(), &request, tx.seam()) {
        Ok(true) => {
            tx.commit(Event::on(Action::SsoLeft, id)).await?;
            Ok(LeftThere::Everywhere)
        }
        Ok(false) => {
            tx.commit(Event::on(Action::SsoLeft, id).ended(Outcome::Failure, "not_everywhere")).await?;
            Ok(LeftThere::NotEverywhere)
        }
        Err(why) => {
            drop(tx);
            Err(refused(guest, (tenant, id), why).await)
        }
    }
}

fn place(id: Uuid) -> String {
    format!("sso_requests/logout/{id}")
}
