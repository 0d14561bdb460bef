//! Changes that are done once, however often the request arrives: the answer is kept with the change, in its
//! transaction, under the key that the caller has given the request.

use std::time::Duration;

use elder_crypto::Sealer;
use elder_http::{KeptAnswer, Repeatable, Repeated};
use elder_kernel::TenantId;
use sea_orm::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    Conn, Gatekeeper, Worker,
    authority::work::Housekeeping,
    database::{DbError, Side},
    principal::Actor,
};

/// How long an answer is given again.
const KEPT: Duration = Duration::from_hours(24);

// The lock ends with the transaction. What was found free by one transaction of a request is its own: another of its
// transactions waits for whoever came between.
const TAKE: &str = "select pg_try_advisory_xact_lock($1) as is_free";
const WAIT: &str = "select pg_advisory_xact_lock($1)::text is not null as is_free";

// A statement of its own: it sees what was committed before the lock was had.
const FIND: &str = "
    select fingerprint, answer from idempotency_keys
    where tenant_id = $1 and actor_id = $2 and key = $3 and created_at > $4";

const KEEP: &str = "
    insert into idempotency_keys (tenant_id, actor_id, key, created_at, fingerprint, answer)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant_id, actor_id, key) do update
    set created_at = excluded.created_at, fingerprint = excluded.fingerprint, answer = excluded.answer
    where idempotency_keys.created_at <= $7";

const FORGET: &str = "delete from idempotency_keys where created_at <= $1";

/// Deletes the answers that nobody is given any more.
///
/// # Errors
/// [`DbError`].
pub async fn forget_answers(worker: &Worker) -> Result<(), DbError> {
    let since = worker.seam().now() - KEPT;
    worker.job::<Housekeeping>().platform().await?.settle(FORGET, [since.into()]).await
}

/// One caller's request under a key, in one tenant.
pub(crate) struct Repeat<'a> {
    request: &'a Repeatable,
    keeper: &'a Gatekeeper,
    tenant: TenantId,
    actor: Uuid,
}

impl<'a> Repeat<'a> {
    /// None for who is not signed in: nobody could tell their keys from another's.
    pub(crate) fn of(
        request: Option<&'a Repeatable>,
        keeper: &'a Gatekeeper,
        tenant: TenantId,
        actor: &Actor,
    ) -> Option<Self> {
        Some(Self { request: request?, keeper, tenant, actor: actor.id()? })
    }

    /// Keeps other requests under the key away for as long as the transaction lasts, and looks whether one was done.
    ///
    /// # Errors
    /// [`DbError::Repeated`] if this one is not to be done.
    pub(crate) async fn begin<S: Side>(&self, conn: &Conn<S>) -> Result<(), DbError> {
        let lock = if self.request.begins() { TAKE } else { WAIT };
        let row = conn.raw_row(lock, [self.lock().into()]).await?;
        if row.map(|row| row.get::<bool>("is_free")).transpose()? != Some(true) {
            return Err(Repeated::InProgress.into());
        }
        let values = [self.tenant.into(), self.actor.into(), self.request.key().into(), self.since().into()];
        let Some(row) = conn.raw_row(FIND, values).await? else { return Ok(()) };
        if row.get::<&[u8]>("fingerprint")? != self.request.fingerprint() {
            return Err(Repeated::AnotherRequest.into());
        }
        self.request.was_answered(self.open(row.get("answer")?)?);
        Err(Repeated::Answered.into())
    }

    /// Keeps the answer with what the transaction does.
    ///
    /// # Errors
    /// [`DbError`]; then the transaction must not be committed.
    pub(crate) async fn keep<S: Side>(&self, conn: &Conn<S>, answer: &KeptAnswer) -> Result<(), DbError> {
        let values: [Value; 7] = [
            self.tenant.into(),
            self.actor.into(),
            self.request.key().into(),
            self.keeper.seam().now().into(),
            self.request.fingerprint().to_vec().into(),
            self.sealer().seal(&self.place(), &serde_json::to_vec(answer).map_err(DbError::defect)?).into(),
            self.since().into(),
        ];
        let kept = conn.run(KEEP, values).await?;
        if kept == 0 { Err(Repeated::InProgress.into()) } else { Ok(()) }
    }

    fn open(&self, sealed: &[u8]) -> Result<KeptAnswer, DbError> {
        let plain = self.sealer().open(&self.place(), sealed).map_err(DbError::defect)?;
        serde_json::from_slice(&plain).map_err(DbError::defect)
    }

    /// An answer may hold what is shown once, such as an API key.
    fn sealer(&self) -> &Sealer {
        self.keeper.sealer()
    }

    fn place(&self) -> String {
        format!("{}/idempotency_keys/answer/{}/{}", self.tenant, self.actor, self.request.key())
    }

    fn lock(&self) -> i64 {
        let digest: [u8; 32] = Sha256::digest(self.place()).into();
        i64::from_be_bytes(*digest.first_chunk().unwrap_or(&[0; 8]))
    }

    fn since(&self) -> chrono::DateTime<chrono::Utc> {
        self.keeper.seam().now() - KEPT
    }
}
