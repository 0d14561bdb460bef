//! What a channel is told: a mail to each address, or a signed call.

use chrono::{DateTime, Utc};
use elder_access::TenantTx;
use elder_kernel::{Secret, TenantId};
use elder_mail::{Content, MailId, NewMail, SendsMail, enqueue};
use serde_json::{Value, json};

use super::{AuditAlert, AuditAlertChannel, AuditAlertFiring};
use crate::{
    Error,
    stream::{SendError, Targets, WrongTarget},
};

/// Addresses that a mail goes to.
const MOST_ADDRESSES: usize = 10;
/// Groups that a mail names.
const MOST_NAMED: usize = 10;

/// What is told of: what has fired and was not told yet, and how much more there is.
pub(super) struct Notice<'a> {
    pub(super) tenant: TenantId,
    pub(super) alert: &'a AuditAlert,
    /// None for a test.
    pub(super) firings: &'a [AuditAlertFiring],
    pub(super) now: DateTime<Utc>,
}

/// Whether an alert may tell so, with such a secret.
pub(super) fn check(
    targets: &Targets,
    channel: &AuditAlertChannel,
    secret: Option<&Secret<String>>,
) -> Result<(), Error> {
    match channel {
        AuditAlertChannel::Mail { to } if (1..=MOST_ADDRESSES).contains(&to.len()) => {
            secret.map_or(Ok(()), |_| Err(WrongTarget::NoUse.into()))
        }
        AuditAlertChannel::Mail { .. } => Err(Error::Addresses),
        AuditAlertChannel::Webhook { url } => Ok(targets.check_webhook(url, secret)?),
    }
}

/// Puts a mail to each address into the queue.
pub(super) async fn write<A: SendsMail>(
    tx: &TenantTx<A>,
    to: &[elder_api_types::email::Email],
    notice: &Notice<'_>,
) -> Result<Vec<MailId>, Error> {
    let content = notice.content();
    let mut ids = Vec::with_capacity(to.len());
    for address in to {
        let mail = NewMail { to: address.typed(), locale: None, content: &content };
        ids.push(enqueue(tx, &mail).await?);
    }
    Ok(ids)
}

/// Calls a webhook; it has arrived when this succeeds, and may have if not.
pub(super) async fn call(
    targets: &Targets,
    url: &str,
    secret: &Secret<String>,
    notice: &Notice<'_>,
) -> Result<(), SendError> {
    let (id, body) = notice.message();
    targets.post_webhook((url, secret), (&id, notice.now), &body).await
}

impl Notice<'_> {
    fn content(&self) -> Content {
        let Self { alert, firings, now, .. } = self;
        let mut groups: Vec<&str> = firings.iter().filter_map(|firing| firing.group.as_deref()).collect();
        groups.dedup();
        let more = groups.len().saturating_sub(MOST_NAMED);
        groups.truncate(MOST_NAMED);
        let mut groups = groups.join(", ");
        if more > 0 {
            groups.push_str(", …");
        }
        Content::AuditAlert {
            alert: alert.name.clone(),
            events: firings.iter().map(|firing| firing.events.unsigned_abs()).sum(),
            minutes: alert.window_minutes.unsigned_abs().into(),
            groups,
            time: firings.iter().map(|firing| firing.last_at).max().unwrap_or(*now),
            is_test: firings.is_empty(),
        }
    }

    /// One message a notice, whose id is the same however often it is sent.
    fn message(&self) -> (String, Value) {
        let Self { tenant, alert, firings, now } = self;
        let last = firings.last().map(|firing| firing.id.to_string());
        let body = json!({
            "type": if last.is_some() { "audit.alert" } else { "audit.alert.test" },
            "timestamp": now,
            "data": {
                "tenant_id": tenant,
                "alert_id": alert.id,
                "alert_name": alert.name,
                "threshold": alert.threshold,
                "window_minutes": alert.window_minutes,
                "firings": firings,
            },
        });
        (format!("{}-{}", alert.id, last.as_deref().unwrap_or("test")), body)
    }
}
