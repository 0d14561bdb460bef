//! One audit event, and the rows that it becomes.

use chrono::{DateTime, Utc};
use elder_http::RequestMeta;
use elder_kernel::{AuditEvent, Id, Kind, Organization, OutboxEvent, Seam, TenantId};
use sea_orm::Value;
use serde::Serialize;
use serde_json::{Map, json};

use crate::{
    actions::{Action, Outcome},
    changes::Changes,
    database::packed,
    principal::Actor,
};

/// One audit event, and the outbox event that is made of it.
#[derive(Debug, Clone)]
pub struct Event {
    action: Action,
    resource: Option<String>,
    organization: Option<Id<Organization>>,
    changes: Changes,
    outcome: Outcome,
    reason: Option<String>,
    metadata: Map<String, serde_json::Value>,
    pub(crate) ends: Option<TenantId>,
}

/// Why a change is worth committing: what a service gives back beside its result.
pub type Change<T> = (T, Event);

impl Event {
    /// Something that was done to no single resource.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            resource: None,
            organization: None,
            changes: Changes::default(),
            outcome: Outcome::Success,
            reason: None,
            metadata: Map::new(),
            ends: None,
        }
    }

    /// Something that was done to `id`.
    pub fn on<K: Kind>(action: Action, id: Id<K>) -> Self {
        Self { resource: Some(id.to_string()), ..Self::new(action) }
    }

    /// Something that was done to a resource without a typed id.
    pub fn about(action: Action, resource: impl Into<String>) -> Self {
        Self { resource: Some(resource.into()), ..Self::new(action) }
    }

    /// Says in which organization.
    #[must_use]
    pub fn in_organization(mut self, organization: Id<Organization>) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Says what changed.
    #[must_use]
    pub fn changed(mut self, changes: Changes) -> Self {
        self.changes = changes;
        self
    }

    /// Says how it ended, and why.
    #[must_use]
    pub fn ended(mut self, outcome: Outcome, reason: impl Into<String>) -> Self {
        self.outcome = outcome;
        self.reason = Some(reason.into());
        self
    }

    /// Says how it ended where that tells why, too.
    #[must_use]
    pub(crate) fn turned_out(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Adds a detail that is no change.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.metadata.insert(name.to_owned(), json!(value));
        self
    }

    /// Says which tenant is no more. The event itself stays with another: the node forgets the principals of both.
    #[must_use]
    pub fn ending(mut self, tenant: TenantId) -> Self {
        self.ends = Some(tenant);
        self
    }

    /// The action.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Of a sign-in: by what it was, as far as the event says so.
    pub(crate) fn sign_in_method(&self) -> &'static str {
        let amr = self.metadata.get("amr").and_then(serde_json::Value::as_array);
        let proved = |name: &str| amr.is_some_and(|amr| amr.iter().any(|proof| proof == name));
        let came_by = |door: &str| self.metadata.get("door").is_some_and(|came| came == door);
        let by_key = proved("hwk") || proved("swk");
        if self.action == Action::SsoFailed || proved("sso") || came_by("single_sign_on") {
            "single_sign_on"
        } else if (by_key && !proved("pwd")) || came_by("passkey") {
            "passkey"
        } else {
            "password"
        }
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// The columns of [`Context::audit_values`].
macro_rules! into_audit_logs {
    () => {
        "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id,
            actor_key_id, actor_ip, actor_user_agent, action, category, resource_type, resource_id,
            organization_id, changes, outcome, reason, metadata, impersonator_id) "
    };
}
macro_rules! into_outbox {
    () => {
        "insert into outbox (tenant_id, time, id, type, source, subject, data) "
    };
}

/// The same out of packed values.
macro_rules! columns_of_event {
    () => {
        "(v->>0)::int, (v->>1)::timestamptz, (v->>2)::uuid, v->>3, v->>4, (v->>5)::uuid, (v->>6)::uuid, v->>7,
        v->>8, v->>9, v->>10, v->>11, v->>12, (v->>13)::uuid, v->14, v->>15, v->>16, v->17, (v->>18)::uuid"
    };
}
macro_rules! columns_of_outbox {
    () => {
        "(v->>0)::int, (v->>1)::timestamptz, (v->>19)::uuid, v->>20, v->>21, v->>12, v->22"
    };
}

/// Audit row and outbox row of one event.
const RECORD: &str = concat!(
    "with event as (",
    into_audit_logs!(),
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)) ",
    into_outbox!(),
    "values ($1, $2, $20, $21, $22, $13, $23)"
);

/// The same rows of several events, [packed] into one parameter.
const RECORD_ALL: &str = concat!(
    "with each as materialized (select v from jsonb_array_elements($1::jsonb) as packed (v)), event as (",
    into_audit_logs!(),
    "select ",
    columns_of_event!(),
    " from each) ",
    into_outbox!(),
    "select ",
    columns_of_outbox!(),
    " from each"
);

/// The rows of events that are no change's, packed into one parameter: of tenants that still are, and unless they are there already.
pub(crate) const RECORD_ASIDE: &str = concat!(
    "with each as materialized (
        select v from jsonb_array_elements($1::jsonb) as packed (v)
        where exists (select from tenants t where t.id = (v->>0)::int)), event as (",
    into_audit_logs!(),
    "select ",
    columns_of_event!(),
    " from each on conflict do nothing) ",
    into_outbox!(),
    "select ",
    columns_of_outbox!(),
    " from each where v->>19 is not null on conflict do nothing"
);

/// Who acts, and in answer to which request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) actor: Actor,
    pub(crate) meta: RequestMeta,
}

impl Context {
    pub(crate) fn audit_values(
        &self,
        event: &Event,
        tenant: TenantId,
        at: DateTime<Utc>,
        id: Id<AuditEvent>,
    ) -> Vec<Value> {
        let text = |text: Option<String>| Value::String(text);
        vec![
            tenant.0.into(),
            at.into(),
            id.into(),
            self.meta.id.clone().into(),
            self.actor.kind.into(),
            Value::Uuid(self.actor.user.map(Id::uuid)),
            Value::Uuid(self.actor.key),
            text(self.meta.ip.map(|ip| ip.to_string())),
            text(self.meta.user_agent.clone()),
            event.action.name().into(),
            event.action.category().name().into(),
            event.action.resource_type().into(),
            text(event.resource.clone()),
            Value::Uuid(event.organization.map(Id::uuid)),
            serde_json::Value::Object(event.changes.fields().clone()).into(),
            event.outcome.name().into(),
            text(event.reason.clone()),
            serde_json::Value::Object(event.metadata.clone()).into(),
            Value::Uuid(self.actor.impersonator.map(Id::uuid)),
        ]
    }

    /// The statement that writes events down, and its values; none for no events.
    pub(crate) fn record_all(
        &self,
        events: &[Event],
        tenant: TenantId,
        seam: &Seam,
    ) -> Option<(&'static str, Vec<Value>)> {
        Some(match events {
            [] => return None,
            [event] => (RECORD, self.record(event, tenant, seam)),
            events => {
                let rows = events.iter().map(|event| self.record(event, tenant, seam));
                (RECORD_ALL, vec![packed(rows)])
            }
        })
    }

    fn record(&self, event: &Event, tenant: TenantId, seam: &Seam) -> Vec<Value> {
        self.both_values(event, tenant, seam, (seam.now(), seam.id()))
    }

    /// The values of the audit row, and behind them those of the outbox row.
    pub(crate) fn both_values(
        &self,
        event: &Event,
        tenant: TenantId,
        seam: &Seam,
        (at, id): (DateTime<Utc>, Id<AuditEvent>),
    ) -> Vec<Value> {
        let mut values = self.audit_values(event, tenant, at, id);
        let data = json!({
            "audit_event": id,
            "resource_type": event.action.resource_type(),
            "resource_id": event.resource,
            "changes": event.changes.fields(),
        });
        values.extend([
            seam.id::<OutboxEvent>().into(),
            format!("elder.{}", event.action.name()).into(),
            format!("/tenants/{tenant}").into(),
            data.into(),
        ]);
        values
    }
}
