//! The route of the use.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, CONTENT_DISPOSITION, VARY},
};
use elder_access::{Operator, markers::LicenseRead};
use elder_api_types::license::UsageSeries;
use elder_http::{Problem, Query, shown};

use super::{Format, UsageQuery, csv, service};

/// Shows what is used of the installation, day by day: as JSON or as CSV.
#[utoipa::path(get, path = "/api/v2/global/usage", tag = "Licence", operation_id = "global.usage.list",
    params(UsageQuery), responses(
        (status = 200, description = "The use of each day that was counted.",
            content((UsageSeries = "application/json"), (String = "text/csv"))),
        (status = 400, description = "`invalid_parameter`: there are too many days, or the last lies before the first.")))]
pub(crate) async fn list(
    operator: Operator<LicenseRead>,
    request: HttpRequest,
    query: Query<UsageQuery>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let days = service::list(&tx, query.0.from, query.0.to).await?;
    let mut answer = match query.0.format.unwrap_or_else(|| accepted(&request)) {
        Format::Json => shown(&UsageSeries { data: days }),
        Format::Csv => HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8; header=present")
            .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"elder-usage.csv\""))
            .body(csv(&days)),
    };
    answer.headers_mut().append(VARY, actix_web::http::header::HeaderValue::from_static("accept"));
    Ok(answer)
}

/// CSV where it is asked for and JSON is not (RFC 9110 §12.5.1, without weights).
fn accepted(request: &HttpRequest) -> Format {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") && !accept.contains("application/json") {
        Format::Csv
    } else {
        Format::Json
    }
}
