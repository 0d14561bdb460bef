//! Hands a mail to the mail server and notes what became of it.
//!
//! No transaction is open while the server is spoken to. A crash between its answer and the note sends the mail a second
//! time, with the same Message-ID: a mail may come twice, but none is lost.

use elder_access::{
    Action, DbError, Event, Job, Outcome, Worker,
    work::{Housekeeping, MailDelivery},
};
use elder_kernel::TenantId;
use elder_outbound::mail::{Letter, Mailer, SendError};

use super::{
    Bodies, MailId, place,
    repository::{self, Waiting},
};

/// How often a mail is tried. By the queue's growing pauses that is 16 hours: a link in it is good no longer.
const MOST_ATTEMPTS: i32 = 12;
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 500;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The mail server has it.
    Sent,
    /// It was given up.
    Dead,
    /// It waits no more: it was sent before, or is gone with its tenant.
    Settled,
}

/// A try that has failed and is to be repeated.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The mail server, or the way there.
    #[error("the mail was not sent yet: {0}")]
    Later(#[source] SendError),
    /// The database.
    #[error("what became of the mail could not be read or noted: {0}")]
    Database(#[from] DbError),
}

/// Sends a mail that waits.
///
/// # Errors
/// [`DeliveryError`] if it is to be tried again, after a pause.
pub async fn deliver(
    worker: &Worker,
    mailer: &Mailer,
    tenant: TenantId,
    id: MailId,
) -> Result<Delivery, DeliveryError> {
    let job = worker.job::<MailDelivery>();
    let (waiting, bodies) = {
        let tx = job.begin(tenant).await?;
        let Some(waiting) = repository::waiting(&tx, tenant, id).await? else { return Ok(Delivery::Settled) };
        let plain = tx.unseal(&place(id), &waiting.sealed_bodies).ok();
        (waiting, plain.and_then(|plain| serde_json::from_slice::<Bodies>(&plain).ok()))
    };
    let Some(bodies) = bodies else {
        return give_up(&job, tenant, id, "what it says cannot be read: the master key is another one").await;
    };
    match send(mailer, id, &waiting, &bodies).await {
        Ok(message_id) => note_sent(&job, tenant, id, &message_id).await,
        Err(error) if error.is_final() || waiting.attempts + 1 >= MOST_ATTEMPTS => {
            give_up(&job, tenant, id, &error.to_string()).await
        }
        Err(error) => {
            let tx = worker.job::<Housekeeping>().platform().await?;
            repository::delayed(tx, tenant, id, &shortened(&error.to_string()), job.seam().now()).await?;
            Err(DeliveryError::Later(error))
        }
    }
}

async fn send(mailer: &Mailer, id: MailId, waiting: &Waiting, bodies: &Bodies) -> Result<String, SendError> {
    let id = id.to_string();
    let letter = Letter {
        id: &id,
        sender: &waiting.sender,
        to: &waiting.recipient,
        subject: &waiting.subject,
        text: &bodies.text,
        html: &bodies.html,
        written_at: waiting.created_at,
    };
    mailer.send(&letter).await
}

async fn note_sent(
    job: &Job<MailDelivery>,
    tenant: TenantId,
    id: MailId,
    message_id: &str,
) -> Result<Delivery, DeliveryError> {
    let tx = job.begin(tenant).await?;
    if repository::sent(&tx, tenant, id, message_id, job.seam().now()).await? == 0 {
        return Ok(Delivery::Settled);
    }
    tx.commit(Event::on(Action::MailSent, id).with("message_id", message_id)).await?;
    Ok(Delivery::Sent)
}

async fn give_up(
    job: &Job<MailDelivery>,
    tenant: TenantId,
    id: MailId,
    why: &str,
) -> Result<Delivery, DeliveryError> {
    let why = shortened(why);
    tracing::warn!(mail = %id, %tenant, error = why, "a mail was given up");
    let tx = job.begin(tenant).await?;
    if repository::dead(&tx, tenant, id, &why, job.seam().now()).await? == 0 {
        return Ok(Delivery::Settled);
    }
    tx.commit(Event::on(Action::MailGivenUp, id).ended(Outcome::Failure, why)).await?;
    Ok(Delivery::Dead)
}

/// A server may say a lot, and U+0000 too, which no text of the database can hold.
fn shortened(why: &str) -> String {
    why.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect()
}
