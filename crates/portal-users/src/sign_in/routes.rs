//! Routes of signing in and out.

use actix_web::{HttpResponse, http::header, web::Data};
use elder_access::{
    Action, Event, Guest, Keys, Myself, OwnLeave, flows,
    session::{self, EndReason},
};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem};

use super::{Login, Refresh, SignInAnswer, Tokens, service};
use crate::{Error, risk::Places};

/// What a browser forgets at a sign-out.
const CLEARED: &str = r#""cache", "cookies", "storage""#;

/// Signs in with an e-mail address and a password. With `new_password` that becomes the password first. `status` says
/// whether the sign-in is at its end or waits for a second factor.
#[utoipa::path(post, path = "/api/v2/auth/login", tag = "Sign-in", operation_id = "auth.login", request_body = Login,
    responses((status = 200, description = "The tokens of a new session, or a flow that waits for more.", body = SignInAnswer),
        (status = 400, description = "`validation_failed`: the new password breaks a rule."),
        (status = 401, description = "`invalid_credentials`, whatever was wrong."),
        (status = 403, description = "`password_expired`: send `new_password` too. `sso_required`: sign in by the tenant's provider."),
        (status = 409, description = "`tenant_required`: `tenants` lists those that know the account. `session_limit`."),
        (status = 503, description = "`busy`: too many sign-ins are waiting; `maintenance`.")))]
pub(crate) async fn login(
    guest: Guest<flows::SignIn>,
    hasher: Data<PasswordHasher>,
    places: Data<Places>,
    body: Json<Login>,
) -> Result<HttpResponse, Problem> {
    match service::sign_in(&guest, &hasher, &places, &body.0).await {
        Ok(answer) => Ok(HttpResponse::Ok().json(answer)),
        Err(Error::TenantRequired(tenants)) => {
            let problem = Problem::from(Error::TenantRequired(Vec::new()));
            Err(problem.with_member("tenants", tenants))
        }
        Err(error) => Err(error.into()),
    }
}

/// Exchanges a refresh token, which is good once, for new tokens.
#[utoipa::path(post, path = "/api/v2/auth/refresh", tag = "Sign-in", operation_id = "auth.refresh",
    request_body = Refresh,
    responses((status = 200, description = "New tokens of the same session.", body = Tokens),
        (status = 401, description = "`invalid_refresh_token`."),
        (status = 403, description = "`network_forbidden`; the token stays good."),
        (status = 503, description = "`maintenance`.")))]
pub(crate) async fn refresh(
    guest: Guest<flows::Refresh>,
    body: Json<Refresh>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::refresh(&guest, &body.0.refresh_token).await?))
}

/// Ends the session that asks.
#[utoipa::path(post, path = "/api/v2/auth/logout", tag = "Sign-in", operation_id = "auth.logout",
    responses((status = 204, description = "The session has ended.")))]
pub(crate) async fn logout(myself: Myself<OwnLeave>) -> Result<HttpResponse, Problem> {
    let own = myself.principal().session;
    let tx = myself.leave().await?;
    session::end(&tx, own, EndReason::SignedOut).await?;
    // What a browser has of this origin goes too (W3C Clear Site Data §3.1).
    let answer = HttpResponse::NoContent().insert_header(("clear-site-data", CLEARED)).finish();
    tx.answer(Event::on(Action::SignedOut, own), answer).await
}

/// The public keys of the access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Sign-in", operation_id = "auth.keys",
    responses((status = 200, description = "A JWK set.", body = serde_json::Value,
        example = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
            "use": "sig", "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }))))]
pub(crate) async fn keys(keys: Keys) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=600")).json(keys.jwks())
}
