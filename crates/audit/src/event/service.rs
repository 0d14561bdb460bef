//! What is found of events.

mod repository;

use elder_access::{Found, TenantTx, markers::AuditRead};
use elder_kernel::collection::Selection;
use uuid::Uuid;

use super::{AuditEvent, AuditEventId};
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<AuditEvent>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<AuditEvent, Error> {
    Ok(salted(tx, id).await?.0)
}

/// An event with its salt.
pub(crate) async fn salted(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<(AuditEvent, Uuid), Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}
