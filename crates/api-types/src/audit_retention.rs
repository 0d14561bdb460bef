//! For how long a tenant's audit events are kept, and what would go by other numbers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ids::UserId;

/// For how long a tenant's audit events are kept. What says that events were taken out is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRetention {
    /// For how many days events are kept whose category has no number of its own; null, for as long as the tenant lives.
    #[schema(required)]
    pub days: Option<u32>,
    /// For how many days those of a category are kept.
    pub categories: CategoryDays,
    /// After how many days whole months leave the database for the archive, where the operator has set one up; null, never.
    #[schema(required)]
    pub archive_after_days: Option<u32>,
    /// More days than the operator allows count as these; null without a bound.
    #[schema(required)]
    pub maximum_days: Option<u32>,
    /// Fewer days that were asked for and do not hold yet; null if nothing waits.
    #[schema(required)]
    pub pending: Option<PendingRetention>,
    /// Grows with every change; 0 where nothing was said yet.
    pub version: i64,
    /// When it last changed; null if never.
    #[schema(required)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Who changed it; null if that was no person.
    #[schema(required)]
    pub updated_by: Option<UserId>,
}

/// Fewer days than hold: events would go that are kept now, so that it waits until a second person approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingRetention {
    /// As `days` of the retention.
    #[schema(required)]
    pub days: Option<u32>,
    /// As `categories` of the retention.
    pub categories: CategoryDays,
    /// As `archive_after_days` of the retention.
    #[schema(required)]
    pub archive_after_days: Option<u32>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Who asked for it.
    pub asked_by: UserId,
}

/// For how long events shall be kept from now on. What is left out has no bound of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuditRetention {
    /// For how many days events are kept whose category has no number of its own.
    #[garde(range(min = 30, max = 36_500))]
    #[schema(minimum = 30, maximum = 36_500)]
    #[serde(default)]
    pub days: Option<u32>,
    /// For how many days those of a category are kept.
    #[garde(dive)]
    #[serde(default)]
    pub categories: CategoryDays,
    /// After how many days whole months leave the database for the archive, where the operator has set one up.
    #[garde(range(min = 30, max = 36_500))]
    #[schema(minimum = 30, maximum = 36_500)]
    #[serde(default)]
    pub archive_after_days: Option<u32>,
}

macro_rules! category_days {
    ($($(#[$doc:meta])+ $name:ident;)+) => {
        /// Days of each category of events; null where the number of all counts.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct CategoryDays {$(
            $(#[$doc])+
            #[garde(range(min = 30, max = 36_500))]
            #[schema(minimum = 30, maximum = 36_500)]
            pub $name: Option<u32>,
        )+}

        impl CategoryDays {
            /// Each category by its name, with its days.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, Option<u32>)> + use<> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }

        /// What is asked of a preview: other numbers than those that hold, or none.
        #[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct RetentionPreviewQuery {
            /// As `days` of the retention.
            #[garde(range(min = 30, max = 36_500))]
            #[param(minimum = 30, maximum = 36_500)]
            pub days: Option<u32>,
            $(
                $(#[$doc])+
                #[garde(range(min = 30, max = 36_500))]
                #[param(minimum = 30, maximum = 36_500)]
                pub $name: Option<u32>,
            )+
        }

        impl RetentionPreviewQuery {
            /// The numbers that are asked about, if there are any.
            pub fn asked(&self) -> Option<NewAuditRetention> {
                let asked = NewAuditRetention {
                    days: self.days,
                    categories: CategoryDays { $($name: self.$name,)+ },
                    archive_after_days: None,
                };
                (asked != NewAuditRetention::default()).then_some(asked)
            }
        }
    };
}
category_days! {
    /// Sign-in and sign-out.
    authentication;
    /// Who may do what, and denials.
    authorization;
    /// Readings of what is sensitive.
    data_access;
    /// Changes of data.
    data_change;
    /// Changes of settings.
    configuration;
    /// What operators do.
    administration;
    /// Calls of the API.
    api_access;
}

/// What retention takes out of the log, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionPreview {
    /// How many events go.
    #[schema(minimum = 0)]
    pub events: i64,
    /// How many stay although their time has ended, because a legal hold covers them.
    #[schema(minimum = 0)]
    pub held: i64,
    /// The same by month and category, the oldest first.
    pub data: Vec<RetentionMonth>,
}

/// What retention takes of one category and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionMonth {
    /// The month in UTC.
    #[schema(example = "2026-01")]
    pub month: String,
    /// The category.
    #[schema(example = "authentication")]
    pub category: String,
    /// How many events go.
    #[schema(minimum = 0)]
    pub events: i64,
    /// How many stay, because a legal hold covers them.
    #[schema(minimum = 0)]
    pub held: i64,
}
