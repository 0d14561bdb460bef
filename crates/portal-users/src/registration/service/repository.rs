//! SQL that finds where a registration leads, before a tenant is known.

use elder_access::{DbError, PlatformConn};
use elder_api_types::email::Email;
use elder_kernel::TenantId;
use elder_tenancy::domain::DomainName;
use sea_orm::Value;

use crate::registration::Destination;

const DESTINATION: &str = "
    select
        case when $1::text is null
            then (select d.tenant_id from tenant_domains d where d.domain = $2 and d.verified_at is not null)
            else (select t.id from tenants t where t.slug = $1 or t.id::text = $1)
        end as tenant,
        not exists (select from portal_users where tenant_id = 1 and global_role = 'admin') as platform_is_empty";

pub(super) async fn destination(
    conn: &PlatformConn,
    email: &Email,
    tenant: Option<&str>,
) -> Result<Destination, DbError> {
    let domain = email.domain().parse::<DomainName>();
    let values: [Value; 2] =
        [tenant.map(str::to_owned).into(), domain.as_ref().map_or("", DomainName::as_str).into()];
    let row = conn.raw_row(DESTINATION, values).await?;
    let tenant = row.as_ref().map(|row| row.get::<Option<i32>>("tenant")).transpose()?.flatten();
    let platform_is_empty = row.is_some_and(|row| row.get("platform_is_empty").unwrap_or_default());
    Ok(Destination { tenant: tenant.map(TenantId), platform_is_empty })
}
