//! What operators find across tenants.

mod repository;

use elder_access::{Authority, Found, PlatformTx, markers};
use elder_kernel::{TenantId, collection::Selection, fold};

use super::GlobalUser;
use crate::Error;

/// Rights of operators that reach into a tenant.
pub(crate) trait EntersTenants: Authority {}
impl EntersTenants for markers::PlatformUsersWrite {}
impl EntersTenants for markers::PlatformUsersImpersonate {}

/// The users of a selection, among those whose address or name contain `search`.
pub(super) async fn list(
    tx: &PlatformTx<markers::PlatformUsersRead>,
    search: Option<&str>,
    selection: &Selection,
) -> Result<Found<GlobalUser>, Error> {
    let needle = search.map(fold);
    Ok(repository::list(tx, needle.as_deref(), selection).await?)
}

/// The tenant of this slug or number.
pub(crate) async fn tenant_named<A: EntersTenants>(
    tx: &PlatformTx<A>,
    named: &str,
) -> Result<TenantId, Error> {
    repository::tenant_named(tx, named).await?.ok_or(Error::NotFound)
}
