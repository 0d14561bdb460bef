//! What this SCIM server can do, told to whoever asks (RFC 7644 §4), and a little more to a directory that shows its token.

pub(crate) mod routes;

use elder_access::DirectoryPrincipal;
use elder_scim_protocol::{
    discovery::{Authentication, Bulk, Features, OFFERED_TYPES},
    schema::ResourceType,
};

use crate::{Vocabulary, bulk::MAX_OPERATIONS, directory::Habits, wire::MAX_RESULTS};

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

/// The resource types, for a directory if it is known which one asks. `/Roles` and `/Entitlements` are named to one that
/// is bound to the catalogue, since clients believe that whatever is named may be created.
fn types(directory: Option<&DirectoryPrincipal>) -> Vec<&'static ResourceType> {
    let bound = directory.filter(|directory| directory.entitlements == Vocabulary::Catalogue);
    let catalogue = bound.map(|directory| Habits::of(directory.provider).catalogue);
    let more = catalogue.into_iter().flat_map(|catalogue| [catalogue.role, catalogue.entitlement]);
    OFFERED_TYPES.into_iter().chain(more).collect()
}
