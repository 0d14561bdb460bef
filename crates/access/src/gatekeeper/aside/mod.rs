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

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use elder_kernel::{AuditEvent, Id, TenantId};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
};

use super::Gatekeeper;
use crate::{
    bodies::{Said, digest_of_body},
    database::packed_row,
    event::{BODY, Context, Event},
    people::{Keys, People, Sealed, Wanted},
};

/// Events that may wait in memory.
const WAITING: usize = 32_768;
/// Bytes of bodies that may wait in memory.
const WAITING_BYTES: usize = 16 << 20;

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
    /// What was sent and answered, if it is kept.
    pub(crate) said: Option<Said>,
}

/// Takes events, and has them written.
pub(crate) struct Buffer {
    sender: mpsc::Sender<Aside>,
    room: Arc<Semaphore>,
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
        Self { sender, room: Arc::new(Semaphore::new(WAITING_BYTES)), lost, stop, writer }
    }

    /// Takes an event; false if there is no room.
    pub(crate) fn take(&self, mut aside: Aside) -> bool {
        if let Some(said) = &mut aside.said {
            said.wait_in(&self.room);
        }
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

    /// The values of its audit row, if the world is told of it of its outbox row, and its bodies if some are kept. What is
    /// personal and whose key is not among `keys` is left out, and bodies are sealed.
    fn row(self, keeper: &Gatekeeper, keys: &Keys) -> Value {
        let Self { tenant, at, id, context, mut event, said } = self;
        let (seam, people) = (keeper.seam(), keeper.people());
        let body = said.and_then(|said| said.sealed(keeper.sealer(), tenant, id));
        if let Some(body) = &body {
            event = event.with("body", digest_of_body(body));
        }
        let sealed = Sealed::new(people, keys, tenant, id);
        let mut row = packed_row(if event.action().is_told() {
            context.both_values(&event, seam, (at, id), &sealed)
        } else {
            context.audit_values(&event, at, id, &sealed)
        });
        if let (Some(body), Value::Array(values)) = (body, &mut row) {
            values.resize(BODY, Value::Null);
            values.push(STANDARD.encode(body).into());
        }
        row
    }
}
