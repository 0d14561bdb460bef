//! What is found of checkpoints and keys.

mod repository;

use elder_access::{Found, TenantTx, markers::AuditRead};
use elder_crypto::Ed25519Public;
use elder_kernel::collection::Selection;

use super::{AuditCheckpoint, AuditKey, AuditKeys};
use crate::{Error, note::VerifierKey, seal::log_name};

pub(super) async fn list(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
) -> Result<Found<AuditCheckpoint>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

/// The checkpoint of this size.
pub(crate) async fn of_size(tx: &TenantTx<AuditRead>, size: i64) -> Result<AuditCheckpoint, Error> {
    repository::find(tx, tx.tenant(), size).await?.ok_or(Error::NoCheckpoint(size))
}

/// The newest checkpoint.
pub(crate) async fn newest(tx: &TenantTx<AuditRead>) -> Result<Option<AuditCheckpoint>, Error> {
    Ok(repository::newest(tx, tx.tenant()).await?)
}

pub(super) async fn keys(tx: &TenantTx<AuditRead>) -> Result<AuditKeys, Error> {
    let keys = repository::keys(tx).await?.into_iter().map(|(origin, public, created_at)| {
        let public = Ed25519Public(public.try_into().map_err(|_| Error::Broken)?);
        let verifier = VerifierKey { name: log_name(&origin, tx.tenant()), public }.to_string();
        Ok(AuditKey { verifier, created_at })
    });
    Ok(AuditKeys { data: keys.collect::<Result<_, Error>>()? })
}
