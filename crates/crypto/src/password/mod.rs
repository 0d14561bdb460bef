//! Password hashes: Argon2id on threads of its own, with a bounded queue before them.

mod arena;
mod foreign;
mod queue;
mod stolen;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

use argon2::Params;
use elder_kernel::{Random, Secret};
use tokio::sync::oneshot;

use arena::Arena;
pub use foreign::{ImportedHash, UnknownHash};
use queue::{Job, Queue};
pub use stolen::StolenPasswords;
use unicode_normalization::UnicodeNormalization as _;

/// How many jobs may wait for each thread: at 13–20 ms a hash the last one waits about 200 ms.
const WAITING_PER_THREAD: usize = 14;
/// A full queue is empty again well within a second.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The cost of a hash. The default is the least that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordParams(Params);

/// Parameters that are too weak, or so strong that one sign-in would stop the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passwords.{name} must be from {least} to {most}")]
pub struct InvalidParams {
    /// Which one.
    pub name: &'static str,
    /// The least value.
    pub least: u32,
    /// The greatest value.
    pub most: u32,
}

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The password is the right one.
    pub matches: bool,
    /// It is right, and its hash should be made again with today's parameters.
    pub needs_rehash: bool,
}

/// More passwords are waiting than can be hashed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are waiting to be checked")]
pub struct Busy {
    /// When a retry may succeed.
    pub retry_after: Duration,
}

/// The pool of hashing threads. Dropping it ends them.
pub struct PasswordHasher {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    stolen: Option<Arc<dyn StolenPasswords>>,
}

impl PasswordParams {
    /// Parameters of one's own.
    ///
    /// # Errors
    /// [`InvalidParams`] for less than 19 MiB, two passes or one lane (OWASP), and for the absurd.
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, InvalidParams> {
        let within = |name, value: u32, least, most| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(InvalidParams { name, least, most }) }
        };
        within("memory_kib", memory_kib, Params::DEFAULT_M_COST, arena::MOST_MEMORY_KIB)?;
        within("iterations", iterations, Params::DEFAULT_T_COST, arena::MOST_ITERATIONS)?;
        within("parallelism", parallelism, Params::DEFAULT_P_COST, arena::MOST_PARALLELISM)?;
        Params::new(memory_kib, iterations, parallelism, None).map(Self).map_err(|_| InvalidParams {
            name: "memory_kib",
            least: Params::DEFAULT_M_COST,
            most: arena::MOST_MEMORY_KIB,
        })
    }
}

impl Default for PasswordParams {
    fn default() -> Self {
        Self(Params::DEFAULT)
    }
}

impl PasswordHasher {
    /// Starts `threads` (one a core if not said), before which `waiting` jobs may queue.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        params: &PasswordParams,
        threads: Option<NonZeroUsize>,
        waiting: Option<NonZeroUsize>,
        random: &Random,
    ) -> io::Result<Self> {
        let threads = match threads {
            Some(threads) => threads.get(),
            None => thread::available_parallelism()?.get(),
        };
        let queue = Arc::new(Queue::new(waiting.map_or(threads * WAITING_PER_THREAD, NonZeroUsize::get)));
        let mut hasher = Self { queue, threads: Vec::with_capacity(threads), stolen: None };
        for number in 0..threads {
            let (queue, random, params) = (Arc::clone(&hasher.queue), random.clone(), params.0.clone());
            let work = move || queue.work(&mut Arena::new(params, random));
            hasher.threads.push(thread::Builder::new().name(format!("password-{number}")).spawn(work)?);
        }
        Ok(hasher)
    }

    /// The same, that knows which passwords were stolen.
    #[must_use]
    pub fn knowing(mut self, stolen: Arc<dyn StolenPasswords>) -> Self {
        self.stolen = Some(stolen);
        self
    }

    /// Whether a password is known to be stolen, so that nobody should choose it.
    pub async fn is_stolen(&self, password: &Secret<String>) -> bool {
        let Some(stolen) = &self.stolen else { return false };
        stolen.include(&Secret::new(password.expose().nfc().collect())).await
    }

    /// The hash of a password in the PHC string format. The password is normalised to NFC first.
    ///
    /// # Errors
    /// [`Busy`] at once when the queue is full.
    pub async fn hash(&self, password: Secret<String>) -> Result<String, Busy> {
        self.submit(|reply| Job::Hash { password, reply }).await
    }

    /// Compares a password with a stored hash. Without one (no such account) it takes the same time
    /// and doesn't match, and the same holds for a stored text that is no hash.
    ///
    /// # Errors
    /// [`Busy`] at once when the queue is full.
    pub async fn verify(&self, password: Secret<String>, stored: Option<String>) -> Result<Verdict, Busy> {
        self.submit(|reply| Job::Verify { password, stored, reply }).await
    }

    /// How many jobs wait now.
    pub fn queue_depth(&self) -> usize {
        self.queue.depth()
    }

    async fn submit<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Busy> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(job(reply))?;
        // The reply is lost only with the pool itself.
        answer.await.map_err(|_| Busy { retry_after: RETRY_AFTER })
    }
}

impl Drop for PasswordHasher {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
