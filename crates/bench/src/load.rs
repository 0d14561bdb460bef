//! The load generator: blocking connections on threads of their own, as many requests as go or at a fixed rate.
//!
//! Threads, because the kernel wakes them to the microsecond; an asynchronous timer counts in milliseconds,
//! which would be the whole latency of a read.

use std::{
    net::SocketAddr,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{fault::Fault, http::Connection, operation::Requests};

/// How long the load goes on after the window, so that both its ends are seen under load.
const TAIL: Duration = Duration::from_millis(100);

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Each connection sends the next as soon as the last is answered.
    Saturated,
    /// So many a second are due, answered or not; latency counts from the moment a request was due.
    Rate(f64),
    /// No more than so many a second are sent, and none once the time is over: what the server is too slow for is left.
    UpTo(f64),
}

/// How long to load before and while measuring, and over how many connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) connections: usize,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// All requests that were answered, as they should be, before, in and after the window.
    pub(crate) answered: u64,
    /// Those that were answered in the window.
    pub(crate) in_window: u32,
    /// Latencies, sorted: of those that were answered in the window, or at a fixed rate, that were due in it.
    pub(crate) latencies: Vec<Duration>,
}

/// One run, seen by all its threads.
struct Run<'a> {
    requests: &'a dyn Requests,
    pace: Pace,
    start: Instant,
    begin: Instant,
    end: Instant,
    issued: AtomicU32,
}

/// Loads a server and calls `look` at both ends of the window.
pub(crate) fn run<T>(
    target: SocketAddr,
    requests: &dyn Requests,
    pace: Pace,
    timing: Timing,
    look: impl Fn() -> Result<T, Fault>,
) -> Result<(Traffic, T, T), Fault> {
    let mut connections = Vec::with_capacity(timing.connections);
    for _ in 0..timing.connections {
        let mut connection = Connection::open(target)?;
        ask(&mut connection, requests, true)?;
        connections.push(connection);
    }
    let opened = u64::try_from(connections.len()).unwrap_or(u64::MAX);
    let start = Instant::now();
    let begin = start + timing.warm_up;
    let run = Run { requests, pace, start, begin, end: begin + timing.window, issued: AtomicU32::new(0) };
    let (tallies, looks) = thread::scope(|scope| {
        let work = |connection| scope.spawn(|| run.work(connection));
        let workers: Vec<_> = connections.into_iter().map(work).collect();
        thread::sleep(run.begin.saturating_duration_since(Instant::now()));
        let before = look();
        thread::sleep(run.end.saturating_duration_since(Instant::now()));
        let looks = before.and_then(|before| Ok((before, look()?)));
        (workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>(), looks)
    });
    let mut traffic = Traffic { answered: opened, ..Traffic::default() };
    for tally in tallies {
        let tally = tally.map_err(|_| Fault::broken("a thread of the load generator panicked"))??;
        traffic.answered += tally.answered;
        traffic.in_window += tally.in_window;
        traffic.latencies.extend(tally.latencies);
    }
    traffic.latencies.sort_unstable();
    let (before, after) = looks?;
    Ok((traffic, before, after))
}

impl Run<'_> {
    fn work(&self, mut connection: Connection) -> Result<Traffic, Fault> {
        // By default the kernel wakes a sleeper up to 50 microseconds late.
        nix::sys::prctl::set_timerslack(1).map_err(std::io::Error::from)?;
        go_first();
        let mut traffic = Traffic::default();
        let stop = self.end + TAIL;
        loop {
            let due = self.due();
            let gives_up = matches!(self.pace, Pace::UpTo(_)) && Instant::now() >= stop;
            if due >= stop || gives_up {
                return Ok(traffic);
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            ask(&mut connection, self.requests, false)?;
            let done = Instant::now();
            traffic.answered += 1;
            traffic.in_window += u32::from(self.is_within(done));
            let counts = match self.pace {
                Pace::Saturated | Pace::UpTo(_) => done,
                Pace::Rate(_) => due,
            };
            if self.is_within(counts) {
                traffic.latencies.push(done - due);
            }
        }
    }

    fn is_within(&self, moment: Instant) -> bool {
        (self.begin..self.end).contains(&moment)
    }

    /// When the next request is due.
    fn due(&self) -> Instant {
        match self.pace {
            Pace::Saturated => Instant::now(),
            Pace::Rate(rate) | Pace::UpTo(rate) => {
                let issued = self.issued.fetch_add(1, Ordering::Relaxed);
                self.start + Duration::from_secs_f64(f64::from(issued) / rate)
            }
        }
    }
}

/// Lets this thread run before all others, as callers on another machine would: else a latency counts how long the
/// caller itself has waited for a core. Only root may; without it the figures are so much worse.
fn go_first() {
    let own = nix::unistd::gettid().to_string();
    let _ = Command::new("chrt").args(["--fifo", "--pid", "1", &own]).stderr(Stdio::null()).status();
}

/// One request; an answer with another status ends the run.
fn ask(connection: &mut Connection, requests: &dyn Requests, check_body: bool) -> Result<(), Fault> {
    let answer = connection.exchange(&requests.request())?;
    let name = requests.name();
    if !requests.accepts(answer.status) {
        let body = String::from_utf8_lossy(answer.body);
        return Err(Fault::broken(format!("{name} answered {}: {body}", answer.status)));
    }
    requests.learn(answer.body);
    if check_body && !requests.is_right(answer.body) {
        let body = String::from_utf8_lossy(answer.body);
        return Err(Fault::broken(format!("{name} answered a wrong body: {body}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use super::*;
    use crate::operation::{Operations, Person};

    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n{\"id\":\"usr_1\",\"email\":\"@example.com\"}";
    const TIMING: Timing =
        Timing { connections: 1, warm_up: Duration::from_millis(50), window: Duration::from_millis(500) };

    /// A server that answers at once, but sleeps before one of its answers.
    fn stalling_server(stall_at: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for number in 0.. {
                if stream.read(&mut [0; 1024]).unwrap_or(0) == 0 {
                    break;
                }
                thread::sleep(Duration::from_millis(if number == stall_at { 200 } else { 0 }));
                stream.write_all(ANSWER).unwrap();
            }
        });
        address
    }

    fn load(pace: Pace) -> Traffic {
        let person = Person { email: String::new(), token: "t".to_owned(), refresh_token: String::new() };
        let operations = Operations::of(vec![person], 0);
        run(stalling_server(15), &operations.read, pace, TIMING, || Ok(())).unwrap().0
    }

    #[test]
    fn at_a_fixed_rate_all_who_wait_during_a_stall_count() {
        let traffic = load(Pace::Rate(100.0));
        assert!((49..=51).contains(&traffic.latencies.len()), "{}", traffic.latencies.len());
        let waited = traffic.latencies.iter().filter(|latency| latency.as_millis() >= 50).count();
        assert!(waited >= 14, "{waited}");
        assert!(traffic.answered > 60);
    }

    #[test]
    fn what_a_server_is_too_slow_for_is_left_where_no_more_than_a_rate_is_asked() {
        // Of a hundred million in a second, few are answered before it is over.
        let traffic = load(Pace::UpTo(1e8));
        assert!((2..10_000_000).contains(&traffic.answered), "{}", traffic.answered);
    }

    #[test]
    fn saturated_one_request_alone_meets_the_stall() {
        let stalled = |latency: &&Duration| latency.as_millis() >= 150;
        assert!(load(Pace::Saturated).latencies.iter().filter(stalled).count() <= 1);
    }
}
