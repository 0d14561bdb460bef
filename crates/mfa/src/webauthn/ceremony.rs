//! Challenges: Elder's own state of a ceremony, sealed and carried by the caller, good for a while and for one answer.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{Authority, DbError, TenantConn, TenantTx};
use elder_kernel::{Id, TenantId, User};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::Error;

/// How long an answer may take.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// What a challenge is for, and to whom it is bound: the account, and the session or the flow in which it was made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    /// A new key.
    Registration(Id<User>, Uuid),
    /// The proof of a key that is known.
    Proof(Id<User>, Uuid),
    /// A sign-in by whoever holds a passkey.
    SignIn,
}

impl Bound {
    /// The place that it is sealed at. It opens at no other.
    fn place(self) -> String {
        match self {
            Self::Registration(user, holder) => format!("webauthn/registration/{user}/{holder}"),
            Self::Proof(user, holder) => format!("webauthn/proof/{user}/{holder}"),
            Self::SignIn => "webauthn/sign_in".to_owned(),
        }
    }
}

/// A ceremony that has begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ceremony<S> {
    id: Uuid,
    expires_at: DateTime<Utc>,
    /// The state, with the challenge and what is demanded of the answer.
    pub(super) state: S,
}

/// Begins a ceremony: gives the text that comes back with the answer. Nothing is stored, so whoever is not signed in
/// fills no table by asking.
pub(super) fn begin<A: Authority, S: Serialize>(
    tx: &TenantTx<A>,
    bound: Bound,
    state: S,
) -> Result<String, Error> {
    let ceremony = Ceremony { id: tx.seam().uuid(), expires_at: tx.seam().now() + LASTS, state };
    Ok(URL_SAFE_NO_PAD.encode(tx.seal(&bound.place(), &serde_json::to_vec(&ceremony)?)))
}

/// The ceremony of a text; none if it was made for something else, altered, or too long ago.
pub(super) fn open<A: Authority, S: DeserializeOwned>(
    tx: &TenantTx<A>,
    bound: Bound,
    text: &str,
) -> Option<Ceremony<S>> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let plain = tx.unseal(&bound.place(), &sealed).ok()?;
    let ceremony: Ceremony<S> = serde_json::from_slice(&plain).ok()?;
    (tx.seam().now() < ceremony.expires_at).then_some(ceremony)
}

const SPEND: &str = "
    insert into webauthn_challenges (tenant_id, id, expires_at) values ($1, $2, $3)
    on conflict (tenant_id, id) do nothing";

impl<S> Ceremony<S> {
    /// Uses the challenge up, once the transaction is committed; false if that was done before.
    pub(super) async fn spend(&self, conn: &TenantConn, tenant: TenantId) -> Result<bool, DbError> {
        Ok(conn.run(SPEND, [tenant.into(), self.id.into(), self.expires_at.into()]).await? > 0)
    }
}
