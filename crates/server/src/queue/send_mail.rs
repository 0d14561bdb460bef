//! The job that sends a mail: two ids, and the way to the mail server.

use std::fmt;

use elder_access::Worker;
use elder_kernel::{Id, TenantId};
use elder_outbound::mail::Mailer;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the job needs beside its ids.
#[derive(Clone)]
pub(super) struct PostOffice {
    pub(super) worker: Worker,
    pub(super) mailer: Mailer,
}

impl fmt::Debug for PostOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostOffice").finish_non_exhaustive()
    }
}

/// As the trigger of `mails` writes it: never an address, a text or a secret.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendMail {
    tenant: TenantId,
    mail: Uuid,
}

impl TaskHandler for SendMail {
    const IDENTIFIER: &'static str = "send_mail";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let office = context.get_ext::<PostOffice>().ok_or("the queue was started without a mailer")?;
        let PostOffice { worker, mailer } = office;
        let delivery = elder_mail::deliver(worker, mailer, self.tenant, Id::from_uuid(self.mail)).await;
        delivery.map(drop).map_err(|error| error.to_string())
    }
}
