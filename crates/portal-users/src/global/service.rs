//! What operators find across tenants.

mod repository;

use elder_access::{PlatformTx, markers};
use elder_kernel::{TenantId, fold, normalise_email};

use self::repository::Bounds;
use super::{GlobalUser, GlobalUserQuery, Place};
use crate::Error;

/// Users in the order of tenant and id.
pub(super) async fn list(
    tx: &PlatformTx<markers::PlatformUsersRead>,
    query: &GlobalUserQuery,
    after: Option<Place>,
    rows: u64,
) -> Result<Vec<GlobalUser>, Error> {
    let only = match &query.tenant {
        None => None,
        Some(named) => match repository::tenant_named(tx, named).await? {
            Some(tenant) => Some(tenant),
            None => return Ok(Vec::new()),
        },
    };
    let bounds = Bounds::new(only, after, rows);
    let found = match (&query.email, &query.search) {
        (Some(email), needle) => {
            let Some(folded) = normalise_email(email) else { return Ok(Vec::new()) };
            let needle = needle.as_deref().map(fold);
            repository::of_email(tx, &folded, needle.as_deref(), bounds).await?
        }
        (None, Some(needle)) => repository::search(tx, &fold(needle), bounds).await?,
        (None, None) => repository::all(tx, bounds).await?,
    };
    Ok(found)
}

/// The tenant of this slug or number.
pub(super) async fn tenant_named(
    tx: &PlatformTx<markers::PlatformUsersWrite>,
    named: &str,
) -> Result<TenantId, Error> {
    repository::tenant_named(tx, named).await?.ok_or(Error::NotFound)
}
