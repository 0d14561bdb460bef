//! `/sso/oidc`: what programs do with a session that rests on a provider's.

use actix_web::{HttpResponse, http::header, web::Data};
use elder_access::{Guest, Myself, OwnRead, flows};
use elder_api_types::{
    IdentityProviderId,
    sso_session::{ProviderSignOut, RenewedTokens, UserInfo},
};
use elder_http::{Path, Problem, UrlEncoded};
use serde::Deserialize;
use utoipa::ToSchema;

use super::service;
use crate::{Error, Providers};

/// Ends the own session and all that rest on the same sign-in, and says where the provider's own is ended: the browser is to
/// be sent there (RP-Initiated Logout).
#[utoipa::path(post, path = "/sso/oidc/logout/{idp_id}", tag = "Single sign-on", operation_id = "sso.logout",
    params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "The session has ended.", body = ProviderSignOut),
        (status = 404, description = "`not_found`: the session does not rest on this provider.")))]
pub(crate) async fn logout(
    myself: Myself,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    let url = service::sign_out(&myself, &providers, id.0).await?;
    Ok(HttpResponse::Ok().json(ProviderSignOut { url }))
}

/// Shows what the provider says of the own account now.
#[utoipa::path(get, path = "/sso/oidc/userinfo/{idp_id}", tag = "Single sign-on", operation_id = "sso.userinfo",
    params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "What the provider says.", body = UserInfo),
        (status = 404, description = "`not_found`: the session does not rest on this provider."),
        (status = 502, description = "`provider_failed`: the provider does not answer as it should.")))]
pub(crate) async fn userinfo(
    myself: Myself<OwnRead>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    let claims = service::user_info(&myself, &providers, id.0).await?;
    Ok(HttpResponse::Ok().json(UserInfo { claims }))
}

/// Has the provider give new tokens for the own session. They stay here.
#[utoipa::path(post, path = "/sso/oidc/refresh/{idp_id}", tag = "Single sign-on", operation_id = "sso.refresh",
    params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "The provider has given new tokens.", body = RenewedTokens),
        (status = 404, description = "`not_found`: the session does not rest on this provider."),
        (status = 409, description = "`conflict`: they were renewed at the same time."),
        (status = 502, description = "`provider_failed`: the provider does not answer as it should.")))]
pub(crate) async fn refresh(
    myself: Myself,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::refresh(&myself, &providers, id.0).await?))
}

/// What a provider sends when one of its sessions has ended.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LogoutTold {
    /// The logout token, which the provider has signed.
    logout_token: String,
}

/// Ends the sessions that rest on one that has ended at the provider (Back-Channel Logout §2.5).
#[utoipa::path(post, path = "/sso/oidc/backchannel-logout/{idp_id}", tag = "Single sign-on",
    operation_id = "sso.backchannel_logout", params(("idp_id" = IdentityProviderId, Path)),
    request_body(content = LogoutTold, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "They have ended."),
        (status = 400, description = "`invalid_logout_token`: it is not a good logout token."),
        (status = 404, description = "`not_found`."),
        (status = 502, description = "`provider_failed`: the provider's keys cannot be had.")))]
pub(crate) async fn backchannel_logout(
    guest: Guest<flows::SingleSignOn>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
    told: UrlEncoded<LogoutTold>,
) -> Result<HttpResponse, Problem> {
    let done = service::back_channel(&guest, &providers, id.0, &told.0.logout_token).await;
    done.map_err(Error::of_logout)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}
