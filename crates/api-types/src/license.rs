//! What the installation is licensed for, and what is used of it.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};
use uuid::Uuid;

use crate::{permission::Feature, tenant::SubscriptionTier};

/// The most that there may be of something; `-1` on the wire is any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most(pub Option<u32>);

impl Most {
    /// Any number.
    pub const UNLIMITED: Self = Self(None);

    /// The number on the wire and in the database.
    pub fn number(self) -> i64 {
        self.0.map_or(-1, i64::from)
    }

    /// Whether there may be `count`.
    pub fn allows(self, count: u64) -> bool {
        self.0.is_none_or(|most| count <= u64::from(most))
    }
}

impl Serialize for Most {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

impl<'de> Deserialize<'de> for Most {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            -1 => Ok(Self::UNLIMITED),
            number => u32::try_from(number).map(|most| Self(Some(most))).map_err(|_| {
                de::Error::custom("a limit is -1, for any number, or a number from 0 to 4294967295")
            }),
        }
    }
}

impl PartialSchema for Most {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(-1))
            .maximum(Some(u32::MAX))
            .description(Some("The most that there may be; -1 is any number."))
            .examples([serde_json::json!(50)])
            .into()
    }
}

impl ToSchema for Most {
    fn name() -> Cow<'static, str> {
        "Most".into()
    }
}

/// What may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Tenants, System among them.
    pub max_tenants: Most,
    /// People, of all tenants.
    pub max_users: Most,
    /// People, organizations, custom roles and directories, of all tenants.
    pub max_entities: Most,
    /// For how many days audit events may be kept.
    pub audit_retention_days: Most,
    /// Requests a minute of a tenant.
    pub api_requests_per_minute: Most,
}

/// What a tier covers where the licence says nothing of its own (licensing.md).
impl SubscriptionTier {
    /// Its features.
    pub const fn features(self) -> &'static [Feature] {
        match self {
            Self::Community => &[],
            Self::Professional => &[Feature::CustomRoles],
            Self::Enterprise => &[
                Feature::MultiTenant,
                Feature::CustomRoles,
                Feature::Scim,
                Feature::SsoSaml,
                Feature::SsoOidc,
                Feature::DirectorySync,
                Feature::ComplianceReports,
                Feature::GroupGovernance,
            ],
        }
    }

    /// Its limits. How many tenants an enterprise licence allows stands in the licence: without a word, one.
    pub const fn limits(self) -> Limits {
        let (entities, days, requests) = match self {
            Self::Community => (Some(100), Some(30), 300),
            Self::Professional => (None, Some(365), 1_000),
            Self::Enterprise => (None, None, 10_000),
        };
        Limits {
            max_tenants: Most(Some(1)),
            max_users: Most::UNLIMITED,
            max_entities: Most(entities),
            audit_retention_days: Most(days),
            api_requests_per_minute: Most(Some(requests)),
        }
    }
}

/// Whether a licence covers a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeatureEntry {
    /// The feature.
    #[schema(example = "scim")]
    pub name: String,
    /// Whether it is covered.
    pub entitled: bool,
}

/// How the licence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicensePhase {
    /// There is none: the community tier.
    None,
    /// It is in force.
    Valid,
    /// It has ended, or the licence server is silent: everything still works, until `ends_at`.
    Grace,
    /// It has ended: the community tier. Nothing is deleted, and a better licence restores everything.
    Lapsed,
}

impl LicensePhase {
    /// Every phase.
    pub const ALL: [Self; 4] = [Self::None, Self::Valid, Self::Grace, Self::Lapsed];

    /// The name on the wire and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Valid => "valid",
            Self::Grace => "grace",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Where a licence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenseSource {
    /// A signed file.
    File,
    /// The licence server.
    Server,
}

/// A licence that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedLicense {
    /// Why, in a word.
    #[schema(example = "expired")]
    pub reason: String,
    /// Why, in a sentence.
    #[schema(example = "The licence ended on 2026-01-31 00:00 UTC.")]
    pub detail: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The licence of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LicenseReport {
    /// What this installation is called, so that a licence can be bound to it.
    #[schema(example = "0198c8a4-8d1c-7f0a-9c0e-2f6f1f4f9b1d")]
    pub installation: Uuid,
    /// What is in force now.
    pub tier: SubscriptionTier,
    /// How the licence stands.
    pub phase: LicensePhase,
    /// Where it comes from.
    #[schema(required)]
    pub source: Option<LicenseSource>,
    /// Its name.
    #[schema(required, example = "lic-2026-0042")]
    pub id: Option<String>,
    /// For whom it was made.
    #[schema(required, example = "Acme Ltd")]
    pub licensee: Option<String>,
    /// When it ends; none if it does not.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it stops to be in force, unless it is renewed before; none if it does not.
    #[schema(required)]
    pub ends_at: Option<DateTime<Utc>>,
    /// When the licence server answered last.
    #[schema(required)]
    pub answered_at: Option<DateTime<Utc>>,
    /// What somebody should do something about.
    #[schema(required, example = "The licence ended on 2026-01-31. Everything works until 2026-02-14.")]
    pub warning: Option<String>,
    /// Every feature, and whether it is covered now.
    pub features: Vec<FeatureEntry>,
    /// What may be used now.
    pub limits: Limits,
    /// The last licence that was not taken, if none was since.
    #[schema(required)]
    pub refused: Option<RefusedLicense>,
}

/// What was used on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageDay {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Tenants that are active.
    pub tenants_active: i64,
    /// Tenants that the licence allowed; -1 for any number.
    #[schema(example = 50)]
    pub tenants_licensed: i64,
    /// People, of all tenants.
    pub users: i64,
    /// People, organizations, custom roles and directories, of all tenants.
    pub entities: i64,
    /// Requests with a valid credential.
    pub api_calls: i64,
    /// Bytes of the database.
    pub storage_bytes: i64,
    /// Licensed features that some tenant used.
    #[schema(example = json!(["scim", "sso_oidc"]))]
    pub features: Vec<String>,
}

/// The use of the installation, day by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageSeries {
    /// The days, the first first.
    pub data: Vec<UsageDay>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_minus_one_on_the_wire_and_no_other_number_below_zero_is_a_limit() {
        assert_eq!(serde_json::to_string(&Most::UNLIMITED).unwrap(), "-1");
        assert_eq!(serde_json::from_str::<Most>("-1").unwrap(), Most::UNLIMITED);
        assert_eq!(serde_json::from_str::<Most>("50").unwrap(), Most(Some(50)));
        for bad in ["-2", "4294967296", "1.5", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Most>(bad).is_err(), "{bad}");
        }
        assert!(Most(Some(2)).allows(2) && !Most(Some(2)).allows(3) && Most::UNLIMITED.allows(u64::MAX));
    }

    #[test]
    fn a_higher_tier_has_all_that_a_lower_one_has() {
        let tiers =
            [SubscriptionTier::Community, SubscriptionTier::Professional, SubscriptionTier::Enterprise];
        for pair in tiers.windows(2) {
            let (lower, higher) = (pair[0], pair[1]);
            assert!(lower < higher);
            assert!(lower.features().iter().all(|feature| higher.features().contains(feature)));
        }
        assert!(SubscriptionTier::Community.limits().max_entities.allows(100));
        assert!(!SubscriptionTier::Community.limits().max_entities.allows(101));
    }
}
