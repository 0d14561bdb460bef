//! Users in batches.

use std::sync::Arc;

use elder_access::{Access, BatchOf, Event, Made, TenantTx, markers::UsersWrite};
use elder_crypto::{ImportedHash, PasswordHasher};
use elder_http::Problem;
use elder_kernel::User;
use elder_tenancy::domain::DomainName;
use tokio::sync::OnceCell;

use super::{NewUser, UserId, UserPatch, event, service};
use crate::{
    Error,
    password::service::{Person, Rules},
};

/// The users of a tenant.
pub(crate) struct UserBatch {
    hasher: Arc<PasswordHasher>,
    /// Where new addresses may be, read with the first of them: a batch is one act, under the settings that it met.
    allowed: OnceCell<Vec<DomainName>>,
    /// What their passwords must be, likewise.
    rules: OnceCell<Rules>,
}

impl UserBatch {
    pub(super) fn new(hasher: Arc<PasswordHasher>) -> Self {
        Self { hasher, allowed: OnceCell::new(), rules: OnceCell::new() }
    }

    async fn rules(&self, access: &Access<UsersWrite>) -> Result<&Rules, Error> {
        self.rules.get_or_try_init(async || Rules::of(&access.begin().await?).await).await
    }
}

impl BatchOf for UserBatch {
    type Right = UsersWrite;
    type Kind = User;
    type New = NewUser;
    type Patch = UserPatch;

    /// Turns the first password, if there is one, into its hash; a hash that was brought along is checked. One after the
    /// other, so that a batch leaves room for those who sign in.
    async fn prepare(&self, access: &Access<UsersWrite>, new: &mut NewUser) -> Result<(), Problem> {
        new.password_hash = match (new.password.take(), new.password_hash.take()) {
            (None, None) => None,
            (None, Some(hash)) => Some(ImportedHash::read(hash).map_err(Error::from)?.into_secret()),
            (Some(_), Some(_)) => return Err(Error::PasswordAndHash.into()),
            (Some(first), None) => {
                let person = Person::new(&new.email, &new.full_name);
                Some(self.rules(access).await?.hash(&self.hasher, first, person, Vec::new()).await?)
            }
        };
        Ok(())
    }

    async fn create(&self, tx: &TenantTx<UsersWrite>, new: NewUser) -> Result<Made<User>, Problem> {
        let allowed = self.allowed.get_or_try_init(|| service::allowed_domains(tx)).await?;
        let (user, changes) = service::create_within(tx, allowed, new.into()).await?;
        Ok(Made::new(user.id, event::created(&user, changes)))
    }

    async fn create_all(
        &self,
        tx: &TenantTx<UsersWrite>,
        new: &[NewUser],
    ) -> Result<Option<Vec<Made<User>>>, Problem> {
        let allowed = self.allowed.get_or_try_init(|| service::allowed_domains(tx)).await?;
        let made = service::create_all(tx, allowed, new.iter().cloned().map(Into::into)).await?;
        let made = made.into_iter().map(|(user, changes)| Made::new(user.id, event::created(&user, changes)));
        Ok(Some(made.collect()))
    }

    async fn update(
        &self,
        tx: &TenantTx<UsersWrite>,
        id: UserId,
        patch: UserPatch,
    ) -> Result<Option<Event>, Problem> {
        let (user, changes) = service::update(tx, id, patch.into()).await?;
        Ok(event::updated(&user, changes))
    }

    async fn delete(&self, tx: &TenantTx<UsersWrite>, id: UserId) -> Result<Option<Event>, Problem> {
        Ok(Some(event::deleted(&service::delete(tx, id).await?)))
    }
}
