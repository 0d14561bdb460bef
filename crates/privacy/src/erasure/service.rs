//! Erases a person: account, mails, links, files and key go in one transaction, with the certificate and the event.

mod repository;

use std::collections::BTreeSet;

use elder_access::{Action, DbError, Event, PlatformTx, Worker, work::Privacy};
use elder_api_types::{PrivacyRequestId, UserId, privacy::PrivacyRequest};
use elder_audit::signer;
use elder_kernel::TenantId;
use serde_json::json;
use uuid::Uuid;

use super::Erased;
use crate::{
    PrivacyError,
    request::service::{doing, told},
};

/// Erases whom an approved request is about; false if that is refused, and none if there is no such request.
pub(crate) async fn erase(
    worker: &Worker,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<bool>, PrivacyError> {
    let tx = worker.job::<Privacy>().platform().await?;
    let Some((request, standing)) = doing::take_erasure(&tx, tenant, id).await? else { return Ok(None) };
    if standing.is_held {
        return refuse(tx, tenant, &request, "legal_hold").await;
    }
    if standing.is_last_admin {
        return refuse(tx, tenant, &request, "last_admin").await;
    }
    let erased = match everything(&tx, tenant, request.user_id).await {
        // A hold in another tenant, where an operator has acted.
        Err(DbError::Held(_)) => {
            drop(tx);
            let tx = worker.job::<Privacy>().platform().await?;
            return match doing::take_erasure(&tx, tenant, id).await? {
                Some((request, _)) => refuse(tx, tenant, &request, "legal_hold").await,
                None => Ok(None),
            };
        }
        erased => erased?,
    };
    let signer = signer(&tx).await?.ok_or(PrivacyError::NoSigner)?;
    let text = certificate(&signer.log(tenant), tenant, &request, tx.seam().now(), &erased);
    doing::complete(&tx, tenant, id, &signer.sign(tenant, &text)).await?;
    tx.commit(tenant, told(Action::PersonErased, &request).with("erased", erased)).await?;
    tracing::info!(%tenant, request = %id, "a person was erased");
    Ok(Some(true))
}

/// Erases again who was erased before, in a database that was restored; false if there is nothing of them.
pub(crate) async fn again(
    worker: &Worker,
    tenant: TenantId,
    user: UserId,
    request: PrivacyRequestId,
) -> Result<bool, DbError> {
    let tx = worker.job::<Privacy>().platform().await?;
    if !repository::is_left(&tx, tenant, user).await? {
        return Ok(false);
    }
    let erased = everything(&tx, tenant, user).await?;
    doing::note_again(&tx, tenant, user, request).await?;
    let event = Event::on(Action::PersonErased, request)
        .with("user_id", user)
        .with("is_repeated", true)
        .with("erased", erased);
    tx.commit(tenant, event).await?;
    Ok(true)
}

/// By what the log knows a person.
pub(crate) struct Known {
    /// The addresses that are or were theirs, and nobody else's now.
    addresses: BTreeSet<String>,
    /// Under which numbers their keys lie, in the order in which everybody takes them.
    pub(crate) persons: BTreeSet<Uuid>,
}

/// By what the log knows a person.
pub(crate) async fn known(
    tx: &PlatformTx<Privacy>,
    tenant: TenantId,
    user: UserId,
) -> Result<Known, DbError> {
    let mut addresses = elder_audit::event::addresses_of(tx, tenant, user).await?;
    addresses.extend(repository::addresses(tx, tenant, user).await?);
    repository::leave_to_others(tx, tenant, user, &mut addresses).await?;
    let mut persons: BTreeSet<_> = addresses.iter().map(|address| tx.stand_in(tenant, address)).collect();
    persons.insert(user.uuid());
    Ok(Known { addresses, persons })
}

/// All that Elder has of a person but the events' bare bones.
async fn everything(tx: &PlatformTx<Privacy>, tenant: TenantId, user: UserId) -> Result<Erased, DbError> {
    let Known { addresses, persons } = known(tx, tenant, user).await?;
    let mut erased = Erased::default();
    let mut names = repository::names(tx, tenant, user).await?;
    names.extend(addresses.iter().cloned());
    erased.bodies = elder_audit::erase_bodies(tx, tenant, user, &names).await?;
    for address in &addresses {
        erased.mails += repository::mails(tx, tenant, address).await?;
        erased.links += repository::links(tx, tenant, address).await?;
    }
    erased.invitations = repository::invitations(tx, tenant, user, &addresses).await?;
    erased.accounts = repository::account(tx, tenant, user).await?;
    erased.audit_exports = repository::exports(tx, tenant).await?;
    erased.compliance_reports = repository::reports(tx, tenant).await?;
    erased.copies = repository::copies(tx, tenant, user).await?;
    repository::answers(tx, tenant).await?;
    repository::marks(tx, tenant).await?;
    repository::reasons(tx, tenant, user).await?;
    erased.keys = repository::keys(tx, tenant, user, (&persons, tx.seam().now())).await?;
    Ok(erased)
}

async fn refuse(
    tx: PlatformTx<Privacy>,
    tenant: TenantId,
    request: &PrivacyRequest,
    why: &'static str,
) -> Result<Option<bool>, PrivacyError> {
    doing::refuse(&tx, tenant, request.id, why).await?;
    tx.commit(tenant, told(Action::PrivacyRefused, request).with("error", why)).await?;
    Ok(Some(false))
}

/// What is signed: a line that says what it is, and a line of JSON. It has no personal data, so that it can be kept for ever.
fn certificate(
    log: &str,
    tenant: TenantId,
    request: &PrivacyRequest,
    now: chrono::DateTime<chrono::Utc>,
    erased: &Erased,
) -> String {
    let said = json!({
        "request_id": request.id,
        "tenant_id": tenant,
        "user_id": request.user_id,
        "requested_at": request.created_at,
        "requested_by": request.created_by,
        "approved_at": request.decided_at,
        "approved_by": request.decided_by,
        "erased_at": now,
        "erased": erased,
        "kept": [
            {
                "what": "events of the audit log, which name the person by this id alone",
                "why": "they show that the log is whole (GDPR Art. 17(3)(b) and (e)); what they said of the person is \
                        sealed under keys that are destroyed",
            },
            {
                "what": "backups, until they expire",
                "why": "they are not changed; whoever restores one erases again by the register of erasures",
            },
            {
                "what": "what was delivered before: mails, streams of the audit log, webhooks, downloads",
                "why": "it is with others",
            },
        ],
    });
    format!("{log}/erasures\n{said}\n")
}
