//! Syslog (RFC 5424) over a line, each message behind its length (RFC 6587 §3.4.1, RFC 5425 §4.3).

use std::{fmt::Write as _, io::ErrorKind, time::Duration};

use chrono::SecondsFormat;
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

/// Syslog has no answer that a message has arrived. Instead this side ends the line, and waits until the receiver ends it too:
/// it does when it has read everything. A line that breaks before is a failure, and the batch is sent again.
pub(super) async fn send(
    outbound: &Outbound,
    (host, port, tls): (&str, u16, bool),
    batch: &Batch<'_>,
) -> Result<(), SendError> {
    let messages = messages(batch);
    if messages.is_empty() {
        return Ok(());
    }
    let mut line = outbound.open_line(host, port, tls).await?;
    let sending = async {
        line.write_all(&messages).await?;
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

/// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, of which the host is not told: the log has many
/// nodes. The message begins with a mark of UTF-8 (§6.4).
fn add(messages: &mut Vec<u8>, event: &Map<String, Value>, batch: &Batch<'_>) {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let severity = match text("outcome") {
        Some("failure") => 4,
        Some("denied") => 5,
        _ => 6,
    };
    let now = batch.now.to_rfc3339_opts(SecondsFormat::Micros, true);
    let at = text("timestamp").unwrap_or(&now);
    let kind: String =
        text("action").unwrap_or("-").chars().filter(char::is_ascii_graphic).take(32).collect();
    let mut message = String::new();
    // Writing to a String cannot fail.
    let _written = write!(
        message,
        "<{}>1 {at} - elder {} {kind} - \u{feff}{}",
        FACILITY + severity,
        batch.tenant,
        Value::Object(event.clone())
    );
    messages.extend(format!("{} ", message.len()).into_bytes());
    messages.extend(message.into_bytes());
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
