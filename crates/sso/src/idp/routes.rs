//! `/api/v2/identity-providers`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, BatchAnswer, BatchRequest, Fresh, Guest, Operations, flows,
    markers::{IdpsRead, IdpsWrite},
};
use elder_api_types::{
    identity_provider::KeySet,
    idp_test::IdpTest,
    provisioning::{ProvisioningPreview, SampleClaims},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    IdentityProvider, IdentityProviderId, IdentityProviderPatch, IdentityProviders, KeyRenewal,
    NewIdentityProvider, RenewalStep,
    batch::IdpBatch,
    description::{Fetch, Prepared},
    service,
};
use crate::{Error, Providers, protocol::OwnKey, provisioning};

/// Lists the tenant's identity providers.
#[utoipa::path(get, path = "/api/v2/identity-providers", tag = "Identity providers", operation_id = "idps.list",
    params(ListQuery<IdentityProviders>),
    responses((status = 200, description = "A page of identity providers.", body = Page<IdentityProvider>)))]
pub(crate) async fn list(
    access: Access<IdpsRead>,
    query: ListQuery<IdentityProviders>,
    providers: Data<Providers>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, &providers, pager.selection()).await?)
}

/// Sets up an identity provider. An issuer is called when somebody signs in, or by its test; metadata is read now.
#[utoipa::path(post, path = "/api/v2/identity-providers", tag = "Identity providers", operation_id = "idps.create",
    request_body = NewIdentityProvider,
    responses((status = 201, description = "The identity provider.", body = IdentityProvider),
        (status = 403, description = "`grant_exceeds_own`: it would give what the caller does not hold."),
        (status = 404, description = "`not_found`: a role or an organization of a rule is not there."),
        (status = 409, description = "`already_exists`: another one has the name."),
        (status = 502, description = "`provider_failed`: the metadata cannot be had from its address.")))]
pub(crate) async fn create(
    access: Fresh<Access<IdpsWrite>>,
    providers: Data<Providers>,
    body: Json<NewIdentityProvider>,
) -> Result<HttpResponse, Problem> {
    let prepared = Prepared::for_new(&providers, &body.0, Fetch::Now, access.seam()).await?;
    let tx = access.begin().await?;
    let (idp, event) = service::create(&tx, &providers, body.0, prepared).await?;
    tx.answer(event, created(&format!("/api/v2/identity-providers/{}", idp.id), &idp)).await
}

type BatchBody = BatchRequest<IdentityProviderId, NewIdentityProvider, IdentityProviderPatch>;

/// Sets up, changes and deletes up to 1,000 identity providers: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/identity-providers/batch", tag = "Identity providers",
    operation_id = "idps.batch", request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<IdpsWrite>>,
    providers: Data<Providers>,
    operations: Operations<IdpBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&IdpBatch(providers.get_ref().clone()), operations).await
}

/// Shows an identity provider.
#[utoipa::path(get, path = "/api/v2/identity-providers/{idp_id}", tag = "Identity providers",
    operation_id = "idps.get", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "The identity provider.", body = IdentityProvider),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<IdpsRead>,
    id: Path<IdentityProviderId>,
    providers: Data<Providers>,
) -> Result<HttpResponse, Problem> {
    Ok(shown(&service::get(&access.begin().await?, &providers, id.0).await?))
}

/// Changes an identity provider. Another issuer needs the secret again.
#[utoipa::path(patch, path = "/api/v2/identity-providers/{idp_id}", tag = "Identity providers",
    operation_id = "idps.update", params(("idp_id" = IdentityProviderId, Path)),
    request_body = IdentityProviderPatch,
    responses((status = 200, description = "The identity provider.", body = IdentityProvider),
        (status = 403, description = "`grant_exceeds_own`: it gives or gave what the caller does not hold."),
        (status = 404, description = "`not_found`: also a role or an organization of a rule."),
        (status = 409, description = "`already_exists`: another one has the name."),
        (status = 502, description = "`provider_failed`: the metadata cannot be had from its address.")))]
pub(crate) async fn update(
    access: Fresh<Access<IdpsWrite>>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
    body: Json<IdentityProviderPatch>,
) -> Result<HttpResponse, Problem> {
    let prepared = Prepared::for_patch(&providers, &body.0, Fetch::Now, access.seam()).await?;
    let tx = access.begin().await?;
    let (idp, event) = service::update(&tx, &providers, id.0, body.0, prepared).await?;
    tx.answer(event, shown(&idp)).await
}

/// Deletes an identity provider. Accounts stay, what it gave them goes, their sessions by it end,
/// and nobody is known by it any more.
#[utoipa::path(delete, path = "/api/v2/identity-providers/{idp_id}", tag = "Identity providers",
    operation_id = "idps.delete", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 204, description = "It is gone."),
        (status = 403, description = "`grant_exceeds_own`: it gave what the caller does not hold."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Fresh<Access<IdpsWrite>>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Takes a step from one key of Elder's own to the next: `publish` puts the next one beside the one that signs, into metadata
/// and key set; `switch` signs with it; `drop` forgets the one of before. Between the steps the provider learns of them.
#[utoipa::path(post, path = "/api/v2/identity-providers/{idp_id}/renew-key", tag = "Identity providers",
    operation_id = "idps.renew_key", params(("idp_id" = IdentityProviderId, Path)),
    request_body = KeyRenewal,
    responses((status = 200, description = "The identity provider, with its keys.", body = IdentityProvider),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: the step before was not taken, or there is no key of Elder's own.")))]
pub(crate) async fn renew_key(
    access: Fresh<Access<IdpsWrite>>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
    body: Json<KeyRenewal>,
) -> Result<HttpResponse, Problem> {
    let step = body.0.step;
    let key = match step {
        RenewalStep::Publish => {
            Some(OwnKey::made(access.seam(), "elder".to_owned()).await.map_err(Error::from)?)
        }
        RenewalStep::Switch | RenewalStep::Drop => None,
    };
    let tx = access.begin().await?;
    let (idp, event) = service::keys::renew(&tx, &providers, id.0, (step, key)).await?;
    tx.answer(event, shown(&idp)).await
}

/// Shows the public keys by which a provider knows Elder (RFC 7517 §5). It is for the provider, which has no credential.
#[utoipa::path(get, path = "/sso/oidc/jwks/{idp_id}", tag = "Single sign-on", operation_id = "sso.jwks",
    params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "The keys.", body = KeySet),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn jwks(
    guest: Guest<flows::SingleSignOn>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(KeySet { keys: service::keys::key_set(&guest, id.0).await? }))
}

/// Says what would become of somebody of whom the provider says this. Nothing is changed.
#[utoipa::path(post, path = "/api/v2/identity-providers/{idp_id}/provisioning/preview", tag = "Identity providers",
    operation_id = "idps.provisioning.preview", params(("idp_id" = IdentityProviderId, Path)),
    request_body = SampleClaims,
    responses((status = 200, description = "What would become of them.", body = ProvisioningPreview),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn preview(
    access: Access<IdpsRead>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
    body: Json<SampleClaims>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let idp = service::get(&tx, &providers, id.0).await?;
    Ok(HttpResponse::Ok().json(provisioning::service::preview(&tx, &idp, &body.0.claims).await?))
}

/// Walks through all that a sign-in needs of the provider, but for the person, and says how each step went.
#[utoipa::path(post, path = "/api/v2/identity-providers/{idp_id}/test", tag = "Identity providers",
    operation_id = "idps.test", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "How each step went.", body = IdpTest),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn test(
    access: Access<IdpsRead>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    // No connection is held while the provider is asked.
    let (known, seam) = {
        let tx = access.begin().await?;
        (service::with_secret(&tx, id.0).await?, tx.seam().clone())
    };
    Ok(HttpResponse::Ok().json(providers.examine(&known, &seam).await))
}
