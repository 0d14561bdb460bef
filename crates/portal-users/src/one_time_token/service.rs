//! How links are made, looked at, used up and ended.

mod repository;

use chrono::TimeDelta;
use elder_access::{Authority, DbError, TenantTx, Worker, Write, work::Housekeeping};
use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::{Id, Secret, User};
use elder_mail::{NewMail, SendsMail};
use elder_tenancy::settings;

use self::repository::Fresh;
use super::{Draft, Found, Issued, Purpose};
use crate::Error;

/// How long the rows of links that are good no more are kept, for whoever looks into what happened.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Draws a token, and stores it if it `is_meant` for somebody and the address has not got too many such mails. An open
/// one of the same purpose is good no more then. Either way it is the same statement.
pub(crate) async fn issue<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    draft: &Draft<'_>,
    is_meant: bool,
) -> Result<Issued, Error> {
    let id = tx.seam().uuid();
    let (token, hash) = OpaqueToken::mint(draft.purpose.kind(), tx.tenant(), id, &tx.seam().random);
    let fresh = Fresh { id, hash: &hash, draft, created_at: tx.seam().now(), is_meant };
    let is_good = repository::insert(tx, tx.tenant(), &fresh).await?;
    Ok(Issued { purpose: draft.purpose, token, is_good })
}

/// Mails a link that is good, and does as much where it is not. What cannot be mailed to is an address that has no
/// mailbox, which is nobody's business either.
pub(crate) async fn post<A: SendsMail>(
    tx: &TenantTx<A>,
    mail: &NewMail<'_>,
    is_meant: bool,
) -> Result<(), Error> {
    let posted = if is_meant {
        elder_mail::enqueue(tx, mail).await.map(drop)
    } else {
        elder_mail::rehearse(tx, mail).await
    };
    match posted {
        Ok(()) | Err(elder_mail::Error::NoAddress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Reads a token of a kind without looking it up.
pub(crate) fn parse(token: &Secret<String>, kind: TokenKind) -> Result<Parsed, Error> {
    let parsed = OpaqueToken::parse(token.expose()).ok();
    parsed.filter(|parsed| parsed.kind == kind).ok_or(Error::InvalidLink)
}

/// What a token is good for; it stays so. A link is a credential, so the tenant's networks bind it too.
pub(crate) async fn find<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    token: &Parsed,
) -> Result<Found, Error> {
    let found = repository::find(tx, tx.tenant(), token, tx.seam().now()).await?;
    let found = found.filter(|found| found.purpose.kind() == token.kind).ok_or(Error::InvalidLink)?;
    if settings::of(tx).await?.ip_allowlist.admit(tx.client()) {
        Ok(found)
    } else {
        Err(Error::NetworkForbidden)
    }
}

/// Uses a token up. Of many who try at once, one succeeds.
pub(crate) async fn redeem<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    token: &Parsed,
) -> Result<Found, Error> {
    let found = repository::redeem(tx, tx.tenant(), token, tx.seam().now()).await?;
    found.filter(|found| found.purpose.kind() == token.kind).ok_or(Error::InvalidLink)
}

/// Whether a link of this purpose was used for the same `change` of the user's address.
pub(crate) async fn is_agreed<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
    purpose: Purpose,
    change: &str,
) -> Result<bool, Error> {
    Ok(repository::is_agreed(tx, tx.tenant(), user, purpose, change).await?)
}

/// Ends every open link of a user: the password or the address is another one now (P-25).
pub(crate) async fn end_all<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
) -> Result<(), DbError> {
    repository::end_all(tx, tx.tenant(), user, tx.seam().now()).await
}

/// Deletes the rows of links that have not been good for a while.
///
/// # Errors
/// [`DbError`].
pub async fn forget(worker: &Worker) -> Result<(), DbError> {
    let before = worker.seam().now() - KEPT;
    repository::forget(worker.job::<Housekeeping>().platform().await?, before).await
}
