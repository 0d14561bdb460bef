//! Reading bodies, and how they go: with their days, and with whom they tell of.

mod repository;

use elder_access::{
    Action, Authority, Change, DbError, Event, PlatformTx, TenantTx, Worker, digest_of_body,
    markers::AuditBodiesRead, place_of_body, work::Housekeeping,
};
use elder_api_types::{UserId, audit_body::CallBodies};
use elder_kernel::{Id, TenantId};
use uuid::Uuid;

use super::{AuditBody, names::Names};
use crate::{Error, event::AuditEventId, expiry};

/// Bodies that go at once: so long writers of holds may have to wait.
const MOST: i64 = 10_000;

pub(super) async fn read(
    tx: &TenantTx<AuditBodiesRead>,
    id: AuditEventId,
) -> Result<Change<AuditBody>, Error> {
    let found = repository::find(tx, tx.tenant(), id, tx.seam().now()).await?;
    let (sealed, digest) = found.ok_or(Error::NotFound)?;
    if digest.as_deref() != Some(&digest_of_body(&sealed)) {
        return Err(Error::OtherBody);
    }
    let text = tx.unseal(&place_of_body(id), &sealed).map_err(DbError::defect)?;
    let said: CallBodies = serde_json::from_slice(&text).map_err(DbError::defect)?;
    Ok((AuditBody { event_id: id, said }, Event::on(Action::AuditBodyRead, id)))
}

/// Deletes the bodies whose days have ended, and says how many. While a hold is in force in a tenant, none of its own goes.
///
/// # Errors
/// [`DbError`]; what went before is gone.
pub async fn forget_bodies(worker: &Worker) -> Result<u64, DbError> {
    let job = worker.job::<Housekeeping>();
    let tenants = repository::with_due(&*job.platform().await?, job.seam().now()).await?;
    let mut forgotten = 0;
    for tenant in tenants {
        loop {
            let tx = job.platform().await?;
            // Before anything is looked at: a hold is put under the same lock.
            expiry::wait(&tx, tenant).await?;
            let gone = repository::forget(&tx, tenant, tx.seam().now(), MOST).await?;
            tx.settle("select", []).await?;
            forgotten += gone;
            if gone < MOST.unsigned_abs() {
                break;
            }
        }
    }
    Ok(forgotten)
}

/// Deletes the bodies of all calls that somebody has made or that tell of them, by their id or by one of `names`, and those that
/// nobody can open. Until the end of the transaction no others are added in this tenant.
///
/// # Errors
/// [`DbError`]; `Held` if a hold covers the call.
pub async fn erase_bodies<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    user: UserId,
    names: &[String],
) -> Result<u64, DbError> {
    repository::shut(tx, tenant).await?;
    let ids = [user.to_string(), user.uuid().to_string(), user.uuid().simple().to_string()];
    let names = Names::new(ids.iter().chain(names).map(String::as_str));
    let (mut behind, mut erased) = (Uuid::nil(), 0);
    loop {
        let page = repository::page(tx, tenant, behind).await?;
        let Some(last) = page.last() else { return Ok(erased) };
        behind = last.event;
        let tells = |body: &&repository::Kept| {
            let place = format!("{tenant}/{}", place_of_body(Id::from_uuid(body.event)));
            let text = tx.unseal(&place, &body.sealed).ok().and_then(|text| String::from_utf8(text).ok());
            body.actors.contains(&Some(user.uuid()))
                || body.path.as_deref().is_some_and(|path| names.stand_in(path))
                || text.is_none_or(|text| names.stand_in(&text))
        };
        let told: Vec<_> = page.iter().filter(tells).map(|body| body.event).collect();
        if !told.is_empty() {
            erased += repository::delete(tx, tenant, told).await?;
        }
    }
}
