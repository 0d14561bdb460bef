//! Writes the file of an export: events in pages by keyset.
//!
//! The file is of what one checkpoint covers. All of that is committed and none of it changes, so that reading by time
//! misses nothing that commits late, and a second attempt finds the same events.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Worker, work::Housekeeping};
use elder_api_types::{audit::AuditProof, audit_export::AuditExport};
use elder_kernel::{
    AuditExport as Kind, TenantId,
    collection::{Operand, Selection},
};
use tokio::task::spawn_blocking;

pub(crate) use super::repository::Placed;
use super::{SHELF, repository};
use crate::{
    Error,
    event::service::selected,
    export::{
        AuditExportId,
        format::{self, Entry, Format},
    },
    file::{self, Begun, Pen, Stopped, WriteError, Written},
    proof::service::Paths,
};

/// An export whose writing has begun.
pub(crate) struct Exporting {
    pub(crate) export: AuditExport,
    pub(crate) begun: Begun,
}

/// Writes the file of an export that waits for it, from its beginning.
///
/// # Errors
/// [`WriteError`] if it is to be tried again, after a pause.
pub async fn write_export(
    worker: &Worker,
    tenant: TenantId,
    id: AuditExportId,
) -> Result<Written, WriteError> {
    file::write(worker, &SHELF, (tenant, id), |begun, pen| async move {
        let exporting = Exporting { export: repository::shown(&begun.row)?, begun };
        let attempt =
            Attempt { worker, tenant, paths: Paths::to(exporting.begun.sealed), pen, events: 0, exporting };
        attempt.write().await
    })
    .await
}

/// One attempt, and how far it has come.
struct Attempt<'a> {
    worker: &'a Worker,
    tenant: TenantId,
    exporting: Exporting,
    paths: Paths,
    pen: Pen<'a, Kind>,
    events: i64,
}

impl Attempt<'_> {
    async fn write(mut self) -> Result<(), Stopped> {
        let given_up = |error: Error| Stopped::GivenUp(error.to_string());
        let export = &self.exporting.export;
        let mut selection = selected(export.filter.as_deref()).map_err(given_up)?;
        let (from, to) = (export.from.unwrap_or(DateTime::UNIX_EPOCH), export.to);
        let mut form = format::of(self.tenant, &self.exporting);
        form.begin(&mut self.pen.rest)?;
        let mut first = None;
        loop {
            let (entries, next) = self.page((from, to), &selection).await?;
            first = first.or_else(|| entries.first().map(|entry| entry.event.timestamp));
            let reached = first.zip(entries.last().map(|entry| entry.event.timestamp));
            self.events += i64::try_from(entries.len()).unwrap_or(i64::MAX);
            form.add(entries, &mut self.pen.rest)?;
            self.pen.keep_full(progress(reached, to), self.events).await?;
            let Some(next) = next else { break };
            if !selection.continue_behind(next) {
                return Err(Stopped::GivenUp("the list of events has no place to go on from".to_owned()));
            }
        }
        self.pen.rest = ended(form, std::mem::take(&mut self.pen.rest)).await?;
        self.pen.complete(self.events).await
    }

    /// The next events that the checkpoint covers, and where the ones behind them begin.
    async fn page(
        &mut self,
        period: (DateTime<Utc>, DateTime<Utc>),
        selection: &Selection,
    ) -> Result<(Vec<Entry>, Option<Vec<Operand>>), Stopped> {
        let Exporting { export, begun } = &self.exporting;
        // By the role that sees this tenant alone.
        let tx = self.worker.job::<Housekeeping>().begin(self.tenant).await?;
        let found = repository::events(&tx, self.tenant, period, selection).await?;
        let sealed = found.rows.into_iter().filter_map(|Placed { event, salt, seq }| {
            let seq = seq.filter(|seq| *seq < begun.sealed)?;
            Some((event, salt, seq))
        });
        let sealed: Vec<_> = sealed.collect();
        let note = export.checkpoint.as_deref().filter(|_| export.proofs);
        let Some(note) = note else {
            let mut sealed = sealed;
            tx.open_personal(sealed.iter_mut().map(|(event, ..)| event)).await?;
            let bare = sealed.into_iter().map(|(event, _, seq)| Entry { event, seq, proof: None });
            return Ok((bare.collect(), found.next));
        };
        let proven = self.paths.prove(&tx, sealed, note).await;
        let proven = proven.map_err(|error| Stopped::Later(WriteError::Proofs(error)))?;
        let entry = |proof: AuditProof| Entry {
            event: proof.event.clone(),
            seq: proof.seq,
            proof: Some(Box::new(proof)),
        };
        Ok((proven.into_iter().map(entry).collect(), found.next))
    }
}

/// Pages are set when all events are there, which takes a second or two of a processor: beside what answers requests.
async fn ended(form: Box<dyn Format>, mut out: Vec<u8>) -> Result<Vec<u8>, Stopped> {
    let ending = spawn_blocking(move || form.end(&mut out).map(|()| out));
    match ending.await {
        Ok(out) => Ok(out?),
        Err(ended) => Err(DbError::defect(ended).into()),
    }
}

/// How much of the time from the first event on is written, in percent; the last one is for the end.
fn progress(reached: Option<(DateTime<Utc>, DateTime<Utc>)>, to: DateTime<Utc>) -> i32 {
    let Some((first, reached)) = reached else { return 0 };
    let whole = (to - first).num_seconds().max(1);
    let percent = (reached - first).num_seconds().saturating_mul(100) / whole;
    i32::try_from(percent.clamp(0, 99)).unwrap_or(99)
}
