//! `/api/v2/compliance/frameworks`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::ComplianceRead};
use elder_http::{ListQuery, Path, Problem, shown};
use elder_kernel::Page;

use super::{ComplianceControls, ComplianceFramework, FrameworkName, Frameworks, service};
use crate::Error;

/// Lists the frameworks, and how many of their controls have their evidence now.
#[utoipa::path(get, path = "/api/v2/compliance/frameworks", tag = "Compliance frameworks",
    operation_id = "compliance.frameworks.list", params(ListQuery<Frameworks>),
    responses((status = 200, description = "A page of frameworks.", body = Page<ComplianceFramework>)))]
pub(crate) async fn list(
    access: Access<ComplianceRead>,
    query: ListQuery<Frameworks>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Shows the controls of a framework that rest on what Elder does, with what was measured of each just now.
#[utoipa::path(get, path = "/api/v2/compliance/frameworks/{framework}", tag = "Compliance frameworks",
    operation_id = "compliance.frameworks.get", params(("framework" = FrameworkName, Path)),
    responses((status = 200, description = "The controls.", body = ComplianceControls)))]
pub(crate) async fn get(
    access: Access<ComplianceRead>,
    name: Path<FrameworkName>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::measured(&tx, name.0).await.map_err(Error::Database)?))
}
