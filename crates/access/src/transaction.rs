//! Transactions as the services hold them: no change is committed without its event.

mod secrets;

use std::{
    marker::PhantomData,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::HttpResponse;
use elder_api_types::permission::Feature;
use elder_http::{KeptAnswer, Problem, RequestMeta};
use elder_kernel::{Precondition, Seam, TenantId, VersionMismatch};
use sea_orm::Value;
use serde::Serialize;

use crate::{
    Gatekeeper,
    actions::Outcome,
    authority::{Authority, Write, work::Housekeeping},
    database::{DbError, Opening, Platform, PlatformConn, Side, Tenant, TenantConn},
    entitlements::Entitlements,
    event::{Context, Event},
    permissions::PermissionSet,
    principal::{Actor, Reach},
    repeat::Repeat,
};

struct Transaction<S: Side, A> {
    conn: crate::Conn<S>,
    demand: Mutex<Precondition>,
    context: Context,
    keeper: Gatekeeper,
    authority: PhantomData<fn() -> A>,
}

impl<S: Side, A: 'static> Transaction<S, A> {
    fn new(conn: crate::Conn<S>, context: Context, keeper: &Gatekeeper) -> Self {
        let demand = Mutex::new(context.meta.if_match.clone());
        Self { conn, demand, context, keeper: keeper.clone(), authority: PhantomData }
    }

    /// Compares what the request demands with the resource as it is now, and is satisfied then.
    fn expect<T: Serialize>(&self, present: &T) -> Result<(), DbError> {
        let mut demand = self.demand.lock().unwrap_or_else(PoisonError::into_inner);
        demand.check(present)?;
        *demand = Precondition::None;
        Ok(())
    }

    /// Demands something else, and gives what was demanded before.
    fn demand(&self, demand: Precondition) -> Precondition {
        std::mem::replace(&mut *self.demand.lock().unwrap_or_else(PoisonError::into_inner), demand)
    }

    /// A demand that nobody has compared with anything is one that the resource cannot meet: it has no tag.
    fn is_unmet(&self) -> bool {
        *self.demand.lock().unwrap_or_else(PoisonError::into_inner) != Precondition::None
    }

    /// Looks whether the request was sent before, if it writes under a key.
    async fn begin(self, tenant: TenantId, writes: bool) -> Result<Self, DbError> {
        if let Some(repeat) = self.repeat(tenant).filter(|_| writes) {
            repeat.begin(&self.conn).await?;
        }
        Ok(self)
    }

    fn repeat(&self, tenant: TenantId) -> Option<Repeat<'_>> {
        let Context { actor, meta } = &self.context;
        Repeat::of(meta.repeatable.as_deref(), &self.keeper, tenant, actor)
    }

    /// Commits what has changed, and with it the answer, so that the same request is answered so again. Where nothing
    /// has changed there is nothing to commit, and nothing that could be done twice.
    async fn answer(
        self,
        tenant: TenantId,
        found_in: TenantId,
        events: Vec<Event>,
        answer: HttpResponse,
    ) -> Result<HttpResponse, Problem> {
        if events.is_empty() {
            return Ok(answer);
        }
        let answer = self.note(found_in, answer).await?;
        self.commit(tenant, events).await?;
        Ok(answer)
    }

    /// Writes the answer down if the request has a key.
    async fn note(&self, tenant: TenantId, answer: HttpResponse) -> Result<HttpResponse, Problem> {
        let Some(repeat) = self.repeat(tenant) else { return Ok(answer) };
        let (kept, answer) = KeptAnswer::of(answer).map_err(DbError::defect)?;
        repeat.keep(&self.conn, &kept).await?;
        Ok(answer)
    }

    /// Keeps the answer to a request whose changes were committed before, each for itself.
    async fn keep(self, tenant: TenantId, answer: HttpResponse) -> Result<HttpResponse, Problem> {
        let answer = self.note(tenant, answer).await?;
        if self.repeat(tenant).is_some() {
            self.conn.finish("select", []).await?;
        }
        Ok(answer)
    }

    /// In a task of its own: a caller who goes away after `COMMIT` was sent would else keep this node from forgetting
    /// what the change has made untrue.
    async fn commit(self, tenant: TenantId, events: Vec<Event>) -> Result<(), DbError> {
        // A failure is written down whatever the request demands: else a guess with a condition would not count.
        let changes = events.iter().any(|event| event.outcome() == Outcome::Success);
        if changes && self.is_unmet() {
            return Err(VersionMismatch.into());
        }
        let Self { conn, context, keeper, .. } = self;
        let committing = elder_telemetry::spawn("commit", async move {
            let people = keeper.people();
            let keys = context.keys(&conn, &events, tenant, people).await?;
            let Some((record, values)) = context.record_all(&events, tenant, keeper.seam(), (people, &keys))
            else {
                return Ok(());
            };
            conn.finish(record, values).await?;
            people.remember(keys);
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
        let inner = Transaction::new(conn, context, keeper).begin(tenant, opening.writes).await?;
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

    /// What the program calls itself that the request comes from.
    pub fn user_agent(&self) -> Option<&str> {
        self.inner.context.meta.user_agent.as_deref()
    }

    /// Demands that the licence covers `feature`.
    ///
    /// # Errors
    /// [`DbError::Unlicensed`].
    pub fn demand(&self, feature: Feature) -> Result<(), DbError> {
        Ok(self.inner.keeper.entitlements().demand(feature)?)
    }

    /// Whether the licence covers `feature`.
    pub fn covers(&self, feature: Feature) -> bool {
        self.inner.keeper.entitlements().cover(feature)
    }

    /// What the licence covers now.
    pub fn entitlements(&self) -> Arc<Entitlements> {
        self.inner.keeper.entitlements()
    }

    pub(crate) fn keeper(&self) -> &Gatekeeper {
        &self.inner.keeper
    }

    pub(crate) fn meta(&self) -> &RequestMeta {
        &self.inner.context.meta
    }
}

impl<A: Authority<Mode = Write>> TenantTx<A> {
    /// Does one of several changes, which demands this of the resource that it finds.
    pub(crate) async fn demanding<T>(
        &self,
        demand: Precondition,
        change: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        // What the request demands as a whole stays: a batch has no state that it could fit.
        let of_request = self.inner.demand(demand);
        let done = change.await;
        let is_unmet = self.inner.is_unmet();
        self.inner.demand(of_request);
        if is_unmet && done.is_ok() { Err(VersionMismatch.into()) } else { done }
    }

    /// Refuses a change if the request says by `If-Match` that it is of another state than `present`, the resource as
    /// it is shown and locked now. A request that says so and is never compared cannot be committed.
    ///
    /// # Errors
    /// [`DbError::Stale`].
    pub fn expect<T: Serialize>(&self, present: &T) -> Result<(), DbError> {
        self.inner.expect(present)
    }

    /// Records the event and commits: one round trip.
    ///
    /// # Errors
    /// [`DbError`]; then nothing of this transaction has happened, unless the connection broke during the commit.
    pub async fn commit(self, event: Event) -> Result<(), DbError> {
        self.inner.commit(self.tenant, vec![event]).await
    }

    /// Ends a request: commits with the event of what it has changed, if it has changed anything, and gives the answer.
    /// Under an `Idempotency-Key` the answer is kept with the change.
    ///
    /// # Errors
    /// As for [`Self::commit`].
    pub async fn answer(
        self,
        event: impl Into<Option<Event>>,
        answer: HttpResponse,
    ) -> Result<HttpResponse, Problem> {
        self.answer_all(event.into().into_iter().collect(), answer).await
    }

    /// Commits one of the changes of a request ([`crate::Access::part`]), and keeps what there is to know of it.
    ///
    /// # Errors
    /// As for [`Self::commit`].
    pub async fn end_part(
        self,
        event: impl Into<Option<Event>>,
        done: &impl Serialize,
    ) -> Result<(), Problem> {
        self.answer(event, HttpResponse::Ok().json(done)).await.map(drop)
    }

    /// Keeps the answer under an `Idempotency-Key`. Nothing may have been changed in this transaction.
    pub(crate) async fn keep(self, answer: HttpResponse) -> Result<HttpResponse, Problem> {
        self.inner.keep(self.tenant, answer).await
    }

    /// Like [`Self::answer`], for the events of several changes.
    pub(crate) async fn answer_all(
        self,
        events: Vec<Event>,
        answer: HttpResponse,
    ) -> Result<HttpResponse, Problem> {
        self.inner.answer(self.tenant, self.tenant, events, answer).await
    }
}

impl<A: Authority> PlatformTx<A> {
    pub(crate) async fn begin(keeper: &Gatekeeper, context: Context) -> Result<Self, DbError> {
        let opening = Opening { tenant: None, writes: <A::Mode as crate::Mode>::WRITES };
        let conn = PlatformConn::take(keeper.platform_pool(), opening).await?;
        let inner = Transaction::new(conn, context, keeper).begin(TenantId::SYSTEM, opening.writes).await?;
        Ok(Self { inner })
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.inner.context.actor
    }

    pub(crate) fn keeper(&self) -> &Gatekeeper {
        &self.inner.keeper
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.inner.keeper.seam()
    }
}

impl<A: Authority<Mode = Write>> PlatformTx<A> {
    /// Like [`TenantTx::expect`].
    ///
    /// # Errors
    /// [`DbError::Stale`].
    pub fn expect<T: Serialize>(&self, present: &T) -> Result<(), DbError> {
        self.inner.expect(present)
    }

    /// Records the event with the tenant that it concerns (System, if none) and commits: one round trip.
    ///
    /// # Errors
    /// [`DbError`]; then nothing of this transaction has happened, unless the connection broke during the commit.
    pub async fn commit(self, tenant: TenantId, event: Event) -> Result<(), DbError> {
        self.inner.commit(tenant, vec![event]).await
    }

    /// Ends a request: commits with the event of what it has changed, if it has changed anything, and gives the answer.
    /// Under an `Idempotency-Key` the answer is kept with the change.
    ///
    /// # Errors
    /// As for [`Self::commit`].
    pub async fn answer(
        self,
        tenant: TenantId,
        event: impl Into<Option<Event>>,
        answer: HttpResponse,
    ) -> Result<HttpResponse, Problem> {
        self.inner.answer(tenant, TenantId::SYSTEM, event.into().into_iter().collect(), answer).await
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
