//! The poller, and the stream of one listener.

mod repository;

pub(crate) use repository::events as between;

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use elder_access::{DbError, Lasting, Worker, markers::AuditRead, work::Housekeeping};
use elder_kernel::{TenantId, collection::Selection};
use futures_util::{Stream, stream};
use serde_json::Value;

use super::{Listener, Tail, Told, listener::Heard};
use crate::Error;

/// Between two looks for what is new; the sealer seals once a second.
const POLL: Duration = Duration::from_millis(250);
/// Between two looks whether a stream may go on: so soon, and not later, does it end after what is believed has ended.
const LOOK: Duration = Duration::from_millis(100);
/// After so many looks without a word something is said, or proxies would end the stream.
const LOOKS_OF_SILENCE: u32 = 150;
/// Events that are read at once.
const PAGE: u64 = 200;

pub(super) async fn follow(tail: &Tail, worker: &Worker) {
    let mut is_over = tail.0.is_over.subscribe();
    let mut fails = false;
    loop {
        tokio::select! {
            _ = is_over.wait_for(|is_over| *is_over) => return,
            () = tokio::time::sleep(POLL) => (),
        }
        let known = heard_of(tail);
        if known.is_empty() {
            tokio::select! {
                _ = is_over.wait_for(|is_over| *is_over) => return,
                () = tail.0.somebody.notified() => continue,
            }
        }
        match tell(tail, worker, known).await {
            Ok(()) => fails = false,
            // Once, and not four times a second.
            Err(error) if !fails => {
                fails = true;
                tracing::warn!(%error, "what is new in the audit logs could not be told to those who listen");
            }
            Err(_) => {}
        }
    }
}

/// How much was told of each log that somebody listens to.
fn heard_of(tail: &Tail) -> Vec<(TenantId, u64)> {
    tail.logs().iter().filter_map(|(tenant, log)| Some((*tenant, log.told_until?))).collect()
}

async fn tell(tail: &Tail, worker: &Worker, known: Vec<(TenantId, u64)>) -> Result<(), DbError> {
    let job = worker.job::<Housekeeping>();
    let sizes = repository::sizes(&*job.platform().await?, known.iter().map(|(tenant, _)| *tenant)).await?;
    for (tenant, mut from) in known {
        let size = sizes.get(&tenant).copied().unwrap_or(0);
        while from < size {
            let to = (from + PAGE).min(size);
            // By the role that sees this tenant alone.
            let tx = job.begin(tenant).await?;
            let told = repository::events(&tx, from, to).await?;
            if let Some(log) = tail.logs().get_mut(&tenant) {
                log.told_until = Some(to);
                for told in told {
                    // Nobody may be listening any more.
                    let _heard = log.told.send(told);
                }
            }
            from = to;
        }
    }
    Ok(())
}

/// What a stream has said and has yet to say.
struct Teller {
    door: Lasting<AuditRead>,
    listener: Listener,
    selection: Selection,
    /// How much of the log was looked at.
    size: u64,
    /// How much of it there is to be read, because it was not told.
    goal: u64,
    waiting: VecDeque<Bytes>,
    silent: u32,
}

/// The stream of a listener who knows the log up to `since`, or else wants what comes from now on. It ends when the caller
/// would not be let in any more.
pub(super) async fn told(
    door: Lasting<AuditRead>,
    listener: Listener,
    selection: Selection,
    since: Option<u64>,
) -> Result<impl Stream<Item = Result<Bytes, DbError>> + use<>, Error> {
    let tx = door.begin().await?;
    let now = repository::size(&tx, tx.tenant()).await?;
    let size = since.map_or(now, |since| since.min(now));
    let greeting = Bytes::from(format!("retry: 2000\nid: {size}\n\n"));
    listener.knows(now);
    let waiting = VecDeque::from([greeting]);
    let teller = Teller { door, listener, selection, size, goal: now, waiting, silent: 0 };
    Ok(stream::unfold(Some(teller), |teller| async move {
        let mut teller = teller?;
        match teller.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(teller))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    }))
}

impl Teller {
    /// What is to be said next; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, DbError> {
        loop {
            if !self.door.is_still_open().await? {
                return Ok(None);
            }
            if let Some(bytes) = self.waiting.pop_front() {
                self.silent = 0;
                return Ok(Some(bytes));
            }
            if self.size < self.goal {
                self.read().await?;
                continue;
            }
            tokio::select! {
                heard = self.listener.hear() => match heard {
                    Heard::Event(told) if told.size == self.size + 1 => self.say(&told),
                    // What lies between, if it is new, was told before this one listened.
                    Heard::Event(told) => self.goal = self.goal.max(told.size),
                    Heard::Missed => {
                        let tx = self.door.begin().await?;
                        self.goal = repository::size(&tx, tx.tenant()).await?;
                    }
                    Heard::Over => return Ok(None),
                },
                () = tokio::time::sleep(LOOK) => self.silent += 1,
            }
            if self.silent >= LOOKS_OF_SILENCE {
                // The id goes along, so that who comes again need not have all that the filter held back read again.
                self.waiting.push_back(Bytes::from(format!(": nothing new\nid: {}\n\n", self.size)));
            }
        }
    }

    /// Reads the next page of what was not told: no more, so that a slow reader holds no more.
    async fn read(&mut self) -> Result<(), DbError> {
        let to = (self.size + PAGE).min(self.goal);
        let tx = self.door.begin().await?;
        for told in repository::events(&tx, self.size, to).await? {
            self.say(&told);
        }
        // What was taken away leaves a gap in what is read, and none in the numbers.
        self.size = to;
        Ok(())
    }

    fn say(&mut self, told: &Told) {
        self.size = told.size;
        if self.selection.admits(&told.event) {
            let data = Value::Object((*told.event).clone());
            let words = format!("id: {}\nevent: audit_event\ndata: {data}\n\n", told.size);
            self.waiting.push_back(Bytes::from(words));
        }
    }
}
