//! The one table of permissions: from it come marker types, roles, documentation and the route gates.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::authority::{Authority, Read, Write};

/// Where a permission holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The whole platform.
    Global,
    /// One tenant.
    Tenant,
    /// One organization and those below it.
    Organization,
    /// One SCIM directory: only its tokens hold these.
    Directory,
}

/// The built-in role that a permission needs at least. Each level holds all that is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// `reader`; of the global roles, `support`.
    Reader,
    /// `maintainer`.
    Maintainer,
    /// `admin`.
    Admin,
}

/// What a licence can cover beyond the basics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// More tenants than System.
    MultiTenant,
    /// Roles that a tenant defines itself.
    CustomRoles,
    /// SCIM directories.
    Scim,
}

impl Feature {
    /// The name in licences and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MultiTenant => "multi_tenant",
            Self::CustomRoles => "custom_roles",
            Self::Scim => "scim",
        }
    }
}

/// The features that this installation's licence covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlements(pub Vec<Feature>);

impl Entitlements {
    /// What a tier covers (licensing.md).
    pub fn of_tier(tier: &str) -> Option<Self> {
        Some(Self(match tier {
            "community" => vec![],
            "professional" => vec![Feature::CustomRoles],
            "enterprise" => vec![Feature::MultiTenant, Feature::CustomRoles, Feature::Scim],
            _ => return None,
        }))
    }

    /// Whether `feature` is covered.
    pub fn cover(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }
}

/// Which rate limit a route falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RateClass {
    /// The tenant's budget.
    Standard,
    /// A directory's own budget.
    Scim,
    /// The operator's budget.
    Operator,
    /// Sign-in and what else can be guessed at: tight, also per address.
    Auth,
}

impl RateClass {
    const ALL: [Self; 4] = [Self::Standard, Self::Scim, Self::Operator, Self::Auth];

    /// The name in documents and headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Scim => "scim",
            Self::Operator => "operator",
            Self::Auth => "auth",
        }
    }

    /// The class of this name; none for what is not limited.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PermissionRow {
    /// `resource:action`.
    pub name: &'static str,
    /// Whether a transaction under it may change anything.
    pub writes: bool,
    /// Where it holds.
    pub tier: Tier,
    /// The built-in role that has it at least.
    pub least: Level,
    /// The licence feature that it belongs to.
    pub feature: Option<Feature>,
    /// The rate limit of its routes.
    pub rate_class: RateClass,
    /// What it allows, in words.
    pub description: &'static str,
    index: u32,
}

impl PermissionRow {
    /// Whether an API key can carry it. Who makes keys is asked to prove anew who they are, which a program cannot do;
    /// else a stolen key could make others that outlive it.
    pub fn fits_keys(&self) -> bool {
        self.tier != Tier::Directory && self.index != markers::ApiKeysWrite::ROW.index
    }
}

/// The right to what a row of the table allows.
pub trait Permission: Authority {
    /// Its row.
    const ROW: &'static PermissionRow;
}

macro_rules! permissions {
    ($($marker:ident, $mode:ident, $name:literal, $tier:ident, $least:ident, $feature:expr, $rate:ident, $words:literal;)*) => {
        #[repr(u32)]
        enum Position { $($marker,)* }

        $(
            #[doc = concat!("`", $name, "`: ", $words)]
            #[derive(Debug)]
            pub enum $marker {}
            impl crate::authority::sealed::Sealed for $marker {}
            impl Authority for $marker {
                type Mode = $mode;
                const NAME: &'static str = $name;
            }
            impl Permission for $marker {
                const ROW: &'static PermissionRow = &PermissionRow {
                    name: $name,
                    writes: <$mode as crate::authority::Mode>::WRITES,
                    tier: Tier::$tier,
                    least: Level::$least,
                    feature: $feature,
                    rate_class: RateClass::$rate,
                    description: $words,
                    index: Position::$marker as u32,
                };
            }
        )*

        /// Every permission, in the order of the table.
        pub const ALL: &[&PermissionRow] = &[$(<$marker as Permission>::ROW,)*];
    };
}

/// The markers of the permissions, and the table itself.
pub mod markers {
    use super::{Authority, Feature, Level, Permission, PermissionRow, RateClass, Read, Tier, Write};

    const SCIM: Option<Feature> = Some(Feature::Scim);
    const CUSTOM_ROLES: Option<Feature> = Some(Feature::CustomRoles);
    const MULTI_TENANT: Option<Feature> = Some(Feature::MultiTenant);

    permissions! {
        TenantRead,           Read,  "tenant:read",            Tenant,       Reader,     None,         Standard, "See the tenant and its settings.";
        TenantWrite,          Write, "tenant:write",           Tenant,       Admin,      None,         Standard, "Change the tenant's name and settings.";
        DomainsRead,          Read,  "domains:read",           Tenant,       Reader,     None,         Standard, "See the tenant's e-mail domains.";
        DomainsWrite,         Write, "domains:write",          Tenant,       Admin,      None,         Standard, "Claim, prove and give up e-mail domains.";
        UsersRead,            Read,  "users:read",             Tenant,       Reader,     None,         Standard, "See and search users.";
        UsersWrite,           Write, "users:write",            Tenant,       Admin,      None,         Standard, "Create, change, deactivate and delete users.";
        GrantsWrite,          Write, "grants:write",           Tenant,       Admin,      None,         Standard, "Give and take the tenant's roles.";
        SessionsRead,         Read,  "sessions:read",          Tenant,       Admin,      None,         Standard, "See the sessions of users.";
        SessionsWrite,        Write, "sessions:write",         Tenant,       Admin,      None,         Standard, "End the sessions of users.";
        RolesRead,            Read,  "roles:read",             Tenant,       Reader,     None,         Standard, "See built-in and custom roles.";
        RolesWrite,           Write, "roles:write",            Tenant,       Admin,      CUSTOM_ROLES, Standard, "Define custom roles.";
        DirectoriesRead,      Read,  "directories:read",       Tenant,       Reader,     SCIM,         Standard, "See SCIM directories and their tokens.";
        DirectoriesWrite,     Write, "directories:write",      Tenant,       Admin,      SCIM,         Standard, "Set up SCIM directories and their tokens.";
        ServiceAccountsRead,  Read,  "service_accounts:read",  Tenant,       Admin,      None,         Standard, "See service accounts.";
        ServiceAccountsWrite, Write, "service_accounts:write", Tenant,       Admin,      None,         Standard, "Create, change, deactivate and delete service accounts.";
        ApiKeysRead,          Read,  "api_keys:read",          Tenant,       Admin,      None,         Standard, "See the API keys of the tenant.";
        ApiKeysWrite,         Write, "api_keys:write",         Tenant,       Admin,      None,         Standard, "Make and rotate keys of service accounts, revoke any key.";
        AccessCheck,          Read,  "access:check",           Tenant,       Reader,     None,         Standard, "Ask who may do what, and why.";
        UsageRead,            Read,  "usage:read",             Tenant,       Reader,     None,         Standard, "See what the tenant uses.";
        FeaturesRead,         Read,  "features:read",          Tenant,       Reader,     None,         Standard, "See which feature flags are on.";
        MailsRead,            Read,  "mails:read",             Tenant,       Admin,      None,         Standard, "See the mails that were sent and their templates, never what a mail says.";
        MailsWrite,           Write, "mails:write",            Tenant,       Admin,      None,         Standard, "Send dead mails again, change the templates of mails.";
        OrganizationsRead,    Read,  "organizations:read",     Organization, Reader,     None,         Standard, "See organizations.";
        OrganizationsWrite,   Write, "organizations:write",    Organization, Maintainer, None,         Standard, "Create, change, move and delete organizations.";
        MembersRead,          Read,  "members:read",           Organization, Reader,     None,         Standard, "See who has a role in an organization.";
        MembersWrite,         Write, "members:write",          Organization, Admin,      None,         Standard, "Give and take roles in an organization.";
        ScimRead,             Read,  "scim:read",              Directory,    Reader,     SCIM,         Scim,     "Read users of the directory by SCIM.";
        ScimWrite,            Write, "scim:write",             Directory,    Admin,      SCIM,         Scim,     "Push users into the directory by SCIM.";
        PlatformTenantsRead,  Read,  "tenants:read",           Global,       Reader,     None,         Operator, "See all tenants and what they use.";
        PlatformTenantsCreate,Write, "tenants:create",         Global,       Admin,      MULTI_TENANT, Operator, "Create tenants.";
        PlatformTenantsWrite, Write, "tenants:write",          Global,       Admin,      None,         Operator, "Change, deactivate and delete tenants.";
        PlatformUsersRead,    Read,  "platform_users:read",    Global,       Reader,     None,         Operator, "Search users across tenants.";
        PlatformUsersWrite,   Write, "platform_users:write",   Global,       Admin,      None,         Operator, "Deactivate users of any tenant, end their sessions, appoint operators.";
        PlatformMailsRead,    Read,  "platform_mails:read",    Global,       Reader,     None,         Operator, "See the mails of all tenants, never what they say.";
        PlatformSettingsRead, Read,  "platform_settings:read", Global,       Reader,     None,         Operator, "See the platform's settings.";
        PlatformSettingsWrite,Write, "platform_settings:write",Global,       Admin,      None,         Operator, "Change the platform's settings and maintenance mode.";
        FeatureFlagsRead,     Read,  "feature_flags:read",     Global,       Reader,     None,         Operator, "See feature flags.";
        FeatureFlagsWrite,    Write, "feature_flags:write",    Global,       Admin,      None,         Operator, "Define feature flags and set them for tenants.";
        PlatformHealthRead,   Read,  "platform_health:read",   Global,       Reader,     None,         Operator, "See the health of the platform.";
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// Whether the set holds `row`.
    pub const fn holds(self, row: &PermissionRow) -> bool {
        self.0 & (1 << row.index) != 0
    }

    /// Adds one.
    #[must_use]
    pub const fn with(self, row: &PermissionRow) -> Self {
        Self(self.0 | 1 << row.index)
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those whose row `keep` says yes to.
    #[must_use]
    pub fn only(self, keep: impl Fn(&PermissionRow) -> bool) -> Self {
        self.rows().filter(|row| keep(row)).fold(Self::default(), Self::with)
    }

    /// Whether every permission of `self` is in `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// What a built-in role of `level` holds in the given tiers.
    pub fn built_in(level: Level, tiers: &[Tier]) -> Self {
        markers::ALL
            .iter()
            .filter(|row| row.least <= level && tiers.contains(&row.tier))
            .fold(Self::default(), |set, row| set.with(row))
    }

    /// The permissions of these names that belong to one of `tiers`; a name that is none any more is passed over,
    /// so that a stored role never grants more than the table has.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>, tiers: &[Tier]) -> Self {
        names
            .into_iter()
            .filter_map(|name| name.parse::<&PermissionRow>().ok())
            .filter(|row| tiers.contains(&row.tier))
            .fold(Self::default(), Self::with)
    }

    /// The rows, in the order of the table.
    pub fn rows(self) -> impl Iterator<Item = &'static PermissionRow> {
        markers::ALL.iter().copied().filter(move |row| self.holds(row))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rows().map(|row| row.name)).finish()
    }
}

/// A name that no permission has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no permission `{0}`")]
pub struct UnknownPermission(pub String);

impl FromStr for &'static PermissionRow {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        let row = markers::ALL.iter().copied().find(|row| row.name == name);
        row.ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

impl<'de> Deserialize<'de> for &'static PermissionRow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// The name of a permission, for OpenAPI.
#[derive(Debug)]
pub enum PermissionName {}

impl PartialSchema for PermissionName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A permission of the catalogue."))
            .enum_values(Some(markers::ALL.iter().map(|row| row.name)))
            .into()
    }
}
impl ToSchema for PermissionName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_fit_the_set() {
        assert!(markers::ALL.len() <= 64);
        for (index, row) in markers::ALL.iter().enumerate() {
            assert_eq!(row.index as usize, index);
            assert_eq!(row.name.parse::<&PermissionRow>(), Ok(*row));
        }
    }

    #[test]
    fn a_reader_holds_nothing_that_writes() {
        let reader =
            PermissionSet::built_in(Level::Reader, &[Tier::Global, Tier::Tenant, Tier::Organization]);
        assert!(reader.rows().all(|row| !row.writes), "{reader:?}");
        assert!(reader.rows().count() > 5);
    }

    #[test]
    fn a_custom_role_takes_only_known_permissions_of_its_tier() {
        let set = PermissionSet::named(["users:read", "tenants:write", "gone:read"], &[Tier::Tenant]);
        assert_eq!(format!("{set:?}"), r#"{"users:read"}"#);
    }
}
