//! The pages that the `type` of a problem leads to: what a code means, who can mend it, and how.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentType},
};
use elder_api_types::problem::ProblemType;
use elder_http::{Path, Problem, Public};
use elder_kernel::ErrorCode;

/// Lists every error code.
///
/// A page for people, or JSON for who accepts `application/json`.
#[utoipa::path(get, path = "/problems", tag = "Reference", operation_id = "reference.problems",
    responses((status = 200, description = "Every code.", content(
        ([ProblemType] = "application/json"), (String = "text/html")))))]
pub(crate) async fn list(_: Public, request: HttpRequest) -> HttpResponse {
    let types: Vec<_> = ErrorCode::ALL.iter().copied().map(ProblemType::from).collect();
    if wants_json(&request) {
        return HttpResponse::Ok().json(types);
    }
    let row = |known: &ProblemType| {
        format!(
            "<tr><td><a href=\"problems/{code}\"><code>{code}</code></a></td><td>{status}</td><td>{title}</td></tr>",
            code = known.code,
            status = known.status,
            title = marked_up(&known.title),
        )
    };
    let rows = types.iter().map(row).collect::<Vec<_>>().concat();
    let table = format!("<table><tr><th>Code</th><th>Status</th><th>Title</th></tr>{rows}</table>");
    page("Error codes", &format!("<p>The <code>code</code> of a problem document (RFC 9457).</p>{table}"))
}

/// Says what an error code means, who can mend it, and how.
///
/// The `type` of every problem document leads here. A page for people, or JSON for who accepts `application/json`.
#[utoipa::path(get, path = "/problems/{code}", tag = "Reference", operation_id = "reference.problem",
    params(("code" = String, Path, description = "The `code` of a problem document.", example = "not_found")),
    responses(
        (status = 200, description = "The code.", content((ProblemType = "application/json"), (String = "text/html"))),
        (status = 404, description = "`not_found`: there is no such code.")))]
pub(crate) async fn get(
    _: Public,
    request: HttpRequest,
    code: Path<String>,
) -> Result<HttpResponse, Problem> {
    let known = ProblemType::from(ErrorCode::named(&code.0).ok_or_else(Problem::not_found)?);
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(known));
    }
    let words = format!(
        "<p>Code <code>{code}</code>, status {status}.</p>\
         <h2>When</h2><p>{meaning}</p><h2>What to do</h2><p>{remedy}</p><p>It can be mended by {mender}.</p>\
         <p><a href=\"../problems\">All error codes</a></p>",
        code = known.code,
        status = known.status,
        meaning = marked_up(&known.meaning),
        remedy = marked_up(&known.remedy),
        mender = known.mender,
    );
    Ok(page(&known.title, &words))
}

/// Whether the caller names JSON and no page: a browser names `text/html` before all else.
fn wants_json(request: &HttpRequest) -> bool {
    let accepted =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("application/json") && !accepted.contains("text/html")
}

/// A page without scripts and styles, as the envelope's Content-Security-Policy demands.
fn page(title: &str, content: &str) -> HttpResponse {
    let title = marked_up(title);
    HttpResponse::Ok().content_type(ContentType::html()).insert_header((header::VARY, "Accept")).body(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title></head><body><main><h1>{title}</h1>{content}</main></body></html>"
    ))
}

/// The table's words for a page: what stands in back quotes is code.
fn marked_up(words: &str) -> String {
    let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let parts = escaped.split('`').enumerate();
    let code = |(index, part): (usize, &str)| {
        if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }
    };
    parts.map(code).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_back_quotes_become_code_and_nothing_becomes_an_element() {
        assert_eq!(marked_up("Send `a < b` & `c`."), "Send <code>a &lt; b</code> &amp; <code>c</code>.");
    }
}
