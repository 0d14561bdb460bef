//! One who listens: what comes next of a log, whether it was told or has to be read.

use elder_kernel::TenantId;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};

use super::{Tail, Told};

/// A place among the listeners of a log; it is given up with the value.
pub(crate) struct Listener {
    pub(super) tail: Tail,
    pub(super) tenant: TenantId,
    pub(super) told: broadcast::Receiver<Told>,
    pub(super) is_over: watch::Receiver<bool>,
}

/// What a listener hears.
pub(crate) enum Heard {
    /// The next event that was told.
    Event(Told),
    /// It was too slow: something was told that it has not heard.
    Missed,
    /// The node stops.
    Over,
}

impl Listener {
    /// Says how much of the log is known here: what is behind is to be told. Only after this does anybody poll for it, so
    /// that nothing lies between what was read and what is told.
    pub(crate) fn knows(&self, size: u64) {
        if let Some(log) = self.tail.logs().get_mut(&self.tenant) {
            log.told_until.get_or_insert(size);
        }
        self.tail.0.somebody.notify_one();
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        tokio::select! {
            _ = self.is_over.wait_for(|is_over| *is_over) => Heard::Over,
            told = self.told.recv() => match told {
                Ok(told) => Heard::Event(told),
                Err(RecvError::Lagged(_)) => Heard::Missed,
                Err(RecvError::Closed) => Heard::Over,
            },
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut logs = self.tail.logs();
        if let Some(log) = logs.get_mut(&self.tenant) {
            log.listeners -= 1;
            if log.listeners == 0 {
                logs.remove(&self.tenant);
            }
        }
    }
}
