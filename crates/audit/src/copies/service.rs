//! A round: what each place has not got is read, and goes there.

mod repository;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Worker, work::Housekeeping};
use futures_util::future::join_all;

use super::{Copies, Copy, CopyError, Kept, Place};

pub(super) async fn send(copies: &mut Copies, worker: &Worker) -> Result<(), Vec<CopyError>> {
    let Copies(places) = copies;
    if places.is_empty() {
        return Ok(());
    }
    let due = due(places, worker).await.map_err(|error| {
        places.iter_mut().for_each(Kept::miss);
        vec![CopyError::from(error)]
    })?;
    let now = worker.seam().now();
    let rounds = places.iter_mut().zip(due).map(|(kept, due)| carry(kept, due, now));
    let faults: Vec<_> = join_all(rounds).await.into_iter().flatten().collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// What each place has not got. A log of which nothing is known there, or that was set back, begins with its newest.
async fn due(places: &[Kept], worker: &Worker) -> Result<Vec<Vec<Copy>>, DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let newest = repository::newest(&tx).await?;
    let mut due = Vec::with_capacity(places.len());
    for Kept { sent, .. } in places {
        let behind = newest.iter().filter_map(|&(tenant, size)| match sent.get(&tenant) {
            Some(&arrived) if arrived == size => None,
            Some(&arrived) if arrived < size => Some((tenant, arrived, size)),
            _ => Some((tenant, size - 1, size)),
        });
        due.push(repository::between(&tx, behind.collect()).await?);
    }
    Ok(due)
}

async fn carry(kept: &mut Kept, due: Vec<Copy>, now: DateTime<Utc>) -> Option<CopyError> {
    let fault = kept.take(&due, now).await.err();
    if fault.is_some() {
        kept.miss();
    } else {
        kept.missed = 0;
    }
    fault
}

impl Kept {
    async fn take(&mut self, due: &[Copy], now: DateTime<Utc>) -> Result<(), CopyError> {
        if let (Place::Bucket(bucket), false) = (&self.place, due.is_empty()) {
            bucket.ensure_lock().await?;
        }
        for some in due.chunks(self.place.at_once()) {
            self.place.take(some, now).await?;
            self.sent.extend(some.iter().map(|copy| (copy.tenant, copy.size)));
        }
        Ok(())
    }

    fn miss(&mut self) {
        self.missed = self.missed.saturating_add(1);
    }
}
