//! Finds out who may do what, and why.

mod repository;

use elder_access::{GlobalRole, PermissionRow, TenantTx, markers::AccessCheck};

use super::{Error, Subject, Verdict};
use crate::{
    grant::UserId,
    organization::{self, OrganizationId},
};

/// What is asked.
pub(super) struct Question {
    /// The permission.
    pub(super) permission: &'static PermissionRow,
    /// Where; anywhere, if not said.
    pub(super) organization: Option<OrganizationId>,
    /// Who; the caller, if not said.
    pub(super) user: Option<UserId>,
    /// Whether the licence covers the permission.
    pub(super) is_covered: bool,
}

/// Answers by the same rules as the gate. `visiting` is the role of a caller who belongs to another tenant.
pub(super) async fn check(
    tx: &TenantTx<AccessCheck>,
    question: &Question,
    visiting: Option<GlobalRole>,
) -> Result<Verdict, Error> {
    let line = match question.organization {
        Some(organization) => Some(organization::service::line(tx, organization).await?),
        None => None,
    };
    let user = question.user.or(tx.actor().user).ok_or(Error::NotFound)?;
    let subject = match repository::subject(tx, tx.tenant(), user).await? {
        Some(subject) => subject,
        None if tx.actor().user == Some(user) => {
            Subject { is_live: true, global_role: visiting, ..Subject::default() }
        }
        None => return Err(Error::NotFound),
    };
    Ok(subject.verdict(question.permission, line.as_ref(), question.is_covered))
}
