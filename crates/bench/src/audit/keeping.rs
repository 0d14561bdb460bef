//! What leaves a large log: a month into an archive and back, and a category whose time has ended. Behind it the whole log
//! must verify.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::{Plan, cluster::Cluster, data, fault::Fault, server::Server};

/// The log that is kept.
const TENANT: i32 = data::LARGE_TENANT;
/// Longer than the job may wait for its turn, and work.
const PATIENCE: Duration = Duration::from_hours(1);

/// How it went.
pub(super) struct Course {
    /// Events of the month, and seconds until they were in the archive, read back, and out of the log.
    pub(super) month: i64,
    pub(super) archived: f64,
    /// Seconds until they could be searched again.
    pub(super) restored: f64,
    /// Events whose time had ended, and seconds until they were out of the log.
    pub(super) expired: (i64, f64),
    /// Seconds for the verification of what is left, on one core.
    pub(super) verified: f64,
}

pub(super) fn course(plan: &Plan, cluster: &Cluster) -> Result<Course, Fault> {
    let folder = plan.data.join("archives");
    fs::create_dir_all(&folder)?;
    let folder = folder.display().to_string();
    let settings = [("ELDER_RATE_LIMIT__ENABLED", "false"), ("ELDER_AUDIT__ARCHIVE_FOLDER", folder.as_str())];
    let month = "date_trunc('month', now() at time zone 'UTC') - interval '3 months'";
    let of_month = format!(
        "select count(*) from audit_logs where tenant_id = {TENANT} and resource_type <> 'audit_log'
            and timestamp < ({month} + interval '1 month') at time zone 'UTC'"
    );
    let events = cluster.number(&of_month)?;
    keep(cluster, "{}", Some(35))?;
    let begin = Instant::now();
    let elder = Server::elder_with(cluster, &plan.data, &settings)?;
    until(|| {
        let done = "select count(*) from audit_archives where status = 'archived'";
        Ok(cluster.number(&of_month)? == 0 && cluster.number(done)? == 1)
    })?;
    let archived = begin.elapsed().as_secs_f64();
    elder.stop()?;
    let name = cluster.text(&format!("select to_char({month}, 'YYYY-MM')"))?;
    let restored = super::at_the_shell(plan, cluster, TENANT, &["restore", "--month", &name], &settings)?;
    let back = cluster.number("select count(*) from audit_restored_events")?;
    if back != events {
        return Err(Fault::broken(format!("{events} events went into the archive, and {back} came back")));
    }
    let expired = expired(plan, cluster)?;
    let verified = super::at_the_shell(plan, cluster, TENANT, &["verify"], &[])?;
    Ok(Course { month: events, archived, restored, expired, verified })
}

/// Has events go whose time has ended, beside as many that stay.
fn expired(plan: &Plan, cluster: &Cluster) -> Result<(i64, f64), Fault> {
    let due = format!(
        "select count(*) from audit_logs where tenant_id = {TENANT} and category = 'authentication'
            and timestamp < (date_trunc('day', now() at time zone 'UTC') - interval '30 days') at time zone 'UTC'"
    );
    let events = cluster.number(&due)?;
    keep(cluster, "{\"authentication\": 30}", None)?;
    let begin = Instant::now();
    let elder = Server::elder(cluster, &plan.data)?;
    until(|| Ok(cluster.number(&due)? == 0))?;
    let taken = begin.elapsed().as_secs_f64();
    // What says that they went is sealed a second later.
    thread::sleep(Duration::from_secs(3));
    elder.stop()?;
    Ok((events, taken))
}

fn keep(cluster: &Cluster, categories: &str, archive_after_days: Option<u32>) -> Result<(), Fault> {
    let after = archive_after_days.map_or_else(|| "null".to_owned(), |days| days.to_string());
    cluster.execute(&format!(
        "insert into audit_retention (tenant_id, categories, archive_after_days, updated_at)
         values ({TENANT}, '{categories}', {after}, now()) on conflict (tenant_id) do update set
            categories = excluded.categories, archive_after_days = excluded.archive_after_days"
    ))
}

fn until(mut is_done: impl FnMut() -> Result<bool, Fault>) -> Result<(), Fault> {
    let begin = Instant::now();
    while !is_done()? {
        if begin.elapsed() > PATIENCE {
            return Err(Fault::broken("the log is not kept as it shall be"));
        }
        thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}
