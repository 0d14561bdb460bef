//! The tables of the queue: made by the crate that owns them, opened to the platform's role alone.

use graphile_worker_migrations::MigrateError;
use tokio_postgres::Client;

use super::pool::{self, PoolError};

/// Row-level security is on for these tables and their owner is exempt, so whoever else shall see rows needs a policy.
/// Nothing is granted to `elder_app`: it adds jobs by a trigger that runs as the owner.
const OPEN_TO_PLATFORM: &str = "
    do $$
    declare
        closed regclass;
    begin
        for closed in
            select c.oid::regclass from pg_class c
            where c.relnamespace = 'graphile_worker'::regnamespace and c.relkind = 'r'
              and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'platform_access')
        loop
            execute format('alter table %s enable row level security', closed);
            execute format(
                'create policy platform_access on %s for all to elder_platform using (true) with check (true)', closed);
            execute format('grant select, insert, update, delete on %s to elder_platform', closed);
        end loop;
        if not has_schema_privilege('elder_platform', 'graphile_worker', 'usage') then
            grant usage on schema graphile_worker to elder_platform;
        end if;
    end
    $$";

/// Why the tables of the queue could not be made.
#[derive(Debug, thiserror::Error)]
pub enum QueueSchemaError {
    /// The owner's connection.
    #[error("the tables of the job queue cannot be made")]
    Pool(#[from] PoolError),
    /// A migration of the queue's own.
    #[error("the tables of the job queue could not be made")]
    Migration(#[from] MigrateError),
    /// What the platform's role may do with them.
    #[error("the tables of the job queue could not be opened to elder_platform")]
    Rights(#[from] tokio_postgres::Error),
}

/// Makes what is missing of the queue's tables. The caller holds the lock of migrations.
///
/// # Errors
/// [`QueueSchemaError`].
pub(crate) async fn migrate(client: &Client, owner_url: &str) -> Result<(), QueueSchemaError> {
    let pool = pool::of_owner(owner_url)?;
    let migrated = graphile_worker_migrations::migrate(pool.clone(), "graphile_worker").await;
    pool.close();
    migrated?;
    Ok(client.batch_execute(OPEN_TO_PLATFORM).await?)
}
