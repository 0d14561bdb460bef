//! A log of many months, and how fast the sealer seals it.
//!
//! The indexes are made behind the load, and no row asks whether its tenant is there. The sealer has looked at the empty log before,
//! as in every installation that has grown: what it finds is new, and it need not ask of each event whether it has a leaf.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::Extent;
use crate::{cluster::Cluster, data, fault::Fault, server::Server};

/// Events of one transaction, which the sealer takes as a whole.
const CHUNK: u64 = 20_000;

/// Has the sealer look at a log without events.
pub(super) fn begin_sealing(cluster: &Cluster, elder: &Server) -> Result<(), Fault> {
    let begin = Instant::now();
    while cluster.number("select count(*) from audit_sealer where seen is not null")? == 0 {
        if begin.elapsed() > Duration::from_mins(1) {
            return Err(Fault::broken(format!("the server {} seals nothing", elder.pid())));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Makes the events of both tenants; events a second, with their indexes.
pub(super) fn make(cluster: &Cluster, extent: &Extent) -> Result<f64, Fault> {
    let begin = Instant::now();
    cluster.execute(
        "select ensure_partitions(0, now() - m * interval '1 month') from generate_series(1, 3) m",
    )?;
    let indexes = "from pg_indexes where schemaname = 'public' and tablename = 'audit_logs'
        and indexname <> 'audit_logs_pkey'";
    // Each is told as that of the parent `only`, which would be none of its partitions'.
    let made = "select string_agg(replace(indexdef, ' ON ONLY ', ' ON '), ';')";
    let made = cluster.text(&format!("{made} {indexes}"))?;
    let dropped = cluster.text(&format!("select string_agg('drop index ' || indexname, ';') {indexes}"))?;
    cluster.execute(&dropped)?;
    cluster.execute("set session_replication_role = replica; set synchronous_commit = off")?;
    for (tenant, events) in [(data::TENANT, extent.verified), (data::LARGE_TENANT, extent.searched)] {
        for first in (0..events).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            cluster.execute(&events_of(tenant, first + 1, events.min(first + CHUNK), events))?;
        }
    }
    cluster.execute("set session_replication_role = origin; reset synchronous_commit")?;
    cluster.execute("set maintenance_work_mem = '512MB'")?;
    cluster.execute(&made)?;
    cluster.execute("vacuum analyze audit_logs")?;
    cluster.execute("checkpoint")?;
    let all = f64::from(u32::try_from(extent.verified + extent.searched).unwrap_or(u32::MAX));
    Ok(all / begin.elapsed().as_secs_f64())
}

/// Events by ten thousand people about a hundred thousand things: a tenth of them of three months ago, a fifth of the last
/// month, the others of this one.
fn events_of(tenant: i32, first: u64, last: u64, all: u64) -> String {
    format!(
        "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id, actor_ip,
            actor_user_agent, action, category, resource_type, resource_id, changes, outcome)
         select {tenant}, at,
            (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5('a' || n), 1, 3) || '8'
                || substr(md5('b' || n), 1, 15))::uuid,
            'req_' || n, 'user',
            ('01910000-0000-7000-9000-' || lpad(to_hex(n % 10000 + 1), 12, '0'))::uuid, '192.0.2.' || n % 250,
            'Mozilla/5.0 (X11; Linux x86_64)',
            (array['portal_user.updated', 'session.started', 'api.called', 'organization.updated',
                'portal_user.created', 'session.refused', 'role.updated', 'access.denied'])[n % 8 + 1],
            (array['data_change', 'authentication', 'api_access', 'data_change',
                'data_change', 'authentication', 'authorization', 'authorization'])[n % 8 + 1],
            'portal_user', 'usr_' || lpad((n % 100000)::text, 26, '0'),
            jsonb_build_object('full_name', jsonb_build_object('before', 'Given' || n, 'after', 'Family' || n)),
            'success'
         from generate_series({first}::bigint, {last}::bigint) n
         cross join (select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as month) here
         cross join lateral (select n / {all}::float8 as part) place
         cross join lateral (select case
            when part <= 0.1 then month - interval '3 months' + interval '27 days' * (part * 10)
            when part <= 0.3 then month - interval '1 month' + interval '27 days' * ((part - 0.1) * 5)
            else month + (now() - month) * (part - 0.3) / 0.701 end as at) time"
    )
}

/// Waits until all events are sealed; events a second.
pub(super) fn seal(cluster: &Cluster, extent: &Extent) -> Result<f64, Fault> {
    let sealed = || cluster.number("select coalesce(sum(size), 0)::bigint from audit_trees");
    let all = i64::try_from(extent.verified + extent.searched).unwrap_or(i64::MAX);
    let (begin, before) = (Instant::now(), sealed()?);
    while sealed()? < all {
        thread::sleep(Duration::from_millis(100));
    }
    let count = f64::from(u32::try_from(all - before).unwrap_or(u32::MAX));
    Ok(count / begin.elapsed().as_secs_f64())
}
