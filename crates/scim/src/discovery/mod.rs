//! What this SCIM server can do, told to whoever asks (RFC 7644 §4).

pub(crate) mod routes;

use elder_scim_protocol::discovery::{Authentication, Bulk, Features};

use crate::{bulk::MAX_OPERATIONS, wire::MAX_RESULTS};

/// What the server supports beyond the engine.
fn features(body_limit: u64) -> Features {
    Features {
        bulk: Some(Bulk { max_operations: MAX_OPERATIONS, max_payload_size: body_limit }),
        max_results: MAX_RESULTS,
        change_password: true,
        sort: true,
        etag: true,
        authentication: vec![Authentication::Bearer, Authentication::Basic],
        documentation_uri: None,
    }
}
