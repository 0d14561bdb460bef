//! What may happen to files, whatever they are of.

pub(super) mod content;
mod repository;
pub(super) mod writing;

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn, Worker, work::Housekeeping};
use elder_kernel::TenantId;

/// The statements of one kind of file; made by [`shelf!`](crate::shelf).
#[derive(Debug)]
pub struct Shelf {
    /// Bytes that a file may have.
    pub largest: i64,
    /// Begins to write a file anew, over what was sealed at the first beginning.
    pub start: &'static str,
    /// Whether it is still this attempt that writes.
    pub mine: &'static str,
    /// Adds a chunk.
    pub add_chunk: &'static str,
    /// Reads a chunk.
    pub chunk: &'static str,
    /// Takes the chunks away.
    pub clear: &'static str,
    /// Notes how far it is.
    pub go_on: &'static str,
    /// Notes that the file is whole.
    pub complete: &'static str,
    /// Notes that it was given up.
    pub fail: &'static str,
    /// Takes away what is past its time.
    pub forget: &'static str,
    /// Lets one request of the tenant at a time add a file.
    pub one_at_a_time: &'static str,
    /// Counts the files of a tenant.
    pub count: &'static str,
}

/// The [`Shelf`](crate::file::Shelf) of a table of files, the table of their chunks, and its column that names the file.
#[macro_export]
macro_rules! shelf {
    ($files:literal, $chunks:literal, $file:literal, most_mib: $mib:literal) => {
        $crate::file::Shelf {
            largest: $mib << 20,
            start: concat!(
                "update ", $files, " e set state = 'running', attempts = e.attempts + 1, progress = 0, events = 0,
                    size = 0,
                    sealed = case when e.attempts = 0 then coalesce(newest.size, 0) else e.sealed end,
                    checkpoint = case when e.attempts = 0 then newest.note else e.checkpoint end
                from tenants t left join lateral (
                    select size, note from audit_checkpoints c where c.tenant_id = t.id order by size desc limit 1
                ) newest on true
                where t.id = $1 and e.tenant_id = $1 and e.id = $2 and e.state in ('queued', 'running')
                returning e.*, t.name as tenant_name, t.slug as tenant_slug,
                    (select u.email from portal_users u where u.tenant_id = e.tenant_id and u.id = e.created_by)
                        as requester"
            ),
            mine: concat!(
                "select id from ", $files,
                " where tenant_id = $1 and id = $2 and state = 'running' and attempts = $3 for update"
            ),
            add_chunk: concat!(
                "insert into ", $chunks, " (tenant_id, ", $file, ", number, content) values ($1, $2, $3, $4)"
            ),
            chunk: concat!(
                "select content from ", $chunks, " where tenant_id = $1 and ", $file, " = $2 and number = $3"
            ),
            clear: concat!("delete from ", $chunks, " where tenant_id = $1 and ", $file, " = $2"),
            go_on: concat!(
                "update ", $files, " set progress = $3, events = $4, size = $5 where tenant_id = $1 and id = $2"
            ),
            complete: concat!(
                "update ", $files, " set state = 'completed', progress = 100, events = $3, size = $4, sha256 = $5,
                    completed_at = $6
                where tenant_id = $1 and id = $2"
            ),
            fail: concat!(
                "update ", $files, " set state = 'failed', error = $3, completed_at = $4
                where tenant_id = $1 and id = $2 and state in ('queued', 'running')"
            ),
            forget: concat!("delete from ", $files, " where expires_at <= $1"),
            one_at_a_time: concat!(
                "select pg_advisory_xact_lock(hashtext('elder.", $files, "'), $1)::text"
            ),
            count: concat!("select count(*) from ", $files, " where tenant_id = $1"),
        }
    };
}

impl Shelf {
    /// How many files the tenant has. Until the transaction ends, no other adds one: so none is counted too late.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn count(&self, conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
        repository::count(conn, self, tenant).await
    }

    /// Deletes the files whose time is over.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn forget(&self, worker: &Worker) -> Result<(), DbError> {
        let now: DateTime<Utc> = worker.seam().now();
        repository::forget(worker.job::<Housekeeping>().platform().await?, self, now).await
    }
}
