//! What is found of restored events.

mod repository;

use elder_access::{Found, TenantTx, markers::AuditRead};
use elder_kernel::collection::Selection;

use super::RestoredAuditEvent;
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<RestoredAuditEvent>, Error> {
    let mut found = repository::list(tx, tx.tenant(), selection).await?;
    tx.open_personal(found.rows.iter_mut().map(|restored| &mut restored.event)).await?;
    Ok(found)
}
