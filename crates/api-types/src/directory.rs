//! SCIM directories: the places of a tenant that identity providers push people into.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::DirectoryId;

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
    /// `authentik`.
    Authentik,
    /// Keycloak, by one of its plug-ins.
    Keycloak,
    /// Rauthy.
    Rauthy,
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

/// What is done when a user is pushed whose address an account has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conflicts {
    /// The directory takes the account over, unless it is an admin's or another directory manages it.
    #[default]
    Link,
    /// The push is refused.
    Refuse,
    /// The user gets an account of their own, under an address that no mail reaches.
    DuplicateName,
}

/// Which values a provider may name in `roles` and `entitlements` of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Vocabulary {
    /// Any. Those of the catalogue are given to the user, the others come back as they were sent.
    #[default]
    Open,
    /// Those of the catalogue alone, which is told to the provider.
    Catalogue,
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
pub(crate) use names;

names! {
    Provider: Okta = "okta"; Entra = "entra"; OneLogin = "onelogin"; JumpCloud = "jumpcloud"; Google = "google";
    Authentik = "authentik"; Keycloak = "keycloak"; Rauthy = "rauthy"; Generic = "generic";
}

names! { Deprovisioning: Deactivate = "deactivate"; Delete = "delete"; }
names! { Conflicts: Link = "link"; Refuse = "refuse"; DuplicateName = "duplicate-name"; }
names! { Vocabulary: Open = "open"; Catalogue = "catalogue"; }

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Directory {
    /// Its id.
    pub id: DirectoryId,
    /// Its name, unique in the tenant whatever the letter case.
    pub name: String,
    /// Who pushes.
    pub provider: Provider,
    /// What a DELETE from the provider does to the person.
    pub deprovisioning: Deprovisioning,
    /// What is done with an account that is there already and that nobody manages.
    pub conflicts: Conflicts,
    /// How many percent of its people it may deactivate or remove within an hour; ten it always may. At the next one it is
    /// paused. 100 lets it go on.
    #[schema(minimum = 1, maximum = 100)]
    pub max_removals: u8,
    /// Whether groups are taken too; else they are refused with 501.
    pub sync_groups: bool,
    /// Which values the provider may name in `roles` and `entitlements` of a user.
    pub entitlements: Vocabulary,
    /// False while it is paused: then every push is answered with 503.
    pub is_active: bool,
    /// When one of its tokens was last used, to the minute.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When its settings last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a provider meets that pushes into a directory now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryTest {
    /// What the provider is to be given as base URL.
    pub base_url: String,
    /// The same for one that wants the directory in it.
    pub directory_base_url: String,
    /// The status that its requests get: 200; 401 if no token is good; 503 while the directory is paused.
    pub status: u16,
    /// How many tokens are good.
    pub tokens: i64,
    /// How many of these may change anything.
    pub writing_tokens: i64,
    /// How many users it has pushed.
    pub users: i64,
    /// How many of these are active.
    pub active_users: i64,
    /// How many groups it has pushed.
    pub groups: i64,
    /// Groups that role mappings name, and that the directory does not have.
    pub unknown_groups: Vec<String>,
    /// When one of its tokens was last used, to the minute.
    pub last_activity_at: Option<DateTime<Utc>>,
}

/// A directory to set up.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
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
    /// What is done with an account that is there already and that nobody manages.
    #[serde(default)]
    #[garde(skip)]
    pub conflicts: Conflicts,
    /// How many percent of its people it may deactivate or remove within an hour.
    #[serde(default = "max_removals")]
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub max_removals: u8,
    /// Whether groups are taken too.
    #[serde(default = "syncs")]
    #[garde(skip)]
    pub sync_groups: bool,
    /// Which values the provider may name in `roles` and `entitlements` of a user. With `catalogue`, an empty catalogue gets
    /// its first five roles: admin, user, readonly, support, billing.
    #[serde(default)]
    #[garde(skip)]
    pub entitlements: Vocabulary,
}

const fn syncs() -> bool {
    true
}

const fn max_removals() -> u8 {
    20
}

/// A merge patch of a directory (RFC 7396).
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryPatch {
    /// Another name.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another provider.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Another way to deprovision.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprovisioning: Option<Deprovisioning>,
    /// Another way with accounts that are there already.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Conflicts>,
    /// Another share of its people that it may deactivate or remove within an hour.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_removals: Option<u8>,
    /// Whether groups are taken too.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_groups: Option<bool>,
    /// Which values the provider may name in `roles` and `entitlements` of a user. What it has named before stays.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<Vocabulary>,
}
