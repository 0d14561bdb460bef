//! How far a key or a service account goes, and whether somebody may give that.

use std::collections::BTreeSet;

use elder_access::{Authority, OrgGrant, PermissionRow, PermissionSet, TenantTx, Tier};
use elder_kernel::FieldFault;
use elder_tenancy::organization::{self, Line, OrganizationId};

use crate::Error;

/// What can be held in organizations alone.
const BOUND: &[Tier] = &[Tier::Organization];

/// Permissions, over the tenant or in some organizations and those below them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) permissions: PermissionSet,
    /// None: over the tenant.
    pub(crate) organizations: Option<Vec<OrganizationId>>,
}

/// Which permissions can be named: those of `tiers`, or what can be held in organizations if it is bound to some.
///
/// # Errors
/// [`Error::NotGivable`] with a fault for each that cannot.
pub(crate) fn permitted(
    rows: &[&'static PermissionRow],
    tiers: &[Tier],
    is_bound: bool,
) -> Result<PermissionSet, Error> {
    let tiers = if is_bound { BOUND } else { tiers };
    let fault = |(index, row): (usize, &&PermissionRow)| {
        let (code, detail) = match (tiers.contains(&row.tier), row.fits_keys()) {
            (true, true) => return None,
            (_, false) => ("not_for_keys", format!("no API key carries `{}`", row.name)),
            (false, true) if is_bound => {
                ("wrong_tier", format!("`{}` cannot be held in single organizations", row.name))
            }
            (false, true) => ("wrong_tier", format!("`{}` cannot be given here", row.name)),
        };
        Some(FieldFault::new(format!("/permissions/{index}"), code, detail))
    };
    let faults: Vec<_> = rows.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() {
        Ok(rows.iter().fold(PermissionSet::default(), |set, row| set.with(row)))
    } else {
        Err(Error::NotGivable(faults))
    }
}

/// The organizations of a request, each once. Who holds nothing in one learns nothing of it.
///
/// # Errors
/// [`Error::NotFound`] if one is not there, or beyond the caller.
pub(crate) async fn known<A: Authority>(
    tx: &TenantTx<A>,
    own: &[OrgGrant],
    ids: Vec<OrganizationId>,
) -> Result<Vec<OrganizationId>, Error> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    for id in &ids {
        let held = organization::line(tx, *id).await?.held(tx.holds(), own);
        if held.only(|row| row.tier == Tier::Organization) == PermissionSet::default() {
            return Err(Error::NotFound);
        }
    }
    Ok(ids.into_iter().collect())
}

/// Refuses a scope that goes beyond what the caller holds. In an organization that is gone nothing can be held.
///
/// # Errors
/// [`Error::ExceedsOwn`].
pub(crate) async fn ensure_held<A: Authority>(
    tx: &TenantTx<A>,
    own: &[OrgGrant],
    scope: &Scope,
) -> Result<(), Error> {
    let is_held = match &scope.organizations {
        None => scope.permissions.within(tx.holds()),
        Some(ids) => {
            let lines = lines(tx, ids).await?;
            lines.iter().all(|line| scope.permissions.within(line.held(tx.holds(), own)))
        }
    };
    if is_held { Ok(()) } else { Err(Error::ExceedsOwn) }
}

/// Whether each of `inner` is one of `outer` or lies below one.
pub(crate) async fn lie_within<A: Authority>(
    tx: &TenantTx<A>,
    inner: &[OrganizationId],
    outer: &[OrganizationId],
) -> Result<bool, Error> {
    let lines = lines(tx, inner).await?;
    Ok(lines.iter().all(|line| outer.iter().any(|id| line.passes(*id))))
}

/// The ways up from those organizations that are there.
async fn lines<A: Authority>(tx: &TenantTx<A>, ids: &[OrganizationId]) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        match organization::line(tx, *id).await {
            Ok(line) => lines.push(line),
            Err(organization::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(lines)
}
