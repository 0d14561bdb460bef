//! Makes the hash of a new password after every rule was checked.

mod repository;

use elder_access::TenantTx;
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;

use super::{Names, check};
use crate::{
    Error,
    account::{Email, ReadsAccounts},
};

/// The hash of a new password of the person with this address and name. Takes the transaction, so that no connection
/// waits while the password is hashed.
///
/// # Errors
/// [`Error::WeakPassword`], [`Error::Busy`].
pub async fn hash<A: ReadsAccounts>(
    tx: TenantTx<A>,
    hasher: &PasswordHasher,
    password: Secret<String>,
    (email, full_name): (&Email, &str),
) -> Result<Secret<String>, Error> {
    let names = Names::default().and_address(email.folded()).and_words(full_name);
    let tenant = repository::tenant_name(&tx, tx.tenant()).await?;
    check(password.expose(), &names.and_words(&tenant))?;
    drop(tx);
    Ok(Secret::new(hasher.hash(password).await?))
}
