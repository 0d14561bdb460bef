//! What a leaf is made of: the event as the API shows it, with commitments in place of what is personal.
//!
//! The form is part of every proof and never changes for an event that is there. A later one gets another `v`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use elder_api_types::{AuditEventId, OrganizationId, TenantId, UserId, audit::AuditEvent};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::tree::Digest;

/// Goes before salt and name, to make the salt of one field. Leaves and nodes of the tree have 0 and 1.
const SALT: u8 = 2;
/// Goes before the salt of a field and its value.
const COMMITMENT: u8 = 3;

/// The number of this form.
const VERSION: u8 = 1;

/// An event that has no canonical form: something else than Elder has written it.
#[derive(Debug, thiserror::Error)]
#[error("the event has no canonical form")]
pub struct NotCanonical(#[from] serde_json::Error);

/// The fields in the order of their names, as RFC 8785 demands it.
#[derive(Serialize)]
struct Leaf<'a> {
    action: &'a str,
    actor_ip: Option<String>,
    actor_key_id: Option<Uuid>,
    actor_type: &'a str,
    actor_user_agent: Option<String>,
    actor_user_id: Option<UserId>,
    category: &'a str,
    changes: Option<String>,
    correlation_id: &'a str,
    id: AuditEventId,
    impersonator_id: Option<UserId>,
    metadata: Option<String>,
    organization_id: Option<OrganizationId>,
    outcome: &'a str,
    reason: Option<String>,
    resource_id: Option<&'a str>,
    resource_type: &'a str,
    tenant_id: TenantId,
    timestamp: &'a DateTime<Utc>,
    v: u8,
}

/// The hash of an event's leaf.
///
/// # Errors
/// [`NotCanonical`] for a number that no double can hold.
pub fn hash(tenant: TenantId, event: &AuditEvent, salt: Uuid) -> Result<Digest, NotCanonical> {
    Ok(Digest::leaf(&canonical(tenant, event, salt)?))
}

/// The leaf itself, in the canonical form of JSON (RFC 8785).
///
/// # Errors
/// As for [`hash`].
pub fn canonical(tenant: TenantId, event: &AuditEvent, salt: Uuid) -> Result<Vec<u8>, NotCanonical> {
    let text =
        |name, text: &Option<String>| text.as_ref().map(|text| commitment(salt, name, text)).transpose();
    let object = |name, value: &Value| {
        let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
        (!is_empty).then(|| commitment(salt, name, value)).transpose()
    };
    let leaf = Leaf {
        action: &event.action,
        actor_ip: text("actor_ip", &event.actor_ip)?,
        actor_key_id: event.actor_key_id,
        actor_type: &event.actor_type,
        actor_user_agent: text("actor_user_agent", &event.actor_user_agent)?,
        actor_user_id: event.actor_user_id,
        category: &event.category,
        changes: object("changes", &event.changes)?,
        correlation_id: &event.correlation_id,
        id: event.id,
        impersonator_id: event.impersonator_id,
        metadata: object("metadata", &event.metadata)?,
        organization_id: event.organization_id,
        outcome: &event.outcome,
        reason: text("reason", &event.reason)?,
        resource_id: event.resource_id.as_deref(),
        resource_type: &event.resource_type,
        tenant_id: tenant,
        timestamp: &event.timestamp,
        v: VERSION,
    };
    Ok(serde_json::to_vec(&leaf)?)
}

/// What stands for a personal field: it binds the value, and tells nothing of it to whoever has not the salt. An address
/// alone could be guessed from its hash.
fn commitment<T: Serialize>(salt: Uuid, field: &str, value: &T) -> Result<String, NotCanonical> {
    let salt =
        Sha256::new().chain_update([SALT]).chain_update(salt.as_bytes()).chain_update(field).finalize();
    let value = serde_json_canonicalizer::to_vec(value)?;
    let hash = Sha256::new().chain_update([COMMITMENT]).chain_update(salt).chain_update(value).finalize();
    Ok(STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) fn event() -> AuditEvent {
        serde_json::from_value(json!({
            "id": "evt_01h455vb4pex5vsknk084sn02q", "timestamp": "2026-11-21T02:20:42.123456Z",
            "correlation_id": "r-1", "actor_type": "user", "actor_user_id": "usr_01h455vb4pex5vsknk084sn02q",
            "actor_key_id": null, "impersonator_id": null, "actor_ip": "203.0.113.7", "actor_user_agent": null,
            "action": "portal_user.updated", "category": "data_change", "resource_type": "portal_user",
            "resource_id": "usr_01h455vb4pex5vsknk084sn02q", "organization_id": null,
            "changes": { "name": { "after": "Ödön \"É\"", "before": null }, "n": { "before": 1.0, "after": 2e3 } },
            "outcome": "success", "reason": null, "metadata": {},
        }))
        .unwrap()
    }

    const SALT: Uuid = Uuid::from_u128(7);

    /// The documented form. If this test fails, proofs that were given out fail too: make another version of the form.
    #[test]
    fn the_form_of_a_leaf_never_changes() {
        let leaf = String::from_utf8(canonical(TenantId(7), &event(), SALT).unwrap()).unwrap();
        let known = concat!(
            r#"{"action":"portal_user.updated","actor_ip":"IP","actor_key_id":null,"actor_type":"user","#,
            r#""actor_user_agent":null,"actor_user_id":"usr_01h455vb4pex5vsknk084sn02q","category":"data_change","#,
            r#""changes":"CHANGES","correlation_id":"r-1","id":"evt_01h455vb4pex5vsknk084sn02q","impersonator_id":null,"#,
            r#""metadata":null,"organization_id":null,"outcome":"success","reason":null,"#,
            r#""resource_id":"usr_01h455vb4pex5vsknk084sn02q","resource_type":"portal_user","tenant_id":7,"#,
            r#""timestamp":"2026-11-21T02:20:42.123456Z","v":1}"#
        );
        let by_hand = |field: &str, canonical: &str| {
            let salt = Sha256::digest([&[2], SALT.as_bytes().as_slice(), field.as_bytes()].concat());
            STANDARD.encode(Sha256::digest([&[3], salt.as_slice(), canonical.as_bytes()].concat()))
        };
        let changes = by_hand(
            "changes",
            r#"{"n":{"after":2000,"before":1},"name":{"after":"Ödön \"É\"","before":null}}"#,
        );
        let known =
            known.replace("IP", &by_hand("actor_ip", r#""203.0.113.7""#)).replace("CHANGES", &changes);
        assert_eq!(leaf, known);
        let canonical = serde_json_canonicalizer::to_string(&serde_json::from_str::<Value>(&leaf).unwrap());
        assert_eq!(canonical.unwrap(), leaf);
    }

    #[test]
    fn every_field_of_an_event_is_bound_by_its_leaf() {
        let own = hash(TenantId(7), &event(), SALT).unwrap();
        assert_eq!(hash(TenantId(7), &event(), SALT).unwrap(), own);
        assert_ne!(hash(TenantId(8), &event(), SALT).unwrap(), own);
        assert_ne!(hash(TenantId(7), &event(), Uuid::from_u128(8)).unwrap(), own);
        let fields = serde_json::to_value(event()).unwrap();
        for (name, value) in fields.as_object().unwrap() {
            let other = match (name.as_str(), value) {
                ("id", _) => json!("evt_01h455vb4pex5vsknk084sn02r"),
                ("timestamp", _) => json!("2026-11-21T02:20:42.123457Z"),
                ("actor_key_id", _) => json!(SALT),
                ("organization_id", _) => json!("org_01h455vb4pex5vsknk084sn02r"),
                ("actor_user_id" | "impersonator_id", _) => json!("usr_01h455vb4pex5vsknk084sn02r"),
                ("changes" | "metadata", _) => json!({ "a": 1 }),
                _ => json!("other"),
            };
            let mut changed = fields.clone();
            changed[name] = other;
            let changed: AuditEvent = serde_json::from_value(changed).unwrap();
            assert_ne!(hash(TenantId(7), &changed, SALT).unwrap(), own, "{name}");
        }
    }

    #[test]
    fn the_order_of_keys_in_what_the_database_gives_back_means_nothing() {
        let mut other = event();
        other.changes = serde_json::from_str(
            r#"{ "n": { "after": 2000, "before": 1 }, "name": { "before": null, "after": "Ödön \"É\"" } }"#,
        )
        .unwrap();
        assert_eq!(hash(TenantId(7), &other, SALT).unwrap(), hash(TenantId(7), &event(), SALT).unwrap());
    }
}
