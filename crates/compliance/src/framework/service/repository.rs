//! SQL on everything that a check looks at.

use elder_access::{DbError, Row, TenantTx};
use elder_audit::{event::ReadsLog, retention};
use elder_tenancy::settings;

use crate::framework::measure::Facts;

/// One statement, so that all is of one moment. Each part is a count of few rows, or one by an index that needs no row: accounts
/// are read only as far as they are inactive, admins, or unused for long.
const FACTS: &str = "
    with newest as (
        select size, created_at from audit_checkpoints where tenant_id = $1 order by size desc limit 1
    ), inactive as (
        select u.id from portal_users u where u.tenant_id = $1 and not u.is_active
    ), admins as (
        select u.id from portal_users u where u.tenant_id = $1 and u.tenant_role = 'admin' and u.is_active
    ), guarded as (
        select distinct f.user_id from mfa_factors f where f.tenant_id = $1 and f.confirmed_at is not null
    )
    select
        (select count(*) from portal_users u where u.tenant_id = $1) - (select count(*) from inactive) as people,
        (select count(*) from guarded) - (select count(*) from inactive i where exists (select from mfa_factors f
            where f.tenant_id = $1 and f.user_id = i.id and f.confirmed_at is not null)) as with_factor,
        (select count(*) from portal_users u
         where u.tenant_id = $1 and u.is_active and u.created_at < $2::timestamptz - interval '90 days'
           and case when u.last_login_at is null then timestamptz 'infinity' else u.last_login_at end
               < $2::timestamptz - interval '90 days')
            + (select count(*) from portal_users u
               where u.tenant_id = $1 and u.is_active and u.created_at < $2::timestamptz - interval '90 days'
                 and case when u.last_login_at is null then timestamptz 'infinity' else u.last_login_at end = 'infinity') as dormant,
        (select count(*) from admins) as admins,
        (select count(*) from admins a where exists (select from mfa_factors f
            where f.tenant_id = $1 and f.user_id = a.id and f.confirmed_at is not null)) as admins_with_factor,
        (select count(*) from idp_configurations c where c.tenant_id = $1 and c.is_active) as providers,
        (select count(*) from idp_configurations c where c.tenant_id = $1 and c.is_active and c.enforced) as enforced,
        (select count(*) from idp_configurations c
         where c.tenant_id = $1 and c.is_active and c.certificates_end_at < $2::timestamptz + interval '30 days') as ending,
        (select count(*) from scim_configurations d where d.tenant_id = $1) as directories,
        (select count(*) from scim_configurations d where d.tenant_id = $1 and d.is_active) as active_directories,
        (select count(*) from scim_tokens t where t.tenant_id = $1 and t.revoked_at is null and t.expires_at is null)
            + (select count(*) from api_keys k
               where k.tenant_id = $1 and k.revoked_at is null and k.expires_at > $2::timestamptz + interval '400 days') as endless,
        (select count(*) from entitlement_conflicts c where c.tenant_id = $1) as conflicts,
        exists (select from compliance_reports r
            where r.tenant_id = $1 and r.kind = 'user_access' and r.state = 'completed'
              and r.created_at > $2::timestamptz - interval '100 days')
        or exists (select from audit_logs l
            where l.tenant_id = $1 and l.action = 'compliance_report.downloaded' and l.timestamp > $2::timestamptz - interval '100 days'
              and l.metadata ->> 'kind' = 'user_access') as was_reviewed,
        exists (select from compliance_schedules s
            join compliance_templates t on t.tenant_id = s.tenant_id and t.id = s.template_id
            where s.tenant_id = $1 and s.is_active and t.kind = 'user_access') as is_scheduled,
        has_table_privilege('audit_logs', 'update') or has_table_privilege('audit_logs', 'delete')
            as can_rewrite,
        5 - (select count(*) from pg_trigger g join pg_class c on c.oid = g.tgrelid
             where c.relnamespace = 'public'::regnamespace and g.tgenabled in ('O', 'A')
               and g.tgname = c.relname || '_append_only'
               and c.relname in ('audit_logs', 'audit_leaves', 'audit_nodes', 'audit_checkpoints', 'audit_removals'))
            as triggers_off,
        coalesce((select size from newest), 0) as sealed,
        exists (select from audit_signing_keys) as has_key,
        exists (select from audit_logs l
            where l.tenant_id = $1 and l.timestamp < $2::timestamptz - interval '1 minute'
              and l.timestamp > coalesce((select created_at from newest), '-infinity')) as is_behind,
        (select count(*) from audit_streams s where s.tenant_id = $1 and s.is_active) as streams,
        (select count(*) from audit_streams s where s.tenant_id = $1 and s.is_active and s.failures > 0) as failing,
        (select count(*) from legal_holds h where h.tenant_id = $1 and h.released_at is null) as holds,
        3 - (select count(*) from pg_trigger g join pg_proc p on p.oid = g.tgfoid
             where p.proname = 'refuse_held_deletion' and g.tgenabled in ('O', 'A')) as hold_triggers_off,
        (select count(*) from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)) as tables,
        (select count(*) from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not (c.relrowsecurity and c.relforcerowsecurity)
           and exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)) as open_tables";

/// All that is looked at.
pub(super) async fn facts<A: ReadsLog>(tx: &TenantTx<A>) -> Result<Facts, DbError> {
    let settings = settings::of(tx).await?;
    let kept = retention::kept(tx).await?;
    let row = tx.raw_row(FACTS, [tx.tenant().into(), tx.seam().now().into()]).await?;
    let bounded: Vec<i64> = kept.iter().flatten().map(|days| i64::from(*days)).collect();
    let facts = Facts {
        settings,
        fewest_days: bounded.iter().min().copied(),
        most_days: bounded.iter().max().copied().filter(|_| bounded.len() == kept.len()),
        ..Facts::default()
    };
    row.map_or(Ok(Facts::default()), |row| counted(facts, &row))
}

fn counted(facts: Facts, row: &Row) -> Result<Facts, DbError> {
    let number = |column: &str| row.get::<i64>(column);
    let is = |column: &str| row.get::<bool>(column);
    Ok(Facts {
        people: number("people")?,
        with_factor: number("with_factor")?,
        dormant: number("dormant")?,
        admins: number("admins")?,
        admins_with_factor: number("admins_with_factor")?,
        providers: number("providers")?,
        enforced: number("enforced")?,
        ending: number("ending")?,
        directories: number("directories")?,
        active_directories: number("active_directories")?,
        endless: number("endless")?,
        conflicts: number("conflicts")?,
        was_reviewed: is("was_reviewed")?,
        is_scheduled: is("is_scheduled")?,
        can_rewrite: is("can_rewrite")?,
        triggers_off: number("triggers_off")?,
        sealed: number("sealed")?,
        has_key: is("has_key")?,
        is_behind: is("is_behind")?,
        streams: number("streams")?,
        failing: number("failing")?,
        holds: number("holds")?,
        hold_triggers_off: number("hold_triggers_off")?,
        tables: number("tables")?,
        open_tables: number("open_tables")?,
        ..facts
    })
}

#[cfg(test)]
mod tests;
