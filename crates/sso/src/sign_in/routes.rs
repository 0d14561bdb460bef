//! `/api/v2/identity-providers/{idp_id}/test-sign-in`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Access, markers::IdpsWrite};
use elder_api_types::{IdentityProviderId, idp_test::IdpTrial};
use elder_http::{Path, Problem};

use super::{LASTS, service::trial::open_trial};
use crate::Providers;

/// Opens a trial: a sign-in that signs nobody in and changes nothing. In a browser its address goes through the whole sign-in,
/// and then shows what the provider says, what is made of it, and what would follow. The provider need not be active.
#[utoipa::path(post, path = "/api/v2/identity-providers/{idp_id}/test-sign-in", tag = "Identity providers",
    operation_id = "idps.test_sign_in", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 201, description = "Where it begins.", body = IdpTrial),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn test_sign_in(
    access: Access<IdpsWrite>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (token, event) = open_trial(&tx, &providers, id.0).await?;
    let trial = IdpTrial { url: providers.trial_url(&token), expires_at: tx.seam().now() + LASTS };
    tx.answer(event, HttpResponse::Created().json(trial)).await
}
