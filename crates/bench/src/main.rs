//! Development only: load generator, floor server and the limits beside which Elder is measured.

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
mod operation;
mod paging;
mod pgbench;
mod procfs;
mod report;
mod server;
mod sql;
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
    #[arg(long)]
    quick: bool,
    /// A folder for the benchmark alone, on the disk to measure; it is emptied before and after
    #[arg(long, default_value = "/var/tmp/elder-bench")]
    data: PathBuf,
    /// The folder of the PostgreSQL programs
    #[arg(long, default_value = "/usr/lib/postgresql/15/bin")]
    postgres_programs: PathBuf,
    /// Where the report is written
    #[arg(long, default_value = "docs/benchmarks.md")]
    report: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Floor { listen, database }) => floor::serve(listen, &database),
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
    let findings = campaign::run(plan)?;
    let text = report::markdown(&findings);
    if plan.quick {
        return Ok(io::stdout().write_all(text.as_bytes())?);
    }
    std::fs::write(&plan.report, text)?;
    say(&format!("The report is in {}.", plan.report.display()));
    Ok(())
}

/// Tells whoever waits what happens. Nobody may be listening, which is no fault.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
