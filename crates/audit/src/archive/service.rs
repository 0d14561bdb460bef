//! The way of a month out of the log: planned, written, read back, and only then taken out. Each step is committed before the
//! next begins, and begins anew where it was cut short.

mod heartbeat;
mod repository;

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::{DateTime, Datelike as _, Months, NaiveTime, TimeDelta, Utc};
use elder_access::{
    Action, Event, Found, Job, TenantTx, Work, Worker,
    markers::AuditRead,
    work::{Housekeeping, Shell},
};
use elder_api_types::audit::AuditEvent;
use elder_crypto::{MasterKey, Sealer};
use elder_kernel::{TenantId, collection::Selection};
use futures_util::{StreamExt as _, stream::BoxStream};
use uuid::Uuid;

use self::repository::Open;
use super::{
    ArchiveError, AuditArchive, Store, StoreError,
    content::{Blank, Check, Head},
    file::{Reader, Writer},
    policy::Policy,
};
use crate::{
    Error, expiry,
    note::VerifierKey,
    places::Places,
    proof,
    verify::{self, Sealed, Signed, StoredLeaf},
};

/// Events that go or come at once.
const MOST: i64 = 20_000;
/// Places that are looked at for them: a whole month would be looked at again for each batch.
const WINDOW: usize = 50_000;
/// Leaves that are read at once.
const PAGE: u64 = 5_000;

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<AuditArchive>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

/// The archives of a tenant, for the shell.
///
/// # Errors
/// [`ArchiveError`].
pub async fn archives(job: &Job<Shell>, tenant: TenantId) -> Result<Vec<AuditArchive>, ArchiveError> {
    let tx = job.platform().await?;
    Ok(repository::all(&tx, tenant).await?)
}

/// Moves every month out of the logs that is due, and says how many archives came of it. One node at a time does it. A fault
/// of one tenant does not keep the others waiting.
///
/// # Errors
/// The first [`ArchiveError`]; what is begun goes on with the next call, and nothing has left the log that was not read back.
pub async fn archive(worker: &Worker, store: &Store) -> Result<u64, ArchiveError> {
    let job = worker.job::<Housekeeping>();
    let alone = job.platform().await?;
    if !repository::is_alone(&alone).await? {
        return Ok(0);
    }
    heartbeat::during(Box::pin(archive_all(worker, &job, store)), || repository::is_alone(&alone)).await
}

async fn archive_all(worker: &Worker, job: &Job<Housekeeping>, store: &Store) -> Result<u64, ArchiveError> {
    let (mut done, mut failed, mut fault) = (0, BTreeSet::new(), None);
    let tx = job.platform().await?;
    let unfinished = repository::unfinished(&tx).await?;
    let licensed = expiry::licensed(&tx, &worker.entitlements()).await?;
    let policies = repository::policies(&tx, licensed).await?;
    drop(tx);
    for open in unfinished {
        let tenant = open.tenant;
        match finish(job, store, open).await {
            Ok(count) => done += count,
            Err(error) => {
                failed.insert(tenant);
                fault.get_or_insert(error);
            }
        }
    }
    for policy in policies.iter().filter(|policy| !failed.contains(&policy.tenant)) {
        match all_due(job, store, policy).await {
            Ok(count) => done += count,
            Err(error) => {
                fault.get_or_insert(error);
            }
        }
    }
    fault.map_or(Ok(done), Err)
}

/// Moves all months of a tenant that are due.
async fn all_due(job: &Job<Housekeeping>, store: &Store, policy: &Policy) -> Result<u64, ArchiveError> {
    let Some(after_days) = policy.after_days else { return Ok(0) };
    let mut done = 0;
    for categories in policy.groups() {
        while let Some(open) = plan(job, policy.tenant, after_days, &categories).await? {
            done += finish(job, store, open).await?;
        }
    }
    Ok(done)
}

/// Plans the oldest month of some categories, if it is due as a whole.
async fn plan(
    job: &Job<Housekeeping>,
    tenant: TenantId,
    after_days: u32,
    categories: &[&'static str],
) -> Result<Option<Open>, ArchiveError> {
    let tx = job.platform().await?;
    let due = start_of_month(tx.seam().now() - TimeDelta::days(after_days.into()));
    let Some(oldest) = repository::oldest(&tx, tenant, categories, due).await? else { return Ok(None) };
    let from = start_of_month(oldest);
    let to = from.checked_add_months(Months::new(1)).unwrap_or(due);
    let (id, now) = (tx.seam().uuid(), tx.seam().now());
    repository::plan(tx, (tenant, id), categories, from..to, now).await?;
    let tx = job.platform().await?;
    Ok(repository::open(&tx, tenant, id).await?)
}

fn start_of_month(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}

/// Does all that is still to be done; 1 if it came to its end.
async fn finish(job: &Job<Housekeeping>, store: &Store, mut open: Open) -> Result<u64, ArchiveError> {
    if open.status == "planned" && !write(job, store, &mut open).await? {
        return Ok(0);
    }
    if open.status == "written" {
        verify_written(job, store, &mut open).await?;
    }
    for from in (open.first..=open.last).step_by(WINDOW) {
        while take_out(job, &open, from).await? > 0 {}
    }
    let now = job.seam().now();
    repository::set_archived(job.platform().await?, &open, now).await?;
    Ok(1)
}

/// The key of a tenant's archives; made with the first of them.
async fn make_key(job: &Job<Housekeeping>, tenant: TenantId) -> Result<(), ArchiveError> {
    let tx = job.platform().await?;
    if repository::key(&tx, tenant).await?.is_none() {
        let sealed = tx.seal(&place_of_key(tenant), &tx.seam().random.bytes::<32>());
        let now = tx.seam().now();
        repository::add_key(tx, tenant, sealed, now).await?;
    }
    Ok(())
}

fn place_of_key(tenant: TenantId) -> String {
    format!("{tenant}/audit_archive_keys/sealed")
}

async fn sealer<J: Work>(job: &Job<J>, tenant: TenantId) -> Result<Sealer, ArchiveError> {
    let tx = job.platform().await?;
    let sealed = repository::key(&tx, tenant).await?.unwrap_or_default();
    let key = MasterKey::from_bytes(&tx.unseal(&place_of_key(tenant), &sealed)?);
    Ok(Sealer::new(&key.map_err(|fault| ArchiveError::Key(tenant, fault))?, tx.seam().random.clone()))
}

/// What the parts of an archive are bound to.
fn place(open: &Open) -> String {
    format!("{}/audit_archives/{}", open.tenant, open.id)
}

/// Writes the file; false if the log does not have all any more that was planned.
async fn write(job: &Job<Housekeeping>, store: &Store, open: &mut Open) -> Result<bool, ArchiveError> {
    make_key(job, open.tenant).await?;
    let mut writer = Writer::new(sealer(job, open.tenant).await?, place(open))?;
    let mut upload = store.write(&open.object()).await?;
    let Some(head) = head(job, open).await? else { return Err(ArchiveError::Broken(open.tenant)) };
    writer.line(&head)?;
    let (tx, mut bytes, mut events, mut from) = (job.platform().await?, 0, 0, head.from);
    let (covering, note) = repository::covering(&tx, open).await?.ok_or(ArchiveError::Broken(open.tenant))?;
    while from < covering {
        let to = (from + PAGE).min(covering);
        let planned = repository::places(&tx, open, from..to).await?;
        for StoredLeaf { seq, hash, event, .. } in verify::leaves(&tx, open.tenant, from, to).await? {
            let leaf = hash.to_string();
            match event.filter(|_| planned.contains(&seq)) {
                Some((event, salt)) => {
                    let (tenant_id, leaf) = (open.tenant, Some(leaf));
                    writer.line(&Sealed { tenant_id, seq, event, salt, leaf, removal: None })?;
                    events += 1;
                }
                None => writer.line(&Blank { seq, leaf })?,
            }
        }
        let ready = writer.take();
        bytes += ready.len();
        Store::more(&mut upload, ready).await?;
        from = to;
    }
    writer.line(&Signed { checkpoint: note })?;
    let rest = writer.finish()?;
    bytes += rest.len();
    Store::more(&mut upload, rest).await?;
    Store::finish(upload).await?;
    drop(tx);
    let is_whole = events == open.events;
    if is_whole { "written" } else { "void" }.clone_into(&mut open.status);
    repository::set_written(job.platform().await?, open, bytes).await?;
    Ok(is_whole)
}

async fn head(job: &Job<Housekeeping>, open: &Open) -> Result<Option<Head>, ArchiveError> {
    let tx = job.begin(open.tenant).await?;
    let edge = proof::service::edge(&tx, open.tenant, open.first).await;
    let Ok(edge) = edge else { return Ok(None) };
    Ok(Some(Head {
        archive: open.id,
        tenant_id: open.tenant,
        month: open.month.clone(),
        categories: open.categories.clone(),
        from: open.first,
        edge: edge.iter().map(ToString::to_string).collect(),
    }))
}

/// An archive that is read, event by event as they are found to be what their leaves say.
struct Reading {
    stream: BoxStream<'static, Result<Bytes, StoreError>>,
    reader: Reader,
    check: Check,
}

impl Reading {
    async fn begin<J: Work>(job: &Job<J>, store: &Store, open: &Open) -> Result<Self, ArchiveError> {
        let keys = keys(job, open.tenant).await?;
        Ok(Self {
            reader: Reader::new(sealer(job, open.tenant).await?, place(open))?,
            check: Check::new(open.id, open.tenant, keys),
            stream: store.read(&open.object()).await?,
        })
    }

    /// The next events; none at the end of the file.
    async fn next(&mut self) -> Result<Option<Vec<(AuditEvent, Uuid)>>, ArchiveError> {
        let Some(bytes) = self.stream.next().await else { return Ok(None) };
        let text = self.reader.feed(&bytes?)?;
        let mut events = Vec::new();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            events.extend(self.check.line(serde_json::from_slice(line)?)?);
        }
        Ok(Some(events))
    }

    /// The places of all events, if the file is whole and leads to its checkpoint.
    fn end(self) -> Result<Places, ArchiveError> {
        self.reader.end()?;
        self.check.end()
    }
}

async fn keys<J: Work>(job: &Job<J>, tenant: TenantId) -> Result<Vec<VerifierKey>, ArchiveError> {
    let keys = verify::keys_for(&*job.platform().await?, tenant).await;
    keys.map_err(|_| ArchiveError::Unsound("the database has a key that is none"))
}

/// Reads back what was written, and compares it with the tree and with what was planned.
async fn verify_written(job: &Job<Housekeeping>, store: &Store, open: &mut Open) -> Result<(), ArchiveError> {
    let places = match whole(job, store, open).await {
        Ok(places) => places,
        // The events are still in the log: the next run writes them once more.
        Err(error) => {
            repository::set_planned(job.platform().await?, open).await?;
            return Err(error);
        }
    };
    if places.to_string() != open.places || places.count() != open.events {
        return Err(ArchiveError::Unsound("it has other events than those that were planned"));
    }
    let now = job.seam().now();
    repository::set_verified(job.platform().await?, open, now).await?;
    Ok(())
}

/// Reads an archive from its begin to its end.
async fn whole(job: &Job<Housekeeping>, store: &Store, open: &Open) -> Result<Places, ArchiveError> {
    let mut reading = Reading::begin(job, store, open).await?;
    while reading.next().await?.is_some() {}
    reading.end()
}

/// Takes events out of the log that are in a verified archive, and has the log say so; how many.
async fn take_out(job: &Job<Housekeeping>, open: &Open, from: u64) -> Result<u64, ArchiveError> {
    let tx = job.platform().await?;
    expiry::wait(&tx, open.tenant).await?;
    let (removal, now) = (tx.seam().uuid(), tx.seam().now());
    let places = from..from.saturating_add(WINDOW as u64);
    let recorded = repository::record(&tx, removal, open, (now, MOST), places).await?;
    let Some((category, events, digest)) = recorded else {
        return Ok(0);
    };
    let found = expiry::take(&tx, open.tenant, removal, events).await?;
    let event = Event::about(Action::AuditArchived, open.tenant.to_string())
        .with("removal", removal)
        .with("archive", open.id)
        .with("month", &open.month)
        .with("category", category)
        .with("events", events)
        .with("places", digest);
    tx.commit(open.tenant, event).await?;
    Ok(found)
}

/// Reads the archives of a month back, so that their events can be searched for so many days; how many events.
///
/// # Errors
/// [`ArchiveError`]; then nothing was restored.
pub async fn restore(
    job: &Job<Shell>,
    store: &Store,
    tenant: TenantId,
    month: &str,
    days: u32,
) -> Result<u64, ArchiveError> {
    let tx = job.platform().await?;
    let archives = repository::readable(&tx, tenant, month).await?;
    if archives.is_empty() {
        return Err(ArchiveError::NoArchive);
    }
    let until = tx.seam().now() + TimeDelta::days(days.into());
    let mut restored = 0;
    for open in &archives {
        let mut reading = Reading::begin(job, store, open).await?;
        while let Some(events) = reading.next().await? {
            for events in events.chunks(1_000) {
                restored += repository::restore(&tx, open, events).await?;
            }
        }
        reading.end()?;
        repository::set_restored(&tx, open, until).await?;
    }
    let event = Event::about(Action::AuditRestored, tenant.to_string())
        .with("month", month)
        .with("events", restored)
        .with("until", until);
    tx.commit(tenant, event).await?;
    Ok(restored)
}

/// Deletes archives whose events are past their time, by the retention that holds now, and restored copies whose days have
/// ended; how many archives. No archive of a tenant goes while any legal hold in it is in force.
///
/// # Errors
/// [`ArchiveError`].
pub async fn forget(worker: &Worker, store: &Store) -> Result<u64, ArchiveError> {
    let job = worker.job::<Housekeeping>();
    let now = job.seam().now();
    repository::forget_restored(job.platform().await?, now).await?;
    let tx = job.platform().await?;
    let licensed = expiry::licensed(&tx, &worker.entitlements()).await?;
    let (policies, archived) = (repository::policies(&tx, licensed).await?, repository::archived(&tx).await?);
    drop(tx);
    let mut forgotten = 0;
    for open in archived {
        let policy = policies.iter().find(|policy| policy.tenant == open.tenant);
        let days = policy.and_then(|policy| policy.longest(&open.categories));
        let Some(end) = days.and_then(|days| open.end.checked_add_signed(TimeDelta::days(days.into())))
        else {
            continue;
        };
        if end > now {
            continue;
        }
        let tx = job.platform().await?;
        expiry::wait(&tx, open.tenant).await?;
        if repository::has_hold(&tx, open.tenant).await? {
            continue;
        }
        store.delete(&open.object()).await?;
        repository::set_expired(&tx, &open, now).await?;
        let event = Event::about(Action::AuditArchiveExpired, open.tenant.to_string())
            .with("archive", open.id)
            .with("month", &open.month)
            .with("events", open.events);
        tx.commit(open.tenant, event).await?;
        forgotten += 1;
    }
    Ok(forgotten)
}
