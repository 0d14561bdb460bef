//! Looks at what is sealed for every alert: batch after batch, each event once; and tells what has fired.
//!
//! What was counted is noted together with the cursor, so that a node that dies has counted nothing, or has gone on. No
//! transaction is open while a webhook is called.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{Action, DbError, Event, Job, TenantTx, Worker, work::Housekeeping};
use elder_api_types::AuditEventId;
use elder_kernel::{TenantId, collection::Selection};
use elder_mail::MailId;
use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::{
    name_groups, opened,
    repository::{
        self, Stored,
        counting::{self, Look},
        marked,
    },
};
use crate::{
    Error,
    alert::{
        AuditAlert, AuditAlertChannel, AuditAlertFiring, AuditAlertGroup, AuditAlertId,
        count::{Group, Match, Rule},
        notice::{self, Notice},
    },
    event::service::selected,
    stream::Targets,
    tail::{self, Told},
};

/// Alerts that are looked after at once.
const AT_ONCE: i64 = 16;
/// Events of one batch.
const BATCH: u64 = 500;
/// Batches of one alert before another has its turn.
const BATCHES: usize = 20;
/// How long a node has an alert to itself: longer than a batch or a notice may take.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// Firings that one notice tells of.
const MOST_TOLD: i64 = 100;
/// The longest pause after failures.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 300;
/// How long it is remembered when an alert has fired.
const KEPT: TimeDelta = TimeDelta::days(90);
/// How long an address is known again, so that what follows is added to a firing: twice the longest window.
const KNOWN_AGAIN: TimeDelta = TimeDelta::days(2);

/// What a round has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watched {
    /// Events that were looked at, by each alert.
    pub events: u64,
    /// Notices that channels have taken.
    pub notices: usize,
    /// Notices that they have not.
    pub failed: usize,
}

/// Looks at what is new for every alert whose turn it is, and tells what has fired. To be called about once a second on
/// every node.
///
/// # Errors
/// [`Error`]; what was counted and told before is noted.
pub async fn watch_alerts(worker: &Worker, targets: &Targets) -> Result<Watched, Error> {
    let job = worker.job::<Housekeeping>();
    let lease = job.seam().now() + LEASE;
    let due = counting::take(job.platform().await?, AT_ONCE, lease).await?;
    let turns = due.into_iter().map(|(tenant, id)| turn(&job, targets, tenant, id));
    let mut whole = Watched::default();
    for watched in join_all(turns).await {
        let Watched { events, notices, failed } = watched?;
        whole.events += events;
        whole.notices += notices;
        whole.failed += failed;
    }
    Ok(whole)
}

/// Deletes what has fired long ago, and by what addresses were known again whose window is over.
///
/// # Errors
/// [`DbError`].
pub async fn forget_firings(worker: &Worker) -> Result<(), DbError> {
    let now = worker.seam().now();
    counting::forget(worker.job::<Housekeeping>().platform().await?, now - KEPT, now - KNOWN_AGAIN).await
}

/// The batches of one alert, and its notice.
async fn turn(
    job: &Job<Housekeeping>,
    targets: &Targets,
    tenant: TenantId,
    id: AuditAlertId,
) -> Result<Watched, Error> {
    let mut watched = Watched::default();
    for batch in 1..=BATCHES {
        let events = look(job, tenant, id, batch == BATCHES).await?;
        watched.events += events;
        if events < BATCH {
            break;
        }
    }
    match tell(job, targets, tenant, id).await? {
        Some(true) => watched.notices += 1,
        Some(false) => watched.failed += 1,
        None => {}
    }
    Ok(watched)
}

/// Looks at the next events of the log, and says how many places that were; none if all were looked at, or if the alert is
/// in other hands. Before the `last` batch of a turn it stays with this node.
async fn look(
    job: &Job<Housekeeping>,
    tenant: TenantId,
    id: AuditAlertId,
    is_last: bool,
) -> Result<u64, Error> {
    // By the role that sees this tenant alone.
    let tx = job.begin(tenant).await?;
    let Some(Stored { alert, counted, .. }) = repository::find(&tx, tenant, id).await? else { return Ok(0) };
    let from = alert.cursor.unsigned_abs();
    let to = from + alert.lag.unsigned_abs().min(BATCH);
    if !alert.is_active {
        return Ok(0);
    }
    let told = tail::between(&tx, from, to).await?;
    let missing = (to - from).saturating_sub(told.len() as u64);
    let selection = match selected(counted.as_deref()) {
        Ok(selection) => selection,
        // One of an earlier version, which this one does not read.
        Err(error) => {
            drop(tx);
            return failed(job, tenant, &alert, &error.to_string()).await.map(|_| 0);
        }
    };
    let since = told
        .iter()
        .filter_map(|told| moment(&told.event))
        .min()
        .map(|first| first - Rule::of(&alert).window());
    let matches: Vec<_> = told.iter().filter_map(|told| counts(&tx, &alert, &selection, told)).collect();
    let mut groups: BTreeMap<String, Group> =
        matches.iter().map(|(group, _)| (group.clone(), Group::default())).collect();
    counting::groups(&tx, tenant, id, &mut groups).await?;
    drop(tx);
    let rule = Rule::of(&alert);
    for (group, new) in matches {
        groups.entry(group).or_default().count(rule, new, || job.seam().id());
    }
    let is_done = is_last || to == from + alert.lag.unsigned_abs();
    let next = if is_done { job.seam().now() } else { job.seam().now() + LEASE };
    let look = Look { tenant, alert: &alert, to, missing, since, groups: &groups };
    let is_noted = counting::go_on(job.platform().await?, &look, next).await?;
    Ok(if is_noted { to - from } else { 0 })
}

/// The group and the place of an event that an alert counts. What alerts say themselves does not count: one that waits for
/// everything would tell of its own notices for ever.
fn counts(
    tx: &TenantTx<Housekeeping>,
    alert: &AuditAlert,
    selection: &Selection,
    Told { size, event }: &Told,
) -> Option<(String, Match)> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    if text("action") == Some(Action::AuditAlertNotified.name()) || !selection.admits(event) {
        return None;
    }
    let group = match alert.group_by {
        None => None,
        // An address lies nowhere but in events, under the keys of persons.
        Some(AuditAlertGroup::Ip) => text("actor_ip").map(|ip| marked(tx.mark(ip))),
        Some(AuditAlertGroup::Actor) => {
            text("actor_user_id").or_else(|| text("actor_key_id")).map(str::to_owned)
        }
    };
    let id = text("id")?.parse::<AuditEventId>().ok()?;
    Some((group.unwrap_or_default(), Match { seq: size - 1, event: id.uuid(), at: moment(event)? }))
}

fn moment(event: &Map<String, Value>) -> Option<DateTime<Utc>> {
    event.get("timestamp").and_then(Value::as_str)?.parse().ok()
}

/// Tells of what has fired, if the window since the last notice is over: whether the channel has taken it. None if there is
/// nothing to tell.
async fn tell(
    job: &Job<Housekeeping>,
    targets: &Targets,
    tenant: TenantId,
    id: AuditAlertId,
) -> Result<Option<bool>, Error> {
    let tx = job.begin(tenant).await?;
    let Some(stored) = repository::find(&tx, tenant, id).await? else { return Ok(None) };
    let (now, alert) = (tx.seam().now(), &stored.alert);
    if !alert.is_active || stored.next_notice_at > now {
        return Ok(None);
    }
    let mut firings = counting::untold(&tx, tenant, id, MOST_TOLD).await?;
    name_groups(&tx, &mut firings).await?;
    if firings.is_empty() {
        return Ok(None);
    }
    let notice = Notice { tenant, alert, firings: &firings, now };
    let secret = opened(&tx, &stored);
    drop(tx);
    let sent = match &alert.channel {
        AuditAlertChannel::Mail { to } => {
            let tx = job.begin(tenant).await?;
            match notice::write(&tx, to, &notice).await {
                Ok(mails) => return done(tx, &notice, &mails).await,
                Err(Error::Mail(elder_mail::Error::Database(error))) => return Err(error.into()),
                Err(error) => Err(error.to_string()),
            }
        }
        AuditAlertChannel::Webhook { url } => match secret {
            Ok(Some(secret)) => {
                notice::call(targets, url, &secret, &notice).await.map_err(|error| error.to_string())
            }
            _ => Err(Error::Broken.to_string()),
        },
    };
    match sent {
        Ok(()) => done(job.begin(tenant).await?, &notice, &[]).await,
        Err(why) => failed(job, tenant, alert, &why).await,
    }
}

/// Notes that a notice has gone, with the event that says so.
async fn done(
    tx: TenantTx<Housekeeping>,
    notice: &Notice<'_>,
    mails: &[MailId],
) -> Result<Option<bool>, Error> {
    let Notice { tenant, alert, firings, .. } = notice;
    let now = tx.seam().now();
    let next = now + Rule::of(alert).window();
    if !counting::tell(&tx, *tenant, alert, (now, next), mails).await? {
        return Ok(None);
    }
    counting::told(&tx, *tenant, firings, now).await?;
    tx.commit(said(alert, firings)).await?;
    Ok(Some(true))
}

fn said(alert: &AuditAlert, firings: &[AuditAlertFiring]) -> Event {
    let events: i64 = firings.iter().map(|firing| firing.events).sum();
    Event::on(Action::AuditAlertNotified, alert.id)
        .with("channel", alert.channel.kind())
        .with("firings", firings.len())
        .with("events", events)
}

/// Notes a failure; the next try comes after a pause that doubles.
async fn failed(
    job: &Job<Housekeeping>,
    tenant: TenantId,
    alert: &AuditAlert,
    why: &str,
) -> Result<Option<bool>, Error> {
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect();
    let doubled = 1_i64 << alert.failures.clamp(0, 16);
    let pause = TimeDelta::seconds(doubled).min(LONGEST_PAUSE);
    counting::failed(job.platform().await?, tenant, alert, &why, job.seam().now() + pause).await?;
    Ok(Some(false))
}
