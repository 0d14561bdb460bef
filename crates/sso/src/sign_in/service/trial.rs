//! Sign-ins that sign nobody in: an admin sees what a provider says of them, and what would follow.

use elder_access::{Action, Event, TenantTx, markers::IdpsWrite};
use elder_api_types::IdentityProviderId;
use elder_crypto::Parsed;
use elder_kernel::Secret;
use elder_portal_users::account;

use super::{
    Door, Landed, ask, await_answer, open, parsed,
    repository::{self, Waiting},
    seal,
};
use crate::{
    Error, Providers, Refusal,
    idp::service::{get, with_secret},
    protocol::{Said, WithSecret},
    provisioning::{self, service::Settled},
    sign_in::{Begun, Coming, Failed, Kept, Onward, Stage, Trial, Tried},
};

/// Lets whoever has the token begin a trial. Nobody is sent away yet.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn open_trial(
    tx: &TenantTx<IdpsWrite>,
    providers: &Providers,
    idp: IdentityProviderId,
) -> Result<(Secret<String>, Event), Error> {
    get(tx, providers, idp).await?;
    let kept = Kept { stage: Stage::Trial, query: String::new(), is_trial: true };
    let token = open(tx, (tx.seam().uuid(), idp), &kept).await?;
    Ok((token, Event::on(Action::SsoTrialOpened, idp)))
}

/// Sends the browser of who has asked for a trial to the provider, active or not.
///
/// # Errors
/// [`Failed`] with [`Refusal::NotAwaited`] for a token that is unknown, too old, or was used; [`Error::Protocol`],
/// [`Error::Saml`].
pub async fn begin_trial(guest: &Door, providers: &Providers, token: &str) -> Result<Begun, Failed> {
    let nowhere = |why| Failed { tenant: None, provider: None, query: String::new(), why };
    let parsed = parsed(Some(token)).ok_or_else(|| nowhere(Refusal::NotAwaited.into()))?;
    let (waiting, kept) = await_answer(guest, &parsed).await.map_err(nowhere)?;
    let (tenant, provider) = (Some(parsed.tenant), Some(waiting.provider.clone()));
    let there = |why| Failed { tenant, provider, query: String::new(), why };
    send(guest, providers, (&parsed, &waiting, kept))
        .await
        .map(|onward| Begun { onward, cookie: token.to_owned().into() })
        .map_err(there)
}

async fn send(
    guest: &Door,
    providers: &Providers,
    (token, waiting, kept): (&Parsed, &Waiting, Kept),
) -> Result<Onward, Error> {
    let Stage::Trial = kept.stage else { return Err(Refusal::NotAwaited.into()) };
    let known = with_secret(&guest.begin(token.tenant).await?, waiting.idp).await?;
    // The provider is to show that it can ask, too.
    let coming = Coming { again: true, ..Coming::default() };
    let (onward, stage) = ask((guest, providers), &known, token.id, &coming).await?;
    let tx = guest.begin(token.tenant).await?;
    let after = seal(&tx, token.id, &Kept { stage, ..kept });
    let (place, now) = ((token.id, waiting.idp), tx.seam().now());
    if !repository::come_in(&tx, token.tenant, place, (waiting.sealed.clone(), after), now).await? {
        return Err(Refusal::NotAwaited.into());
    }
    tx.commit(Event::on(Action::SsoBegun, waiting.idp).with("is_trial", true)).await?;
    Ok(onward)
}

/// Uses the trial up, and tells what a sign-in would come to. What that would change is looked at in a transaction that is
/// never committed.
pub(super) async fn show(
    guest: &Door,
    (token, waiting): (&Parsed, &Waiting),
    known: &WithSecret,
    said: &Said,
) -> Result<Landed, Error> {
    let (tenant, idp) = (token.tenant, &known.idp);
    let tx = guest.begin(tenant).await?;
    if !repository::take(&tx, tenant, (token, waiting), tx.seam().now()).await? {
        return Err(Refusal::NotAwaited.into());
    }
    tx.commit(Event::on(Action::SsoTried, idp.id)).await?;
    let tx = guest.begin(tenant).await?;
    let outcome = match provisioning::service::settle(&tx, idp, said).await {
        Ok(Settled::As(user, _)) => {
            Trial::SignsIn(account::service::get(&tx, user).await?.email.typed().to_owned())
        }
        Ok(Settled::ToLink(..)) => Trial::AsksOwner,
        Err(Error::Refused(refusal)) => Trial::Refused(refusal.reason()),
        Err(error) => return Err(error),
    };
    let claims = said.claims.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
    let preview = provisioning::service::preview(&tx, idp, &said.claims).await?;
    Ok(Landed::Tried(Box::new(Tried { provider: idp.name.clone(), claims, preview, outcome })))
}
