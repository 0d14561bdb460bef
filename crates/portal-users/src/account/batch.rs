//! Users in batches.

use std::sync::Arc;

use elder_access::{Access, BatchOf, Event, Made, TenantTx, markers::UsersWrite};
use elder_crypto::{ImportedHash, PasswordHasher};
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

    /// The user whose first password, if there is one, is hashed; a hash that was brought along is kept as it is.
    pub(super) async fn newcomer(
        &self,
        access: &Access<UsersWrite>,
        mut asked: NewUser,
    ) -> Result<Newcomer, Error> {
        let stored = match (asked.password.take(), asked.password_hash.take()) {
            (None, None) => None,
            (None, Some(hash)) => Some(ImportedHash::read(hash)?.into_secret()),
            (Some(_), Some(_)) => return Err(Error::PasswordAndHash),
            (Some(first), None) => {
                let person = Person::new(&asked.email, &asked.full_name);
                Some(self.rules(access).await?.hash(&self.hasher, first, person, Vec::new()).await?)
            }
        };
        Ok(Newcomer { asked, stored })
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
    stored: Option<Secret<String>>,
}

impl From<Newcomer> for NewAccount {
    fn from(new: Newcomer) -> Self {
        Self { password_hash: new.stored, ..new.asked.into() }
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

impl BatchOf for UserBatch {
    type Right = UsersWrite;
    type Kind = User;
    type New = Newcomer;
    type Patch = UserPatch;

    /// One hash after the other, so that a batch leaves room for those who sign in.
    async fn prepare(&self, access: &Access<UsersWrite>, new: &mut Newcomer) -> Result<(), Problem> {
        *new = self.newcomer(access, new.asked.clone()).await?;
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
