//! What a piece of work costs the machine, whatever else it does meanwhile.

use std::{fs, time::Duration};

/// How often work is done, so that the kernel's ticks measure it well enough.
const ROUNDS: u32 = 10;
/// What a tick of `/proc` is (proc(5): `USER_HZ` is 100 wherever Linux runs).
const TICK: Duration = Duration::from_millis(10);

/// The most that the refusal of a message may cost (S-15).
const CPU: Duration = Duration::from_millis(100);
const MEMORY: u64 = 10 << 20;

/// Does work several times, and asserts that once it takes less than a tenth of a second of this thread and never more than ten
/// mebibytes of memory.
pub(crate) fn is_cheap(name: &str, work: impl Fn()) {
    // Where a library keeps something for good, it has it from now on.
    work();
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let memory = status("VmRSS:");
    let cpu = of(ROUNDS, work) / ROUNDS;
    let memory = status("VmHWM:").saturating_sub(memory);
    assert!(cpu < CPU, "{name}: {cpu:?}");
    assert!(memory < MEMORY, "{name}: {memory} bytes");
}

/// How long this thread has a processor while it does work several times.
pub(crate) fn of(rounds: u32, work: impl Fn()) -> Duration {
    let begun = thread_time();
    (0..rounds).for_each(|_| work());
    thread_time().saturating_sub(begun)
}

/// How long this thread has had a processor.
fn thread_time() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: u32 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u32>().unwrap()).sum();
    TICK * ticks
}

/// A number of bytes that the kernel tells of this process.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
#[should_panic(expected = "a long loop")]
fn what_takes_long_is_not_cheap() {
    is_cheap("a long loop", || {
        let begun = thread_time();
        while thread_time().saturating_sub(begun) < CPU * 2 {}
    });
}

#[test]
#[should_panic(expected = "much memory")]
fn what_takes_much_memory_is_not_cheap() {
    is_cheap("much memory", || drop(std::hint::black_box(vec![1_u8; 16 << 20])));
}
