//! The job that writes a report for auditors: two ids.

use elder_access::Worker;
use elder_kernel::{Id, TenantId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::send_mail::PostOffice;

/// As the trigger of `compliance_reports` writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WriteComplianceReport {
    tenant: TenantId,
    report: Uuid,
}

impl TaskHandler for WriteComplianceReport {
    const IDENTIFIER: &'static str = "write_compliance_report";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let PostOffice { worker, .. } =
            context.get_ext::<PostOffice>().ok_or("the queue was started without a worker")?;
        let worker: &Worker = worker;
        let written = elder_compliance::write_report(worker, self.tenant, Id::from_uuid(self.report)).await;
        written.map(drop).map_err(|error| error.to_string())
    }
}
