//! SQL on `sso_identities` and `sso_grants`: whom providers mean, and what they give.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn, packed};
use elder_api_types::{IdentityId, IdentityProviderId};
use elder_kernel::{Id, Organization, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::provisioning::{
    Given, Meant, NewLink,
    place::{Found, Path},
};

/// As it was before: who signs in for the first time is given what the rules say, however they were linked.
const KNOWN: &str = "
    update sso_identities i set last_login_at = $5
    from sso_identities before
    where i.tenant_id = $1 and i.idp_id = $2 and i.issuer = $3 and i.subject = $4
      and before.tenant_id = $1 and before.id = i.id
    returning i.user_id, before.last_login_at is null as is_first, i.domain is not null and not exists (
        select from tenant_domains d
        where d.tenant_id = $1 and d.domain = i.domain and d.verified_at is not null) as is_lost";
const LINK: &str = "
    insert into sso_identities (tenant_id, id, idp_id, issuer, subject, user_id, domain, linked_at, linked_by, last_login_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const GIVEN: &str = "
    select coalesce(g.role, r.name) as role, g.organization_id from sso_grants g
    left join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
    where g.tenant_id = $1 and g.idp_id = $2 and g.user_id = $3
    order by g.organization_id nulls first, 1";
const GROUPS: &str = "
    select groups from sso_identities where tenant_id = $1 and idp_id = $2 and user_id = $3";
const PUT_INTO_GROUPS: &str = "
    update sso_identities set groups = $4
    where tenant_id = $1 and idp_id = $2 and user_id = $3 and groups <> $4";
/// From the roots down, a name a step: each is found by the key of names.
const ORGANIZATIONS: &str = "
    with recursive asked as (
        select place, names from jsonb_array_elements($2::jsonb) with ordinality as packed (names, place)
    ), walk as (
        select asked.place, asked.names, top.id, 1 as depth from asked
        cross join lateral (
            select o.id from organizations o
            where o.tenant_id = $1 and o.parent_id is null and o.name_folded = asked.names->>0 offset 0) top
        union all
        select walk.place, walk.names, below.id, walk.depth + 1 from walk
        cross join lateral (
            select o.id from organizations o
            where o.tenant_id = $1 and o.parent_id = walk.id and o.name_folded = walk.names->>walk.depth
            offset 0) below
        where walk.depth < jsonb_array_length(walk.names)
    )
    select place, id from walk where depth = jsonb_array_length(names)";
const TAKE_AWAY: &str = "
    delete from sso_grants g where tenant_id = $1 and idp_id = $2 and user_id = $3
      and not exists (
        select from jsonb_array_elements($4::jsonb) as packed (v)
        where (v->>0)::uuid is not distinct from g.organization_id and v->>1 is not distinct from g.role
          and (v->>2)::uuid is not distinct from g.role_id)";
/// What is gone is not given: a rule outlives what it names.
const GIVE: &str = "
    insert into sso_grants (tenant_id, idp_id, user_id, organization_id, role, role_id)
    select $1, $2, $3, (v->>0)::uuid, v->>1, (v->>2)::uuid from jsonb_array_elements($4::jsonb) as packed (v)
    where (v->>0 is null or exists (
            select from organizations o where o.tenant_id = $1 and o.id = (v->>0)::uuid))
      and (v->>2 is null or exists (
            select from roles r where r.tenant_id = $1 and r.id = (v->>2)::uuid
              and r.tier = case when v->>0 is null then 'tenant' else 'organization' end))
    on conflict on constraint sso_grants_once_key do nothing";

/// Whom a subject means.
pub(super) struct Known {
    pub(super) user: Id<User>,
    /// Whether they never signed in by the provider before.
    pub(super) is_first: bool,
    /// Whether the domain by whose word they were linked is the tenant's no more.
    pub(super) is_lost: bool,
}

/// What a provider gives somebody, in words.
#[derive(Default)]
pub(super) struct InWords {
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
}

/// The account that is linked to a subject; notes that it was signed in to.
pub(super) async fn known(
    conn: &TenantConn,
    tenant: TenantId,
    meant: &Meant<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Known>, DbError> {
    let values: [Value; 5] =
        [tenant.into(), meant.idp.into(), meant.issuer.into(), meant.subject.into(), now.into()];
    let read = |row: Row| {
        let user = Id::from_uuid(row.get("user_id")?);
        Ok(Known { user, is_first: row.get("is_first")?, is_lost: row.get("is_lost")? })
    };
    conn.raw_row(KNOWN, values).await?.map(read).transpose()
}

pub(super) async fn link(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityId,
    new: &NewLink<'_>,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 10] = [
        tenant.into(),
        id.into(),
        new.meant.idp.into(),
        new.meant.issuer.into(),
        new.meant.subject.into(),
        new.user.into(),
        new.domain.map(|domain| domain.as_str().to_owned()).into(),
        now.into(),
        Value::Uuid(new.linked_by.map(Id::uuid)),
        new.last_login_at.into(),
    ];
    conn.run(LINK, values).await
}

/// What a provider gives somebody, in words.
pub(super) async fn given(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, user): (IdentityProviderId, Id<User>),
) -> Result<InWords, DbError> {
    let rows = conn.raw_rows(GIVEN, [tenant.into(), idp.into(), user.into()]).await?;
    let words = |row: &Row| {
        let role: String = row.get("role")?;
        let there = row.get::<Option<Uuid>>("organization_id")?.map(Id::<Organization>::from_uuid);
        Ok(there.map_or_else(|| role.clone(), |there| format!("{role} in {there}")))
    };
    let roles = rows.iter().map(words).collect::<Result<_, DbError>>()?;
    let row = conn.raw_row(GROUPS, [tenant.into(), idp.into(), user.into()]).await?;
    let groups = row.map(|row| row.get("groups")).transpose()?.unwrap_or_default();
    Ok(InWords { roles, groups })
}

/// Leaves somebody in these groups of a provider and no others.
pub(super) async fn put_into_groups(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, user): (IdentityProviderId, Id<User>),
    groups: &[String],
) -> Result<u64, DbError> {
    let values: [Value; 4] = [tenant.into(), idp.into(), user.into(), groups.to_vec().into()];
    conn.run(PUT_INTO_GROUPS, values).await
}

/// The organizations at these paths, as far as there are any.
pub(super) async fn organizations(
    conn: &TenantConn,
    tenant: TenantId,
    paths: &[&Path],
) -> Result<Found, DbError> {
    if paths.is_empty() {
        return Ok(Found::new());
    }
    let names: Vec<Vec<String>> = paths.iter().map(|path| path.folded()).collect();
    let rows = conn.raw_rows(ORGANIZATIONS, [tenant.into(), serde_json::json!(names).into()]).await?;
    let mut found = Found::new();
    for row in rows {
        let place = usize::try_from(row.get::<i64>("place")? - 1).ok();
        if let Some(path) = place.and_then(|place| paths.get(place)) {
            found.insert((*path).clone(), Id::from_uuid(row.get("id")?));
        }
    }
    Ok(found)
}

/// Leaves somebody with this of a provider and nothing else.
pub(super) async fn give(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, user): (IdentityProviderId, Id<User>),
    given: &BTreeSet<Given>,
) -> Result<(), DbError> {
    let row = |given: &Given| -> [Value; 3] {
        let (organization, role, custom) = match given {
            Given::BuiltIn(role) => (None, Some(*role), None),
            Given::Custom(id) => (None, None, Some(*id)),
            Given::InOrganization(organization, role, custom) => (Some(*organization), *role, *custom),
        };
        [Value::Uuid(organization), role.map(str::to_owned).into(), Value::Uuid(custom)]
    };
    let values: [Value; 4] = [tenant.into(), idp.into(), user.into(), packed(given.iter().map(row))];
    conn.run(TAKE_AWAY, values.clone()).await?;
    if !given.is_empty() {
        conn.run(GIVE, values).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
