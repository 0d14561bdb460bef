//! Notices when PostgreSQL says nothing any more, and stops waiting for it.
//!
//! A server that is frozen, or behind a network that swallows what it is sent, refuses nothing and ends nothing: whoever
//! has asked it waits for ever. A statement may rightly take long, so that a limit of its time cannot tell the two
//! apart. Another question can: once a second without any answer it is asked, over a connection of its own.

use std::{
    sync::{
        Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::lending::Lender;

/// Between two looks at whether those who wait were told anything.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How long the other question may take. Two looks and this are less than the five seconds that a request may hang.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of a server's silence.
pub(super) struct Silence {
    answers: AtomicU64,
    reigns: watch::Sender<bool>,
    lines: Mutex<Vec<AbortHandle>>,
}

impl Silence {
    pub(super) fn new() -> Self {
        Self { answers: AtomicU64::default(), reigns: watch::Sender::new(false), lines: Mutex::default() }
    }

    /// A statement was answered, on any connection.
    pub(super) fn broken(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the server says nothing, not even to another question.
    pub(super) fn reigns(&self) -> bool {
        *self.reigns.borrow()
    }

    /// Returns once the server says nothing.
    pub(super) async fn begins(&self) {
        let mut reigns = self.reigns.subscribe();
        // The sender is here, so that waiting cannot fail.
        let _begun = reigns.wait_for(|reigns| *reigns).await.map(drop);
    }

    /// Remembers what reads a connection.
    pub(super) fn remember(&self, line: AbortHandle) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| !line.is_finished());
        lines.push(line);
    }

    fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Hangs up with every connection: whoever waits for an answer gets an error.
    fn fall(&self) {
        self.reigns.send_replace(true);
        for line in self.lines.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            line.abort();
        }
    }

    fn end(&self) {
        self.reigns.send_if_modified(|reigns| std::mem::replace(reigns, false));
    }
}

/// Watches over the connections of `lender` until they are closed or gone.
pub(super) async fn watch(lender: Weak<Lender>) {
    let mut known = 0;
    loop {
        sleep(BETWEEN_LOOKS).await;
        let Some(lender) = lender.upgrade().filter(|lender| !lender.is_closed()) else { return };
        let silence = lender.silence();
        let (before, reigned) = (silence.answers(), silence.reigns());
        let waited_in_vain = lender.lent() > 0 && before == known;
        known = before;
        if !waited_in_vain && !reigned {
            continue;
        }
        // A server that refuses has spoken, and what waits for it will hear of that.
        let says_nothing = timeout(PATIENCE, lender.ask()).await.is_err();
        if says_nothing && silence.answers() == before {
            if !reigned {
                tracing::error!(
                    "PostgreSQL says nothing: its connections are closed, and requests refused until it does"
                );
            }
            silence.fall();
        } else if reigned {
            tracing::info!("PostgreSQL answers again");
            silence.end();
        }
    }
}
