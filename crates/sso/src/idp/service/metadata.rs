//! Keeps what providers say of themselves: read anew every day, and when one signs with a key that is not known; and watches
//! how long their certificates are good.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{
    Action, Authority, DbError, Event, Job, TenantTx, Worker, Write,
    work::{Housekeeping, Shell},
};
use elder_api_types::IdentityProviderId;
use elder_kernel::TenantId;

use super::{
    repository::{self, SealedSecret, upkeep},
    with_secret,
};
use crate::{
    Error, Providers,
    idp::{UsesIdps, description::describe, differences},
    protocol::WithSecret,
};

/// After how long metadata is read anew.
const READ_EVERY: TimeDelta = TimeDelta::days(1);
/// How soon it is read again for a key that is not known: whoever makes one up does not make Elder ask all the time.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);
/// How many days before a certificate ends somebody is told.
const TOLD_BEFORE: [i32; 3] = [1, 7, 30];

/// Reads the metadata anew that was read longest ago. What cannot be had, or describes another provider, changes nothing
/// and is tried again with the next call.
///
/// # Errors
/// [`DbError`].
pub async fn read_metadata_again(worker: &Worker, providers: &Providers) -> Result<(), DbError> {
    let before = worker.seam().now() - READ_EVERY;
    let due = upkeep::metadata_due(worker.job::<Housekeeping>().platform().await?, before).await?;
    for (tenant, id, url) in due {
        let read = async {
            let xml = providers.fetch_metadata(&url).await?;
            renew(worker.job::<Housekeeping>().begin(tenant).await?, id, &xml).await
        };
        if let Err(error) = read.await {
            tracing::warn!(%tenant, idp = %id, %error, "an identity provider's metadata was not read anew");
        }
    }
    Ok(())
}

/// Reads a provider's metadata anew because it has signed with a key that is not known, unless that was done a moment ago.
/// Says whether it was.
///
/// # Errors
/// As for every change.
pub(crate) async fn read_for_key<A>(
    tx: TenantTx<A>,
    providers: &Providers,
    known: &WithSecret,
) -> Result<Option<String>, Error>
where
    A: Authority<Mode = Write>,
{
    let Some(url) = known.idp.metadata_url.clone() else { return Ok(None) };
    let (id, now) = (known.idp.id, tx.seam().now());
    if !upkeep::claim_reading(&tx, tx.tenant(), id, (now, now - AGAIN_AFTER)).await? {
        return Ok(None);
    }
    tx.commit(Event::on(Action::IdpMetadataRead, id).with("because", "unknown_key")).await?;
    // Somebody waits for the page.
    providers.hurried().fetch_metadata(&url).await.map(Some)
}

/// Takes over what a provider says of itself now. It is never another provider than before.
pub(crate) async fn renew<A>(tx: TenantTx<A>, id: IdentityProviderId, xml: &str) -> Result<(), Error>
where
    A: Authority<Mode = Write> + UsesIdps,
{
    let tenant = tx.tenant();
    let old = repository::lock(&tx, tenant, id).await?.ok_or(Error::NotFound)?;
    let before = with_secret(&tx, id).await?.metadata;
    let mut new = old.clone();
    let certificates_end = describe(&mut new, Some(xml))?;
    let changes = differences(&old, &new);
    if !changes.is_empty() || before.as_deref() != Some(xml) {
        new.version += 1;
        new.updated_at = tx.seam().now();
        repository::update(&tx, tenant, &new, SealedSecret::Same, None).await.map_err(Error::of_idp)?;
    }
    repository::describe(&tx, tenant, id, (Some(xml), certificates_end), tx.seam().now()).await?;
    Ok(tx.commit(Event::on(Action::IdpMetadataRead, id).changed(changes)).await?)
}

/// Tells of the certificates of active providers that end within 30, 7 and 1 days: once each.
///
/// # Errors
/// [`DbError`].
pub async fn tell_of_certificates(worker: &Worker) -> Result<(), DbError> {
    let now = worker.seam().now();
    let within = now + TimeDelta::days(TOLD_BEFORE.last().copied().unwrap_or_default().into());
    let platform = worker.job::<Housekeeping>().platform().await?;
    for (tenant, id, end, told) in upkeep::certificates_ending(platform, within).await? {
        let Some(days) = due(end - now, told) else { continue };
        let tx = worker.job::<Housekeeping>().begin(tenant).await?;
        upkeep::note_told(&tx, tenant, id, days).await?;
        let event =
            Event::on(Action::IdpCertificateExpiring, id).with("ends_at", end).with("within_days", days);
        tx.commit(event).await?;
    }
    Ok(())
}

/// A provider whose certificates end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingCertificate {
    /// Whose provider it is.
    pub tenant: TenantId,
    /// The provider.
    pub idp: IdentityProviderId,
    /// Until when they are good.
    pub ends_at: DateTime<Utc>,
}

/// The active providers whose certificates end first, within so many days; ten at the most.
///
/// # Errors
/// [`DbError`].
pub async fn ending_certificates(job: &Job<Shell>, days: u32) -> Result<Vec<EndingCertificate>, DbError> {
    let within = job.seam().now() + TimeDelta::days(days.into());
    let tx = job.platform().await?;
    upkeep::ending(&tx, within).await
}

/// What is to be told of a certificate that is good for so long; none if that was told already.
fn due(left: TimeDelta, told: Option<i32>) -> Option<i32> {
    let days = TOLD_BEFORE.into_iter().find(|days| left <= TimeDelta::days((*days).into()))?;
    told.is_none_or(|told| days < told).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_26_the_end_of_a_certificate_is_told_30_7_and_1_days_before_and_once_each() {
        let days = TimeDelta::days;
        assert_eq!(due(days(31), None), None);
        assert_eq!(due(days(30), None), Some(30));
        assert_eq!(due(days(12), Some(30)), None);
        assert_eq!(due(days(7), Some(30)), Some(7));
        assert_eq!(due(TimeDelta::hours(20), Some(7)), Some(1));
        assert_eq!(due(TimeDelta::hours(20), None), Some(1));
        assert_eq!(due(-days(3), Some(1)), None);
    }
}
