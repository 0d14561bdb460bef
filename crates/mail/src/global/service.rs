//! What operators find of mails.

mod repository;

use elder_access::{Found, PlatformTx, markers::PlatformMailsRead};
use elder_kernel::collection::Selection;

use super::GlobalMail;
use crate::Error;

pub(super) async fn list(
    tx: &PlatformTx<PlatformMailsRead>,
    selection: &Selection,
) -> Result<Found<GlobalMail>, Error> {
    Ok(repository::list(tx, selection).await?)
}
