//! One audit event, and the rows that it becomes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use elder_http::RequestMeta;
use elder_kernel::{AuditEvent, Id, Kind, Organization, OutboxEvent, Seam, TenantId, User};
use sea_orm::Value;
use serde::Serialize;
use serde_json::{Map, json};

use crate::{
    actions::{Action, Outcome},
    changes::Changes,
    database::{Conn, DbError, Side, packed},
    people::{Keys, People, Person, Sealed, Wanted},
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
    /// Whose the details are that are personal.
    people: BTreeMap<String, Person>,
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
            people: BTreeMap::new(),
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

    /// Adds a detail that is personal data of `person`: the log has it sealed under their key.
    #[must_use]
    pub fn with_personal(mut self, person: impl Into<Person>, name: &str, value: impl Serialize) -> Self {
        self.people.insert(name.to_owned(), person.into());
        self.with(name, value)
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

    /// The person whom it is about, as far as it names one.
    fn subject(&self) -> Option<Id<User>> {
        let named = self.resource.as_deref().and_then(|resource| resource.parse().ok());
        named.or_else(|| self.metadata.get("user")?.as_str()?.parse().ok())
    }

    /// The details, with whose they are if they are somebody's.
    fn details(&self) -> impl Iterator<Item = (&String, &serde_json::Value, Option<&Person>)> {
        self.metadata.iter().map(|(name, value)| (name, value, self.people.get(name)))
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

/// In which of these tenants bodies may be kept now: where somebody is being erased, none is. Nobody waits.
pub(crate) const ADMIT_BODIES: &str = "
    select t as tenant_id from unnest($1::int[]) as wanted (t)
    where pg_try_advisory_xact_lock_shared(hashtext('elder.audit_bodies'), t)";

/// The bodies of calls, packed into one parameter. What was said before somebody was erased may tell of them: it comes too late, by
/// as much as clocks may differ.
pub(crate) const KEEP_BODIES: &str = "
    insert into audit_bodies (tenant_id, timestamp, event_id, sealed)
    select (v->>0)::int, (v->>1)::timestamptz, (v->>2)::uuid, decode(v->>3, 'base64')
    from jsonb_array_elements($1::jsonb) as packed (v)
    where (v->>0)::int = any ($2::int[]) and exists (select from tenants t where t.id = (v->>0)::int)
      and not exists (
        select from person_keys k
        where k.tenant_id = (v->>0)::int and k.erased_at > (v->>1)::timestamptz - interval '1 minute')
    on conflict do nothing";

/// Where the changes are among the values of [`Context::audit_values`].
const CHANGES: usize = 14;
/// Where the bodies of a call are, behind the values of its audit row and those that an outbox row would have.
pub(crate) const BODY: usize = 23;

/// Who acts, and in answer to which request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) actor: Actor,
    pub(crate) meta: RequestMeta,
}

impl Context {
    /// Whose address and program the request has: of who really acts, and of somebody who is not signed in yet the account
    /// that they mean.
    fn caller(&self, event: &Event) -> Option<Person> {
        let guest = (self.actor.kind == Actor::GUEST.kind).then(|| event.subject()).flatten();
        self.actor.impersonator.or(self.actor.user).or(guest).map(Person::Of)
    }

    /// Under whose keys lies what an event says of persons.
    fn people(&self, event: &Event) -> impl Iterator<Item = Person> {
        let told = event.changes.people().chain(event.people.values()).cloned();
        told.chain(self.caller(event)).collect::<Vec<_>>().into_iter()
    }

    /// Whose keys an event needs: of those who are new, and of the others.
    pub(crate) fn wanted(&self, event: &Event, tenant: TenantId, people: &People) -> (Wanted, Wanted) {
        let (mut new, mut others) = (Wanted::new(), Wanted::new());
        for person in self.people(event) {
            let to = if matches!(person, Person::New(_)) { &mut new } else { &mut others };
            to.insert((tenant, people.number(tenant, &person)));
        }
        (new, others)
    }

    /// The keys that these events need, made if need be.
    pub(crate) async fn keys<S: Side>(
        &self,
        conn: &Conn<S>,
        events: &[Event],
        tenant: TenantId,
        people: &People,
    ) -> Result<Keys, DbError> {
        let (mut new, mut others) = (Wanted::new(), Wanted::new());
        for event in events {
            let (its_new, its_others) = self.wanted(event, tenant, people);
            new.extend(its_new);
            others.extend(its_others);
        }
        others.retain(|whose| !new.contains(whose));
        let mut keys = people.ensure(conn, others).await?;
        keys.extend(people.add(conn, new).await?);
        Ok(keys)
    }

    pub(crate) fn audit_values(
        &self,
        event: &Event,
        at: DateTime<Utc>,
        id: Id<AuditEvent>,
        sealed: &Sealed<'_>,
    ) -> Vec<Value> {
        let text = |text: Option<String>| Value::String(text);
        let caller = self.caller(event);
        let own = |of_request: Option<String>| match (&caller, of_request) {
            (Some(person), Some(of_request)) => text(sealed.text(person, &of_request)),
            (_, of_request) => text(of_request),
        };
        vec![
            sealed.tenant().0.into(),
            at.into(),
            id.into(),
            self.meta.id.clone().into(),
            self.actor.kind.into(),
            Value::Uuid(self.actor.user.map(Id::uuid)),
            Value::Uuid(self.actor.key),
            own(self.meta.ip.map(|ip| ip.to_string())),
            own(self.meta.user_agent.clone()),
            event.action.name().into(),
            event.action.category().name().into(),
            event.action.resource_type().into(),
            text(event.resource.clone()),
            Value::Uuid(event.organization.map(Id::uuid)),
            sealed.object(event.changes.fields(), Sealed::change).into(),
            event.outcome.name().into(),
            text(event.reason.clone()),
            sealed.object(event.details(), Sealed::value).into(),
            Value::Uuid(self.actor.impersonator.map(Id::uuid)),
        ]
    }

    /// The statement that writes events down, and its values; none for no events.
    pub(crate) fn record_all(
        &self,
        events: &[Event],
        tenant: TenantId,
        seam: &Seam,
        (people, keys): (&People, &Keys),
    ) -> Option<(&'static str, Vec<Value>)> {
        let record = |event: &Event| {
            let (at, id) = (seam.now(), seam.id());
            self.both_values(event, seam, (at, id), &Sealed::new(people, keys, tenant, id))
        };
        Some(match events {
            [] => return None,
            [event] => (RECORD, record(event)),
            events => (RECORD_ALL, vec![packed(events.iter().map(record))]),
        })
    }

    /// The values of the audit row, and behind them those of the outbox row.
    pub(crate) fn both_values(
        &self,
        event: &Event,
        seam: &Seam,
        (at, id): (DateTime<Utc>, Id<AuditEvent>),
        sealed: &Sealed<'_>,
    ) -> Vec<Value> {
        let mut values = self.audit_values(event, at, id, sealed);
        let changes = values.get(CHANGES).cloned().and_then(|changes| match changes {
            Value::Json(changes) => changes.map(|changes| *changes),
            _ => None,
        });
        let data = json!({
            "audit_event": id,
            "resource_type": event.action.resource_type(),
            "resource_id": event.resource,
            "changes": changes,
        });
        values.extend([
            seam.id::<OutboxEvent>().into(),
            format!("elder.{}", event.action.name()).into(),
            format!("/tenants/{}", sealed.tenant()).into(),
            data.into(),
        ]);
        values
    }
}
