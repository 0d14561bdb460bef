//! The route of health.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Operator, markers::PlatformHealthRead};
use elder_http::{Problem, shown};

use super::{Health, StartedAt, service};

/// Shows how the platform fares.
#[utoipa::path(get, path = "/api/v2/global/health", tag = "Platform", operation_id = "global.health.get",
    responses((status = 200, description = "The health, as this node sees it.", body = Health)))]
pub(crate) async fn get(
    operator: Operator<PlatformHealthRead>,
    started: Data<StartedAt>,
) -> Result<HttpResponse, Problem> {
    let health = service::look(&operator.begin().await?, operator.pools(), **started).await?;
    Ok(shown(&health))
}
