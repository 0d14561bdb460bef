//! Streams: what carries a tenant's audit log into another system as it is sealed.

use chrono::{DateTime, Utc};
use elder_kernel::{Patch, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{AuditStreamId, UserId},
    name::Name,
};

/// Where a stream leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditStreamTarget {
    /// POST of JSON, signed by the rules of Standard Webhooks.
    Webhook {
        /// The URL.
        #[schema(max_length = 2048, example = "https://siem.example.com/elder")]
        url: String,
    },
    /// The HTTP Event Collector of Splunk.
    SplunkHec {
        /// The URL, down to the path.
        #[schema(max_length = 2048, example = "https://splunk.example.com:8088/services/collector/event")]
        url: String,
        /// The index; without it, the token's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 120)]
        index: Option<String>,
    },
    /// Syslog (RFC 5424) over TCP, each message with its length before it (RFC 6587 §3.4.1).
    Syslog {
        /// The host.
        #[schema(max_length = 253, example = "logs.example.com")]
        host: String,
        /// The port.
        #[schema(minimum = 1, example = 6514)]
        port: u16,
        /// Whether by TLS (RFC 5425). Without it only hosts are called that the operator has named.
        #[serde(default = "encrypted")]
        #[schema(default = true)]
        tls: bool,
    },
    /// A bucket of an S3-compatible service: an object a batch, about once a minute.
    S3 {
        /// The bucket.
        #[schema(min_length = 3, max_length = 63, example = "siem")]
        bucket: String,
        /// The region.
        #[schema(max_length = 64, example = "eu-west-1")]
        region: String,
        /// The address of a service other than Amazon's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 300, example = "https://s3.example.com")]
        endpoint: Option<String>,
        /// What stands before the names of all objects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 512, example = "elder")]
        prefix: Option<String>,
        /// The name of the access key, which the bucket lets put objects.
        #[schema(max_length = 128, example = "AKIAIOSFODNN7EXAMPLE")]
        access_key_id: String,
    },
    /// A bucket of Google Cloud Storage, by its interface that speaks S3: an object a batch, about once a minute.
    Gcs {
        /// The bucket.
        #[schema(min_length = 3, max_length = 63, example = "siem")]
        bucket: String,
        /// Another address of that service, as `https://storage.me-central2.rep.googleapis.com`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 300, example = "https://storage.googleapis.com")]
        endpoint: Option<String>,
        /// What stands before the names of all objects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 512, example = "elder")]
        prefix: Option<String>,
        /// The access id of an HMAC key of a service account that may create and replace objects there.
        #[schema(max_length = 128, example = "GOOG1EXAMPLE")]
        access_key_id: String,
    },
    /// A file in the folder that the operator has set, `<tenant>/<stream>.ndjson`.
    File {},
}

const fn encrypted() -> bool {
    true
}

impl AuditStreamTarget {
    /// The names of all kinds.
    pub const NAMES: &'static [&'static str] = &["webhook", "splunk_hec", "syslog", "s3", "gcs", "file"];

    /// The kind, as it is on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::SplunkHec { .. } => "splunk_hec",
            Self::Syslog { .. } => "syslog",
            Self::S3 { .. } => "s3",
            Self::Gcs { .. } => "gcs",
            Self::File {} => "file",
        }
    }
}

/// How a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditStreamHealth {
    /// What was sent last has arrived, or nothing was sent yet.
    Ok,
    /// What was sent last has not arrived; it is sent again.
    Failing,
    /// Nothing is sent until it is active again.
    Paused,
}

/// What carries the log elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStream {
    /// Its id.
    pub id: AuditStreamId,
    /// Its name.
    #[schema(example = "SIEM")]
    pub name: String,
    /// Where it leads. The secret is never shown.
    pub target: AuditStreamTarget,
    /// Which events it carries; null for all.
    #[schema(required)]
    pub filter: Option<String>,
    /// Whether it sends anything.
    pub is_active: bool,
    /// How it is.
    pub health: AuditStreamHealth,
    /// How much of the log has arrived: the events at the places below this one.
    #[schema(minimum = 0)]
    pub cursor: i64,
    /// How many sealed events have not been sent yet.
    #[schema(minimum = 0)]
    pub lag: i64,
    /// At how many places of the log there was no event any more when their turn came.
    #[schema(minimum = 0)]
    pub missing: i64,
    /// How often in a row it has failed.
    #[schema(minimum = 0)]
    pub failures: i32,
    /// Why it has failed last; null once something has arrived.
    #[schema(required)]
    pub last_error: Option<String>,
    /// When something has arrived last.
    #[schema(required)]
    pub delivered_at: Option<DateTime<Utc>>,
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

/// A stream to be set up.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct NewAuditStream {
    /// Its name, unique in the tenant whatever the letter case.
    #[garde(skip)]
    pub name: Name<120>,
    /// Where it leads.
    #[garde(skip)]
    pub target: AuditStreamTarget,
    /// What the target is convinced by: for `webhook` the signing secret (`whsec_` and the base64 of 24 to 64 bytes), for
    /// `splunk_hec` the token, for `s3` the secret access key, for `gcs` the
    /// secret of the HMAC key; the other kinds have none.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 2048)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub secret: Option<Secret<String>>,
    /// Which events it carries, in the grammar of the list's `filter`. Default: all.
    #[garde(length(bytes, min = 1, max = 4096))]
    #[schema(min_length = 1, max_length = 4096)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub filter: Option<String>,
    /// Whether it begins with the first event of the log. Default: with what is sealed from now on.
    #[garde(skip)]
    #[serde(default)]
    pub from_beginning: bool,
}

/// A merge patch of a stream (RFC 7396).
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct AuditStreamPatch {
    /// Another name.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<Name<120>>,
    /// Another place, whole. It needs the secret again: what one place was trusted with is not shown to another.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub target: Option<AuditStreamTarget>,
    /// Another secret.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 2048)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub secret: Option<Secret<String>>,
    /// Which events it carries from now on.
    #[garde(skip)]
    #[serde(default)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Patch::is_keep"))]
    #[schema(value_type = Option<String>, max_length = 4096)]
    pub filter: Patch<String>,
    /// Whether it sends anything. What was sealed meanwhile is sent when it is active again.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub is_active: Option<bool>,
}

/// What came of sending a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStreamTest {
    /// Whether it has arrived.
    pub arrived: bool,
    /// Why it has not.
    #[schema(required)]
    pub error: Option<String>,
}
