//! Makes the hash of a new password after every rule was checked, and remembers the one before it.

mod repository;

use elder_access::TenantTx;
use elder_api_types::email::Email;
use elder_crypto::PasswordHasher;
use elder_kernel::{Id, Secret, User};
use elder_tenancy::settings::PasswordSettings;
use tokio::task::spawn_blocking;

use super::{Names, Weakness, Weaknesses, check};
use crate::{
    Error,
    authority::{ChangesAccounts, ReadsAccounts},
};

/// Whose password it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    account: Option<Id<User>>,
    email: &'a Email,
    full_name: &'a str,
}

impl<'a> Person<'a> {
    /// Somebody who has no account yet.
    pub fn new(email: &'a Email, full_name: &'a str) -> Self {
        Self { account: None, email, full_name }
    }

    /// Somebody with an account, whose last passwords may not come again.
    #[must_use]
    pub(crate) fn with_account(self, account: Id<User>) -> Self {
        Self { account: Some(account), ..self }
    }
}

/// What a tenant demands of its people's passwords.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    tenant_name: String,
    policy: PasswordSettings,
}

impl Rules {
    pub(crate) async fn of<A: ReadsAccounts>(tx: &TenantTx<A>) -> Result<Self, Error> {
        let tenant_name = repository::tenant_name(tx, tx.tenant()).await?;
        Ok(Self { tenant_name, policy: elder_tenancy::settings::of(tx).await?.password })
    }

    /// The hash of a password that follows them and is none of the `last`, which are hashes too.
    pub(crate) async fn hash(
        &self,
        hasher: &PasswordHasher,
        password: Secret<String>,
        person: Person<'_>,
        last: Vec<String>,
    ) -> Result<Secret<String>, Error> {
        let names = Names::default().and_address(person.email.folded()).and_words(person.full_name);
        let (names, policy) = (names.and_words(&self.tenant_name), self.policy.clone());
        let new = password.clone();
        // An estimate may take as long as a hash, if somebody means it to.
        spawn_blocking(move || check(new.expose(), &names, &policy)).await.map_err(Error::Unchecked)??;
        if hasher.is_stolen(&password).await {
            return Err(Weaknesses::of(vec![Weakness::Stolen]).into());
        }
        for stored in last {
            if hasher.verify(password.clone(), Some(stored)).await?.matches {
                return Err(Weaknesses::of(vec![Weakness::UsedBefore]).into());
            }
        }
        Ok(Secret::new(hasher.hash(password).await?))
    }
}

/// The hash of a new password. Takes the transaction, so that no connection waits while the password is hashed.
///
/// # Errors
/// [`Error::WeakPassword`], [`Error::Busy`].
pub async fn hash<A: ReadsAccounts>(
    tx: TenantTx<A>,
    hasher: &PasswordHasher,
    password: Secret<String>,
    person: Person<'_>,
) -> Result<Secret<String>, Error> {
    let rules = Rules::of(&tx).await?;
    let history = rules.policy.history;
    let last = match person.account {
        Some(user) if history > 0 => repository::last(&tx, tx.tenant(), user, history).await?,
        _ => Vec::new(),
    };
    drop(tx);
    rules.hash(hasher, password, person, last).await
}

/// Remembers the present password of an account that is about to get another one, as long as the tenant wants it not
/// to come again, and forgets what is older.
pub(crate) async fn remember<A: ChangesAccounts>(tx: &TenantTx<A>, user: Id<User>) -> Result<(), Error> {
    let history = elder_tenancy::settings::of(tx).await?.password.history;
    // The new one is the first of those that may not come again.
    let former = history.saturating_sub(1);
    if former > 0 {
        repository::remember(tx, tx.tenant(), user, tx.seam().uuid(), tx.seam().now()).await?;
    }
    Ok(repository::forget(tx, tx.tenant(), user, former).await?)
}
