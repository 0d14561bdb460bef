//! Writes what waits to the audit log, and keeps it in files while that cannot be done.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{Aside, Asides, Gatekeeper, WAITING, spill::Spill};
use crate::{
    database::{DbError, Opening, PlatformConn},
    event::{ADMIT_BODIES, BODY, KEEP_BODIES, RECORD_ASIDE},
    people::{Keys, Wanted},
};

/// Events that one statement writes at the most.
const BATCH: usize = 1_000;
/// How long the first of them waits for others.
const GATHER: Duration = Duration::from_millis(100);
/// How long they wait for each other while PostgreSQL is away, so that they make few files.
const GATHER_FOR_FILE: Duration = Duration::from_secs(5);
/// Between two looks at how many wait while a batch is written.
const LOOK: Duration = Duration::from_millis(50);
/// After how long a writing that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Writes until `stopped`, and then what is left.
pub(super) async fn run(
    keeper: Gatekeeper,
    settings: Asides,
    waiting: mpsc::Receiver<Aside>,
    mut stopped: watch::Receiver<bool>,
    lost: Arc<AtomicU64>,
) {
    let spill = Spill::open(settings.folder, settings.most_bytes);
    let mut writer =
        Writer { keeper, waiting, spill, lost, batch: Vec::new(), keys: Keys::new(), is_away: false };
    loop {
        let stops = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            () = writer.gather() => false,
        };
        if stops {
            return writer.finish().await;
        }
        writer.write(&stopped).await;
        writer.tell_of_losses();
    }
}

struct Writer {
    keeper: Gatekeeper,
    waiting: mpsc::Receiver<Aside>,
    spill: Spill,
    lost: Arc<AtomicU64>,
    /// What is not written yet.
    batch: Vec<Aside>,
    /// Keys for it that were remembered when it came: while PostgreSQL is away it waits for longer than they are.
    keys: Keys,
    is_away: bool,
}

impl Writer {
    /// Waits for events, or until what lies in files can be tried again. What it has taken it keeps if it is dropped.
    async fn gather(&mut self) {
        let (patience, most) = if self.is_away { (GATHER_FOR_FILE, WAITING / 4) } else { (GATHER, BATCH) };
        if self.batch.is_empty() {
            let first = if self.spill.is_empty() {
                self.waiting.recv().await
            } else {
                timeout(RETRY, self.waiting.recv()).await.ok().flatten()
            };
            let Some(first) = first else { return };
            self.push(first);
        }
        let end = Instant::now() + patience;
        while self.batch.len() < most {
            let Ok(Some(next)) = timeout_at(end, self.waiting.recv()).await else { return };
            self.push(next);
        }
    }

    /// Writes the batch, or puts it into a file; then what lies in files, unless the process is to end: that is safe there.
    async fn write(&mut self, stopped: &watch::Receiver<bool>) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            let rows = self.sealed(batch).await;
            match self.store_beside_the_buffer(&rows).await {
                Ok(()) => self.came_back(),
                Err(error) => {
                    self.went_away(&error);
                    self.keep(rows).await;
                    return;
                }
            }
        }
        let is_to_end = || *stopped.borrow();
        // Those that come meanwhile have their turn.
        while self.waiting.len() < BATCH
            && !is_to_end()
            && let Some(rows) = self.spill.oldest().await
        {
            if let Err(error) = self.store_beside_the_buffer(&rows).await {
                return self.went_away(&error);
            }
            self.came_back();
            self.spill.forget_oldest().await;
        }
    }

    /// Writes what is left, as far as it is to be had without waiting.
    async fn finish(mut self) {
        self.waiting.close();
        while let Some(next) = self.waiting.recv().await {
            self.push(next);
        }
        let batch = std::mem::take(&mut self.batch);
        let rows = self.sealed(batch).await;
        if let Err(error) = store(&self.keeper, &rows).await {
            self.went_away(&error);
            self.keep(rows).await;
        }
        self.tell_of_losses();
    }

    /// Meanwhile the buffer must not run full: where PostgreSQL is slower than the calls, they go to a file.
    async fn store_beside_the_buffer(&mut self, rows: &[Value]) -> Result<(), DbError> {
        let keeper = self.keeper.clone();
        let mut storing = pin!(store(&keeper, rows));
        loop {
            tokio::select! {
                stored = &mut storing => return stored,
                () = sleep(LOOK), if self.spill.has_room() => {}
            }
            if self.waiting.len() > WAITING / 2 {
                let mut taken = Vec::with_capacity(WAITING / 2);
                self.waiting.recv_many(&mut taken, WAITING / 2).await;
                let keys = keeper.people().remembered(&wanted(&keeper, &taken));
                self.keep(sealed_rows(&keeper, taken, keys).await).await;
            }
        }
    }

    /// The rows of events, with what is personal sealed. Where PostgreSQL gives no keys, under those that are remembered:
    /// what lies in files must not be open either.
    async fn sealed(&mut self, batch: Vec<Aside>) -> Vec<Value> {
        let wanted = wanted(&self.keeper, &batch);
        let mut keys = std::mem::take(&mut self.keys);
        // The buffer fills meanwhile.
        if let Ok(Ok(ensured)) = timeout(RETRY, ensure(&self.keeper, wanted.clone())).await {
            keys = ensured;
        } else {
            keys.extend(self.keeper.people().remembered(&wanted));
        }
        sealed_rows(&self.keeper, batch, keys).await
    }

    fn push(&mut self, aside: Aside) {
        if self.is_away {
            let people = self.keeper.people();
            self.keys.extend(people.remembered(&aside.wanted(people)));
        }
        self.batch.push(aside);
    }

    async fn keep(&mut self, rows: Vec<Value>) {
        let count = rows.len();
        if let Err(error) = self.spill.keep(rows).await {
            self.lost.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
            tracing::error!(%error, "audit events that PostgreSQL does not take could not be kept in a file");
        }
    }

    fn went_away(&mut self, error: &DbError) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::error!(%error, "calls and denials are not written to the audit log now: they wait in files");
        }
    }

    fn came_back(&mut self) {
        if std::mem::take(&mut self.is_away) {
            tracing::info!("calls and denials are written to the audit log again");
        }
    }

    fn tell_of_losses(&self) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::error!(
                lost,
                "calls and denials were not written to the audit log: there was no room for them"
            );
        }
    }
}

/// Whose keys events need.
fn wanted(keeper: &Gatekeeper, batch: &[Aside]) -> Wanted {
    batch.iter().flat_map(|aside| aside.wanted(keeper.people())).collect()
}

/// Bodies are read by a thread of their own: this one serves requests too.
async fn sealed_rows(keeper: &Gatekeeper, batch: Vec<Aside>, keys: Keys) -> Vec<Value> {
    let has_bodies = batch.iter().any(|aside| aside.said.is_some());
    let keeper = keeper.clone();
    let rows = move || batch.into_iter().map(|aside| aside.row(&keeper, &keys)).collect();
    if !has_bodies {
        return rows();
    }
    spawn_blocking(rows).await.unwrap_or_else(|error| {
        tracing::error!(%error, "calls were not written to the audit log: their bodies could not be read");
        Vec::new()
    })
}

/// The keys, made if need be. Most are remembered: those of who calls are read along with the credential.
async fn ensure(keeper: &Gatekeeper, wanted: Wanted) -> Result<Keys, DbError> {
    let keys = keeper.people().remembered(&wanted);
    if keys.len() == wanted.len() {
        return Ok(keys);
    }
    let conn = PlatformConn::take(keeper.platform_pool(), Opening { tenant: None, writes: true }).await?;
    let keys = keeper.people().ensure(&conn, wanted).await?;
    conn.finish("select", []).await?;
    keeper.people().remember(keys.clone());
    Ok(keys)
}

/// Writes rows, halving what PostgreSQL refuses until it is the one row that is at fault.
async fn store(keeper: &Gatekeeper, rows: &[Value]) -> Result<(), DbError> {
    let mut left: Vec<&[Value]> = rows.chunks(BATCH).rev().collect();
    while let Some(part) = left.pop() {
        match insert(keeper, part).await {
            Ok(()) => {}
            Err(error @ (DbError::Unavailable(_) | DbError::Contended(_))) => return Err(error),
            Err(error) if part.len() <= 1 => {
                tracing::error!(%error, "an event cannot be written to the audit log");
            }
            Err(_) => {
                let (first, second) = part.split_at(part.len() / 2);
                left.extend([second, first]);
            }
        }
    }
    Ok(())
}

async fn insert(keeper: &Gatekeeper, rows: &[Value]) -> Result<(), DbError> {
    let conn = PlatformConn::take(keeper.platform_pool(), Opening { tenant: None, writes: true }).await?;
    let (rows, bodies): (Vec<_>, Vec<_>) = rows.iter().map(apart).unzip();
    let bodies: Vec<_> = bodies.into_iter().flatten().collect();
    if !bodies.is_empty() {
        keep_bodies(&conn, bodies).await?;
    }
    conn.finish(RECORD_ASIDE, [Value::from(rows).into()]).await
}

/// A row, and apart from it the bodies of its call, if some are kept.
fn apart(row: &Value) -> (Value, Option<Value>) {
    let Some((event, [body])) = row.as_array().and_then(|values| values.split_at_checked(BODY)) else {
        return (row.clone(), None);
    };
    let place = event.iter().take(3).chain([body]).cloned().collect();
    (event.iter().cloned().collect(), Some(place))
}

async fn keep_bodies(conn: &PlatformConn, bodies: Vec<Value>) -> Result<(), DbError> {
    let tenants = bodies.iter().filter_map(|body| i32::try_from(body.get(0)?.as_i64()?).ok());
    let tenants: Vec<i32> = tenants.collect::<BTreeSet<_>>().into_iter().collect();
    let admitted = conn.raw_rows(ADMIT_BODIES, [tenants.into()]).await?;
    let admitted = admitted.iter().map(|row| row.get("tenant_id")).collect::<Result<Vec<i32>, _>>()?;
    conn.run_last(KEEP_BODIES, [Value::from(bodies).into(), admitted.into()]).await
}
