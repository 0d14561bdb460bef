//! Mails as they travel: never what they say.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::MailId;
use crate::{Language, MailKind};

/// What has become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// It waits for its first try.
    Queued,
    /// A try has failed, and there will be another.
    Delayed,
    /// The mail server has it.
    Sent,
    /// It is tried no more.
    Dead,
}

impl MailStatus {
    const ALL: [Self; 4] = [Self::Queued, Self::Delayed, Self::Sent, Self::Dead];
    /// Every name.
    pub(crate) const NAMES: &'static [&'static str] = &["queued", "delayed", "sent", "dead"];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delayed => "delayed",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// The status of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A mail, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// What it is about; null for a kind that this version does not know.
    #[schema(required)]
    pub kind: Option<MailKind>,
    /// The language that it is written in.
    #[schema(value_type = Language)]
    pub locale: String,
    /// Whom it is for.
    #[schema(example = "ada@acme.example")]
    pub recipient: String,
    /// Its subject.
    #[schema(example = "Choose a new password for Acme")]
    pub subject: String,
    /// What has become of it.
    pub status: MailStatus,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempts: i32,
    /// Why the last try has failed.
    #[schema(required, example = "the mail server did not take the mail: transient error (451)")]
    pub last_error: Option<String>,
    /// Its Message-ID, once the mail server has it.
    #[schema(required, example = "<mal_01h455vb4pex5vsknk084sn02q@id.example.com>")]
    pub message_id: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the mail server took it.
    #[schema(required)]
    pub sent_at: Option<DateTime<Utc>>,
}
