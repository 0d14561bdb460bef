//! Users in batches.

use std::sync::Arc;

use elder_access::{Access, BatchOf, Event, Made, TenantTx, markers::UsersWrite};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_kernel::User;
use elder_tenancy::domain::DomainName;
use tokio::sync::OnceCell;

use super::{NewUser, UserId, UserPatch, event, service};
use crate::{
    Error, password,
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

/// Turns the first password of a new user, if there is one, into its hash.
pub(super) async fn hash_first(
    access: &Access<UsersWrite>,
    hasher: &PasswordHasher,
    new: &mut NewUser,
) -> Result<(), Error> {
    let Some(first) = new.password.take() else { return Ok(()) };
    let person = Person::new(&new.email, &new.full_name);
    let hash = password::service::hash(access.begin().await?, hasher, first, person).await?;
    new.password_hash = Some(hash);
    Ok(())
}

impl BatchOf for UserBatch {
    type Right = UsersWrite;
    type Kind = User;
    type New = NewUser;
    type Patch = UserPatch;

    /// One hash after the other, so that a batch leaves room for those who sign in.
    async fn prepare(&self, access: &Access<UsersWrite>, new: &mut NewUser) -> Result<(), Problem> {
        let Some(first) = new.password.take() else { return Ok(()) };
        let person = Person::new(&new.email, &new.full_name);
        let hash = self.rules(access).await?.hash(&self.hasher, first, person, Vec::new()).await?;
        new.password_hash = Some(hash);
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
