//! Syslog (RFC 5424) over a line, each message behind its length (RFC 6587 §3.4.1, RFC 5425 §4.3).

use std::{io::ErrorKind, time::Duration};

use chrono::SecondsFormat;
use elder_kernel::TenantId;
use elder_outbound::http::Outbound;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{Batch, SendError, placed};

/// How long a receiver may take for a batch.
const PATIENCE: Duration = Duration::from_secs(20);
/// "Log audit" (RFC 5424 §6.2.1), times eight.
const FACILITY: u8 = 13 * 8;

/// The messages of a batch.
pub(super) async fn send(
    outbound: &Outbound,
    target: (&str, u16, bool),
    batch: &Batch<'_>,
) -> Result<(), SendError> {
    let messages = messages(batch);
    if messages.is_empty() { Ok(()) } else { deliver(outbound, target, &messages).await }
}

/// Syslog has no answer that a message has arrived. Instead this side ends the line, and waits until the receiver ends it too:
/// it does when it has read everything. A line that breaks before is a failure, and all is sent again.
pub(crate) async fn deliver(
    outbound: &Outbound,
    (host, port, tls): (&str, u16, bool),
    messages: &[u8],
) -> Result<(), SendError> {
    let mut line = outbound.open_line(host, port, tls).await?;
    let sending = async {
        line.write_all(messages).await?;
        line.shutdown().await?;
        let mut unheard = [0; 256];
        loop {
            match line.read(&mut unheard).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                // By TLS a receiver need not say that it ends the line (RFC 5425 §4.4), and rsyslog does not.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    };
    timeout(PATIENCE, sending).await.unwrap_or(Err(SendError::Slow))
}

fn messages(batch: &Batch<'_>) -> Vec<u8> {
    let mut messages = Vec::new();
    for sent in batch.events {
        add(&mut messages, &placed(sent), batch);
    }
    if batch.from == batch.to {
        let test = json!({ "action": "test", "outcome": "success" });
        add(&mut messages, test.as_object().unwrap_or(&Map::new()), batch);
    }
    messages
}

fn add(messages: &mut Vec<u8>, event: &Map<String, Value>, batch: &Batch<'_>) {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let severity = match text("outcome") {
        Some("failure") => 4,
        Some("denied") => 5,
        _ => 6,
    };
    let now = batch.now.to_rfc3339_opts(SecondsFormat::Micros, true);
    let at = text("timestamp").unwrap_or(&now);
    let head = Head { severity, at, tenant: batch.tenant, kind: text("action").unwrap_or("-") };
    head.write(messages, &Value::Object(event.clone()));
}

/// What stands before the text of a message.
pub(crate) struct Head<'a> {
    pub(crate) severity: u8,
    pub(crate) at: &'a str,
    pub(crate) tenant: TenantId,
    pub(crate) kind: &'a str,
}

impl Head<'_> {
    /// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, of which the host is not told: the log has many
    /// nodes. The message begins with a mark of UTF-8 (§6.4).
    pub(crate) fn write(&self, messages: &mut Vec<u8>, said: &Value) {
        let Self { severity, at, tenant, kind } = self;
        let priority = FACILITY + severity;
        let kind: String = kind.chars().filter(char::is_ascii_graphic).take(32).collect();
        let message = format!("<{priority}>1 {at} - elder {tenant} {kind} - \u{feff}{said}");
        messages.extend(format!("{} ", message.len()).into_bytes());
        messages.extend(message.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use elder_kernel::{Id, TenantId};
    use uuid::Uuid;

    use super::{super::Sent, *};

    #[test]
    fn a_message_has_its_length_and_the_fields_of_rfc_5424_in_their_order() {
        let event =
            json!({ "action": "session.created", "outcome": "denied", "timestamp": "2026-11-22T10:00:00Z" });
        let events = [Sent { seq: 7, event: Arc::new(event.as_object().unwrap().clone()) }];
        let now = "2026-11-22T11:00:00Z".parse().unwrap();
        let stream = Id::from_uuid(Uuid::nil());
        let batch = Batch { tenant: TenantId(3), stream, from: 7, to: 8, events: &events, now };
        let text = String::from_utf8(messages(&batch)).unwrap();
        let (length, message) = text.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), message.len());
        let head = "<109>1 2026-11-22T10:00:00Z - elder 3 session.created - \u{feff}";
        let said: Value = serde_json::from_str(message.strip_prefix(head).unwrap()).unwrap();
        assert_eq!((&said["seq"], &said["action"]), (&json!(7), &json!("session.created")));
    }
}
