//! The live tail: events of a log as they are sealed, to whoever listens.
//!
//! One poller a node asks for what is new of all logs that somebody listens to, reads it once, and hands it to every
//! listener. The order is that of the log, which has no gap: by it a listener knows what it has missed, and reads that.

mod listener;
pub(crate) mod routes;
mod service;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use elder_access::Worker;
use elder_api_types::audit::AuditEvent;
use elder_kernel::TenantId;
use serde_json::{Map, Value};
use tokio::sync::{Notify, broadcast, watch};

pub(crate) use listener::Listener;
pub(crate) use service::between;

/// Listeners that a tenant may have at a node.
const MOST_OF_TENANT: usize = 5;
/// Listeners of all tenants at a node.
const MOST: usize = 100;
/// Events that wait for a listener who is slow; who falls behind further reads them from the database.
const WAITING: usize = 512;

/// What a node tells of its logs. One for the process; cheap to clone.
#[derive(Clone)]
pub struct Tail(Arc<Hub>);

struct Hub {
    logs: Mutex<BTreeMap<TenantId, Log>>,
    somebody: Notify,
    is_over: watch::Sender<bool>,
}

/// A log that somebody listens to.
struct Log {
    told: broadcast::Sender<Told>,
    /// How much of it was told; none until a listener has said from where on.
    told_until: Option<u64>,
    listeners: usize,
}

/// An event, and how large the log is with it.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) size: u64,
    pub(crate) event: Arc<Map<String, Value>>,
}

/// Too many are listening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Told {
    fn of(seq: u64, event: &AuditEvent) -> Self {
        let Ok(Value::Object(event)) = serde_json::to_value(event) else {
            return Self { size: seq + 1, event: Arc::default() };
        };
        Self { size: seq + 1, event: Arc::new(event) }
    }
}

impl Default for Tail {
    fn default() -> Self {
        let (is_over, _) = watch::channel(false);
        Self(Arc::new(Hub { logs: Mutex::default(), somebody: Notify::new(), is_over }))
    }
}

impl Tail {
    /// Tells listeners what is new, until the node stops. While nobody listens, nothing is asked.
    pub async fn follow(self, worker: Worker) {
        service::follow(&self, &worker).await;
    }

    /// Ends every stream: a node that stops waits for none of them.
    pub fn close(&self) {
        self.0.is_over.send_replace(true);
    }

    /// Listens to a log.
    fn listen(&self, tenant: TenantId) -> Result<Listener, Full> {
        let mut logs = self.logs();
        let all: usize = logs.values().map(|log| log.listeners).sum();
        let of_tenant = logs.get(&tenant).map_or(0, |log| log.listeners);
        if all >= MOST || of_tenant >= MOST_OF_TENANT {
            return Err(Full);
        }
        let log = logs.entry(tenant).or_insert_with(|| Log {
            told: broadcast::channel(WAITING).0,
            told_until: None,
            listeners: 0,
        });
        log.listeners += 1;
        let told = log.told.subscribe();
        Ok(Listener { tail: self.clone(), tenant, told, is_over: self.0.is_over.subscribe() })
    }

    fn logs(&self) -> MutexGuard<'_, BTreeMap<TenantId, Log>> {
        self.0.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
