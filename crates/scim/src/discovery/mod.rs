//! What this SCIM server can do, told to whoever asks (RFC 7644 §4).

pub(crate) mod routes;

use elder_scim_protocol::discovery::{Authentication, Features};

use crate::wire::MAX_RESULTS;

/// What the server supports beyond the engine.
fn features() -> Features {
    Features {
        bulk: None,
        max_results: MAX_RESULTS,
        change_password: true,
        sort: false,
        etag: true,
        authentication: vec![Authentication::Bearer, Authentication::Basic],
        documentation_uri: None,
    }
}
