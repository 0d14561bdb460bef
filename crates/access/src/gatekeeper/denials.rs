//! Writes down what was refused, beside the request: a denial changes nothing that it could be committed with.

use elder_kernel::TenantId;
use tokio::sync::mpsc;

use super::Gatekeeper;
use crate::{
    database::{DbError, Opening, TenantConn},
    event::{Context, Event},
};

/// Denials that may wait to be written. Past that they are counted in the log alone.
const WAITING: usize = 4_096;

/// Something that was refused.
pub(crate) struct Denial {
    pub(crate) tenant: TenantId,
    pub(crate) context: Context,
    pub(crate) event: Event,
}

pub(super) struct Sender(mpsc::Sender<Denial>);

impl Sender {
    pub(super) fn send(&self, denial: Denial) {
        if let Err(error) = self.0.try_send(denial) {
            let (mpsc::error::TrySendError::Full(denial) | mpsc::error::TrySendError::Closed(denial)) = error;
            let (tenant, request_id) = (denial.tenant.0, denial.context.meta.id);
            tracing::warn!(tenant, request_id, "a denial was not written to the audit log: too many at once");
        }
    }
}

pub(super) fn start(keeper: Gatekeeper) -> Sender {
    let (sender, mut waiting) = mpsc::channel(WAITING);
    elder_telemetry::spawn("audit of denials", async move {
        while let Some(denial) = waiting.recv().await {
            if let Err(error) = write(&keeper, &denial).await {
                let request_id = &denial.context.meta.id;
                tracing::error!(request_id, %error, "a denial was not written to the audit log");
            }
        }
    });
    Sender(sender)
}

async fn write(keeper: &Gatekeeper, denial: &Denial) -> Result<(), DbError> {
    let opening = Opening { tenant: Some(denial.tenant), writes: true };
    let conn = TenantConn::take(keeper.app_pool(), opening).await?;
    let (sql, values) = denial.context.denial(&denial.event, denial.tenant, keeper.seam());
    conn.finish(sql, values).await?;
    keeper.recorded(&denial.event, denial.tenant);
    Ok(())
}
