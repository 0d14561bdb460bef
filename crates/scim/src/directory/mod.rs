//! SCIM directories: the places of a tenant that identity providers push people into.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Directory as DirectoryKind,
    collection::{Collection, Field},
};
use elder_scim_protocol::Options;

pub use elder_api_types::{
    DirectoryId,
    directory::{Deprovisioning, Directory, DirectoryPatch, NewDirectory, Provider},
};

/// The habits of a provider that are served.
pub(crate) const fn options(provider: Provider) -> Options {
    Options {
        create_on_no_match: matches!(provider, Provider::Entra),
        numbers_as_text: matches!(provider, Provider::Okta),
    }
}

/// The directories of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Directories {}

impl Collection for Directories {
    const NAME: &'static str = "directories";
    const FIELDS: &'static [Field] = &[
        Field::id::<DirectoryKind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::word("provider", Provider::NAMES),
        Field::word("deprovisioning", Deprovisioning::NAMES),
        Field::bool("is_active"),
        Field::time("last_activity_at"),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
}

fn patched(old: Directory, patch: DirectoryPatch) -> Directory {
    Directory {
        name: patch.name.unwrap_or(old.name),
        provider: patch.provider.unwrap_or(old.provider),
        deprovisioning: patch.deprovisioning.unwrap_or(old.deprovisioning),
        ..old
    }
}
