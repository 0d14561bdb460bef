//! Who may be given which role over the tenant or the platform, and who must stay.

mod repository;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{
    Action, Authority, Changes, DbError, Event, GlobalRole, PermissionSet, Role as BuiltIn, TenantTx, Write,
    markers::{GrantsWrite, PlatformUsersWrite, UsersRead},
};

use super::{Error, Grants, NewGrants, UserId};
use crate::role::{self, RoleId, RoleTier};

/// A user's roles, and whether they count.
struct Standing {
    is_active: bool,
    grants: Grants,
}

/// When a user is changed, and by whom.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    at: DateTime<Utc>,
    by: Option<UserId>,
}

/// A post that must not become empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// Admin of the tenant.
    TenantAdmin,
    /// Admin of the platform.
    GlobalAdmin,
}

impl Standing {
    /// Whether the user is an active holder of the post.
    fn has(&self, post: Post) -> bool {
        self.is_active
            && match post {
                Post::TenantAdmin => self.grants.tenant_role == Some(BuiltIn::Admin),
                Post::GlobalAdmin => self.grants.global_role == Some(GlobalRole::Admin),
            }
    }
}

pub(super) async fn get(tx: &TenantTx<UsersRead>, user: UserId) -> Result<Grants, Error> {
    let standing = repository::find(tx, tx.tenant(), user).await?;
    standing.map(|standing| standing.grants).ok_or(Error::NotFound)
}

/// Gives a user these roles over the tenant and no others; no event if they have them already.
pub(super) async fn replace(
    tx: &TenantTx<GrantsWrite>,
    user: UserId,
    new: NewGrants,
) -> Result<(Grants, Option<Event>), Error> {
    let standing = lock_other(tx, user).await?;
    let before = standing.grants.clone();
    tx.expect(&before)?;
    let roles: BTreeSet<RoleId> = new.roles.into_iter().collect();
    let after = Grants { tenant_role: new.tenant_role, roles: roles.into_iter().collect(), ..before.clone() };
    if !touched(tx, &before, &after).await?.within(tx.holds()) {
        return Err(Error::ExceedsOwn);
    }
    let changes = Changes::default().field("tenant_role", &before.tenant_role, &after.tenant_role).field(
        "roles",
        &before.roles,
        &after.roles,
    );
    if changes.is_empty() {
        return Ok((before, None));
    }
    if before.tenant_role != after.tenant_role {
        ensure_another(tx, &standing, Post::TenantAdmin).await?;
        repository::set_tenant_role(tx, tx.tenant(), user, after.tenant_role, stamp(tx)).await?;
    }
    repository::replace_roles(tx, tx.tenant(), user, &after.roles).await?;
    Ok((after, Some(Event::on(Action::GrantsChanged, user).changed(changes))))
}

/// Gives a user of System a role on the platform, or takes it; no event if nothing changed.
pub(super) async fn set_global_role(
    tx: &TenantTx<PlatformUsersWrite>,
    user: UserId,
    role: Option<GlobalRole>,
) -> Result<(Grants, Option<Event>), Error> {
    let standing = lock_other(tx, user).await?;
    let before = standing.grants.clone();
    tx.expect(&before)?;
    if before.global_role == role {
        return Ok((before, None));
    }
    ensure_another(tx, &standing, Post::GlobalAdmin).await?;
    repository::set_global_role(tx, tx.tenant(), user, role, stamp(tx)).await?;
    let changes = Changes::default().field("global_role", &before.global_role, &role);
    let event = Event::on(Action::GlobalRoleChanged, user).changed(changes);
    Ok((Grants { global_role: role, ..before }, Some(event)))
}

/// Whether somebody else who is active has the post. To be asked before an active user who has it is deactivated,
/// deleted or loses it; others who ask wait for this transaction.
///
/// The transaction must have locked the user: always before the posts are, so that nobody waits in a circle.
///
/// # Errors
/// [`DbError`].
pub async fn another_has<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: UserId,
    post: Post,
) -> Result<bool, DbError> {
    repository::lock_admins(tx, tx.tenant()).await?;
    repository::another(tx, tx.tenant(), user, post).await
}

async fn ensure_another<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    standing: &Standing,
    post: Post,
) -> Result<(), Error> {
    let may_go = !standing.has(post) || another_has(tx, standing.grants.user_id, post).await?;
    if may_go { Ok(()) } else { Err(Error::LastAdmin) }
}

/// Locks a user who is not the caller.
async fn lock_other<A: Authority<Mode = Write>>(tx: &TenantTx<A>, user: UserId) -> Result<Standing, Error> {
    if tx.actor().user == Some(user) {
        return Err(Error::OwnRoles);
    }
    repository::lock(tx, tx.tenant(), user).await?.ok_or(Error::NotFound)
}

/// What a change gives or takes.
async fn touched(
    tx: &TenantTx<GrantsWrite>,
    before: &Grants,
    after: &Grants,
) -> Result<PermissionSet, Error> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) =
        (before.roles.iter().copied().collect(), after.roles.iter().copied().collect());
    let changed: Vec<RoleId> = old.symmetric_difference(&new).copied().collect();
    let roles = role::service::among(tx, &changed, RoleTier::Tenant).await?;
    if roles.len() != changed.len() {
        return Err(Error::NotFound);
    }
    let built_in = [before.tenant_role, after.tenant_role].into_iter().flatten();
    let built_in = built_in.filter(|_| before.tenant_role != after.tenant_role);
    let built_in = built_in.map(|role| role::built_in(RoleTier::Tenant, role));
    let custom = roles.iter().map(role::gives);
    Ok(built_in.chain(custom).fold(PermissionSet::default(), PermissionSet::union))
}

fn stamp<A: Authority>(tx: &TenantTx<A>) -> Stamp {
    Stamp { at: tx.seam().now(), by: tx.actor().user }
}
