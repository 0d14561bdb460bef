//! Development only: load generator, floor server and the limits beside which Elder is measured.

mod audit;
mod batch;
mod campaign;
mod cluster;
mod data;
mod fault;
mod flood;
mod floor;
mod gates;
mod hashing;
mod http;
mod limiter;
mod load;
mod measure;
mod neighbours;
mod operation;
mod paging;
mod pgbench;
mod procfs;
mod report;
mod scim;
mod server;
mod sql;
mod sso;
mod statistics;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::fault::Fault;

/// Measures Elder beside its limits, on a database of its own.
#[derive(Debug, Parser)]
#[command(name = "elder-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure provisioning instead, beside SCIM servers that others wrote
    Scim,
    /// Measure the audit log instead
    Audit,
    /// Measure the lists of a large tenant alone, printed and not kept
    Lists,
    /// Measure what one tenant's load does to another
    Neighbours,
    /// Measure sign-ins by identity providers instead, beside the verification of their signatures alone
    Sso,
    /// Serve as the least server that does the same queries (the benchmark starts it by itself)
    #[command(hide = true)]
    Floor {
        /// Where to listen
        #[arg(long)]
        listen: SocketAddr,
        /// The database, as the application's role
        #[arg(long)]
        database: String,
    },
}

/// How to measure.
#[derive(Debug, clap::Args)]
struct Plan {
    /// Two rounds of short windows, printed and not kept: shows that it works, not how fast Elder is
    #[arg(long, global = true)]
    quick: bool,
    /// A folder for the benchmark alone, on the disk to measure; it is emptied before and after
    #[arg(long, default_value = "/var/tmp/elder-bench")]
    data: PathBuf,
    /// The folder of the PostgreSQL programs
    #[arg(long, default_value = "/usr/lib/postgresql/15/bin")]
    postgres_programs: PathBuf,
    /// Events of the audit log that is searched
    #[arg(long, global = true, default_value_t = 10_000_000)]
    events: u64,
    /// Where the reports are written
    #[arg(long, default_value = "docs")]
    reports: PathBuf,
    /// The folder of the Python programs with the SCIM servers of others
    #[arg(long, default_value = "/usr/bin")]
    peers: PathBuf,
    /// The folder of the modules that put them together
    #[arg(long, default_value = "infrastructure/dev/bench")]
    peer_modules: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Floor { listen, database }) => floor::serve(listen, &database),
        Some(Command::Scim) => provisioning(&arguments.plan),
        Some(Command::Audit) => audited(&arguments.plan),
        Some(Command::Lists) => lists(&arguments.plan),
        Some(Command::Neighbours) => neighbours(&arguments.plan),
        Some(Command::Sso) => single_sign_on(&arguments.plan),
        None => run(&arguments.plan),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say(&format!("error: {}", fault::chain(&fault)));
            ExitCode::FAILURE
        }
    }
}

fn run(plan: &Plan) -> Result<(), Fault> {
    publish(plan, "benchmarks.md", &report::markdown(&campaign::run(plan)?))
}

fn lists(plan: &Plan) -> Result<(), Fault> {
    campaign::lists(plan)?.iter().for_each(|cost| say(&format!("median ms: {cost:?}")));
    Ok(())
}

fn provisioning(plan: &Plan) -> Result<(), Fault> {
    publish(plan, "benchmarks-scim.md", &scim::markdown(&scim::run(plan)?))
}

fn audited(plan: &Plan) -> Result<(), Fault> {
    publish(plan, "benchmarks-audit.md", &audit::markdown(&audit::run(plan)?))
}

fn single_sign_on(plan: &Plan) -> Result<(), Fault> {
    publish(plan, "benchmarks-sso.md", &sso::markdown(&sso::run(plan)?))
}

fn neighbours(plan: &Plan) -> Result<(), Fault> {
    publish(plan, "benchmarks-neighbours.md", &neighbours::markdown(&neighbours::run(plan)?))
}

fn publish(plan: &Plan, name: &str, text: &str) -> Result<(), Fault> {
    if plan.quick {
        return Ok(io::stdout().write_all(text.as_bytes())?);
    }
    let report = plan.reports.join(name);
    std::fs::write(&report, text)?;
    say(&format!("The report is in {}.", report.display()));
    Ok(())
}

/// Tells whoever waits what happens. Nobody may be listening, which is no fault.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
