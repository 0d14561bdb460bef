//! API keys in batches.

use elder_access::{BatchOf, Event, Made, OrgGrant, TenantTx, Unoffered, markers::ApiKeysWrite};
use elder_http::Problem;
use elder_kernel::ApiKey as Kind;

use super::{
    ApiKeyId, NewApiKey,
    service::{self, Whose},
};
use crate::service_account::{self, ServiceAccountId};

/// Every key of the tenant.
pub(crate) struct KeyBatch;

impl BatchOf for KeyBatch {
    type Right = ApiKeysWrite;
    type Kind = Kind;
    type New = Unoffered;
    type Patch = Unoffered;

    async fn create(&self, _: &TenantTx<ApiKeysWrite>, new: Unoffered) -> Result<Made<Kind>, Problem> {
        match new {}
    }

    async fn update(
        &self,
        _: &TenantTx<ApiKeysWrite>,
        _: ApiKeyId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(&self, tx: &TenantTx<ApiKeysWrite>, id: ApiKeyId) -> Result<Option<Event>, Problem> {
        Ok(service::revoke(tx, Whose::Anybody, id).await?)
    }
}

/// The keys of a service account, and what the caller's roles in organizations give.
pub(crate) struct AccountKeyBatch {
    pub(super) account: ServiceAccountId,
    pub(super) own: Vec<OrgGrant>,
}

impl BatchOf for AccountKeyBatch {
    type Right = ApiKeysWrite;
    type Kind = Kind;
    type New = NewApiKey;
    type Patch = Unoffered;

    async fn enter(&self, tx: &TenantTx<ApiKeysWrite>) -> Result<(), Problem> {
        service_account::service::get(tx, self.account).await?;
        Ok(())
    }

    async fn create(&self, tx: &TenantTx<ApiKeysWrite>, new: NewApiKey) -> Result<Made<Kind>, Problem> {
        let (issued, event) = service::create_for_account(tx, &self.own, self.account, new).await?;
        Ok(Made::new(issued.about.id, event).with_secret(issued.key))
    }

    async fn update(
        &self,
        _: &TenantTx<ApiKeysWrite>,
        _: ApiKeyId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(&self, tx: &TenantTx<ApiKeysWrite>, id: ApiKeyId) -> Result<Option<Event>, Problem> {
        Ok(service::revoke(tx, Whose::Account(self.account), id).await?)
    }
}
