//! Templates of mails: the built-in ones, and those in which a tenant says it in its own words.

mod built_in;
mod engine;
mod grammar;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::FieldFault;
use elder_kernel::collection::{Collection, Field};
use elder_tenancy::Brand;

pub use elder_api_types::mail_template::{
    MailTemplate, TemplateDraft, TemplateKey, TemplateSource, WrittenMail,
};

use crate::{Content, MailKind};

/// The three texts of which a mail is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One line.
    Subject,
    /// For programs that show no HTML.
    Text,
    /// For all others.
    Html,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

/// Something in a template that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct TemplateFault {
    /// In which text.
    pub part: Part,
    /// On which line of it, where that is known.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub what: String,
}

impl TemplateFault {
    pub(crate) fn of_field(&self) -> FieldFault {
        FieldFault::new(format!("/{}", self.part.name()), "invalid_template", self.to_string())
    }
}

/// What a template is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) brand: &'a Brand,
    pub(crate) recipient: &'a str,
    pub(crate) content: &'a Content,
}

/// The templates of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum MailTemplates {}

impl Collection for MailTemplates {
    const NAME: &'static str = "mail_templates";
    const FIELDS: &'static [Field] = &[
        Field::word("kind", MailKind::NAMES),
        Field::text("locale"),
        Field::bool("is_built_in"),
        Field::text("subject"),
        Field::text("text"),
        Field::text("html"),
        Field::integer("version").unfiltered(),
        Field::time("updated_at"),
        Field::text("place").sortable().unfiltered().hidden(),
    ];
    const DEFAULT_SORT: &'static str = "place";
    const KEY: &'static str = "place";
}
