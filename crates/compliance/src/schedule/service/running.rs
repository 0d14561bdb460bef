//! Has reports made whose time has come: each once, however many times were missed, and by the right of the schedule's owner.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{
    Action, DbError, Event, Feature, Job, TenantTx, Worker,
    work::{Housekeeping, Reporting},
};
use elder_api_types::{
    TenantId,
    compliance_report::{ComplianceReport, ComplianceReportKind, ComplianceReportState},
};

use super::{next, repository};
use crate::{
    Error,
    report::service as reports,
    schedule::{ComplianceSchedule, ComplianceScheduleId},
    template::service as templates,
};

/// Schedules that a round looks after.
const AT_ONCE: i64 = 50;
/// How long a report that was made on schedule is kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// What a schedule says whose owner is gone.
const OWNERLESS: &str =
    "its owner has no account, or may not have reports made any more: whoever sets it going again owns it";

/// Has every report made whose time has come, and says how many. To be called about once a minute on every node.
///
/// # Errors
/// [`DbError`]; what was made before stays.
pub async fn have_reports_made(worker: &Worker) -> Result<usize, DbError> {
    let due = repository::due(&worker.job::<Housekeeping>().platform().await?, AT_ONCE).await?;
    let job = worker.job::<Reporting>();
    let mut made = 0;
    for (tenant, id) in due {
        made += usize::from(run(worker, &job, tenant, id).await?);
    }
    Ok(made)
}

/// Why nothing was made of a run.
enum Missed {
    /// Something that the schedule is to say; the next run comes at its time.
    Because(String, DateTime<Utc>),
    Database(DbError),
}

impl From<DbError> for Missed {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

async fn run(
    worker: &Worker,
    job: &Job<Reporting>,
    tenant: TenantId,
    id: ComplianceScheduleId,
) -> Result<bool, DbError> {
    let tx = job.begin(tenant).await?;
    let Some(schedule) = repository::take(&tx, tenant, id, job.seam().now()).await? else { return Ok(false) };
    let may = match schedule.owner_id {
        Some(owner) => repository::may(&tx, tenant, owner).await?,
        None => false,
    };
    if !may {
        repository::pause(&tx, tenant, id, (OWNERLESS, job.seam().now())).await?;
        let event = Event::on(Action::ComplianceSchedulePaused, id).with("owner_id", schedule.owner_id);
        tx.commit(event).await?;
        return Ok(false);
    }
    match make(&tx, &schedule).await {
        Ok(event) => {
            tx.commit(event).await?;
            Ok(true)
        }
        Err(Missed::Database(error)) => Err(error),
        Err(Missed::Because(why, next)) => {
            drop(tx);
            tracing::warn!(%tenant, schedule = %id, why, "a report that was due was not made");
            let platform = worker.job::<Housekeeping>().platform().await?;
            repository::skip(platform, (tenant, id), next, &why).await?;
            Ok(false)
        }
    }
}

/// Asks for the report of a schedule, and notes when the next one comes.
async fn make(tx: &TenantTx<Reporting>, schedule: &ComplianceSchedule) -> Result<Event, Missed> {
    let now = tx.seam().now();
    let next = match next(tx, &repository::When::of(schedule)).await {
        Ok(next) => next,
        Err(Error::Database(error)) => return Err(error.into()),
        // The zone is known no more. It may come back.
        Err(error) => return Err(Missed::Because(error.to_string(), now + TimeDelta::days(1))),
    };
    let because = |why: String| Missed::Because(why, next);
    if !tx.covers(Feature::ComplianceReports) {
        return Err(because("the licence does not cover reports".to_owned()));
    }
    let Some(template) = templates::find(tx, schedule.template_id).await? else {
        return Err(because("its template is gone".to_owned()));
    };
    let (from, to) = if template.kind == ComplianceReportKind::Controls {
        (now, now)
    } else {
        templates::period(tx, &template, schedule.time_zone.as_str()).await?
    };
    let report = ComplianceReport {
        id: tx.seam().id(),
        kind: template.kind,
        framework: template.framework,
        organization_id: template.organization_id,
        user_id: template.user_id,
        from,
        to,
        format: template.format,
        state: ComplianceReportState::Queued,
        error: None,
        progress: 0,
        events: 0,
        size: 0,
        sha256: None,
        checkpoint: None,
        schedule_id: Some(schedule.id),
        created_at: now,
        created_by: schedule.owner_id,
        completed_at: None,
        expires_at: now + KEPT,
    };
    let (report, event) = match reports::keep(tx, report, Some(now)).await {
        Ok(kept) => kept,
        Err(Error::Database(error)) => return Err(error.into()),
        Err(error) => return Err(because(error.to_string())),
    };
    repository::ran(tx, tx.tenant(), schedule.id, (next, now, report.id)).await?;
    Ok(event)
}
