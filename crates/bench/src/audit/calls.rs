//! Calls that wait in files, as after an outage, and are written while the API goes on to answer.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use elder_kernel::Clock;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Plan, campaign,
    cluster::Cluster,
    data,
    fault::Fault,
    load::{self, Pace, Timing},
    operation::Operations,
    server::Server,
    statistics::percentile_ms,
};

/// As many as the gate writes at once.
const IN_A_FILE: usize = 1_000;
/// Reads a second meanwhile.
const READS: f64 = 100.0;

/// For a server that is started twice, at two addresses: tokens of the first are good at the second.
const AGAIN: [(&str, &str); 2] =
    [("ELDER_RATE_LIMIT__ENABLED", "false"), ("ELDER_TOKENS__ISSUER", "http://127.0.0.1")];

/// How it went.
pub(super) struct Course {
    pub(super) events: usize,
    /// Events a second that were written, while reads went on.
    pub(super) per_second: f64,
    /// The 99th percentile of these reads, in milliseconds.
    pub(super) reads_p99: f64,
    /// Reads a second, saturated, without events of calls, and with them.
    pub(super) without: f64,
    pub(super) with: f64,
}

/// Has all of them written, and measures what they cost the calls themselves.
pub(super) fn course(plan: &Plan, cluster: &Cluster, events: usize) -> Result<Course, Fault> {
    let without = saturated(plan, cluster, "false")?;
    let with = saturated(plan, cluster, "true")?;
    let folder = plan.data.join("elder/audit");
    fs::create_dir_all(&folder)?;
    let written = || cluster.number("select count(*) from audit_logs where correlation_id = 'waited'");
    let elder = Server::elder_with(cluster, &plan.data, &AGAIN)?;
    let operations = Operations::of(campaign::sign_in(&elder)?, 1_000_000);
    elder.stop()?;
    for number in 0..events.div_ceil(IN_A_FILE) {
        write(&folder, number)?;
    }
    let all = i64::try_from(events.div_ceil(IN_A_FILE) * IN_A_FILE).unwrap_or(i64::MAX);
    let begin = Instant::now();
    let elder = Server::elder_with(cluster, &plan.data, &AGAIN)?;
    let timing = Timing { connections: 4, warm_up: Duration::ZERO, window: Duration::from_secs(5) };
    let (traffic, taken) = thread::scope(|scope| {
        let reads = scope.spawn(|| {
            load::run(elder.address, &operations.read, Pace::Rate(READS), timing, || Ok(()))
                .map(|(traffic, ..)| traffic)
        });
        let mut taken = Ok(());
        while taken.is_ok() && begin.elapsed() < Duration::from_mins(10) {
            match written() {
                Ok(count) if count >= all => break,
                Ok(_) => thread::sleep(Duration::from_millis(20)),
                Err(fault) => taken = Err(fault),
            }
        }
        let taken = taken.map(|()| begin.elapsed());
        (reads.join(), taken)
    });
    let traffic = traffic.map_err(|_| Fault::broken("the thread of the reads panicked"))??;
    elder.stop()?;
    let per_second = f64::from(u32::try_from(all).unwrap_or(u32::MAX)) / taken?.as_secs_f64();
    Ok(Course { events, per_second, reads_p99: percentile_ms(&traffic.latencies, 99), without, with })
}

/// Reads a second with as many callers as go.
fn saturated(plan: &Plan, cluster: &Cluster, recorded: &str) -> Result<f64, Fault> {
    let settings = [("ELDER_RATE_LIMIT__ENABLED", "false"), ("ELDER_AUDIT__API_CALLS", recorded)];
    let elder = Server::elder_with(cluster, &plan.data, &settings)?;
    let operations = Operations::of(campaign::sign_in(&elder)?, 1);
    let window = Duration::from_secs(if plan.quick { 2 } else { 10 });
    let timing = Timing { connections: super::CONNECTIONS, warm_up: Duration::from_millis(500), window };
    let (traffic, ..) = load::run(elder.address, &operations.read, Pace::Saturated, timing, || Ok(()))?;
    elder.stop()?;
    Ok(f64::from(traffic.in_window) / window.as_secs_f64())
}

/// The form in which the gate lets them wait.
fn write(folder: &Path, number: usize) -> Result<(), Fault> {
    let mut file = BufWriter::new(File::create(folder.join(format!("{number:012}.ndjson")))?);
    let at = Clock::system().now().to_rfc3339();
    for event in 0..IN_A_FILE {
        let id = Uuid::from_u128(
            (0x0192_u128 << 112) | u128::try_from(number * IN_A_FILE + event).unwrap_or_default(),
        );
        let metadata = json!({ "path": "/api/v2/users", "status": 200, "duration_us": 400, "request_bytes": 0, "response_bytes": 4_000 });
        let row = json!([
            data::TENANT,
            at,
            id,
            "waited",
            "user",
            data::user(1).uuid(),
            null,
            "192.0.2.1",
            "Mozilla/5.0",
            "api.called",
            "api_access",
            "route",
            "GET /api/v2/users",
            null,
            {},
            "success",
            null,
            metadata,
            null
        ]);
        serde_json::to_writer(&mut file, &row).map_err(std::io::Error::from)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}
