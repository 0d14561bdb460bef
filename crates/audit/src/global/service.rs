//! What operators find of events.

mod repository;

use elder_access::{Found, PlatformTx, markers::PlatformAuditRead};
use elder_kernel::collection::Selection;

use super::GlobalAuditEvent;
use crate::Error;

pub(super) async fn list(
    tx: &PlatformTx<PlatformAuditRead>,
    selection: &Selection,
) -> Result<Found<GlobalAuditEvent>, Error> {
    let mut found = repository::list(tx, selection).await?;
    tx.open_personal(found.rows.iter_mut().map(|told| (told.tenant_id, &mut told.event))).await?;
    Ok(found)
}
