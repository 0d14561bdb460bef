//! Links an account to who a provider says that its owner is, once its owner has said so.

use elder_access::{Action, Authority, Event, Myself, TenantTx};
use elder_crypto::Parsed;

use super::{
    awaited, parsed,
    repository::{self, Waiting},
};
use crate::{
    Error, Refusal, notice,
    provisioning::{Meant, NewLink, service::link as tie},
    sign_in::{Stage, Unlinked},
};

/// What people know the provider by whose word waits for this very person, if one does.
///
/// # Errors
/// [`Error::Database`].
pub async fn to_link(myself: &Myself, cookie: Option<&str>) -> Result<Option<String>, Error> {
    let Some(token) = own(myself, cookie) else { return Ok(None) };
    match waiting(&myself.write().await?, myself, &token).await {
        Ok((waiting, _)) => Ok(Some(waiting.provider)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Links the account of who is signed in. They must have proven a moment ago who they are, and answer by the browser that
/// came from the provider (O-17).
///
/// # Errors
/// [`Refusal::NotAwaited`] if nothing waits for them; [`Refusal::LinkedToAnother`].
pub async fn link(myself: &Myself, cookie: Option<&str>) -> Result<(), Error> {
    let token = own(myself, cookie).ok_or(Refusal::NotAwaited)?;
    let tx = myself.write().await?;
    let (waiting, unlinked) = waiting(&tx, myself, &token).await?;
    if !repository::take(&tx, token.tenant, (&token, &waiting), tx.seam().now()).await? {
        return Err(Refusal::NotAwaited.into());
    }
    let Unlinked { issuer, subject, user, domain } = &unlinked;
    let meant = Meant { idp: waiting.idp, issuer, subject };
    let linked_by = Some(myself.user());
    let new = NewLink { meant, user: *user, domain: domain.as_ref(), linked_by, last_login_at: None };
    tie(&tx, &new).await.map_err(Error::of_identity)?;
    notice::linked(&tx, *user, waiting.provider).await?;
    let event =
        Event::on(Action::SsoLinked, waiting.idp).with("user", user).with_personal(*user, "subject", subject);
    Ok(tx.commit(event).await?)
}

/// The browser's sign-in, if it is one of the person's tenant.
fn own(myself: &Myself, cookie: Option<&str>) -> Option<Parsed> {
    parsed(cookie).filter(|token| token.tenant == myself.tenant())
}

async fn waiting<A: Authority>(
    tx: &TenantTx<A>,
    myself: &Myself,
    token: &Parsed,
) -> Result<(Waiting, Unlinked), Error> {
    let (waiting, kept) = awaited(tx, token).await?;
    match kept.stage {
        Stage::Owner(unlinked) if unlinked.user == myself.user() => Ok((waiting, unlinked)),
        _ => Err(Refusal::NotAwaited.into()),
    }
}
