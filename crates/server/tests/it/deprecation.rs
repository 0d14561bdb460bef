//! A route that is marked as deprecated says so in the document and in every answer.

use actix_web::{
    App, HttpResponse,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
};
use elder_http::{Deprecation, RouteTable};
use serde_json::json;

/// Routes that no server has.
mod old {
    use super::{Deprecation, HttpResponse};
    use elder_http::{Problem, Public};

    pub(super) const END: Deprecation = Deprecation {
        since: Deprecation::day(2027, 1, 1),
        sunset: Some(Deprecation::day(2027, 7, 1)),
        link: "/docs",
    };

    /// Is still there.
    #[utoipa::path(get, path = "/old", operation_id = "old.get", responses((status = 204, description = "Yes.")))]
    pub(super) async fn get(_: Public) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }

    /// Refuses.
    #[utoipa::path(post, path = "/old", operation_id = "old.refuse", responses((status = 404, description = "No.")))]
    pub(super) async fn refuse(_: Public) -> Result<HttpResponse, Problem> {
        Err(Problem::not_found())
    }

    /// Stays.
    #[utoipa::path(delete, path = "/old", operation_id = "old.stay", responses((status = 204, description = "Yes.")))]
    pub(super) async fn stay(_: Public) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

fn table() -> RouteTable {
    let mut table = RouteTable::default();
    elder_http::routes!(table; old => [get: old::END, refuse: old::END, stay]);
    table
}

#[actix_web::test]
async fn every_answer_of_a_deprecated_route_tells_its_end_and_no_other_does() {
    let app = App::new()
        .configure(|service| table().configure(service, |_, route| route))
        .wrap(from_fn(elder_http::envelope));
    let app = init_service(app).await;
    for (request, status) in [(TestRequest::get(), 204), (TestRequest::post(), 404)] {
        let answer = call_service(&app, request.uri("/old").to_request()).await;
        let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(header("deprecation"), "@1798761600");
        assert_eq!(header("sunset"), "Thu, 01 Jul 2027 00:00:00 GMT");
        assert_eq!(header("link"), "</docs>; rel=\"deprecation\"; type=\"text/html\"");
    }
    let answer = call_service(&app, TestRequest::delete().uri("/old").to_request()).await;
    for name in ["deprecation", "sunset", "link"] {
        assert!(!answer.headers().contains_key(name), "{name}");
    }
}

#[test]
fn the_document_marks_a_deprecated_operation_with_its_end() {
    let table = table();
    let operations: Vec<_> = table.routes().iter().map(|route| json!(route.operation)).collect();
    for operation in &operations[..2] {
        assert_eq!(operation["deprecated"], true);
        let end = json!({ "since": "2027-01-01", "sunset": "2027-07-01", "link": "/docs" });
        assert_eq!(operation["x-elder-deprecation"], end);
        assert_eq!(operation["x-elder-gate"], "public");
    }
    assert!(operations[2]["deprecated"].is_null() && operations[2]["x-elder-deprecation"].is_null());
}
