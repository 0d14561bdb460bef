//! Gives the first answer again to a request that was sent before under its `Idempotency-Key`.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage as _, ResponseError as _,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use elder_http::{Repeatable, RequestMeta};

use super::limit::known;

/// Lets a request through, with what names it. Whether it was sent before, its transaction finds out: behind the gate,
/// so that the first answer goes to nobody who has lost the right to it.
pub(super) async fn serve(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Who shows no credential is asked for one first.
    let is_known = known(request.request()).is_some();
    let repeatable = match Repeatable::read(request.request()) {
        Ok(Some(repeatable)) => Arc::new(repeatable),
        Err(problem) if is_known => return Ok(request.into_response(problem.error_response())),
        Ok(None) | Err(_) => return next.call(request).await,
    };
    if let Some(meta) = request.extensions_mut().get_mut::<RequestMeta>() {
        meta.repeatable = Some(repeatable.clone());
    }
    let response = next.call(request).await?;
    Ok(match repeatable.replay() {
        Some(first) => response.into_response(first),
        None => response,
    })
}
