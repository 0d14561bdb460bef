//! The job that counts rows for the gauges, because a scrape must not.

use std::collections::BTreeMap;

use elder_access::{DbError, Row, Worker, work::Housekeeping};
use elder_kernel::TenantId;

use crate::{Metrics, tenants::largest};

const SESSIONS: &str = "
    select tenant_id, count(*) as rows from sessions
    where ended_at is null and idle_expires_at > $1 and expires_at > $1
    group by tenant_id";

const TENANTS: &str = "select count(*) as rows from tenants";

/// What is counted, by the name of its kind. Each text is whole, so that no statement is put together.
const ENTITIES: [(&str, &str); 4] = [
    ("portal_user", "select tenant_id, count(*) as rows from portal_users group by tenant_id"),
    ("organization", "select tenant_id, count(*) as rows from organizations group by tenant_id"),
    ("role", "select tenant_id, count(*) as rows from roles group by tenant_id"),
    ("directory", "select tenant_id, count(*) as rows from scim_configurations group by tenant_id"),
];

/// What found no partition of its month.
const STRAYS: &str = "select parent, strays from partition_strays()";

/// Jobs that are not done, by what they do. A task without any has one row, of no state.
const JOBS: &str = "
    select t.identifier as queue, count(j.id) as jobs,
        case when j.id is null then null
            when j.locked_at is not null then 'running'
            when j.attempts >= j.max_attempts then 'given_up'
            when j.attempts > 0 then 'retrying'
            when j.run_at > now() then 'scheduled'
            else 'waiting' end as state
    from graphile_worker._private_tasks t left join graphile_worker._private_jobs j on j.task_id = t.id
    group by 1, 3";
/// Every state of a job.
const STATES: [&str; 5] = ["waiting", "scheduled", "running", "retrying", "given_up"];

/// Streams of audit logs: how they are, and what they have before them.
const STREAMS: &str = "
    select s.tenant_id, s.is_active, s.failures > 0 as is_failing,
        case when s.is_active then greatest(coalesce(t.size, 0) - s.cursor, 0) else 0 end as lag
    from audit_streams s left join audit_trees t using (tenant_id)";

/// Why the gauges were not refreshed; they keep their last values.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A family refused a label: a defect of ours.
    #[error("the counts could not be shown")]
    Family(#[from] prometheus::Error),
}

/// Counts active sessions and entities of every tenant, and what found no partition, as the platform.
///
/// # Errors
/// [`RefreshError`].
pub async fn refresh(worker: &Worker, metrics: &Metrics) -> Result<(), RefreshError> {
    let job = worker.job::<Housekeeping>();
    let tx = job.platform().await?;
    let most = metrics.tenants().most();
    let rows = tx.raw_rows(SESSIONS, [job.seam().now().into()]).await?;
    let sessions = largest(&counts("session", &rows)?, most);
    let mut entities = Vec::new();
    for (kind, sql) in ENTITIES {
        entities.extend(counts(kind, &tx.raw_rows(sql, []).await?)?);
    }
    let tenants = tx.raw_row(TENANTS, []).await?.map_or(Ok(0), |row| row.get("rows"))?;
    let sum = |kind: Option<&str>| -> i64 {
        entities
            .iter()
            .filter(|(_, of, _)| kind.is_none_or(|kind| *of == kind))
            .map(|(_, _, rows)| rows)
            .sum()
    };
    for (resource, used) in
        [("tenants", tenants), ("users", sum(Some("portal_user"))), ("entities", sum(None))]
    {
        metrics.license_used().with_label_values(&[resource]).set(used);
    }
    let entities = largest(&entities, most);
    let strays = tx.raw_rows(STRAYS, []).await?;
    let strays: Vec<(String, i64)> = strays
        .iter()
        .map(|row| Ok((row.get("parent")?, row.get("strays")?)))
        .collect::<Result<_, DbError>>()?;
    metrics
        .active_sessions()
        .replace(sessions.iter().map(|((tenant, _), count)| ([tenant.as_str()], *count)))?;
    metrics
        .entities()
        .replace(entities.iter().map(|((tenant, kind), count)| ([tenant.as_str(), *kind], *count)))?;
    metrics.strays().replace(strays.iter().map(|(parent, count)| ([parent.as_str()], *count)))?;
    jobs(&tx.raw_rows(JOBS, []).await?, metrics)?;
    streams(&tx.raw_rows(STREAMS, []).await?, metrics)
}

/// Each queue has all states, so that nothing that is done looks as if nobody counted.
fn jobs(rows: &[Row], metrics: &Metrics) -> Result<(), RefreshError> {
    let mut found: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in rows {
        let queue: String = row.get("queue")?;
        for state in STATES {
            found.entry((queue.clone(), state.to_owned())).or_default();
        }
        if let Some(state) = row.get::<Option<String>>("state")? {
            found.insert((queue, state), row.get("jobs")?);
        }
    }
    let values = found.iter().map(|((queue, state), jobs)| ([queue.as_str(), state.as_str()], *jobs));
    Ok(metrics.background().jobs.replace(values)?)
}

fn streams(rows: &[Row], metrics: &Metrics) -> Result<(), RefreshError> {
    let mut healths = BTreeMap::from([("ok", 0), ("failing", 0), ("paused", 0)]);
    let mut lags = Vec::new();
    for row in rows {
        let (is_active, is_failing): (bool, bool) = (row.get("is_active")?, row.get("is_failing")?);
        let health = if !is_active {
            "paused"
        } else if is_failing {
            "failing"
        } else {
            "ok"
        };
        *healths.entry(health).or_default() += 1;
        lags.push((TenantId(row.get("tenant_id")?), "lag", row.get::<i64>("lag")?));
    }
    let families = metrics.background();
    families.streams.replace(healths.into_iter().map(|(health, count)| ([health], count)))?;
    let lags = largest(&lags, metrics.tenants().most());
    Ok(families.stream_lag.replace(lags.iter().map(|((tenant, _), lag)| ([tenant.as_str()], *lag)))?)
}

fn counts(kind: &'static str, rows: &[Row]) -> Result<Vec<(TenantId, &'static str, i64)>, DbError> {
    rows.iter().map(|row| Ok((TenantId(row.get("tenant_id")?), kind, row.get("rows")?))).collect()
}
