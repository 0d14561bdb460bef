//! Permissions: the one table of them, and the catalogue as the API shows it.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// Where a permission holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// More tenants than System.
    MultiTenant,
    /// Roles that a tenant defines itself.
    CustomRoles,
    /// SCIM directories.
    Scim,
    /// Identity providers by which people sign in: covered with either protocol.
    Sso,
    /// Identity providers that speak SAML.
    SsoSaml,
    /// Identity providers that speak OpenID Connect.
    SsoOidc,
    /// Directories from which people are read.
    DirectorySync,
    /// Reports for auditors.
    ComplianceReports,
    /// Rules over who may be in which group.
    GroupGovernance,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 9] = [
        Self::MultiTenant,
        Self::CustomRoles,
        Self::Scim,
        Self::Sso,
        Self::SsoSaml,
        Self::SsoOidc,
        Self::DirectorySync,
        Self::ComplianceReports,
        Self::GroupGovernance,
    ];

    /// The feature of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The name in licences and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MultiTenant => "multi_tenant",
            Self::CustomRoles => "custom_roles",
            Self::Scim => "scim",
            Self::Sso => "sso",
            Self::SsoSaml => "sso_saml",
            Self::SsoOidc => "sso_oidc",
            Self::DirectorySync => "directory_sync",
            Self::ComplianceReports => "compliance_reports",
            Self::GroupGovernance => "group_governance",
        }
    }
}

/// Hands the one table of permissions to a macro: from it the server makes its gates and callers get the names.
#[macro_export]
macro_rules! permission_table {
    ($then:ident) => {
        $then! {
            TenantRead,           Read,  "tenant:read",            Tenant,       Reader,     None,         Standard, "See the tenant and its settings.";
            TenantWrite,          Write, "tenant:write",           Tenant,       Admin,      None,         Standard, "Change the tenant's name and settings.";
            DomainsRead,          Read,  "domains:read",           Tenant,       Reader,     None,         Standard, "See the tenant's e-mail domains.";
            DomainsWrite,         Write, "domains:write",          Tenant,       Admin,      None,         Standard, "Claim, prove and give up e-mail domains.";
            UsersRead,            Read,  "users:read",             Tenant,       Reader,     None,         Standard, "See and search users.";
            UsersWrite,           Write, "users:write",            Tenant,       Admin,      None,         Standard, "Create, change, deactivate and delete users.";
            InvitationsRead,      Read,  "invitations:read",       Tenant,       Reader,     None,         Standard, "See who was invited.";
            InvitationsWrite,     Write, "invitations:write",      Tenant,       Admin,      None,         Standard, "Invite people, send invitations again and withdraw them.";
            GrantsWrite,          Write, "grants:write",           Tenant,       Admin,      None,         Standard, "Give and take the tenant's roles.";
            SessionsRead,         Read,  "sessions:read",          Tenant,       Admin,      None,         Standard, "See the sessions of users.";
            SessionsWrite,        Write, "sessions:write",         Tenant,       Admin,      None,         Standard, "End the sessions of users.";
            UsersImpersonate,     Write, "users:impersonate",      Tenant,       Admin,      None,         Standard, "Act in the name of a user for a while.";
            MfaRead,              Read,  "mfa:read",               Tenant,       Admin,      None,         Standard, "See which second factors users have.";
            MfaWrite,             Write, "mfa:write",              Tenant,       Admin,      None,         Standard, "Take a user's second factors away.";
            RolesRead,            Read,  "roles:read",             Tenant,       Reader,     None,         Standard, "See built-in and custom roles.";
            RolesWrite,           Write, "roles:write",            Tenant,       Admin,      CUSTOM_ROLES, Standard, "Define custom roles.";
            DirectoriesRead,      Read,  "directories:read",       Tenant,       Reader,     SCIM,         Standard, "See SCIM directories and their tokens.";
            DirectoriesWrite,     Write, "directories:write",      Tenant,       Admin,      SCIM,         Standard, "Set up SCIM directories and their tokens.";
            ServiceAccountsRead,  Read,  "service_accounts:read",  Tenant,       Admin,      None,         Standard, "See service accounts.";
            ServiceAccountsWrite, Write, "service_accounts:write", Tenant,       Admin,      None,         Standard, "Create, change, deactivate and delete service accounts.";
            ApiKeysRead,          Read,  "api_keys:read",          Tenant,       Admin,      None,         Standard, "See the API keys of the tenant.";
            ApiKeysWrite,         Write, "api_keys:write",         Tenant,       Admin,      None,         Standard, "Make and rotate keys of service accounts, revoke any key.";
            ApplicationsRead,     Read,  "applications:read",      Tenant,       Reader,     None,         Standard, "See the applications to which people return from a sign-in.";
            ApplicationsWrite,    Write, "applications:write",     Tenant,       Admin,      None,         Standard, "Register, change and delete applications.";
            IdpsRead,             Read,  "idps:read",              Tenant,       Admin,      None,         Standard, "See the identity providers by which people sign in.";
            IdpsWrite,            Write, "idps:write",             Tenant,       Admin,      SSO,          Standard, "Set up identity providers, and what they give to people.";
            EntitlementsRead,     Read,  "entitlements:read",      Tenant,       Reader,     None,         Standard, "See the catalogue of entitlements, who holds them and which exclude each other.";
            EntitlementsWrite,    Write, "entitlements:write",     Tenant,       Admin,      None,         Standard, "Define entitlements, and which exclude each other.";
            EntitlementsAssign,   Write, "entitlements:assign",    Tenant,       Admin,      None,         Standard, "Give people entitlements and take them.";
            AccessCheck,          Read,  "access:check",           Tenant,       Reader,     None,         Standard, "Ask who may do what, and why.";
            UsageRead,            Read,  "usage:read",             Tenant,       Reader,     None,         Standard, "See what the tenant uses.";
            FeaturesRead,         Read,  "features:read",          Tenant,       Reader,     None,         Standard, "See which feature flags are on.";
            MailsRead,            Read,  "mails:read",             Tenant,       Admin,      None,         Standard, "See the mails that were sent and their templates, never what a mail says.";
            MailsWrite,           Write, "mails:write",            Tenant,       Admin,      None,         Standard, "Send dead mails again, change the templates of mails.";
            AuditRead,            Read,  "audit:read",             Tenant,       Admin,      None,         Standard, "Read the audit log, its proofs and its checkpoints.";
            AuditExportsRead,     Read,  "audit_exports:read",     Tenant,       Admin,      None,         Standard, "See which files were made of the audit log.";
            AuditExportsWrite,    Write, "audit_exports:write",    Tenant,       Admin,      None,         Standard, "Have files made of the whole audit log, download and delete them.";
            AuditStreamsRead,     Read,  "audit_streams:read",     Tenant,       Admin,      None,         Standard, "See where the audit log is carried, and how that goes.";
            AuditStreamsWrite,    Write, "audit_streams:write",    Tenant,       Admin,      None,         Standard, "Have the audit log carried to other systems.";
            AuditSearchesWrite,   Write, "audit_searches:write",   Tenant,       Admin,      None,         Standard, "Save searches of the audit log.";
            AuditAlertsRead,      Read,  "audit_alerts:read",      Tenant,       Admin,      None,         Standard, "See the alerts of the audit log, and when they have fired.";
            AuditAlertsWrite,     Write, "audit_alerts:write",     Tenant,       Admin,      None,         Standard, "Have people and other systems told of what the audit log shows.";
            AuditRetentionWrite,  Write, "audit_retention:write",  Tenant,       Admin,      None,         Standard, "Say for how long audit events are kept.";
            AuditBodiesRead,      Write, "audit_bodies:read",      Tenant,       Admin,      None,         Standard, "Read what was sent and answered in calls of the API, where that is kept. Each reading is an event.";
            LegalHoldsRead,       Read,  "legal_holds:read",       Tenant,       Admin,      None,         Standard, "See legal holds.";
            LegalHoldsWrite,      Write, "legal_holds:write",      Tenant,       Admin,      None,         Standard, "Put legal holds on the tenant, organizations and people, and release them.";
            PrivacyRead,          Read,  "privacy:read",           Tenant,       Admin,      None,         Standard, "See what was asked about a person's data, and what became of it.";
            PrivacyWrite,         Write, "privacy:write",          Tenant,       Admin,      None,         Standard, "Ask for a person's data or its erasure, approve what others ask, and download what is known.";
            ComplianceRead,       Read,  "compliance:read",        Tenant,       Admin,      COMPLIANCE_REPORTS, Standard, "See reports for auditors, their templates and schedules, and what controls rest on.";
            ComplianceWrite,      Write, "compliance:write",       Tenant,       Admin,      COMPLIANCE_REPORTS, Standard, "Have reports for auditors made, now or on schedule, download and delete them.";
            OrganizationsRead,    Read,  "organizations:read",     Organization, Reader,     None,         Standard, "See organizations.";
            OrganizationsWrite,   Write, "organizations:write",    Organization, Maintainer, None,         Standard, "Create, change, move and delete organizations.";
            MembersRead,          Read,  "members:read",           Organization, Reader,     None,         Standard, "See who has a role in an organization.";
            MembersWrite,         Write, "members:write",          Organization, Admin,      None,         Standard, "Give and take roles in an organization.";
            ScimRead,             Read,  "scim:read",              Directory,    Reader,     SCIM,         Scim,     "Read users and groups of the directory by SCIM.";
            ScimWrite,            Write, "scim:write",             Directory,    Admin,      SCIM,         Scim,     "Push users and groups into the directory by SCIM.";
            PlatformTenantsRead,  Read,  "tenants:read",           Global,       Reader,     None,         Operator, "See all tenants and what they use.";
            PlatformTenantsCreate,Write, "tenants:create",         Global,       Admin,      MULTI_TENANT, Operator, "Create tenants.";
            PlatformTenantsWrite, Write, "tenants:write",          Global,       Admin,      None,         Operator, "Change, deactivate and delete tenants.";
            PlatformUsersRead,    Read,  "platform_users:read",    Global,       Reader,     None,         Operator, "Search users across tenants.";
            PlatformUsersWrite,   Write, "platform_users:write",   Global,       Admin,      None,         Operator, "Deactivate users of any tenant, end their sessions, appoint operators.";
            PlatformUsersImpersonate,Write,"platform_users:impersonate",Global, Reader,    None,         Operator, "Act in the name of a user of a tenant that allows it.";
            PlatformIdpsRead,     Read,  "platform_idps:read",     Global,       Admin,      None,         Operator, "See the identity providers of all tenants.";
            PlatformIdpsWrite,    Write, "platform_idps:write",    Global,       Admin,      None,         Operator, "Set up the platform's own identity providers, and change those of any tenant.";
            PlatformMailsRead,    Read,  "platform_mails:read",    Global,       Reader,     None,         Operator, "See the mails of all tenants, never what they say.";
            PlatformAuditRead,    Read,  "platform_audit:read",    Global,       Admin,      None,         Operator, "Read the audit logs of all tenants.";
            PlatformSettingsRead, Read,  "platform_settings:read", Global,       Reader,     None,         Operator, "See the platform's settings.";
            PlatformSettingsWrite,Write, "platform_settings:write",Global,       Admin,      None,         Operator, "Change the platform's settings and maintenance mode.";
            FeatureFlagsRead,     Read,  "feature_flags:read",     Global,       Reader,     None,         Operator, "See feature flags.";
            FeatureFlagsWrite,    Write, "feature_flags:write",    Global,       Admin,      None,         Operator, "Define feature flags and set them for tenants.";
            LicenseRead,          Read,  "license:read",           Global,       Reader,     None,         Operator, "See the licence, and what is used of it.";
            PlatformHealthRead,   Read,  "platform_health:read",   Global,       Reader,     None,         Operator, "See the health of the platform.";
        }
    };
}

macro_rules! names {
    ($($variant:ident, $mode:ident, $name:literal, $tier:ident, $least:ident, $feature:expr, $rate:ident, $words:literal;)*) => {
        /// The name of a permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PermissionName {
            $(#[doc = $words] $variant,)*
        }

        impl PermissionName {
            /// Every permission, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// `resource:action`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}
permission_table!(names);

/// A name that no permission has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no permission `{0}`")]
pub struct UnknownPermission(pub String);

impl FromStr for PermissionName {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        let known = Self::ALL.iter().copied().find(|known| known.name() == name);
        known.ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

impl fmt::Display for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for PermissionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for PermissionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for PermissionName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A permission of the catalogue."))
            .enum_values(Some(Self::ALL.iter().map(|name| name.name())))
            .into()
    }
}
impl ToSchema for PermissionName {}

/// A permission of the catalogue.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PermissionEntry {
    /// `resource:action`.
    pub name: String,
    /// Where it holds.
    #[schema(value_type = String, example = "tenant")]
    pub tier: Tier,
    /// The built-in role that has it at least; of the global roles, `reader` is `support`.
    #[schema(value_type = String, example = "reader")]
    pub least_role: Level,
    /// The licence feature that it belongs to.
    #[schema(value_type = Option<String>, required)]
    pub feature: Option<Feature>,
    /// What it allows.
    pub description: String,
}

/// The catalogue of permissions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PermissionCatalogue {
    /// Every permission.
    pub data: Vec<PermissionEntry>,
}
