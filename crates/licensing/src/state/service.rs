//! What is done with the licence: looking at it, installing one, taking the licence server's answer.

mod repository;

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use elder_access::{
    Action, Authority, Entitlements, Event, Feature, Job, Outcome, PlatformTx, Work, Worker,
    markers::LicenseRead,
    work::{Housekeeping, Shell},
};
use elder_api_types::license::{FeatureEntry, LicenseReport, LicenseSource, RefusedLicense};
use elder_kernel::TenantId;

use self::repository::Stored;
use super::{Applied, Error, Licensing, Row};
use crate::{
    license::{License, Refusal},
    standing::{Answer, Standing},
};

/// Where the answer of the licence server is sealed: nobody forges it by a statement.
const ANSWER: &str = "license_state/sealed_answer";

/// Rights by which the licence is seen.
pub trait SeesLicense: Authority {}
impl SeesLicense for LicenseRead {}
impl SeesLicense for Shell {}

/// The licence, as it stands now.
///
/// # Errors
/// [`Error`].
pub async fn report<A: SeesLicense>(
    licensing: &Licensing,
    tx: &PlatformTx<A>,
) -> Result<LicenseReport, Error> {
    let row = open(tx, repository::find(tx).await?)?;
    let Standing { entitlements, source, id, licensee, expires_at } =
        licensing.standing(&row, tx.seam().now());
    let entry = |feature: Feature| FeatureEntry {
        name: feature.name().to_owned(),
        entitled: entitlements.cover(feature),
    };
    Ok(LicenseReport {
        installation: row.installation,
        tier: entitlements.tier,
        phase: entitlements.phase,
        source,
        id,
        licensee,
        expires_at,
        ends_at: entitlements.ends_at,
        answered_at: row.answer.map(|(_, at)| at),
        warning: entitlements.warning.clone(),
        features: Feature::ALL.into_iter().map(entry).collect(),
        limits: entitlements.limits,
        refused: row.refused,
    })
}

/// Has this node obey what the database holds; to be called twice a second, so that every node does within one.
///
/// # Errors
/// [`Error`]; then the node believes what it did before.
pub async fn refresh(licensing: &Licensing, worker: &Worker) -> Result<(), Error> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let row = open(&tx, repository::find(&tx).await?)?;
    let now = tx.seam().now();
    let standing = licensing.standing(&row, now);
    let beyond = match standing.entitlements.limits.max_tenants.0 {
        Some(most) => repository::first_beyond(&tx, most).await?,
        None => None,
    };
    licensing.obey(Entitlements { first_beyond: beyond, ..standing.entitlements.clone() });
    let applied = Applied::of(&standing);
    let is_licensed = row.document.is_some() || row.answer.is_some();
    if is_licensed && applied != row.applied {
        return Ok(repository::apply(tx, &applied).await?);
    }
    Ok(repository::note_time(tx, row.latest_at, now).await?)
}

impl Licensing {
    /// Takes over what is covered, and says so in the log if something changes.
    fn obey(&self, covered: Entitlements) {
        let before = self.0.keeper.entitlements();
        let is_a_change = self.0.has_begun.swap(true, Ordering::Relaxed);
        if *before == covered {
            return;
        }
        let (tier, phase) = (covered.tier.name(), covered.phase.name());
        match &covered.warning {
            Some(warning) if before.warning.as_ref() != Some(warning) => {
                tracing::warn!(tier, phase, "{warning}");
            }
            _ if is_a_change && (before.tier, before.phase) != (covered.tier, covered.phase) => {
                tracing::info!(tier, phase, "the licence covers something else now");
            }
            _ => {}
        }
        self.0.keeper.entitle(covered);
    }
}

/// Installs a signed licence. None if it is the one that is installed already.
///
/// # Errors
/// [`Error::Refused`]: the former one stays, and the reason is written down.
pub async fn install<J: Work>(
    licensing: &Licensing,
    job: &Job<J>,
    document: &str,
) -> Result<Option<License>, Error> {
    match try_to_install(licensing, job, document.trim()).await {
        Err(Error::Refused(refusal)) => {
            note_refusal(job, &refusal).await?;
            Err(refusal.into())
        }
        installed => installed,
    }
}

/// Like [`install`], for the licence that is configured. One that is older than the one in force is passed over: another was
/// installed since.
///
/// # Errors
/// As for [`install`].
pub async fn offer<J: Work>(
    licensing: &Licensing,
    job: &Job<J>,
    document: &str,
) -> Result<Option<License>, Error> {
    match try_to_install(licensing, job, document.trim()).await {
        Err(Error::Refused(refusal @ Refusal::Older(_))) => {
            tracing::info!(%refusal, "the configured licence is passed over");
            Ok(None)
        }
        Err(Error::Refused(refusal)) => {
            note_refusal(job, &refusal).await?;
            Err(refusal.into())
        }
        installed => installed,
    }
}

async fn try_to_install<J: Work>(
    licensing: &Licensing,
    job: &Job<J>,
    document: &str,
) -> Result<Option<License>, Error> {
    let tx = job.platform().await?;
    let row = open(&tx, repository::lock(&tx).await?)?;
    let license = License::read(document, &licensing.0.trust.keys)?;
    let (place, now) = (licensing.place(row.installation), tx.seam().now().max(row.latest_at));
    if row.document.as_deref() == Some(document) && row.refused.is_none() {
        // It may have been installed while this was another place.
        return Ok(license.admit_place(place).map(|()| None)?);
    }
    license.admit(place, now)?;
    let former = row.document.as_deref().and_then(|former| licensing.verified(former));
    let former = former.filter(|former| former.admit_place(place).is_ok());
    if let Some(newer) = former.filter(|former| former.issued_at > license.issued_at) {
        return Err(Refusal::Older(newer.issued_at).into());
    }
    let event = installed(LicenseSource::File, Some(&license.id), Some(&license.licensee));
    let event = event.with("tier", license.terms.tier).with("expires_at", license.expires_at);
    let row = Row { document: Some(document.to_owned()), refused: None, ..row };
    let applied = Applied::of(&licensing.standing(&row, now));
    repository::keep_document(&tx, document, &applied).await?;
    tx.commit(TenantId::SYSTEM, event).await?;
    Ok(Some(license))
}

/// Takes what the licence server has answered.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn take_answer(
    licensing: &Licensing,
    job: &Job<Housekeeping>,
    answer: Answer,
) -> Result<(), Error> {
    let tx = job.platform().await?;
    let row = open(&tx, repository::lock(&tx).await?)?;
    let now = tx.seam().now();
    let is_known = row.refused.is_none() && row.answer.as_ref().is_some_and(|(known, _)| *known == answer);
    let sealed = tx.seal(ANSWER, &serde_json::to_vec(&answer).unwrap_or_default());
    let event = installed(LicenseSource::Server, answer.id.as_deref(), answer.licensee.as_deref())
        .with("tier", answer.terms.tier)
        .with("expires_at", answer.expires_at);
    let row = Row { answer: Some((answer, now)), refused: None, ..row };
    let applied = Applied::of(&licensing.standing(&row, now));
    // What is only confirmed is nobody's act.
    if is_known {
        return Ok(repository::renew_answer(tx, &sealed, now, &applied).await?);
    }
    repository::keep_answer(&tx, &sealed, now, &applied).await?;
    Ok(tx.commit(TenantId::SYSTEM, event).await?)
}

fn installed(source: LicenseSource, id: Option<&str>, licensee: Option<&str>) -> Event {
    Event::about(Action::LicenseInstalled, id.unwrap_or("licence"))
        .with("source", source)
        .with("licensee", licensee)
}

/// Writes down why a licence was not taken, unless that was the last thing that was written down.
pub(crate) async fn note_refusal<J: Work>(job: &Job<J>, refusal: &Refusal) -> Result<(), Error> {
    let (reason, detail) = (refusal.reason(), refusal.to_string());
    tracing::warn!(reason, detail, "a licence was not taken: the former one stays");
    let tx = job.platform().await?;
    let row = open(&tx, repository::lock(&tx).await?)?;
    if row.refused.is_some_and(|last| last.reason == reason && last.detail == detail) {
        return Ok(());
    }
    let at = tx.seam().now();
    repository::refuse(&tx, &RefusedLicense { reason: reason.to_owned(), detail: detail.clone(), at })
        .await?;
    let event = Event::about(Action::LicenseRefused, "licence")
        .ended(Outcome::Failure, reason)
        .with("detail", detail);
    Ok(tx.commit(TenantId::SYSTEM, event).await?)
}

/// Opens what is sealed of the row. An answer that somebody has written beside Elder is none.
fn open<A: Authority>(tx: &PlatformTx<A>, stored: Option<Stored>) -> Result<Row, Error> {
    let Stored { mut row, sealed } = stored.ok_or(Error::Missing)?;
    row.answer = sealed.and_then(|(sealed, at)| answer(tx, &sealed, at));
    Ok(row)
}

fn answer<A: Authority>(
    tx: &PlatformTx<A>,
    sealed: &[u8],
    at: DateTime<Utc>,
) -> Option<(Answer, DateTime<Utc>)> {
    let plain = tx.unseal(ANSWER, sealed).inspect_err(|error| {
        tracing::error!(%error, "the kept answer of the licence server is not used");
    });
    Some((serde_json::from_slice(&plain.ok()?).ok()?, at))
}

/// Holds for as long as the process: obeys what is installed here or by another node, within a second.
pub async fn follow(licensing: Licensing, worker: Worker) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut fails = false;
    loop {
        ticks.tick().await;
        match refresh(&licensing, &worker).await {
            Ok(()) => fails = false,
            // Once, and not twice a second.
            Err(error) if !fails => {
                fails = true;
                tracing::warn!(%error, "the licence was not looked at: this node believes what it did before");
            }
            Err(_) => {}
        }
    }
}

/// What this installation has been given, for who asks the licence server.
pub(crate) async fn installation(job: &Job<Housekeeping>) -> Result<uuid::Uuid, Error> {
    let tx = job.platform().await?;
    let stored = repository::find(&tx).await?.ok_or(Error::Missing)?;
    Ok(stored.row.installation)
}
