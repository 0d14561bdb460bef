//! Users in batches.

use std::sync::Arc;

use elder_access::{Access, BatchOf, Event, Made, TenantTx, markers::UsersWrite};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_kernel::{Secret, User};
use elder_tenancy::domain::DomainName;
use garde::Validate;
use serde::Deserialize;
use tokio::sync::OnceCell;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{NewAccount, NewUser, UserId, UserPatch, event, service};
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

/// A user to be made, and what the first password became.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Newcomer {
    asked: NewUser,
    #[serde(skip)]
    password_hash: Option<Secret<String>>,
}

impl From<NewUser> for Newcomer {
    fn from(asked: NewUser) -> Self {
        Self { asked, password_hash: None }
    }
}

impl From<Newcomer> for NewAccount {
    fn from(new: Newcomer) -> Self {
        Self { password_hash: new.password_hash, ..new.asked.into() }
    }
}

impl Validate for Newcomer {
    type Context = ();

    fn validate_into(
        &self,
        context: &(),
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        self.asked.validate_into(context, parent, report);
    }
}

impl PartialSchema for Newcomer {
    fn schema() -> RefOr<Schema> {
        NewUser::schema()
    }
}

impl ToSchema for Newcomer {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        NewUser::schemas(schemas);
    }
}

impl Newcomer {
    /// Turns the first password, if there is one, into its hash.
    pub(super) async fn hash_password(
        &mut self,
        access: &Access<UsersWrite>,
        hasher: &PasswordHasher,
    ) -> Result<(), Error> {
        let Some(first) = self.asked.password.take() else { return Ok(()) };
        let person = Person::new(&self.asked.email, &self.asked.full_name);
        let hash = password::service::hash(access.begin().await?, hasher, first, person).await?;
        self.password_hash = Some(hash);
        Ok(())
    }
}

impl BatchOf for UserBatch {
    type Right = UsersWrite;
    type Kind = User;
    type New = Newcomer;
    type Patch = UserPatch;

    /// One hash after the other, so that a batch leaves room for those who sign in.
    async fn prepare(&self, access: &Access<UsersWrite>, new: &mut Newcomer) -> Result<(), Problem> {
        let Some(first) = new.asked.password.take() else { return Ok(()) };
        let person = Person::new(&new.asked.email, &new.asked.full_name);
        let hash = self.rules(access).await?.hash(&self.hasher, first, person, Vec::new()).await?;
        new.password_hash = Some(hash);
        Ok(())
    }

    async fn create(&self, tx: &TenantTx<UsersWrite>, new: Newcomer) -> Result<Made<User>, Problem> {
        let allowed = self.allowed.get_or_try_init(|| service::allowed_domains(tx)).await?;
        let (user, changes) = service::create_within(tx, allowed, new.into()).await?;
        Ok(Made::new(user.id, event::created(&user, changes)))
    }

    async fn create_all(
        &self,
        tx: &TenantTx<UsersWrite>,
        new: &[Newcomer],
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
