//! SCIM directories: the places of a tenant that identity providers push people into.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_kernel::{
    Directory as DirectoryKind, Id,
    collection::{Collection, Field},
};
use elder_scim_protocol::Options;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The id of a directory. It has a name of its own because `utoipa` takes the argument of `Id<…>` for a schema.
pub type DirectoryId = Id<DirectoryKind>;

/// The identity provider that pushes. It says which habits beyond the RFCs are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// `OneLogin`.
    OneLogin,
    /// `JumpCloud`.
    JumpCloud,
    /// Google Workspace.
    Google,
    /// Any other: the RFCs alone.
    #[default]
    Generic,
}

/// What a DELETE from the provider does to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Deprovisioning {
    /// They may no longer sign in; the account stays.
    #[default]
    Deactivate,
    /// The account goes.
    Delete,
}

macro_rules! names {
    ($kind:ident: $($variant:ident = $name:literal;)+) => {
        impl $kind {
            /// The names of all of them.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name in the database and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
names! {
    Provider: Okta = "okta"; Entra = "entra"; OneLogin = "onelogin"; JumpCloud = "jumpcloud"; Google = "google";
    Generic = "generic";
}
names! { Deprovisioning: Deactivate = "deactivate"; Delete = "delete"; }

impl Provider {
    /// The habits that are served.
    pub const fn options(self) -> Options {
        Options {
            create_on_no_match: matches!(self, Self::Entra),
            numbers_as_text: matches!(self, Self::Okta),
        }
    }
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Directory {
    /// Its id.
    pub id: DirectoryId,
    /// Its name, unique in the tenant whatever the letter case.
    pub name: String,
    /// Who pushes.
    pub provider: Provider,
    /// What a DELETE from the provider does to the person.
    pub deprovisioning: Deprovisioning,
    /// False while it is paused: then every push is answered with 503.
    pub is_active: bool,
    /// When one of its tokens was last used, to the minute.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When its settings last changed.
    pub updated_at: DateTime<Utc>,
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

/// A directory to set up.
#[derive(Debug, Clone, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDirectory {
    /// Its name.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Who pushes.
    #[serde(default)]
    #[garde(skip)]
    pub provider: Provider,
    /// What a DELETE from the provider does to the person.
    #[serde(default)]
    #[garde(skip)]
    pub deprovisioning: Deprovisioning,
}

/// A merge patch of a directory (RFC 7396).
#[derive(Debug, Clone, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryPatch {
    /// Another name.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Another provider.
    #[garde(skip)]
    pub provider: Option<Provider>,
    /// Another way to deprovision.
    #[garde(skip)]
    pub deprovisioning: Option<Deprovisioning>,
}

impl DirectoryPatch {
    fn of(self, old: Directory) -> Directory {
        Directory {
            name: self.name.unwrap_or(old.name),
            provider: self.provider.unwrap_or(old.provider),
            deprovisioning: self.deprovisioning.unwrap_or(old.deprovisioning),
            ..old
        }
    }
}
