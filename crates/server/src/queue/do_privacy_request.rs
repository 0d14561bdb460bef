//! The job that does what was approved about a person's data: two ids.

use elder_access::Worker;
use elder_kernel::{Id, TenantId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::send_mail::PostOffice;

/// As the trigger of `privacy_requests` writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DoPrivacyRequest {
    tenant: TenantId,
    request: Uuid,
}

impl TaskHandler for DoPrivacyRequest {
    const IDENTIFIER: &'static str = "do_privacy_request";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let PostOffice { worker, .. } =
            context.get_ext::<PostOffice>().ok_or("the queue was started without a worker")?;
        let worker: &Worker = worker;
        let done = elder_privacy::perform(worker, self.tenant, Id::from_uuid(self.request)).await;
        done.map(drop).map_err(|error| error.to_string())
    }
}
