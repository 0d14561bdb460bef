//! Five hundred people who sign in at once, and somebody else who reads meanwhile.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::Duration,
};

use crate::{
    fault::Fault,
    http::Connection,
    load::{self, Pace, Timing},
    operation::{Operations, Requests as _},
    procfs,
    server::Server,
    statistics::percentile_ms,
};

/// How many sign in, each again and again.
pub(crate) const CALLERS: usize = 500;
/// How often somebody reads.
const READS: Pace = Pace::Rate(100.0);
const READERS: usize = 4;
/// Who is told to come again does, after as long as they are told.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// What a caller's thread needs.
const STACK: usize = 128 * 1024;

/// What one flood did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Of the reads, in milliseconds.
    pub(crate) p99: f64,
    /// Sign-ins a second.
    pub(crate) signed_in: f64,
    /// Callers a second who were told to come again.
    pub(crate) refused: f64,
    /// The server's memory at the end, in KiB.
    pub(crate) resident_kib: u64,
}

/// Those who sign in.
#[derive(Default)]
struct Flood {
    signed_in: AtomicU32,
    refused: AtomicU32,
    is_over: AtomicBool,
}

/// What became of those who sign in, so far.
struct Counts {
    signed_in: u32,
    refused: u32,
}

/// Lets everybody loose for a window.
pub(crate) fn cost(elder: &Server, operations: &Operations, timing: Timing) -> Result<Cost, Fault> {
    let flood = Flood::default();
    thread::scope(|scope| {
        let callers = (0..CALLERS)
            .map(|_| {
                let call = || flood.call(elder, operations);
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, call)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let cost = flood.watched(elder, operations, timing);
        flood.is_over.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().map_err(|_| Fault::broken("a caller panicked"))??;
        }
        cost
    })
}

impl Flood {
    fn call(&self, elder: &Server, operations: &Operations) -> Result<(), Fault> {
        let mut connection = Connection::open(elder.address)?;
        while !self.is_over.load(Ordering::Relaxed) {
            let answer = connection.exchange(&operations.login.request())?;
            match answer.status {
                200 => self.signed_in.fetch_add(1, Ordering::Relaxed),
                503 => {
                    thread::sleep(RETRY_AFTER);
                    self.refused.fetch_add(1, Ordering::Relaxed)
                }
                status => return Err(Fault::broken(format!("a sign-in in the flood answered {status}"))),
            };
        }
        Ok(())
    }

    fn watched(&self, elder: &Server, operations: &Operations, timing: Timing) -> Result<Cost, Fault> {
        let timing = Timing { connections: READERS, ..timing };
        let look = || {
            let [signed_in, refused] =
                [&self.signed_in, &self.refused].map(|count| count.load(Ordering::Relaxed));
            Ok((Counts { signed_in, refused }, procfs::memory(elder.pid())?))
        };
        let (reads, (before, _), (after, memory)) =
            load::run(elder.address, &operations.read, READS, timing, look)?;
        let rate = |before: u32, after: u32| f64::from(after - before) / timing.window.as_secs_f64();
        Ok(Cost {
            p99: percentile_ms(&reads.latencies, 99),
            signed_in: rate(before.signed_in, after.signed_in),
            refused: rate(before.refused, after.refused),
            resident_kib: memory.resident_kib,
        })
    }
}
