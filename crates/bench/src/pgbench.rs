//! Runs PostgreSQL's own load generator: what the database alone can do.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use crate::{
    cluster::Cluster,
    fault::Fault,
    load::Timing,
    measure::{Sample, Watch},
};

/// The postmaster takes a moment to learn that a backend has ended.
const REAPING: Duration = Duration::from_millis(200);

/// Runs a script from as many connections as the servers get. Also tells how many transactions it made.
pub(crate) fn run(
    cluster: &Cluster,
    data: &Path,
    script: &str,
    timing: Timing,
) -> Result<(Sample, u64), Fault> {
    let file = data.join("script.sql");
    fs::write(&file, script)?;
    let watch = Watch { server: std::process::id(), postmaster: cluster.postmaster };
    let before = watch.look()?;
    let output = Command::new(cluster.programs.join("pgbench"))
        .env_clear()
        .env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--username=elder_app"])
        .arg(format!("--client={}", timing.connections))
        .arg(format!("--time={}", timing.window.as_secs().max(1)))
        .arg("--host")
        .arg(&cluster.socket)
        .arg("--file")
        .arg(&file)
        .arg("elder")
        .output()?;
    thread::sleep(REAPING);
    let after = watch.look()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (Some(made), Some(per_second), Some(failed)) = (
        value(&text, "number of transactions actually processed: "),
        value(&text, "tps = "),
        value(&text, "number of failed transactions: "),
    ) else {
        return Err(Fault::broken(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr))));
    };
    let made: u32 = made.parse().unwrap_or_default();
    if made == 0 || failed != "0" || !output.status.success() {
        return Err(Fault::broken(format!("pgbench made {made} transactions and failed in {failed}")));
    }
    let sample = before.sample(&after, made, &[]);
    let per_second = per_second.parse().unwrap_or(f64::NAN);
    // The server is this process here, and does nothing.
    let sample = Sample { per_second, server_us: f64::NAN, ..sample };
    Ok((sample, u64::from(made)))
}

/// The word after a label.
fn value<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.split(label).nth(1)?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_by_their_labels() {
        let text = "number of transactions actually processed: 4211\nnumber of failed transactions: 0 (0.000%)\n\
                    tps = 2105.3 (without initial connection time)\n";
        assert_eq!(value(text, "number of transactions actually processed: "), Some("4211"));
        assert_eq!(value(text, "number of failed transactions: "), Some("0"));
        assert_eq!(value(text, "tps = "), Some("2105.3"));
        assert_eq!(value("", "tps = "), None);
    }
}
