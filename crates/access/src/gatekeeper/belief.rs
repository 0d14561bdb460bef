//! What a node remembers of credentials: for 900 ms at the most, and never longer than until this node changes something.
//!
//! The bound is what makes a revocation reach every node within a second, without a message between nodes that
//! could get lost.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use elder_api_types::role::{GlobalRole, Role};
use elder_crypto::KeyRing;
use elder_kernel::{Id, Session, TenantId, User};
use moka::{Expiry, sync::Cache};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::principal::Principal;

/// How long a principal is believed at the most.
const BELIEVED: Duration = Duration::from_millis(900);
/// How much shorter it may be, in milliseconds. Those who come at the same time, behind a restart or a pause, would else
/// all be asked for at the same time again, each second, and everybody would wait behind them.
const SPREAD: u128 = 300;
/// Most principals and tokens that a node remembers.
const MOST: u64 = 100_000;

/// The `typ` of an access token (RFC 9068 §2.1).
pub(crate) const TOKEN_TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: Id<User>,
    pub(crate) tenant_id: TenantId,
    pub(crate) sid: Id<Session>,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) auth_time: i64,
    pub(crate) amr: Vec<String>,
    pub(crate) global_role: Option<GlobalRole>,
    pub(crate) tenant_role: Option<Role>,
    /// Who acts in the name of `sub` (RFC 8693 §4.1). It tells other readers of the token; here the session's row decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Act>,
}

/// Who acts in somebody's name.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) sub: Id<User>,
    pub(crate) tenant_id: TenantId,
}

/// How long each principal is believed: for each credential another time, the same whenever it is asked for.
struct Spread;

impl Spread {
    fn believed(credential: Uuid) -> Duration {
        // The last bits of every kind of id are random.
        let less = u64::try_from(credential.as_u128() % SPREAD).unwrap_or_default();
        BELIEVED.saturating_sub(Duration::from_millis(less))
    }
}

impl<T> Expiry<(TenantId, Uuid), T> for Spread {
    fn expire_after_create(&self, (_, credential): &(TenantId, Uuid), _: &T, _: Instant) -> Option<Duration> {
        Some(Self::believed(*credential))
    }

    fn expire_after_update(
        &self,
        (_, credential): &(TenantId, Uuid),
        _: &T,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::believed(*credential))
    }
}

/// Principals by credential, and verified tokens by their SHA-256.
pub(crate) struct Beliefs {
    principals: Cache<(TenantId, Uuid), (u64, Arc<Principal>)>,
    tokens: Cache<[u8; 32], (Arc<KeyRing>, Arc<Claims>)>,
    epochs: RwLock<Epochs>,
}

/// How often everything was forgotten, and how often each tenant.
#[derive(Default)]
struct Epochs {
    of_all: u64,
    of_tenant: HashMap<TenantId, u64>,
}

impl Beliefs {
    pub(super) fn new() -> Self {
        Self {
            principals: Cache::builder().max_capacity(MOST).expire_after(Spread).build(),
            // A signature stays right; `exp` is looked at each time. The bound is one of memory.
            tokens: Cache::builder().max_capacity(MOST).time_to_live(Duration::from_mins(10)).build(),
            epochs: RwLock::default(),
        }
    }

    /// To be asked before the database is: what is read afterwards is at least as new.
    pub(crate) fn epoch(&self, tenant: TenantId) -> u64 {
        let epochs = self.epochs.read().unwrap_or_else(PoisonError::into_inner);
        epochs.of_all + epochs.of_tenant.get(&tenant).copied().unwrap_or_default()
    }

    pub(crate) fn principal(&self, tenant: TenantId, credential: Uuid) -> Option<Arc<Principal>> {
        let (epoch, principal) = self.principals.get(&(tenant, credential))?;
        (epoch == self.epoch(tenant)).then_some(principal)
    }

    pub(crate) fn believe(&self, credential: Uuid, epoch: u64, principal: Arc<Principal>) {
        self.principals.insert((principal.tenant, credential), (epoch, principal));
    }

    /// Forgets every principal of a tenant at once.
    pub(crate) fn forget(&self, tenant: TenantId) {
        let mut epochs = self.epochs.write().unwrap_or_else(PoisonError::into_inner);
        *epochs.of_tenant.entry(tenant).or_default() += 1;
    }

    /// Forgets every principal of every tenant at once.
    pub(crate) fn forget_all(&self) {
        self.epochs.write().unwrap_or_else(PoisonError::into_inner).of_all += 1;
    }

    /// The claims of a token that was verified with these very keys.
    pub(crate) fn token(&self, digest: &[u8; 32], keys: &Arc<KeyRing>) -> Option<Arc<Claims>> {
        let (verified_with, claims) = self.tokens.get(digest)?;
        Arc::ptr_eq(&verified_with, keys).then_some(claims)
    }

    pub(crate) fn verified(&self, digest: [u8; 32], keys: Arc<KeyRing>, claims: Arc<Claims>) {
        self.tokens.insert(digest, (keys, claims));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_at_once_is_asked_for_one_after_the_other_and_within_the_bound() {
        let seam = elder_kernel::Seam::system();
        let mut times: Vec<_> = (0..1_000).map(|_| Spread::believed(seam.uuid())).collect();
        times.sort_unstable();
        assert!(times.last() <= Some(&BELIEVED));
        assert!(times.first() > Some(&(BELIEVED.saturating_sub(Duration::from_millis(301)))));
        times.dedup();
        assert!(times.len() > 200, "{} different times", times.len());
    }
}
