//! What may happen to saved searches.

mod repository;

use elder_access::{
    Action, Change, Changes, DbError, Event, Found, TenantConn, TenantTx,
    markers::{AuditRead, AuditSearchesWrite},
};
use elder_kernel::{
    TenantId,
    collection::{Condition, Selection},
};

use super::{AuditSearch, AuditSearchId, AuditSearchPatch, NewAuditSearch};
use crate::{Error, event::service::selected};

/// Searches that are shared in a tenant, or that somebody has of their own.
const MOST: i64 = 100;

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<AuditSearch>, Error> {
    Ok(repository::list(tx, tx.tenant(), tx.actor().user, selection).await?)
}

pub(super) async fn get(tx: &TenantTx<AuditRead>, id: AuditSearchId) -> Result<AuditSearch, Error> {
    repository::find(tx, tx.tenant(), tx.actor().user, id).await?.ok_or(Error::NotFound)
}

/// What a selection asks for among the events of a search.
pub(super) fn narrowed(selection: Selection, search: &AuditSearch) -> Result<Selection, Error> {
    let of_search = selected(Some(&search.filter))?.condition;
    let conditions: Vec<_> = of_search.into_iter().chain(selection.condition).collect();
    Ok(Selection { condition: Some(Condition::All(conditions)), ..selection })
}

/// Saves a search.
pub(super) async fn create(
    tx: &TenantTx<AuditSearchesWrite>,
    new: NewAuditSearch,
) -> Result<Change<AuditSearch>, Error> {
    let NewAuditSearch { name, description, filter, is_shared } = new;
    selected(Some(&filter))?;
    let owner_id = owner(tx, is_shared)?;
    repository::one_at_a_time(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant(), owner_id).await? >= MOST {
        return Err(Error::TooManySearches(MOST));
    }
    let now = tx.seam().now();
    let search = AuditSearch {
        id: tx.seam().id(),
        name: name.into(),
        description,
        filter,
        is_shared,
        owner_id,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &search).await.map_err(Error::of_search)?;
    let changes = Changes::default()
        .new_field("name", &search.name)
        .new_field("filter", &search.filter)
        .new_field("is_shared", &search.is_shared);
    Ok((search.clone(), Event::on(Action::AuditSearchCreated, search.id).changed(changes)))
}

/// Changes a search; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<AuditSearchesWrite>,
    id: AuditSearchId,
    patch: AuditSearchPatch,
) -> Result<(AuditSearch, Option<Event>), Error> {
    let before = lock(tx, id).await?;
    tx.expect(&before)?;
    let AuditSearchPatch { name, description, filter, is_shared } = patch;
    if let Some(filter) = &filter {
        selected(Some(filter))?;
    }
    let is_shared = is_shared.unwrap_or(before.is_shared);
    let is_withdrawn = before.is_shared && !is_shared;
    if is_withdrawn && repository::is_used(tx, tx.tenant(), id).await? {
        return Err(Error::InUse);
    }
    let owner_id = if is_shared == before.is_shared { before.owner_id } else { owner(tx, is_shared)? };
    let mut after = AuditSearch {
        name: name.map_or_else(|| before.name.clone(), String::from),
        description: description.apply(before.description.clone()),
        filter: filter.unwrap_or_else(|| before.filter.clone()),
        is_shared,
        owner_id,
        ..before.clone()
    };
    if after == before {
        return Ok((before, None));
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("filter", &before.filter, &after.filter)
        .field("is_shared", &before.is_shared, &after.is_shared);
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_search)?;
    Ok((after, Some(Event::on(Action::AuditSearchUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<AuditSearchesWrite>, id: AuditSearchId) -> Result<Event, Error> {
    let before = lock(tx, id).await?;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await.map_err(Error::of_search)?;
    Ok(Event::on(Action::AuditSearchDeleted, id).with("name", before.name))
}

/// Keeps a shared search what it is until the end of the transaction; false if there is none of this id.
pub(crate) async fn keep_shared(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditSearchId,
) -> Result<bool, DbError> {
    repository::keep_shared(conn, tenant, id).await
}

async fn lock(tx: &TenantTx<AuditSearchesWrite>, id: AuditSearchId) -> Result<AuditSearch, Error> {
    repository::lock(tx, tx.tenant(), tx.actor().user, id).await?.ok_or(Error::NotFound)
}

/// Whose own a search is.
fn owner(
    tx: &TenantTx<AuditSearchesWrite>,
    is_shared: bool,
) -> Result<Option<elder_api_types::UserId>, Error> {
    if is_shared { Ok(None) } else { tx.actor().user.map(Some).ok_or(Error::Ownerless) }
}
