//! The one value behind every door: pools, keys, and what a node remembers of credentials.

mod aside;
mod belief;
mod observer;
pub mod signing_keys;

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use elder_crypto::{
    Algorithm, Cursors, KeyEnvironment, KeyFault, KeyRing, MasterKey, Sealer, Successors, Unsealable,
};
use elder_http::RequestMeta;
use elder_kernel::{Seam, TenantId};
use elder_limits::Link;

use crate::{
    actions::Action,
    bodies::Said,
    database::{ConnectError, DatabaseTarget, DbError, Pool},
    entitlements::Entitlements,
    event::{Context, Event},
    job::Worker,
    limits::Limits,
    origins::Origins,
    people::People,
    platform_state::PlatformState,
    remembered::Remembered,
};

pub use aside::Asides;
pub use observer::Committed;

use aside::{Aside, Buffer};

pub(crate) use belief::{Act, Beliefs, Claims, TOKEN_TYPE};

/// What the gate is made of.
pub struct Parts {
    /// The application role.
    pub app: DatabaseTarget,
    /// The platform role.
    pub platform: DatabaseTarget,
    /// Time, ids and randomness.
    pub seam: Seam,
    /// Seals secret columns and cursors.
    pub master_key: MasterKey,
    /// What the licence covers.
    pub entitlements: Entitlements,
    /// What tokens are issued as, and for how long.
    pub policy: AccessPolicy,
    /// How many requests each caller may send; without it, any number.
    pub limits: Option<Limits>,
    /// How calls and refusals are written down.
    pub asides: Asides,
}

/// How access tokens are issued.
#[derive(Debug, Clone)]
pub struct AccessPolicy {
    /// The `iss` claim.
    pub issuer: String,
    /// How long an access token lasts.
    pub access_token: Duration,
    /// How long a refresh token that was just used may be sent again.
    pub refresh_retry: Duration,
    /// How new signing keys sign.
    pub algorithm: Algorithm,
    /// What stands in API keys.
    pub key_environment: KeyEnvironment,
}

/// Why the gate cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A pool or a role.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database.
    #[error("the signing keys could not be read")]
    Database(#[from] DbError),
    /// A signing key.
    #[error("the signing keys cannot be used: was the master key changed?")]
    Keys(#[from] KeyFault),
    /// A sealed key that the master key does not open.
    #[error("a signing key cannot be opened: the master key is not the one that sealed it")]
    Sealed(#[from] Unsealable),
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// `app` or `platform`.
    pub pool: &'static str,
    /// Open ones.
    pub size: usize,
    /// Idle ones.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// The gate. Cheap to clone.
#[derive(Clone)]
pub struct Gatekeeper(Arc<Inner>);

struct Inner {
    app: Pool,
    app_setting: &'static str,
    platform: Pool,
    platform_setting: &'static str,
    seam: Seam,
    sealer: Sealer,
    people: People,
    cursors: Cursors,
    successors: Successors,
    entitlements: RwLock<Arc<Entitlements>>,
    policy: AccessPolicy,
    keys: RwLock<Option<Arc<KeyRing>>>,
    beliefs: Beliefs,
    state: Remembered<PlatformState>,
    origins: Remembered<Origins>,
    asides: Asides,
    buffer: OnceLock<Buffer>,
    observer: OnceLock<observer::Observer>,
    limits: Option<Limits>,
}

impl Gatekeeper {
    /// Builds the gate and the one handle from which jobs are made. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ConnectError`] if a URL cannot be used.
    pub fn build(parts: Parts) -> Result<(Self, Worker), ConnectError> {
        let sealer = Sealer::new(&parts.master_key, parts.seam.random.clone());
        let keeper = Self(Arc::new(Inner {
            app: Pool::new(&parts.app)?,
            app_setting: parts.app.setting,
            platform: Pool::new(&parts.platform)?,
            platform_setting: parts.platform.setting,
            cursors: Cursors::new(Sealer::new(&parts.master_key, parts.seam.random.clone())),
            successors: Successors::new(&parts.master_key),
            sealer,
            people: People::new(&parts.master_key, parts.seam.random.clone()),
            beliefs: Beliefs::new(),
            seam: parts.seam,
            entitlements: RwLock::new(Arc::new(parts.entitlements)),
            policy: parts.policy,
            keys: RwLock::new(None),
            state: Remembered::default(),
            origins: Remembered::default(),
            asides: parts.asides,
            buffer: OnceLock::new(),
            observer: OnceLock::new(),
            limits: parts.limits,
        }));
        let worker = Worker::new(keeper.clone());
        Ok((keeper, worker))
    }

    /// Checks both roles, loads the signing keys (making the first), and starts to write calls and denials. Until then every
    /// credential is answered with 503.
    ///
    /// # Errors
    /// [`OpenError`]. A role that could bypass row-level security is one that no waiting mends.
    pub async fn open(&self, worker: &Worker) -> Result<(), OpenError> {
        self.0.app.check_role(self.0.app_setting).await?;
        self.0.platform.check_role(self.0.platform_setting).await?;
        self.replace_keys(signing_keys::load(worker).await?);
        let mut is_first = false;
        self.0.buffer.get_or_init(|| {
            is_first = true;
            Buffer::start(self, &self.0.asides)
        });
        if is_first {
            self.0.app.watch();
            self.0.platform.watch();
        }
        Ok(())
    }

    /// The public keys, as `/.well-known/jwks.json` shows them (RFC 7517).
    pub fn jwks(&self) -> serde_json::Value {
        let empty = || serde_json::json!({ "keys": [] });
        self.keys().map_or_else(empty, |keys| keys.jwks(self.seam().now()))
    }

    /// The `iss` of the tokens that are issued here.
    pub fn issuer(&self) -> &str {
        &self.0.policy.issuer
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        &self.0.seam
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    pub(crate) fn people(&self) -> &People {
        &self.0.people
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    pub(crate) fn successors(&self) -> &Successors {
        &self.0.successors
    }

    /// How full the pools are.
    pub fn pools(&self) -> [PoolStatus; 2] {
        [("app", &self.0.app), ("platform", &self.0.platform)].map(|(pool, of)| {
            let (size, idle, waiting) = of.status();
            PoolStatus { pool, size, idle, waiting }
        })
    }

    /// Whether PostgreSQL has fallen silent: it refuses nothing, and answers nothing.
    pub fn is_silent(&self) -> bool {
        self.0.app.is_silent() || self.0.platform.is_silent()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`DbError`]; a caller who cannot wait for the connect timeout bounds the time itself.
    pub async fn ping(&self) -> Result<(), DbError> {
        let connection = self.0.platform.get().await?;
        connection.simple_query("select 1").await?;
        connection.heard();
        Ok(())
    }

    /// Whether Redis keeps the rate limits.
    pub fn redis(&self) -> Link {
        self.0.limits.as_ref().map_or(Link::Alone, |limits| limits.limiter.link())
    }

    /// Connects to Redis, if one is named, and from then on sees to it that it is used whenever it answers.
    pub async fn join_redis(&self) {
        let Some(Limits { limiter, .. }) = &self.0.limits else { return };
        if let Err(lost) = limiter.look().await {
            tracing::warn!(%lost, "Redis does not answer: this node begins with rate limits of its own");
        }
        elder_telemetry::spawn("link to Redis", limiter.clone().watch());
    }

    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.0.limits.as_ref()
    }

    /// What the licence covers now.
    pub fn entitlements(&self) -> Arc<Entitlements> {
        self.0.entitlements.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what another licence covers, from the next request on.
    pub fn entitle(&self, entitlements: Entitlements) {
        *self.0.entitlements.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(entitlements);
    }

    /// Writes down which calls were made and refused, as far as that waits. To be done before [`Self::close`], when no
    /// request comes any more.
    pub async fn drain(&self) {
        if let Some(buffer) = self.0.buffer.get() {
            buffer.drain().await;
        }
    }

    /// Closes the pools: what runs is finished, nothing new begins.
    pub fn close(&self) {
        self.0.app.close();
        self.0.platform.close();
    }

    pub(crate) fn app_pool(&self) -> &Pool {
        &self.0.app
    }

    pub(crate) fn platform_pool(&self) -> &Pool {
        &self.0.platform
    }

    pub(crate) fn policy(&self) -> &AccessPolicy {
        &self.0.policy
    }

    pub(crate) fn keys(&self) -> Option<Arc<KeyRing>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over other keys. What was verified with those before is verified anew.
    pub(crate) fn replace_keys(&self, ring: KeyRing) {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.as_ref().is_none_or(|present| !present.is_like(&ring)) {
            *keys = Some(Arc::new(ring));
        }
    }

    pub(crate) fn beliefs(&self) -> &Beliefs {
        &self.0.beliefs
    }

    pub(crate) fn remembered_state(&self) -> &Remembered<PlatformState> {
        &self.0.state
    }

    pub(crate) fn remembered_origins(&self) -> &Remembered<Origins> {
        &self.0.origins
    }

    /// Forgets what a committed change may have made untrue, so that this node obeys it with the answer.
    pub(crate) fn committed(&self, event: &Event, tenant: TenantId) {
        match event.action() {
            // A new account takes nobody's rights, nor does a push unless it deactivates or deletes; both come by the
            // thousand.
            Action::UserCreated
            | Action::SignedIn
            | Action::SignInFailed
            | Action::UserLocked
            | Action::MfaChallenged
            | Action::SessionRefreshed
            | Action::AccessDenied
            | Action::TenantRateLimited
            | Action::ScimUserCreated
            | Action::ScimUserUpdated => {}
            Action::PlatformSettingsUpdated => self.0.state.forget(),
            Action::PersonErased => {
                self.0.people.forget();
                self.0.beliefs.forget(tenant);
            }
            Action::EverybodySignedOut => self.0.beliefs.forget_all(),
            _ => self.0.beliefs.forget(tenant),
        }
        if let Some(ended) = event.ends {
            self.0.beliefs.forget(ended);
        }
        self.recorded(event, tenant);
    }

    /// Whether calls are written to the audit log.
    pub(crate) fn records_calls(&self) -> bool {
        self.0.asides.calls
    }

    /// Has an event written down that is no change's.
    pub(crate) fn note(&self, tenant: TenantId, context: Context, event: Event) {
        self.note_call(tenant, context, event, None);
    }

    /// Has a call written down, with what was sent and answered if that is kept.
    pub(crate) fn note_call(&self, tenant: TenantId, context: Context, event: Event, said: Option<Said>) {
        let Some(buffer) = self.0.buffer.get() else { return };
        let (at, id) = (self.seam().now(), self.seam().id());
        let committed = Committed::of(&event, tenant);
        if buffer.take(Aside { tenant, at, id, context, event, said }) {
            self.tell(&committed);
        }
    }

    /// What stands in the place of a request where Elder acts by itself.
    pub(crate) fn own_request(&self) -> RequestMeta {
        RequestMeta { id: self.seam().uuid().simple().to_string(), ..RequestMeta::default() }
    }
}
