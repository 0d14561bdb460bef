//! Looks proofs up again: a domain that a tenant has lost must not go on letting people in (S-30).

use chrono::TimeDelta;
use elder_access::{Action, DbError, Event, Worker, work::Housekeeping};

use super::repository;
use crate::domain::{DomainResolver, Error};

/// After how long a proof is looked up again.
const CHECKED_EVERY: TimeDelta = TimeDelta::days(1);
/// How long a proof may be missing: who moves to other name servers has time to see that it was left behind.
const LOST_AFTER: TimeDelta = TimeDelta::days(7);

/// Looks up the proofs that were looked up longest ago. One that is missing is told of at once, and a week later the domain is
/// not verified any more. A server that does not answer is no proof of anything.
///
/// # Errors
/// [`DbError`].
pub async fn check_domains_again(worker: &Worker, resolver: &DomainResolver) -> Result<(), DbError> {
    let before = worker.seam().now() - CHECKED_EVERY;
    for (tenant, id, domain, proof) in
        repository::due(worker.job::<Housekeeping>().platform().await?, before).await?
    {
        let looked_up = resolver.find(&proof).await;
        let now = worker.seam().now();
        repository::checked(worker.job::<Housekeeping>().platform().await?, (tenant, id), now).await?;
        let tx = worker.job::<Housekeeping>().begin(tenant).await?;
        let what = match looked_up {
            Ok(()) => repository::found(&tx, tenant, id).await?.then_some(Action::DomainProofFound),
            Err(Error::ProofMissing { .. }) => {
                if repository::lost(&tx, tenant, id, now - LOST_AFTER).await? {
                    Some(Action::DomainLost)
                } else {
                    repository::missing(&tx, tenant, id, now).await?.then_some(Action::DomainProofMissing)
                }
            }
            Err(error) => {
                tracing::info!(%tenant, %domain, %error, "a domain's proof could not be looked up");
                None
            }
        };
        if let Some(action) = what {
            tx.commit(Event::on(action, id).with("domain", domain)).await?;
        }
    }
    Ok(())
}
