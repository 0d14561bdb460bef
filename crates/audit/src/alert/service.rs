//! What may happen to alerts.

mod repository;
pub(super) mod watch;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use elder_access::{
    Action, Authority, Change, Changes, DbError, Event, Found, Outcome, TenantTx,
    markers::{AuditAlertsRead, AuditAlertsWrite},
};
use elder_kernel::{Secret, TenantId, collection::Selection};

use self::repository::Stored;
use super::{
    AuditAlert, AuditAlertChannel, AuditAlertFiring, AuditAlertHealth, AuditAlertId, AuditAlertPatch,
    AuditAlertTest, NewAuditAlert,
    notice::{self, Notice},
};
use crate::{Error, event::service::selected, search::service::keep_shared, stream::Targets};

/// Alerts that a tenant may have.
const MOST: i64 = 50;

/// Where a secret is sealed to.
fn place(id: AuditAlertId) -> String {
    format!("audit_alerts/sealed_secret/{id}")
}

pub(super) async fn list(
    tx: &TenantTx<AuditAlertsRead>,
    selection: &Selection,
) -> Result<Found<AuditAlert>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<AuditAlertsRead>, id: AuditAlertId) -> Result<AuditAlert, Error> {
    Ok(repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.alert)
}

pub(super) async fn firings(
    tx: &TenantTx<AuditAlertsRead>,
    id: AuditAlertId,
    selection: &Selection,
) -> Result<Found<AuditAlertFiring>, Error> {
    get(tx, id).await?;
    let mut found = repository::firings(tx, tx.tenant(), id, selection).await?;
    name_groups(tx, &mut found.rows).await?;
    Ok(found)
}

/// Says of each firing that counts an address which one: by its first event, as far as that still says so.
async fn name_groups<A: Authority>(
    tx: &TenantTx<A>,
    firings: &mut [AuditAlertFiring],
) -> Result<(), DbError> {
    let is_marked = |firing: &AuditAlertFiring| firing.group.as_deref().is_some_and(repository::is_marked);
    let marked: Vec<_> = firings.iter().filter(|firing| is_marked(firing)).map(|firing| firing.id).collect();
    if marked.is_empty() {
        return Ok(());
    }
    let mut first = repository::first_events(tx, tx.tenant(), marked.into_iter()).await?;
    tx.open_personal(first.iter_mut().map(|(_, event)| event)).await?;
    let mut addresses: BTreeMap<_, _> = first.into_iter().map(|(id, event)| (id, event.actor_ip)).collect();
    for firing in firings.iter_mut().filter(|firing| is_marked(firing)) {
        firing.group = addresses.remove(&firing.id).flatten();
    }
    Ok(())
}

/// Sets an alert up.
pub(super) async fn create(
    tx: &TenantTx<AuditAlertsWrite>,
    targets: &Targets,
    new: NewAuditAlert,
) -> Result<Change<AuditAlert>, Error> {
    let NewAuditAlert { name, search_id, filter, threshold, window_minutes, group_by, channel, secret } = new;
    notice::check(targets, &channel, secret.as_ref())?;
    repository::one_at_a_time(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooManyAlerts(MOST));
    }
    let now = tx.seam().now();
    let alert = AuditAlert {
        id: tx.seam().id(),
        name: name.into(),
        search_id,
        filter,
        threshold,
        window_minutes,
        group_by,
        channel,
        is_active: true,
        health: AuditAlertHealth::Ok,
        cursor: repository::sealed(tx, tx.tenant()).await?,
        lag: 0,
        missing: 0,
        failures: 0,
        last_error: None,
        notified_at: None,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    check_source(tx, &alert).await?;
    let sealed_secret = secret.map(|secret| tx.seal(&place(alert.id), secret.expose().as_bytes()));
    repository::insert(tx, tx.tenant(), &alert, sealed_secret).await.map_err(Error::of_alert)?;
    let changes = Changes::default()
        .new_field("name", &alert.name)
        .new_field("search_id", &alert.search_id)
        .new_field("filter", &alert.filter)
        .new_field("threshold", &alert.threshold)
        .new_field("window_minutes", &alert.window_minutes)
        .new_field("group_by", &alert.group_by)
        .new_field("channel", &alert.channel);
    Ok((alert.clone(), Event::on(Action::AuditAlertCreated, alert.id).changed(changes)))
}

/// Changes an alert; no event if nothing changed. What it could not tell is told again at once.
pub(super) async fn update(
    tx: &TenantTx<AuditAlertsWrite>,
    targets: &Targets,
    id: AuditAlertId,
    patch: AuditAlertPatch,
) -> Result<(AuditAlert, Option<Event>), Error> {
    let Stored { alert: before, sealed_secret, .. } =
        repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let (mut after, secret) = patched(&before, patch);
    if after.channel != before.channel || secret.is_some() {
        notice::check(targets, &after.channel, secret.as_ref())?;
    }
    if after == before && secret.is_none() {
        return Ok((before, None));
    }
    check_source(tx, &after).await?;
    let event = Event::on(Action::AuditAlertUpdated, id)
        .changed(changes(&before, &after))
        .with("secret_changed", secret.is_some());
    let sealed_secret = match secret {
        Some(secret) => Some(tx.seal(&place(id), secret.expose().as_bytes())),
        // Another kind, which has none.
        None if after.channel.kind() != before.channel.kind() => None,
        None => sealed_secret,
    };
    if after.is_active && !before.is_active {
        after.cursor = repository::sealed(tx, tx.tenant()).await?;
        after.lag = 0;
    }
    after.version += 1;
    after.updated_at = tx.seam().now();
    after.failures = 0;
    after.last_error = None;
    after.health = if after.is_active { AuditAlertHealth::Ok } else { AuditAlertHealth::Paused };
    repository::update(tx, tx.tenant(), &after, sealed_secret).await.map_err(Error::of_alert)?;
    if counts_otherwise(&before, &after) {
        repository::forget_matches(tx, tx.tenant(), id).await?;
    }
    Ok((after, Some(event)))
}

/// What becomes of an alert by a patch.
fn patched(before: &AuditAlert, patch: AuditAlertPatch) -> (AuditAlert, Option<Secret<String>>) {
    let AuditAlertPatch {
        name,
        search_id,
        filter,
        threshold,
        window_minutes,
        group_by,
        channel,
        secret,
        is_active,
    } = patch;
    let (search_id, filter) = match (search_id, filter) {
        (None, None) => (before.search_id, before.filter.clone()),
        other => other,
    };
    let after = AuditAlert {
        name: name.map_or_else(|| before.name.clone(), String::from),
        search_id,
        filter,
        threshold: threshold.unwrap_or(before.threshold),
        window_minutes: window_minutes.unwrap_or(before.window_minutes),
        group_by: group_by.apply(before.group_by),
        channel: channel.unwrap_or_else(|| before.channel.clone()),
        is_active: is_active.unwrap_or(before.is_active),
        ..before.clone()
    };
    (after, secret)
}

fn changes(before: &AuditAlert, after: &AuditAlert) -> Changes {
    Changes::default()
        .field("name", &before.name, &after.name)
        .field("search_id", &before.search_id, &after.search_id)
        .field("filter", &before.filter, &after.filter)
        .field("threshold", &before.threshold, &after.threshold)
        .field("window_minutes", &before.window_minutes, &after.window_minutes)
        .field("group_by", &before.group_by, &after.group_by)
        .field("channel", &before.channel, &after.channel)
        .field("is_active", &before.is_active, &after.is_active)
}

/// Whether what was counted before means nothing any more.
fn counts_otherwise(before: &AuditAlert, after: &AuditAlert) -> bool {
    let counts = |alert: &AuditAlert| {
        (alert.search_id, alert.filter.clone(), alert.threshold, alert.window_minutes, alert.group_by)
    };
    counts(before) != counts(after) || after.is_active != before.is_active
}

/// Whether an alert can count so. A search that it names stays shared until the transaction ends.
async fn check_source(tx: &TenantTx<AuditAlertsWrite>, alert: &AuditAlert) -> Result<(), Error> {
    selected(alert.filter.as_deref())?;
    match alert.search_id {
        Some(search) if !keep_shared(tx, tx.tenant(), search).await? => Err(Error::NoSearch),
        _ => Ok(()),
    }
}

pub(super) async fn delete(tx: &TenantTx<AuditAlertsWrite>, id: AuditAlertId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.alert;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::AuditAlertDeleted, id).with("name", before.name).with("cursor", before.cursor))
}

/// What a test is sent by.
pub(super) struct Tried {
    tenant: TenantId,
    alert: AuditAlert,
    secret: Option<Secret<String>>,
    now: DateTime<Utc>,
}

/// What it takes to send a test; no transaction is open while it is sent.
pub(super) async fn tried(tx: &TenantTx<AuditAlertsWrite>, id: AuditAlertId) -> Result<Tried, Error> {
    let stored = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    Ok(Tried { tenant: tx.tenant(), secret: opened(tx, &stored)?, alert: stored.alert, now: tx.seam().now() })
}

impl Tried {
    const fn notice(&self) -> Notice<'_> {
        Notice { tenant: self.tenant, alert: &self.alert, firings: &[], now: self.now }
    }

    /// Calls the webhook, if it is one: why it has not arrived.
    pub(super) async fn call(&self, targets: &Targets) -> Option<String> {
        let AuditAlertChannel::Webhook { url } = &self.alert.channel else { return None };
        let Some(secret) = &self.secret else { return Some(Error::Broken.to_string()) };
        notice::call(targets, url, secret, &self.notice()).await.err().map(|error| error.to_string())
    }

    /// Writes the mails, if it tells by mail, and says what came of the test.
    pub(super) async fn done(
        self,
        tx: &TenantTx<AuditAlertsWrite>,
        error: Option<String>,
    ) -> Result<(AuditAlertTest, Event), Error> {
        if let AuditAlertChannel::Mail { to } = &self.alert.channel {
            notice::write(tx, to, &self.notice()).await?;
        }
        let event = Event::on(Action::AuditAlertTested, self.alert.id);
        let event = match &error {
            Some(why) => event.ended(Outcome::Failure, why.clone()),
            None => event,
        };
        Ok((AuditAlertTest { sent: error.is_none(), error }, event))
    }
}

/// The secret of an alert, if it has one.
fn opened<A: Authority>(tx: &TenantTx<A>, stored: &Stored) -> Result<Option<Secret<String>>, Error> {
    let Some(sealed) = &stored.sealed_secret else { return Ok(None) };
    let plain = tx.unseal(&place(stored.alert.id), sealed).map_err(|_| Error::Broken)?;
    Ok(Some(Secret::new(String::from_utf8(plain).map_err(|_| Error::Broken)?)))
}
