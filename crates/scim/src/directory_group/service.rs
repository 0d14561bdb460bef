//! Which groups a directory has pushed, and who is in them.

mod repository;

use elder_access::{Found, TenantTx, markers};
use elder_kernel::collection::Selection;

use super::{DirectoryGroup, DirectoryGroupMember, ScimGroupId};
use crate::{
    Error,
    directory::{self, DirectoryId},
};

pub(super) async fn list(
    tx: &TenantTx<markers::DirectoriesRead>,
    directory: DirectoryId,
    selection: &Selection,
) -> Result<Found<DirectoryGroup>, Error> {
    let found = repository::list(tx, (tx.tenant(), directory), selection).await?;
    if found.rows.is_empty() {
        directory::service::get(tx, directory).await?;
    }
    Ok(found)
}

pub(super) async fn members(
    tx: &TenantTx<markers::UsersRead>,
    (directory, group): (DirectoryId, ScimGroupId),
    selection: &Selection,
) -> Result<Found<DirectoryGroupMember>, Error> {
    let found = repository::members(tx, (tx.tenant(), directory, group), selection).await?;
    if found.rows.is_empty() && !repository::is_there(tx, (tx.tenant(), directory, group)).await? {
        return Err(Error::NotFound);
    }
    Ok(found)
}
