//! The platform's signing keys: read from the database, and made on the first start.

use std::sync::Arc;

use elder_crypto::{Algorithm, KeyRing, NewSigningKey, Sealer, StoredKey, UnknownAlgorithm};
use elder_kernel::{Secret, TenantId};

use super::OpenError;
use crate::{
    actions::Action, authority::work::Bootstrap, database::DbError, event::Event, job::Worker,
    transaction::PlatformTx,
};

const LOCK: &str = "select pg_advisory_xact_lock(hashtext('elder.signing_keys'))::text";
const ALL: &str =
    "select kid, algorithm, sealed_private, retired_at from signing_keys order by created_at, kid";
const ADD: &str =
    "insert into signing_keys (kid, algorithm, sealed_private, public_jwk) values ($1, $2, $3, $4)";

/// Loads the keys. Two nodes that start together on an empty database make one key between them.
pub(super) async fn load(
    worker: &Worker,
    sealer: &Sealer,
    algorithm: Algorithm,
) -> Result<KeyRing, OpenError> {
    let tx = worker.job::<Bootstrap>().platform().await?;
    tx.raw_row(LOCK, []).await?;
    let stored = read(&tx, sealer).await?;
    if !stored.is_empty() {
        return Ok(KeyRing::new(stored)?);
    }
    let key = NewSigningKey::generate(algorithm)?;
    let sealed = sealer.seal(&place(&key.kid), key.private_pkcs8.expose());
    tx.run(ADD, [key.kid.clone().into(), algorithm.name().into(), sealed.into(), key.public_jwk.into()])
        .await?;
    let event = Event::about(Action::SigningKeyCreated, key.kid).with("algorithm", algorithm.name());
    let stored = vec![StoredKey { algorithm, private_pkcs8: key.private_pkcs8, ends_at: None }];
    tx.commit(TenantId::SYSTEM, event).await?;
    Ok(KeyRing::new(stored)?)
}

async fn read(tx: &PlatformTx<Bootstrap>, sealer: &Sealer) -> Result<Vec<StoredKey>, OpenError> {
    let mut keys = Vec::new();
    for row in tx.raw_rows(ALL, []).await? {
        let kid: String = row.get("kid")?;
        let algorithm: String = row.get("algorithm")?;
        let sealed: Vec<u8> = row.get("sealed_private")?;
        keys.push(StoredKey {
            algorithm: algorithm
                .parse()
                .map_err(|unknown: UnknownAlgorithm| DbError::Driver(Arc::new(unknown)))?,
            private_pkcs8: Secret::new(sealer.open(&place(&kid), &sealed)?),
            ends_at: row.get("retired_at")?,
        });
    }
    Ok(keys)
}

/// What a sealed key is bound to, so that it cannot be put elsewhere.
fn place(kid: &str) -> String {
    format!("signing_keys/sealed_private/{kid}")
}
