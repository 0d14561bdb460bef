//! What is found of events.

mod repository;

use elder_access::{
    Authority, DbError, Found, TenantTx,
    markers::{AuditRead, ComplianceRead},
    work::Housekeeping,
};
use elder_kernel::{
    Limit,
    collection::{Asked, Selection},
};
use uuid::Uuid;

use super::{AuditEvent, AuditEventId, AuditEvents, Wanted};
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

/// Who reads the log to tell of it elsewhere.
pub trait ReadsLog: Authority {}
impl ReadsLog for Housekeeping {}
impl ReadsLog for ComplianceRead {}

/// The next events of some actions, the oldest first, each with its place in the log if it has one. As many as there are,
/// up to [`Wanted::PAGE`].
///
/// # Errors
/// [`DbError`].
pub async fn of_actions<A: ReadsLog>(
    tx: &TenantTx<A>,
    wanted: &Wanted,
) -> Result<Vec<(Option<u64>, AuditEvent)>, DbError> {
    repository::of_actions(tx, tx.tenant(), wanted).await
}
