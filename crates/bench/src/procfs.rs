//! Reads from `/proc` how much CPU time processes used and how much memory they hold.

use std::{collections::HashMap, fs, io, time::Duration};

use crate::fault::Fault;

/// A tick of `/proc/*/stat`: `USER_HZ` is 100 on every architecture that Elder is built for.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of the whole machine since it started, in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    /// Programs at work.
    pub(crate) busy: u64,
    /// Taken by the hypervisor for other machines.
    pub(crate) stolen: u64,
    /// All time of all cores.
    pub(crate) total: u64,
}

/// Memory of a process in KiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Pages in memory, shared ones counted whole.
    pub(crate) resident_kib: u64,
    /// The same, shared ones counted by share.
    pub(crate) proportional_kib: u64,
}

/// CPU time of a process, thread by thread to the nanosecond. Threads that have ended are not in it.
pub(crate) fn process_cpu(pid: u32) -> Result<Duration, Fault> {
    let mut sum = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        match fs::read_to_string(task?.path().join("schedstat")) {
            Ok(text) => sum += Duration::from_nanos(number(&text, 0)?),
            // It ended while we looked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sum)
}

/// CPU time of a process, its children, and the children that it has already reaped: what a postmaster costs,
/// whose backends come and go.
pub(crate) fn tree_cpu(pid: u32) -> Result<Duration, Fault> {
    let mut sum = process_cpu(pid)? + reaped_cpu(pid)?;
    for child in children(pid)? {
        // A child that ends between the two looks is in `reaped_cpu` of the next snapshot.
        sum += process_cpu(child).unwrap_or_default();
    }
    Ok(sum)
}

/// CPU time of the children that a process has waited for.
fn reaped_cpu(pid: u32) -> Result<Duration, Fault> {
    let stat = stat(pid)?;
    let ticks = stat_field(&stat, 13)? + stat_field(&stat, 14)?;
    Ok(TICK * u32::try_from(ticks).unwrap_or(u32::MAX))
}

fn children(parent: u32) -> Result<Vec<u32>, Fault> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if stat(pid).is_ok_and(|stat| stat_field(&stat, 1).is_ok_and(|of| of == u64::from(parent))) {
            found.push(pid);
        }
    }
    Ok(found)
}

fn stat(pid: u32) -> Result<String, Fault> {
    Ok(fs::read_to_string(format!("/proc/{pid}/stat"))?)
}

/// The fields after the program's name, which may hold blanks; the state is number 0 (proc(5)).
fn stat_field(stat: &str, place: usize) -> Result<u64, Fault> {
    number(stat.rsplit_once(')').map_or("", |(_, rest)| rest), place)
}

/// CPU time of the whole machine.
pub(crate) fn machine() -> Result<Machine, Fault> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let field = |place| number(line, place);
    let (user, nice, system, stolen) = (field(1)?, field(2)?, field(3)?, field(8)?);
    let total = (1..=8).map(field).sum::<Result<u64, Fault>>()?;
    Ok(Machine { busy: user + nice + system, stolen, total })
}

/// Memory of a process.
pub(crate) fn memory(pid: u32) -> Result<Memory, Fault> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let lines: HashMap<_, _> = text.lines().filter_map(|line| line.split_once(':')).collect();
    let kib = |name| number(lines.get(name).copied().unwrap_or_default(), 0);
    Ok(Memory { resident_kib: kib("Rss")?, proportional_kib: kib("Pss")? })
}

/// The model of the first core.
pub(crate) fn cpu_model() -> Result<String, Fault> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model =
        text.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == "model name");
    Ok(model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.trim().to_owned()))
}

fn number(text: &str, place: usize) -> Result<u64, Fault> {
    let word = text.split_whitespace().nth(place).unwrap_or_default();
    word.parse().map_err(|_| Fault::broken(format!("/proc holds `{word}` where a number should be")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_brackets_shifts_no_field() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 0 1 2 3 4 100 50 30 20 20";
        assert_eq!(stat_field(line, 1).unwrap(), 7);
        assert_eq!((stat_field(line, 13).unwrap(), stat_field(line, 14).unwrap()), (30, 20));
    }

    #[test]
    fn this_process_uses_cpu_time_and_memory() {
        let own = std::process::id();
        let before = process_cpu(own).unwrap();
        let spun = (0..20_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        assert!(std::hint::black_box(spun) < u64::MAX && tree_cpu(own).unwrap() > before);
        assert!(memory(own).unwrap().resident_kib > 0);
        let machine = machine().unwrap();
        assert!(machine.total >= machine.busy);
    }
}
