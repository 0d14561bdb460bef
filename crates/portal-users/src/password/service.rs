//! Makes the hash of a new password after every rule was checked.

mod repository;

use elder_access::TenantTx;
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;

use super::{MOST, Names, check};
use crate::{Error, authority::ReadsAccounts, email::Email};

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
    let tenant = repository::tenant_name(&tx, tx.tenant()).await?;
    let policy = elder_tenancy::settings::of(&tx).await?.password;
    drop(tx);
    let names = if policy.refuse_own_names {
        Names::default().and_address(email.folded()).and_words(full_name).and_words(&tenant)
    } else {
        Names::default()
    };
    let least = usize::try_from(policy.min_length).unwrap_or(MOST);
    check(password.expose(), &names, least)?;
    Ok(Secret::new(hasher.hash(password).await?))
}
