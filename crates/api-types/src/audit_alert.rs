//! Alerts: what tells people and systems when the audit log shows something too often.

use chrono::{DateTime, Utc};
use elder_kernel::{Patch, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    email::Email,
    ids::{AuditAlertFiringId, AuditAlertId, AuditEventId, AuditSearchId, UserId},
    name::Name,
};

/// By what an alert tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditAlertChannel {
    /// A mail to each address.
    Mail {
        /// The addresses.
        #[schema(value_type = Vec<String>, min_items = 1, max_items = 10, example = json!(["soc@acme.example"]))]
        to: Vec<Email>,
    },
    /// POST of JSON, signed by the rules of Standard Webhooks.
    Webhook {
        /// The URL.
        #[schema(max_length = 2048, example = "https://soc.example.com/elder")]
        url: String,
    },
}

impl AuditAlertChannel {
    /// The kind, as it is on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Webhook { .. } => "webhook",
        }
    }
}

/// By what an alert counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditAlertGroup {
    /// Each person, key or service account for itself.
    Actor,
    /// Each address for itself.
    Ip,
}

impl AuditAlertGroup {
    /// Every name.
    pub const NAMES: &'static [&'static str] = &["actor", "ip"];

    /// The name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Ip => "ip",
        }
    }

    /// The group of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Actor, Self::Ip].into_iter().find(|group| group.name() == name)
    }
}

/// How an alert's channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditAlertHealth {
    /// What it told last has arrived or is on its way, or there was nothing to tell yet.
    Ok,
    /// What it told last has not arrived. A webhook is called again; of mails, one was given up.
    Failing,
    /// It looks at nothing until it is active again.
    Paused,
}

/// What tells somebody when the log shows something too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditAlert {
    /// Its id.
    pub id: AuditAlertId,
    /// Its name.
    #[schema(example = "Failed sign-ins")]
    pub name: String,
    /// The shared search whose events it counts; null if it has a filter of its own.
    #[schema(required)]
    pub search_id: Option<AuditSearchId>,
    /// Which events it counts; null if a saved search says so.
    #[schema(required)]
    pub filter: Option<String>,
    /// How many events it takes.
    #[schema(minimum = 1)]
    pub threshold: i32,
    /// Within how many minutes.
    #[schema(minimum = 1)]
    pub window_minutes: i32,
    /// By what it counts apart; null if it counts all together.
    #[schema(required)]
    pub group_by: Option<AuditAlertGroup>,
    /// By what it tells. The secret is never shown.
    pub channel: AuditAlertChannel,
    /// Whether it counts anything.
    pub is_active: bool,
    /// How its channel is.
    pub health: AuditAlertHealth,
    /// How much of the log it has looked at: the events at the places below this one.
    #[schema(minimum = 0)]
    pub cursor: i64,
    /// How many sealed events it has not looked at yet.
    #[schema(minimum = 0)]
    pub lag: i64,
    /// At how many places of the log there was no event any more when their turn came.
    #[schema(minimum = 0)]
    pub missing: i64,
    /// How often in a row its channel has failed.
    #[schema(minimum = 0)]
    pub failures: i32,
    /// Why its channel has failed last; null once something has arrived.
    #[schema(required)]
    pub last_error: Option<String>,
    /// When it has told last.
    #[schema(required)]
    pub notified_at: Option<DateTime<Utc>>,
    /// Grows with every change by people.
    pub version: i64,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// Who set it up; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An alert to be set up. It has either `search_id` or `filter`.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct NewAuditAlert {
    /// Its name, unique in the tenant whatever the letter case.
    #[garde(skip)]
    pub name: Name<120>,
    /// A shared search: its events are counted, as it is at the time.
    #[garde(custom(one_source(self.filter.is_some())))]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub search_id: Option<AuditSearchId>,
    /// Which events are counted, in the grammar of the list's `filter`.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub filter: Option<String>,
    /// How many events it takes.
    #[garde(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000)]
    pub threshold: i32,
    /// Within how many minutes, by the times of the events. So long there is no second notice.
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440)]
    pub window_minutes: i32,
    /// By what to count apart. Default: all together.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub group_by: Option<AuditAlertGroup>,
    /// By what to tell.
    #[garde(skip)]
    pub channel: AuditAlertChannel,
    /// The signing secret of a webhook: `whsec_` and the base64 of 24 to 64 bytes. Mails have none.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 2048)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub secret: Option<Secret<String>>,
}

fn one_source(has_filter: bool) -> impl FnOnce(&Option<AuditSearchId>, &()) -> garde::Result {
    move |search, &()| {
        let is_one = search.is_some() != has_filter;
        is_one.then_some(()).ok_or_else(|| garde::Error::new("give either `search_id` or `filter`"))
    }
}

fn one_source_at_most(has_filter: bool) -> impl FnOnce(&Option<AuditSearchId>, &()) -> garde::Result {
    move |search, &()| {
        let are_both = search.is_some() && has_filter;
        (!are_both).then_some(()).ok_or_else(|| garde::Error::new("give either `search_id` or `filter`"))
    }
}

/// A merge patch of an alert (RFC 7396).
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct AuditAlertPatch {
    /// Another name.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<Name<120>>,
    /// A shared search, in place of the filter or search of before.
    #[garde(custom(one_source_at_most(self.filter.is_some())))]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub search_id: Option<AuditSearchId>,
    /// A filter, in place of the filter or search of before.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub filter: Option<String>,
    /// How many events it takes.
    #[garde(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub threshold: Option<i32>,
    /// Within how many minutes.
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub window_minutes: Option<i32>,
    /// By what to count apart; null: all together.
    #[garde(skip)]
    #[serde(default)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Patch::is_keep"))]
    #[schema(value_type = Option<AuditAlertGroup>)]
    pub group_by: Patch<AuditAlertGroup>,
    /// Another channel, whole. A webhook needs its secret again: what one place was trusted with is not shown to another.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub channel: Option<AuditAlertChannel>,
    /// Another secret.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 2048)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub secret: Option<Secret<String>>,
    /// Whether it counts anything. What is sealed while it does not is never counted.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub is_active: Option<bool>,
}

/// One time that an alert has fired. Events that follow within the window are added to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditAlertFiring {
    /// Its id.
    pub id: AuditAlertFiringId,
    /// Whose events it has counted: an actor or an address; null if all, or if the events name none. An address is read from the
    /// first of them: `[erased]` if it was an erased person's, null if the event is not in the log any more.
    #[schema(required, example = "192.0.2.7")]
    pub group: Option<String>,
    /// How many events: those that fired it, and those that followed within the window.
    #[schema(minimum = 1)]
    pub events: i64,
    /// The events that fired it, in the order of the log.
    pub event_ids: Vec<AuditEventId>,
    /// The time of the first of them.
    pub first_at: DateTime<Utc>,
    /// The time of the event that fired it.
    pub fired_at: DateTime<Utc>,
    /// The time of the last event.
    pub last_at: DateTime<Utc>,
    /// When the channel was told of it; null while it was not.
    #[schema(required)]
    pub notified_at: Option<DateTime<Utc>>,
}

/// What came of sending a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditAlertTest {
    /// Whether the webhook has taken it, or the mails wait to be sent.
    pub sent: bool,
    /// Why it has not.
    #[schema(required)]
    pub error: Option<String>,
}
