//! Tells those for whom reports are made on schedule: by mail with a link, or by a signed message. The report itself stays
//! where it is, and is fetched with a right to it.

use chrono::TimeDelta;
use elder_access::{
    Action, DbError, Event, Job, TenantTx, Worker,
    work::{Housekeeping, Reporting},
};
use elder_api_types::{TenantId, UserId};
use elder_audit::Targets;
use elder_mail::{Content, NewMail};
use serde_json::json;

use super::{
    opened, repository,
    repository::{Stored, waiting},
};
use crate::{
    report::{self, ComplianceReport, ComplianceReportId, ComplianceReportState},
    schedule::{ComplianceScheduleId, ReportDelivery},
};

/// Reports that a round looks after.
const AT_ONCE: i64 = 50;
/// How long a node has a report to itself: longer than a message may take.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How often it is tried; with pauses that double, for about a day.
const MOST_TRIES: i32 = 12;
/// The first pause.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 300;

/// What a round has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Reports of which those were told who are to be.
    pub reports: usize,
    /// Reports of which they could not be told.
    pub failed: usize,
}

/// Tells of every report that is done and of which nobody was told yet. To be called often on every node; `public_url` is
/// where the world reaches this installation.
///
/// # Errors
/// [`DbError`]; who was told before stays told.
pub async fn tell_of_reports(worker: &Worker, targets: &Targets, public_url: &str) -> Result<Told, DbError> {
    let lease = worker.seam().now() + LEASE;
    let platform = worker.job::<Housekeeping>().platform().await?;
    let found = waiting::waiting(platform, AT_ONCE, lease).await?;
    let desk = Desk { worker, job: worker.job::<Reporting>(), targets, public_url };
    let mut told = Told::default();
    for (tenant, id) in found {
        match desk.tell(tenant, id).await? {
            Some(true) => told.reports += 1,
            Some(false) => told.failed += 1,
            None => {}
        }
    }
    Ok(told)
}

/// Where it is told from.
struct Desk<'a> {
    worker: &'a Worker,
    job: Job<Reporting>,
    targets: &'a Targets,
    public_url: &'a str,
}

impl Desk<'_> {
    /// Whether it could be told; none if nobody is to be.
    async fn tell(&self, tenant: TenantId, id: ComplianceReportId) -> Result<Option<bool>, DbError> {
        let tx = self.job.begin(tenant).await?;
        let Some(report) = report::service::find(&tx, id).await? else { return Ok(None) };
        let stored = match report.schedule_id {
            Some(schedule) => repository::find(&tx, tenant, schedule).await?,
            None => None,
        };
        let Some(stored) = stored else {
            drop(tx);
            waiting::silence(self.platform().await?, tenant, id).await?;
            return Ok(None);
        };
        let schedule = stored.schedule.id;
        if let (ComplianceReportState::Failed, Some(why)) = (report.state, &report.error) {
            repository::note(self.platform().await?, (tenant, schedule), why).await?;
        }
        match &stored.schedule.delivery {
            ReportDelivery::Mail { recipients } if report.state == ComplianceReportState::Completed => {
                self.mail(tx, &report, &stored, recipients).await.map(Some)
            }
            // A mail of a report that was given up would have nothing to lead to: the schedule says it.
            ReportDelivery::Mail { .. } => {
                drop(tx);
                waiting::silence(self.platform().await?, tenant, id).await?;
                Ok(Some(false))
            }
            ReportDelivery::Webhook { url } => self.post(tx, &report, &stored, url).await.map(Some),
        }
    }

    async fn platform(&self) -> Result<elder_access::PlatformTx<Housekeeping>, DbError> {
        self.worker.job::<Housekeeping>().platform().await
    }

    fn link(&self, id: ComplianceReportId) -> String {
        format!("{}/api/v2/compliance/reports/{id}/content", self.public_url)
    }

    /// Puts the mails into the queue, in one transaction with the event.
    async fn mail(
        &self,
        tx: TenantTx<Reporting>,
        report: &ComplianceReport,
        stored: &Stored,
        recipients: &[UserId],
    ) -> Result<bool, DbError> {
        let tenant = tx.tenant();
        if waiting::tries(&tx, tenant, report.id).await?.is_none() {
            return Ok(true);
        }
        let content = Content::ReportReady {
            link: self.link(report.id),
            report: report::title(report.kind).to_owned(),
            schedule: stored.schedule.name.clone(),
            since: report.from,
            until: report.to,
        };
        let mut written = 0_u32;
        for reader in waiting::readers(&tx, tenant, recipients).await? {
            let mail = NewMail { to: &reader.email, locale: reader.locale.as_ref(), content: &content };
            match elder_mail::enqueue(&tx, &mail).await {
                Ok(_) => written += 1,
                Err(elder_mail::Error::Database(error)) => return Err(error),
                Err(error) => {
                    tracing::warn!(report = %report.id, %tenant, %error, "somebody cannot be told of a report");
                }
            }
        }
        if written == 0 {
            drop(tx);
            let why = "nobody is active of those who are to be told";
            return self.give_up(tenant, report.id, stored.schedule.id, why).await;
        }
        waiting::told(&tx, tenant, report.id).await?;
        let event = Event::on(Action::ComplianceReportDelivered, report.id)
            .with("schedule_id", stored.schedule.id)
            .with("by", "mail")
            .with("mails", written);
        tx.commit(event).await?;
        Ok(true)
    }

    /// Sends a signed message. No transaction is open meanwhile.
    async fn post(
        &self,
        tx: TenantTx<Reporting>,
        report: &ComplianceReport,
        stored: &Stored,
        url: &str,
    ) -> Result<bool, DbError> {
        let (tenant, now) = (tx.tenant(), self.job.seam().now());
        let Some(tries) = waiting::tries(&tx, tenant, report.id).await? else { return Ok(true) };
        let secret = opened(&tx, stored);
        drop(tx);
        let body = json!({
            "type": "compliance.report",
            "timestamp": now,
            "data": { "tenant_id": tenant, "schedule_id": stored.schedule.id, "report": report, "link": self.link(report.id) },
        });
        let sent = match &secret {
            Ok(Some(secret)) => {
                let message = (report.id.to_string(), now);
                let posting = self.targets.post_webhook((url, secret), (&message.0, message.1), &body);
                posting.await.map_err(|error| error.to_string())
            }
            Ok(None) => Err("it has no secret".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let Err(why) = sent else {
            let tx = self.job.begin(tenant).await?;
            waiting::told(&tx, tenant, report.id).await?;
            let event = Event::on(Action::ComplianceReportDelivered, report.id)
                .with("schedule_id", stored.schedule.id)
                .with("by", "webhook");
            tx.commit(event).await?;
            return Ok(true);
        };
        let why: String = why.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect();
        if tries + 1 >= MOST_TRIES {
            return self.give_up(tenant, report.id, stored.schedule.id, &why).await;
        }
        let pause = PAUSE * (1 << tries.clamp(0, 11));
        waiting::again(self.platform().await?, tenant, report.id, now + pause).await?;
        repository::note(self.platform().await?, (tenant, stored.schedule.id), &why).await?;
        Ok(false)
    }

    async fn give_up(
        &self,
        tenant: TenantId,
        report: ComplianceReportId,
        schedule: ComplianceScheduleId,
        why: &str,
    ) -> Result<bool, DbError> {
        tracing::warn!(%tenant, %report, error = why, "those for whom a report was made could not be told");
        waiting::silence(self.platform().await?, tenant, report).await?;
        repository::note(self.platform().await?, (tenant, schedule), why).await?;
        Ok(false)
    }
}
