//! What the one table of permissions makes here: marker types, roles, documentation and the route gates.

use std::{fmt, str::FromStr};

use elder_api_types::permission::{Feature, Level, PermissionName, Tier, UnknownPermission};
use serde::Serialize;

use crate::authority::{Authority, Read, Write};

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
    /// The rows of these names.
    pub fn all(names: &[PermissionName]) -> Vec<&'static Self> {
        names.iter().copied().map(Into::into).collect()
    }

    /// Whether an API key can carry it. Who makes keys is asked to prove anew who they are, which a program cannot do;
    /// else a stolen key could make others that outlive it. And who acts in another's name is a person.
    pub fn fits_keys(&self) -> bool {
        const IN_PERSON: [u32; 3] = [
            markers::ApiKeysWrite::ROW.index,
            markers::UsersImpersonate::ROW.index,
            markers::PlatformUsersImpersonate::ROW.index,
        ];
        self.tier != Tier::Directory && !IN_PERSON.contains(&self.index)
    }

    /// Whether it changes what a tenant beyond the licence can be left without: all that writes, but for what must not
    /// wait for a licence: to end the sessions of others, to take the audit log out, and to give people their data or
    /// erase it (GDPR, articles 15 and 17).
    pub fn needs_covered_tenant(&self) -> bool {
        const OWED: [u32; 3] = [
            markers::SessionsWrite::ROW.index,
            markers::AuditExportsWrite::ROW.index,
            markers::PrivacyWrite::ROW.index,
        ];
        self.writes && self.tier != Tier::Global && !OWED.contains(&self.index)
    }

    /// Whether somebody can use it who acts in another's name: what reads, and the few writes that are named here. So no
    /// permission that is new makes, ends or decides about credentials, factors, keys or rights in another's name.
    pub fn is_lent(&self) -> bool {
        const LENT: [u32; 1] = [markers::OrganizationsWrite::ROW.index];
        matches!(self.tier, Tier::Tenant | Tier::Organization) && (!self.writes || LENT.contains(&self.index))
    }
}

/// The right to what a row of the table allows.
pub trait Permission: Authority {
    /// Its row.
    const ROW: &'static PermissionRow;
}

macro_rules! permissions {
    ($($marker:ident, $mode:ident, $name:literal, $tier:ident, $least:ident, $feature:expr, $rate:ident, $words:literal;)*) => {
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
                    index: PermissionName::$marker as u32,
                };
            }
        )*

        /// Every permission, in the order of the table.
        pub const ALL: &[&PermissionRow] = &[$(<$marker as Permission>::ROW,)*];

        impl From<PermissionName> for &'static PermissionRow {
            fn from(name: PermissionName) -> Self {
                match name { $(PermissionName::$marker => $marker::ROW,)* }
            }
        }
    };
}

/// The markers of the permissions, and the table itself.
pub mod markers {
    use elder_api_types::permission::PermissionName;

    use super::{Authority, Feature, Level, Permission, PermissionRow, RateClass, Read, Tier, Write};

    const SCIM: Option<Feature> = Some(Feature::Scim);
    const CUSTOM_ROLES: Option<Feature> = Some(Feature::CustomRoles);
    const COMPLIANCE_REPORTS: Option<Feature> = Some(Feature::ComplianceReports);
    const SSO: Option<Feature> = Some(Feature::Sso);
    const MULTI_TENANT: Option<Feature> = Some(Feature::MultiTenant);

    elder_api_types::permission_table!(permissions);
}

/// A set of permissions, each a bit.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u128);

const _: () = assert!(markers::ALL.len() <= u128::BITS as usize, "a set of permissions needs more bits");

impl PermissionSet {
    /// Whether the set holds `row`.
    pub const fn holds(self, row: &PermissionRow) -> bool {
        self.0 & (1_u128 << row.index) != 0
    }

    /// Adds one.
    #[must_use]
    pub const fn with(self, row: &PermissionRow) -> Self {
        Self(self.0 | 1_u128 << row.index)
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

impl FromStr for &'static PermissionRow {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        name.parse::<PermissionName>().map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_fit_the_set() {
        assert!(markers::ALL.len() <= 128);
        for (index, row) in markers::ALL.iter().enumerate() {
            assert_eq!(row.index as usize, index);
            assert_eq!(row.name.parse::<&PermissionRow>(), Ok(*row));
        }
    }

    #[test]
    fn a_reader_holds_nothing_that_writes_but_support_acts_in_others_names() {
        let reader =
            PermissionSet::built_in(Level::Reader, &[Tier::Global, Tier::Tenant, Tier::Organization]);
        let writes: Vec<_> = reader.rows().filter(|row| row.writes).collect();
        assert_eq!(writes, [markers::PlatformUsersImpersonate::ROW], "{reader:?}");
        assert!(reader.rows().count() > 5);
    }

    #[test]
    fn p_37_nothing_is_lent_that_touches_credentials_or_rights() {
        let lent: Vec<_> = markers::ALL.iter().copied().filter(|row| row.is_lent() && row.writes).collect();
        assert_eq!(lent, [markers::OrganizationsWrite::ROW]);
        assert!(
            markers::ALL
                .iter()
                .all(|row| !row.is_lent() || matches!(row.tier, Tier::Tenant | Tier::Organization))
        );
    }

    #[test]
    fn a_custom_role_takes_only_known_permissions_of_its_tier() {
        let set = PermissionSet::named(["users:read", "tenants:write", "gone:read"], &[Tier::Tenant]);
        assert_eq!(format!("{set:?}"), r#"{"users:read"}"#);
    }
}
