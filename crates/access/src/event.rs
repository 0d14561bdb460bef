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

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// Audit row and outbox row in one statement.
pub(crate) const RECORD: &str = "
    with event as (
        insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id,
            actor_key_id, actor_ip, actor_user_agent, action, category, resource_type, resource_id,
            organization_id, changes, outcome, reason, metadata)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    )
    insert into outbox (tenant_id, time, id, type, source, subject, data)
    values ($1, $2, $19, $20, $21, $13, $22)";

/// The audit row alone, for what nobody outside is told.
const RECORD_DENIAL: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id,
        actor_key_id, actor_ip, actor_user_agent, action, category, resource_type, resource_id,
        organization_id, changes, outcome, reason, metadata)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

/// Who acts, and in answer to which request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) actor: Actor,
    pub(crate) meta: RequestMeta,
}

impl Context {
    fn audit_values(
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
        ]
    }

    pub(crate) fn record(&self, event: &Event, tenant: TenantId, seam: &Seam) -> Vec<Value> {
        let (at, id) = (seam.now(), seam.id::<AuditEvent>());
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

    pub(crate) fn denial(&self, event: &Event, tenant: TenantId, seam: &Seam) -> (&'static str, Vec<Value>) {
        if event.action.is_told() {
            return (RECORD, self.record(event, tenant, seam));
        }
        (RECORD_DENIAL, self.audit_values(event, tenant, seam.now(), seam.id()))
    }
}
