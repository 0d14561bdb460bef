//! What is found of events.

mod repository;

use elder_access::{Found, TenantTx, markers::AuditRead};
use elder_kernel::{
    Limit,
    collection::{Asked, Selection},
};
use uuid::Uuid;

use super::{AuditEvent, AuditEventId, AuditEvents};
use crate::Error;

/// A page of events.
pub(crate) async fn found(
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

/// The events that a filter lets through, the oldest first.
pub(crate) fn selected(filter: Option<&str>) -> Result<Selection, Error> {
    let asked = Asked {
        filter: filter.map(str::to_owned),
        sort: Some("timestamp".to_owned()),
        limit: Limit::LARGEST,
        ..Asked::default()
    };
    Ok(Selection::read::<AuditEvents>(&asked)?)
}
