//! Audit events of what changes nothing: calls, and what was refused. They are written beside the requests, many at once.
//!
//! A request leaves its event in a bounded buffer and waits for nothing. What PostgreSQL does not take, or not fast enough,
//! goes to files and from there to the audit log when it does. A killed process loses what lay in the buffer: the last
//! tenth of a second, or five while PostgreSQL is away.

mod spill;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use elder_kernel::{AuditEvent, Id, Seam, TenantId};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::Gatekeeper;
use crate::{
    database::packed_row,
    event::{Context, Event},
    people::{Keys, People, Sealed, Wanted},
};

/// Events that may wait in memory.
const WAITING: usize = 32_768;

/// How calls and refusals are written down.
#[derive(Debug, Clone, Default)]
pub struct Asides {
    /// Whether calls are written at all; each tenant may still do without. Refusals always are.
    pub calls: bool,
    /// Where they wait while PostgreSQL does not take them; without it, in memory alone.
    pub folder: Option<PathBuf>,
    /// Bytes that may wait there.
    pub most_bytes: u64,
}

/// An event that is no change's.
pub(crate) struct Aside {
    pub(crate) tenant: TenantId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) id: Id<AuditEvent>,
    pub(crate) context: Context,
    pub(crate) event: Event,
}

/// Takes events, and has them written.
pub(crate) struct Buffer {
    sender: mpsc::Sender<Aside>,
    lost: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Buffer {
    pub(crate) fn start(keeper: &Gatekeeper, settings: &Asides) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        let (stop, stopped) = watch::channel(false);
        let lost = Arc::new(AtomicU64::default());
        let writing = writer::run(keeper.clone(), settings.clone(), waiting, stopped, lost.clone());
        let writer = Mutex::new(Some(elder_telemetry::spawn("audit of calls and denials", writing)));
        Self { sender, lost, stop, writer }
    }

    /// Takes an event; false if there is no room.
    pub(crate) fn take(&self, aside: Aside) -> bool {
        let taken = self.sender.try_send(aside).is_ok();
        if !taken {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// Takes no more, and returns when all that was taken is written, or in a file.
    pub(crate) async fn drain(&self) {
        self.stop.send_replace(true);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic was logged where it happened.
            let _ended = writer.await;
        }
    }
}

impl Aside {
    /// Whose keys it needs.
    fn wanted(&self, people: &People) -> Wanted {
        let (new, others) = self.context.wanted(&self.event, self.tenant, people);
        new.into_iter().chain(others).collect()
    }

    /// The values of its audit row and, if the world is told of it, of its outbox row. What is personal and whose key is not
    /// among `keys` is left out.
    fn row(&self, seam: &Seam, people: &People, keys: &Keys) -> serde_json::Value {
        let Self { tenant, at, id, context, event } = self;
        let sealed = Sealed::new(people, keys, *tenant, *id);
        packed_row(if event.action().is_told() {
            context.both_values(event, seam, (*at, *id), &sealed)
        } else {
            context.audit_values(event, *at, *id, &sealed)
        })
    }
}
