//! What idempotency keys add to an operation: the header that names a request, and the one of an answer given again.

use elder_http::Route;
use utoipa::openapi::{HeaderBuilder, RefOr, Schema, path::Operation};

use super::{is_guarded, request_header, text};

/// Whether a caller may name the request, so as to send it again.
pub(super) fn is_repeatable(route: &Route) -> bool {
    route.method == "POST" && is_guarded(route)
}

/// Adds the headers of an operation.
pub(super) fn describe(route: &Route, operation: &mut Operation) {
    if !is_repeatable(route) {
        return;
    }
    let what = "Names the request, in up to 255 characters. The same request under the same key gets the first answer \
        again for 24 hours, and is done once.";
    let key = request_header("Idempotency-Key", what, text().min_length(Some(1)).max_length(Some(255)));
    operation.parameters.get_or_insert_default().push(RefOr::T(key));
    for (status, answer) in &mut operation.responses.responses {
        let (true, RefOr::T(answer)) = (status.starts_with('2'), answer) else { continue };
        let what = "`true` if this is the first answer, given again.";
        let replayed =
            HeaderBuilder::new().schema(Some(Schema::Object(text().build()))).description(Some(what)).build();
        answer.headers.insert("Idempotency-Replayed".to_owned(), replayed.into());
    }
}
