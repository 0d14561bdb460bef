//! Mails: what was sent to a tenant's people, what still waits, and what was given up.

pub(crate) mod routes;
mod row;
pub(crate) mod service;

use elder_access::{
    Authority, OwnWrite, Write, flows,
    markers::{
        AuditAlertsWrite, GrantsWrite, IdpsWrite, InvitationsWrite, MfaWrite, PlatformUsersImpersonate,
        PlatformUsersWrite, ScimWrite, SessionsWrite, UsersImpersonate, UsersWrite,
    },
    work,
};
use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::{
    MailId,
    mail::{Mail, MailStatus},
};
pub(crate) use row::{columns, read};
pub use service::{
    delivery::{Delivery, DeliveryError, deliver},
    enqueue, forget_mails, rehearse,
};

use crate::{Content, Language};

/// Who may have mails sent as a part of what they do.
pub trait SendsMail: Authority<Mode = Write> {}
impl SendsMail for UsersWrite {}
impl SendsMail for GrantsWrite {}
impl SendsMail for SessionsWrite {}
impl SendsMail for UsersImpersonate {}
impl SendsMail for MfaWrite {}
impl SendsMail for PlatformUsersWrite {}
impl SendsMail for PlatformUsersImpersonate {}
impl SendsMail for ScimWrite {}
impl SendsMail for OwnWrite {}
impl SendsMail for InvitationsWrite {}
impl SendsMail for IdpsWrite {}
impl SendsMail for flows::SignIn {}
impl SendsMail for flows::Refresh {}
impl SendsMail for flows::Registration {}
impl SendsMail for flows::PasswordReset {}
impl SendsMail for flows::SingleSignOn {}
impl SendsMail for work::Shell {}
impl SendsMail for work::Housekeeping {}
impl SendsMail for AuditAlertsWrite {}
impl SendsMail for work::Reporting {}

/// A mail that is to be written and sent.
#[derive(Debug, Clone, Copy)]
pub struct NewMail<'a> {
    /// The address.
    pub to: &'a str,
    /// The language that its reader has chosen.
    pub locale: Option<&'a Language>,
    /// What it is about.
    pub content: &'a Content,
}

/// The fields by which mails are listed, of one tenant or, behind the tenant's own, of all.
macro_rules! fields {
    ($($first:expr)?) => {
        &[
            $($first,)?
            Field::id::<elder_kernel::Mail>("id").sortable(),
            Field::word("kind", $crate::MailKind::NAMES),
            Field::text("locale"),
            Field::folded("recipient"),
            Field::text("subject"),
            Field::word("status", $crate::mail::MailStatus::NAMES),
            Field::integer("attempts"),
            Field::text("last_error"),
            Field::text("message_id"),
            Field::time("created_at").sortable(),
            Field::time("updated_at").sortable(),
            Field::time("sent_at"),
        ]
    };
}
pub(crate) use fields;

/// The mails of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Mails {}

impl Collection for Mails {
    const NAME: &'static str = "mails";
    const FIELDS: &'static [Field] = fields!();
}
