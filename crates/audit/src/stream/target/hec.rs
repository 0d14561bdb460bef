//! Splunk's HTTP Event Collector: JSON objects one after the other, each an event.

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Batch, SendError, placed};

/// None for nothing to send.
pub(super) fn request(
    url: &str,
    token: &Secret<String>,
    index: Option<&str>,
    batch: &Batch<'_>,
) -> Result<Option<Request<Vec<u8>>>, SendError> {
    let mut body = String::new();
    for sent in batch.events {
        let event = placed(sent);
        let at = event.get("timestamp").and_then(Value::as_str).unwrap_or_default();
        let at = at.parse::<DateTime<Utc>>().unwrap_or(batch.now);
        let mut said = json!({
            "time": format!("{}.{:06}", at.timestamp(), at.timestamp_subsec_micros()),
            "source": format!("elder/{}", batch.tenant),
            "sourcetype": "elder:audit",
            "event": event,
        });
        if let (Some(index), Some(said)) = (index, said.as_object_mut()) {
            said.insert("index".to_owned(), index.into());
        }
        body.push_str(&said.to_string());
        body.push('\n');
    }
    if batch.from == batch.to {
        body = json!({ "sourcetype": "elder:audit", "event": { "test": true, "tenant_id": batch.tenant } })
            .to_string();
    }
    if body.is_empty() {
        return Ok(None);
    }
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(header::AUTHORIZATION, format!("Splunk {}", token.expose()))
        .header(header::CONTENT_TYPE, "application/json");
    Ok(Some(request.body(body.into_bytes())?))
}
