//! What a gallery application of Entra must take: 25 requests a second, for ten minutes, none of them refused.

use std::time::Duration;

use super::{
    directory::Directory,
    requests::{Kind, Made, Pushes},
};
use crate::{
    fault::Fault,
    load::{self, Pace, Timing},
    server::Server,
    statistics::percentile_ms,
};

/// Requests a second.
pub(crate) const RATE: f64 = 25.0;
const CONNECTIONS: usize = 4;

/// How it went. An answer that is not 200 would have ended it.
pub(crate) struct Course {
    pub(crate) requests: u32,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Changes users at the rate.
pub(crate) fn course(
    elder: &Server,
    directory: &Directory,
    users: &[Made],
    window: Duration,
) -> Result<Course, Fault> {
    let timing = Timing { connections: CONNECTIONS, warm_up: Duration::from_secs(1), window };
    let pushes = Pushes::with(directory.place(), users);
    let (traffic, ..) =
        load::run(elder.address, &pushes.of(Kind::Patch), Pace::Rate(RATE), timing, || Ok(()))?;
    let (p50, p99) = (percentile_ms(&traffic.latencies, 50), percentile_ms(&traffic.latencies, 99));
    Ok(Course { requests: traffic.in_window, p50, p99 })
}
