//! What may happen to streams.

pub(super) mod delivery;
mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, Outcome, TenantTx,
    markers::{AuditStreamsRead, AuditStreamsWrite},
};
use elder_kernel::{Patch, Secret, collection::Selection};

use self::repository::Stored;
use super::{
    AuditStream, AuditStreamHealth, AuditStreamId, AuditStreamPatch, AuditStreamTarget, AuditStreamTest,
    NewAuditStream, Targets,
    target::{Batch, WrongTarget},
};
use crate::{Error, event::service::selected};

/// Streams that a tenant may have.
const MOST: i64 = 10;

/// Where a secret is sealed to.
fn place(id: AuditStreamId) -> String {
    format!("audit_streams/sealed_secret/{id}")
}

pub(super) async fn list(
    tx: &TenantTx<AuditStreamsRead>,
    selection: &Selection,
) -> Result<Found<AuditStream>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<AuditStreamsRead>, id: AuditStreamId) -> Result<AuditStream, Error> {
    Ok(repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.stream)
}

/// Sets a stream up.
pub(super) async fn create(
    tx: &TenantTx<AuditStreamsWrite>,
    targets: &Targets,
    new: NewAuditStream,
) -> Result<Change<AuditStream>, Error> {
    let NewAuditStream { name, target, secret, filter, from_beginning } = new;
    selected(filter.as_deref())?;
    targets.check(&target, secret.as_ref())?;
    repository::one_at_a_time(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooManyStreams(MOST));
    }
    let now = tx.seam().now();
    let sealed = repository::sealed(tx, tx.tenant()).await?;
    let cursor = if from_beginning { 0 } else { sealed };
    let stream = AuditStream {
        id: tx.seam().id(),
        name: name.into(),
        target,
        filter,
        is_active: true,
        health: AuditStreamHealth::Ok,
        cursor,
        lag: sealed - cursor,
        missing: 0,
        failures: 0,
        last_error: None,
        delivered_at: None,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    let sealed_secret = secret.map(|secret| tx.seal(&place(stream.id), secret.expose().as_bytes()));
    repository::insert(tx, tx.tenant(), &stream, sealed_secret).await.map_err(Error::of_stream)?;
    let changes = Changes::default()
        .new_field("name", &stream.name)
        .new_field("target", &stream.target)
        .new_field("filter", &stream.filter);
    Ok((stream.clone(), Event::on(Action::AuditStreamCreated, stream.id).changed(changes)))
}

/// Changes a stream; no event if nothing changed. What has failed is tried again at once.
pub(super) async fn update(
    tx: &TenantTx<AuditStreamsWrite>,
    targets: &Targets,
    id: AuditStreamId,
    patch: AuditStreamPatch,
) -> Result<(AuditStream, Option<Event>), Error> {
    let Stored { stream: before, sealed_secret } =
        repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let AuditStreamPatch { name, target, secret, filter, is_active } = patch;
    if target.is_some() || secret.is_some() {
        targets.check(target.as_ref().unwrap_or(&before.target), secret.as_ref())?;
    }
    let filter = match filter {
        Patch::Keep => before.filter.clone(),
        Patch::Clear => None,
        Patch::Set(filter) => Some(filter),
    };
    selected(filter.as_deref())?;
    let mut after = AuditStream {
        name: name.map_or_else(|| before.name.clone(), String::from),
        target: target.unwrap_or_else(|| before.target.clone()),
        filter,
        is_active: is_active.unwrap_or(before.is_active),
        ..before.clone()
    };
    if after == before && secret.is_none() {
        return Ok((before, None));
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("target", &before.target, &after.target)
        .field("filter", &before.filter, &after.filter)
        .field("is_active", &before.is_active, &after.is_active);
    let is_rekeyed = secret.is_some();
    let sealed_secret = match secret {
        Some(secret) => Some(tx.seal(&place(id), secret.expose().as_bytes())),
        // Another kind, which has none.
        None if after.target.kind() != before.target.kind() => None,
        None => sealed_secret,
    };
    after.version += 1;
    after.updated_at = tx.seam().now();
    after.failures = 0;
    after.last_error = None;
    after.health = if after.is_active { AuditStreamHealth::Ok } else { AuditStreamHealth::Paused };
    repository::update(tx, tx.tenant(), &after, sealed_secret).await.map_err(Error::of_stream)?;
    let event = Event::on(Action::AuditStreamUpdated, id).changed(changes).with("secret_changed", is_rekeyed);
    Ok((after, Some(event)))
}

pub(super) async fn delete(tx: &TenantTx<AuditStreamsWrite>, id: AuditStreamId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.stream;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::AuditStreamDeleted, id).with("cursor", before.cursor))
}

/// What a test is sent to.
pub(super) struct Tried {
    target: AuditStreamTarget,
    secret: Option<Secret<String>>,
    batch: Batch<'static>,
}

/// What it takes to send a test; no transaction is open while it is sent.
pub(super) async fn tried(tx: &TenantTx<AuditStreamsWrite>, id: AuditStreamId) -> Result<Tried, Error> {
    let stored = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let place = stored.stream.cursor.unsigned_abs();
    let now = tx.seam().now();
    let batch = Batch { tenant: tx.tenant(), stream: id, from: place, to: place, events: &[], now };
    Ok(Tried { secret: opened(tx, &stored)?, target: stored.stream.target, batch })
}

impl Tried {
    pub(super) async fn send(&self, targets: &Targets) -> (AuditStreamTest, Event) {
        let sent = targets.send(&self.target, self.secret.as_ref(), &self.batch).await;
        let error = sent.err().map(|error| error.to_string());
        let event = Event::on(Action::AuditStreamTested, self.batch.stream);
        let event = match &error {
            Some(why) => event.ended(Outcome::Failure, why.clone()),
            None => event,
        };
        (AuditStreamTest { arrived: error.is_none(), error }, event)
    }
}

/// The secret of a stream, if it has one.
fn opened<A: Authority>(tx: &TenantTx<A>, stored: &Stored) -> Result<Option<Secret<String>>, Error> {
    let Some(sealed) = &stored.sealed_secret else { return Ok(None) };
    let plain = tx.unseal(&place(stored.stream.id), sealed).map_err(|_| Error::Broken)?;
    Ok(Some(Secret::new(String::from_utf8(plain).map_err(|_| Error::Broken)?)))
}

impl From<WrongTarget> for Error {
    fn from(error: WrongTarget) -> Self {
        Self::Target(error)
    }
}
