//! SCIM directories: the places of a tenant that identity providers push people into.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Directory as DirectoryKind,
    collection::{Collection, Field},
};
use elder_scim_protocol::{
    Habit, Options,
    schema::{ENTITLEMENT_TYPE, OKTA_ENTITLEMENT_TYPE, OKTA_ROLE_TYPE, ROLE_TYPE, ResourceType},
};

pub use elder_api_types::{
    DirectoryId,
    directory::{
        Conflicts, Deprovisioning, Directory, DirectoryPatch, DirectoryTest, NewDirectory, Provider,
        Vocabulary,
    },
};

use crate::rules::note;

/// In which form a provider looks for the catalogue of roles and entitlements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogueTypes {
    pub(crate) role: &'static ResourceType,
    pub(crate) entitlement: &'static ResourceType,
}

/// The habits of a provider that are served beyond what every client may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// Those that the engine serves.
    pub(crate) options: Options,
    brief_group_patch: bool,
    /// Okta knows roles and entitlements by URNs of its own alone.
    pub(crate) catalogue: CatalogueTypes,
}

impl Habits {
    pub(crate) const fn of(provider: Provider) -> Self {
        let (entra, okta) = (matches!(provider, Provider::Entra), matches!(provider, Provider::Okta));
        // What is known of Google is that it pushes as Okta does.
        let numbers_as_text = okta || matches!(provider, Provider::Google);
        let catalogue = if okta {
            CatalogueTypes { role: &OKTA_ROLE_TYPE, entitlement: &OKTA_ENTITLEMENT_TYPE }
        } else {
            CatalogueTypes { role: &ROLE_TYPE, entitlement: &ENTITLEMENT_TYPE }
        };
        let options = Options { create_on_no_match: entra, numbers_as_text, served };
        Self { options, brief_group_patch: entra, catalogue }
    }

    /// Whether a PATCH of a group is answered without a body, as Entra asks for.
    pub(crate) fn answers_group_patch_briefly(self) -> bool {
        if self.brief_group_patch {
            note("brief_group_patch");
        }
        self.brief_group_patch
    }
}

/// Tells the activity log of a habit that the engine has served.
fn served(habit: Habit) {
    note(match habit {
        Habit::CreateOnNoMatch => "create_on_no_match",
        Habit::NumbersAsText => "numbers_as_text",
    });
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
        Field::word("conflicts", Conflicts::NAMES),
        Field::integer("max_removals"),
        Field::bool("sync_groups"),
        Field::word("entitlements", Vocabulary::NAMES),
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
        conflicts: patch.conflicts.unwrap_or(old.conflicts),
        max_removals: patch.max_removals.unwrap_or(old.max_removals),
        sync_groups: patch.sync_groups.unwrap_or(old.sync_groups),
        entitlements: patch.entitlements.unwrap_or(old.entitlements),
        ..old
    }
}
