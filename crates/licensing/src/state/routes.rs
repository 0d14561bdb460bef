//! The route of the licence.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Operator, markers::LicenseRead};
use elder_api_types::license::LicenseReport;
use elder_http::{Problem, shown};

use super::{Licensing, service};

/// Shows the licence: what is in force, until when, and what somebody should do something about.
#[utoipa::path(get, path = "/api/v2/global/license", tag = "Licence", operation_id = "global.license.get",
    responses((status = 200, description = "The licence.", body = LicenseReport)))]
pub(crate) async fn get(
    operator: Operator<LicenseRead>,
    licensing: Data<Licensing>,
) -> Result<HttpResponse, Problem> {
    let report = service::report(&licensing, &operator.begin().await?).await?;
    Ok(shown(&report))
}
