//! Applications: where a tenant's people may return to from a sign-in.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Application as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ApplicationId,
    application::{Application, ApplicationPatch, NewApplication},
};

/// The applications of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Applications {}

impl Collection for Applications {
    const NAME: &'static str = "applications";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::opaque("redirect_uris"),
        Field::opaque("allowed_origins"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}
