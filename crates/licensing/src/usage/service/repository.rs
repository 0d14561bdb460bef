//! The SQL of the use.

use chrono::NaiveDate;
use elder_access::{DbError, PlatformConn, PlatformTx, Row, work::Housekeeping};
use elder_api_types::license::UsageDay;

const LIST: &str = "
    select day, tenants_active, tenants_licensed, users, entities, api_calls, storage_bytes, features
    from license_usage where day between $1 and $2 order by day";
const COUNT: &str = "
    with calls as (
        select day, sum(value)::bigint as calls from usage_days
        where day between $1::date - 1 and $1 and metric = 'api_calls' group by day
    ), late as (
        update license_usage u set api_calls = c.calls from calls c where u.day = c.day and u.day < $1
    ), things as (
        select (select count(*) from portal_users) as users,
               (select count(*) from organizations) + (select count(*) from roles)
                   + (select count(*) from scim_configurations) as others
    )
    insert into license_usage (day, tenants_active, tenants_licensed, users, entities, api_calls, storage_bytes, features)
    select $1, (select count(*) from tenants where is_active), $2, t.users, t.users + t.others,
           coalesce((select calls from calls where day = $1), 0), pg_database_size(current_database()),
           array_remove(array[
               case when exists (select from tenants where id <> 1) then 'multi_tenant' end,
               case when exists (select from roles) then 'custom_roles' end,
               case when exists (select from scim_configurations where is_active) then 'scim' end,
               case when exists (select from idp_configurations where is_active and idp_type = 'saml') then 'sso_saml' end,
               case when exists (select from idp_configurations where is_active and idp_type = 'oidc') then 'sso_oidc' end
           ], null)
    from things t
    on conflict (day) do update set tenants_active = excluded.tenants_active,
        tenants_licensed = excluded.tenants_licensed, users = excluded.users, entities = excluded.entities,
        api_calls = excluded.api_calls, storage_bytes = excluded.storage_bytes, features = excluded.features";

pub(super) async fn list(
    conn: &PlatformConn,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<UsageDay>, DbError> {
    conn.raw_rows(LIST, [from.into(), to.into()]).await?.iter().map(read).collect()
}

pub(super) async fn count(
    tx: PlatformTx<Housekeeping>,
    today: NaiveDate,
    licensed: i64,
) -> Result<(), DbError> {
    tx.settle(COUNT, [today.into(), licensed.into()]).await
}

fn read(row: &Row) -> Result<UsageDay, DbError> {
    Ok(UsageDay {
        day: row.get("day")?,
        tenants_active: row.get("tenants_active")?,
        tenants_licensed: row.get("tenants_licensed")?,
        users: row.get("users")?,
        entities: row.get("entities")?,
        api_calls: row.get("api_calls")?,
        storage_bytes: row.get("storage_bytes")?,
        features: row.get("features")?,
    })
}
