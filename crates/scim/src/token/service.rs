//! What may be done with the tokens of a directory.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Action, Change, Changes, Event, Found, TenantTx,
    markers::{DirectoriesRead, DirectoriesWrite},
};
use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::collection::Selection;

use super::{IssuedToken, NewScimToken, ScimToken, ScimTokenId};
use crate::{
    Error,
    directory::{self, DirectoryId},
    mapping,
};

pub(crate) async fn list(
    tx: &TenantTx<DirectoriesRead>,
    directory: DirectoryId,
    selection: &Selection,
) -> Result<Found<ScimToken>, Error> {
    let found = repository::list(tx, tx.tenant(), directory, selection).await?;
    if found.rows.is_empty() {
        directory::service::get(tx, directory).await?;
    }
    Ok(found)
}

pub(crate) async fn create(
    tx: &TenantTx<DirectoriesWrite>,
    directory: DirectoryId,
    new: NewScimToken,
) -> Result<Change<IssuedToken>, Error> {
    mapping::service::ensure_all_held(tx, directory).await?;
    let (now, id): (_, ScimTokenId) = (tx.seam().now(), tx.seam().id());
    let (text, hash) = OpaqueToken::mint(TokenKind::ScimToken, tx.tenant(), id.uuid(), &tx.seam().random);
    let about = ScimToken {
        id,
        directory_id: directory,
        name: new.name,
        can_write: new.can_write,
        expires_at: new.expires_in_days.map(|days| now + TimeDelta::days(days)),
        revoked_at: None,
        last_used_at: None,
        created_at: now,
        created_by: tx.actor().user,
    };
    repository::insert(tx, tx.tenant(), &about, &hash).await.map_err(Error::of_token)?;
    let changes = Changes::default()
        .new_field("name", &about.name)
        .new_field("can_write", &about.can_write)
        .new_field("expires_at", &about.expires_at);
    let event = Event::on(Action::ScimTokenCreated, id).changed(changes).with("directory", directory);
    Ok((IssuedToken { about, token: text.expose().clone() }, event))
}

/// No event if it was revoked before.
pub(crate) async fn revoke(
    tx: &TenantTx<DirectoriesWrite>,
    directory: DirectoryId,
    id: ScimTokenId,
) -> Result<Option<Event>, Error> {
    let now = tx.seam().now();
    if repository::revoke(tx, tx.tenant(), (directory, id), now).await? == 1 {
        let changes = Changes::default().new_field("revoked_at", &now);
        let event = Event::on(Action::ScimTokenRevoked, id).changed(changes).with("directory", directory);
        return Ok(Some(event));
    }
    let is_known = repository::exists(tx, tx.tenant(), directory, id).await?;
    if is_known { Ok(None) } else { Err(Error::NotFound) }
}
