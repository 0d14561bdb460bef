//! Mails of all tenants, for operators.

pub(crate) mod routes;
mod service;

use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::mail::GlobalMail;

use crate::mail;

/// The mails of all tenants, as they are listed.
#[derive(Debug)]
pub(crate) enum GlobalMails {}

impl Collection for GlobalMails {
    const NAME: &'static str = "global_mails";
    const FIELDS: &'static [Field] = mail::fields!(Field::integer("tenant_id").sortable());
    const DEFAULT_SORT: &'static str = "tenant_id";
}
