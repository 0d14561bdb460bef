//! The platform's signing keys: made on the first start, replaced in time, revoked when one has leaked.
//!
//! A new key is published before it signs, for as long as others may keep `/.well-known/jwks.json`, and the one before
//! it verifies until the last token that it signed has ended: nobody meets a token whose key they cannot have.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use elder_crypto::{Algorithm, KeyRing, NewSigningKey, StoredKey, UnknownAlgorithm};
use elder_kernel::{Secret, TenantId};

use super::OpenError;
use crate::{
    PlatformTx,
    actions::Action,
    authority::{
        Authority, Work, Write,
        work::{Bootstrap, Housekeeping, Shell},
    },
    database::{DbError, Row},
    event::Event,
    job::{Job, Worker},
};

/// For how long a key is published before it signs: others may keep the published ones for ten minutes.
const PUBLISHED_BEFORE: TimeDelta = TimeDelta::minutes(15);
/// How far clocks may differ, on top of the life of a token.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

const LOCK: &str = "select pg_advisory_xact_lock(hashtext('elder.signing_keys'))::text";
const ALL: &str = "
    select kid, algorithm, sealed_private, created_at, signs_from, ends_at from signing_keys order by signs_from, kid";
const ADD: &str = "
    insert into signing_keys (kid, algorithm, sealed_private, public_jwk, created_at, signs_from)
    values ($1, $2, $3, $4, $5, $6)";
const END_OTHERS: &str = "update signing_keys set ends_at = $1 where ends_at is null and kid <> $2";
const REVOKE: &str =
    "update signing_keys set ends_at = $1 where kid = $2 and (ends_at is null or ends_at > $1)";
const FORGET: &str = "delete from signing_keys where ends_at < $1";

/// Work that may replace keys.
pub trait ReplacesKeys: Work + Authority<Mode = Write> {}
impl ReplacesKeys for Bootstrap {}
impl ReplacesKeys for Housekeeping {}
impl ReplacesKeys for Shell {}

/// A key, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name in tokens: the thumbprint of the public part (RFC 7638).
    pub kid: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// When it stops verifying.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Why the keys stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum KeysStay {
    /// The next key is published already.
    #[error("the next key, `{0}`, is published already and signs from {1} on")]
    UnderWay(String, DateTime<Utc>),
    /// No key that still verifies has this name.
    #[error("there is no key `{0}` that still verifies")]
    Unknown(String),
    /// The keys could not be read or written.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<DbError> for KeysStay {
    fn from(error: DbError) -> Self {
        Self::Open(error.into())
    }
}

/// Loads the keys, and makes the first. Two nodes that start together on an empty database make one between them.
pub(crate) async fn load(worker: &Worker) -> Result<KeyRing, OpenError> {
    let tx = locked(&worker.job::<Bootstrap>()).await?;
    if list(&tx).await?.is_empty() {
        let (_, made) = add(&tx, tx.seam().now()).await?;
        let ring = read(&tx).await?;
        tx.commit(TenantId::SYSTEM, made).await?;
        return Ok(ring);
    }
    read(&tx).await
}

/// Takes over what other processes have done to the keys; to be called a few times a minute.
///
/// # Errors
/// [`OpenError`]; then the keys stay as they are.
pub async fn refresh(worker: &Worker) -> Result<(), OpenError> {
    let job = worker.job::<Housekeeping>();
    let ring = read(&job.platform().await?).await?;
    job.keeper().replace_keys(ring);
    Ok(())
}

/// Has the next key made if the newest is older than `age`. Gives its name.
///
/// # Errors
/// [`OpenError`].
pub async fn rotate_if_older(worker: &Worker, age: TimeDelta) -> Result<Option<String>, OpenError> {
    let job = worker.job::<Housekeeping>();
    let newest = list(&job.platform().await?).await?.into_iter().map(|key| key.created_at).max();
    if newest.is_some_and(|newest| job.seam().now() < newest + age) {
        return Ok(None);
    }
    match rotate(&job).await {
        Ok(key) => Ok(Some(key.kid)),
        // Another node was first.
        Err(KeysStay::UnderWay(..) | KeysStay::Unknown(_)) => Ok(None),
        Err(KeysStay::Open(error)) => Err(error),
    }
}

/// Every key that still verifies or will, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn all(job: &Job<Shell>) -> Result<Vec<SigningKey>, DbError> {
    list(&job.platform().await?).await
}

/// Makes the next key. It is published now, signs in a quarter of an hour, and the present one verifies until the last
/// token that it signs by then has ended.
///
/// # Errors
/// [`KeysStay::UnderWay`] if the next one is there already.
pub async fn rotate<J: ReplacesKeys>(job: &Job<J>) -> Result<SigningKey, KeysStay> {
    let tx = locked(job).await?;
    let now = tx.seam().now();
    let is_next = |key: &SigningKey| key.ends_at.is_none() && now < key.signs_from;
    if let Some(next) = list(&tx).await?.into_iter().find(is_next) {
        return Err(KeysStay::UnderWay(next.kid, next.signs_from));
    }
    let (key, made) = add(&tx, now + PUBLISHED_BEFORE).await?;
    let last_token = job.keeper().policy().access_token;
    let end = key.signs_from + last_token + MARGIN;
    tx.run(END_OTHERS, [end.into(), key.kid.clone().into()]).await?;
    tx.run(FORGET, [now.into()]).await?;
    tx.commit(TenantId::SYSTEM, made).await?;
    Ok(key)
}

/// Ends a key now: every token that it signed is refused by every node within seconds. If no other is there to sign, one
/// is made that signs at once.
///
/// # Errors
/// [`KeysStay::Unknown`] if no key of this name still verifies.
pub async fn revoke(job: &Job<Shell>, kid: &str) -> Result<(), KeysStay> {
    let tx = locked(job).await?;
    let now = tx.seam().now();
    if tx.run(REVOKE, [now.into(), kid.into()]).await? == 0 {
        return Err(KeysStay::Unknown(kid.to_owned()));
    }
    let mut event = Event::about(Action::SigningKeyRevoked, kid.to_owned());
    if list(&tx).await?.iter().all(|key| key.ends_at.is_some()) {
        let (key, _) = add(&tx, now).await?;
        event = event.with("successor", key.kid);
    }
    Ok(tx.commit(TenantId::SYSTEM, event).await?)
}

/// Lets one process at a time change the keys.
async fn locked<J: ReplacesKeys>(job: &Job<J>) -> Result<PlatformTx<J>, DbError> {
    let tx = job.platform().await?;
    tx.raw_row(LOCK, []).await?;
    Ok(tx)
}

async fn add<J: ReplacesKeys>(
    tx: &PlatformTx<J>,
    signs_from: DateTime<Utc>,
) -> Result<(SigningKey, Event), OpenError> {
    let (keeper, created_at) = (tx.keeper(), tx.seam().now());
    let NewSigningKey { kid, algorithm, private_pkcs8, public_jwk } =
        NewSigningKey::generate(keeper.policy().algorithm)?;
    let sealed = keeper.sealer().seal(&place(&kid), private_pkcs8.expose());
    let values: [sea_orm::Value; 6] = [
        kid.clone().into(),
        algorithm.name().into(),
        sealed.into(),
        public_jwk.into(),
        created_at.into(),
        signs_from.into(),
    ];
    tx.run(ADD, values).await?;
    let event = Event::about(Action::SigningKeyCreated, kid.clone())
        .with("algorithm", algorithm.name())
        .with("signs_from", signs_from);
    Ok((SigningKey { kid, algorithm, created_at, signs_from, ends_at: None }, event))
}

async fn list<J: ReplacesKeys>(tx: &PlatformTx<J>) -> Result<Vec<SigningKey>, DbError> {
    let now = tx.seam().now();
    let keys = tx.raw_rows(ALL, []).await?.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(keys.into_iter().filter(|key| key.ends_at.is_none_or(|end| now < end)).collect())
}

async fn read<J: ReplacesKeys>(tx: &PlatformTx<J>) -> Result<KeyRing, OpenError> {
    let mut keys = Vec::new();
    for row in tx.raw_rows(ALL, []).await? {
        let SigningKey { kid, algorithm, signs_from, ends_at, .. } = shown(&row)?;
        let sealed: Vec<u8> = row.get("sealed_private")?;
        let private_pkcs8 = Secret::new(tx.keeper().sealer().open(&place(&kid), &sealed)?);
        keys.push(StoredKey { algorithm, private_pkcs8, signs_from, ends_at });
    }
    Ok(KeyRing::new(keys)?)
}

fn shown(row: &Row) -> Result<SigningKey, DbError> {
    let algorithm = row.get::<String>("algorithm")?.parse();
    Ok(SigningKey {
        kid: row.get("kid")?,
        algorithm: algorithm.map_err(|unknown: UnknownAlgorithm| DbError::Driver(Arc::new(unknown)))?,
        created_at: row.get("created_at")?,
        signs_from: row.get("signs_from")?,
        ends_at: row.get("ends_at")?,
    })
}

/// What a sealed key is bound to, so that it cannot be put elsewhere.
fn place(kid: &str) -> String {
    format!("signing_keys/sealed_private/{kid}")
}
