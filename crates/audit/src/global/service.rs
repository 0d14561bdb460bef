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
    Ok(repository::list(tx, selection).await?)
}
