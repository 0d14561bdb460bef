//! What may happen to a sign-in of several steps.

mod repository;

use elder_access::{Authority, DbError, TenantTx, Worker, Write, session::StartsSession, work::Housekeeping};
use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::{Id, Secret, SignInFlow, TenantId, User};

use super::{Flow, LASTS, NewFlow};
use crate::{Error, factor::FactorId};

/// A flow as its holder names it.
#[derive(Debug, Clone, Copy)]
pub struct FlowToken(Parsed);

impl FlowToken {
    /// Reads what was sent.
    ///
    /// # Errors
    /// [`Error::InvalidFlow`].
    pub fn parse(text: &Secret<String>) -> Result<Self, Error> {
        let parsed = OpaqueToken::parse(text.expose()).ok();
        parsed.filter(|parsed| parsed.kind == TokenKind::Flow).map(Self).ok_or(Error::InvalidFlow)
    }

    /// The tenant whose flow it is.
    pub fn tenant(&self) -> TenantId {
        self.0.tenant
    }
}

/// Keeps what somebody has proven until the next step.
///
/// # Errors
/// [`Error::Database`].
pub async fn open<A: StartsSession>(tx: &TenantTx<A>, new: NewFlow) -> Result<Secret<String>, Error> {
    let (id, now) = (tx.seam().id::<SignInFlow>(), tx.seam().now());
    let (token, hash) = OpaqueToken::mint(TokenKind::Flow, tx.tenant(), id.uuid(), &tx.seam().random);
    let NewFlow { user, purpose, methods, device, rests_on } = new;
    let flow = Flow { id, user, purpose, methods, device, factor: None, rests_on };
    repository::insert(tx, tx.tenant(), &flow, &hash, (now, now + LASTS)).await?;
    Ok(token)
}

/// A flow that goes on, and is locked until then.
///
/// # Errors
/// [`Error::InvalidFlow`] if it is unknown, over, or out of tries.
pub async fn get<A: StartsSession>(tx: &TenantTx<A>, token: &FlowToken) -> Result<Flow, Error> {
    let found = repository::lock(tx, tx.tenant(), Id::from_uuid(token.0.id), tx.seam().now()).await?;
    let (flow, hash) = found.ok_or(Error::InvalidFlow)?;
    if hash == token.0.secret_hash { Ok(flow) } else { Err(Error::InvalidFlow) }
}

/// Counts a try. It counts once the transaction is committed, however the try ended.
///
/// # Errors
/// [`Error::Database`].
pub async fn count<A: StartsSession>(tx: &TenantTx<A>, flow: &Flow) -> Result<(), Error> {
    Ok(repository::count(tx, tx.tenant(), flow.id).await?)
}

/// Says what is being set up in a flow.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_factor<A: StartsSession>(
    tx: &TenantTx<A>,
    flow: &Flow,
    factor: FactorId,
) -> Result<(), Error> {
    Ok(repository::set_factor(tx, tx.tenant(), flow.id, factor).await?)
}

/// Ends a flow: it gives one session.
///
/// # Errors
/// [`Error::Database`].
pub async fn end<A: StartsSession>(tx: &TenantTx<A>, flow: &Flow) -> Result<(), Error> {
    Ok(repository::end(tx, tx.tenant(), flow.id, tx.seam().now()).await?)
}

/// Ends every flow of a user: what was proven in them holds no more.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_user<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
) -> Result<(), DbError> {
    repository::end_of_user(tx, tx.tenant(), user, tx.seam().now()).await
}

/// Deletes flows and challenges that are over.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_flows(worker: &Worker) -> Result<(), Error> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let now = tx.seam().now();
    Ok(repository::forget(tx, now).await?)
}
