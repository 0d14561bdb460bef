//! Entry point of `elder`.

use std::process::ExitCode;

fn main() -> ExitCode {
    elder_server::cli::main()
}
