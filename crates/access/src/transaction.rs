//! Transactions as the services hold them, and the event without which no change is committed.

use std::{marker::PhantomData, net::IpAddr, ops::Deref};

use chrono::{DateTime, Utc};
use elder_http::RequestMeta;
use elder_kernel::{AuditEvent, Id, Kind, Organization, OutboxEvent, Seam, TenantId};
use sea_orm::Value;
use serde::Serialize;
use serde_json::{Map, json};

use crate::{
    Gatekeeper,
    actions::Action,
    authority::{Authority, Write, work::Housekeeping},
    changes::Changes,
    database::{DbError, Opening, Platform, PlatformConn, Side, Tenant, TenantConn},
    permissions::PermissionSet,
    principal::{Actor, Reach},
};

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It failed for a reason that the caller gave, such as a wrong password.
    Failure,
    /// It was refused for lack of a right.
    Denied,
}

impl Outcome {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
        }
    }
}

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
const RECORD: &str = "
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

    fn record(&self, event: &Event, tenant: TenantId, seam: &Seam) -> Vec<Value> {
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

struct Transaction<S: Side, A> {
    conn: crate::Conn<S>,
    context: Context,
    keeper: Gatekeeper,
    authority: PhantomData<fn() -> A>,
}

impl<S: Side, A: 'static> Transaction<S, A> {
    /// In a task of its own: a caller who goes away after `COMMIT` was sent would else keep this node from forgetting
    /// what the change has made untrue.
    async fn commit(self, tenant: TenantId, events: Vec<Event>) -> Result<(), DbError> {
        let Self { conn, context, keeper, .. } = self;
        let committing = elder_telemetry::spawn("commit", async move {
            let mut records: Vec<_> =
                events.iter().map(|event| context.record(event, tenant, keeper.seam())).collect();
            let Some(last) = records.pop() else { return Ok(()) };
            conn.run_each(RECORD, records).await?;
            conn.finish(RECORD, last).await?;
            for event in &events {
                keeper.committed(event, tenant);
            }
            Ok(())
        });
        committing.await.unwrap_or_else(|ended| Err(DbError::unavailable(ended)))
    }
}

/// A transaction in one tenant, by the right of `A`.
pub struct TenantTx<A: Authority> {
    inner: Transaction<Tenant, A>,
    tenant: TenantId,
    reach: Reach,
    holds: PermissionSet,
}

/// A transaction over all tenants, by the right of `A`.
pub struct PlatformTx<A: Authority> {
    inner: Transaction<Platform, A>,
}

impl<A: Authority> TenantTx<A> {
    pub(crate) async fn begin(
        keeper: &Gatekeeper,
        tenant: TenantId,
        context: Context,
        reach: Reach,
        holds: PermissionSet,
    ) -> Result<Self, DbError> {
        let opening = Opening { tenant: Some(tenant), writes: <A::Mode as crate::Mode>::WRITES };
        let conn = TenantConn::take(keeper.app_pool(), opening).await?;
        let inner = Transaction { conn, context, keeper: keeper.clone(), authority: PhantomData };
        Ok(Self { inner, tenant, reach, holds })
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.inner.context.actor
    }

    /// How far the permission reaches.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What the actor holds over the whole tenant: the most that they can grant.
    pub fn holds(&self) -> PermissionSet {
        self.holds
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.inner.keeper.seam()
    }

    /// The address that the request comes from; none where Elder acts by itself.
    pub fn client(&self) -> Option<IpAddr> {
        self.inner.context.meta.ip
    }

    pub(crate) fn keeper(&self) -> &Gatekeeper {
        &self.inner.keeper
    }

    pub(crate) fn meta(&self) -> &RequestMeta {
        &self.inner.context.meta
    }
}

impl<A: Authority<Mode = Write>> TenantTx<A> {
    /// Records the event and commits: one round trip.
    ///
    /// # Errors
    /// [`DbError`]; then nothing of this transaction has happened, unless the connection broke during the commit.
    pub async fn commit(self, event: Event) -> Result<(), DbError> {
        self.inner.commit(self.tenant, vec![event]).await
    }

    /// Records the events of several changes and commits: two round trips. Without an event nothing has changed, and
    /// nothing is committed.
    pub(crate) async fn commit_all(self, events: Vec<Event>) -> Result<(), DbError> {
        self.inner.commit(self.tenant, events).await
    }
}

impl<A: Authority> PlatformTx<A> {
    pub(crate) async fn begin(keeper: &Gatekeeper, context: Context) -> Result<Self, DbError> {
        let opening = Opening { tenant: None, writes: <A::Mode as crate::Mode>::WRITES };
        let conn = PlatformConn::take(keeper.platform_pool(), opening).await?;
        Ok(Self { inner: Transaction { conn, context, keeper: keeper.clone(), authority: PhantomData } })
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.inner.context.actor
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.inner.keeper.seam()
    }
}

impl<A: Authority<Mode = Write>> PlatformTx<A> {
    /// Records the event with the tenant that it concerns (System, if none) and commits: one round trip.
    ///
    /// # Errors
    /// [`DbError`]; then nothing of this transaction has happened, unless the connection broke during the commit.
    pub async fn commit(self, tenant: TenantId, event: Event) -> Result<(), DbError> {
        self.inner.commit(tenant, vec![event]).await
    }
}

impl PlatformTx<Housekeeping> {
    /// Runs one statement and commits it without an event: keeping things in order is nobody's act.
    ///
    /// # Errors
    /// [`DbError`]; then nothing of this transaction has happened, unless the connection broke during the commit.
    pub async fn settle(
        self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), DbError> {
        self.inner.conn.finish(sql, values).await
    }
}

impl<A: Authority> Deref for TenantTx<A> {
    type Target = TenantConn;

    fn deref(&self) -> &TenantConn {
        &self.inner.conn
    }
}

impl<A: Authority> Deref for PlatformTx<A> {
    type Target = PlatformConn;

    fn deref(&self) -> &PlatformConn {
        &self.inner.conn
    }
}
