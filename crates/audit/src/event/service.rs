//! What is found of events.

mod repository;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{Authority, DbError, Found, PlatformTx, TenantTx, markers::AuditRead};
use elder_api_types::UserId;
use elder_kernel::{
    Limit, TenantId,
    collection::{Asked, Selection},
    normalise_email,
};
use uuid::Uuid;

use super::{AuditEvent, AuditEventId, AuditEvents};
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<AuditEvent>, Error> {
    let mut found = repository::list(tx, tx.tenant(), selection).await?;
    tx.open_personal(&mut found.rows).await?;
    Ok(found)
}

pub(super) async fn get(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<AuditEvent, Error> {
    let (mut event, _) = salted(tx, id).await?;
    tx.open_personal([&mut event]).await?;
    Ok(event)
}

/// An event as it was sealed, with its salt.
pub(crate) async fn salted(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<(AuditEvent, Uuid), Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// The next events that somebody has done or that were done to them, opened, behind a moment and an id.
///
/// # Errors
/// [`DbError`].
pub async fn of_person<A: Authority>(
    tx: &TenantTx<A>,
    user: UserId,
    behind: Option<(DateTime<Utc>, AuditEventId)>,
) -> Result<Vec<AuditEvent>, DbError> {
    let behind = behind.map_or((DateTime::UNIX_EPOCH, Uuid::nil()), |(at, id)| (at, id.uuid()));
    let mut events = repository::of_person(tx, tx.tenant(), user, behind).await?;
    tx.open_personal(&mut events).await?;
    Ok(events)
}

/// The addresses that events tell of somebody, as they are compared: those that were theirs, too.
///
/// # Errors
/// [`DbError`].
pub async fn addresses_of<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    user: UserId,
) -> Result<BTreeSet<String>, DbError> {
    let mut events = repository::with_address(tx, tenant, user).await?;
    tx.open_personal(events.iter_mut().map(|event| (tenant, event))).await?;
    let told = events.iter().flat_map(|event| {
        let changed = ["before", "after"].map(|side| event.changes.pointer(&format!("/email/{side}")));
        changed.into_iter().flatten().chain(event.metadata.get("email"))
    });
    Ok(told.filter_map(|address| normalise_email(address.as_str()?)).collect())
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
