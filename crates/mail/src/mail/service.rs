//! What may happen to mails.

pub(super) mod delivery;
mod repository;

use std::time::Duration;

use elder_access::{
    Action, Change, Changes, DbError, Event, Found, TenantTx, Worker,
    markers::{MailsRead, MailsWrite},
    work::Housekeeping,
};
use elder_kernel::collection::Selection;
use elder_outbound::mail::is_address;
use elder_tenancy::Brand;
use repository::Fresh;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Mail, MailId, MailStatus, NewMail, SendsMail};
use crate::{
    Error,
    template::{self, Facts},
};

/// How long mails are kept that were sent or given up.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// What a mail says. It lies sealed in the database, and no longer than it is needed.
#[derive(Debug, Serialize, Deserialize)]
struct Bodies {
    text: String,
    html: String,
}

/// Where the bodies of a mail are sealed to.
fn place(id: MailId) -> String {
    format!("mails/sealed_bodies/{id}")
}

/// Writes a mail and puts it into the queue, if and only if the transaction is committed.
///
/// # Errors
/// [`Error::NoAddress`] if nobody can be written to there, [`Error::Database`].
pub async fn enqueue<A: SendsMail>(tx: &TenantTx<A>, new: &NewMail<'_>) -> Result<MailId, Error> {
    write(tx, new, true).await
}

/// Does the work of [`enqueue`] and leaves nothing: for where its time must not tell whether anybody is written to.
///
/// # Errors
/// As for [`enqueue`].
pub async fn rehearse<A: SendsMail>(tx: &TenantTx<A>, new: &NewMail<'_>) -> Result<(), Error> {
    write(tx, new, false).await.map(drop)
}

async fn write<A: SendsMail>(tx: &TenantTx<A>, new: &NewMail<'_>, is_meant: bool) -> Result<MailId, Error> {
    if !is_address(new.to) {
        return Err(Error::NoAddress);
    }
    let brand = Brand::of(tx).await?;
    let facts = Facts { brand: &brand, recipient: new.to, content: new.content };
    let (language, mail) = template::service::write(tx, new.locale, &facts).await?;
    let id = tx.seam().id();
    let bodies = json!(Bodies { text: mail.text, html: mail.html }).to_string();
    let fresh = Fresh {
        id,
        kind: new.content.kind(),
        language: &language,
        recipient: new.to,
        sender: &brand.name,
        subject: &mail.subject,
        sealed_bodies: tx.seal(&place(id), bodies.as_bytes()),
        created_at: tx.seam().now(),
    };
    repository::insert(tx, tx.tenant(), fresh, is_meant).await?;
    Ok(id)
}

pub(super) async fn list(tx: &TenantTx<MailsRead>, selection: &Selection) -> Result<Found<Mail>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<MailsRead>, id: MailId) -> Result<Mail, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Puts a dead mail back into the queue; the schema gives it another job.
pub(super) async fn retry(tx: &TenantTx<MailsWrite>, id: MailId) -> Result<Change<Mail>, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    if before.status != MailStatus::Dead {
        return Err(Error::NotDead);
    }
    let after =
        Mail { status: MailStatus::Queued, attempts: 0, updated_at: tx.seam().now(), ..before.clone() };
    repository::requeue(tx, tx.tenant(), &after).await?;
    let changes = Changes::default().field("status", &before.status, &after.status);
    Ok((after, Event::on(Action::MailRetried, id).changed(changes)))
}

/// Deletes mails that were sent or given up long ago.
///
/// # Errors
/// [`DbError`].
pub async fn forget_mails(worker: &Worker) -> Result<(), DbError> {
    let since = worker.seam().now() - KEPT;
    repository::forget(worker.job::<Housekeeping>().platform().await?, since).await
}
