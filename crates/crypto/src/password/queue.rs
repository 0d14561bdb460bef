//! The bounded queue before the hashing threads; who stops waiting gives the place free.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use elder_kernel::Secret;
use tokio::sync::oneshot;

use super::arena::Arena;
use super::{Busy, RETRY_AFTER, Verdict};

/// One thing to do, and who waits for it.
pub(super) enum Job {
    Hash { password: Secret<String>, reply: oneshot::Sender<String> },
    Verify { password: Secret<String>, stored: Option<String>, reply: oneshot::Sender<Verdict> },
}

/// Jobs in the order of their coming.
pub(super) struct Queue {
    waiting: usize,
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// Threads that wait for a job: so many jobs more may be queued, for they don't wait.
    idle: usize,
    open: bool,
}

impl State {
    /// The first job that somebody waits for.
    fn next(&mut self) -> Option<Job> {
        while let Some(job) = self.jobs.pop_front() {
            if !job.is_abandoned() {
                return Some(job);
            }
        }
        None
    }
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Hash { reply, .. } => reply.is_closed(),
            Self::Verify { reply, .. } => reply.is_closed(),
        }
    }

    /// Answers. A caller who has gone meanwhile is no fault, so what `send` says doesn't matter.
    fn run(self, arena: &mut Arena) {
        match self {
            Self::Hash { password, reply } => {
                let _ = arena.hash(&password).map(|hash| reply.send(hash));
            }
            Self::Verify { password, stored, reply } => {
                let _ = reply.send(arena.verify(&password, stored.as_deref()));
            }
        }
    }
}

impl Queue {
    /// A queue in which `waiting` jobs may wait.
    pub(super) fn new(waiting: usize) -> Self {
        let state = State { jobs: VecDeque::new(), idle: 0, open: true };
        Self { waiting, state: Mutex::new(state), wake: Condvar::new() }
    }

    /// Lets a job wait, or says at once that there is no room.
    pub(super) fn push(&self, job: Job) -> Result<(), Busy> {
        let mut state = self.lock();
        if state.jobs.len() >= self.waiting + state.idle {
            state.jobs.retain(|job| !job.is_abandoned());
        }
        if !state.open || state.jobs.len() >= self.waiting + state.idle {
            return Err(Busy { retry_after: RETRY_AFTER });
        }
        state.jobs.push_back(job);
        self.wake.notify_one();
        Ok(())
    }

    /// Works until the queue is closed. Memory is wiped before it rests: a job that waits already writes over it.
    pub(super) fn work(&self, arena: &mut Arena) {
        let rest = |arena: &mut Arena| {
            arena.wipe();
            self.take()
        };
        while let Some(job) = self.ready().or_else(|| rest(arena)) {
            job.run(arena);
        }
    }

    /// How many jobs wait for which somebody still waits.
    pub(super) fn depth(&self) -> usize {
        self.lock().jobs.iter().filter(|job| !job.is_abandoned()).count()
    }

    /// Sends everybody away, threads and callers.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        state.jobs.clear();
        self.wake.notify_all();
    }

    /// A job that is there already.
    fn ready(&self) -> Option<Job> {
        self.lock().next()
    }

    /// The next job that somebody waits for; `None` once the queue is closed.
    fn take(&self) -> Option<Job> {
        let mut state = self.lock();
        state.idle += 1;
        while state.open {
            if let Some(job) = state.next() {
                state.idle -= 1;
                return Some(job);
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> (Job, oneshot::Receiver<String>) {
        let (reply, answer) = oneshot::channel();
        (Job::Hash { password: Secret::new(String::new()), reply }, answer)
    }

    #[test]
    fn a_full_queue_refuses_until_somebody_stops_waiting() {
        let queue = Queue::new(2);
        let (first, impatient) = job();
        let (second, _patient) = job();
        let (third, _refused) = job();
        let (fourth, _taken) = job();
        assert!(queue.push(first).is_ok() && queue.push(second).is_ok());
        assert_eq!(queue.push(third), Err(Busy { retry_after: RETRY_AFTER }));
        drop(impatient);
        assert_eq!(queue.depth(), 1);
        assert_eq!(queue.push(fourth), Ok(()));
        assert_eq!(queue.depth(), 2);
    }

    #[test]
    fn a_job_whose_caller_is_gone_is_skipped() {
        let queue = Queue::new(2);
        let (first, impatient) = job();
        let (second, mut patient) = job();
        assert!(queue.push(first).is_ok() && queue.push(second).is_ok());
        drop(impatient);
        let Some(Job::Hash { reply, .. }) = queue.take() else { panic!("a job waits") };
        reply.send("hash".to_owned()).unwrap();
        assert_eq!(patient.try_recv().unwrap(), "hash");
    }

    #[test]
    fn a_closed_queue_sends_everybody_away() {
        let queue = Queue::new(2);
        let (job, mut answer) = job();
        assert!(queue.push(job).is_ok());
        queue.close();
        assert!(queue.take().is_none());
        assert!(answer.try_recv().is_err());
        assert!(queue.push(self::job().0).is_err());
    }
}
