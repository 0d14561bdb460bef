//! SQL on `sso_identities` and `sso_grants`: whom providers mean, and what they give.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn, packed};
use elder_api_types::IdentityProviderId;
use elder_kernel::{Id, Organization, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::provisioning::{Given, Meant};

const KNOWN: &str = "
    update sso_identities set last_login_at = $5
    where tenant_id = $1 and idp_id = $2 and issuer = $3 and subject = $4
    returning user_id";
const LINK: &str = "
    insert into sso_identities (tenant_id, idp_id, issuer, subject, linked_at, last_login_at, id, user_id)
    values ($1, $2, $3, $4, $5, $5, $6, $7)";
const GIVEN: &str = "
    select coalesce(g.role, r.name) as role, g.organization_id from sso_grants g
    left join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
    where g.tenant_id = $1 and g.idp_id = $2 and g.user_id = $3
    order by g.organization_id nulls first, 1";
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

/// The account that is linked to a subject; notes that it was signed in to.
pub(super) async fn known(
    conn: &TenantConn,
    tenant: TenantId,
    meant: &Meant<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Id<User>>, DbError> {
    let row = conn.raw_row(KNOWN, linked(tenant, meant, now)).await?;
    row.map(|row| row.get("user_id").map(Id::from_uuid)).transpose()
}

pub(super) async fn link(
    conn: &TenantConn,
    tenant: TenantId,
    meant: &Meant<'_>,
    (id, user): (Uuid, Id<User>),
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values = linked(tenant, meant, now).into_iter().chain([id.into(), user.into()]);
    conn.run(LINK, values).await
}

fn linked(tenant: TenantId, meant: &Meant<'_>, now: DateTime<Utc>) -> [Value; 5] {
    [tenant.into(), meant.idp.into(), meant.issuer.into(), meant.subject.into(), now.into()]
}

/// What a provider gives somebody, in words.
pub(super) async fn given(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, user): (IdentityProviderId, Id<User>),
) -> Result<Vec<String>, DbError> {
    let rows = conn.raw_rows(GIVEN, [tenant.into(), idp.into(), user.into()]).await?;
    let words = |row: &Row| {
        let role: String = row.get("role")?;
        let there = row.get::<Option<Uuid>>("organization_id")?.map(Id::<Organization>::from_uuid);
        Ok(there.map_or_else(|| role.clone(), |there| format!("{role} in {there}")))
    };
    rows.iter().map(words).collect()
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
