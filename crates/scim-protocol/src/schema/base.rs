//! What every resource has (RFC 7643 §3): `schemas`, `id`, `externalId`, `meta`.

use super::{Attribute, Kind};

/// The attributes that no schema lists.
pub(super) static BASE: [Attribute; 4] = [
    Attribute {
        multi_valued: true,
        ..Attribute::reference("schemas", &["uri"], "The schemas in use")
            .required()
            .case_exact()
            .always_returned()
    },
    Attribute::text("id", "The server's identifier").case_exact().read_only().always_returned().unique(),
    Attribute::text("externalId", "The client's identifier").case_exact(),
    Attribute::complex("meta", &META, "What the server knows about the resource").read_only(),
];

static META: [Attribute; 5] = [
    Attribute::text("resourceType", "The resource type").case_exact().read_only(),
    Attribute::new("created", Kind::DateTime, "When it was created").read_only(),
    Attribute::new("lastModified", Kind::DateTime, "When it last changed").read_only(),
    Attribute::reference("location", &["uri"], "Its URI").read_only(),
    Attribute::text("version", "Its entity tag").case_exact().read_only(),
];
