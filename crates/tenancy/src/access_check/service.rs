//! Finds out who may do what, and why.

mod repository;

use elder_access::{GlobalRole, PermissionRow, TenantTx, markers::AccessCheck};

use super::{Error, OwnKey, Subject, Verdict};
use crate::{
    grant::UserId,
    organization::{self, OrganizationId},
};

/// What is asked.
pub(super) struct Question<'a> {
    /// The permission.
    pub(super) permission: &'static PermissionRow,
    /// Where; anywhere, if not said.
    pub(super) organization: Option<OrganizationId>,
    /// Who.
    pub(super) of: Asked<'a>,
    /// Whether the licence covers the permission.
    pub(super) is_covered: bool,
}

/// Who is asked about.
pub(super) enum Asked<'a> {
    /// A user of the tenant.
    User(UserId),
    /// The caller, with their role on the platform: they may belong to another tenant.
    Caller(UserId, Option<GlobalRole>),
    /// The key that the caller is.
    Key(OwnKey<'a>),
}

/// Answers by the same rules as the gate.
pub(super) async fn check(tx: &TenantTx<AccessCheck>, question: &Question<'_>) -> Result<Verdict, Error> {
    let &Question { permission, is_covered, .. } = question;
    let line = match question.organization {
        Some(organization) => Some(organization::service::line(tx, organization).await?),
        None => None,
    };
    let (user, visitor) = match &question.of {
        Asked::Key(key) => return Ok(super::given(key.sources(permission, line.as_ref()), is_covered)),
        Asked::User(user) => (*user, None),
        Asked::Caller(user, global_role) => {
            (*user, Some(Subject { is_live: true, global_role: *global_role, ..Subject::default() }))
        }
    };
    let subject = repository::subject(tx, tx.tenant(), user).await?.or(visitor).ok_or(Error::NotFound)?;
    Ok(subject.verdict(permission, line.as_ref(), is_covered))
}
