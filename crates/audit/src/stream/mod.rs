//! Streams: a tenant's log on its way into other systems, in its own order, without a gap.

pub(crate) mod routes;
pub(crate) mod service;
mod target;

use elder_kernel::{
    AuditStream as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    AuditStreamId,
    audit_stream::{
        AuditStream, AuditStreamHealth, AuditStreamPatch, AuditStreamTarget, AuditStreamTest, NewAuditStream,
    },
};
pub use service::delivery::{Delivered, deliver_streams};
pub use target::{SendError, Targets, Trip, WrongTarget};
pub(crate) use target::{s3, syslog};

/// The streams of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum AuditStreams {}

impl Collection for AuditStreams {
    const NAME: &'static str = "audit_streams";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::opaque("target"),
        Field::text("filter"),
        Field::bool("is_active"),
        Field::opaque("health"),
        Field::integer("cursor"),
        Field::opaque("lag"),
        Field::integer("missing"),
        Field::integer("failures"),
        Field::text("last_error"),
        Field::time("delivered_at"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}
