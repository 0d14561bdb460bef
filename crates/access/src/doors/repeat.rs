//! Gives the first answer again to a request that was sent before under its `Idempotency-Key`.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage as _, ResponseError as _,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use elder_http::{Repeatable, RequestMeta};

/// Lets a request through, with what names it. Whether it was sent before, its transaction finds out: behind the gate,
/// so that the first answer goes to nobody who has lost the right to it.
pub(super) async fn serve(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let repeatable = match Repeatable::read(request.request()) {
        Ok(None) => return next.call(request).await,
        Ok(Some(repeatable)) => Arc::new(repeatable),
        Err(problem) => return Ok(request.into_response(problem.error_response())),
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
