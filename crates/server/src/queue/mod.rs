//! The job queue: what is done soon, outside of the request that asked for it, and again until it succeeds.
//!
//! Jobs lie in PostgreSQL, in tables that `graphile_worker` owns; a trigger of the table that a job is about adds it, in
//! the transaction of the change. This is the runner: it signs in as `elder_platform` by a small pool of its own, takes
//! jobs, and does each through the gate.

mod do_privacy_request;
mod pool;
mod schema;
mod send_mail;
mod write_audit_export;
mod write_compliance_report;

use std::time::Duration;

use elder_access::Worker;
use elder_outbound::mail::Mailer;
use futures_util::FutureExt as _;
use graphile_worker::{WorkerOptions, WorkerRecoveryConfig};

use crate::failure::Failure;
use do_privacy_request::DoPrivacyRequest;
pub use schema::QueueSchemaError;
pub(crate) use schema::migrate;
use send_mail::{PostOffice, SendMail};
use write_audit_export::WriteAuditExport;
use write_compliance_report::WriteComplianceReport;

/// Jobs that are done at once.
const AT_ONCE: usize = 4;
/// How often the tables are asked for jobs. Polling works behind PgBouncer, where `LISTEN` does not.
const POLL: Duration = Duration::from_secs(1);
/// How often a runner says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often each looks for others that live no more.
const SWEEP: Duration = Duration::from_secs(30);
/// After how long a silence the jobs of a runner are given to others.
const SILENCE: Duration = Duration::from_mins(1);
/// How long jobs in flight may take when the process is to end.
const GRACE: Duration = Duration::from_secs(10);
/// Before the next try, when the database does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// The runner of the queue's jobs.
#[derive(Debug, Clone)]
pub struct Queue {
    url: String,
    office: PostOffice,
}

impl Queue {
    /// A runner that signs in with `platform_url`, the URL of `elder_platform`.
    pub fn new(platform_url: String, worker: Worker, mailer: Mailer) -> Self {
        Self { url: platform_url, office: PostOffice { worker, mailer } }
    }

    /// Does jobs until `stopped` completes, and then finishes those in flight. While the database does not answer, it
    /// tries again.
    pub async fn run(self, stopped: impl Future<Output = ()> + Send + 'static) {
        let stopped = stopped.shared();
        while let Err(error) = self.work(stopped.clone()).await {
            tracing::warn!(error, "the job queue stands still");
            tokio::select! {
                () = stopped.clone() => return,
                () = tokio::time::sleep(PAUSE) => (),
            }
        }
    }

    async fn work(&self, stopped: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let recovery = WorkerRecoveryConfig::default()
            .heartbeat_interval(HEARTBEAT)
            .sweep_interval(SWEEP)
            .sweep_threshold(SILENCE)
            .recovery_delay(Duration::ZERO);
        let runner = WorkerOptions::default()
            .database(pool::of_runner(&self.url)?)
            .concurrency(AT_ONCE)
            .poll_interval(POLL)
            .use_notification_delivery(false)
            .worker_recovery(recovery)
            .listen_os_shutdown_signals(false)
            .shutdown_signal(stopped)
            .shutdown_grace_period(GRACE)
            .shutdown_interrupted_job_retry_delay(Duration::ZERO)
            .add_extension(self.office.clone())
            .define_job::<SendMail>()
            .define_job::<WriteAuditExport>()
            .define_job::<DoPrivacyRequest>()
            .define_job::<WriteComplianceReport>()
            .init()
            .await?;
        runner.run().await?;
        Ok(())
    }
}
