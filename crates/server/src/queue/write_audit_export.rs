//! The job that writes a file of the audit log: two ids.

use elder_access::Worker;
use elder_kernel::{Id, TenantId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::send_mail::PostOffice;

/// As the trigger of `audit_exports` writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WriteAuditExport {
    tenant: TenantId,
    export: Uuid,
}

impl TaskHandler for WriteAuditExport {
    const IDENTIFIER: &'static str = "write_audit_export";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let PostOffice { worker, .. } =
            context.get_ext::<PostOffice>().ok_or("the queue was started without a worker")?;
        let worker: &Worker = worker;
        let written = elder_audit::write_export(worker, self.tenant, Id::from_uuid(self.export)).await;
        written.map(drop).map_err(|error| error.to_string())
    }
}
