//! What is asked to know how the platform fares.

mod repository;

use std::time::Instant;

use elder_access::{DbError, PlatformTx, PoolStatus, markers::PlatformHealthRead};

use super::{DatabaseHealth, Health, PoolHealth, StartedAt};

pub(super) async fn look(
    tx: &PlatformTx<PlatformHealthRead>,
    pools: [PoolStatus; 2],
    started: StartedAt,
) -> Result<Health, DbError> {
    let asked = Instant::now();
    repository::ping(tx).await?;
    let ping_milliseconds = asked.elapsed().as_secs_f64() * 1_000.0;
    let pools = pools.into_iter().map(|pool| PoolHealth {
        name: pool.pool.to_owned(),
        size: pool.size,
        idle: pool.idle,
        waiting: pool.waiting,
    });
    Ok(Health {
        uptime_seconds: (tx.seam().now() - started.0).num_seconds(),
        database: DatabaseHealth { ping_milliseconds, pools: pools.collect() },
        outbox: repository::outbox(tx).await?,
    })
}
