//! The job that counts rows for the gauges, because a scrape must not.

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
    Ok(())
}

fn counts(kind: &'static str, rows: &[Row]) -> Result<Vec<(TenantId, &'static str, i64)>, DbError> {
    rows.iter().map(|row| Ok((TenantId(row.get("tenant_id")?), kind, row.get("rows")?))).collect()
}
