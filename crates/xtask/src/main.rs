//! Development only: architecture check, generators, snapshots.

mod api_breaks;
mod arch;
mod new_resource;
mod snapshot;
mod workspace;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use workspace::Workspace;

const USAGE: &str = "\
cargo xtask arch                            check the rules of the house
cargo xtask new-resource <crate> <resource> write the skeleton of a tenant's resource
cargo xtask api-breaks                      say what the API takes away from its clients
cargo xtask snapshot [--check]              rewrite the generated files, or say which one differs
";

/// Why a command could not do its work.
type Failure = Box<dyn std::error::Error>;

/// What a command says at its end.
enum Verdict {
    /// All is well; what was done.
    Done(String),
    /// The tree must be mended, and how.
    Wrong(String),
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(Verdict::Done(words)) => {
            io::stdout().write_all(words.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(Verdict::Wrong(words)) => {
            io::stderr().write_all(words.as_bytes())?;
            Ok(ExitCode::FAILURE)
        }
        Err(error) => {
            writeln!(io::stderr(), "xtask: {error}")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn run(arguments: &[String]) -> Result<Verdict, Failure> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["arch"] => arch::run(&Workspace::find()?),
        ["api-breaks"] => api_breaks::run(&Workspace::find()?),
        ["new-resource", krate, resource] => new_resource::run(&Workspace::find()?, krate, resource),
        ["snapshot"] => snapshot::write(&Workspace::find()?),
        ["snapshot", "--check"] => snapshot::check(&Workspace::find()?),
        ["help" | "--help" | "-h"] => Ok(Verdict::Done(USAGE.to_owned())),
        _ => Err(format!("there is no such command\n{USAGE}").into()),
    }
}
