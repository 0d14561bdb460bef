//! A signed POST (Standard Webhooks 1.0.0): one message a batch, whose id is the same however often it is sent.

use chrono::{DateTime, Utc};
use elder_crypto::WebhookKey;
use elder_kernel::Secret;
use http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Batch, SendError, WrongTarget, placed};

/// The message of a batch.
pub(super) fn request(
    url: &str,
    secret: &Secret<String>,
    batch: &Batch<'_>,
) -> Result<Request<Vec<u8>>, SendError> {
    let events: Vec<_> = batch.events.iter().map(|sent| Value::Object(placed(sent))).collect();
    let is_test = batch.from == batch.to;
    let body = json!({
        "type": if is_test { "audit.test" } else { "audit.events" },
        "timestamp": batch.now,
        "data": { "tenant_id": batch.tenant, "from": batch.from, "to": batch.to, "events": events },
    });
    let id = format!("{}-{}-{}", batch.stream, batch.from, batch.to);
    signed(url, secret, (&id, batch.now), &body)
}

/// A message of this id, sent now.
pub(super) fn signed(
    url: &str,
    secret: &Secret<String>,
    (id, now): (&str, DateTime<Utc>),
    body: &Value,
) -> Result<Request<Vec<u8>>, SendError> {
    let key = WebhookKey::parse(secret).map_err(|_| WrongTarget::Form("secret"))?;
    let body = body.to_string().into_bytes();
    let timestamp = now.timestamp();
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", key.sign(id, timestamp, &body));
    Ok(request.body(body)?)
}
