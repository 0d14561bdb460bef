//! Lends a bounded number of connections, and to each thread those first that it drives itself.
//!
//! A connection is read and written by the runtime that made it, and every worker of the HTTP server is a runtime with
//! one thread. A borrower on another thread wakes that one for each query and is woken by it in turn, and what was
//! meant to leave in one flush leaves in parts, each of which wakes PostgreSQL too.

use std::{
    error::Error as _,
    io,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use deadpool_postgres::{ClientWrapper, Connect};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_postgres::Config;

use super::silence::Silence;

/// How long a caller waits who found the socket crowded.
const UNTIL_NEXT_TRY: Duration = Duration::from_millis(20);

/// Connections of one kind: those that wait to be lent, and the right to have more.
pub(super) struct Lender {
    connect: Box<dyn Connect>,
    config: Config,
    most: usize,
    patience: Duration,
    places: Arc<Semaphore>,
    /// The one that came back last is the last.
    idle: Mutex<Vec<Arc<Line>>>,
    waiting: AtomicUsize,
    silence: Silence,
}

/// A connection, and the thread that drives it.
struct Line {
    client: ClientWrapper,
    home: ThreadId,
}

/// A connection that is lent until this is dropped.
pub(crate) struct Lent {
    line: Arc<Line>,
    lender: Arc<Lender>,
    comes_back: bool,
    /// Given free last: whoever waits for it finds the connection.
    _place: OwnedSemaphorePermit,
}

/// Why no connection is to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLent {
    /// All of them are in use.
    #[error("no connection to the database became free in time")]
    Busy,
    /// PostgreSQL says nothing.
    #[error("no connection to the database was made in time")]
    Slow,
    /// PostgreSQL has said nothing for a while, not even to another question.
    #[error("the database says nothing")]
    Silent,
    /// The pool was closed.
    #[error("the connections to the database are being closed")]
    Closed(#[from] AcquireError),
    /// PostgreSQL says no.
    #[error(transparent)]
    Refused(#[from] tokio_postgres::Error),
}

impl Lender {
    /// Has at most `most` connections; to get one, a caller waits for `patience` and for as long again to make it.
    pub(super) fn new(connect: Box<dyn Connect>, config: Config, most: usize, patience: Duration) -> Self {
        let places = Arc::new(Semaphore::new(most));
        let (idle, waiting) = (Mutex::default(), AtomicUsize::default());
        Self { connect, config, most, patience, places, idle, waiting, silence: Silence::new() }
    }

    /// Lends a connection, or makes one.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, NotLent> {
        let place = self.place().await?;
        if self.silence.reigns() {
            return Err(NotLent::Silent);
        }
        let line = match self.idle_for(thread::current().id()) {
            Some(line) => line,
            None => Arc::new(self.make_in_time().await?),
        };
        Ok(Lent { line, lender: self.clone(), comes_back: true, _place: place })
    }

    /// Connections that are open, idle and waited for.
    pub(super) fn status(&self) -> (usize, usize, usize) {
        let idle = self.idle().len();
        (idle + self.lent(), idle, self.waiting.load(Ordering::Relaxed))
    }

    /// Ends every idle connection, every other when it comes back, and lends none any more.
    pub(super) fn close(&self) {
        self.places.close();
        self.idle().clear();
    }

    /// Whether none is lent any more.
    pub(super) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// What is known of PostgreSQL's silence.
    pub(super) fn silence(&self) -> &Silence {
        &self.silence
    }

    /// Asks PostgreSQL for a sign of life over a new connection.
    pub(super) async fn ask(&self) -> Result<(), tokio_postgres::Error> {
        self.make().await?.client.simple_query("select 1").await.map(drop)
    }

    /// How many are in use.
    pub(super) fn lent(&self) -> usize {
        self.most.saturating_sub(self.places.available_permits())
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, NotLent> {
        let _waiting = Waiting::begin(&self.waiting);
        let place = timeout(self.patience, self.places.clone().acquire_owned()).await;
        Ok(place.map_err(|_| NotLent::Busy)??)
    }

    /// One that this thread drives; if there can be no more of them, any. The caller has a place, so that those which
    /// are lent count one that is still looked for.
    fn idle_for(&self, here: ThreadId) -> Option<Arc<Line>> {
        let mut idle = self.idle();
        idle.retain(|line| !line.client.is_closed());
        match idle.iter().rposition(|line| line.home == here) {
            Some(at) => Some(idle.remove(at)),
            None if idle.len() + self.lent() > self.most => Some(idle.remove(0)),
            None => None,
        }
    }

    async fn make_in_time(&self) -> Result<Line, NotLent> {
        tokio::select! {
            made = timeout(self.patience, self.make()) => Ok(made.map_err(|_| NotLent::Slow)??),
            () = self.silence.begins() => Err(NotLent::Silent),
        }
    }

    /// Tries again as long as the caller has patience where a socket's queue is full: over TCP the kernel would wait.
    async fn make(&self) -> Result<Line, tokio_postgres::Error> {
        let (client, driver) = loop {
            match self.connect.connect(&self.config).await {
                Err(error) if is_crowded(&error) => sleep(UNTIL_NEXT_TRY).await,
                made => break made?,
            }
        };
        self.silence.remember(driver.abort_handle());
        Ok(Line { client: ClientWrapper::new(client, driver), home: thread::current().id() })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Line>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether too many knock at PostgreSQL's socket at once.
fn is_crowded(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::WouldBlock)
}

impl Lent {
    /// Ends the connection instead of giving it back.
    pub(super) fn discard(mut self) {
        self.comes_back = false;
    }

    /// PostgreSQL has answered.
    pub(crate) fn heard(&self) {
        self.lender.silence.broken();
    }
}

impl Deref for Lent {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.line.client
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = self.lender.idle();
        if self.comes_back && !self.lender.is_closed() {
            idle.push(self.line.clone());
        }
    }
}

/// Counts a caller as waiting for as long as it lives, also if the caller goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
