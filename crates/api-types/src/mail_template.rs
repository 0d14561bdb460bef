//! Templates of mails.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{language::Language, mail::MailKind};

/// The template of a kind of mail in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailTemplate {
    /// What the mail is about.
    pub kind: MailKind,
    /// The language.
    pub locale: Language,
    /// Whether it is Elder's; else it is the tenant's own.
    pub is_built_in: bool,
    /// The subject's template.
    #[schema(example = "You are invited to {{ brand.name }}")]
    pub subject: String,
    /// The text's template.
    #[schema(example = "{{ inviter }} invites you: {{ link }}")]
    pub text: String,
    /// The HTML's template.
    #[schema(example = "<p>{{ inviter }} invites you: <a href=\"{{ link }}\">accept</a></p>")]
    pub html: String,
    /// Grows with every change; 0 for a built-in one.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was last changed; null for a built-in one.
    #[schema(required)]
    pub updated_at: Option<DateTime<Utc>>,
}

impl MailTemplate {
    /// What is rendered.
    pub fn source(&self) -> TemplateSource {
        TemplateSource { subject: self.subject.clone(), text: self.text.clone(), html: self.html.clone() }
    }
}

/// Which template a path names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TemplateKey {
    /// What the mail is about.
    pub kind: MailKind,
    /// The language.
    pub locale: Language,
}

/// A template in a tenant's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateSource {
    /// The subject's template: one line.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300, example = "You are invited to {{ brand.name }}")]
    pub subject: String,
    /// The text's template.
    #[garde(length(chars, min = 1, max = 20_000))]
    #[schema(min_length = 1, max_length = 20_000, example = "{{ inviter }} invites you: {{ link }}")]
    pub text: String,
    /// The HTML's template: a whole document. Values are escaped.
    #[garde(length(chars, min = 1, max = 60_000))]
    #[schema(
        min_length = 1,
        max_length = 60_000,
        example = "<p>{{ inviter }} invites you: <a href=\"{{ link }}\">accept</a></p>"
    )]
    pub html: String,
}

/// Texts that are not stored yet; those that are left out are the stored ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateDraft {
    /// The subject's template.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300, example = "You are invited to {{ brand.name }}")]
    pub subject: Option<String>,
    /// The text's template.
    #[garde(length(chars, min = 1, max = 20_000))]
    #[schema(min_length = 1, max_length = 20_000, example = "{{ inviter }} invites you: {{ link }}")]
    pub text: Option<String>,
    /// The HTML's template.
    #[garde(length(chars, min = 1, max = 60_000))]
    #[schema(
        min_length = 1,
        max_length = 60_000,
        example = "<p>{{ inviter }} invites you: <a href=\"{{ link }}\">accept</a></p>"
    )]
    pub html: Option<String>,
}

impl TemplateDraft {
    /// The draft, completed by what is stored.
    pub fn over(self, stored: TemplateSource) -> TemplateSource {
        TemplateSource {
            subject: self.subject.unwrap_or(stored.subject),
            text: self.text.unwrap_or(stored.text),
            html: self.html.unwrap_or(stored.html),
        }
    }
}

/// A mail as its reader gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WrittenMail {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: String,
}
