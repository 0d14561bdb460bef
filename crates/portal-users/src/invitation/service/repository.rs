//! SQL of invitations.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, User, collection::Selection};
use elder_tenancy::offer::Offer;
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

use crate::{
    account::Email,
    invitation::{self, Invitation, InvitationId},
};

macro_rules! columns {
    () => {
        "id, email, email_folded, offer, days, invited_by, expires_at, accepted_at, accepted_by, created_at, updated_at"
    };
}

const INVITATIONS: Source = Source {
    table: "invitations",
    joins: &[],
    columns: columns!(),
    stored: &[("email", Stored::As("email_folded")), ("tenant_role", Stored::As("(offer->>'tenant_role')"))],
};
const FIND: &str = concat!("select ", columns!(), " from invitations where tenant_id = $1 and id = $2");
const LOCK: &str =
    concat!("select ", columns!(), " from invitations where tenant_id = $1 and id = $2 for update");
const INSERT: &str = "
    insert into invitations (tenant_id, id, email, email_folded, offer, days, invited_by, expires_at, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
const RENEW: &str = "
    update invitations set invited_by = $3, expires_at = $4, updated_at = $5 where tenant_id = $1 and id = $2";
const ACCEPT: &str = "
    update invitations set accepted_at = $4, accepted_by = $3, updated_at = $4 where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from invitations where tenant_id = $1 and id = $2";
const PERSON: &str = "select from portal_users where tenant_id = $1 and id = $2";
const INVITER: &str = "
    select coalesce((select coalesce(nullif(u.full_name, ''), u.email) from portal_users u
        where u.tenant_id = $1 and u.id = $2), t.name) as name
    from tenants t where t.id = $1";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Invitation>, DbError> {
    conn.list(&INVITATIONS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: InvitationId,
) -> Result<Option<Invitation>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Finds an invitation and keeps others from changing it until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: InvitationId,
) -> Result<Option<Invitation>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    invitation: &Invitation,
) -> Result<(), DbError> {
    let values: [Value; 9] = [
        tenant.into(),
        invitation.id.into(),
        invitation.email.typed().into(),
        invitation.email.folded().into(),
        json!(invitation::offer(invitation)).into(),
        invitation.days.into(),
        Value::Uuid(invitation.invited_by.map(Id::uuid)),
        invitation.expires_at.into(),
        invitation.created_at.into(),
    ];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn renew(
    conn: &TenantConn,
    tenant: TenantId,
    invitation: &Invitation,
) -> Result<(), DbError> {
    let values: [Value; 5] = [
        tenant.into(),
        invitation.id.into(),
        Value::Uuid(invitation.invited_by.map(Id::uuid)),
        invitation.expires_at.into(),
        invitation.updated_at.into(),
    ];
    conn.run(RENEW, values).await.map(drop)
}

pub(super) async fn accept(
    conn: &TenantConn,
    tenant: TenantId,
    id: InvitationId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(ACCEPT, [tenant.into(), id.into(), user.into(), now.into()]).await.map(drop)
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: InvitationId) -> Result<(), DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await.map(drop)
}

/// The person, if they are one of this tenant: an operator who acts in it is none.
pub(super) async fn person(
    conn: &TenantConn,
    tenant: TenantId,
    user: Option<Id<User>>,
) -> Result<Option<Id<User>>, DbError> {
    let Some(user) = user else { return Ok(None) };
    Ok(conn.raw_row(PERSON, [tenant.into(), user.into()]).await?.map(|_| user))
}

/// How somebody who is invited is told who invites: by the person's name, else by the tenant's.
pub(super) async fn inviter(
    conn: &TenantConn,
    tenant: TenantId,
    user: Option<Id<User>>,
) -> Result<String, DbError> {
    let row = conn.raw_row(INVITER, [tenant.into(), Value::Uuid(user.map(Id::uuid))]).await?;
    row.map_or_else(|| Ok(String::new()), |row| row.get("name"))
}

fn read(row: &Row) -> Result<Invitation, DbError> {
    let offer = serde_json::from_value(row.get("offer")?);
    let offer: Offer = offer.map_err(|error| DbError::Driver(Arc::new(error)))?;
    let user = |column| Ok::<_, DbError>(row.get::<Option<Uuid>>(column)?.map(Id::from_uuid));
    Ok(Invitation {
        id: Id::from_uuid(row.get("id")?),
        email: Email::stored(row.get("email")?, row.get("email_folded")?),
        tenant_role: offer.tenant_role,
        roles: offer.roles,
        organizations: offer.organizations,
        days: row.get("days")?,
        invited_by: user("invited_by")?,
        expires_at: row.get("expires_at")?,
        accepted_at: row.get("accepted_at")?,
        accepted_by: user("accepted_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
