//! What may happen to backup codes.

mod repository;

use elder_access::{Action, Change, Event, OwnWrite, TenantTx};
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Id, Secret, User};
use elder_mail::Content;
use elder_tenancy::settings;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{BackupCodes, COUNT, digest, draw};
use crate::{Error, Method, ProvesFactors, Verdict, factor};

/// Draws new codes; those before are good no more.
pub(crate) async fn make(tx: &TenantTx<OwnWrite>, user: Id<User>) -> Result<Change<BackupCodes>, Error> {
    if !settings::of(tx).await?.mfa.takes(SecondFactor::BackupCode) {
        return Err(Error::NotTaken(SecondFactor::BackupCode));
    }
    repository::remove_all(tx, tx.tenant(), user).await?;
    let codes: Vec<_> = (0..COUNT).map(|_| draw(&tx.seam().random)).collect();
    let sealed = codes.iter().map(|code| {
        let id = tx.seam().uuid();
        (id, tx.seal(&place(id), &digest(code)))
    });
    repository::insert(tx, tx.tenant(), user, sealed.collect(), tx.seam().now()).await?;
    factor::service::tell(tx, user, &Content::BackupCodesMade { time: tx.seam().now() }).await?;
    Ok((BackupCodes { codes }, Event::on(Action::BackupCodesMade, user).with("codes", COUNT)))
}

/// Looks whether a code is one of the unused, and uses it up.
pub(crate) async fn verify<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    code: &Secret<String>,
) -> Result<Verdict, Error> {
    let sent = digest(code.expose());
    for (id, sealed) in repository::unused(tx, tx.tenant(), user).await? {
        let is_this: bool = tx.unseal(&place(id), &sealed)?.ct_eq(&sent).into();
        if is_this && repository::use_up(tx, tx.tenant(), id, tx.seam().now()).await? {
            return Ok(Verdict::Right(Method::BackupCode));
        }
    }
    Ok(Verdict::Wrong("wrong_backup_code"))
}

fn place(id: Uuid) -> String {
    format!("backup_codes/sealed_hash/{id}")
}
